"""What the YAML library stumbles over → what was probably meant, where that is, and what to write instead.

The library tells the place at which it could go no further; the mistake is often one above it. What is told here is the
mistake. Knows the lines of the text and the library's marks only; must not know what the file is for. Pure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import yaml

SLOWLY_READ: Final = 200_000  # characters, some seconds


class Spot(NamedTuple):
    """A place in the text, 1-based; `end` is the column behind it."""

    line: int
    column: int
    end: int


@dataclass(frozen=True, slots=True)
class Misread:
    """Why a text cannot be read as YAML. `at` is None where the library does not say."""

    what: str
    remedy: str
    at: Spot | None
    beside: tuple[Spot, str] | None = None


def misread(text: str, error: Exception) -> Misread:
    """One syntax error in our words. The slower parser's wording and marks are used: they are the same everywhere."""
    clearer, last = _again(text) if len(text) < SLOWLY_READ else (None, None)
    return _Misreading(text, clearer or error, last).told()


def _again(text: str) -> tuple[Exception | None, Any]:
    """The error, and the last thing that could be read before it."""
    last = None
    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            last = event
    except (yaml.YAMLError, ValueError) as error:
        return error, last
    return None, last


# What the YAML library says (part of it) → what we say, and what to do. Looked through in this order.
_SAID: Final[tuple[tuple[str, str, str], ...]] = (
    ("'\\t'", "a tab stands where spaces are needed", "indent with spaces only"),
    ("found a tab", "a tab stands where spaces are needed", "indent with spaces only"),
    ("cannot start any token", "a value cannot begin with this character", "put the value in quotes"),
    ("expected alphabetic or numeric character", "a value cannot begin with * or &", "put the value in quotes"),
    ("while scanning a tag", "a value cannot begin with !", "put the value in quotes"),
    ("while scanning a quoted scalar", "the quotation mark opened here is never closed", "close it"),
    ("while scanning a double-quoted scalar", "this text in quotes cannot be read",
     "close the quotation mark; write a backslash twice, or use single quotes"),
    ("but found ','", "nothing stands before this comma", "take one comma out"),
    ("but found ']'", "this ] closes no list", "take it out, or open the list with ["),
    ("but found '}'", "this } closes no group", "take it out, or open the group with {"),
    ("while scanning a block scalar", "after | or > nothing may stand", "begin the text in the next line"),
    ("special characters are not allowed", "a character that cannot stand in such a file", "take it out"),
)  # fmt: skip
_OPENED: Final = ("is never closed", "in quotes cannot be read")  # told where the thing was opened

_BARE_BRACE: Final = (
    "a brace in the middle of a value, or no comma between two values",
    'put a phrase with { } in quotes: `"trước {time}"`',
)
_KEY: Final = re.compile(r"\s*(?:- )*[a-z_]+\s*")  # as the keys of these files are
_NEXT: Final = re.compile(r"[a-z_]+:(\s|$)")
_KEYS: Final = re.compile(r"\s*(?:- )*(?P<outer>[a-z_]+): (?P<inner>[a-z_]+: [^#{}\"']*[^#{}\"'\s])")
_GLUED: Final = re.compile(r"\s*(?:- )*(?P<key>[\w-]+):(?P<value>[^\s:/].*)")
_EQUATED: Final = re.compile(r"\s*(?:- )*(?P<key>[a-z_]+)\s*=\s*(?P<value>.+)")
_ODD_SPACE: Final = re.compile(r":[\u00a0\u2000-\u200b\u202f\u3000\ufeff]")
_WIDE_COLON: Final = "\uff1a"


