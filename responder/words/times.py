"""Times: every expression of time in a text, Vietnamese or English, resolved against the arrival of the mail.

`find` reads "trước 11h trưa nay", "sáng mai 7h", "within 2 hours", "by EOD Friday" and says of each where it stands,
how what is said relates to it, and from when to when it is. It judges no sentence: whether a time is a deadline for the
office, and whether its day is a day of work, is for others.

How it works: at each word of time, a length ("2 tiếng nữa") or a moment is read, as long as words of time follow: any
of a clock time, a part of the day and a day, once each and in any order, as Vietnamese has them. What was named is then
resolved by `moments`. Without marks a word may be several ("toi", "mai", "sang"); the words beside it decide.
"""

import re
from calendar import monthrange
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, tzinfo
from typing import TypeVar

from responder.words import zones
from responder.words.moments import (
    Arrival,
    Clock,
    Date,
    Day,
    Edge,
    Length,
    Moment,
    Part,
    Period,
    Stretch,
    Unit,
    Weekday,
    When,
    earlier,
    later,
    resolve,
)
from responder.words.time_words import (
    Cue,
    DayPart,
    Found,
    Lead,
    MonthName,
    Number,
    Past,
    Relation,
    Small,
    Tail,
    WeekdayName,
    Which,
    meanings,
    starts,
)
from responder.words.tokens import Gap, Token, bare_words, spellings

__all__ = ["Relation", "TimeExpression", "find"]

# ------------------------------------------------------------------------------------------------- what is told


@dataclass(frozen=True, slots=True)
class TimeExpression:
    """A time in the text: at the tokens first … last, at the offsets start … end; words like "trước" belong to it.

    BY: `finish` is the latest moment. WITHIN: from `begin`, by `finish`. AT: then; a day or a part of it if not exact.
    FROM: from `begin` on, `finish` closes the day or part named. UNTIL: up to `finish`. AGO: wholly before the arrival
    (or lasting up to it). SPAN: no more than a length, which is `finish` − `begin`.
    `is_exact`: a clock time, or minutes or hours from now. `is_working`: the days (or, if exact, hours) were said to be
    working days or hours; here they are counted like any others.
    """

    first: int
    last: int
    start: int
    end: int
    relation: Relation
    begin: datetime
    finish: datetime
    is_exact: bool
    is_working: bool = False


def find(
    text: str, tokens: Sequence[Token], arrived: datetime, closing: Callable[[date], time | None]
) -> tuple[TimeExpression, ...]:
    """All times in the text, in its order, none within another.

    `tokens` are those of `text`; `arrived` is aware, in the zone of the office; `closing` tells when the office closes
    on a date, None if it does not open. Never raises for arrivals between the years 1900 and 2100. A text that is made
    of nothing but words of time is not read to its end.
    """
    reader = _Reader(text, tokens, Arrival(arrived, closing))
    found: list[TimeExpression] = []
    place = looks = 0
    while place < len(tokens) and looks < _MAX_LOOKS:
        looks_like_one = reader.may_start(place)
        expression = reader.expression(place) if looks_like_one else None
        zone = zones.within(text, tokens, expression.first, expression.last) if expression else None
        if expression and zone and zone.offset:
            expression = _read_elsewhere(
                text, tokens, place, Arrival(arrived.astimezone(zone.offset), closing), arrived.tzinfo
            )
        if expression:
            found.append(expression)
        place = expression.last + 1 if expression else place + 1
        looks += looks_like_one
    return tuple(found)


def _read_elsewhere(
    text: str, tokens: Sequence[Token], place: int, arrival: Arrival, office: tzinfo | None
) -> TimeExpression | None:
    """As the clock of another zone has it ("5pm GMT"), told in the time of the office."""
    there = _Reader(text, tokens, arrival).expression(place)
    return there and replace(there, begin=there.begin.astimezone(office), finish=there.finish.astimezone(office))


# ------------------------------------------------------------------------------------------------------ reading

_Kind = TypeVar("_Kind")

_MAX_LOOKS = 1_500  # places looked at closer; no letter has so many words of time

_DIGITS = re.compile(r"[0-9]{1,4}")
_CLOCK = re.compile(r"([0-9]{1,2})(?:h|g|gi?o)([0-9]{0,2})(?:p|ph|phut)?")
_MERIDIEM = re.compile(r"([0-9]{1,2}?)([0-9]{2})?(am|pm)")
_FUSED_LENGTH = re.compile(
    r"([0-9]{1,3})(?:(p|ph|phut|mins?|minutes?)|(h|hrs?|hours?|tieng)|(days?|ngay)|(w|weeks?|tuan)|(thang|months?))"
)
_FUSED_UNITS = (Unit.MINUTE, Unit.HOUR, Unit.DAY, Unit.WEEK, Unit.MONTH)
_ORDINAL = re.compile(r"([0-9]{1,2})(?:st|nd|rd|th)")
_YEARS = range(1990, 2101)


@dataclass(frozen=True, slots=True)
class _Read:
    """What was read, and the place after it."""

    moment: Moment
    after: int


