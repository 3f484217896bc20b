"""When the mail of an example comes: the hour that `closed`, `sat 22:10` or a date stands for. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from responder.policy.calendar import Calendar
from responder.policy.expected import Dated, Sometime, Weekly
from responder.policy.model import HOUR, Example, Policy

WEEK: Final = (2025, 1, 6)  # the ordinary week's Monday: no zone on earth changes its clocks in that week


def arrival(example: Example, policy: Policy) -> datetime | None:
    """None where the office is never open, or never closed for long enough to get an answer that it is."""
    calendar = policy.calendar()
    monday = datetime(*WEEK, tzinfo=calendar.zone)
    if isinstance(example.at, Dated):
        return example.at.at.replace(tzinfo=calendar.zone)
    if isinstance(example.at, Weekly):
        return datetime.combine(monday + timedelta(example.at.weekday), example.at.at, calendar.zone)
    if example.at is Sometime.OPEN:
        return _while_open(calendar, monday)
    return _while_closed(calendar, monday, policy.opening_soon)


def _while_open(calendar: Calendar, monday: datetime) -> datetime | None:
    opening = calendar.next_open(monday)
    if opening is None:
        return None
    closing = calendar.next_close(opening)
    return opening + (min(HOUR, (closing - opening) / 2) if closing is not None else HOUR)


def _while_closed(calendar: Calendar, monday: datetime, opening_soon: timedelta) -> datetime | None:
    """After the first closing of the week that is no mere lunch break."""
    at: datetime | None = calendar.next_open(monday) or monday
    while at is not None and at < monday + timedelta(days=8):
        closing = calendar.next_close(at)
        if closing is None:
            return None
        at = calendar.next_open(closing)
        if at is None or at - closing > HOUR + opening_soon:
            return closing + HOUR
    return None
