"""A problem as compilers show it: the one line, then the line of the file with its number, and carets below the place.

    policy.yaml:3:12: `Asia/Hanoi` … — did you mean `Asia/Ho_Chi_Minh`?
        3 | timezone: Asia/Hanoi
          |           ^^^^^^^^^^

Pure: texts in, lines out; whether they are coloured is the caller's to say. Must not know what a policy or a config is.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, takewhile
from typing import Any, Final

import click

from responder.document import Place, Problem, Severity, as_read
from responder.mail.echo import TRICKS

NARROW: Final = 40  # columns; with fewer an excerpt tells nothing
_NUMBER: Final = 5  # columns for the number of a line, before ` | `
_GUTTER: Final = _NUMBER + 3
_BEFORE: Final = 3  # of a line that is cut, one part in so many is shown before the place
_BREAKS: Final = re.compile("[\n\x85\u2028\u2029]")  # what YAML ends a line with, beside what `as_read` has changed
_TRICKS: Final = re.compile(f"[{TRICKS}]")
_TAB: Final = "→   "
_CUT: Final = "…"
_LONG: Final = 4  # a line of more characters than so many for each column is cut without looking at all of it

Paint = Callable[[str, str], str]  # (text, colour) → the text as it is printed
Sources = Mapping[str, str]  # the files that problems name, by that name


def plain(text: str, _colour: str) -> str:
    """No colours."""
    return text


def coloured(text: str, colour: str) -> str:
    """For a terminal."""
    return click.style(text, bold=True) if colour == _BOLD else click.style(text, fg=colour, bold=True)


_BOLD: Final = "bold"
_COLOURS: Final[Mapping[Severity, str]] = {Severity.ERROR: "red", Severity.WARNING: "yellow"}
_ASIDE: Final = "cyan"


def told(problem: Problem, sources: Sources, width: int, paint: Paint = plain) -> Iterator[str]:
    """The problem's one line, and what it is about, in at most `width` columns."""
    yield _headline(problem, paint)
    text = sources.get(problem.file)
    if text is None or width < NARROW:
        return
    lines = _BREAKS.split(as_read(text))
    here = list(_excerpt(lines, problem.place, width, lambda marks: paint(marks.replace(" ", "^"), _colour(problem))))
    yield from here
    if problem.beside is not None:
        aside = f" {problem.beside.what}"
        there = _excerpt(
            lines, problem.beside.place, width, lambda marks: paint(marks.replace(" ", "-") + aside, _ASIDE)
        )
        yield from (line for line in there if line not in here)  # the same line is shown once


def _colour(problem: Problem) -> str:
    return _COLOURS[problem.severity]


def _headline(problem: Problem, paint: Paint) -> str:
    """`str(problem)`; where it is and what it is stand out."""
    rest = f" — {problem.remedy}"
    where = str(problem).removesuffix(problem.what + rest)
    return paint(where, _colour(problem)) + paint(problem.what, _BOLD) + rest


def _excerpt(lines: Sequence[str], place: Place, width: int, marks: Callable[[str], str]) -> Iterator[str]:
    """The line with its number, and below it the marks; nothing where the place is that of the file as a whole."""
    if not _points(place) or place.line > len(lines):
        return
    shown = _shown(lines[place.line - 1], place, width - _GUTTER)
    yield f"{place.line:>{_NUMBER}} | {shown.line}".rstrip()
    yield f"{'':{_NUMBER}} | {' ' * shown.before}{marks(' ' * shown.length)}"


def _points(place: Place) -> bool:
    """The first character of a file, without an end, stands for all of it."""
    return place.line > 0 and (place != Place(1, 1) or place.end_column > 0)


@dataclass(frozen=True, slots=True)
class _Shown:
    """A line as it is printed, and how many columns stand before the place and in it."""

    line: str
    before: int
    length: int


def _shown(line: str, place: Place, width: int) -> _Shown:
    begin = min(place.column - 1, len(line))
    end = max(place.end_column - 1, begin + 1)
    while end < len(line) and unicodedata.combining(line[end]):
        end += 1  # a letter is not parted from its marks
    first, last = _window(line, begin, end, width)
    head, tail = _CUT if first else "", _CUT if last < len(line) else ""
    before, within = _seen(line[first:begin]), _seen(line[begin : min(end, last)])
    return _Shown(f"{head}{_seen(line[first:last])}{tail}", _cells(head + before), max(1, _cells(within)))


def _window(line: str, begin: int, end: int, width: int) -> tuple[int, int]:
    """The part of a line that is shown: all if it fits, else so much before the place and the rest from there on."""
    if len(line) <= width * _LONG and _cells(_seen(line)) <= width:
        return 0, len(line)
    room = width - 2 * len(_CUT)
    place, rest = line[begin:end][:width], line[begin:][:width]
    lead = max(min(room // _BEFORE, room - _cells(_seen(place))), room - _cells(_seen(rest)), 0)
    first = begin - _fitting(line[max(0, begin - width) : begin][::-1], lead)
    return first, first + _fitting(line[first:][: width * _LONG], room)


def _fitting(characters: str, room: int) -> int:
    """How many of them, from the first on, take no more columns than that."""
    widths = accumulate(_cells(_seen(character)) for character in characters)
    return sum(1 for _ in takewhile(lambda taken: taken <= room, widths))


def _seen(text: str) -> str:
    """As it is shown: tabs, controls and what turns the direction of writing can be seen."""
    return _TRICKS.sub(lambda found: _TAB if found[0] == "\t" else json.dumps(found[0])[1:-1], text)


def _cells(text: str) -> int:
    """How many columns of a terminal it takes."""
    return sum(_cell(character) for character in text)


def _cell(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def fields(problem: Problem) -> dict[str, Any]:
    """For `--json`."""
    place = _place(problem.place)
    beside = {**_place(problem.beside.place), "what": problem.beside.what} if problem.beside else None
    return {
        "file": problem.file, **place, "severity": problem.severity.value, "what": problem.what,
        "remedy": problem.remedy, "code": problem.code.value, "beside": beside,
    }  # fmt: skip


def _place(place: Place) -> dict[str, int | None]:
    return {"line": place.line or None, "column": place.column or None, "end_column": place.end_column or None}
