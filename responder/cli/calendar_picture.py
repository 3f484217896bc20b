"""The calendar as a picture in the terminal: a month as a grid of weeks, a year as small months side by side.

Each look has a sign of its own, so that it can be told without colours; the colours only help. Widths are counted as
a terminal does: a letter may take two columns, or none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest

import click
from rich.cells import cell_len, chop_cells

from responder.cli import marked
from responder.cli.calendar_view import MonthView, View, Week, short_hours
from responder.cli.calendar_words import SIGNS, TODAY, WORDS
from responder.mail import echo
from responder.policy import phrases
from responder.policy.almanac import Day, Look

MARGIN = 1
GAP = 3  # columns between two small months
SMALL = 21  # columns of a small month: seven days of two digits and a sign
NARROWEST, WIDEST = 6, 14  # columns of a day in a month
NAME_LINES = 2

_COLOURS: Mapping[Look, Mapping[str, object]] = {
    Look.OPEN: {},
    Look.REST: {"dim": True},
    Look.HOLIDAY: {"fg": "red", "bold": True},
    Look.CLOSED: {"fg": "magenta", "bold": True},
    Look.OTHER_HOURS: {"fg": "yellow", "bold": True},
    Look.EXTRA: {"fg": "green", "bold": True},
}


@dataclass(frozen=True, slots=True)
class Paper:
    """What is drawn on: so many columns, with colours or without."""

    width: int
    is_coloured: bool

    def in_look(self, text: str, look: Look) -> str:
        return self.styled(text, **_COLOURS[look])

    def styled(self, text: str, **style: object) -> str:
        return click.style(text, **style) if self.is_coloured and style and text.strip() else text  # type: ignore[arg-type]


def picture(view: View, paper: Paper) -> Iterator[str]:
    """Its lines."""
    yield ""
    yield paper.styled(f"{' ' * MARGIN}{view.title}", bold=True)
    yield ""
    if view.is_year:
        yield from _year(view, paper)
    else:
        is_narrow = paper.width < MARGIN + _width_of_week(NARROWEST)
        yield from _narrow_month(view, paper) if is_narrow else _month(view, paper)
    yield from _beside(view, paper)


# ---------------------------------------------------------------- a month


def _month(view: View, paper: Paper) -> Iterator[str]:
    width = min(max((paper.width - 2 * MARGIN - 6) // 7, NARROWEST), WIDEST)
    yield _row([padded(name, width) for name in WORDS[view.language].week])
    for week in view.months[0].weeks:
        yield " " * MARGIN + paper.styled("─" * _width_of_week(width), dim=True)
        cells = [_cell(day, view, width, paper) for day in week]
        yield from (_row(line) for line in zip_longest(*cells, fillvalue=" " * width))
    yield ""


def _width_of_week(day: int) -> int:
    return 7 * day + 6


def _narrow_month(view: View, paper: Paper) -> Iterator[str]:
    """As a month of the year's picture; hours and names stand beside it."""
    _title, *lines = _small(view.months[0], view, paper)
    yield from (" " * MARGIN + line for line in lines)
    yield ""


def _cell(day: Day | None, view: View, width: int, paper: Paper) -> list[str]:
    """The lines of one day, each as wide as the cell."""
    if day is None:
        return []
    head = f"{day.date.day:>2} {SIGNS[day.look]}".rstrip() + (f" {TODAY}" if day.date == view.today else "")
    lines = [head, *(short_hours(span) for span in day.spans)]
    if day.name:
        lines += _folded(echo.one_line(day.name), width)
    return [paper.in_look(padded(line, width), day.look) for line in lines]


def _folded(text: str, width: int) -> list[str]:
    """In at most two lines, broken between words; what does not fit ends in an ellipsis."""
    lines: list[str] = []
    for word in text.split():
        for piece in chop_cells(word, width):
            if lines and cell_len(f"{lines[-1]} {piece}") <= width:
                lines[-1] += f" {piece}"
            else:
                lines.append(piece)
    if len(lines) > NAME_LINES:
        last = lines[NAME_LINES - 1]
        lines = [*lines[: NAME_LINES - 1], f"{chop_cells(last, width - 1)[0]}…"]
    return lines


