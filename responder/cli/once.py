"""`responder once`: one pass over every mailbox, for cron and for trying out."""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path

import click

from responder.cli import files, journal, show
from responder.cli.app import DONE, LATER, PROBLEMS, Verb
from responder.cli.times import now
from responder.errors import TroubleKind

AGAIN = frozenset({TroubleKind.NETWORK, TroubleKind.BUSY, TroubleKind.DELIVERY})


@click.command(cls=Verb)
@click.option("--dry-run", is_flag=True, help="Show what would be done; send, record and change nothing.")
@click.option("--last", metavar="N", type=click.IntRange(1, 1000), help="With --dry-run: the inbox's last N mails.")
@click.option("-v", "--verbose", is_flag=True, help="Log more.")
def command(*, dry_run: bool, last: int | None, verbose: bool) -> int:
    """Make one pass over every mailbox, then exit.

    Reads what is new, records what is owed, sends what is due. The first pass over a mailbox answers nothing: it only
    notes where to begin. Exit code 75 means that a server could not be reached, or that a daemon works on the state.

    With --dry-run it logs in, reads what is new and tells for each mail what would be done, as `responder explain`
    does. With --last N it looks at the last N mails of the inbox instead, each as if it had just come; so does it for
    the last 10 where no pass has been made yet.

    \b
    Examples:
      responder once --dry-run --last 20
      */5 * * * *  responder once --config /etc/responder/config.yaml
    """
    path = files.config_path()
    files.require_file(path)
    if dry_run:
        from responder.cli.dry_run import dry_run as show_only

        return show_only(files.load_config(path), last)
    if last is not None:
        raise click.UsageError("--last goes with --dry-run")
    journal.start(verbose=verbose)
    return _pass(path)


def _pass(path: Path) -> int:
    from responder.daemon import root  # takes its time

    began = now()
    done = asyncio.run(root.once(path))
    for account, number in done.items():
        click.echo(f"{account}: {number} done" if number else f"{account}: nothing new")
    return _troubles(began)


def _troubles(since: datetime) -> int:
    """What went wrong in this pass stands in the state; the log has told it already."""
    office = files.office()
    with files.open_state(office.config) as store:
        kinds = {trouble.kind for trouble in store.open_troubles() if trouble.last_seen >= since}
    if not kinds:
        return DONE
    show.note("not everything could be done; `responder status` tells more")
    return LATER if kinds <= AGAIN else PROBLEMS
