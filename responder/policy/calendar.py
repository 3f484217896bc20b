"""Working time: when the office is open, why it is not, and how long a stretch of working hours lasts.

It knows a week of opening hours, the dated exceptions to it, and the office's time zone. It must not know
the clock (every time is an argument), the policy file and its YAML, holidays of any country by name, or
what anybody does with the answer.

How it works: every local date is turned once into the instants at which the office is open on that date
(a *slice*: sorted, disjoint, in UTC microseconds, cut at the midnights of that date) and kept in a bounded cache.
All questions are answered by walking over slices. Integer arithmetic makes the laws exact:
`working_between(t, add_working(t, d)) == d`.

Local times and daylight saving time: a local time in a gap moves forward by the gap; of a local time that
occurs twice, a span starts at the first and ends at the last. A date begins at the first instant of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise
from typing import Final, TypeAlias
from zoneinfo import ZoneInfo

from dateutil.tz import resolve_imaginary

__all__ = [
    "Calendar",
    "ClosedWhy",
    "Closure",
    "DayKind",
    "DayRule",
    "NoWorkingTime",
    "Period",
    "Span",
    "parse_spans",
]

_DAY: Final = 1440  # minutes
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_FIRST, _LAST = 0, 1  # which occurrence of a local time that occurs twice (the `fold` of datetime)
_EARLIEST: Final = 3  # the days datetime can still add to and subtract from; beyond them nobody works
_LATEST: Final = date.max.toordinal() - 4
_CACHED_YEARS: Final = 64
_CACHED_DAYS: Final = 4096  # eleven years, under a megabyte

_Date: TypeAlias = date  # for the class that has a field of that name
_Piece: TypeAlias = tuple[int, int]  # open from … to (exclusive), in microseconds since 1970 UTC


# --- the hours of one day -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Opening hours of one day, in minutes after local midnight of the day they start on.

    `end` is exclusive and may exceed 1440: the span then runs over midnight. 0 <= start < 1440 and
    start < end <= start + 1440, else ValueError.
    """

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < _DAY:
            raise ValueError(f"a span starts between minute 0 and {_DAY - 1} of its day, not at {self.start}")
        if not self.start < self.end <= self.start + _DAY:
            raise ValueError(f"a span lasts between 1 and {_DAY} minutes, not {self.end - self.start}")

    def __str__(self) -> str:
        end = self.end if self.end <= _DAY else self.end - _DAY
        return f"{_clock(self.start)}-{_clock(end)}"

    @classmethod
    def parse(cls, text: str) -> Span:
        """Read `08:00-17:00`, `22:00-06:00` (over midnight) or `00:00-24:00`; ValueError says in a line what is off."""
        sides = _SPAN.fullmatch(text.strip())
        if sides is None:
            raise ValueError(f'"{text.strip()}" is not a span of hours; write it like "08:00-17:00"')
        start, end = _minute(sides[1]), _minute(sides[2])
        if start == _DAY:
            raise ValueError("24:00 can only end a span; the day starts at 00:00")
        if start == end:
            raise ValueError(f'{text.strip()} starts and ends at the same time; for the whole day write "00:00-24:00"')
        return cls(start, end if end > start else end + _DAY)


_SPAN: Final = re.compile(r"([0-9]{1,2}:[0-9]{2})\s*[-–]\s*([0-9]{1,2}:[0-9]{2})")


def _minute(text: str) -> int:
    hour, minute = (int(part) for part in text.split(":"))
    if minute > 59:
        raise ValueError(f"{text} is not a time of day; minutes go from 00 to 59")
    if hour > 23 and (hour, minute) != (24, 0):
        raise ValueError(f"{text} is not a time of day; hours go from 00 to 23")
    return hour * 60 + minute


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def parse_spans(text: str) -> tuple[Span, ...]:
    """Read the hours of a day, `08:00-12:00, 13:00-17:00`, into spans sorted by start.

    ValueError, in one line, when a span cannot be read, or when two overlap (also where one runs over midnight
    into the first of the next day, since every day has the same hours). Spans that only touch are fine.
    """
    spans = tuple(sorted(Span.parse(part) for part in text.split(",")))
    for before, after in pairwise(spans):
        if before.end > after.start:
            raise ValueError(f"{before} and {after} overlap")
    if spans[-1].end - _DAY > spans[0].start:
        raise ValueError(f"{spans[-1]} runs over midnight into {spans[0]}")
    return spans


# --- the exceptions, and the answers --------------------------------------------------------------------------


class DayKind(StrEnum):
    """Where a dated exception comes from. All beat the weekday; a HOLIDAY is beaten by the others, a FEED by all."""

    FEED = "feed"  # a calendar that the policy names
    HOLIDAY = "holiday"
    OVERRIDE = "override"
    SWAP_OFF = "swap_off"
    SWAP_WORK = "swap_work"


