"""Whole expressions of time: a moment, a range or a length with the words that relate to it, told in full."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, tzinfo

from responder.words import zones
from responder.words.times import relations
from responder.words.times.days import when_at
from responder.words.times.lengths import length_at, tail_at
from responder.words.times.moments import Read, moment_at
from responder.words.times.resolving import Arrival, Day, Length, Moment, Period, Stretch, Unit, Weekday
from responder.words.times.scan import DASHES, Scan
from responder.words.times.vocabulary import Cue, Lead, Past, Relation, Small, Tail
from responder.words.tokens import Gap, Token, bare_words


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
    scan = Scan(text, tokens)
    reader = _Reader(scan, Arrival(arrived, closing))
    found: list[TimeExpression] = []
    place = looks = 0
    while place < len(tokens) and looks < _MAX_LOOKS:
        looks_like_one = scan.may_start(place)
        expression = reader.expression(place) if looks_like_one else None
        zone = zones.within(text, tokens, expression.first, expression.last) if expression else None
        if expression and zone and zone.offset:
            there = Arrival(arrived.astimezone(zone.offset), closing)
            expression = _read_elsewhere(scan, place, there, arrived.tzinfo)
        if expression:
            found.append(expression)
        place = expression.last + 1 if expression else place + 1
        looks += looks_like_one
    return tuple(found)


def _read_elsewhere(scan: Scan, place: int, arrival: Arrival, office: tzinfo | None) -> TimeExpression | None:
    """As the clock of another zone has it ("5pm GMT"), told in the time of the office."""
    there = _Reader(scan, arrival).expression(place)
    return there and replace(there, begin=there.begin.astimezone(office), finish=there.finish.astimezone(office))


_MAX_LOOKS = 1_500  # places looked at closer; no letter has so many words of time


class _Reader:
    """One text, read from place to place, and the last day named in it."""

    __slots__ = ("_arrival", "_named", "_scan")

    def __init__(self, scan: Scan, arrival: Arrival) -> None:
        self._scan = scan
        self._arrival = arrival
        self._named: Read | None = None

    def expression(self, place: int) -> TimeExpression | None:
        return self._past(place) or self._length_expression(place) or self._now(place) or self._moment_expression(place)

    def _told(self, place: int, after: int, relation: Relation, stretch: Stretch, *, exact: bool) -> TimeExpression:
        start, end = self._scan.tokens[place].start, self._scan.tokens[after - 1].end
        return TimeExpression(place, after - 1, start, end, relation, stretch.begin, stretch.finish, exact)

    def _past(self, place: int) -> TimeExpression | None:
        past = self._scan.take(place, Past)
        if past is None:
            return None
        now = self._arrival.at
        return self._told(
            place, past[1], Relation.AGO, Stretch(now - timedelta(minutes=past[0].minutes), now), exact=False
        )

    def _now(self, place: int) -> TimeExpression | None:
        cue = self._scan.take(place, Cue)
        at = cue[1] if cue and self._scan.follows(cue[1]) and self._scan.small(cue[1], Small.NOW) else place
        after = self._scan.small(at, Small.NOW)
        if after is None or not self._is_now(at, after):
            return None
        return self._told(place, after, Relation.AT, Stretch(self._arrival.at, self._arrival.at), exact=True)

    def _is_now(self, place: int, after: int) -> bool:
        """A lone "giờ" is *now* only where a clause begins and no word makes it *hours*."""
        if after - place > 1 or self._scan.base(place) not in {"gio", "hien"}:
            return True
        return self._scan.begins_clause(place) and self._scan.base(after) not in _HOURS_OF

    def _length_expression(self, place: int) -> TimeExpression | None:
        lead = self._scan.take(place, Lead)
        if lead and self._scan.follows(lead[1]):
            length = length_at(self._scan, lead[1], lead[0])
            if length:
                return self._lasting(place, lead[0], *length)
        length = length_at(self._scan, place, None)
        return self._lasting(place, None, *length) if length else None

    def _lasting(self, place: int, lead: Lead | None, length: Length, after: int) -> TimeExpression:
        tail = tail_at(self._scan, after)
        after = tail[1] if tail else after
        relation, stretch = relations.lasting(self._arrival.at, length, lead, tail[0] if tail else None)
        expression = self._told(place, after, relation, stretch, exact=length.minutes > 0)
        return replace(expression, is_working=length.is_working)

    def _moment_expression(self, place: int) -> TimeExpression | None:
        cue = self._scan.take(place, Cue)
        if cue and self._scan.follows(cue[1]):
            at = self._scan.joined(cue[1])
            read = moment_at(self._scan, at, company=True)
            if read and read.moment.clock is None and self._scan.base(at - 1) == "qua":
                return None  # "đẹp quá, mai em qua"
            if read is None and (cue[0].relation is Relation.WITHIN or self._scan.base(at - 1) == "het"):
                read = self._this_unit(at)
            if read:
                return self._related(place, cue[0], read)
        read = moment_at(self._scan, place, company=False)
        return self._related(place, None, read) if read else None

    def _this_unit(self, place: int) -> Read | None:
        """ "trong ngày", "within the week": the one that is now."""
        at = self._scan.small(place, Small.THE) or place
        unit = self._scan.take(at, Unit)
        if unit is None or unit[0] in {Unit.MINUTE, Unit.HOUR} or self._scan.base(at) not in _THIS_UNITS:
            return None
        if self._scan.base(unit[1]) == "mot" and self._scan.follows(unit[1]):
            return None  # "trong ngày một ngày hai"
        when = Day(0) if unit[0] is Unit.DAY else Period(unit[0])
        return Read(Moment(when=when), unit[1])

    def _related(self, place: int, cue: Cue | None, read: Read) -> TimeExpression:
        read = self._on_the_day_named(place, read)
        upper = self._upper(read, cue)
        if upper:
            stretch = relations.between(read.moment, upper.moment, self._arrival)
            exact = read.moment.clock is not None
            return self._told(place, upper.after, relations.placed(stretch, self._arrival.at), stretch, exact=exact)
        after, now = read.after, self._up_to_now(read.after)
        struck = read.moment.when is None and self._scan.follows(after) and self._scan.base(after) == "roi"
        stretch = relations.single(read.moment, cue, self._arrival, is_past=now is not None or struck)
        exact = read.moment.clock is not None
        if now:
            return self._told(
                place, now, Relation.AGO, Stretch(min(stretch.begin, self._arrival.at), self._arrival.at), exact=False
            )
        tail = self._scan.take(after, Tail) if self._scan.follows(after) else None
        if tail and tail[0] is Tail.LATEST:
            cue, after = Cue(Relation.BY), tail[1]
        elif tail and tail[0] is Tail.ONWARD and self._scan.base(after) != "on":
            cue, after = Cue(Relation.FROM), tail[1]
        relation, stretch = relations.related(cue, read.moment, stretch, self._arrival)
        return self._told(place, after, relation, stretch, exact=exact)

    def _up_to_now(self, after: int) -> int | None:
        """ "(từ sáng) đến giờ", "… tới nay"."""
        to = self._scan.small(after, Small.TO) if self._scan.follows(after) else None
        if to is None:
            return None
        return to + 1 if self._scan.base(to) == "nay" else self._scan.small(to, Small.NOW)

    def _on_the_day_named(self, place: int, read: Read) -> Read:
        """A time without a day is of the day named before it in the clause ("hôm qua mất điện lúc 21h")."""
        named, moment = self._named, read.moment
        if moment.when is not None:
            self._named = read if not isinstance(moment.when, Period) else None
            return read
        if moment.clock is None or named is None or place - named.after > _NAMED_REACHES:
            return read
        between = range(named.after, place + 1)
        if any(self._scan.begins_clause(each) or self._scan.base(each) in _CLAUSE_BEGINS for each in between):
            return read
        part = moment.part if moment.part or moment.clock.is_fixed else named.moment.part
        return Read(replace(moment, part=part, when=named.moment.when), read.after)

    def _upper(self, read: Read, cue: Cue | None) -> Read | None:
        """The other end of "8h-11h", "từ 2h đến 4h", "thứ 2 - thứ 6"."""
        after = read.after
        to = self._scan.small(after, Small.TO) if self._scan.follows(after) else None
        if to is None:
            dashed = after < len(self._scan.tokens) and self._scan.between(after).strip() in DASHES
            to = after if dashed else None
        if to is None and cue and cue.relation is Relation.FROM and self._scan.follows(after, Gap.COMMA):
            to = self._scan.small(after, Small.TO)
        if to is None or not self._scan.follows(to):
            return None
        upper = self._upper_end(self._scan.joined(to), read.moment)
        return upper if upper and _are_alike(read.moment, upper.moment) else None

    def _upper_end(self, place: int, first: Moment) -> Read | None:
        """After a day only a day: "T2-T6 8h-17h" are two ranges."""
        if isinstance(first.when, Weekday) and first.is_whole_day:
            when = when_at(self._scan, place, company=True)
            return Read(Moment(when=when[0]), when[1]) if when else None
        return moment_at(self._scan, place, company=True)


def _are_alike(first: Moment, last: Moment) -> bool:
    """Two clock times, two days, or two parts of days: what can be the ends of one range."""
    if (first.clock is None) != (last.clock is None):
        return False
    if first.clock is not None:
        return True
    return (first.when is None) == (last.when is None) or (first.part is not None and last.part is not None)


_NAMED_REACHES = 12  # words
_CLAUSE_BEGINS = bare_words("nen ma vi de va thi so because and but that then roi xong")
_HOURS_OF = bare_words(
    "lam hanh mo dong cao nghi hoc day an bay tau check nao g g thi kiem tan cua hen goc vang ra vao le giac dien"
)
_THIS_UNITS = bare_words("ngay tuan thang nam day week month year")
