"""Dates, hours and promises that are legal, but surely not meant. Each function is one question of `doubts.py`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from itertools import pairwise
from typing import Final

from responder.document import FLAGS, Document, Problem, Scalar, Table, tables
from responder.policy import templates
from responder.policy.arriving import arrival
from responder.policy.calendar import Calendar, DayKind, Span
from responder.policy.expected import Sometime, example_places
from responder.policy.model import HOUR, Days, Policy, read_spans
from responder.policy.text_checks import name_place
from responder.policy.tree import part, ranges, read, text_of

NEXT_YEAR_FROM: Final = 10  # the month in which next year's holidays begin to be announced
FAR_AHEAD: Final = 5  # years of which no office knows its days off yet
LONG_CLOSED: Final = 30  # days: who reads a date so far ahead looks for another office
AHEAD: Final = 365  # days that are looked at
SHORTEST: Final = 60  # minutes that an office is open a day
LONGEST: Final = 16 * 60  # …; more than that, but not all day, is mostly `05:00` for `17:00`
ALL_DAY: Final = 24 * 60
NOON: Final = (11 * 60, 14 * 60)  # between which a lunch break lies
LONG_PROMISE: Final = 10  # working days
NIGHT: Final = 5 * 60  # minutes; who is closed for less has a break
_DAY: Final = timedelta(days=1)
_MANY_DAYS: Final = 400  # of one entry that are looked at
_BY_SIGN = re.compile(r"Etc/GMT([+-])([1-9]\d?)")


# ---------------------------------------------------------------- what time does to a policy


def to_confirm(document: Document, today: date) -> Iterator[Problem]:
    """A day off that the office still has to find out about."""
    holidays = document.table("holidays")
    for days, key in ranges(document, "holidays"):
        entry = holidays.get(key.text or "")
        doubt = text_of(entry, "to_confirm") if isinstance(entry, Table) else None
        if doubt and days.last >= today:
            what, remedy = f"{days} is not certain: {doubt.text}", "confirm it and take out `to_confirm`"
            yield document.warning(key.place, what, remedy)


def wanted_years(today: date) -> list[int]:
    """The years of which the days off are to be known."""
    return [today.year, today.year + 1] if today.month >= NEXT_YEAR_FROM else [today.year]


def without_holidays(document: Document, today: date) -> Iterator[Problem]:
    """A year without any public day off, unless calendars tell of them; from October on the next one too."""
    if document.table().get("calendars") is not None:
        return
    table = ranges(document, "holidays")
    years = {year for days, _ in table for year in range(days.first.year, days.last.year + 1)}
    place = table[-1][1].place if table else document.key_place(["holidays"])
    for year in wanted_years(today):
        if year not in years:
            ended = f"; the table ends in {max(years)}" if years and max(years) < year else ""
            remedy = f"add the public days off of {year} under `holidays:`"
            yield document.warning(place, f"no days off for {year}{ended}", remedy)


def of_old(document: Document, _policy: Policy, today: date) -> Iterator[Problem]:
    """Dates of the office's own that ended before last year; told once for each section."""
    old = [(days, key) for days, key in ranges(document, "days") if days.last.year < today.year - 1]
    if old:
        yield document.warning(old[-1][1].place, f"{old[-1][0]} is long past{_and_others(old)}", "take it out")
    swaps = [(swap, text_of(swap, "work")) for swap in tables(document.table().get("swaps"))]
    past = [work for swap, work in swaps if work and _year(work, text_of(swap, "off")) < today.year - 1]
    if past:
        yield document.warning(past[-1].place, f"this swap is long past{_and_others(past)}", "take it out")


def far_ahead(document: Document, _policy: Policy, today: date) -> Iterator[Problem]:
    """A date of another generation, which is mostly a slip in the year."""
    dates = [(days.last.year, key) for section in ("holidays", "days") for days, key in ranges(document, section)]
    for swap in tables(document.table().get("swaps")):
        off, work = text_of(swap, "off"), text_of(swap, "work")
        dates += [(_year(each), each) for each in (off, work) if each is not None]
    for year, place in dates:
        if year > today.year + FAR_AHEAD:
            what = f"this date lies {year - today.year} years ahead"
            yield document.warning(place.place, what, f"look at the year: it is {today.year} now")


def _year(*days: Scalar | None) -> int:
    """The latest year in which one of these dates lies; they can be read."""
    return max(int((day.text or "")[:4]) for day in days if day is not None)


def _and_others(found: list[object] | list[tuple[Days, Scalar]] | list[Scalar]) -> str:
    return f", like {len(found) - 1} more of this section" if len(found) > 1 else ""


# ---------------------------------------------------------------- days that change nothing


