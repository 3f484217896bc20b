"""What of a stranger's mail may stand in a mail of ours: one line, without tricks, not long, without links.

An automatic reply goes to an address that somebody else may have written into From: what it repeats, it delivers for
whoever wrote that (RFC 3834 6). Pure text; knows no header, template or language.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

SUBJECT_LIMIT: Final = 120  # characters: enough for a formal Vietnamese subject, too little for an advertisement
CUT: Final = "…"
# Controls, line breaks, what has no width or turns the direction of writing, letters for machines alone (tags,
# interlinear notes), halves of surrogates. The joiners U+200C and U+200D stay: Persian and the emoji of a family need
# them.
TRICKS: Final = (
    "\x00-\x1f\x7f-\x9f\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff"
    "\U000e0000-\U000e007f"
)
UNSAFE: Final = re.compile(f"[{TRICKS}]+")
# What mail programs make a link of: a scheme, `www.`, `//host.tld`, `host.tld/path`. A bare domain or file name stays,
# and so does the city TP.HCM before a stroke.
_LINK: Final = re.compile(
    r"(?:[a-z][a-z0-9+.-]{0,30}://|\bwww\.)\S*|//[\w-]{1,63}\.\S*"
    r"|\b(?:[\w-]{1,63}\.){1,9}(?!hcm/)(?:[a-z]{2,63}|xn--[a-z0-9-]{1,59})(?::\d{1,5})?(?:/\S*|[?#]\w\S*)",
    re.IGNORECASE,
)
_JOINERS: Final = frozenset("\u200d\ufe0e\ufe0f")


def one_line(text: str) -> str:
    """The text without line breaks, controls and invisible tricks, its white space collapsed."""
    return " ".join(UNSAFE.sub(" ", text).split())


def subject(text: str) -> str:
    """Somebody's subject as an automatic mail may repeat it (RFC 3834 3.1.5: "or a portion thereof")."""
    return clipped(_LINK.sub(CUT, one_line(text)), SUBJECT_LIMIT)


def clipped(text: str, limit: int) -> str:
    """At most `limit` characters, with a sign that there was more; never between a letter and its marks."""
    if len(text) <= limit:
        return text
    end = limit - len(CUT)
    while end and _belongs_together(text[end - 1], text[end]):
        end -= 1
    return text[:end].rstrip() + CUT


def _belongs_together(first: str, second: str) -> bool:
    return bool(unicodedata.combining(second)) or second in _JOINERS or first == "\u200d"