class _Reader:
    """One text, read from place to place. A method that reads gives what it read and the place after, or None."""

    __slots__ = ("_arrival", "_known", "_marked", "_named", "_text", "_tokens")

    def __init__(self, text: str, tokens: Sequence[Token], arrival: Arrival) -> None:
        self._text = text
        self._tokens = tokens
        self._arrival = arrival
        self._known: dict[int, tuple[Found, ...]] = {}
        marked = sum(not token.spelling.bare for token in tokens)
        self._named: _Read | None = None  # the last day named
        self._marked = marked * _MARKED_SHARE >= len(tokens)

    def may_start(self, place: int) -> bool:
        """Whether to look closer: a number, a word of time, or one that asks for a time with such a word after it."""
        if self._is_time(place):
            token = self._tokens[place]
            return token.text[0].isdecimal() or any(self._opens(found) for found in self._meanings(place))
        return False

    def _is_time(self, place: int) -> bool:
        token = self._tokens[place]
        return token.text[0].isdecimal() or starts(token)

    def _opens(self, found: Found) -> bool:
        meaning, after = found.meaning, found.after
        if isinstance(meaning, Tail) or meaning in _NEVER_FIRST:
            return False
        asks = isinstance(meaning, Cue | Lead | Which | Edge) or meaning in _ASKING
        return not asks or isinstance(meaning, Edge) or (after < len(self._tokens) and self._is_time(after))

    # -- looking up

    def _meanings(self, place: int) -> tuple[Found, ...]:
        known = self._known.get(place)
        if known is None:
            known = meanings(self._tokens, place) if place < len(self._tokens) else ()
            self._known[place] = known
        return known

    def _take(self, place: int, kind: type[_Kind]) -> tuple[_Kind, int] | None:
        for found in self._meanings(place):
            if isinstance(found.meaning, kind):
                return found.meaning, found.after
        return None

    def _small(self, place: int, *words: Small) -> int | None:
        """The place after one of these words, or None."""
        return next((found.after for found in self._meanings(place) if found.meaning in words), None)

    def _base(self, place: int) -> str:
        return self._tokens[place].spelling.base if 0 <= place < len(self._tokens) else ""

    def _between(self, place: int) -> str:
        """What stands between the word there and the one before it."""
        if not 0 < place < len(self._tokens):
            return "\n\n"
        return self._text[self._tokens[place - 1].end : self._tokens[place].start]

    def _follows(self, place: int, at_most: Gap = Gap.LINK) -> bool:
        return place < len(self._tokens) and self._tokens[place].gap <= at_most

    def _begins_clause(self, place: int) -> bool:
        return place == 0 or self._tokens[place].gap >= Gap.COMMA or "\n" in self._between(place)

    def _ends_clause(self, after: int) -> bool:
        return after >= len(self._tokens) or self._begins_clause(after)

    def _digits(self, place: int, most: int = 9999) -> int | None:
        base = self._base(place)
        return int(base) if _DIGITS.fullmatch(base) and int(base) <= most else None

    # -- whole expressions

    def expression(self, place: int) -> TimeExpression | None:
        return self._past(place) or self._length_expression(place) or self._now(place) or self._moment_expression(place)

    def _told(self, place: int, after: int, relation: Relation, stretch: Stretch, *, exact: bool) -> TimeExpression:
        start, end = self._tokens[place].start, self._tokens[after - 1].end
        return TimeExpression(place, after - 1, start, end, relation, stretch.begin, stretch.finish, exact)

    def _past(self, place: int) -> TimeExpression | None:
        past = self._take(place, Past)
        if past is None:
            return None
        now = self._arrival.at
        return self._told(
            place, past[1], Relation.AGO, Stretch(now - timedelta(minutes=past[0].minutes), now), exact=False
        )

    def _now(self, place: int) -> TimeExpression | None:
        cue = self._take(place, Cue)
        at = cue[1] if cue and self._follows(cue[1]) and self._small(cue[1], Small.NOW) else place
        after = self._small(at, Small.NOW)
        if after is None or not self._is_now(at, after):
            return None
        return self._told(place, after, Relation.AT, Stretch(self._arrival.at, self._arrival.at), exact=True)

    def _is_now(self, place: int, after: int) -> bool:
        """A lone "giờ" is *now* only where a clause begins and no word makes it *hours*."""
        if after - place > 1 or self._base(place) not in {"gio", "hien"}:
            return True
        return self._begins_clause(place) and self._base(after) not in _HOURS_OF

    # -- lengths

    def _length_expression(self, place: int) -> TimeExpression | None:
        lead = self._take(place, Lead)
        if lead and self._follows(lead[1]):
            length = self._length(lead[1], lead[0])
            if length:
                return self._lasting(place, lead[0], *length)
        length = self._length(place, None)
        return self._lasting(place, None, *length) if length else None

    def _lasting(self, place: int, lead: Lead | None, length: Length, after: int) -> TimeExpression:
        tail = self._tail(after)
        after = tail[1] if tail else after
        relation, stretch = _lasting(self._arrival.at, length, lead, tail[0] if tail else None)
        expression = self._told(place, after, relation, stretch, exact=length.minutes > 0)
        return replace(expression, is_working=length.is_working)

    def _tail(self, after: int) -> tuple[Tail, int] | None:
        tail = self._take(after, Tail) if self._follows(after) else None
        if tail is None or tail[0] in {Tail.LATEST, Tail.ONWARD}:
            return None
        if tail[0] is Tail.BEFORE_NOW and (self._base(tail[1]) in _BEFORE_WHAT or self._moment(tail[1], company=False)):
            return None  # "2 tiếng trước khi khai mạc"
        if tail[0] is Tail.COMING and self._follows(tail[1]) and self._moment(tail[1], company=False):
            return None  # "2 ngày tới 5/12"
        if tail[0] is Tail.COMING and self._tokens[after].spelling.bare and self._base(after - 1)[-1:] == "h":
            return None  # "8h toi" is eight in the evening
        return tail

    def _length(self, place: int, lead: Lead | None) -> tuple[Length, int] | None:
        about = self._small(place, Small.ABOUT)
        at = about if about and self._follows(about) else place
        over = self._small(at, Small.OVER)
        at = over if over and self._follows(over) else at
        fused = self._fused_length(at)
        if fused is None:
            counted = self._count(at) or self._implied(at, lead, is_over=over is not None)
            fused = self._unit(*counted) if counted else None
        if fused is None:
            return None
        count, unit, after = fused
        if unit is Unit.HOUR and (self._base(at) == "may" or self._is_clock(at, count, after, lead)):
            return None
        return self._rest(count, unit, after)

    def _fused_length(self, place: int) -> tuple[float, Unit, int] | None:
        match = _FUSED_LENGTH.fullmatch(self._base(place))
        if match is None or self._is_tail_of_number(place):
            return None
        unit = next(unit for unit, group in zip(_FUSED_UNITS, match.groups()[1:], strict=True) if group)
        return float(match[1]), unit, place + 1

    def _count(self, place: int) -> tuple[float, int] | None:
        """A number, in digits or words; of a range ("3-5", "hai ba") the larger."""
        half = self._small(place, Small.HALF_OF)
        if half is not None:
            return None if self._take(place, Clock) else (0.5, half)
        word = self._take(place, Number)
        if word:
            more = self._take(word[1], Number) if self._follows(word[1]) else None
            unit = self._take(more[1], Unit) if more else None
            is_range = more and unit and more[0].value > word[0].value
            return (more[0].value, more[1]) if more and is_range else (word[0].value, word[1])
        number = self._digits(place, 999)
        if number is None or self._is_tail_of_number(place):
            return None
        return self._more_digits(float(number), place + 1)

    def _more_digits(self, number: float, after: int) -> tuple[float, int]:
        """The rest of "1,5", "1.5", "3-5", "3 - 5" or "2 đến 3"."""
        more = self._digits(after, 999)
        between = self._between(after)
        if more is not None and between in {",", "."} and more <= _DECIMAL:
            return number + more / 10, after + 1
        if more is not None and (between.strip() in _DASHES or between == ", ") and more > number:
            return float(more), after + 1
        to = self._small(after, Small.TO)
        upper = self._digits(to, 999) if to else None
        if to and upper is not None and upper > number and self._follows(to):
            return float(upper), to + 1
        return number, after

    def _is_tail_of_number(self, place: int) -> bool:
        """The last digits of "1.500", "v2.3", "HCM-02"."""
        if (
            self._between(place) == "-"
            and not self._base(place - 1)[-1:].isdecimal()
            and not self._is_time(max(place - 1, 0))
        ):
            return True
        return self._between(place) in _WITHIN_NUMBERS and self._base(place - 1)[-1:].isdecimal()

    def _implied(self, place: int, lead: Lead | None, *, is_over: bool) -> tuple[float, int] | None:
        """One that is not said: "hơn tiếng", "cả tuần", "tiếng rưỡi", "within the hour"."""
        unit = self._take(place, Unit)
        if unit and (is_over or lead is Lead.PAST) and self._base(place) not in {"gio", "h", "p"}:
            return 1.0, place
        if unit and unit[0] is Unit.HOUR and self._base(place) == "tieng" and self._small(unit[1], Small.HALF):
            return 1.0, place
        the = self._small(place, Small.THE)
        if the and lead is Lead.WITHIN and self._base(the) == "hour":
            return 1.0, the
        return None

    def _unit(self, count: float, after: int) -> tuple[float, Unit, int] | None:
        working = self._small(after, Small.WORKING)
        at = working if working and self._follows(after) else after
        unit = self._take(at, Unit) if self._follows(at) and self._between(at).strip() in {"", "-", "–"} else None
        if unit is None or self._is_not_unit(unit[0], at, unit[1]):
            return None
        return count, unit[0], unit[1]

    def _is_not_unit(self, unit: Unit, place: int, after: int) -> bool:
        """ "5 p.m.", "2 tháng 9" and "2 tiếng Anh" are no lengths."""
        match unit:
            case Unit.MINUTE:
                return self._base(place) == "p" and self._base(after) == "m" and len(self._between(after)) == 1
            case Unit.MONTH:
                month = self._digits(after, 12) if self._follows(after) else None
                return month is not None and self._base(place) == "thang" and not self._counts(after + 1)
            case Unit.HOUR:
                return self._base(place) == "tieng" and self._base(after) in _LANGUAGES
            case _:
                return False

    def _is_clock(self, place: int, count: float, after: int, lead: Lead | None) -> bool:
        """Whether "2 giờ" is two o'clock: unless something says that it is a length."""
        written = self._base(after - 1)
        if not written.endswith(("h", "gio")) or self._base(after - 2) == "tieng" or count > _DAY_HOURS:
            return False
        if self._follows(after) and self._piece_of_day(after):
            return True
        tail = self._tail(after)
        if tail and tail[0] is not Tail.SO_FAR:
            return False
        if self._small(after, Small.WORKING) or count in {0.5, float(_DAY_HOURS)} or count % 1:
            return self._between(place).endswith(":")
        return lead is None and not (self._base(place - 1) in _LASTING and self._follows(place))

    def _piece_of_day(self, place: int) -> bool:
        return any(isinstance(found.meaning, Part | DayPart | Day) for found in self._meanings(place)) and (
            self._base(place) not in _ALSO_TAILS or self._take(place, DayPart) is not None
        )

    def _rest(self, count: float, unit: Unit, after: int) -> tuple[Length, int]:
        """What follows the unit: "rưỡi", "30 phút", "làm việc"."""
        half = self._small(after, Small.HALF) if self._follows(after) else None
        if half is not None:
            count, after = count + 0.5, half
        length = _in_units(count, unit)
        if unit is Unit.HOUR and self._follows(after):
            minutes = self._digits(after, 59)
            end = self._small(after + 1, Small.MINUTES) or (self._take(after + 1, Unit) or (None, None))[1]
            if minutes is not None and end is not None and self._is_minutes(after + 1):
                length, after = replace(length, minutes=length.minutes + minutes), end
        if unit not in {Unit.DAY, Unit.HOUR}:
            return length, after
        working = self._small(after, Small.WORKING) if self._follows(after) else None
        said_before = self._small(after - 2, Small.WORKING) == after - 1
        return replace(length, is_working=said_before or working is not None), working or after

    def _is_minutes(self, place: int) -> bool:
        unit = self._take(place, Unit)
        return unit is not None and unit[0] is Unit.MINUTE

    # -- moments

    def _moment_expression(self, place: int) -> TimeExpression | None:
        cue = self._take(place, Cue)
        if cue and self._follows(cue[1]):
            at = self._joined(cue[1])
            read = self._moment(at, company=True)
            if read and read.moment.clock is None and self._base(at - 1) == "qua":
                return None  # "đẹp quá, mai em qua"
            if read is None and (cue[0].relation is Relation.WITHIN or self._base(at - 1) == "het"):
                read = self._this_unit(at)
            if read:
                return self._related(place, cue[0], read)
        read = self._moment(place, company=False)
        return self._related(place, None, read) if read else None

    def _this_unit(self, place: int) -> _Read | None:
        """ "trong ngày", "within the week": the one that is now."""
        at = self._small(place, Small.THE) or place
        unit = self._take(at, Unit)
        if unit is None or unit[0] in {Unit.MINUTE, Unit.HOUR} or self._base(at) not in _THIS_UNITS:
            return None
        if self._base(unit[1]) == "mot" and self._follows(unit[1]):
            return None  # "trong ngày một ngày hai"
        when = Day(0) if unit[0] is Unit.DAY else Period(unit[0])
        return _Read(Moment(when=when), unit[1])

    def _related(self, place: int, cue: Cue | None, read: _Read) -> TimeExpression:
        read = self._on_the_day_named(place, read)
        upper = self._upper(read, cue)
        if upper:
            stretch = self._between_ends(read.moment, upper.moment)
            exact = read.moment.clock is not None
            return self._told(place, upper.after, _placed(stretch, self._arrival.at), stretch, exact=exact)
        after, now = read.after, self._up_to_now(read.after)
        struck = read.moment.when is None and self._follows(after) and self._base(after) == "roi"
        stretch = self._one(read.moment, cue, is_past=now is not None or struck)
        exact = read.moment.clock is not None
        if now:
            return self._told(
                place, now, Relation.AGO, Stretch(min(stretch.begin, self._arrival.at), self._arrival.at), exact=False
            )
        tail = self._take(after, Tail) if self._follows(after) else None
        if tail and tail[0] is Tail.LATEST:
            cue, after = Cue(Relation.BY), tail[1]
        elif tail and tail[0] is Tail.ONWARD and self._base(after) != "on":
            cue, after = Cue(Relation.FROM), tail[1]
        relation, stretch = self._in_relation(cue, read.moment, stretch)
        return self._told(place, after, relation, stretch, exact=exact)

    def _up_to_now(self, after: int) -> int | None:
        """ "(từ sáng) đến giờ", "… tới nay"."""
        to = self._small(after, Small.TO) if self._follows(after) else None
        if to is None:
            return None
        return to + 1 if self._base(to) == "nay" else self._small(to, Small.NOW)

    def _on_the_day_named(self, place: int, read: _Read) -> _Read:
        """A time without a day is of the day named before it in the clause ("hôm qua mất điện lúc 21h")."""
        named, moment = self._named, read.moment
        if moment.when is not None:
            self._named = read if not isinstance(moment.when, Period) else None
            return read
        if moment.clock is None or named is None or place - named.after > _NAMED_REACHES:
            return read
        between = range(named.after, place + 1)
        if any(self._begins_clause(each) or self._base(each) in _CLAUSE_BEGINS for each in between):
            return read
        part = moment.part if moment.part or moment.clock.is_fixed else named.moment.part
        return _Read(replace(moment, part=part, when=named.moment.when), read.after)

    def _one(self, moment: Moment, cue: Cue | None, *, is_past: bool) -> Stretch:
        """When it is. "Từ 13h" was today if it has struck; "since" and "up to now" are of the past anyhow."""
        relation = cue.relation if cue else Relation.AT
        if is_past or relation is Relation.AGO:
            return resolve(moment, self._arrival, is_past=True)
        if relation is Relation.FROM and moment.clock and moment.when is None:
            last = resolve(moment, self._arrival, is_past=True)
            if last.begin.date() == self._arrival.today:
                return last
        return resolve(moment, self._arrival)

    def _between_ends(self, first: Moment, last: Moment) -> Stretch:
        """From the one to the other; each borrows from the other the day or the half of the day it does not name."""
        if last.when is None and first.when is not None:
            last = replace(last, when=first.when)
        if first.when is None and last.when is not None:
            first = replace(first, when=last.when)
        if first.part is None and first.clock and not first.clock.is_fixed:
            first = _alike(first, last)
        if first.clock and first.clock.hour in _LATE_HOURS and last.clock and last.part is None:
            last = replace(last, clock=replace(last.clock, is_fixed=True))  # "22h-6h"
        finish = resolve(last, self._arrival).finish
        if first.when is None and first.clock:
            begin = resolve(first, replace(self._arrival, at=finish), is_past=True).begin
        else:
            begin = resolve(first, self._arrival).begin
        if begin > finish and _are_days_of_a_month(first.when, last.when):
            begin = earlier(begin, Length(months=1))
        step = timedelta(days=7 if isinstance(last.when, Weekday) else 1)
        return Stretch(begin, finish if finish >= begin else max(begin, finish + step))

    def _upper(self, read: _Read, cue: Cue | None) -> _Read | None:
        """The other end of "8h-11h", "từ 2h đến 4h", "thứ 2 - thứ 6"."""
        after = read.after
        to = self._small(after, Small.TO) if self._follows(after) else None
        if to is None:
            dashed = after < len(self._tokens) and self._between(after).strip() in _DASHES
            to = after if dashed else None
        if to is None and cue and cue.relation is Relation.FROM and self._follows(after, Gap.COMMA):
            to = self._small(after, Small.TO)
        if to is None or not self._follows(to):
            return None
        upper = self._upper_end(self._joined(to), read.moment)
        return upper if upper and _are_alike(read.moment, upper.moment) else None

    def _upper_end(self, place: int, first: Moment) -> _Read | None:
        """After a day only a day: "T2-T6 8h-17h" are two ranges."""
        if isinstance(first.when, Weekday) and first.is_whole_day:
            when = self._when(place, company=True)
            return _Read(Moment(when=when[0]), when[1]) if when else None
        return self._moment(place, company=True)

    def _in_relation(self, cue: Cue | None, moment: Moment, stretch: Stretch) -> tuple[Relation, Stretch]:
        now = self._arrival.at
        relation = cue.relation if cue else Relation.AT
        match relation:
            case Relation.BY:
                eve = _eve(moment, stretch) if cue and cue.is_strict else now
                by = eve if eve > now and not _is_end(moment) else self._deadline(stretch)
                return relation, Stretch(min(now, by), by)
            case Relation.WITHIN:
                if stretch.finish <= now:
                    return Relation.AGO, stretch
                by = self._deadline(stretch)
                return relation, Stretch(min(max(stretch.begin, now), by), by)
            case Relation.UNTIL:
                return relation, Stretch(min(now, stretch.finish), stretch.finish)
            case Relation.FROM if stretch.begin > now or (moment.is_whole_day and stretch.finish > now):
                return relation, stretch
            case Relation.FROM:
                return Relation.AGO, Stretch(stretch.begin, now)
            case Relation.AGO if stretch.begin <= now:
                return relation, Stretch(stretch.begin, now)
            case _:
                return _placed(stretch, now), stretch

    def _deadline(self, stretch: Stretch) -> datetime:
        """When work for it has to be done: when the office closes, if it does so before the stretch is over."""
        closing = self._arrival.last_closing(stretch)
        return closing if closing and stretch.begin < closing < stretch.finish else stretch.finish

    def _joined(self, place: int) -> int:
        joiner = self._small(place, Small.JOINER)
        return joiner if joiner is not None and self._follows(joiner) else place

    def _moment(self, place: int, *, company: bool) -> _Read | None:
        """As many pieces as belong together. `company`: a word before says that a time comes."""
        moment, after = Moment(), place
        ranged = self._bare_range(place, company=company)
        if ranged:
            return ranged
        while after < len(self._tokens):
            is_first = after == place
            if not is_first and not self._follows(after, Gap.LINK if self._base(after) == "nay" else Gap.COMMA):
                break
            at = after if is_first else self._joined(after)
            piece = self._piece(at, moment, company=company or not is_first)
            if piece is None:
                break
            moment, after = piece.moment, piece.after
            zone = zones.behind(self._text, self._tokens, after) if moment.clock else None
            after = zone.last + 1 if zone else after
        return _Read(moment, after) if after > place else None

    def _bare_range(self, place: int, *, company: bool) -> _Read | None:
        """The lower end of "2-4pm", "24-26/11", "từ 2 đến 4h", which borrows from the upper what it is."""
        number = self._digits(place, 31)
        if number is None or self._is_tail_of_number(place):
            return None
        to = self._small(place + 1, Small.TO) if company and self._follows(place + 1) else None
        if to is None and self._between(place + 1).strip() in _DASHES:
            to = place + 1
        if to is None or self._digits(place, 31) is None:
            return None
        clock = self._clock(to, company=False)
        if clock and 0 < number <= clock[0].hour + _HALF_DAY and number <= _DAY_HOURS:
            return _Read(Moment(clock=Clock(number)), place + 1)
        upper = self._written_date(to, company=True)
        if upper and upper[0].month and number < upper[0].day and not self._written_date(place, company=company):
            return _Read(Moment(when=replace(upper[0], day=number)), place + 1)
        return None

    def _piece(self, place: int, moment: Moment, *, company: bool) -> _Read | None:
        when = self._when(place, company=company)
        if when and _may_join(moment.when, when[0]):
            better = when[0] if moment.when is None or _rank(when[0]) > _rank(moment.when) else moment.when
            return _Read(replace(moment, when=better), when[1])
        if moment.clock is None:
            clock = self._clock(place, company=company)
            if clock:
                return _Read(replace(moment, clock=clock[0]), clock[1])
        return self._part_of_day(place, moment, company=company)

    def _part_of_day(self, place: int, moment: Moment, *, company: bool) -> _Read | None:
        if moment.part is not None:
            return None
        both = self._take(place, DayPart)
        if both and moment.when is None and self._is_day_part(place, both[1]):
            return _Read(replace(moment, part=both[0].part, when=Day(both[0].shift)), both[1])
        part = self._take(place, Part)
        if part and self._is_part(place, part[1], moment, company=company):
            return _Read(replace(moment, part=part[0]), part[1])
        return None

    def _is_day_part(self, place: int, after: int) -> bool:
        """Not "đổi sang mai" (over to tomorrow) or "tôi qua lấy hàng" (I come over) typed without marks."""
        first, second = self._tokens[place].spelling, self._base(after - 1)
        if first in _OTHER_WORDS:
            return False
        if not first.bare:
            return second != "qua" or self._base(after) not in _COMING_OVER
        if first.base == "sang" and (self._marked or self._base(place - 1) in _MOVING):
            return False
        if first.base == "toi" and second == "mai" and self._base(place - 1) in _MOVING:
            return False
        return second != "qua" or (self._base(after) not in _COMING_OVER and not self._marked)

    def _is_part(self, place: int, after: int, moment: Moment, *, company: bool) -> bool:
        """Whether it is a part of a day: alone, words such as "sáng" and "tối" need their marks and some company."""
        base, spelling = self._base(place), self._tokens[place].spelling
        if after - place > 1 or base not in _DOUBTFUL_PARTS:
            return True
        if base in _PLAIN_PARTS:
            return bool(moment.clock or moment.when) or self._base(place - 1) in _BEFORE_PLAIN
        if base == "toi" and not spelling.tones:
            return spelling.bare and self._is_evening(after, moment)
        if spelling.bare and self._base(place - 1) in _SINCE:
            return True  # "tu sang den gio"
        if base == "sang" and spelling.bare and (self._marked or moment.clock is None):
            return not self._marked and self._begins_clause(place) and self._clock(after, company=False) is not None
        if moment.clock or moment.when:
            return True
        if spelling.bare and self._follows(after) and self._clock(after, company=False):
            return True  # "chieu 5h"
        if spelling not in _PART_SPELLINGS or self._base(after) in _NOT_PARTS_BEFORE:
            return False
        day = self._when(after, company=True) if self._follows(after) else None
        return company or day is not None or self._begins_clause(place) or self._base(place - 1) in _PART_AFTER

    def _is_evening(self, after: int, moment: Moment) -> bool:
        """ "8h toi" is in the evening, before a verb it is rather "tôi" (I), before a number "tới" (to)."""
        if moment.clock is None and moment.when is None:
            return False
        if moment.clock and moment.clock.hour not in _EVENING_HOURS:
            return False
        if self._ends_clause(after):
            return True
        if self._clock(after, company=False):
            return moment.clock is None
        return self._when(after, company=True) is not None or (
            moment.clock is not None and self._base(after) in _TITLES
        )

    # -- days

    def _when(self, place: int, *, company: bool) -> tuple[When, int] | None:
        return (
            self._day(place, company=company)
            or self._date(place, company=company)
            or self._period(place)
            or self._weekday(place, company=company)
        )

    def _day(self, place: int, *, company: bool) -> tuple[Day, int] | None:
        day = self._take(place, Day)
        if day is None:
            return None
        lone = self._base(place) if day[1] - place == 1 else ""
        if lone == "mot" and self._base(place - 1) == "mai":
            return None  # "mai mốt" is some day
        if lone in {"mai", "moi"}:
            return day if self._is_tomorrow(place, company=company) else None
        if lone == "nay":
            return day if self._is_today(place, company=company) else None
        return day

    def _is_tomorrow(self, place: int, *, company: bool) -> bool:
        """Whether "mai" is no name, and not the end of "khuyến mãi" or "gọi mãi" typed without marks."""
        token, before, after = self._tokens[place], self._base(place - 1), self._base(place + 1)
        joined = self._follows(place)
        if token.spelling.base == "moi":
            return company and not token.spelling.bare and any(run.marks for run in token.spelling.runs)
        if after in _MAI_AFTER and self._follows(place + 1):
            return False
        if joined and (before in _MAI_BEFORE or (before in _ON_AND_ON and not self._marked)):
            return False
        if token.text[:1].isupper() and not token.text.isupper():
            return self._is_capital_tomorrow(place)
        return before not in _TITLES_ONLY or not joined

    def _is_capital_tomorrow(self, place: int) -> bool:
        """ "Mai" with a capital is tomorrow where a sentence begins and goes on."""
        follows = self._follows(place + 1, Gap.COMMA) and "\n" not in self._between(place + 1)
        capital = follows and self._tokens[place + 1].text[0].isupper()
        return self._begins_clause(place) and follows and not capital

    def _is_today(self, place: int, *, company: bool) -> bool:
        """Whether "nay" is today, not "này" typed without marks or the end of "lâu nay"."""
        if self._base(place - 1) in _NAY_BEFORE and self._follows(place):
            return False
        if self._begins_clause(place):
            return True
        return self._marked and (company or self._base(place - 1) in _TITLES)

    def _weekday(self, place: int, *, company: bool) -> tuple[Weekday, int] | None:
        before = self._take(place, Which)
        english = before is not None and self._base(place) in _ENGLISH_WHICH
        at = before[1] if before and english else self._small(place, Small.DAY_OF) or place
        if not self._follows(at) and at != place:
            return None
        name = self._take(at, WeekdayName)
        if name is None:
            return None
        after = self._take(name[1], Which) if self._follows(name[1]) else None
        which = before if before and english else after if after and self._is_which(name[1], after[1]) else None
        near = company or which is not None or at != place
        if (which is None or self._base(name[1]) in _ALSO_NOT_WHICH) and not self._is_weekday(at, name, near=near):
            return None
        if which is None and self._base(place) in _THAT_DAY:
            return Weekday(name[0].number, is_past=True), name[1]
        week, is_later = (which[0].week, which[0].is_later) if which else (None, False)
        end = max(name[1], which[1]) if which else name[1]
        return Weekday(name[0].number, week, is_later), end

    def _is_which(self, place: int, after: int) -> bool:
        """Not the "trước" of "thứ 6 trước 5h", the "sau" of "sau khi", the "rồi" that ends a sentence."""
        if after - place > 1 or self._base(place) not in {"truoc", "sau", "roi", "toi", "last", "next", "following"}:
            return self._base(place) not in _ENGLISH_WHICH
        if self._base(place) in _ENGLISH_WHICH or self._base(after)[:1].isdecimal():
            return False
        if self._base(place) == "roi":
            return not self._ends_clause(after)
        return not (self._follows(after) and (self._base(after) in {"khi", "do", "nay", "mai"} or
                                              self._take(after, Part) is not None))  # fmt: skip

    def _is_weekday(self, place: int, name: tuple[WeekdayName, int], *, near: bool) -> bool:
        """Whether it is no ordinal ("lần thứ 2", "Thứ hai, …"), no floor or branch ("CN Đà Nẵng"), no verb ("sat")."""
        first, before = self._tokens[place], self._base(place - 1)
        if name[0].is_doubtful:
            ranged = self._between(name[1]).strip() in _DASHES and self._take(name[1], WeekdayName) is not None
            ranged = ranged or (self._follows(name[1], Gap.COMMA) and self._date(name[1], company=True) is not None)
            return (
                near
                or ranged
                or (self._follows(name[1], Gap.COMMA) and self._clock(name[1], company=False) is not None)
            )
        if first.spelling.base != "thu":
            return True
        if self._base(name[1]) == "roi" and self._ends_clause(name[1] + 1):
            return False  # "lần thứ hai rồi"
        if self._follows(place) and before in _COUNTED:
            return False
        if first.spelling.bare and (self._marked or self._base(name[1]) in _COLLECTED):
            return False
        enumerates = self._begins_clause(place) and self._base(name[1]) in {"la", "nhat"}
        lists = self._begins_clause(place) and not near and self._between(name[1])[:1] in {",", ":"}
        return not (enumerates or (lists and self._base(place + 1) in {"hai", "ba", "tu", "nam"}))

    def _period(self, place: int) -> tuple[Period, int] | None:
        before = self._take(place, Which) if self._base(place) in _ENGLISH_WHICH else None
        at = before[1] if before else place
        edge = self._take(at, Edge)
        at = edge[1] if edge and self._follows(edge[1]) else at
        shift = (before[0].week or 0) if before else 0
        if edge and edge[0] is Edge.WEEKEND:
            after = self._take(edge[1], Which) if self._follows(edge[1]) and not before else None
            if after and self._base(edge[1]) in _ENGLISH_WHICH:
                after = None
            shift = self._week_of(after[0]) if after else shift
            return Period(Unit.WEEK, shift, Edge.WEEKEND), after[1] if after else edge[1]
        if before and not edge:
            return self._take(place, Period)
        period = self._take(at, Period) or self._month(at) or (self._plain_period(at) if edge else None)
        if period is None:
            return None
        return replace(period[0], edge=edge[0] if edge else None), period[1]

    def _week_of(self, which: Which) -> int:
        return which.week if which.week is not None else 0

    def _month(self, place: int) -> tuple[Period, int] | None:
        """ "tháng 11", "November" after "early", "tháng 11/2026" without its year."""
        after = self._small(place, Small.MONTH_OF)
        number = self._digits(after, 12) if after and self._follows(after) else None
        if after is None or not number or self._counts(after + 1):
            return None
        of_year = self._small(after + 1, Small.YEAR_OF) or (after + 1 if self._between(after + 1) == "/" else None)
        year = self._digits(of_year) if of_year else None
        return Period(Unit.MONTH, month=number), of_year + 1 if of_year and year in _YEARS else after + 1

    def _counts(self, place: int) -> bool:
        """Whether a unit follows ("2 tháng 10 ngày"), which is not the "năm" before a year."""
        unit = self._take(place, Unit) if self._follows(place) else None
        return unit is not None and unit[0] is not Unit.YEAR

    def _plain_period(self, place: int) -> tuple[Period, int] | None:
        unit = self._take(self._small(place, Small.THE) or place, Unit)
        if unit is None or unit[0] not in {Unit.WEEK, Unit.MONTH, Unit.YEAR}:
            return None
        return Period(unit[0], is_open=True), unit[1]

    # -- dates

    def _date(self, place: int, *, company: bool) -> tuple[Date, int] | None:
        of = self._small(place, Small.DAY_OF)
        if of is not None and self._follows(of):
            return self._written_date(of, company=True) or self._spoken_date(of) or self._numbered_day(of)
        spoken = self._spoken_date(place) or self._english_date(place, company=company)
        return spoken or self._written_date(place, company=company)

    def _numbered_day(self, place: int) -> tuple[Date, int] | None:
        """ "ngày 24"."""
        day = self._digits(place, 31)
        if not day or (self._follows(place + 1) and self._base(place + 1) in _TIMES_A_DAY):
            return None
        if self._between(place + 1)[:1] in {"/", "-", ".", ":"} and self._base(place + 1)[:1].isdecimal():
            return None
        month = self._take(place + 1, Period) if self._follows(place + 1) else None
        if month and month[0].unit is Unit.MONTH and month[0].month is None:
            return Date(day, months_on=month[0].shift), month[1]
        return Date(day), place + 1

    def _spoken_date(self, place: int) -> tuple[Date, int] | None:
        """ "24 tháng 11 năm 2026"."""
        day = self._digits(place, 31)
        of = self._small(place + 1, Small.MONTH_OF) if day and self._follows(place + 1) else None
        month = self._month_number(of) if of else None
        if not day or not month or not _is_date(day, month[0]) or self._counts(month[1]):
            return None
        of_year = self._small(month[1], Small.YEAR_OF) if self._follows(month[1]) else None
        if of_year is None and self._between(month[1]) in {"/", "-"}:
            of_year = month[1]
        if of_year is None:
            return self._with_year(Date(day, month[0]), month[1])
        year = self._digits(of_year)
        return (Date(day, month[0], year), of_year + 1) if year in _YEARS else (Date(day, month[0]), month[1])

    def _month_number(self, place: int) -> tuple[int, int] | None:
        """ "11" or "Mười Một"."""
        number = self._digits(place, _MONTHS_A_YEAR)
        if number:
            return number, place + 1
        word = self._take(place, Number)
        return (int(word[0].value), word[1]) if word and 0 < word[0].value <= _MONTHS_A_YEAR else None

    def _english_date(self, place: int, *, company: bool) -> tuple[Date, int] | None:
        """ "24 Nov", "the 24th of November", "Nov 24th, 2026", "on the 24th"."""
        at = self._small(place, Small.THE) or place
        day = self._ordinal(at)
        if day is not None:
            of = self._small(at + 1, Small.OF) or at + 1
            month = self._english_month(of) if self._follows(of) else None
            if month and _is_date(day, month):
                return self._with_year(Date(day, month), of + 1)
            named = company and _ORDINAL.fullmatch(self._base(at)) and self._base(at + 1) not in _NUMBERED_THINGS
            return (Date(day), at + 1) if named else None
        month = self._english_month(place)
        day = self._ordinal(place + 1) if month and self._follows(place + 1) else None
        return self._with_year(Date(day, month), place + 2) if month and day and _is_date(day, month) else None

    def _ordinal(self, place: int) -> int | None:
        match = _ORDINAL.fullmatch(self._base(place))
        day = int(match[1]) if match else self._digits(place, 31)
        return day if day and 0 < day <= _MONTH_DAYS and not self._is_tail_of_number(place) else None

    def _english_month(self, place: int) -> int | None:
        month = self._take(place, MonthName)
        if month is None or (self._base(place) in _MONTHS_TOO and not self._tokens[place].text[0].isupper()):
            return None
        return month[0].number

    def _with_year(self, day: Date, after: int) -> tuple[Date, int]:
        year = self._digits(after) if self._follows(after, Gap.COMMA) else None
        return (replace(day, year=year), after + 1) if year in _YEARS else (day, after)

    def _written_date(self, place: int, *, company: bool) -> tuple[Date, int] | None:
        """ "24/11", "24-11" in company, "24.11.2026", "2026-11-24"."""
        first, second = self._digits(place), self._digits(place + 1)
        mark = self._between(place + 1)
        if first is None or second is None or mark not in _DATE_MARKS or self._is_tail_of_number(place):
            return None
        third = self._digits(place + 2) if self._between(place + 2) == mark else None
        if first in _YEARS and third is not None:
            return (Date(third, second, first), place + 3) if _is_date(third, second) else None
        day, month = (second, first) if second > _MONTHS_A_YEAR >= first else (first, second)
        if not _is_date(day, month) or (self._base(place - 1) in _NUMBERED and self._follows(place)):
            return None
        year = _year(third)
        if third is not None:
            return (Date(day, month, year), place + 3) if year else None
        if self._goes_on(place + 2) or not self._is_short_date(first, second, mark, company=company):
            return None
        return Date(day, month), place + 2

    def _goes_on(self, after: int) -> bool:
        """A number such as 12/3/HĐ or 12/3-4 is of a paper or a house."""
        return self._between(after) in _DATE_MARKS and after < len(self._tokens)

    def _is_short_date(self, first: int, second: int, mark: str, *, company: bool) -> bool:
        """Without a year: not round the clock (24/7), not a fraction (1/2 cái), not a range (8-10 cái)."""
        if (first, second) == (24, 7) or mark == ".":
            return False
        return company or (mark == "/" and not (first < second and second in _FRACTIONS))

    # -- clock times

    def _clock(self, place: int, *, company: bool) -> tuple[Clock, int] | None:
        named = self._take(place, Clock)
        if named:
            return named
        if place >= len(self._tokens) or self._is_tail_of_number(place):
            return None
        return (
            self._fused_clock(place)
            or self._colon_clock(place)
            or self._spoken_clock(place)
            or self._english_clock(place)
            or (self._bare_clock(place) if company else None)
        )

    def _fused_clock(self, place: int) -> tuple[Clock, int] | None:
        base = self._base(place)
        match = _CLOCK.fullmatch(base)
        if match and (base not in _NETWORKS or self._piece_of_day(place + 1)):
            clock = _clock(int(match[1]), int(match[2] or 0), is_fixed=base.startswith("0"))
            return self._minutes(clock, place + 1) if clock else None
        meridiem = _MERIDIEM.fullmatch(base)
        if meridiem:
            clock = _half(_clock(int(meridiem[1]), int(meridiem[2] or 0)), meridiem[3])
            return (clock, place + 1) if clock else None
        return None

    def _colon_clock(self, place: int) -> tuple[Clock, int] | None:
        """ "11:30", "5:30pm"; "5.30 pm" only with its half of the day."""
        hour, mark = self._digits(place, 24), self._between(place + 1)
        if hour is None or mark not in {":", "."}:
            return None
        base = self._base(place + 1)
        minutes, half = base[:2], base[2:]
        if (
            not minutes.isascii()
            or not minutes.isdecimal()
            or len(minutes) != len("00")
            or half not in {"", "am", "pm"}
        ):
            return None
        clock = _clock(hour, int(minutes), is_fixed=self._base(place).startswith("0"))
        after = place + 2
        if self._between(after) == ":" and self._digits(after, 59) is not None:
            after += 1
        if clock is None:
            return None
        halved = (_half(clock, half), after) if half else self._meridiem(clock, after)
        if mark == ".":
            return (halved[0], halved[1]) if halved and halved[0] else None
        return (halved[0], halved[1]) if halved and halved[0] else (clock, after)

    def _spoken_clock(self, place: int) -> tuple[Clock, int] | None:
        """ "11 giờ", "ba giờ rưỡi", "5 o'clock"."""
        number = self._digits(place, 24)
        word = self._take(place, Number) if number is None else None
        if word and (word[0].is_vague or word[1] - place > 2):
            return None
        hour, after = (
            (number, place + 1) if number is not None else (int(word[0].value), word[1]) if word else (None, 0)
        )
        of = self._small(after, Small.OCLOCK) if hour is not None and self._follows(after) else None
        if hour is None or of is None:
            return None
        clock = _clock(hour, 0, is_fixed=self._base(place).startswith("0"))
        return self._minutes(clock, of) if clock else None

    def _minutes(self, clock: Clock, after: int) -> tuple[Clock, int] | None:
        """What may follow the hour: "rưỡi", "kém 15", "30", "30 phút", "pm"."""
        half = self._small(after, Small.HALF) if self._follows(after) else None
        if half is not None:
            return replace(clock, minute=30), half
        lacking = self._small(after, Small.LACKING) if self._follows(after) else None
        less = self._digits(lacking, 59) if lacking else None
        if lacking and less:
            clock = Clock((clock.hour - 1) % _DAY_HOURS or _DAY_HOURS, 60 - less, clock.is_fixed)
            return clock, self._small(lacking + 1, Small.MINUTES) or lacking + 1
        minutes = self._digits(after, 59) if self._follows(after) and clock.minute == 0 else None
        if minutes is not None and len(self._base(after)) == len("00") and self._between(after) in {" ", ":", ""}:
            end = self._small(after + 1, Small.MINUTES) if self._follows(after + 1) else None
            if end or self._ends_clause(after + 1) or self._piece_of_day(after + 1):
                return replace(clock, minute=minutes), end or after + 1
        return self._meridiem(clock, after) or (clock, after)

    def _meridiem(self, clock: Clock, after: int) -> tuple[Clock, int] | None:
        for half, word in (("am", Small.AM), ("pm", Small.PM)):
            end = self._small(after, word) if self._follows(after) else None
            if end is None and self._base(after) == half[0] and self._base(after + 1) == "m":
                end = after + 2 if self._between(after + 1) in {".", ". "} and self._follows(after) else None
            halved = _half(clock, half) if end else None
            if end and halved:
                return halved, end
        return None

    def _english_clock(self, place: int) -> tuple[Clock, int] | None:
        """ "5 pm", "half past five", "quarter to six"."""
        hour = self._digits(place, 12)
        if hour:
            return self._meridiem(Clock(hour), place + 1)
        half = self._small(place, Small.HALF_OF) if self._base(place) == "half" else None
        minute, after = (30, half) if half else (15, self._small(place, Small.QUARTER))
        if after is None:
            return None
        past, to = self._small(after, Small.PAST_HOUR), self._base(after) == "to"
        at = past or (after + 1 if to else None)
        number = self._take(at, Number) if at else None
        hour = int(number[0].value) if number else self._digits(at, 12) if at else None
        if not at or not hour or hour > _HALF_DAY:
            return None
        clock = Clock(hour, minute) if past else Clock((hour - 2) % _HALF_DAY + 1, 60 - minute)
        end = number[1] if number else at + 1
        return self._meridiem(clock, end) or (clock, end)

    def _bare_clock(self, place: int) -> tuple[Clock, int] | None:
        """A mere number after a word that asks for a time, with a part of the day or a day after it: "by 5 today"."""
        hour = self._digits(place, 24)
        number = self._take(place, Number) if hour is None else None
        after = number[1] if number else place + 1
        hour = int(number[0].value) if number and not number[0].is_vague else hour
        if not hour or hour > _DAY_HOURS:
            return None
        half = self._small(after, Small.HALF) if self._follows(after) else None
        clock, after = (Clock(hour, 30), half) if half else (Clock(hour), after)
        joined = self._joined(after)
        follows = self._follows(after) and any(
            isinstance(found.meaning, DayPart | Day | WeekdayName | Part) and self._base(joined) != "nay"
            for found in self._meanings(joined)
        )
        said_at = self._base(place - 1) in _SAID_AT and self._ends_clause(after)
        return (clock, after) if follows or half or said_at else None


