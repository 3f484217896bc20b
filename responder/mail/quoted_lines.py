"""A mail's text as lines that can be compared: without ">" marks, case and accents; and why a line is not own words.

Must not know: what mail programs write.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class CutKind(StrEnum):
    """Why a piece of text is not the sender's own words."""

    QUOTE = "quote"
    FORWARD = "forward"
    SIGNATURE = "signature"
    DISCLAIMER = "disclaimer"
    MOBILE_SIGNATURE = "mobile_signature"


Tags = list[CutKind | None]  # one for each line; None: the sender's own

MAX_MARK: Final = 400  # characters; a longer line is prose

_MARKS = re.compile("[\u0300-\u036f]")
_QUOTE_MARK = re.compile(r"[ \t]{0,3}>(?:[ \t]?>)*[ \t]?")


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it stood; what follows its ">" marks; and that again without case, marks and asterisks, to compare."""

    raw: str
    body: str
    folded: str  # empty for prose
    is_quoted: bool

    @property
    def is_blank(self) -> bool:
        return not self.body.strip()

    @property
    def is_rule(self) -> bool:
        """A drawn line."""
        text = self.body.strip()
        return len(text) >= 3 and not text.strip("-_=*+~–—")


def read_line(raw: str) -> Line:
    match = _QUOTE_MARK.match(raw)
    body = raw[match.end() :] if match else raw
    return Line(raw, body, fold(body) if len(body) <= MAX_MARK else "", match is not None)


def fold(text: str) -> str:
    if text.isascii():
        return " ".join(text.lower().replace("*", "").split())
    decomposed = unicodedata.normalize("NFD", text.casefold())
    return " ".join(_MARKS.sub("", decomposed).replace("đ", "d").replace("*", "").split())


def composed(text: str) -> str:
    """Lower case with its accents, each letter one character."""
    return unicodedata.normalize("NFC", text).casefold()


def next_text(lines: Sequence[Line], position: int) -> int:
    while position < len(lines) and lines[position].is_blank:
        position += 1
    return position
