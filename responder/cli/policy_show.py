"""`responder policy show`: the policy as customers are told it. What it says is decided in `policy/statement.py`."""

from __future__ import annotations

from pathlib import Path

import click

from responder.cli import files, show
from responder.cli.app import DONE
from responder.cli.times import now
from responder.config import Mode
from responder.mail.language import Language
from responder.policy.model import EXAMPLE_PHONE
from responder.policy.statement import as_html, as_text, statement


def show_policy(named: str | None, html: Path | None, language: str | None) -> int:
    """As text, or as HTML into a file. Raises `Trouble`, `Unusable`."""
    file = files.policy_file(named)
    policy = files.load_policy(file.path)
    today = now().astimezone(policy.calendar().zone).date()
    told = statement(policy, file.office_name, today, Language(language or policy.language))
    if policy.urgent_phone == EXAMPLE_PHONE:
        show.note("urgent_phone is still the example's number: it is left out")
    if file.config is not None and file.config.mode is Mode.OBSERVE:
        show.note("the config says `mode: observe`: customers get no automatic reply yet")
    if html is None:
        click.echo(as_text(told), nl=False)
    else:
        show.write(html, as_html(told))
    return DONE