def closed_anyway(document: Document, policy: Policy, today: date) -> Iterator[Problem]:
    """A day off on which the office would not work without it."""
    without = _without_own_days(policy)
    for days, key in ranges(document, "days"):
        if policy.days[days].open is None and days.last >= today and not any(map(without.is_workday, _each(days))):
            why = _why(without, days)
            yield document.warning(
                key.place, f"the office is closed on {days} anyway ({why})", "look at the date, or take it out"
            )


def open_anyway(document: Document, policy: Policy, today: date) -> Iterator[Problem]:
    """Hours of a date that are those of its weekday."""
    without = _without_own_days(policy)
    for days, key in ranges(document, "days"):
        hours = policy.days[days].open
        if hours and days.last >= today and all(without.hours_on(day) == hours for day in _each(days)):
            what = f"the office is open on {days} at these hours anyway"
            yield document.warning(key.place, what, "look at the date and the hours, or take it out")


def _without_own_days(policy: Policy) -> Calendar:
    rules = [rule for rule in policy.day_rules() if rule.kind is not DayKind.OVERRIDE]
    return Calendar(policy.calendar().zone, policy.week(), rules)


def _each(days: Days) -> Iterator[date]:
    for number in range(min((days.last - days.first).days + 1, _MANY_DAYS)):
        yield days.first + number * _DAY


def _why(calendar: Calendar, days: Days) -> str:
    rule = calendar.rule_on(days.first)
    return rule.name if rule else f"{days.first:%A}"


def odd_reason(document: Document, _policy: Policy, _today: date) -> Iterator[Problem]:
    """A day off whose name is hours, or a yes or no: customers may read it."""
    for section in ("holidays", "days"):
        for _, entry in document.table(section).entries.values():
            reason = text_of(entry, "closed") if isinstance(entry, Table) else entry
            text = reason.text if isinstance(reason, Scalar) else None
            if text is None or not isinstance(reason, Scalar):
                continue
            if read(read_spans, reason):
                what = f"the office is closed all day, and customers read `{text}` as the reason"
                yield document.warning(
                    reason.place, what, f'open at these hours: below `days:` write `{{open: "{text}"}}`'
                )
            elif text.lower() in FLAGS:
                what = f"customers read `{text}` as the reason why the office is closed"
                yield document.warning(reason.place, what, "write the reason")


# ---------------------------------------------------------------- hours and promises


def odd_hours(document: Document, _policy: Policy, _today: date) -> Iterator[Problem]:
    """Open hours that look like a slip: a few minutes, nearly all day, or the lunch break."""
    for _, value in document.table("hours").entries.values():
        if isinstance(value, Scalar):
            yield from _slip(document, value, read(read_spans, value) or (), is_weekly=True)
    for _, entry in document.table("days").entries.values():
        hours = text_of(entry, "open") if isinstance(entry, Table) else None
        if hours is not None:
            yield from _slip(document, hours, read(read_spans, hours) or (), is_weekly=False)


def _slip(document: Document, value: Scalar, spans: tuple[Span, ...], *, is_weekly: bool) -> Iterator[Problem]:
    open_for = sum(span.end - span.start for span in spans)
    if not spans:
        return
    if open_for < SHORTEST:
        what = f"the office is open for {open_for} minutes only"
        yield document.warning(value.place, what, "look at the hours: they go from 00:00 to 24:00")
    elif LONGEST < open_for < ALL_DAY and spans[-1].end == ALL_DAY - 1:
        yield document.warning(value.place, "the office closes for one minute at 23:59", "all day is `00:00-24:00`")
    elif LONGEST < open_for < ALL_DAY:
        over = " (until the next day)" if any(span.end > ALL_DAY for span in spans) else ""
        what = f"the office is open for {_hours(open_for)} hours{over}"
        yield document.warning(value.place, what, "look at the hours: 5 in the afternoon is `17:00`")
    elif is_weekly and NOON[0] <= spans[0].start and spans[-1].end <= NOON[1]:
        remedy = "write what lies around it: `08:00-12:00, 13:00-17:00`"
        yield document.warning(value.place, "this looks like the lunch break, not like the open hours", remedy)


def _hours(minutes: int) -> str:
    return f"{minutes / 60:.1f}".removesuffix(".0")


def odd_zone(document: Document, _policy: Policy, _today: date) -> Iterator[Problem]:
    """`Etc/GMT+7`, which lies in America: the sign of these names counts the other way round."""
    written = text_of(document.table(), "timezone")
    named = _BY_SIGN.fullmatch(written.text or "") if written is not None else None
    if written is not None and named is not None:
        sign, hours = named.groups()
        meant = "-" if sign == "+" else "+"
        what = f"`{named[0]}` means UTC{meant}{hours}: the sign in this name counts the other way round"
        remedy = f"for UTC{sign}{hours} write `Etc/GMT{meant}{hours}`, or better a city: `Asia/Ho_Chi_Minh`"
        yield document.warning(written.place, what, remedy)


