"""Times as people write them on the command line: `2026-11-21T22:10`, `2026-11`, `7d`.

A time without an offset is meant in the office's zone, which is known only after the policy has been read.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

import click
from dateutil.tz import resolve_imaginary

EARLIEST, LATEST = 1970, 2200  # years that a calendar can still reckon with, either way

_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


def now() -> datetime:
    """The time; the one place where the commands read the clock."""
    return datetime.now(UTC)


class Moment(click.ParamType[datetime]):
    """ISO 8601, with or without an offset."""

    name = "time"
    forms = "`2026-11-21T22:10`"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            at = datetime.fromisoformat(str(value).strip())
        except ValueError:
            self.fail(f"`{value}` is not a time; write it like {self.forms}", param, ctx)
        return self._in_reach(at, param, ctx)

    def _in_reach(self, at: datetime, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if not EARLIEST <= at.year <= LATEST:
            self.fail(f"the year {at.year} is out of reach", param, ctx)
        return at


def _length(value: object) -> timedelta | None:
    """`36h`, `7d`, `2w`; None for anything else."""
    found = re.fullmatch(r"\s*(\d{1,4})\s*([hdw])\s*", str(value))
    return int(found[1]) * _UNITS[found[2]] if found else None


class Since(Moment):
    """A time, or how long ago: `7d`, `36h`, `2w`."""

    name = "since"
    forms = f"{Moment.forms}, or `7d`, `36h`, `2w`"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        ago = _length(value)
        return now() - ago if ago is not None else super().convert(value, param, ctx)


class Until(Moment):
    """A time to come, or how long from now: `2h`, `3d`."""

    name = "until"
    forms = f"{Moment.forms}, or `2h`, `3d`"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        ahead = _length(value)
        return now() + ahead if ahead is not None else super().convert(value, param, ctx)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A month or a whole year."""

    first: date
    last: date

    @property
    def is_year(self) -> bool:
        return self.first.month != self.last.month

    @classmethod
    def of_month(cls, year: int, month: int) -> Stretch:
        return cls(date(year, month, 1), date(year, month, monthrange(year, month)[1]))


class MonthOrYear(click.ParamType[Stretch]):
    """A month, `2026-11` or as it is written in Vietnam `11/2026`; or a year, `2026`."""

    name = "month"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Stretch:
        if isinstance(value, Stretch):
            return value
        text = str(value).strip()
        found = re.fullmatch(r"(?P<year>\d{4})(?:-(?P<month>\d{1,2}))?", text)
        found = found or re.fullmatch(r"(?P<month>\d{1,2})/(?P<year>\d{4})", text)
        year, month = (int(found["year"]), int(found["month"] or 0)) if found else (0, 0)
        if not EARLIEST <= year <= LATEST or (found and found["month"] and not 1 <= month <= 12):
            self.fail(f"`{value}` is not a month or a year; write it like `2026-11` or `2026`", param, ctx)
        return Stretch.of_month(year, month) if month else Stretch(date(year, 1, 1), date(year, 12, 31))


def localised(at: datetime, zone: tzinfo | None) -> datetime:
    """An aware time; without an offset it is the office's (in a daylight-saving gap: moved on by the gap).

    `zone` None: the machine's own.
    """
    if zone is None:
        return at.astimezone()
    if at.tzinfo is not None:
        return at.astimezone(zone)
    return resolve_imaginary(at.replace(tzinfo=zone))
