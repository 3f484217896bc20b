"""`responder pause`: customers get nothing automatic until `responder resume`.

Writes one setting; a daemon that runs notices it by itself.
"""

from __future__ import annotations

import click

from responder.cli import files
from responder.cli.app import DONE, Verb


@click.command(cls=Verb)
@click.option("--reason", default="by hand", show_default=True, help="Why; `responder status` shows it.")
def command(*, reason: str) -> int:
    """Send customers nothing automatic for a while.

    Mail goes on being read, flagged and reported, staff get their alerts, drafts are laid; replies and follow-ups are
    not sent. A running daemon takes it within seconds; what is being sent at that moment still goes out.

    \b
    Example:
      responder pause --reason "moving the office"
    """
    from responder.daemon import PAUSED  # takes its time

    with files.open_state(files.office().config) as store:
        store.set(PAUSED, reason)
    click.echo(f"paused: {reason}. To send again: responder resume")
    return DONE
