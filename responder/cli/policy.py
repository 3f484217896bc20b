"""`responder policy …`: a policy edited, told to customers, and its schema for editors."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import click

from responder.cli import files
from responder.cli.app import DONE, Family
from responder.document import Unusable
from responder.errors import Trouble
from responder.mail.language import Language

LANGUAGES = [each.value for each in Language]


@click.group(cls=Family)
def command() -> None:
    """Edit a policy safely, or tell it to customers."""


@command.command("edit")
@click.argument("named", metavar="[ACCOUNT|FILE]", required=False, shell_complete=files.complete_account)
@click.option("--yes", is_flag=True, help="Take it without asking, if there is no mistake in it.")
def edit_(named: str | None, *, yes: bool) -> int:
    """Edit a policy; it is taken only without a mistake.

    Opens a copy in $VISUAL, $EDITOR or the usual editor, checks it with the config, tells in words what changed and
    which mails of the last 30 days would be treated differently, and asks. Then the copy takes the file's place, and a
    daemon that runs on this machine is told to take it. Without a name it is the policy of the only account. The exit
    code is 1 if it was left with mistakes in it.

    \b
    Examples:
      responder policy edit
      EDITOR=nano responder policy edit sales
    """
    from responder.cli.policy_edit import edit  # takes its time

    return edit(named, asks=not yes)


@command.command("diff")
@click.argument("named", metavar="[OLD] NEW", nargs=-1, required=True, shell_complete=files.complete_account)
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of text.")
def diff_(named: tuple[str, ...], *, as_json: bool) -> int:
    """Tell what another policy would change.

    NEW is a policy file. OLD is an account or a file; without it, the policy of the only account. Tells in words what
    is different, how many of the last 30 days' mails that the daemon has on record would be treated differently, and
    some of them with the reason. Nothing is changed. The exit code is 1 if NEW has a mistake in it.

    \b
    Examples:
      responder policy diff new.yaml
      responder policy diff sales new.yaml --json
    """
    from responder.cli.policy_diff import diff  # takes its time

    if len(named) > 2:
        raise click.UsageError("name one or two policies: [OLD] NEW")
    *old, new = named
    return diff(old[0] if old else None, Path(new), as_json=as_json)


@command.command("show")
@click.argument("named", metavar="[ACCOUNT|FILE]", required=False, shell_complete=files.complete_account)
@click.option("--html", metavar="FILE", type=click.Path(path_type=Path), help="Write it as HTML, for a website.")
@click.option("--language", type=click.Choice(LANGUAGES), help="Vietnamese or English; by default the policy's own.")
def show_(named: str | None, html: Path | None, language: str | None) -> int:
    """Tell the policy as customers may read it.

    The hours, the days off of the next 90 days, how soon mail is answered, what happens out of hours, and whom to call:
    for a website, a contract or a welcome mail, from the policy that is in force. Without a name it is the policy of
    the only account.

    \b
    Examples:
      responder policy show
      responder policy show info --language en --html hours.html
    """
    from responder.cli.policy_show import show_policy  # takes its time

    return show_policy(named, html, language)


@command.command("schema")
@click.option("--language", type=click.Choice(LANGUAGES), help="Of the descriptions; by default the policy's own.")
def schema(language: str | None) -> int:
    """Print a policy's JSON Schema.

    For editors that complete, explain and check YAML. `responder init` writes it beside the policies, whose first line
    tells the editor of it.

    \b
    Example:
      responder policy schema --language en > policy.schema.json
      and as the first line of the policy:
      # yaml-language-server: $schema=./policy.schema.json
    """
    from responder.policy.schema import schema as policy_schema

    spoken = Language(language) if language is not None else _own_language()
    click.echo(json.dumps(policy_schema(spoken), ensure_ascii=False, indent=2))
    return DONE


def _own_language() -> Language:
    """That of the policy in use, if there is one and it can be read."""
    with contextlib.suppress(Trouble, Unusable, click.ClickException):
        return files.load_policy(files.policy_file(None).path).language
    return Language.EN
