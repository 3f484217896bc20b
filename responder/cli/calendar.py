"""`responder calendar`: a month or a year as the policy sees it, one moment of it, and what another table says.

Told in the policy's language, or the one asked for. Decides nothing: all of it is asked of `policy/calendar.py`.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path

import click

from responder.cli import files, show
from responder.cli.app import DONE, Verb
from responder.cli.calendar_words import WORDS
from responder.cli.times import Moment, MonthOrYear, Stretch, localised, now
from responder.mail.language import Language
from responder.policy import phrases
from responder.policy.almanac import Day, days
from responder.policy.calendar import Calendar, NoWorkingTime
from responder.policy.model import Policy

PIPE_WIDTH = 80  # columns where nobody looks at a screen


@click.command(cls=Verb)
@click.argument("month", required=False, type=MonthOrYear())
@click.option("-p", "--policy", "policy_file", metavar="FILE", type=click.Path(path_type=Path), help="The policy.")
@click.option("--at", metavar="TIME", type=Moment(), help="One moment: open or closed, why, until when.")
@click.option("--compare", is_flag=True, help="What the `holidays` library says otherwise, and what to write.")
@click.option("--table", "as_table", is_flag=True, help="A line for each day instead of the picture.")
@click.option("--html", metavar="FILE", type=click.Path(path_type=Path), help="Write a page, for a screen or the wall.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each day (docs/json.md).")
@click.option("--language", type=click.Choice([each.value for each in Language]), help="Instead of the policy's own.")
def command(
    month: Stretch | None,
    policy_file: Path | None,
    at: datetime | None,
    html: Path | None,
    language: str | None,
    *,
    compare: bool,
    as_table: bool,
    as_json: bool,
) -> int:
    """Show a month or a year as the policy sees it.

    MONTH is like 2026-11, or a year: 2026; by default this month. The policy is that of --policy, else that of the
    config's first account, else the shipped one (vi-office).

    \b
    Examples:
      responder calendar 2026-02
      responder calendar 2027 --html calendar.html
      responder calendar --at 2026-11-21T22:10
      responder calendar 2026 --compare
    """
    ways = {"--html": html is not None, "--json": as_json, "--compare": compare, "--table": as_table}
    chosen = [name for name, is_given in ways.items() if is_given]
    if len(chosen) > 1 or (at is not None and as_json):
        raise click.UsageError(f"either {' or '.join(chosen if at is None else ['--at', *chosen])}, not both")
    policy = _policy(policy_file)
    told_in = Language(language or policy.language)
    today = now().astimezone(policy.calendar().zone).date()
    if at is not None:
        _echo(_moment_lines(policy, localised(at, policy.calendar().zone), told_in))
        if month is None and not chosen:
            return DONE
    stretch = month or Stretch.of_month(today.year, today.month)
    if html is not None:
        _write_page(policy, stretch, today, told_in, html)
    elif as_json:
        _tell_json(policy.calendar(), stretch)
    elif compare:
        from responder.cli.calendar_compare import compared

        _echo(compared(policy, stretch, told_in))
    elif as_table:
        _tell_table(policy.calendar(), stretch, told_in)
    else:
        _draw(policy, stretch, today, told_in)
    return DONE


def _policy(policy_file: Path | None) -> Policy:
    if policy_file is not None:
        return files.load_policy(policy_file)
    path = files.find_config()
    return next(iter(files.load_config(path).policies.values())) if path else files.shipped_policy()


def _echo(lines: Iterator[str]) -> None:
    for line in lines:
        click.echo(line)


# ---------------------------------------------------------------- pictures


def _draw(policy: Policy, stretch: Stretch, today: date, language: Language) -> None:
    from responder.cli.calendar_picture import Paper, picture
    from responder.cli.calendar_view import view

    width = shutil.get_terminal_size((PIPE_WIDTH, 24)).columns if show.on_screen() else PIPE_WIDTH
    _echo(picture(view(policy, stretch, today, language), Paper(width, show.on_screen())))


def _write_page(policy: Policy, stretch: Stretch, today: date, language: Language, path: Path) -> None:
    from responder.cli.calendar_page import page
    from responder.cli.calendar_view import view

    show.write(path, page(view(policy, stretch, today, language)))


# ---------------------------------------------------------------- lines


def _tell_json(calendar: Calendar, stretch: Stretch) -> None:
    for day in days(calendar, stretch.first, stretch.last):
        show.one_json({
            "date": day.date.isoformat(),
            "look": day.look.value,
            "open": bool(day.spans),
            "hours": [str(span) for span in day.spans],
            "name": day.name or None,
        })  # fmt: skip


def _tell_table(calendar: Calendar, stretch: Stretch, language: Language) -> None:
    words = WORDS[language]
    rows = [_row(calendar, day, language) for day in days(calendar, stretch.first, stretch.last)]
    show.table([words.day, words.open, words.why], rows, whole=[words.day, words.open])


def _row(calendar: Calendar, day: Day, language: Language) -> tuple[str, str, str]:
    spans = ", ".join(f"{start:%H:%M}-{_end(end, day.date)}" for start, end in calendar.spans_on(day.date))
    return phrases.day(day.date, language), spans or WORDS[language].closed, _note(calendar, day.date, language)


def _end(end: datetime, day: date) -> str:
    return "24:00" if end.date() > day else f"{end:%H:%M}"


def _note(calendar: Calendar, day: date, language: Language) -> str:
    rule = calendar.rule_on(day)
    if rule is None:
        return ""
    if rule.spans:
        return rule.name
    closure = calendar.why_closed(datetime.combine(day, time(12), calendar.zone))
    return phrases.closed(closure, language) if closure else rule.name


# ---------------------------------------------------------------- a moment


def _moment_lines(policy: Policy, at: datetime, language: Language) -> Iterator[str]:
    words, calendar = WORDS[language], policy.calendar()
    closure = calendar.why_closed(at)
    said = phrases.moment(at, language)
    if closure is None:
        close = calendar.next_close(at)
        form = words.is_open if close else words.is_always_open
        yield form.format(at=said, until=phrases.moment(close, language) if close else "")
    else:
        yield words.is_closed.format(at=said, why=phrases.closed(closure, language))
        opening = calendar.next_open(at)
        yield words.next_open.format(at=phrases.moment(opening, language)) if opening else words.never
    if policy.promise is not None:
        yield from _promise(policy, at, policy.promise, language)


def _promise(policy: Policy, at: datetime, promise: timedelta, language: Language) -> Iterator[str]:
    try:
        due = phrases.moment(policy.calendar().add_working(at, promise), language)
    except NoWorkingTime:
        return
    yield WORDS[language].promise.format(at=due, amount=phrases.span(promise, language))
