"""`responder queue …`: what is owed, one of them whole, and how to cancel it.

The daemon may run meanwhile: what it has begun to send can no longer be cancelled, and is told so.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from typing import TYPE_CHECKING

import click

from responder.cli import files, people, show
from responder.cli.app import DONE, PROBLEMS, Family
from responder.cli.times import now
from responder.errors import Trouble, TroubleKind
from responder.mail.language import Language
from responder.mail.message import parse
from responder.store.records import WAKES, OutboxRow

if TYPE_CHECKING:  # it takes its time
    from responder.store.store import Store

COLUMNS = ("id", "kind", "state", "to", "subject", "due", "reason")
SHOWN_HEADERS = ("From", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "Auto-Submitted")
BY_HAND = "cancelled by hand"
LOOKED_INTO = "looked into by {by}"


@click.group(cls=Family, invoke_without_command=True)
@click.pass_context
def command(ctx: click.Context) -> int:
    """Show what is owed, and cancel it.

    Without a command it lists: mails that wait for their time (waiting), are due, are being sent (sending), or may or
    may not have gone out (uncertain; never sent again: look into the mailbox's Sent folder, then cancel it here).

    \b
    Examples:
      responder queue
      responder queue show 12
      responder queue cancel 12
    """
    return _list() if ctx.invoked_subcommand is None else DONE


@command.command("list")
def list_() -> int:
    """List what is owed."""
    return _list()


@command.command("show")
@click.argument("number", metavar="ID", type=click.IntRange(min=1))
def show_(number: int) -> int:
    """Show one mail of ours whole, sent or not.

    A mail that will be worded when the office opens is shown as it would read then.
    """
    from responder.cli import records  # takes its time

    office = files.office()
    with files.open_state(office.config) as store:
        row = _mail(store, number)
        _facts(row, _marks(store, row), office.zone)
        if row.content is not None:
            _as_sent(row)
        elif records.is_gone(row):
            click.echo(f"{records.GONE[Language.EN]}\n{show.RULE}")
        else:
            _as_it_would_be(store, office, row)
    return DONE


@command.command("cancel")
@click.argument("number", metavar="ID", type=click.IntRange(min=1))
def cancel(number: int) -> int:
    """Cancel a mail that has not gone out.

    One that may or may not have gone out (uncertain) is taken off the list: you have looked into it. For the customer's
    next mail it counts as sent.

    \b
    Example:
      responder queue cancel 12
    """
    office = files.office()
    with files.open_state(office.config) as store:
        row = _mail(store, number)
        if store.close_doubt(number, LOOKED_INTO.format(by=people.caller()), now()):
            click.echo(f"mail {number} ({row.kind.value} to {row.recipient}) is off the list")
            return DONE
        if not store.cancel(number, BY_HAND, now()):
            told = "only what waits, is due or is uncertain can be cancelled"
            show.note(f"mail {number}: it is {row.state.value}; {told}")
            return PROBLEMS
    click.echo(f"mail {number} ({row.kind.value} to {row.recipient}) is cancelled")
    return DONE


def _mail(store: Store, number: int) -> OutboxRow:
    row = store.mail(number)
    if row is None:
        raise Trouble(TroubleKind.STATE, f"mail {number}", "there is no such mail", "`responder queue` lists them")
    return row


def _list() -> int:
    office = files.office()
    with files.open_state(office.config) as store:
        rows = store.open_mails()
        if not rows:
            click.echo("nothing is owed")
            return DONE
        cells = [_cells(store, row, office.zone) for row in rows]
    show.table(COLUMNS, cells, whole=("id", "kind", "state", "due"))
    return DONE


def _cells(store: Store, row: OutboxRow, zone: tzinfo | None) -> tuple[str, ...]:
    from responder.policy.wording import clean  # takes its time

    to, due, reason = clean(row.recipient), show.short(row.due_at, zone), clean(row.reason)
    return (str(row.id), row.kind.value, row.state.value, to, _subject(store, row), due, reason)


def _marks(store: Store, row: OutboxRow) -> tuple[str, ...]:
    message = store.message(row.message) if row.message is not None else None
    return message.marks if message else ()


def _subject(store: Store, row: OutboxRow) -> str:
    """Its own; before it is worded, that of the mail it answers; of a call, what it is about."""
    from responder.policy.wording import clean

    if row.transport in WAKES:
        alarm = store.alarm(row.alarm) if row.alarm is not None else None
        return f"{row.transport.value}: {clean(alarm.headline) if alarm else ''}"
    if row.content is not None:
        return clean(parse(row.content).subject)
    message = store.message(row.message) if row.message is not None else None
    return clean(message.subject) if message else ""


def _facts(row: OutboxRow, marks: Sequence[str], zone: tzinfo | None) -> None:
    from responder.policy import phrases
    from responder.policy.wording import clean

    reason = f": {clean(row.reason)}" if row.reason else ""
    click.echo(f"{row.kind.value} {row.id}, {row.state.value}{reason}")
    click.echo(f"due {show.moment(row.due_at, zone)}", nl=row.not_after is None)
    if row.not_after is not None:
        click.echo(f", not after {show.moment(row.not_after, zone)}")
    if row.message is not None:
        click.echo(f"answers mail {row.message} of the ledger (`responder explain --id {row.message}`)")
    if marks:
        click.echo(f"which is marked: {', '.join(phrases.mark(text, Language.EN) for text in marks)}")
    click.echo(show.RULE)


def _as_sent(row: OutboxRow) -> None:
    if row.transport in WAKES:
        click.echo(
            f"{row.transport.value} of `{row.recipient}`; it is told:\n{(row.content or b'').decode()}\n{show.RULE}"
        )
        return
    message = parse(row.content or b"")
    for name in SHOWN_HEADERS:
        for value in message.values(name):
            click.echo(f"{name}: {value}")
    click.echo(f"\n{row.text.rstrip()}\n{show.RULE}")


def _as_it_would_be(store: Store, office: files.Office, row: OutboxRow) -> None:
    from responder.cli.records import letter_of

    message = store.message(row.message) if row.message is not None else None
    policy = office.policy_of(row.account)
    if message and policy:
        letter = letter_of(row, message, Language.EN, policy, office.config.accounts.get(row.account))
        click.echo(f"To: {row.recipient}\nSubject: {letter.subject}\n\n{letter.text}\n{show.RULE}")
    else:
        click.echo(f"To: {row.recipient}\nSubject: Re: {_subject(store, row)}\n")
        click.echo(f"(it is worded when it is due)\n{show.RULE}")
