"""What was probably meant by hours, a date or days that are written in another way: `8h-17h30` → `08:00-17:30`.

Only for what is proposed to a person: nothing is taken as it is read here. What is returned can be read. Pure.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, time
from itertools import pairwise

from responder.policy.calendar import parse_spans
from responder.policy.weekdays import bare, weekday_named

_CLOCK = re.compile(
    r"(?P<hour>\d{1,2})(?:\s*(?:[:.hg]|giờ)\s*(?P<minute>\d{2})?)?\s*(?P<half>am|pm|sáng|chiều|tối)?(?![\d\w])",
    re.IGNORECASE,
)
_BETWEEN_TIMES = re.compile(r"[\s,;–-]|\b(?:to|until|and|đến|tới|và|từ|from)\b", re.IGNORECASE)
_DATE = re.compile(r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})(?!\d)")
_VIETNAMESE_DATE = re.compile(r"(?P<day>\d{1,2})[-/.](?P<month>\d{1,2})[-/.](?P<year>\d{4})(?!\d)")
_BETWEEN_DATES = re.compile(r"\s*(?:\.{2,3}|…|-|–|to|đến)\s*")
_AFTERNOON = ("pm", "chiều", "tối")
_QUOTES = str.maketrans("", "", "\"'“”„‘’«»")
_SORTS_OF_DAYS: Mapping[str, str] = {
    **dict.fromkeys(("weekdays", "weekday", "workdays", "ngay thuong", "ngay lam viec", "trong tuan"), "mon-fri"),
    **dict.fromkeys(("weekend", "weekends", "cuoi tuan"), "sat-sun"),
    **dict.fromkeys(("daily", "every day", "all", "hang ngay", "ca tuan", "moi ngay"), "mon-sun"),
}


def clock(text: str) -> time | None:
    """`8h30`, `8:30 am`, `8.30` → a time of day."""
    found = _CLOCK.fullmatch(_plain(text))
    return _time(found) if found else None


def hours(text: str) -> str | None:
    """`8h-17h30`, `8am-5pm`, `08:00-12:00; 13:00-17:00` → the hours of a day, as they are written here."""
    plain = _plain(text)
    times = [_time(found) for found in _CLOCK.finditer(plain)]
    if not times or len(times) % 2 or None in times or _BETWEEN_TIMES.sub("", _CLOCK.sub("", plain)):
        return None
    spans = ", ".join(f"{start:%H:%M}-{end:%H:%M}" for start, end in list(pairwise(times))[::2] if start and end)
    try:
        parse_spans(spans)
    except ValueError:
        return None
    return spans


def day(text: str) -> date | None:
    """`2026/2/16`, `16/02/2026` → the date. ValueError where no calendar has it."""
    found = _DATE.fullmatch(text) or _VIETNAMESE_DATE.fullmatch(text)
    return date(int(found["year"]), int(found["month"]), int(found["day"])) if found else None


def days(text: str) -> str | None:
    """`2026-12-24 - 2026-12-26`, `2026-12-24..26` → all days from the first to the last."""
    ends = list(_DATE.finditer(text)) or list(_VIETNAMESE_DATE.finditer(text))
    between = text
    for end in ends:
        between = between.replace(end[0], "", 1)
    last = re.fullmatch(r"\s*\.{2,3}\s*(\d{1,2})\s*", between) if len(ends) == 1 else None
    try:
        if last:
            first = day(ends[0][0])
            return f"{first}..{first.replace(day=int(last[1]))}" if first else None
        if len(ends) == 2 and _BETWEEN_DATES.fullmatch(between):
            return "..".join(str(day(end[0])) for end in ends)
    except ValueError:
        return None
    return None


def weekdays(text: str) -> str | None:
    """`2-6`, `mon to fri`, `weekdays` → days of the week; None for what can be read as it is."""
    if bare(text) in _SORTS_OF_DAYS:
        return _SORTS_OF_DAYS[bare(text)]
    numbers = re.fullmatch(r"\s*([2-7])\s*[-–]\s*([2-7]|cn)\s*", text, re.IGNORECASE)
    if numbers:
        return f"thu{numbers[1]}-{'cn' if numbers[2].lower() == 'cn' else f'thu{numbers[2]}'}"
    ends = re.split(r"\s+(?:to|until|through|đến|tới)\s+", text.strip())
    return "-".join(ends) if len(ends) == 2 and None not in map(weekday_named, ends) else None


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).translate(_QUOTES).strip()


def _time(found: re.Match[str]) -> time | None:
    hour, minute, half = int(found["hour"]), int(found["minute"] or 0), (found["half"] or "").lower()
    if half in _AFTERNOON and hour < 12:
        hour += 12
    elif half == "am" and hour == 12:
        hour = 0
    return time(hour, minute) if hour < 24 and minute < 60 else None
