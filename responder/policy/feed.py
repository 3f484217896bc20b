"""An iCalendar text (RFC 5545) → the days it closes. Google, Outlook and Apple write them each in their own way.

An event of whole days closes these days, whether it says busy or free (public holidays say free). So does one that
lasts from midnight to midnight by the clock it is written in, as Outlook has it. Other events with a time of day, and
cancelled ones, close nothing; they are counted. Pure: the file is somebody else's to read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from time import thread_time
from typing import Any, Final, TypeAlias
from zoneinfo import ZoneInfo

from responder.document import Wrong
from responder.policy.calendar import DayKind, DayRule

FIRST_YEAR, LAST_YEAR = 2000, 2049  # repeated events are followed within these years
MOST_OF_ONE: Final = 6_000  # repetitions of one event: every weekend of these years, but not every day
MOST: Final = 10_000  # days, or stretches of days, of one calendar
MOST_REPEATED: Final = 500  # events that repeat
PATIENCE: Final = 10.0  # seconds of work: a day that never comes is looked for up to the year 9999
_FREQUENCIES: Final = frozenset({"YEARLY", "MONTHLY", "WEEKLY", "DAILY"})
_DAY: Final = timedelta(days=1)
Event: TypeAlias = Any  # the library's: a property may be of thirty types, and what does not fit is `_DAMAGED`
_DAMAGED: Final = (ValueError, TypeError, AttributeError, LookupError, ArithmeticError)  # what the library may raise
_REMEDY: Final = "export it again as an iCalendar file (.ics)"


@dataclass(frozen=True, slots=True)
class Feed:
    """What a calendar says: the days it closes, and how many of its events close nothing."""

    rules: tuple[DayRule, ...]
    timed: int = 0  # with a time of day
    unreadable: int = 0


def read(content: bytes, zone: ZoneInfo) -> Feed:
    """Raises Wrong for what is no calendar."""
    from icalendar import Calendar  # takes its time, and few policies name a calendar

    try:
        calendars: Sequence[Any] = Calendar.from_ical(content.removeprefix(b"\xef\xbb\xbf"), multiple=True)
        events = [event for calendar in calendars for event in calendar.walk("VEVENT")]
    except _DAMAGED:
        raise Wrong("is not an iCalendar file, or is damaged", _REMEDY) from None
    if not calendars:
        raise Wrong("is not an iCalendar file", _REMEDY)
    return _Reader(events, zone).read()


class _Reader:
    def __init__(self, events: Sequence[Event], zone: ZoneInfo) -> None:
        self._events = events
        self._zone = zone
        self._moved: dict[str, set[date]] = {}  # repetitions that an event of their own stands for, by UID
        self._repeated = 0
        self._timed = 0
        self._unreadable = 0

    def read(self) -> Feed:
        for event in self._events:
            self._note_moved(event)
        rules: list[DayRule] = []
        begun = thread_time()  # of our own work: another machine's load makes no calendar unusable
        for event in self._events:
            rules += self._rules(event)
            if len(rules) > MOST:
                raise Wrong(f"has more than {MOST:,} days", "is it the right calendar?")
            if thread_time() - begun > PATIENCE:
                raise Wrong("has repetitions that take too long to follow", "is it the right calendar?")
        return Feed(in_order(rules), self._timed, self._unreadable)

    def _note_moved(self, event: Event) -> None:
        try:
            instead_of = event.get("RECURRENCE-ID")
            if instead_of is not None:
                self._moved.setdefault(str(event.get("UID")), set()).add(self._date(instead_of.dt))
        except _DAMAGED:
            return  # it is counted where its days are read

    def _rules(self, event: Event) -> tuple[DayRule, ...]:
        try:
            if str(event.get("STATUS", "")).upper() == "CANCELLED":
                return ()
            whole = self._whole_days(event)
            if whole is None:
                self._timed += 1
                return ()
            first, length = whole
            name = " ".join(str(event.get("SUMMARY", "")).split())
            return tuple(
                DayRule(day, day + length - _DAY, (), name, DayKind.FEED) for day in self._starts(event, first)
            )
        except _DAMAGED:
            self._unreadable += 1
            return ()

    def _whole_days(self, event: Event) -> tuple[date, timedelta] | None:
        """The first day, and how many; None for an event with a time of day. Its end is the day after the last."""
        start = event["DTSTART"].dt
        end = event["DTEND"].dt if "DTEND" in event else None
        if end is None:
            end = start + (event["DURATION"].dt if "DURATION" in event else _DAY if _is_date(start) else timedelta())
        if not _is_date(start):
            start, end = self._local(start), self._local(end)
            if start.time() != time() or end.time() != time() or end <= start:
                return None
        first = self._date(start)
        return first, max(self._date(end) - first, _DAY)

    def _local(self, at: datetime) -> datetime:
        """As the clock shows it that the event is written in; what is written in UTC, as the office's does."""
        return (at.astimezone(self._zone) if at.tzinfo is not None and at.tzname() == UTC.tzname(None) else at).replace(
            tzinfo=None
        )

    def _date(self, at: date) -> date:
        return self._local(at).date() if isinstance(at, datetime) else at

    def _starts(self, event: Event, first: date) -> Iterable[date]:
        """The first day of each repetition."""
        is_moved = "RECURRENCE-ID" in event
        out = {*self._dates(event.get("EXDATE")), *(() if is_moved else self._moved.get(str(event.get("UID")), ()))}
        starts = {first, *self._dates(event.get("RDATE"))}
        if "RRULE" in event and not is_moved:
            starts.update(self._repetitions(event["RRULE"], first))
        return sorted(starts - out)

    def _dates(self, written: Any) -> Iterator[date]:
        for part in written if isinstance(written, list) else [written] if written is not None else []:
            yield from (self._date(each.dt) for each in part.dts)

    def _repetitions(self, rule: Any, first: date) -> Iterator[date]:
        from dateutil.rrule import rrulestr

        self._repeated += 1
        text = rule.to_ical().decode()
        frequency, interval = str(rule["FREQ"][0]).upper(), int(rule.get("INTERVAL", [1])[0])
        if self._repeated > MOST_REPEATED or frequency not in _FREQUENCIES or interval < 1 or first.year < 1900:
            raise ValueError(text)
        repeated: Any = rrulestr(text, dtstart=datetime.combine(first, time()), ignoretz=True)
        horizon = datetime(LAST_YEAR, 12, 31)  # noqa: DTZ001 - a date; days have no zone
        if "COUNT" not in rule and ("UNTIL" not in rule or repeated._until > horizon):
            repeated = repeated.replace(until=horizon)
        within = (at.date() for at in repeated if FIRST_YEAR <= at.year <= LAST_YEAR)
        days = list(islice(within, MOST_OF_ONE + 1))
        if len(days) > MOST_OF_ONE:  # told, since days that are left out would be taken for working days
            raise ValueError(text)
        yield from days


def in_order(rules: Iterable[DayRule]) -> tuple[DayRule, ...]:
    """Each once, and always in the same order: that in which they were written says nothing."""
    return tuple(sorted(set(rules), key=lambda rule: (rule.first, rule.last, rule.name)))


def _is_date(at: date) -> bool:
    return not isinstance(at, datetime)
