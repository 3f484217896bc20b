"""Deadlines: by when a mail wants something of this office.

A time is a deadline if it stands in a clause that asks the office for something. What the sender does at that time, how
long an offer is good, what is past, supposed or only told of others is none. Whether a deadline presses is the
policy's to say, with a bound (`within 1 working day`) that the calendar reckons.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from responder.policy.calendar import Calendar, NoWorkingTime
from responder.words import zones
from responder.words.clauses import Actor, Clause, Kind, Tense
from responder.words.features import Heard
from responder.words.signals import Where
from responder.words.standing import Scene
from responder.words.times import Relation, TimeExpression
from responder.words.tokens import spell


@dataclass(frozen=True, slots=True)
class Deadline:
    """By when something is wanted; `text` are the words of the time, `asked` those that ask, if there are any.

    `is_plain`: a request with its "by then" in one clause, and no doubt whose time it is.
    """

    at: datetime
    text: str
    asked: str
    where: Where
    is_plain: bool
    start: int = field(default=0, compare=False)  # where `text` begins in its part


class Reckoning(StrEnum):
    """In what time a bound is counted."""

    CLOCK = "clock"
    WORKING_HOURS = "working hours"  # only while the office is open
    WORKING_DAYS = "working days"


@dataclass(frozen=True, slots=True)
class Bound:
    """How near a deadline must be: `within 4 working hours`."""

    amount: timedelta
    reckoning: Reckoning = Reckoning.CLOCK

    def ends(self, arrived: datetime, calendar: Calendar) -> datetime:
        """The last moment that is within it. Where no working time is in sight, clock time counts."""
        try:
            match self.reckoning:
                case Reckoning.CLOCK:
                    return arrived + self.amount
                case Reckoning.WORKING_HOURS:
                    return calendar.add_working(arrived, self.amount)
                case Reckoning.WORKING_DAYS:
                    return _days_on(arrived, self.amount // _DAY, calendar)
        except NoWorkingTime:
            return arrived + self.amount


_DAY = timedelta(days=1)


def _days_on(arrived: datetime, days: int, calendar: Calendar) -> datetime:
    """The same time of day so many workdays on; counted from the opening for what comes while the office is closed."""
    start = calendar.next_open(arrived)
    if start is None:
        raise NoWorkingTime(f"no opening after {arrived.isoformat()}")
    on = start
    for _ in range(days):
        day = calendar.workday_after(on.date())
        on = datetime.combine(day, start.timetz())
    return on


def closing(calendar: Calendar, day: date) -> time | None:
    """When the office closes on a date, None if it does not open; what ends after midnight counts as its end."""
    end = calendar.end_of_workday(day)
    if end is None:
        return None
    return end.time() if end.date() == day else time(23, 59)


# ------------------------------------------------------------------------------------------------- what is asked


def find(mail: Sequence[Heard], scenes: Sequence[Scene], arrived: datetime) -> tuple[Deadline, ...]:
    """The deadlines of a mail (its subject, its body), the next one first; `arrived` is in the office's zone.

    `scenes` are the same parts, with what speaks against their words. Advertising and bait for passwords have none.
    """
    if any(scene.advert or scene.bait for scene in scenes):
        return ()
    found = (each for part, scene in zip(mail, scenes, strict=True) for each in _in_part(part, scene, arrived))
    return tuple(sorted(found, key=lambda each: each.at))


def next_until(end: datetime, found: Sequence[Deadline]) -> Deadline | None:
    """The next of the deadlines that are not after `end`, a plain one before others."""
    near = [each for each in found if each.at <= end]
    return next((each for each in near if each.is_plain), next(iter(near), None))


def _in_part(part: Heard, scene: Scene, arrived: datetime) -> Iterator[Deadline]:
    at = 0
    for each in part.times:
        while part.clauses[at].last < each.first:
            at += 1
        if each.finish <= arrived or scene.is_quoted(each.first, each.last):
            continue
        asking = _asking(part.clauses, at, each.relation)
        if asking is not None:
            asked = asking.kind_by.text if asking.kind_by else ""
            is_meant = asking.kind is Kind.REQUEST and not asking.is_negated  # "do not call before nine"
            is_plain = is_meant and asking is part.clauses[at] and each.relation in _LIMITS and _is_clear(part, each)
            words = part.text[each.start : each.end]
            yield Deadline(_last_minute(each.finish), words, asked, part.where, is_plain, each.start)


def _is_clear(part: Heard, when: TimeExpression) -> bool:
    """Whether it is known whose time it is: "5pm EST" may be several."""
    zone = zones.within(part.text, part.tokens, when.first, when.last)
    return zone is None or zone.offset is not None


def _last_minute(finish: datetime) -> datetime:
    """A day ends at 23:59, which nobody takes for the next one."""
    return finish - timedelta(minutes=1) if finish.time() == time() else finish


def _asking(clauses: Sequence[Clause], at: int, relation: Relation) -> Clause | None:
    """The clause that wants something by that time: the one it stands in, or a request beside a bare "by then"."""
    own = clauses[at]
    if not _is_meant(own):
        return None
    is_limit = relation in _LIMITS
    if own.kind is Kind.REQUEST and (is_limit or (relation is Relation.AT and not _asks_leave(own))):
        return own
    if own.kind is Kind.QUESTION and own.actor is Actor.OFFICE and is_limit:
        return own
    if own.kind is Kind.REPORT and own.actor is not Actor.SENDER and is_limit and own.tense not in _BEHIND:
        return next((each for each in clauses[max(at - 1, 0) : at + 2] if _is_request(each)), None)
    return None


def _is_request(clause: Clause) -> bool:
    return clause.kind is Kind.REQUEST and _is_meant(clause)


def _is_meant(clause: Clause) -> bool:
    """Said by the sender, of now, and in earnest."""
    return not (clause.quoted_by or clause.settled_by or clause.no_hurry_by or clause.condition_by)


def _asks_leave(clause: Clause) -> bool:
    """Of what the sender will do ("em xin dời sang 9h"): a time in it is when they do it."""
    shown = clause.kind_by.text.split() if clause.kind_by else []
    return len(shown) == 2 and spell(shown[1]).base == "xin"


_LIMITS = (Relation.BY, Relation.WITHIN)
_BEHIND = (Tense.DONE, Tense.PAST)
