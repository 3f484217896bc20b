"""What the `holidays` library says otherwise, in sentences, each with what the policy would say to follow it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from importlib.metadata import version

from responder.cli.calendar_words import WORDS
from responder.cli.times import Stretch
from responder.mail.language import Language
from responder.policy import phrases
from responder.policy.almanac import days
from responder.policy.calendar import Calendar
from responder.policy.model import Policy

COUNTRY = "VN"


@dataclass(frozen=True, slots=True)
class Difference:
    """Days in a row on which one works and the other does not, for the same reasons."""

    first: date
    last: date
    is_worked: bool  # by the policy
    ours: str  # the policy's name for it
    theirs: str


def compared(policy: Policy, stretch: Stretch, language: Language) -> Iterator[str]:
    """The lines to print."""
    import holidays  # takes its time, and is needed nowhere else

    words = WORDS[language]
    years = range(stretch.first.year, stretch.last.year + 1)
    known = holidays.country_holidays(COUNTRY, years=years, language="vi" if language is Language.VI else "en_US")
    worked = {day for name in known.values() if (day := _worked_instead(name, language))}
    told = differences(policy.calendar(), stretch, dict(known))
    found = tuple(each for each in told if not (each.is_worked and each.first in worked))  # the other half of a swap
    first = stretch.first
    period = f"{first.year}" if stretch.is_year else f"{first:%m/%Y}" if language is Language.VI else f"{first:%Y-%m}"
    if not known:
        yield words.unknown.format(period=period, version=version("holidays"))
        return
    yield (words.differ if found else words.same).format(period=period, version=version("holidays"))
    for difference in found:
        yield ""
        yield from _told(difference, policy.calendar(), language)


def differences(calendar: Calendar, stretch: Stretch, known: Mapping[date, str]) -> Iterator[Difference]:
    """Days on which the office works and the library does not, or the other way round."""
    before: Difference | None = None
    for day in days(calendar, stretch.first, stretch.last):
        is_worked = bool(day.spans)
        is_usual = bool(calendar.hours_of_weekday(day.date))
        theirs = known.get(day.date, "")
        if is_worked is (is_usual and not theirs):
            continue
        here = Difference(day.date, day.date, is_worked, day.name, theirs)
        if before and _goes_on(before, here):
            before = replace(before, last=here.last)
            continue
        if before:
            yield before
        before = here
    if before:
        yield before


def _goes_on(before: Difference, here: Difference) -> bool:
    is_next = here.first - before.last == timedelta(days=1)
    return is_next and (before.is_worked, before.ours, before.theirs) == (here.is_worked, here.ours, here.theirs)


def _told(found: Difference, calendar: Calendar, language: Language) -> Iterator[str]:
    words = WORDS[language]
    dates = phrases.capital(phrases.dates(found.first, found.last, language))
    key = str(found.first) if found.first == found.last else f"{found.first}..{found.last}"
    if found.is_worked and found.theirs:
        yield f"  {words.add.format(dates=dates, name=found.theirs)}"
        work = _worked_instead(found.theirs, language)
        if work and found.first == found.last:
            yield f"    {words.swapped}"
            yield f"      - {{off: {key}, work: {work}}}"
        else:
            yield f"    {words.add_named}"
            yield f"      {key}: {{closed: {_quoted(found.theirs)}}}"
    elif found.is_worked:
        yield f"  {words.other.format(dates=dates, name=found.ours)}"
    else:
        hours = ", ".join(str(span) for span in calendar.hours_of_weekday(found.first))
        yield f"  {words.remove.format(dates=dates, name=found.ours)}"
        yield f"    {words.write}"
        yield f'      {key}: {{open: "{hours}"}}'


def _worked_instead(name: str, language: Language) -> date | None:
    """The rest day that is worked instead, as the library writes it into the name: `(thay cho ngày 22/08/2026)`."""
    found = re.search(r"\b(\d{2})/(\d{2})/(\d{4})\b", name)
    if found is None:
        return None
    day, month = (found[1], found[2]) if language is Language.VI else (found[2], found[1])
    return date(int(found[3]), int(month), int(day))


def _quoted(name: str) -> str:
    """A name that YAML would else read as more than a text."""
    return f'"{name}"' if any(sign in name for sign in ",:{}[]#&*!|>'%@`") else name
