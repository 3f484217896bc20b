"""Reading the value of a structured header field: comments, keywords, lists of them (RFC 5322 3.2.2).

Must not know: which field it is, or what follows from it.
"""

from __future__ import annotations

from typing import Final

MAX_LOOKED_AT: Final = 4000  # characters of one header value, or of the text, that a rule reads


def without_comments(value: str) -> str:
    """The value without RFC 5322 comments, nested ones too; quoted strings keep their parentheses."""
    if "(" not in value:
        return value[:MAX_LOOKED_AT]
    out: list[str] = []
    depth, quoted, escaped = 0, False, False
    for char in value[:MAX_LOOKED_AT]:
        if escaped or char == "\\":
            escaped = not escaped
        elif char == '"' and not depth:
            quoted = not quoted
        elif char == "(" and not quoted:
            depth += 1
            continue
        elif char == ")" and depth:
            depth -= 1
            continue
        if not depth:
            out.append(char)
    return "".join(out)


def keyword(value: str) -> str:
    """The leading keyword of a structured value, in lower case, without parameters."""
    return without_comments(value).partition(";")[0].strip().strip('"').casefold()


def keywords(value: str) -> list[str]:
    """The keywords of a list with commas, in lower case."""
    return [word.strip().casefold() for word in without_comments(value).split(",")]
