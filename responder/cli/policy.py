"""`responder policy …`: a policy edited, told to customers, and its schema for editors."""

from __future__ import annotations

import json

import click

from responder.cli.app import DONE, Family
from responder.cli.policy_edit import command as edit
from responder.cli.policy_show import command as show


@click.group(cls=Family)
def command() -> None:
    """Edit a policy safely, or tell it to customers."""


command.add_command(edit)
command.add_command(show)


@command.command("schema")
def schema() -> int:
    """Print a policy's JSON Schema.

    For editors that complete and check YAML.

    \b
    Example:
      responder policy schema > policy.schema.json
      and as the first line of the policy:  # yaml-language-server: $schema=policy.schema.json
    """
    from responder.policy.load import schema as policy_schema

    click.echo(json.dumps(policy_schema(), ensure_ascii=False, indent=2))
    return DONE
