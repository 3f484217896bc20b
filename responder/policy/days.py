"""Which dates two calendars tell differently, joined to stretches.

Knows no words: `changes.py` and `statement.py` say what they are. Looks at the ends of the exceptions, not at every
date, so that an exception of a hundred years costs no more than one of a day.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

from responder.policy.calendar import Calendar, DayRule

_WEEK = 7


@dataclass(frozen=True, slots=True)
class Stretch:
    """The dates `first` to `last`, both included, with the exception that holds there; None: the hours of the week."""

    first: date
    last: date
    rule: DayRule | None


def differing(before: Calendar, after: Calendar, first: date = date.min, last: date = date.max) -> tuple[Stretch, ...]:
    """Where an exception of one of the two makes the day another one: its hours, or the name of why.

    What lies between two such days, under the same exception, is counted in: the weekend in a week of holidays.
    """
    found: list[Stretch] = []
    looked_to = 0
    for begin, end in _parts((*before.exceptions, *after.exceptions), first, last):
        stretch = _in_part(before, after, begin, end)
        if stretch is None:
            continue
        if found and looked_to == begin - 1 and _alike(found[-1].rule, stretch.rule):
            found[-1] = replace(found[-1], last=stretch.last)
        else:
            found.append(stretch)
        looked_to = end
    return tuple(found)


def _parts(rules: Iterable[DayRule], first: date, last: date) -> Iterator[tuple[int, int]]:
    """Between two neighbouring ends the same exceptions hold; as ordinals, both included."""
    lowest, highest = first.toordinal(), last.toordinal() + 1
    ends = {end for rule in rules for end in (rule.first.toordinal(), rule.last.toordinal() + 1)}
    cuts = sorted({lowest, highest, *(end for end in ends if lowest < end < highest)})
    yield from ((begin, end - 1) for begin, end in pairwise(cuts))


def _in_part(before: Calendar, after: Calendar, begin: int, end: int) -> Stretch | None:
    rule = after.rule_on(date.fromordinal(begin))
    if rule is None and before.rule_on(date.fromordinal(begin)) is None:
        return None
    from_begin = map(date.fromordinal, range(begin, min(begin + _WEEK, end + 1)))
    from_end = map(date.fromordinal, range(end, max(end - _WEEK, begin - 1), -1))
    first = next((day for day in from_begin if _differs(before, after, day)), None)
    last = next((day for day in from_end if _differs(before, after, day)), None)
    return Stretch(first, last, rule) if first and last else None


def _differs(before: Calendar, after: Calendar, day: date) -> bool:
    old, new = before.rule_on(day), after.rule_on(day)
    if old is not None and new is not None and old.name != new.name:
        return True
    if before.hours_on(day) != after.hours_on(day):
        return True
    return old is None and new is not None and new.spans != after.hours_of_weekday(day)


def _alike(one: DayRule | None, other: DayRule | None) -> bool:
    if one is None or other is None:
        return one is other
    return (one.spans, one.name) == (other.spans, other.name)
