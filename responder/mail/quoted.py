"""The sender's own words: a mail's text without quoted history, forwards, signature and disclaimer.

Vietnamese (with and without marks) and English. In doubt text is kept: a signature too many costs little, a lost urgent
sentence costs much. Every line is looked at a bounded number of times.

**What is forwarded** is somebody else's words, and yet what the office is asked about:
- with nothing above it, it is the message;
- under a few words that only hand it over ("nhờ anh xem giúp mail dưới", "FYI"), it counts beside them;
- under a message of its own, or one that says that all is settled, it is an enclosure, and does not count.

Must not know: MIME, policy, what the words will be searched for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from responder.mail.quoted_endings import banner, endings
from responder.mail.quoted_history import history, introduction, is_marker, subject_of
from responder.mail.quoted_lines import CutKind, Line, Tags, fold, next_text, read_line


@dataclass(frozen=True, slots=True)
class Cut:
    """A piece that was left out, as it stood."""

    kind: CutKind
    text: str


@dataclass(frozen=True, slots=True)
class OwnWords:
    """What the sender wrote in this mail (lines end with LF), what was left out, top to bottom.

    `forwarded`: what they hand over with it. `subject`: empty where it is the thread's old one; over a forward that
    counts it is that mail's.
    """

    text: str
    cuts: tuple[Cut, ...]
    forwarded: str = ""
    subject: str = ""

    @property
    def whole(self) -> str:
        """All that the office is told or asked with this mail."""
        return f"{self.text}\n\n{self.forwarded}" if self.forwarded else self.text


_MAX_FORWARDS: Final = 3  # a forward of a forward of a forward is opened, no further
_MAX_LINES: Final = 4_000
_MAX_OWN: Final = 24 * 1024  # characters of own words: some ten pages


# ---------------------------------------------------------------------------------------------------------------------
# Subjects

_TAG: Final = r"(?:\[[^]\n]{1,40}\]\s{0,3}){0,3}"  # a gateway's "[EXTERNAL]", a help desk's "[#123]"
_FORWARDING: Final = r"(?:fwd?|chuyển tiếp|chuyen tiep)"
_THREAD_PREFIX = re.compile(
    rf"\s{{0,9}}{_TAG}(?:(?:re|aw|tl|vs|sv|trả lời|tra loi|{_FORWARDING})\s?(?:\[\d{{1,4}}\])?\s?:\s{{0,9}}{_TAG})+",
    re.IGNORECASE,
)
_FORWARD_PREFIX = re.compile(
    rf"\s{{0,9}}{_TAG}(?:{_FORWARDING}\s?(?:\[\d{{1,4}}\])?\s?:\s{{0,9}}{_TAG})+", re.IGNORECASE
)
_OLD_BEHIND = re.compile(rf"\s[-–|]\s?{_FORWARDING}\s?:", re.IGNORECASE)  # "FYI - Fwd: …"


def own_subject(subject: str) -> str:
    """The subject if the sender wrote it; empty where it is the thread's old one ("Re: GẤP …" over a thank-you)."""
    if _THREAD_PREFIX.match(subject):
        return ""
    old = _OLD_BEHIND.search(subject)
    return subject[: old.start()] if old else subject


def bare_subject(subject: str) -> str:
    """The subject without the prefixes that replies and forwards have put before it."""
    prefix = _THREAD_PREFIX.match(subject)
    return subject[prefix.end() :] if prefix else subject


def _forwarded_subject(subject: str) -> str:
    """What the mail that is forwarded says in its own subject."""
    prefix = _FORWARD_PREFIX.match(subject)
    return own_subject(subject[prefix.end() :] if prefix else subject)


# ---------------------------------------------------------------------------------------------------------------------
# Own words


def own_words(text: str, subject: str = "") -> OwnWords:
    """Split `text` (as in `Message.text`) into the sender's own words and the rest.

    Answers written between quoted lines are own words. Outlook writes replies and forwards alike: `subject` tells them
    apart ("RE: …", "FW: …", "Chuyển tiếp: …").
    """
    return _own_words(text, subject, _MAX_FORWARDS)


def _own_words(text: str, subject: str, deep: int) -> OwnWords:
    if not deep:
        return OwnWords(text.strip()[:_MAX_OWN], (), subject=own_subject(subject))
    lines = [read_line(raw) for raw in text.split("\n", _MAX_LINES)]  # what comes after so many is kept as one
    tags = history(lines)
    if _FORWARD_PREFIX.match(subject):
        _as_forward(lines, tags)
    banner(lines, tags)
    endings(lines, tags)
    own = _joined(line.raw for line, tag in zip(lines, tags, strict=True) if tag is None)
    inner = _forward(lines, tags) if _gives_way(own, tags, subject) else None
    if inner is None:
        counted = _forwarded_subject(subject) if _is_attached(own, tags, subject) else own_subject(subject)
        return OwnWords(own[:_MAX_OWN], tuple(_cuts(lines, tags)), subject=counted)
    below = _own_words(inner.text, inner.subject, deep - 1)
    cuts = (*_cuts(lines, tags, opened=True), *below.cuts)
    counted = _forwarded_subject(subject)
    if own:
        return OwnWords(own, cuts, below.whole[: _MAX_OWN - len(own)], counted)
    return OwnWords(below.text, cuts, below.forwarded, counted)