class _Misreading:
    """One error of the library, with the lines around it."""

    def __init__(self, text: str, error: Exception, last: Any) -> None:
        self._lines = text.split("\n")
        parts = (getattr(error, "context", ""), getattr(error, "problem", ""))
        self._said = " ".join(str(part) for part in parts if part) or getattr(error, "reason", "") or str(error)
        self._is_of_parser = isinstance(error, yaml.parser.ParserError)
        self._begun = _spot(getattr(error, "context_mark", None))
        self._at = _spot(getattr(error, "problem_mark", None)) or _spot_of_offset(text, error)
        self._quoted = _spot(last.start_mark) if getattr(last, "style", None) in ("'", '"') else None

    def told(self) -> Misread:
        if self._at is None:
            return self._as_said(None)
        if self._is_of_parser and self._is_at_brace(self._at):
            return Misread(*_BARE_BRACE, self._at)
        if "'<document start>'" in self._said:
            return self._first_line(self._at)
        if "could not find expected ':'" in self._said:
            return self._no_colon((self._begun or self._at).line)
        if "mapping values are not allowed" in self._said:
            return self._second_colon(self._at)
        if "expected ',' or" in self._said and self._begun is not None:
            return self._in_brackets(self._at, self._begun)
        if "expected <block end>" in self._said and self._begun is not None:
            return self._out_of_line(self._at, self._begun)
        return self._as_said(self._at)

    def _as_said(self, at: Spot | None) -> Misread:
        for sign, what, remedy in _SAID:
            if sign in self._said:
                return Misread(what, remedy, self._begun or at if what.endswith(_OPENED) else at)
        return Misread(f"not readable: {self._said}", "compare with the shipped example", at)

    def _is_at_brace(self, at: Spot) -> bool:
        """Whether YAML stumbled over a value like `trước {time}` or `{time} gấp` without quotes."""
        before, after = self._around(at)
        return after.startswith("{") or before.rstrip().endswith("}") or (after.startswith("}") and "{" in before)

    def _around(self, at: Spot) -> tuple[str, str]:
        line = self._line(at.line)
        return line[: at.column - 1], line[at.column - 1 :]

    def _line(self, number: int) -> str:
        return self._lines[number - 1] if 0 < number <= len(self._lines) else ""

    # ------------------------------------------------------------ keys and colons

    def _first_line(self, at: Spot) -> Misread:
        """The file begins with something that is no key at the left edge."""
        number = next((number for number in range(1, at.line) if self._has_content(number)), at.line)
        if self._line(number).startswith(" "):
            remedy = "begin it at the left edge, like the others"
            return Misread("the first key is indented", remedy, self._whole(number))
        return self._no_colon(number)

    def _no_colon(self, number: int) -> Misread:
        """A line in which YAML sees no `key: value`."""
        line, whole = self._line(number), self._whole(number)
        if _WIDE_COLON in line:
            column = line.index(_WIDE_COLON) + 1
            remedy = "write `: `, a colon and a space, with the keyboard set to English"
            return Misread("this is a wide colon, as Chinese and Japanese have it", remedy, _one(number, column))
        odd = _ODD_SPACE.search(line)
        if odd:
            return Misread(
                "after this colon stands a character that looks like a space and is none",
                "delete what is behind the colon, and type a space", _one(number, odd.start() + 1),
            )  # fmt: skip
        glued = _GLUED.match(line)
        if glued:
            right = f"{glued['key']}: {_note_cut(glued['value'])}"
            return Misread("a space is missing after the colon", f"write `{right}`", _one(number, glued.end("key") + 1))
        equated = _EQUATED.match(line)
        if equated:
            right = f"{equated['key']}: {_note_cut(equated['value'])}"
            return Misread("an equals sign stands where a colon is needed", f"write `{right}`", whole)
        remedy = "write `key: value`; what belongs to a text above is indented as deep as that text"
        return Misread("a key without a colon", remedy, whole)

    def _second_colon(self, at: Spot) -> Misread:
        """A `key:` where none can be: behind another one, or below a value that is complete."""
        before, _ = self._around(at)
        if ": " in before:
            keys = _KEYS.match(self._line(at.line))
            remedy = "put the text in quotes, or write it in the next line under a |"
            if keys:
                remedy = f"put what belongs to `{keys['outer']}` in braces: `{keys['outer']}: {{{keys['inner']}}}`"
            return Misread("a second `: ` stands in this line, or its indentation is wrong", remedy, at)
        above = next((number for number in range(at.line - 1, 0, -1) if self._has_content(number)), 0)
        if above and not re.search(r":( |$)", self._line(above)) and not self._line(above).lstrip().startswith("- "):
            return self._no_colon(above)
        beside = (self._whole(above), "it is complete") if above else None
        return Misread(
            "this line stands further in than the one above, which has its value already",
            "line it up with the entries it belongs to", self._whole(at.line), beside,
        )  # fmt: skip

    # ------------------------------------------------------------ brackets and quotation marks

    def _in_brackets(self, at: Spot, opened: Spot) -> Misread:
        """Something in [ ] or { } that is no comma and closes nothing."""
        bracket, closing = ("[", "]") if "']'" in self._said else ("{", "}")
        kind = "list" if bracket == "[" else "group"
        before, after = self._around(at)
        if "<stream end>" in self._said or (at.line > opened.line and _is_key(before, after)):
            remedy = f"close it with {closing}, with commas in between"
            return Misread(f"the {kind} opened here by {bracket} is not closed", remedy, opened)
        if "':'" in self._said:
            remedy = "put the text in quotes if it has a colon; between two keys belongs a comma"
            return Misread(f"a second `: ` stands here, within one value of the {kind}", remedy, at)
        if self._quoted is not None and self._quoted.line < at.line:
            return self._open_quote(at, self._quoted)
        remedy = f"put a comma there, or close the {kind} with {closing}"
        if self._line(at.line - 1).count(" #") and not before.strip():
            remedy = "put a comma at the end of the line above; a # begins a note there, a text with # stands in quotes"
        beside = (opened, f"the {kind} begins here") if opened.line != at.line else None
        return Misread("no comma stands before this", remedy, at, beside)

    def _open_quote(self, at: Spot, quoted: Spot) -> Misread:
        beside = (Spot(at.line, max(1, at.column - 1), at.column), "here it ends")
        return Misread("the quotation mark opened here is closed in another line only", "close it", quoted, beside)

    # ------------------------------------------------------------ indentation

    def _out_of_line(self, at: Spot, begun: Spot) -> Misread:
        """Something that does not go on as the lines above have begun."""
        beside = (begun, "they begin here")
        if re.match(r"-[^\s-]", self._around(at)[1]):
            return Misread("no space stands behind the dash", "write `- `", at, beside)
        if "'?'" in self._said:
            remedy = "begin it with `- `, or indent it as deep as the lines of the entry it belongs to"
            return Misread("the entries of this list begin with a dash, and this has none", remedy, at, beside)
        if "'-'" in self._said:
            return Misread("this has a dash, and those above have none", "take out the `- `", at, beside)
        if "'<scalar>'" in self._said:
            if self._quoted is not None and self._quoted.line < at.line:
                return self._open_quote(at, self._quoted)
            if self._around(at)[0].strip():
                remedy = 'put one " at the beginning of the value and one at its end; an apostrophe may stand between'
                return Misread("something stands behind the closing quotation mark", remedy, at)
        what, remedy = "the indentation does not fit the lines above", "line it up with the entries it belongs to"
        return self._as_said(at) if re.search("'[]}]'", self._said) else Misread(what, remedy, at, beside)

    # ------------------------------------------------------------ lines

    def _has_content(self, number: int) -> bool:
        return bool(_note_cut(self._line(number))) and not self._line(number).startswith(("---", "%"))

    def _whole(self, number: int) -> Spot:
        """A line from its first letter to its last, without a note."""
        line = self._line(number)
        indent = len(line) - len(line.lstrip(" "))
        return Spot(number, indent + 1, indent + 1 + max(1, len(_note_cut(line[indent:]))))


def _is_key(before: str, after: str) -> bool:
    """Whether a `key:` stands at the beginning of the line and the place is in it, or at its colon."""
    return bool(_KEY.fullmatch(before) and after.startswith(":")) or (not before.strip() and bool(_NEXT.match(after)))


def _note_cut(line: str) -> str:
    return re.sub(r"(^|\s)#.*", "", line).strip()


def _one(line: int, column: int) -> Spot:
    return Spot(line, column, column + 1)


def _spot(mark: Any) -> Spot | None:
    return _one(mark.line + 1, mark.column + 1) if mark is not None else None


def _spot_of_offset(text: str, error: Exception) -> Spot | None:
    offset = getattr(error, "position", None)
    if not isinstance(offset, int):
        return None
    return _one(text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset))
