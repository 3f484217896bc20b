"""A mail's words with what was found in them: which piece is which, and how that looks in lines of a certain width.

Made from the fields of a decision (`policy/report.py`), so that a fresh one and one on record look alike. Characters
that a terminal would act on, or that nobody sees, are shown by their numbers. Knows no colour but by name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import pairwise
from typing import Any

import click
from rich.cells import cell_len, chop_cells

from responder.mail.echo import UNSAFE
from responder.mail.language import Language
from responder.mail.quoted import bare_subject
from responder.policy import phrases
from responder.policy.wording import clean
from responder.words.signals import Where


class Kind(StrEnum):
    """What a marked piece of the words is."""

    HIT = "hit"
    REFUSED = "refused"
    DEADLINE = "deadline"
    LEARNED = "learned"


@dataclass(frozen=True, slots=True)
class Mark:
    """A piece of one part of the mail, by offsets, and what is said of it."""

    where: Where
    start: int
    end: int
    kind: Kind
    label: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text that is marked all alike, `marks` with the most telling kind first; `ending` end with it."""

    text: str
    marks: tuple[Mark, ...]
    ending: tuple[Mark, ...] = ()


SAYS: Mapping[Language, Mapping[Kind, str]] = {
    Language.VI: {
        Kind.HIT: "{signal}",
        Kind.REFUSED: "✗ {signal}: {why}",
        Kind.DEADLINE: "hạn: {at}",
        Kind.LEARNED: "máy đoán: {signal}",
    },
    Language.EN: {
        Kind.HIT: "{signal}",
        Kind.REFUSED: "✗ {signal}: {why}",
        Kind.DEADLINE: "deadline: {at}",
        Kind.LEARNED: "a guess: {signal}",
    },
}


# ---------------------------------------------------------------- what is marked


def marks(fields: Mapping[str, Any], subject: str, words: str, language: Language) -> tuple[Mark, ...]:
    """All marks of both parts, each part's in the order of the text."""
    parts = {Where.SUBJECT: subject, Where.BODY: words}
    found = [*_hits(fields, parts, language), *_deadline(fields, parts, language), *_learned(fields, parts, language)]
    return tuple(sorted(found, key=lambda mark: (mark.where is Where.BODY, mark.start, -mark.end)))


def _hits(fields: Mapping[str, Any], parts: Mapping[Where, str], language: Language) -> Iterator[Mark]:
    said = SAYS[language]
    for hit in fields["signals"]:
        yield from _mark(hit, parts, Kind.HIT, said[Kind.HIT].format(signal=hit["signal"]))
    for miss in fields.get("refused", ()):  # what was recorded before something was told has none of it
        why = phrases.REFUSED[language][miss["why"]]
        why = why.format(by=clean(miss["by"])) if miss.get("by") else why.partition(" (“{")[0].replace("“{by}”", "…")
        yield from _mark(miss, parts, Kind.REFUSED, said[Kind.REFUSED].format(signal=miss["signal"], why=why))


def _deadline(fields: Mapping[str, Any], parts: Mapping[Where, str], language: Language) -> Iterator[Mark]:
    deadline = fields.get("deadline")
    if deadline:
        at = phrases.moment(datetime.fromisoformat(deadline["at"]), language)
        yield from _mark(deadline, parts, Kind.DEADLINE, SAYS[language][Kind.DEADLINE].format(at=at))


def _mark(found: Mapping[str, Any], parts: Mapping[Where, str], kind: Kind, label: str) -> Iterator[Mark]:
    """Where the record tells no place, or the part is not the very one, the first such words are taken."""
    where, text = Where(found["where"]), found["text"]
    part, start = parts[where], found.get("start")
    if start is None or part[start : start + len(text)] != text:
        start = part.find(text)
    if text and start >= 0:
        yield Mark(where, start, start + len(text), kind, label)


def _learned(fields: Mapping[str, Any], parts: Mapping[Where, str], language: Language) -> Iterator[Mark]:
    """The clauses that spoke for what the judge alone has shown; one clause may speak for several."""
    judged = fields.get("judged") or {"labels": ()}
    shown_by = fields.get("shown_by", {})
    spoken: dict[tuple[Where, int, int], list[str]] = {}
    for label in judged["labels"]:
        if shown_by.get(label["label"]) == "learned":
            for clause in label.get("spoke", ()):
                spoken.setdefault((Where(clause["where"]), clause["start"], clause["end"]), []).append(label["label"])
    for (where, start, end), names in spoken.items():
        is_whole = where is Where.BODY or bare_subject(parts[where]) == parts[where]
        if is_whole and end <= len(parts[where]):
            yield Mark(where, start, end, Kind.LEARNED, SAYS[language][Kind.LEARNED].format(signal=", ".join(names)))


# ---------------------------------------------------------------- pieces and lines

_TELLING = (Kind.HIT, Kind.REFUSED, Kind.DEADLINE, Kind.LEARNED)


