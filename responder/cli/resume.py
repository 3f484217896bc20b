"""`responder resume`: the end of a pause."""

from __future__ import annotations

import click

from responder.cli import files
from responder.cli.app import DONE, Verb


@click.command(cls=Verb)
def command() -> int:
    """End a pause.

    Automatic mail to customers goes out again. Mail that came in the pause gets no reply after the fact; the digest
    names it. What was queued before the pause goes out if it is still true.

    \b
    Example:
      responder resume
    """
    from responder.daemon import PAUSED  # takes its time

    with files.open_state(files.office().config) as store:
        was = store.setting(PAUSED)
        store.set(PAUSED, None)
    click.echo("resumed" if was is not None else "it was not paused")
    return DONE
