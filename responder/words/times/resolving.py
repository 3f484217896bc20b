"""Moments: what a day, a clock and a part of the day, as people name them, are in the calendar.

Pure arithmetic: it is told what was named ("Friday", "this afternoon", "5 o'clock") and when the mail arrived, and says
from when to when that is. It must not know how any of it is worded.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum

from dateutil.relativedelta import relativedelta

# ------------------------------------------------------------------------------------------------- what is named


class Part(Enum):
    """A part of the day and its hours; those after 24 are of the next day."""

    DAWN = (0, 6)
    EARLY = (5, 8)
    MORNING = (6, 12)
    NOON = (11, 13)
    AFTERNOON = (12, 18)
    EVENING = (18, 24)
    NIGHT = (21, 30)
    LATE = (14, 0)  # the last hour of work: its end is when the office closes
    FIRST = (8, 9)  # … and the first
    FIRST_AFTERNOON = (13, 14)


class Unit(Enum):
    """What lengths and calendar periods are counted in."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


class Edge(Enum):
    """Which piece of a period is meant: "đầu tuần", "mid-month", "end of the year", "the weekend"."""

    START = "start"
    MIDDLE = "middle"
    END = "end"
    WEEKEND = "weekend"


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day. `is_fixed`: it says itself which half of the day it is in (17:00, 08:00, 5 pm)."""

    hour: int
    minute: int = 0
    is_fixed: bool = False


@dataclass(frozen=True, slots=True)
class Day:
    """So many days from the day of arrival."""

    shift: int


@dataclass(frozen=True, slots=True)
class Weekday:
    """A day of the week, Monday 0; `week` counts from this week, None is the next such day.

    `is_later`: not today; `is_past`: the last such day, not the next.
    """

    number: int
    week: int | None = None
    is_later: bool = False
    is_past: bool = False


@dataclass(frozen=True, slots=True)
class Date:
    """A date as far as it was written. `months_on`: in the month so many months from this one."""

    day: int
    month: int | None = None
    year: int | None = None
    months_on: int | None = None


@dataclass(frozen=True, slots=True)
class Period:
    """A week, month, quarter or year counted from this one, or the month of that number; and which piece of it.

    `is_open`: nobody said which one; it is the first whose piece is not over.
    """

    unit: Unit
    shift: int = 0
    edge: Edge | None = None
    month: int | None = None
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class Length:
    """How long something lasts. `is_working`: in working days or hours, which only a calendar can count."""

    minutes: int = 0
    days: int = 0
    months: int = 0
    is_working: bool = False


When = Day | Weekday | Date | Period


@dataclass(frozen=True, slots=True)
class Moment:
    """What was said of one moment; at least one of the three."""

    clock: Clock | None = None
    part: Part | None = None
    when: When | None = None

    @property
    def is_whole_day(self) -> bool:
        return self.clock is None and self.part is None


@dataclass(frozen=True, slots=True)
class Stretch:
    """From when to when; both alike for a clock time."""

    begin: datetime
    finish: datetime


@dataclass(frozen=True, slots=True)
class Arrival:
    """When the mail came, in the zone of the office, and when the office closes on a date (None: it does not open)."""

    at: datetime
    closing: Callable[[date], time | None]

    @property
    def today(self) -> date:
        return self.at.date()

    def hours(self, day: date, hours: float) -> datetime:
        """So many hours of the clock after midnight."""
        return datetime.combine(day, time(), self.at.tzinfo) + timedelta(hours=hours)

    def last_closing(self, stretch: "Stretch") -> datetime | None:
        """The last time in the stretch, or in its last week, that the office is still to close."""
        last = (stretch.finish - timedelta(microseconds=1)).date()
        for day in (last - _A_DAY * back for back in range(7)):
            closing = self.closing(day)
            end = datetime.combine(day, closing, self.at.tzinfo) if closing else None
            if end and self.at < end < stretch.finish:
                return end
        return None

    def end_of(self, day: date) -> datetime:
        """The end of work on that day; midnight if there is none, or none left."""
        closing = self.closing(day)
        end = datetime.combine(day, closing, self.at.tzinfo) if closing else None
        return end if end and end > self.at else self.hours(day, 24)


# -------------------------------------------------------------------------------------------------- what it comes to


def resolve(moment: Moment, arrival: Arrival, *, is_past: bool = False) -> Stretch:
    """From when to when the moment is. `is_past`: it was the last such, not the next, where nothing tells."""
    if moment.clock and isinstance(moment.when, Period):  # "8h tuần sau" has no day, "8h this week" is the next
        moment = Moment(moment.clock, moment.part) if moment.when.shift == 0 else Moment(when=moment.when)
    days = _days(moment.when, arrival, is_past=is_past) if moment.when else None
    if moment.clock and days is None:
        at = _last(moment, arrival) if is_past else _next(moment, arrival)
        return Stretch(at, at)
    first, after = days or (_day_of(moment.part, arrival, is_past=is_past), None)
    if moment.clock:
        at = arrival.hours(first, _on_a_day(moment.clock, moment.part, first == arrival.today, arrival))
        return Stretch(at, at)
    if moment.part:
        stretch = _part(moment.part, first, arrival)
        is_over = isinstance(moment.when, Day) and moment.when.shift < 0 and stretch.begin < arrival.at
        return replace(stretch, finish=min(stretch.finish, arrival.at)) if is_over else stretch
    return Stretch(arrival.hours(first, 0), arrival.hours(after or first + _A_DAY, 0))


def later(moment: datetime, length: Length) -> datetime:
    """That much later: minutes as they pass, days and months of the calendar."""
    return _moved(moment, length, 1)


def earlier(moment: datetime, length: Length) -> datetime:
    """That much earlier."""
    return _moved(moment, length, -1)


_A_DAY = timedelta(days=1)
_OFFICE = range(7, 19)  # hours in which a time without more is meant ("3h" is 15:00)
_FORENOON = range(8, 12)  # "10h hôm nay" is 10:00 even when that is past
_DATES_BACK, _DATES_ON = timedelta(days=60), timedelta(days=305)
_DAYS_BACK = 7  # a day without a month is of this month if no longer past than this


def _moved(moment: datetime, length: Length, sign: int) -> datetime:
    calendar = moment + relativedelta(months=sign * length.months, days=sign * length.days)
    if not length.minutes:
        return calendar
    return (calendar.astimezone(UTC) + timedelta(minutes=sign * length.minutes)).astimezone(moment.tzinfo)


# -- clock and part of the day


def _fixed(clock: Clock, part: Part | None) -> int | None:
    """The hour from midnight if it is plain; over 24 for the hours after midnight of a night."""
    hour = clock.hour
    if clock.is_fixed or hour > _HALF or hour == 0:
        return 24 if hour == 0 and part in {Part.EVENING, Part.NIGHT} else hour
    match part:
        case Part.DAWN | Part.EARLY | Part.MORNING | Part.FIRST:
            return hour % _HALF if hour == _HALF and part is Part.DAWN else hour
        case Part.NOON:
            return hour if hour >= Part.NOON.value[0] - 1 else hour + _HALF
        case Part.AFTERNOON | Part.LATE | Part.FIRST_AFTERNOON | Part.EVENING:
            evening = part is Part.EVENING
            return hour + _HALF if hour < _HALF or evening else hour
        case Part.NIGHT:
            return hour + (_HALF if hour >= _NIGHT_BEGINS else 2 * _HALF)
        case _:
            return None


_HALF = 12
_NIGHT_BEGINS = 6


def _hours(clock: Clock, hour: int) -> float:
    return hour + clock.minute / 60


def _on_a_day(clock: Clock, part: Part | None, is_today: bool, arrival: Arrival) -> float:  # noqa: FBT001
    """Hours from midnight, the day being known."""
    hour = _fixed(clock, part)
    if hour is not None:
        return _hours(clock, hour)
    halves = [_hours(clock, hour) for hour in (clock.hour, clock.hour % _HALF + _HALF)]
    likely = [hours for hours in halves if int(hours) in _OFFICE] or halves
    if is_today and clock.hour not in _FORENOON:
        ahead = [hours for hours in halves if arrival.hours(arrival.today, hours) > arrival.at]
        likely = [hours for hours in likely if hours in ahead] or ahead or likely
    return likely[0]


def _around(moment: Moment, arrival: Arrival) -> list[datetime]:
    """All such times from two days ago (whose night goes on after midnight) to tomorrow."""
    clock = moment.clock
    if clock is None:
        return []
    hour = _fixed(clock, moment.part)
    hours = [clock.hour, clock.hour % _HALF + _HALF] if hour is None else [hour]
    days = (arrival.today + _A_DAY * shift for shift in (-2, -1, 0, 1))
    return sorted(arrival.hours(day, _hours(clock, each)) for day in days for each in hours)


def _next(moment: Moment, arrival: Arrival) -> datetime:
    times = [at for at in _around(moment, arrival) if at > arrival.at]
    return next((at for at in times if at.hour in _OFFICE), times[0])


def _last(moment: Moment, arrival: Arrival) -> datetime:
    times = [at for at in _around(moment, arrival) if at <= arrival.at]
    return times[-1]


def _day_of(part: Part | None, arrival: Arrival, *, is_past: bool) -> date:
    """The day of a part of the day without more: today, or the next that still has one to come."""
    if part is Part.LATE and not is_past:
        return next((day for day in _onward(arrival) if _still_opens(day, arrival)), arrival.today)
    return arrival.today


def _onward(arrival: Arrival) -> Iterator[date]:
    return (arrival.today + _A_DAY * shift for shift in range(8))


def _still_opens(day: date, arrival: Arrival) -> bool:
    closing = arrival.closing(day)
    return closing is not None and datetime.combine(day, closing, arrival.at.tzinfo) > arrival.at


def _part(part: Part, day: date, arrival: Arrival) -> Stretch:
    if part is Part.LATE:
        end = arrival.end_of(day)
        return Stretch(end, end)
    begin, finish = part.value
    if part is Part.NIGHT and day == arrival.today and arrival.at.hour < _NIGHT_BEGINS:
        return Stretch(arrival.hours(day, 0), arrival.hours(day, _NIGHT_BEGINS))  # it is that night
    return Stretch(arrival.hours(day, begin), arrival.hours(day, finish))


# -- days


def _days(when: When, arrival: Arrival, *, is_past: bool) -> tuple[date, date]:
    """The first day, and the first day after."""
    match when:
        case Day():
            first = arrival.today + _A_DAY * when.shift
        case Weekday():
            first = _weekday(when, arrival.today, is_past=is_past)
        case Date():
            first = _date(when, arrival.today, is_past=is_past)
        case Period():
            return _period(when, arrival, is_past=is_past)
    return first, first + _A_DAY


def _weekday(weekday: Weekday, today: date, *, is_past: bool) -> date:
    ahead = (weekday.number - today.weekday()) % 7
    if (is_past or weekday.is_past) and weekday.week is None:
        back = -ahead % 7
        return today - _A_DAY * (7 if weekday.is_past and back == 0 else back)
    if weekday.week is None:
        return today + _A_DAY * (ahead + 7 if weekday.is_later and ahead == 0 else ahead)
    day = _monday(today) + timedelta(weeks=weekday.week, days=weekday.number)
    return day + timedelta(weeks=1) if weekday.week == 0 and day < today else day


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _date(written: Date, today: date, *, is_past: bool) -> date:
    if written.months_on is not None:
        month = today.replace(day=1) + relativedelta(months=written.months_on)
        return month + relativedelta(day=written.day)
    if written.month is None:
        if is_past and written.day <= today.day:
            return today.replace(day=written.day)
        this = _valid(today.year, today.month, written.day)
        if this and this >= today - timedelta(days=_DAYS_BACK):
            return this
        months = (today.replace(day=1) + relativedelta(months=shift) for shift in (1, 2))
        return next(filter(None, (_valid(month.year, month.month, written.day) for month in months)), today)
    if written.year is not None:
        return _valid(written.year, written.month, written.day) or today
    years = (_valid(today.year + shift, written.month, written.day) for shift in range(-4, 5))
    days = list(filter(None, years))
    if is_past:
        return max((day for day in days if day <= today), default=today)
    near = next((day for day in days if -_DATES_BACK <= day - today <= _DATES_ON), None)
    return near or min(days, key=lambda day: abs(day - today))


def _valid(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _period(period: Period, arrival: Arrival, *, is_past: bool) -> tuple[date, date]:
    if period.is_open and not is_past:
        this = _period(replace(period, is_open=False), arrival, is_past=False)
        following = replace(period, is_open=False, shift=period.shift + 1)
        return this if this[1] > arrival.today else _period(following, arrival, is_past=False)
    begin, after = _bounds(period, arrival.today, is_past=is_past)
    if period.edge is None:
        return begin, after
    if period.unit is Unit.WEEK:
        return _piece_of_week(period.edge, begin, arrival)
    third = (after - begin) // 3
    match period.edge:
        case Edge.START:
            return begin, begin + third
        case Edge.MIDDLE:
            return begin + third, after - third
        case _:
            return after - third // 2, after


def _bounds(period: Period, today: date, *, is_past: bool) -> tuple[date, date]:
    match period.unit:
        case Unit.WEEK:
            begin = _monday(today) + timedelta(weeks=period.shift)
            return begin, begin + timedelta(weeks=1)
        case Unit.YEAR:
            begin = date(today.year + period.shift, 1, 1)
            return begin, date(begin.year + 1, 1, 1)
        case Unit.QUARTER:
            begin = date(today.year, today.month - (today.month - 1) % 3, 1) + relativedelta(months=3 * period.shift)
            return begin, begin + relativedelta(months=3)
        case _:
            begin = _month(period, today, is_past=is_past)
            return begin, begin + relativedelta(months=1)


def _month(period: Period, today: date, *, is_past: bool) -> date:
    if period.month is None:
        return today.replace(day=1) + relativedelta(months=period.shift)
    ahead = (period.month - today.month) % _YEAR
    back = 1 if is_past else _YEAR - _MONTHS_BACK
    return today.replace(day=1) + relativedelta(months=ahead - _YEAR if ahead >= back else ahead)


_YEAR = 12
_MONTHS_BACK = 3  # a month by name was this year's if no longer past than this


def _piece_of_week(edge: Edge, monday: date, arrival: Arrival) -> tuple[date, date]:
    saturday, sunday = monday + 5 * _A_DAY, monday + 6 * _A_DAY
    match edge:
        case Edge.START:
            return monday, monday + 2 * _A_DAY
        case Edge.MIDDLE:
            return monday + 2 * _A_DAY, monday + 4 * _A_DAY
        case Edge.WEEKEND:
            return saturday, sunday + _A_DAY
        case Edge.END:
            opens = [day for day in (monday + _A_DAY * shift for shift in range(7)) if arrival.closing(day)]
            last = opens[-1] if opens else sunday
            return last, last + _A_DAY