# -------------------------------------------------------------------------------------------------- small judgements


def _lasting(now: datetime, length: Length, lead: Lead | None, tail: Tail | None) -> tuple[Relation, Stretch]:
    """How a length stands to now."""
    match lead, tail:
        case Lead.AGO, _:
            return Relation.AGO, Stretch(earlier(now, length), earlier(now, length))
        case (_, Tail.SO_FAR) | (Lead.PAST | Lead.SO_LONG, _):
            return Relation.AGO, Stretch(earlier(now, length), now)
        case None | Lead.IN, Tail.BEFORE_NOW:
            return Relation.AGO, Stretch(earlier(now, length), earlier(now, length))
        case (Lead.WITHIN, _) | (_, Tail.COMING | Tail.LEFT) | (Lead.LEFT, Tail.AHEAD):
            return Relation.WITHIN, Stretch(now, later(now, length))
        case (Lead.IN, _) | (_, Tail.AHEAD):
            return Relation.AT, Stretch(later(now, length), later(now, length))
        case Lead.LEFT, _:
            return Relation.WITHIN, Stretch(now, later(now, length))
        case _:
            return Relation.SPAN, Stretch(now, later(now, length))


def _in_units(count: float, unit: Unit) -> Length:
    match unit:
        case Unit.MINUTE:
            return Length(minutes=round(count))
        case Unit.HOUR:
            return Length(minutes=round(count * 60))
        case Unit.DAY | Unit.WEEK:
            days = count * (7 if unit is Unit.WEEK else 1)
            return Length(days=int(days), minutes=round(days % 1 * 1440))
        case _:
            months = count * (12 if unit is Unit.YEAR else 1)
            return Length(months=int(months), days=round(months % 1 * 30))


