"""Stories of mails as one HTML page: it fetches nothing, runs nothing, and fits a telephone. Values in, text out."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from responder.cli import marked
from responder.cli.story_sheet import Sheet


def page(sheets: Sequence[Sheet]) -> str:
    """The page of one mail or more, with an index above several; titles are in the language of the first."""
    first = sheets[0]
    template = _environment().get_template("explain.html.j2")
    return template.render(sheets=sheets, labels=first.labels, language=first.language)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("responder.cli"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["seen"] = _seen
    environment.globals["pieces"] = marked.pieces
    return environment


def _seen(text: str) -> str:
    return "\n".join(marked.shown(line) for line in text.split("\n"))
