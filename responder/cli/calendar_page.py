"""The calendar as one page of HTML: for a screen of any width, for a telephone, and for the wall on A4."""

from __future__ import annotations

from responder.cli.calendar_view import View, short_hours
from responder.cli.calendar_words import SIGNS, WORDS


def page(view: View) -> str:
    from jinja2 import Environment, PackageLoader, StrictUndefined  # takes its time

    environment = Environment(
        loader=PackageLoader("responder.cli"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    shown = {day.date for month in view.months for week in month.weeks for day in week if day}
    return environment.get_template("calendar.html.j2").render(
        view=view, words=WORDS[view.language], signs=SIGNS, hours=short_hours, is_today_shown=view.today in shown
    )
