"""`responder policy show`: the policy as customers are told it. What it says is decided in `policy/statement.py`."""

from __future__ import annotations

from pathlib import Path

import click

from responder.cli import files, show
from responder.cli.app import DONE, Verb
from responder.cli.times import now
from responder.config import Mode
from responder.mail.language import Language
from responder.policy.model import EXAMPLE_PHONE

LANGUAGES = [each.value for each in Language]


@click.command("show", cls=Verb)
@click.argument("named", metavar="[ACCOUNT|FILE]", required=False)
@click.option("--html", metavar="FILE", type=click.Path(path_type=Path), help="Write it as HTML, for a website.")
@click.option(
    "--language",
    type=click.Choice(LANGUAGES),
    help="Vietnamese or English; by default the policy's own.",
)
def command(named: str | None, html: Path | None, language: str | None) -> int:
    """Tell the policy as customers may read it.

    The hours, the days off of the next 90 days, how soon mail is answered, what happens out of hours, and whom to call:
    for a website, a contract or a welcome mail, from the policy that is in force. Without a name it is the policy of
    the only account.

    \b
    Examples:
      responder policy show
      responder policy show info --language en --html hours.html
    """
    from responder.policy.statement import as_html, as_text, statement  # takes its time

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
