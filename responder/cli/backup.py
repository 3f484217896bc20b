"""`responder backup`: a whole copy of the state, while the daemon works on it; nothing else is changed."""

from __future__ import annotations

from pathlib import Path

import click

from responder.cli import files, show, times
from responder.cli.app import DONE, Verb
from responder.errors import Trouble, TroubleKind

LEFT_OUT = "the state only: config, policies, passwords and OAuth tokens are files of their own"


@click.command(cls=Verb)
@click.argument("named", metavar="FILE", type=click.Path())
@click.option("--force", is_flag=True, help="Replace a file that is there.")
def command(*, named: str, force: bool) -> int:
    """Copy the state into a file, while the daemon works.

    A folder in place of FILE gets a file named by date and time. The copy is checked before it is put there, and only
    its owner can read it: it holds customers' addresses and words. Back with `responder restore`; docs/backup.md.

    \b
    Examples:
      responder backup /var/backups/responder/
      responder backup state-before-the-move.db
    """
    from responder.store import backup

    office = files.office()
    files.require_state(office.config)
    state = office.config.state
    target = Path(named)
    if named.endswith("/") and not target.is_dir():
        raise Trouble(TroubleKind.CONFIG, named, "there is no such folder", "make it first, or name a file")
    if target.is_dir():
        target /= f"state-{times.now().astimezone(office.zone):%Y%m%d-%H%M%S}.db"
    _refuse(target, state, force=force)
    made = backup.write(state, target)
    click.echo(f"{made.path}: {show.size(made.size)}, {show.count(made.messages, 'mail')} on record")
    click.echo(LEFT_OUT)
    return DONE


def _refuse(target: Path, state: Path, *, force: bool) -> None:
    """Nothing is overwritten by chance, and the state itself never."""
    if target.exists() and target.samefile(state):
        what, remedy = "that is the state itself", "name another file"
    elif target.exists() and not force:
        what, remedy = "this file is there already", "name another file, or a folder; --force replaces it"
    else:
        return
    raise Trouble(TroubleKind.CONFIG, str(target), what, remedy)
