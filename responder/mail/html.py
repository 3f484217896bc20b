"""HTML mail as plain text, with quoted regions marked by "> " as in plain-text mail.

A small scanner instead of html.parser, which takes quadratic time on unclosed tags (CVE-2025-6069; 3.11.7 has it).
Every character is looked at a bounded number of times, nothing recurses.

Must not know: mail headers, MIME, what the text will be used for.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final

_BLOCKS: Final = frozenset(
    {"address", "article", "aside", "blockquote", "body", "center", "dd", "div", "dl", "dt", "fieldset", "figure",
     "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p", "pre",
     "section", "table", "tbody", "tfoot", "thead", "tr", "ul"}
)  # fmt: skip
_PARAGRAPHS: Final = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6"})
_VOID: Final = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
)
_RAW: Final = {tag: re.compile(f"</{tag}", re.IGNORECASE) for tag in ("script", "style", "title")}
_HIDDEN_STYLE: Final = ("display:none", "visibility:hidden", "mso-hide:all")
# Where the mail programs put the mail they answer. Gmail's own `div.gmail_quote` is not listed: answers written between
# the quoted paragraphs stand in it too; the <blockquote> inside it is what is quoted.
_QUOTED_CLASSES: Final = frozenset({"yahoo_quoted", "moz-cite-prefix", "zmail_extra", "protonmail_quote"})
_QUOTED_FROM_HERE: Final = frozenset({"divrplyfwdmsg", "appendonsend", "olk_src_body_section"})
_MAX_QUOTE_DEPTH: Final = 20
MAX_TAGS: Final = 10_000  # elements; a long newsletter has half as many. What comes after is left out

_MARKUP = re.compile(r"<(?=/?[a-zA-Z]|[!?])")
_TAG_NAME = re.compile(r"/?([a-zA-Z][^\s/>]{0,40})")
_ATTRIBUTE = re.compile(
    r"""([a-zA-Z-]{1,20})\s{0,9}(?:=\s{0,9}(?:"([^"]{0,2000})"|'([^']{0,2000})'|([^\s"'>]{1,2000})))?"""
)
_WANTED_ATTRIBUTES: Final = frozenset({"class", "id", "style", "hidden", "type"})
_SPACE = re.compile(r"[ \t\n\r\f\v\u200b\u200c\u200d\u2060\ufeff]+")
# html.unescape hands the digits to int(), which refuses more than 4300 of them and is quadratic before.
_ABSURD_REFERENCE = re.compile(r"&#[xX]?[0-9a-fA-F]{8,};?")
_BLANK_LINES = re.compile(r"\n{3,}")


class _Effect(Enum):
    """What an open element does to the text inside it."""

    NONE = auto()
    HIDES = auto()
    QUOTES = auto()


@dataclass(slots=True)
class _Page:
    """The text written so far, and the elements that are open."""

    lines: list[str] = field(default_factory=list)
    line: list[str] = field(default_factory=list)
    line_depth: int = 0
    stack: list[tuple[str, _Effect]] = field(default_factory=list)
    open_tags: dict[str, int] = field(default_factory=dict)
    hidden: int = 0
    quoted: int = 0
    quoted_from_here: bool = False

    def depth(self) -> int:
        return min(self.quoted + self.quoted_from_here, _MAX_QUOTE_DEPTH)

    def write(self, text: str) -> None:
        if self.hidden:
            return
        if "pre" in self.open_tags:
            first, *others = text.split("\n")
            self.append(first)
            for other in others:
                self.end_line()
                self.append(other)
        else:
            self.append(_SPACE.sub(" ", text))

    def append(self, text: str) -> None:
        if not text or (text == " " and not self.line):
            return
        if not self.line:
            self.line_depth = self.depth()
        self.line.append(text)

    def end_line(self) -> None:
        """Finish the line that is being written, if there is one."""
        if self.line:
            prefix = "> " * self.line_depth
            self.lines.append(prefix + "".join(self.line).strip().replace("\xa0", " "))
            self.line = []

    def blank_line(self) -> None:
        self.end_line()
        self.lines.append((">" * self.depth()) if self.depth() else "")

    def open(self, tag: str, effect: _Effect) -> None:
        self.stack.append((tag, effect))
        self.open_tags[tag] = self.open_tags.get(tag, 0) + 1
        self.hidden += effect is _Effect.HIDES
        self.quoted += effect is _Effect.QUOTES

    def close(self, tag: str) -> None:
        """Close the innermost element of that name and all that were left open inside it."""
        if not self.open_tags.get(tag):
            return
        closed = ""
        while closed != tag:
            closed, effect = self.stack.pop()
            self.open_tags[closed] -= 1
            if not self.open_tags[closed]:
                del self.open_tags[closed]
            self.hidden -= effect is _Effect.HIDES
            self.quoted -= effect is _Effect.QUOTES


_PLAIN_EFFECTS: Final = {"head": _Effect.HIDES, "blockquote": _Effect.QUOTES}


