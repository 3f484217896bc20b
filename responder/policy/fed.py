"""The calendars that a policy names: which files they are, and what is wrong with what came of them.

Reads the tree, not the model. Must not know the disk: the files are read by `config.py`, their days by `feed.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from zoneinfo import ZoneInfo

from responder.document import Document, Problem, Scalar, Wrong, parse, tables
from responder.policy.doubtful_days import wanted_years
from responder.policy.feed import Feed
from responder.policy.tree import text_of


def named_calendars(text: str) -> tuple[str, ...]:
    """The files of a policy's `calendars:`, as they are written."""
    if "calendars" not in text:
        return ()
    return tuple(dict.fromkeys(file.text or "" for file in _files(parse(text, ""))))


def zone_of(text: str) -> ZoneInfo:
    """The office's zone, before the rest is read; UTC where it says none that exists (the model says so)."""
    written = text_of(parse(text, "").table(), "timezone")
    try:
        return ZoneInfo(written.text or "UTC") if written else ZoneInfo("UTC")
    except (KeyError, ValueError, OSError):
        return ZoneInfo("UTC")


def unusable(document: Document, feeds: Mapping[str, Feed | Wrong]) -> Iterator[Problem]:
    """Calendars that cannot be read: errors, since their days off would be taken for working days."""
    for file in _files(document):
        feed = feeds.get(file.text or "")
        if isinstance(feed, Wrong):
            yield document.error(file.place, f"the calendar {file.text} {feed.what}", feed.remedy)


def doubtful(document: Document, feeds: Mapping[str, Feed | Wrong], today: date) -> Iterator[Problem]:
    """Warnings: a calendar that closes nothing, or nothing in a year that is near; events that are passed over."""
    for file in _files(document):
        feed = feeds.get(file.text or "")
        if isinstance(feed, Feed):
            yield from _of_one(document, file, feed, today)


def _of_one(document: Document, file: Scalar, feed: Feed, today: date) -> Iterator[Problem]:
    if not feed.rules:
        what = f"the calendar {file.text} closes no day"
        yield document.warning(file.place, what, "only events of whole days do: look into it")
    elif missing := [year for year in wanted_years(today) if year not in {rule.first.year for rule in feed.rules}]:
        what = f"the calendar {file.text} closes no day in {missing[0]}"
        yield document.warning(file.place, what, "export it again when that year is in it")
    if feed.timed:
        what = f"events of {file.text} with a time of day are passed over: {feed.timed}"
        yield document.warning(
            file.place, what, "only events of whole days close the office; write others under `days:`"
        )
    if feed.unreadable:
        what = f"events of {file.text} that cannot be read: {feed.unreadable}"
        yield document.warning(file.place, what, "write these days under `days:`, or export the calendar again")


def _files(document: Document) -> Iterator[Scalar]:
    if document.root is not None:
        yield from (file for each in tables(document.root.get("calendars")) if (file := text_of(each, "file")))
