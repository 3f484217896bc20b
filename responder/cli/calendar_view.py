"""A month or a year as it is to be shown: weeks of days, and everything that stands beside them, in words.

The terminal and the page draw the same view. Decides nothing of a day: see `policy/almanac.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from responder.cli.calendar_words import WORDS, short_title, title
from responder.cli.times import Stretch
from responder.mail.language import Language
from responder.policy import phrases
from responder.policy.almanac import Day, Look, Occasion, days, has_public_days, occasions
from responder.policy.calendar import Span
from responder.policy.model import Policy

_WEEK = 7

Week = tuple[Day | None, ...]  # Monday to Sunday; None: a day of another month


@dataclass(frozen=True, slots=True)
class MonthView:
    title: str
    weeks: tuple[Week, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """An occasion in words: `thứ Hai, 16/02/2026 đến …`, `nghỉ`, `Tết Nguyên Đán`."""

    look: Look
    dates: str
    hours: str
    name: str

    @property
    def what(self) -> str:
        """`nghỉ (Tết Nguyên Đán)`"""
        return f"{self.hours} ({self.name})" if self.name else self.hours

    def __str__(self) -> str:
        return f"{self.dates}: {self.what}"


@dataclass(frozen=True, slots=True)
class View:
    language: Language
    title: str
    is_year: bool
    months: tuple[MonthView, ...]
    legend: Mapping[Look, str]  # of the looks that are seen
    week: str
    told: tuple[Told, ...]
    warning: str  # what makes the picture untrue, or ""
    today: date


def view(policy: Policy, stretch: Stretch, today: date, language: Language) -> View:
    words, year = WORDS[language], stretch.first.year
    month_title = short_title if stretch.is_year else title
    shown = days(policy.calendar(), stretch.first, stretch.last)
    by_month = (tuple(month) for _, month in groupby(shown, key=lambda day: day.date.month))
    seen = {day.look for day in shown}
    return View(
        language=language,
        title=words.year.format(year=year) if stretch.is_year else title(stretch.first, language),
        is_year=stretch.is_year,
        months=tuple(MonthView(month_title(month[0].date, language), tuple(_weeks(month))) for month in by_month),
        legend={look: said for look, said in words.looks.items() if look in seen},
        week=words.weekday_note.format(week="; ".join(_hours_of_the_week(policy, language))),
        told=tuple(_told(occasion, language) for occasion in occasions(shown)),
        warning="" if has_public_days(policy.calendar(), year) else words.no_table.format(year=year),
        today=today,
    )


def _weeks(month: tuple[Day, ...]) -> Iterator[Week]:
    cells: list[Day | None] = [None] * month[0].date.weekday()
    cells += month
    cells += [None] * (-len(cells) % _WEEK)
    yield from (tuple(cells[at : at + _WEEK]) for at in range(0, len(cells), _WEEK))


def _hours_of_the_week(policy: Policy, language: Language) -> Iterator[str]:
    by_hours: dict[tuple[Span, ...], list[int]] = {}
    for weekday, spans in sorted(policy.week().items()):
        by_hours.setdefault(spans, []).append(weekday)
    for spans, weekdays in by_hours.items():
        yield f"{phrases.weekdays(weekdays, language)} {phrases.hours(spans, language)}"


def _told(occasion: Occasion, language: Language) -> Told:
    dates = phrases.capital(phrases.dates(occasion.first, occasion.last, language))
    return Told(occasion.look, dates, phrases.hours(occasion.spans, language), occasion.name)


def short_hours(span: Span) -> str:
    """For a narrow cell: `8–17`, `7:30–12`."""
    return "–".join(_short(time) for time in str(span).split("-"))


def _short(time: str) -> str:
    hour, _, minute = time.partition(":")
    return f"{int(hour)}" if minute == "00" else f"{int(hour)}:{minute}"