def long_soon(document: Document, policy: Policy, _today: date) -> Iterator[Problem]:
    """An `opening_soon` as long as most nights, so that hardly anybody is answered."""
    written = text_of(document.table(), "opening_soon")
    nights = list(_nights(policy))
    short = [night for night in nights if timedelta(minutes=night) <= policy.opening_soon]
    if written is not None and len(short) * 2 >= len(nights) > 0:
        times = f"{len(short)} of the {len(nights)} times" if len(nights) > 1 else "each time"
        what = f"{times} that the office closes in a week, it opens again within that time: no ordinary reply goes out"
        yield document.warning(written.place, what, "write how long before the opening nobody needs one: `2h`")


def _nights(policy: Policy) -> Iterator[int]:
    """How many minutes the office is closed from one working day to the next, in an ordinary week."""
    week = policy.week().items()
    spans = sorted((day * ALL_DAY + span.start, day * ALL_DAY + span.end) for day, spans in week for span in spans)
    first_again = [(start + 7 * ALL_DAY, end) for start, end in spans[:1]]
    for (_, closes), (opens, _) in pairwise([*spans, *first_again]):
        if opens - closes >= NIGHT:
            yield opens - closes


def long_promise(document: Document, policy: Policy, _today: date) -> Iterator[Problem]:
    """A promise of more than two weeks."""
    week = [sum(span.end - span.start for span in spans) for spans in policy.week().values()]
    a_day = timedelta(minutes=sum(week) / len(week)) if week else 24 * HOUR
    promises = [text_of(document.table(), "promise")]
    promises += [next(iter(part(play, "do", "promise")), None) for play in tables(document.table().get("plays"))]
    amounts = [policy.promise, *(play.do.promise for play in policy.plays)]
    for written, amount in zip(promises, amounts, strict=True):
        if written is not None and amount is not None and amount > LONG_PROMISE * a_day:
            what = f"that is {amount / a_day:.0f} working days of this office"
            yield document.warning(written.place, what, "say it in working hours, some 8 for a day")


def no_opening(document: Document, policy: Policy, today: date) -> Iterator[Problem]:
    """A reply that names the next opening, and a time to come without one for a month."""
    closed = _long_closed(policy.calendar(), today)
    if closed is None:
        return
    replies = dict.fromkeys(play.do.reply for play in policy.plays if play.do.reply)
    for name, text in ((name, document.table("texts").get(name)) for name in replies):
        for written in _written(text):
            promised = [value for value in templates.names(written.text or "") if value in ("opening", "opening_day")]
            if promised:
                place = name_place(document, written, promised[0])
                until = f"to {closed.last}" if closed.last < today + AHEAD * _DAY else "on, for as far as can be seen"
                what = f"`{name}` names the next opening, but the office is closed from {closed.first} {until}"
                yield document.warning(place, what, "look at `hours` and the days off, or leave the opening out")


def _written(text: object) -> Iterable[Scalar]:
    return [words for _, words in text.entries.values() if isinstance(words, Scalar)] if isinstance(text, Table) else ()


def _long_closed(calendar: Calendar, today: date) -> Days | None:
    """The first stretch of so many days, beginning within a year, on which the office does not work."""
    first = today
    for number in range(AHEAD + LONG_CLOSED):
        day = today + number * _DAY
        if calendar.is_workday(day):
            if (day - first).days > LONG_CLOSED:
                return Days(first, day - _DAY)
            first = day + _DAY
    return Days(first, day) if (day - first).days > LONG_CLOSED else None


# ---------------------------------------------------------------- examples


def untried(document: Document, policy: Policy, _today: date) -> Iterator[Problem]:
    """Examples of an hour that the week does not have; told once for `open` and once for `closed`."""
    ordinary = policy.in_an_ordinary_week() if policy.examples else policy
    places = example_places(document)
    for moment in Sometime:
        of_it = [number for number, each in enumerate(policy.examples) if each.at is moment]
        if of_it and arrival(policy.examples[of_it[0]], ordinary) is None:
            many = f"{len(of_it)} examples come" if len(of_it) > 1 else "this example comes"
            what = f"{many} while the office is {moment}, which it never is long enough in a week without holidays"
            remedy = f"not tried: take {'them' if len(of_it) > 1 else 'it'} out, or write a date: `2026-11-21 22:10`"
            yield document.warning(places[of_it[0]], what, remedy)
