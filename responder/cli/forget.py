"""`responder ledger forget`: everything on record of one person goes, from the file too.

The daemon may run meanwhile; how far the mailboxes have been read is kept, so that nothing is read again.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from responder.cli import files, people, show
from responder.cli.app import DONE, Verb
from responder.errors import Trouble, TroubleKind
from responder.store.records import Held

if TYPE_CHECKING:  # it takes its time
    from responder.store.store import Store

MEANING = """\
Afterwards they count as new. If they write again while the office is still closed, they may get an automatic reply
again. What lies in the mailbox (their mails, drafts, what was sent) is not touched, nor are backups of the state."""


@click.command(cls=Verb)
@click.argument("address", metavar="ADDRESS")
@click.option("--yes", is_flag=True, help="Do not ask.")
def command(*, address: str, yes: bool) -> int:
    """Take everything off the record that is known of one person.

    Shows first how much that is, and asks. What is still owed to them is cancelled. The mailbox is not touched.

    \b
    Example:
      responder ledger forget lan@khach.example
    """
    office, who = files.office(), people.address(address)
    _refuse(who, office)
    with files.open_state(office.config) as store:
        held = store.held(who)
        if held.is_nothing:
            click.echo(f"nothing is on record of {who}")
            return DONE
        click.echo(f"on record of {who}: {', '.join(_counted(held))}")
        if held.owed:
            click.echo(f"still owed because of them: {held.owed}; that is cancelled")
        click.echo(MEANING)
        if not yes and not click.confirm("Forget all of it?"):
            click.echo("nothing was changed")
            return DONE
        store.forget(who)
        if not _scrubbed(store):
            show.note("traces in the state's file are left for now: they go with the daemon's next cleaning")
    click.echo(f"{who} is forgotten")
    return DONE


def _refuse(who: str, office: files.Office) -> None:
    """Whoever works here stands in the config, and in what was sent to them."""
    from responder.mail.automatic import is_ours
    from responder.mail.message import Address
    from responder.work.desk import ours

    account = next(iter(office.config.accounts))
    if is_ours(Address("", who), ours(office.config, account, ())):
        remedy = "`ledger forget` is for customers; change the config instead"
        raise Trouble(TroubleKind.CONFIG, who, "is one of us, not a customer", remedy)


def _scrubbed(store: Store) -> bool:
    """They are forgotten already: that the file could not be written anew is no failure."""
    try:
        return store.scrub()
    except Trouble as trouble:
        show.note(str(trouble))
        return False


def _counted(held: Held) -> Iterator[str]:
    counts = (
        ("mails that came", held.messages),
        ("mails that were written", held.mails),
        ("alarms", held.alarms),
        ("notes", held.notes),
        ("mails of staff to them", held.answers),
        ("reports that name them", held.reports),
    )
    yield from (f"{count} {what}" for what, count in counts if count)
    if held.is_known:
        yield "known as a correspondent"
