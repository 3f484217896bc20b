"""`responder resume`: the end of a pause."""

from __future__ import annotations

import click

from responder.cli import files, people, times
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
    from responder.work import pauses  # takes its time

    with files.open_state(files.office().config) as store:
        was = pauses.end(store, by=people.caller(), now=times.now())
    why = f"; it was paused: {was.reason}" if was is not None and was.reason else ""
    click.echo(f"resumed{why}" if was is not None else "it was not paused")
    return DONE