def _eve(moment: Moment, stretch: Stretch) -> datetime:
    """The last moment before it; before noon is before twelve."""
    return stretch.begin + timedelta(hours=1) if moment.part is Part.NOON and not moment.clock else stretch.begin


def _is_end(moment: Moment) -> bool:
    """ "Before the end of the month" does not mean before its last days begin."""
    return isinstance(moment.when, Period) and moment.when.edge is Edge.END


def _placed(stretch: Stretch, now: datetime) -> Relation:
    return Relation.AGO if stretch.finish <= now and stretch.begin < now else Relation.AT


def _alike(first: Moment, last: Moment) -> Moment:
    """The lower end of "2-4pm" and "2h-4h chiều" in the same half of the day as the upper, if it is then the lower."""
    if first.clock is None or last.clock is None:
        return first
    if last.clock.is_fixed and last.clock.hour >= _HALF_DAY:
        hour = first.clock.hour % _HALF_DAY + _HALF_DAY
        return (
            replace(first, clock=replace(first.clock, hour=hour, is_fixed=True)) if hour <= last.clock.hour else first
        )
    return replace(first, part=last.part) if first.clock.hour <= last.clock.hour else first


def _are_alike(first: Moment, last: Moment) -> bool:
    """Two clock times, two days, or two parts of days: what can be the ends of one range."""
    if (first.clock is None) != (last.clock is None):
        return False
    if first.clock is not None:
        return True
    return (first.when is None) == (last.when is None) or (first.part is not None and last.part is not None)


