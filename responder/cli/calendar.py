"""`responder calendar`: the month as the policy sees it, one moment of it, and what another table of holidays says.

Told in the policy's language. Decides nothing: all of it is asked of `policy/calendar.py`.
"""

from __future__ import annotations

import calendar as gregorian
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from importlib.metadata import version
from pathlib import Path

import click

from responder.cli import files, show
from responder.cli.app import DONE, Verb
from responder.cli.times import Moment, Month, localised, now
from responder.mail.language import Language
from responder.policy import phrases
from responder.policy.calendar import Calendar, NoWorkingTime
from responder.policy.model import Policy

LABELS: Mapping[Language, Mapping[str, str]] = {
    Language.VI: {
        "day": "Ngày",
        "open": "Mở cửa",
        "why": "Ghi chú",
        "closed": "nghỉ",
        "is_open": "{at}: trong giờ làm việc, đến {until}.",
        "is_closed": "{at}: ngoài giờ ({why}).",
        "next_open": "Mở cửa lại: {at}.",
        "never": "Lịch không có giờ làm việc nào sắp tới.",
        "promise": "Thư đến lúc này cần được trả lời trước {at} ({amount} làm việc).",
        "same": "{year}: không có khác biệt với thư viện holidays {version}.",
        "differ": "{year}: khác với thư viện holidays {version} (chỉ để đối chiếu; văn phòng theo quy định của mình):",
        "policy": "Quy định",
        "library": "Thư viện",
        "works": "làm việc",
        "rests": "nghỉ",
    },
    Language.EN: {
        "day": "Day",
        "open": "Open",
        "why": "Note",
        "closed": "closed",
        "is_open": "{at}: the office is open, until {until}.",
        "is_closed": "{at}: the office is closed ({why}).",
        "next_open": "Opens again: {at}.",
        "never": "The calendar has no working time ahead.",
        "promise": "A mail that comes now is answered by {at} ({amount} of working time).",
        "same": "{year}: no difference to the library holidays {version}.",
        "differ": "{year}: other than the library holidays {version} (to compare only; the policy decides):",
        "policy": "Policy",
        "library": "Library",
        "works": "working day",
        "rests": "closed",
    },
}
COUNTRY = "VN"


@click.command(cls=Verb)
@click.argument("month", required=False, type=Month())
@click.option("-p", "--policy", "policy_file", metavar="FILE", type=click.Path(path_type=Path), help="The policy.")
@click.option("--at", metavar="TIME", type=Moment(), help="One moment: open or closed, why, until when.")
@click.option("--compare", is_flag=True, help="Where the days off differ from the `holidays` library, in that year.")
def command(month: date | None, policy_file: Path | None, at: datetime | None, *, compare: bool) -> int:
    """Show the month as the policy sees it.

    MONTH is like 2026-11, by default this month. The policy is that of --policy, else that of the config's first
    account, else the shipped one (vi-office).

    \b
    Examples:
      responder calendar 2026-02
      responder calendar --at 2026-11-21T22:10
      responder calendar 2026-01 --compare
    """
    policy = _policy(policy_file)
    calendar = policy.calendar()
    if at is not None:
        _tell_moment(policy, localised(at, calendar.zone))
    if at is None or month is not None:
        first = month or now().astimezone(calendar.zone).date().replace(day=1)
        _compare(policy, first.year) if compare else _tell_month(policy, first)
    return DONE


def _policy(policy_file: Path | None) -> Policy:
    if policy_file is not None:
        return files.load_policy(policy_file)
    path = files.find_config()
    return next(iter(files.load_config(path).policies.values())) if path else files.shipped_policy()


# ---------------------------------------------------------------- a month


def _tell_month(policy: Policy, first: date) -> None:
    labels = LABELS[policy.language]
    calendar = policy.calendar()
    days = gregorian.monthrange(first.year, first.month)[1]
    rows = [_day(policy, calendar, first + timedelta(days=number)) for number in range(days)]
    show.table([labels["day"], labels["open"], labels["why"]], rows, whole=[labels["day"], labels["open"]])


def _day(policy: Policy, calendar: Calendar, day: date) -> tuple[str, str, str]:
    said = phrases.day(day, policy.language)
    spans = ", ".join(f"{start:%H:%M}-{_end(end, day)}" for start, end in calendar.spans_on(day))
    return said, spans or LABELS[policy.language]["closed"], _note(policy, calendar, day)


def _end(end: datetime, day: date) -> str:
    return "24:00" if end.date() > day else f"{end:%H:%M}"


def _note(policy: Policy, calendar: Calendar, day: date) -> str:
    rule = calendar.rule_on(day)
    if rule is None:
        return ""
    if rule.spans:
        return rule.name
    closure = calendar.why_closed(datetime.combine(day, time(12), calendar.zone))
    return phrases.closed(closure, policy.language) if closure else rule.name


# ---------------------------------------------------------------- a moment


def _tell_moment(policy: Policy, at: datetime) -> None:
    for line in _moment_lines(policy, at):
        click.echo(line)


def _moment_lines(policy: Policy, at: datetime) -> Iterator[str]:
    labels, calendar, language = LABELS[policy.language], policy.calendar(), policy.language
    closure = calendar.why_closed(at)
    said = phrases.moment(at, language)
    if closure is None:
        close = calendar.next_close(at)
        yield labels["is_open"].format(at=said, until=phrases.moment(close, language) if close else "…")
    else:
        yield labels["is_closed"].format(at=said, why=phrases.closed(closure, language))
        opening = calendar.next_open(at)
        yield labels["next_open"].format(at=phrases.moment(opening, language)) if opening else labels["never"]
    if policy.promise is not None:
        try:
            due = phrases.moment(calendar.add_working(at, policy.promise), language)
        except NoWorkingTime:
            return
        yield labels["promise"].format(at=due, amount=phrases.span(policy.promise, language))


# ---------------------------------------------------------------- another table of holidays


def _compare(policy: Policy, year: int) -> None:
    import holidays  # takes its time, and is needed nowhere else

    labels = LABELS[policy.language]
    known = holidays.country_holidays(COUNTRY, years=year, language="vi" if policy.language is Language.VI else "en_US")
    rows = list(_differences(policy, {day: name for day, name in known.items() if day.year == year}, year))
    said = labels["differ" if rows else "same"]
    click.echo(said.format(year=year, version=version("holidays")))
    if rows:
        show.table([labels["day"], labels["policy"], labels["library"]], rows, whole=[labels["day"]])


def _differences(policy: Policy, known: Mapping[date, str], year: int) -> Iterator[tuple[str, str, str]]:
    """Days on which the office works and the library does not, or the other way round."""
    labels, calendar, week = LABELS[policy.language], policy.calendar(), policy.week()
    for number in range(366 if gregorian.isleap(year) else 365):
        day = date(year, 1, 1) + timedelta(days=number)
        rule = calendar.rule_on(day)
        in_library = day.weekday() in week and day not in known
        if calendar.is_workday(day) is not in_library:
            ours = rule.name if rule else labels["works" if calendar.is_workday(day) else "rests"]
            yield phrases.day(day, policy.language), ours, known.get(day, labels["works" if in_library else "rests"])
