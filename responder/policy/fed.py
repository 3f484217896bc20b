"""The calendars that a policy names: which files and addresses they are, and what is wrong with what came of them.

Reads the tree, not the model. Must not know the disk or the network: `calendars.py` gets the calendars, their days are
read by `feed.py`. The days also travel with a policy's text, so that it means later what it means now.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

from responder.document import Document, Problem, Scalar, Wrong, parse, tables
from responder.policy.calendar import DayKind, DayRule
from responder.policy.doubtful_days import wanted_years
from responder.policy.feed import Feed
from responder.policy.tree import text_of
from responder.web_address import host, is_address, is_protected, of_calendar

_DAYS: Final = "\n# The days off of its calendars as they were then: "  # what follows is one line of JSON


class Unreached(Wrong):
    """What came of an address that may answer later."""


def named_calendars(text: str) -> tuple[str, ...]:
    """The calendars of a policy that can be asked for: files as they are written, and addresses."""
    if "calendars" not in text:
        return ()
    return tuple(dict.fromkeys(name for _, name in _named(parse(text, ""))))


def zone_of(text: str) -> ZoneInfo:
    """The office's zone, before the rest is read; UTC where it says none that exists (the model says so)."""
    written = text_of(parse(text, "").table(), "timezone")
    try:
        return ZoneInfo(written.text or "UTC") if written else ZoneInfo("UTC")
    except (KeyError, ValueError, OSError):
        return ZoneInfo("UTC")


def shown(name: str) -> str:
    """A calendar as it may be told: an address can be a secret, so only its host."""
    return host(name) if is_address(name) else name


# --- what is wrong ----------------------------------------------------------------------------------------------------


def unusable(document: Document, feeds: Mapping[str, Feed | Wrong]) -> Iterator[Problem]:
    """Calendars that cannot be read: errors, since their days off would be taken for working days."""
    for written, name in _named(document):
        feed = feeds.get(name)
        if isinstance(feed, Wrong):
            problem = document.error(written.place, f"the calendar {shown(name)} {feed.what}", feed.remedy)
            yield replace(problem, may_pass=isinstance(feed, Unreached))


def doubtful(document: Document, feeds: Mapping[str, Feed | Wrong], today: date) -> Iterator[Problem]:
    """Warnings: a calendar that closes nothing, or nothing in a year that is near; events that are passed over."""
    for written, name in _named(document):
        feed = feeds.get(name)
        if isinstance(feed, Feed):
            yield from _of_one(document, written, name, feed, today)


def _of_one(document: Document, written: Scalar, name: str, feed: Feed, today: date) -> Iterator[Problem]:
    if not feed.rules:
        what = f"the calendar {shown(name)} closes no day"
        yield document.warning(written.place, what, "only events of whole days do: look into it")
    elif missing := [year for year in wanted_years(today) if year not in {rule.first.year for rule in feed.rules}]:
        what = f"the calendar {shown(name)} closes no day in {missing[0]}"
        remedy = "see to it that it has that year" if is_address(name) else "export it again when that year is in it"
        yield document.warning(written.place, what, remedy)
    if feed.timed:
        what = f"events of {shown(name)} with a time of day are passed over: {feed.timed}"
        yield document.warning(
            written.place, what, "only events of whole days close the office; write others under `days:`"
        )
    if feed.unreadable:
        what = f"events of {shown(name)} that cannot be read: {feed.unreadable}"
        yield document.warning(written.place, what, "write these days under `days:`, or export the calendar again")


def _named(document: Document) -> Iterator[tuple[Scalar, str]]:
    """Each calendar that can be asked for, with its name; what is wrong with the others, the model says."""
    if document.root is None:
        return
    for each in tables(document.root.get("calendars")):
        file, address = text_of(each, "file"), text_of(each, "url")
        if file is not None and not is_address(file.text or ""):
            yield file, file.text or ""
        if address is not None and is_protected(url := of_calendar(address.text or "")):
            yield address, url


# --- the days, beside the text ----------------------------------------------------------------------------------------


def joined(text: str, feeds: Mapping[str, Feed | Wrong]) -> str:
    """A policy's text with the days of its calendars; without calendars it stays as it is."""
    days = {
        name: [[str(rule.first), str(rule.last), rule.name] for rule in feed.rules]
        for name, feed in feeds.items()
        if isinstance(feed, Feed)
    }
    return f"{text}{_DAYS}{json.dumps(days, sort_keys=True)}" if days else text


def parted(whole: str) -> tuple[str, Mapping[str, Feed]]:
    """What was joined: the text as it was written, and what its calendars said."""
    text, mark, days = whole.rpartition(_DAYS)
    if not mark:
        return whole, {}
    try:
        return text, {name: Feed(tuple(_rule(*each) for each in rules)) for name, rules in json.loads(days).items()}
    except (ValueError, TypeError, AttributeError):  # nothing that `joined` has made
        return whole, {}


def _rule(first: str, last: str, name: str) -> DayRule:
    return DayRule(date.fromisoformat(first), date.fromisoformat(last), (), name, DayKind.FEED)