def _are_days_of_a_month(first: When | None, last: When | None) -> bool:
    """Both without their month: "từ ngày 3 đến ngày 19"."""
    return all(isinstance(each, Date) and each.month is None for each in (first, last))


def _may_join(first: When | None, second: When) -> bool:
    """Two names of one day: "thứ 6, 24/11"; not two days: "hôm nay, mai"."""
    if first is None:
        return True
    return type(first) is not type(second) and not isinstance(first, Period) and not isinstance(second, Period)


def _rank(when: When) -> int:
    """Which of two names of a day counts: the date."""
    return (Period, Weekday, Day, Date).index(type(when))


def _clock(hour: int, minute: int, *, is_fixed: bool = False) -> Clock | None:
    return Clock(hour, minute, is_fixed) if hour <= _DAY_HOURS and minute < _HOUR_MINUTES else None


def _half(clock: Clock | None, half: str) -> Clock | None:
    if clock is None or not 0 < clock.hour <= _HALF_DAY:
        return clock
    return Clock(clock.hour % _HALF_DAY + (_HALF_DAY if half == "pm" else 0), clock.minute, is_fixed=True)


def _is_date(day: int, month: int) -> bool:
    """Whether the month has that day, in a leap year at least."""
    return 0 < month <= _MONTHS_A_YEAR and 0 < day <= monthrange(_A_LEAP_YEAR, month)[1]