def _row(cells: Iterable[str]) -> str:
    return (" " * MARGIN + " ".join(cells)).rstrip()


# ---------------------------------------------------------------- a year


def _year(view: View, paper: Paper) -> Iterator[str]:
    columns = min(max((paper.width - MARGIN + GAP) // (SMALL + GAP), 1), 4)
    for at in range(0, len(view.months), columns):
        blocks = [list(_small(month, view, paper)) for month in view.months[at : at + columns]]
        for lines in zip_longest(*blocks, fillvalue=" " * SMALL):
            yield (" " * MARGIN + (" " * GAP).join(lines)).rstrip()
        yield ""


def _small(month: MonthView, view: View, paper: Paper) -> Iterator[str]:
    yield paper.styled(padded(month.title, SMALL), bold=True)
    yield "".join(padded(name, 3) for name in WORDS[view.language].week)
    yield from ("".join(_small_days(week, view, paper)) for week in month.weeks)


def _small_days(week: Week, view: View, paper: Paper) -> Iterator[str]:
    for day in week:
        if day is None:
            yield "   "
            continue
        is_plain_today = day.date == view.today and day.look in (Look.OPEN, Look.REST)
        sign = TODAY if is_plain_today else SIGNS[day.look]
        yield paper.in_look(f"{day.date.day:>2}{sign}", day.look)


# ---------------------------------------------------------------- beside the picture


def _beside(view: View, paper: Paper) -> Iterator[str]:
    words = WORDS[view.language]
    signed = [(look, said) for look, said in view.legend.items() if look is not Look.OPEN]
    legend = [paper.in_look(f"{SIGNS[look]} {said}", look) for look, said in signed]
    shown = {day.date for month in view.months for week in month.weeks for day in week if day}
    legend += [f"{TODAY} {words.today}: {phrases.day(view.today, view.language)}"] if view.today in shown else []
    yield from _flowing(legend, paper.width)
    yield from (" " * MARGIN + line for line in marked.fold(view.week, paper.width - MARGIN))
    yield ""
    if view.warning:
        yield from _warning(view.warning, paper)
    if not view.told:
        yield f"{' ' * MARGIN}{words.nothing_special}"
    for told in view.told:
        line, *more = _in_lines(echo.one_line(told.dates), echo.one_line(told.what), paper.width - MARGIN - 2)
        yield f"{' ' * MARGIN}{paper.in_look(SIGNS[told.look], told.look)} {line}"
        yield from (f"{' ' * (MARGIN + 4)}{rest}" for rest in more)


def _warning(text: str, paper: Paper) -> Iterator[str]:
    for number, line in enumerate(marked.fold(text, paper.width - MARGIN - 2)):
        yield paper.styled(f"{' ' * MARGIN}{'  ' if number else '! '}{line}", fg="yellow", bold=True)
    yield ""


def _in_lines(dates: str, what: str, width: int) -> list[str]:
    """On one line if there is room, else what it is below the dates."""
    whole = f"{dates}: {what}"
    return [whole] if cell_len(whole) <= width else [*marked.fold(f"{dates}:", width), *marked.fold(what, width - 2)]


def _flowing(parts: Iterable[str], width: int) -> Iterator[str]:
    """Side by side as far as there is room."""
    line = ""
    for part in parts:
        longer = f"{line}   {part}" if line else " " * MARGIN + part
        if line and cell_len(click.unstyle(longer)) > width:
            yield line
            longer = " " * MARGIN + part
        line = longer
    if line:
        yield line


def padded(text: str, width: int) -> str:
    """Exactly so many columns wide."""
    fitting = chop_cells(text, width)[0] if text else ""
    return fitting + " " * (width - cell_len(fitting))
