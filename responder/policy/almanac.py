"""The days of a month or a year as a person looks at them: open, closed, other hours than usual, and the name of why.

A policy in, days out; what they are called and how they are drawn is not known here. All of it is asked of
`calendar.py`, so that the picture shows what the daemon does.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from responder.policy.calendar import PUBLIC, Calendar, Span


class Look(StrEnum):
    """What a day is to who looks at the calendar."""

    OPEN = "open"  # as every week
    REST = "rest"  # closed, as every week
    HOLIDAY = "holiday"  # a public day off
    CLOSED = "closed"  # the office's own day off, or one taken off in exchange
    OTHER_HOURS = "other_hours"  # open, but not as every week
    EXTRA = "extra"  # open on a day of the week that is else closed


@dataclass(frozen=True, slots=True)
class Day:
    """One date: its look, the hours that begin on it, and the name of the exception that governs it, if one does."""

    date: date
    look: Look
    spans: tuple[Span, ...]
    name: str

    @property
    def is_special(self) -> bool:
        """Whether it is not as every week, or bears a name."""
        return bool(self.name) or self.look not in (Look.OPEN, Look.REST)


@dataclass(frozen=True, slots=True)
class Occasion:
    """Special days in a row that are alike, told as one: `first` to `last`, both included."""

    first: date
    last: date
    look: Look
    spans: tuple[Span, ...]
    name: str


def days(calendar: Calendar, first: date, last: date) -> tuple[Day, ...]:
    """Every date from the first to the last."""
    return tuple(_day(calendar, first + timedelta(days=number)) for number in range((last - first).days + 1))


def _day(calendar: Calendar, day: date) -> Day:
    rule, spans = calendar.rule_on(day), calendar.hours_on(day)
    usual = calendar.hours_of_weekday(day)
    if rule is None or (spans and spans == usual):
        return Day(day, Look.OPEN if spans else Look.REST, spans, rule.name if rule else "")
    if spans:
        return Day(day, Look.OTHER_HOURS if usual else Look.EXTRA, spans, rule.name)
    return Day(day, Look.HOLIDAY if rule.kind in PUBLIC else Look.CLOSED, spans, rule.name)


def has_public_days(calendar: Calendar, year: int) -> bool:
    """Is any public day off known of that year? Else the days off of the year look like working days."""
    public = (rule for rule in calendar.exceptions if rule.kind in PUBLIC)
    return any(rule.first.year <= year <= rule.last.year for rule in public)


def occasions(shown: Iterable[Day]) -> tuple[Occasion, ...]:
    """What there is to tell beside the picture."""
    found: list[Occasion] = []
    for day in shown:
        if not day.is_special:
            continue
        if found and _goes_on(found[-1], day):
            found[-1] = replace(found[-1], last=day.date)
        else:
            found.append(Occasion(day.date, day.date, day.look, day.spans, day.name))
    return tuple(found)


def _goes_on(before: Occasion, day: Day) -> bool:
    is_next = day.date - before.last == timedelta(days=1)
    return is_next and (before.look, before.spans, before.name) == (day.look, day.spans, day.name)