def _year(number: int | None) -> int | None:
    if number is None:
        return None
    full = number + 2000 if number < 100 else number
    return full if full in _YEARS else None


_MARKED_SHARE = 4  # a text with a mark on every fourth word is written with marks
_DECIMAL = 9
_DAY_HOURS, _HALF_DAY, _HOUR_MINUTES = 24, 12, 60
_MONTH_DAYS, _MONTHS_A_YEAR, _A_LEAP_YEAR = 31, 12, 2024
_DASHES = frozenset({"-", "–", "—", "~", "->", "→", "−"})
_DATE_MARKS = frozenset({"/", "-", "."})
_WITHIN_NUMBERS = frozenset({".", ",", "/", ":"})
_FRACTIONS = frozenset({2, 3, 4, 5, 10})
_EVENING_HOURS = range(5, 24)

_LATE_HOURS = range(18, 25)
_NAMED_REACHES = 12  # words
_CLAUSE_BEGINS = bare_words("nen ma vi de va thi so because and but that then roi xong")

_NEVER_FIRST = frozenset({Small.JOINER, Small.HALF, Small.LACKING, Small.TO, Small.AND, Small.AM, Small.PM, Small.OF,
                          Small.PAST_HOUR, Small.WORKING, Small.OCLOCK, Small.MINUTES, Small.YEAR_OF})  # fmt: skip
