"""`responder ledger`: what came in, what was decided, what was sent, and what people noted. By itself it reads only."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any

import click

from responder.cli import files, forget, note, show
from responder.cli.app import DONE, Family
from responder.cli.times import Since, localised, now
from responder.mail.language import Language
from responder.store.records import Event, EventKind, Ledger, MessageRow, MessageState, OutboxRow

SHOWN = ("id", "arrived", "from", "subject", "play", "done", "handled")  # in the table, which must fit a screen
COLUMNS = ("id", "arrived", "account", "from", "subject", "office", "urgency", "play", "done", "handled")
BEGINNING = datetime.fromisoformat("1970-01-02T00:00:00+00:00")
FIELDS = (
    "id", "account", "state", "received", "decided", "from", "from_name", "subject", "message_id", "marks", "promise",
    "handled", "handled_how", "error", "decision", "mails", "kind", "note", "by",
)  # fmt: skip
Entry = MessageRow | Event
Mails = Mapping[int, Sequence[OutboxRow]]
# How a cell begins that a spreadsheet would run; where lists are parted by semicolons, one begins behind each.
FORMULA = re.compile(r"(^|;)(?=\s*[=+\-@＝＋－＠])")


@click.group(cls=Family, invoke_without_command=True)
@click.option("--sender", metavar="ADDRESS", help="Only mails from this address, or domain.")
@click.option("--since", metavar="TIME", type=Since(), help="Only what was recorded since: 2026-11-01, or 7d, 36h, 2w.")
@click.option(
    "--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True,
    help="json: one object per line (docs/json.md).",
)  # fmt: skip
@click.pass_context
def command(ctx: click.Context, sender: str | None, since: datetime | None, form: str) -> int:
    """Show what came in and what was done with it.

    One line for each mail that came, oldest first, with what it led to; between them what people noted.

    \b
    Examples:
      responder ledger --since 7d
      responder ledger --sender lan@khach.example
      responder ledger --since 2026-11-01 --format csv > november.csv
      responder ledger note lan@khach.example "called back: delivery on Friday" --handled
      responder ledger forget lan@khach.example
    """
    return _show(sender, since, form) if ctx.invoked_subcommand is None else DONE


command.add_command(note.command, "note")
command.add_command(forget.command, "forget")


def _show(sender: str | None, since: datetime | None, form: str) -> int:
    office = files.office()
    zone = office.zone
    begin = BEGINNING if since is None else localised(since, zone) if zone else since.astimezone()
    with files.open_state(office.config) as store:
        if sender is None:
            record, held = store.ledger(None, begin, now()), None
        else:
            record, held = store.ledger_of(sender.casefold(), begin, now()), store.held(sender.casefold())
        mails, rows = _by_message(record.mails), _in_order(record)
    if form == "json":
        for row in rows:
            show.one_json(_fields(row, mails, zone))
    elif form == "csv":
        click.echo(_csv([_cells(row, mails, zone) for row in rows]), nl=False)
    elif rows:
        shown = [dict(zip(COLUMNS, _cells(row, mails, zone), strict=True)) for row in rows]
        show.table(SHOWN, [[cells[name] for name in SHOWN] for cells in shown], whole=("id", "arrived"))
    else:
        click.echo("nothing on record for that")
    if form == "table" and sender and "@" in sender[1:] and held is not None and not held.is_nothing:
        click.echo(f"on record of {sender}: {', '.join(forget.counted(held))}")
    return DONE


def _in_order(record: Ledger) -> Sequence[Entry]:
    """Mails and notes, as they came."""
    notes = [event for event in record.events if event.kind is EventKind.NOTE]
    return sorted((*record.messages, *notes), key=_at)


def _at(row: Entry) -> datetime:
    return row.at if isinstance(row, Event) else row.arrived_at


def _by_message(mails: Sequence[OutboxRow]) -> Mails:
    found: dict[int, list[OutboxRow]] = {}
    for mail in mails:
        if mail.message is not None:
            found.setdefault(mail.message, []).append(mail)
    return found


def _cells(row: Entry, mails: Mails, zone: tzinfo | None) -> tuple[str, ...]:
    return _note_cells(row, zone) if isinstance(row, Event) else _mail_cells(row, mails.get(row.id, ()), zone)


def _note_cells(note: Event, zone: tzinfo | None) -> tuple[str, ...]:
    from responder.policy.wording import clean  # takes its time

    text, by = clean(note.text), f"note by {clean(note.by)}"
    return ("", show.short(note.at, zone), note.account, clean(note.address), text, "", "", "", by, "")


def _mail_cells(row: MessageRow, mails: Sequence[OutboxRow], zone: tzinfo | None) -> tuple[str, ...]:
    from responder.policy.wording import clean

    return (
        str(row.id),
        show.short(row.arrived_at, zone),
        row.place.account,
        clean(row.sender),
        clean(row.subject),
        row.office,
        row.urgency,
        row.decision.get("play") or "",
        ", ".join(_done(row, mails)),
        row.handled_how or "",
    )


def _done(row: MessageRow, mails: Sequence[OutboxRow]) -> Iterator[str]:
    from responder.policy import phrases

    if row.state is MessageState.QUARANTINED:
        yield "set aside"
    if row.veto is not None:
        yield f"no answer ({row.veto})"
    for mail in mails:
        yield f"{mail.kind.value} {mail.state.value}"
    yield from (phrases.mark(text, Language.EN) for text in row.marks)


def _csv(rows: Sequence[Sequence[str]]) -> str:
    paper = io.StringIO()
    writer = csv.writer(paper, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([[FORMULA.sub(r"\1'", cell) for cell in row] for row in rows])
    return paper.getvalue()


def _fields(row: Entry, mails: Mails, zone: tzinfo | None) -> dict[str, Any]:
    return _note_fields(row, zone) if isinstance(row, Event) else _message_fields(row, mails.get(row.id, ()), zone)


def _note_fields(note: Event, zone: tzinfo | None) -> dict[str, Any]:
    """Those of a mail; what a note has not is null."""
    own: dict[str, Any] = {
        "account": note.account or None,
        "received": show.iso(note.at, zone),
        "from": note.address,
        "mails": [],
        "kind": "note",
        "note": note.text,
        "by": note.by,
    }
    return {**dict.fromkeys(FIELDS), **own}


def _message_fields(row: MessageRow, mails: Sequence[OutboxRow], zone: tzinfo | None) -> dict[str, Any]:
    return {
        "id": row.id,
        "account": row.place.account,
        "state": row.state.value,
        "received": show.iso(row.arrived_at, zone),
        "decided": show.iso(row.decided_at, zone),
        "from": row.sender,
        "from_name": row.sender_name,
        "subject": row.subject,
        "message_id": row.message_id,
        "marks": list(row.marks),
        "promise": show.iso(row.promise_at, zone),
        "handled": show.iso(row.handled_at, zone),
        "handled_how": row.handled_how,
        "error": row.error,
        "decision": dict(row.decision) or None,
        "mails": [_mail_fields(mail, zone) for mail in mails],
        "kind": "mail",
        "note": None,
        "by": None,
    }


def _mail_fields(mail: OutboxRow, zone: tzinfo | None) -> dict[str, Any]:
    return {
        "id": mail.id,
        "kind": mail.kind.value,
        "state": mail.state.value,
        "to": mail.recipient,
        "template": mail.template,
        "due": show.iso(mail.due_at, zone),
        "changed": show.iso(mail.changed_at, zone),
        "reason": mail.reason or None,
    }