_MANY_BLANKS = re.compile(r"\n(?:[ \t]*\n){2,}")


def _joined(raws: Iterable[str]) -> str:
    return _MANY_BLANKS.sub("\n\n", "\n".join(raw.rstrip() for raw in raws)).strip()


def _cuts(lines: Sequence[Line], tags: Sequence[CutKind | None], *, opened: bool = False) -> list[Cut]:
    """Runs of lines with the same tag. Of a forward that is opened only what stood around it has been cut."""
    found: list[Cut] = []
    start = 0
    for end in range(1, len(lines) + 1):
        if end < len(lines) and tags[end] is tags[start]:
            continue
        kind = tags[start]
        text = "\n".join(line.raw for line in lines[start:end]).strip()
        if kind is not None and text and not (opened and kind in _HISTORY):
            found.append(Cut(kind, text))
        start = end
    return found


# ---------------------------------------------------------------------------------------------------------------------
# Forwards

_HISTORY: Final = frozenset({CutKind.QUOTE, CutKind.FORWARD})
_MAX_OVER: Final = 1000  # characters of what only hands over
_FEW_WORDS: Final = 12
_FEW_WORDS_THAT_POINT: Final = 35
_POINTS = re.compile(
    r"\b(?:(?:thu|mail|e-?mail|tin|cai|vu|viec|khach|yeu cau|truong hop|noi dung|don) (?:nay|duoi|ben duoi|o duoi)"
    r"|ben duoi|phia duoi|o duoi|duoi day|xem|chuyen|fw|fwd|fyi|forward\w*|below|see|this|kinh chuyen)\b"
)
_SETTLED = re.compile(
    r"\b(?:no action|nothing (?:to do|needed)|resolved|closed|settled|already (?:done|fixed|handled)|sorted"
    r"|(?:da|duoc) (?:xu ly|giai quyet|khac phuc|sua|xong|on)\b.{0,20}|xong roi|on roi|de luu|luu (?:ho so|file|lai)"
    r"|khong (?:can|phai) (?:lam|tra loi|xu ly)|khoi (?:tra loi|lam)|tham khao|for (?:your )?reference"
    r"|for the record)\b"
)


@dataclass(frozen=True, slots=True)
class _Forward:
    text: str
    subject: str


def _gives_way(own: str, tags: Tags, subject: str) -> bool:
    """Is what stands below the message, or a part of it?"""
    if CutKind.FORWARD in tags:
        return not own or _hands_over(own)
    is_answer = _THREAD_PREFIX.match(subject) is not None and _FORWARD_PREFIX.match(subject) is None
    return not own and not is_answer


def _is_attached(own: str, tags: Tags, subject: str) -> bool:
    """A forward whose text is not in the mail: it comes as an attachment."""
    is_forward = _FORWARD_PREFIX.match(subject) is not None
    return is_forward and _HISTORY.isdisjoint(tags) and (not own or _hands_over(own))


def _hands_over(own: str) -> bool:
    """A few words that only hand over what stands below."""
    folded = fold(own[:_MAX_OVER])
    length = len(own.split(None, _FEW_WORDS_THAT_POINT + 1))
    if len(own) > _MAX_OVER or length > _FEW_WORDS_THAT_POINT or _SETTLED.search(folded):
        return False
    return length <= _FEW_WORDS or _POINTS.search(folded) is not None


def _as_forward(lines: Sequence[Line], tags: Tags) -> None:
    """The subject says that this is a forward: then the first header block introduces one."""
    if CutKind.FORWARD in tags or CutKind.QUOTE not in tags:
        return
    start = first = tags.index(CutKind.QUOTE)
    while start < len(lines) and (lines[start].is_blank or lines[start].is_rule):
        start += 1
    found = introduction(_unquoted(lines[start : start + 20]), 0) if start < len(lines) else None
    if found is None or found.is_reply:
        return
    end = next((place for place in range(first, len(tags)) if tags[place] is not CutKind.QUOTE), len(tags))
    tags[first:end] = [CutKind.FORWARD] * (end - first)


def _forward(lines: Sequence[Line], tags: Tags) -> _Forward | None:
    """The mail that is forwarded, without its header block; None where the mail is an empty answer."""
    first = tags.index(CutKind.FORWARD) if CutKind.FORWARD in tags else 0
    inner = _unquoted([line for line, tag in zip(lines[first:], tags[first:], strict=True) if tag in _HISTORY])
    start = next_text(inner, 0)
    while start < len(inner) and (inner[start].is_rule or inner[start].is_blank):
        start += 1
    if start >= len(inner):
        return None
    found = introduction(inner, start)
    if found is not None and found.is_reply and not is_marker(inner[start]):
        return None
    after = start + (found.length if found is not None else 0)
    text = "\n".join(line.raw for line in inner[after:])
    return _Forward(text, subject_of(inner[start:after])) if text.strip() else None


def _unquoted(lines: Sequence[Line]) -> list[Line]:
    return [read_line(line.body) if line.is_quoted else line for line in lines]