def pieces(text: str, found: Sequence[Mark], start: int = 0, end: int | None = None) -> Iterator[Piece]:
    """The text from start to end, cut wherever a mark begins or ends."""
    end = len(text) if end is None else end
    edges = {edge for mark in found for edge in (mark.start, mark.end) if start < edge < end}
    cuts = [start, *sorted(edges), end]
    for first, last in pairwise(cuts):
        over = [mark for mark in found if mark.start < last and mark.end > first]
        over.sort(key=lambda mark: _TELLING.index(mark.kind))
        yield Piece(_shown_lines(text[first:last]), tuple(over), tuple(mark for mark in over if mark.end == last))


def _shown_lines(text: str) -> str:
    return "\n".join(shown(line) for line in text.split("\n"))


def shown(text: str) -> str:
    """As it can be read: a tab is a space; what is not to be seen, or turns the writing round, is named."""
    return UNSAFE.sub(lambda tricks: "".join(map(_named, tricks[0])), text)


def _named(character: str) -> str:
    return " " if character == "\t" else f"⟨U+{ord(character):04X}⟩"


def columns(text: str) -> int:
    """How wide it is on a terminal."""
    return cell_len(shown(text))


def wrapped(text: str, width: int) -> Iterator[tuple[int, int]]:
    """Lines of at most that width, broken at spaces, as offsets; a word that is too long is broken anywhere."""
    begin = 0
    for line in text.split("\n"):
        yield from _broken(text, begin, begin + len(line.rstrip("\r")), width)
        begin += len(line) + 1


_MOST_TO_A_COLUMN = 4  # characters: a letter with its marks


def _broken(text: str, start: int, end: int, width: int) -> Iterator[tuple[int, int]]:
    while not _fits(text[start:end], width):
        last = start + _that_fit(text[start : min(end, start + _MOST_TO_A_COLUMN * width)], width)
        space = text.rfind(" ", start + 1, last + 1)
        stop = space if space > start else last
        yield start, stop
        start = stop + (1 if text[stop : stop + 1] == " " else 0)
    yield start, end


def _fits(text: str, width: int) -> bool:
    return len(text) <= _MOST_TO_A_COLUMN * width and columns(text) <= width


def _that_fit(text: str, width: int) -> int:
    """How many characters of the text; at least one, and no mark without its letter."""
    used = 0
    for count, character in enumerate(text):
        used += columns(character)
        if used > width:
            return max(count, 1)
    return len(text)


def fold(text: str, width: int) -> list[str]:
    """A paragraph in lines, as they can be read."""
    return [shown(text[start:end]) for start, end in wrapped(text, width)]


# ---------------------------------------------------------------- on a terminal

_COLOURS = {Kind.HIT: "green", Kind.REFUSED: "red", Kind.DEADLINE: "cyan", Kind.LEARNED: "magenta"}


def lines(text: str, found: Sequence[Mark], width: int) -> Iterator[str]:
    """The text with its marks: each line, and below it what is said of the pieces that end in it."""
    for start, end in wrapped(text, width):
        here = [mark for mark in found if mark.start < end and mark.end > start]
        yield "".join(_styled(piece) for piece in pieces(text, here, start, end)) if end > start else ""
        yield from _notes(text, here, start, end, width)


def _styled(piece: Piece) -> str:
    if not piece.marks:
        return piece.text
    kind = piece.marks[0].kind
    return click.style(piece.text, fg=_COLOURS[kind], bold=kind is not Kind.LEARNED or None)


def _notes(text: str, found: Iterable[Mark], start: int, end: int, width: int) -> Iterator[str]:
    """Rows of `─────── label`, as few as hold them; a mark that goes on in the next line is told there."""
    rows: list[list[tuple[int, str, Kind]]] = []
    for mark in found:
        left = columns(text[start : max(mark.start, start)])
        rule = "─" * max(columns(text[max(mark.start, start) : min(mark.end, end)]), 1)
        note = rule if mark.end > end else f"{rule} {mark.label}"
        fits = left + cell_len(note) <= width
        for at, part in [(left, note)] if fits else _drawn_in(left, rule, mark.label, width):
            row = next((row for row in rows if row[-1][0] + cell_len(row[-1][1]) < at), None)
            if row is None:
                rows.append(row := [])
            row.append((at, part, mark.kind))
    for row in rows:
        yield _row(row)


def _drawn_in(left: int, rule: str, label: str, width: int) -> list[tuple[int, str]]:
    """A note for which there is no room on the right: its label stands before the rule, or below it."""
    before = left - cell_len(label) - 1
    if before >= 0:
        return [(before, f"{label} {rule}")]
    below = max(min(left, width - cell_len(label)), 0)
    fitting = label if cell_len(label) <= width else f"{chop_cells(label, width - 1)[0]}…"
    return [(left, rule), (below, fitting)]


def _row(row: Sequence[tuple[int, str, Kind]]) -> str:
    line, at = "", 0
    for left, note, kind in row:
        line += " " * (left - at) + click.style(note, fg=_COLOURS[kind])
        at = left + cell_len(note)
    return line