_ASKING = frozenset({Small.ABOUT, Small.OVER, Small.THE, Small.DAY_OF, Small.MONTH_OF, Small.HALF_OF, Small.QUARTER})

# Words beside a time that decide what it is (in base letters).
_HOURS_OF = bare_words(
    "lam hanh mo dong cao nghi hoc day an bay tau check nao g g thi kiem tan cua hen goc vang ra vao le giac dien"
)
_BEFORE_WHAT = bare_words("khi luc gio ngay do")
_LANGUAGES = bare_words("anh viet nhat han phap trung hoa nga duc on noi keu dong")
_LASTING = bare_words("mat suot cho doi keo dai can hon gan toi them lam muon tre cham")
_ALSO_TAILS = bare_words("nay toi qua")
_MOVING = bare_words("doi chuyen lui hoan move don roi day keo de tre giu")
_COMING_OVER = bare_words("lay do day gap cho cua van nhan xem ky cong ben nha kho van nop tra kiem sua thu")
_DOUBTFUL_PARTS = bare_words("sang som trua chieu xe toi dem khuya morning afternoon evening night lunch first")
_NETWORKS = bare_words("3g 4g 5g")
_SAID_AT = bare_words("at luc")
_ALSO_NOT_WHICH = bare_words("roi truoc sau qua")
_THAT_DAY = bare_words("hom bua")
_THIS_UNITS = bare_words("ngay tuan thang nam day week month year")
_BEFORE_PLAIN = bare_words("this by before until till since from after truoc")
_PLAIN_PARTS = bare_words("morning afternoon evening night som lunch first")
_NOT_PARTS_BEFORE = bare_words("da thieu uu dai cao rong su long sua tao kien suot om nghia dem")
_PART_AFTER = bare_words("cho cuoi dau giua")
_OTHER_WORDS = spellings("tôi đem")
_PART_SPELLINGS = spellings("sáng trưa chiều xế tối đêm khuya")
_SINCE = bare_words("tu hoi")
_MAI_AFTER = bare_words("mot oi linh ngoi ton che vom")
_MAI_BEFORE = bare_words("khuyen thuong hoa cay sao mia mem phuong thi tuyet ngoc truc xuan ban thanh bach hong")
_ON_AND_ON = bare_words("goi cho doi lam hoi nhan noi sua tim ban nhac")
_TITLES = bare_words("anh chi em co chu bac ong ba ban ms mrs mr minh ben")
_TITLES_ONLY = bare_words("ms mrs miss")
_NAY_BEFORE = bare_words(
    "den toi xua lau truoc hien ngay nam thang quy tuan viec don cai mail hang so ben loi vu van gia nguoi ngay"
    " thu ky dot hom bua the may con lan luc ca"
)
_ENGLISH_WHICH = bare_words("this next last following coming the")
_COUNTED = bare_words(
    "lan cai nguoi ban don buoi ky dot mon phien y diem dieu chiec dong trang tap tang hang so nam lop vong mail con"
    " hop chuyen xe kien lo may cau muc bai gio phut cuon chan tuan la khach nhom to"
)
_COLLECTED = bare_words("trieu tr k nghin ngan ty dong vnd tien")
_TIMES_A_DAY = bare_words("lan bua cu vien buoi chuyen ca don cong")
_NUMBERED = bare_words("so hem ngo can phong lo duong kiet nha thua qd hd tt nd luat version v don ma size tang toa p")
_NUMBERED_THINGS = bare_words("floor time place street avenue edition anniversary birthday district version draft")
_MONTHS_TOO = bare_words("may mar march")