def to_text(source: str) -> str:
    """The visible text of an HTML mail: lines end with LF, quoted regions start with "> ", links keep only their text.

    Takes any string; never raises. Time grows with the length of the source, whatever its nesting;
    what stands after `MAX_TAGS` elements is left out.
    """
    page = _Page()
    scan = _Scanner(_ABSURD_REFERENCE.sub("\ufffd", source))
    for _ in range(2 * MAX_TAGS):  # a step is a tag, a comment or an end
        if scan.at_end():
            break
        text, tag, attributes = scan.next()
        if text:
            page.write(html.unescape(text) if "&" in text else text)
        if tag.startswith("/"):
            _end(page, tag[1:])
        elif tag:
            _start(page, tag, attributes)
    page.end_line()
    return _BLANK_LINES.sub("\n\n", "\n".join(page.lines)).strip()


def _start(page: _Page, tag: str, attributes: str) -> None:
    if tag == "br":
        page.end_line() if page.line else page.lines.append(_quote_mark(page))
        return
    if tag in _BLOCKS:
        page.end_line()
    elif tag in ("td", "th"):
        page.append(" ")
    found = _attributes(attributes) if attributes else {}
    if found.get("id", "").lower().removeprefix("x_") in _QUOTED_FROM_HERE:
        page.quoted_from_here = True
    if tag in _VOID:
        return
    page.open(tag, _effect(tag, found))
    if tag == "li" and not page.hidden:
        page.append("- ")


def _end(page: _Page, tag: str) -> None:
    if tag in _BLOCKS:
        page.end_line()
    if tag in _PARAGRAPHS and not page.hidden:
        page.blank_line()
    page.close(tag)


def _quote_mark(page: _Page) -> str:
    return ">" * page.depth()


def _effect(tag: str, attributes: dict[str, str]) -> _Effect:
    if not attributes:
        return _PLAIN_EFFECTS.get(tag, _Effect.NONE)
    style = attributes.get("style", "").replace(" ", "").lower()
    if tag == "head" or "hidden" in attributes or any(hidden in style for hidden in _HIDDEN_STYLE):
        return _Effect.HIDES
    classes = {name.lower().removeprefix("x_") for name in attributes.get("class", "").split()}
    if tag == "blockquote" or classes & _QUOTED_CLASSES:
        return _Effect.QUOTES
    return _Effect.NONE


def _attributes(source: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for match in _ATTRIBUTE.finditer(source, 0, 4000):
        name = match[1].lower()
        if name in _WANTED_ATTRIBUTES:
            found.setdefault(name, html.unescape(match[2] or match[3] or match[4] or ""))
    return found


class _Scanner:
    """Cuts the source into (text, tag, attributes). What was once looked for in vain is not looked for again."""

    __slots__ = ("_absent", "_position", "_source")

    def __init__(self, source: str) -> None:
        self._source = source
        self._position = 0
        self._absent: set[str] = set()

    def at_end(self) -> bool:
        return self._position >= len(self._source)

    def next(self) -> tuple[str, str, str]:
        """The text up to the next tag, that tag's name in lower case ("/p" ends one, "" is none), its attributes."""
        start = self._position
        markup = _MARKUP.search(self._source, start)  # "5 < 7" is text
        if markup is None:
            self._position = len(self._source)
            return self._source[start:], "", ""
        opening = markup.start()
        text = self._source[start:opening]
        match = _TAG_NAME.match(self._source, opening + 1)
        if match:
            return text, *self._tag(match)
        if self._source.startswith("!--", opening + 1):
            self._position = self._after("-->", opening + 4)
        else:
            self._position = self._after(">", opening + 1)
        return text, "", ""

    def _tag(self, match: re.Match[str]) -> tuple[str, str]:
        end = match.end() if self._source.startswith(">", match.end()) else self._tag_end(match.end())
        attributes = self._source[match.end() : end]
        self._position = end + 1
        closing = match[0].startswith("/")
        name = match[1].lower()
        if name in _RAW and not closing:
            found = _RAW[name].search(self._source, end)
            self._position = self._after(">", found.end()) if found else len(self._source)
            return "", ""
        return ("/" if closing else "") + name, attributes

    def _tag_end(self, position: int) -> int:
        """Where the tag's ">" is: not one inside a quoted attribute value, unless that is never closed."""
        while True:
            end = self._find(">", position)
            if end < 0:
                return len(self._source)
            quotes = [at for at in (self._source.find(mark, position, end) for mark in "\"'") if at >= 0]
            if not quotes:
                return end
            opening = min(quotes)
            closing = self._find(self._source[opening], opening + 1)
            if closing < 0:
                return end
            position = closing + 1

    def _find(self, wanted: str, position: int) -> int:
        if wanted in self._absent:
            return -1
        found = self._source.find(wanted, position)
        if found < 0:
            self._absent.add(wanted)
        return found

    def _after(self, wanted: str, position: int) -> int:
        found = self._find(wanted, position)
        return len(self._source) if found < 0 else found + len(wanted)