_RANK: Final = {DayKind.HOLIDAY: 1, DayKind.FEED: 2}  # the others beat them
PUBLIC: Final = (DayKind.HOLIDAY, DayKind.FEED)


@dataclass(frozen=True, slots=True)
class DayRule:
    """The hours of the dates `first` to `last`, both included, whatever the weekday says; no spans: closed.

    A SWAP_WORK day carries the hours of the day it is swapped with. ValueError when `last` is before `first`.
    """

    first: date
    last: date
    spans: tuple[Span, ...]
    name: str
    kind: DayKind

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError(f"the range {self.first}..{self.last} ends before it begins")


class ClosedWhy(StrEnum):
    """Why the office is closed at some time."""

    BEFORE_HOURS = "before_hours"
    AFTER_HOURS = "after_hours"
    BREAK = "break"
    REST_DAY = "rest_day"  # a weekday without hours
    HOLIDAY = "holiday"
    CLOSED_DAY = "closed_day"  # closed by a dated override
    SWAPPED_OFF = "swapped_off"  # another day is worked instead
    SHORT_DAY = "short_day"  # open for part of the day by a dated exception, and now is outside that part


@dataclass(frozen=True, slots=True)
class Closure:
    """Why the office is closed.

    `name` is that of the exception ("" if there is none), `date` the local date in question, `first` and `last`
    the dates of the whole exception (for Tết its first and last day); without one both equal `date`.
    """

    why: ClosedWhy
    name: str
    date: _Date
    first: _Date
    last: _Date


@dataclass(frozen=True, slots=True)
class Period:
    """A closed period, from closing to the next opening, in the office's zone; `end` is None when none is in sight."""

    start: datetime
    end: datetime | None


class NoWorkingTime(LookupError):  # noqa: N818 – read as a sentence: add_working raises NoWorkingTime
    """The office has not enough working time within the calendar's horizon."""


# --- the calendar ---------------------------------------------------------------------------------------------


