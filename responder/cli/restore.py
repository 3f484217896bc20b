"""`responder restore`: puts a backup in the place of the state, and makes sure that nobody is answered twice for it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from responder.cli import files, people, show, times
from responder.cli.app import DONE, Verb
from responder.cli.pause import said
from responder.errors import Trouble, TroubleKind

if TYPE_CHECKING:
    from responder.store.store import Store
    from responder.work.restore import Restored


@click.command(cls=Verb)
@click.argument("source", metavar="FILE", type=click.Path(path_type=Path))
def command(*, source: Path) -> int:
    """Put a backup in the place of the state.

    The daemon must be stopped. The state that was in force is kept beside it. What was answered since the backup is not
    on record any more: so mail that came before now is not answered, what was owed to customers by mail is listed as
    uncertain, and customers get drafts only until `again_after` is over and the office is open. The next daily report
    says so.

    \b
    Example:
      responder restore /var/backups/responder/state-20261121-020000.db
    """
    from responder.store import backup
    from responder.store.lock import StateLock
    from responder.work.restore import make_safe

    office, now = files.office(), times.now()
    state = office.config.state
    aside = state.with_name(f"{state.stem}-before-restore-{now.astimezone(office.zone):%Y%m%d-%H%M%S}{state.suffix}")
    restored: list[Restored] = []

    def settle(store: Store) -> None:
        restored.append(make_safe(store, tuple(office.policies.values()), now, people.caller(), store.newest()))

    _refuse(source, state)
    backup.check(source)
    lock = StateLock(state)
    lock.acquire(now)
    try:
        was_there = backup.put_back(source, state, aside, settle)
    finally:
        lock.release()
    _tell(restored[0], source, aside if was_there else None, office)
    return DONE


def _refuse(source: Path, state: Path) -> None:
    if source.exists() and state.exists() and source.samefile(state):
        raise Trouble(TroubleKind.CONFIG, str(source), "that is the state itself", "name a backup of it")


def _tell(restored: Restored, source: Path, aside: Path | None, office: files.Office) -> None:
    zone = office.zone
    last = (
        f"whose last record is of {show.moment(restored.since, zone)}" if restored.since else "it holds no record yet"
    )
    click.echo(f"restored from {source}{', ' if restored.since else '; '}{last}")
    if aside is not None:
        click.echo(f"the state before is kept as {aside}; it holds customers' words: delete it when all is well")
    click.echo("mail that came since then is not answered: please look into the inbox")
    if restored.in_doubt:
        mails = show.count(restored.in_doubt, "mail")
        click.echo(f"{mails} to customers may have gone out since then; see `responder queue`")
    click.echo(f"paused{said(restored.pause.reason, restored.pause.until, zone)}; until then customers get drafts only")
    click.echo("To send again at once: responder resume; then some may get a second automatic reply")
