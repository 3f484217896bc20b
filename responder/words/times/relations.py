"""What relates to a moment or a length, and from when to when that is: "trước 11h", "từ 2h đến 4h", "2 tiếng nữa".

Pure arithmetic, as `resolving` is; it must not know how any of it is worded.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from responder.words.times.clock_times import HALF_DAY
from responder.words.times.resolving import (
    Arrival,
    Date,
    Edge,
    Length,
    Moment,
    Part,
    Period,
    Stretch,
    Weekday,
    When,
    earlier,
    later,
    resolve,
)
from responder.words.times.vocabulary import Cue, Lead, Relation, Tail


def lasting(now: datetime, length: Length, lead: Lead | None, tail: Tail | None) -> tuple[Relation, Stretch]:
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


def single(moment: Moment, cue: Cue | None, arrival: Arrival, *, is_past: bool) -> Stretch:
    """When it is. "Từ 13h" was today if it has struck; "since" and "up to now" are of the past anyhow."""
    relation = cue.relation if cue else Relation.AT
    if is_past or relation is Relation.AGO:
        return resolve(moment, arrival, is_past=True)
    if relation is Relation.FROM and moment.clock and moment.when is None:
        last = resolve(moment, arrival, is_past=True)
        if last.begin.date() == arrival.today:
            return last
    return resolve(moment, arrival)


def between(first: Moment, last: Moment, arrival: Arrival) -> Stretch:
    """From the one to the other; each borrows from the other the day or the half of the day it does not name."""
    if last.when is None and first.when is not None:
        last = replace(last, when=first.when)
    if first.when is None and last.when is not None:
        first = replace(first, when=last.when)
    if first.part is None and first.clock and not first.clock.is_fixed:
        first = _alike(first, last)
    if first.clock and first.clock.hour in _LATE_HOURS and last.clock and last.part is None:
        last = replace(last, clock=replace(last.clock, is_fixed=True))  # "22h-6h"
    finish = resolve(last, arrival).finish
    if first.when is None and first.clock:
        begin = resolve(first, replace(arrival, at=finish), is_past=True).begin
    else:
        begin = resolve(first, arrival).begin
    if begin > finish and _are_days_of_a_month(first.when, last.when):
        begin = earlier(begin, Length(months=1))
    step = timedelta(days=7 if isinstance(last.when, Weekday) else 1)
    return Stretch(begin, finish if finish >= begin else max(begin, finish + step))


def related(cue: Cue | None, moment: Moment, stretch: Stretch, arrival: Arrival) -> tuple[Relation, Stretch]:
    """How a moment, which is that stretch, stands to now, and from when to when what was said of it is."""
    now = arrival.at
    relation = cue.relation if cue else Relation.AT
    match relation:
        case Relation.BY:
            eve = _eve(moment, stretch) if cue and cue.is_strict else now
            by = eve if eve > now and not _is_end(moment) else _deadline(stretch, arrival)
            return relation, Stretch(min(now, by), by)
        case Relation.WITHIN:
            if stretch.finish <= now:
                return Relation.AGO, stretch
            by = _deadline(stretch, arrival)
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
            return placed(stretch, now), stretch


def _deadline(stretch: Stretch, arrival: Arrival) -> datetime:
    """When work for it has to be done: when the office closes, if it does so before the stretch is over."""
    closing = arrival.last_closing(stretch)
    return closing if closing and stretch.begin < closing < stretch.finish else stretch.finish


def _eve(moment: Moment, stretch: Stretch) -> datetime:
    """The last moment before it; before noon is before twelve."""
    return stretch.begin + timedelta(hours=1) if moment.part is Part.NOON and not moment.clock else stretch.begin


def _is_end(moment: Moment) -> bool:
    """ "Before the end of the month" does not mean before its last days begin."""
    return isinstance(moment.when, Period) and moment.when.edge is Edge.END


def placed(stretch: Stretch, now: datetime) -> Relation:
    """Whether it is over."""
    return Relation.AGO if stretch.finish <= now and stretch.begin < now else Relation.AT


def _alike(first: Moment, last: Moment) -> Moment:
    """The lower end of "2-4pm" and "2h-4h chiều" in the same half of the day as the upper, if it is then the lower."""
    if first.clock is None or last.clock is None:
        return first
    if last.clock.is_fixed and last.clock.hour >= HALF_DAY:
        hour = first.clock.hour % HALF_DAY + HALF_DAY
        return (
            replace(first, clock=replace(first.clock, hour=hour, is_fixed=True)) if hour <= last.clock.hour else first
        )
    return replace(first, part=last.part) if first.clock.hour <= last.clock.hour else first


def _are_days_of_a_month(first: When | None, last: When | None) -> bool:
    """Both without their month: "từ ngày 3 đến ngày 19"."""
    return all(isinstance(each, Date) and each.month is None for each in (first, last))


_LATE_HOURS = range(18, 25)