class Calendar:
    """When an office works.

    Every datetime given must be aware (ValueError otherwise); every datetime returned is in the office's zone.
    Mind that Python compares and subtracts two datetimes of the same zone by their wall clocks: convert to UTC
    where a daylight saving change may lie between them. Durations here are always elapsed time.

    The hours of a date come from its dated override (OVERRIDE, SWAP_OFF, SWAP_WORK), else its HOLIDAY, else its
    weekday; of several exceptions of the same rank the shorter one wins, then the one given later. Such a date
    belongs to its exception wholly: a span that runs over midnight into it, from a date that the exception does
    not govern, is cut at midnight.
    """

    def __init__(
        self,
        zone: ZoneInfo,
        week: Mapping[int, tuple[Span, ...]],
        rules: Iterable[DayRule],
        horizon_days: int = 400,
    ) -> None:
        """`week` gives the hours by weekday (0 = Monday; a missing one is a rest day). `horizon_days` is how many days
        ahead, and back, the calendar looks. ValueError for a weekday outside 0..6 and for a horizon below 1.
        """
        if not set(week) <= set(range(7)):
            raise ValueError(f"weekdays go from 0 (Monday) to 6, not {sorted(set(week) - set(range(7)))}")
        if horizon_days < 1:
            raise ValueError(f"the horizon is at least one day, not {horizon_days}")
        self._zone = zone
        self._week = tuple(week.get(weekday, ()) for weekday in range(7))
        latest_first = tuple(rules)[::-1]
        self._rules = tuple(sorted(latest_first, key=_precedence))
        self._horizon = horizon_days
        self._rules_of_year = lru_cache(_CACHED_YEARS)(self._of_year)
        self._slice = lru_cache(_CACHED_DAYS)(self._make_slice)
        self._shifts = lru_cache(_CACHED_DAYS)(self._make_shifts)

    @property
    def zone(self) -> ZoneInfo:
        """The office's time zone."""
        return self._zone

    # questions about a time

    def is_open(self, t: datetime) -> bool:
        """Whether the office works at `t`; it does at its opening time and no longer does at its closing time."""
        now = _micros(t)
        return any(start <= now for start, _ in self._pieces(now, 1))

    def why_closed(self, t: datetime) -> Closure | None:
        """Why the office does not work at `t`; None when it does.

        The hours of a date are those that begin on it: between a night shift's end and the evening it is BEFORE_HOURS.
        """
        if self.is_open(t):
            return None
        day = t.astimezone(self._zone).date()
        rule = self.rule_on(day)
        if rule is None:
            return Closure(self._why_by_hours(t, day, ClosedWhy.REST_DAY), "", day, day, day)
        return Closure(self._why_by_rule(t, day, rule), rule.name, day, rule.first, rule.last)

    def next_open(self, t: datetime) -> datetime | None:
        """The first time from `t` on at which the office works (`t` itself when open); None when none is in sight."""
        now = _micros(t)
        opening = next((start for start, _ in self._pieces(now, self._horizon)), None)
        return None if opening is None else self._local(max(opening, now))

    def next_close(self, t: datetime) -> datetime | None:
        """When the office next stops working (`t` itself when closed); None when it does not within the horizon."""
        now = _micros(t)
        close = now
        for start, end in self._pieces(now, self._horizon):
            if start > close:
                return self._local(close)
            close = end
        never_closes = close >= self._midnight(self._ordinal(now) + self._horizon + 1)
        return None if never_closes else self._local(close)

    def closed_period(self, t: datetime) -> Period | None:
        """The closed period around `t`, start <= t < end; None when open.

        When the office was not open within the horizon, `start` is the midnight at which the horizon begins,
        and therefore moves with `t`.
        """
        if self.is_open(t):
            return None
        return Period(self._local(self._last_close(_micros(t))), self.next_open(t))

    # working time as a quantity

    def add_working(self, t: datetime, amount: timedelta) -> datetime:
        """The earliest time by which `amount` of working time has passed since `t` (`t` itself for no time).

        ValueError for a negative amount, NoWorkingTime when the horizon has not enough.
        """
        now, left = _micros(t), amount // _MICROSECOND
        if left < 0:
            raise ValueError(f"cannot add a negative amount of working time ({amount})")
        if left == 0:
            return self._local(now)
        for start, end in self._pieces(now, self._horizon):
            begin = max(start, now)
            if begin + left <= end:
                return self._local(begin + left)
            left -= end - begin
        raise NoWorkingTime(f"fewer than {amount} of working time in the {self._horizon} days after {t.isoformat()}")

    def working_between(self, a: datetime, b: datetime) -> timedelta:
        """The working time from `a` to `b`; negative when `b` comes first. Not limited by the horizon."""
        begin, end = _micros(a), _micros(b)
        if end < begin:
            return -self.working_between(b, a)
        days = self._ordinal(end) - self._ordinal(begin) + 1
        worked = sum(max(0, min(close, end) - max(start, begin)) for start, close in self._pieces(begin, days))
        return timedelta(microseconds=worked)

    # questions about a date

    def spans_on(self, day: date) -> tuple[tuple[datetime, datetime], ...]:
        """When the office is open on that local date, from its midnight to the next, for displays.

        A night shift shows as an evening on one date and an early morning on the next.
        """
        return tuple((self._local(start), self._local(end)) for start, end in self._slice(day.toordinal()))

    @property
    def exceptions(self) -> tuple[DayRule, ...]:
        """All the dated exceptions, the one that beats the others first."""
        return self._rules

    def hours_on(self, day: date) -> tuple[Span, ...]:
        """The hours that begin on that date."""
        rule = self.rule_on(day)
        return self.hours_of_weekday(day) if rule is None else rule.spans

    def hours_of_weekday(self, day: date) -> tuple[Span, ...]:
        """The hours that the date would have without any exception."""
        return self._week[day.weekday()]

    def rule_on(self, day: date) -> DayRule | None:
        """The exception that governs that date; None when the weekday does."""
        return next((rule for rule in self._rules_of_year(day.year) if rule.first <= day <= rule.last), None)

    def _of_year(self, year: int) -> tuple[DayRule, ...]:
        """Those that may govern a day of it: a yearly day off, taken from a calendar, is an exception for each year."""
        return tuple(rule for rule in self._rules if rule.first.year <= year <= rule.last.year)

    def is_workday(self, day: date) -> bool:
        """Whether hours begin on that date (the tail of a night shift alone makes no workday)."""
        return bool(self.hours_on(day))

    def next_workday(self, t: datetime) -> date:
        """When closed at `t`, the date of the next opening (perhaps today); when open, the next workday after today.

        NoWorkingTime when the horizon has none.
        """
        opening = self.next_open(t)
        if opening is not None and not self.is_open(t):
            return opening.date()
        return self.workday_after(t.astimezone(self._zone).date())

    def workday_after(self, day: date) -> date:
        """The next date on which hours begin. NoWorkingTime when the horizon has none."""
        today = day.toordinal()
        for ordinal in range(today + 1, min(today + self._horizon, _LATEST) + 1):
            if self.is_workday(later := date.fromordinal(ordinal)):
                return later
        raise NoWorkingTime(f"no workday in the {self._horizon} days after {day.isoformat()}")

    def end_of_workday(self, day: date) -> datetime | None:
        """The last closing time of the hours that begin on that date (a night shift's: after midnight), or None."""
        shifts = self._shifts(day.toordinal())
        return self._local(shifts[-1][1]) if shifts else None

    # why closed

    def _why_by_rule(self, t: datetime, day: date, rule: DayRule) -> ClosedWhy:
        if rule.kind is DayKind.SWAP_OFF:
            return ClosedWhy.SWAPPED_OFF
        if rule.kind is DayKind.SWAP_WORK:
            return self._why_by_hours(t, day, ClosedWhy.CLOSED_DAY)
        if rule.spans:
            return ClosedWhy.SHORT_DAY
        return ClosedWhy.HOLIDAY if rule.kind in PUBLIC else ClosedWhy.CLOSED_DAY

    def _why_by_hours(self, t: datetime, day: date, without_hours: ClosedWhy) -> ClosedWhy:
        shifts = self._shifts(day.toordinal())
        now = _micros(t)
        if not shifts:
            return without_hours
        if now < shifts[0][0]:
            return ClosedWhy.BEFORE_HOURS
        return ClosedWhy.AFTER_HOURS if now >= shifts[-1][1] else ClosedWhy.BREAK

    # walking over the slices

    def _pieces(self, now: int, days: int) -> Iterator[_Piece]:
        """What is open after `now`, in order, until `days` days after its date; the first piece may have begun before.

        Where clocks are set back over midnight, a time before midnight may lie in the slice of the next date
        (never in that of the one before: a date begins at its first instant); `days` is therefore at least 1.
        """
        today = self._ordinal(now)
        for ordinal in range(today, today + days + 1):
            for piece in self._slice(ordinal):
                if piece[1] > now:
                    yield piece

    def _last_close(self, now: int) -> int:
        today = self._ordinal(now)
        for ordinal in range(today + 1, today - self._horizon - 1, -1):
            for _, end in reversed(self._slice(ordinal)):
                if end <= now:
                    return end
        return self._midnight(today - self._horizon)

    # making a slice

    def _make_slice(self, ordinal: int) -> tuple[_Piece, ...]:
        """What is open on one date: yesterday's hours that run over midnight, and its own, cut at its midnights."""
        if not _EARLIEST <= ordinal <= _LATEST:
            return ()
        begin, end = self._midnight(ordinal), self._midnight(ordinal + 1)
        shifts = (*self._shifts(ordinal - 1), *self._shifts(ordinal))
        return _merged((max(start, begin), min(close, end)) for start, close in shifts)

    def _make_shifts(self, ordinal: int) -> tuple[_Piece, ...]:
        """The hours that begin on one date; those written over midnight may leave it, if the next date lets them."""
        if not _EARLIEST <= ordinal <= _LATEST:
            return ()
        day = date.fromordinal(ordinal)
        midnight = self._midnight(ordinal + 1)
        stays = self._is_cut_at_end(day)
        shifts = []
        for span in self.hours_on(day):
            start, end = self._instant(ordinal, span.start, _FIRST), self._instant(ordinal, span.end, _LAST)
            shifts.append((start, min(end, midnight) if stays or span.end <= _DAY else end))
        return _merged(shifts)

    def _is_cut_at_end(self, day: date) -> bool:
        tomorrow = self.rule_on(day + timedelta(days=1))
        return tomorrow is not None and tomorrow is not self.rule_on(day)

    # between local times and instants

    def _midnight(self, ordinal: int) -> int:
        """The first instant of a date."""
        return self._instant(min(max(ordinal, _EARLIEST), _LATEST + 1), 0, _FIRST)

    def _instant(self, ordinal: int, minute: int, occurrence: int) -> int:
        local = datetime.combine(date.fromordinal(ordinal), time(), self._zone) + timedelta(minutes=minute)
        return _micros(resolve_imaginary(local).replace(fold=occurrence))

    def _local(self, micros: int) -> datetime:
        return (_EPOCH + timedelta(microseconds=micros)).astimezone(self._zone)

    def _ordinal(self, micros: int) -> int:
        return self._local(micros).toordinal()


def _micros(t: datetime) -> int:
    """Microseconds since 1970 UTC; ValueError for a time without a zone."""
    if t.utcoffset() is None:
        raise ValueError(f"{t.isoformat()} has no time zone")
    return (t - _EPOCH) // _MICROSECOND


def _precedence(rule: DayRule) -> tuple[int, timedelta]:
    return _RANK.get(rule.kind, 0), rule.last - rule.first


def _merged(pieces: Iterable[_Piece]) -> tuple[_Piece, ...]:
    """Sorted, without the empty ones, with overlapping and touching ones joined."""
    merged: list[_Piece] = []
    for start, end in sorted(piece for piece in pieces if piece[0] < piece[1]):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return tuple(merged)
