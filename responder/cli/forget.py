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
        click.echo(f"on record of {who}: {', '.join(counted(held))}")
        if held.owed:
            owed, them = show.count(held.owed, "mail"), "it is" if held.owed == 1 else "they are"
            has = "has" if held.owed == 1 else "have"
            click.echo(f"{owed} of these {has} not gone out, or may have: {them} taken off the list")
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
    from responder.mail.addresses import Address
    from responder.mail.ours import is_ours
    from responder.work.desk import ours

    account = next(iter(office.config.accounts))
    if is_ours(Address("", who), ours(office.config, account)):
        remedy = "`ledger forget` is for customers; change the config instead"
        raise Trouble(TroubleKind.CONFIG, who, "is one of us, not a customer", remedy)


def _scrubbed(store: Store) -> bool:
    """They are forgotten already: that the file could not be written anew is no failure."""
    try:
        return store.scrub()
    except Trouble as trouble:
        show.note(str(trouble))
        return False


def counted(held: Held) -> Iterator[str]:
    """`1 mail that came, 2 mails that were written`"""
    counts = (
        ("mail", "that came", held.messages),
        ("mail", "that was written" if held.mails == 1 else "that were written", held.mails),
        ("alarm", "", held.alarms),
        ("note", "", held.notes),
        ("mail", "of staff to them", held.answers),
        ("mail", "to them that came back", held.bounces),
        ("report", "that names them" if held.reports == 1 else "that name them", held.reports),
    )
    yield from (f"{show.count(count, what)} {which}".rstrip() for what, which, count in counts if count)
    if held.is_known:
        yield "known as a correspondent"
