"""`responder ledger note`: a telephone call, or whatever else passes the mailbox by, goes on record by hand.

Writes to the state; a daemon that runs sees it at its next look.
"""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo

import click

from responder.cli import files, people, show, times
from responder.cli.app import DONE, Verb
from responder.mail.language import Language
from responder.store.records import Event, EventKind

LOOKED_BACK = timedelta(days=30)  # older open mails are no longer followed
HOW = {Language.VI: "{by} đã liên hệ với khách", Language.EN: "{by} was in touch with the customer"}


@click.command(cls=Verb)
@click.argument("address", metavar="ADDRESS")
@click.argument("text", metavar="TEXT")
@click.option("--at", type=times.Moment(), metavar="TIME", help="When it was; usually now.")
@click.option("--by", metavar="NAME", help="Who it was; usually you.")
@click.option("--handled", is_flag=True, help="Their open mails up to then are dealt with.")
def command(*, address: str, text: str, at: datetime | None, by: str | None, handled: bool) -> int:
    """Write down a telephone call, or another contact.

    It stands in the ledger among the mails of that address, and in the next daily report. With --handled the mails that
    had come from them count as dealt with: nobody is reminded of them, no follow-up is written, and what may or may not
    have gone out to them is off the list.

    \b
    Examples:
      responder ledger note lan@khach.example "Gọi lại: giao hàng thứ Sáu" --handled
      responder ledger note lan@khach.example "left a message" --at 2026-11-21T09:30 --by "chị Hoa"
    """
    from responder.policy.wording import clean  # takes its time

    office, now = files.office(), times.now()
    who, told = people.address(address), clean(text)
    if not told:
        raise click.BadParameter("there is nothing in it", param_hint="TEXT")
    when = _when(at, office.zone, now)
    by = by or people.caller()
    with files.open_state(office.config) as store:
        accounts = store.accounts_of(who)
        account = accounts[0] if len(accounts) == 1 else ""
        note = Event(when, EventKind.NOTE, told, account, who, by, recorded_at=now)
        how = HOW[_language(office, account)].format(by=by) if handled else None
        settled = store.add_note(note, when - LOOKED_BACK, how, now)
    click.echo(f"noted for {who}, {show.moment(when, office.zone)}")
    if handled:
        click.echo(f"open mails that are dealt with by that: {settled}" if settled else "no mail of theirs was open")
    return DONE


def _when(at: datetime | None, zone: tzinfo | None, now: datetime) -> datetime:
    when = times.localised(at, zone) if at is not None else now
    if when > now:
        raise click.BadParameter(f"{show.moment(when, zone)} is still to come", param_hint="--at")
    return when


def _language(office: files.Office, account: str) -> Language:
    policy = office.policy_of(account) or next(iter(office.policies.values()), None)
    return policy.language if policy is not None else Language.EN
