"""How many times a second `add_working(t, 24h)` answers on one core: `python benchmarks/working_time.py`."""

from __future__ import annotations

import random
import time
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from responder.policy.calendar import Calendar, DayKind, DayRule, parse_spans

CALLS = 50_000
GOAL = 20_000  # a second
PROMISE = timedelta(hours=24)


def office(zone: str, hours: str) -> Calendar:
    """Monday to Friday, with the kind of exceptions a real policy has: sixty single days over three years, and Tết."""
    days = [date(2025, 1, 1) + timedelta(days=18 * n) for n in range(60)]
    rules = [DayRule(day, day, (), "nghỉ", DayKind.HOLIDAY) for day in days]
    rules.append(DayRule(date(2026, 2, 16), date(2026, 2, 20), (), "Tết", DayKind.OVERRIDE))
    return Calendar(ZoneInfo(zone), dict.fromkeys(range(5), parse_spans(hours)), rules)


def rate(calendar: Calendar) -> float:
    """Calls a second over arrivals spread at random over three years; the cache starts empty."""
    rng = random.Random(7)
    start = datetime(2025, 1, 1, tzinfo=UTC)
    arrivals = [start + timedelta(seconds=rng.randrange(3 * 365 * 86400)) for _ in range(CALLS)]
    begin = time.perf_counter()
    for arrival in arrivals:
        calendar.add_working(arrival, PROMISE)
    return CALLS / (time.perf_counter() - begin)


def main() -> None:
    """Print the rate of three offices, and whether the slowest reaches the goal."""
    rates = []
    for zone, hours in (
        ("Asia/Ho_Chi_Minh", "08:00-17:00"),
        ("Asia/Ho_Chi_Minh", "08:00-12:00, 13:00-17:00"),
        ("Europe/Berlin", "22:00-06:00"),
    ):
        rates.append(rate(office(zone, hours)))
        print(f"{zone:18} {hours:26} {rates[-1]:10,.0f} add_working(t, 24h) a second")
    print(f"goal {GOAL:,}: {'reached' if min(rates) >= GOAL else 'MISSED'}")


if __name__ == "__main__":
    main()
