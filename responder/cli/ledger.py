"""`responder ledger`: what came in, what was decided, what was sent. Reads only."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any

import click

from responder.cli import files, show
from responder.cli.app import DONE, Verb
from responder.cli.times import Since, localised, now
from responder.mail.language import Language
from responder.store.records import MessageRow, OutboxRow

SHOWN = ("id", "arrived", "from", "subject", "play", "done", "handled")  # in the table, which must fit a screen
COLUMNS = ("id", "arrived", "account", "from", "subject", "office", "urgency", "play", "done", "handled")
BEGINNING = datetime.fromisoformat("1970-01-02T00:00:00+00:00")
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # how a cell begins that a spreadsheet would run


@click.command(cls=Verb)
@click.option("--sender", metavar="ADDRESS", help="Only mails from this address, or domain.")
@click.option("--since", metavar="TIME", type=Since(), help="Only what was recorded since: 2026-11-01, or 7d, 36h, 2w.")
@click.option(
    "--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True,
    help="json: one object per line (docs/json.md).",
)  # fmt: skip
def command(sender: str | None, since: datetime | None, form: str) -> int:
    """Show what came in and what was done with it.

    One line for each mail that came, oldest first, with what it led to.

    \b
    Examples:
      responder ledger --since 7d
      responder ledger --sender lan@khach.example
      responder ledger --since 2026-11-01 --format csv > november.csv
    """
    office = files.office()
    zone = office.zone
    begin = BEGINNING if since is None else localised(since, zone) if zone else since.astimezone()
    with files.open_state(office.config) as store:
        record = store.ledger(None, begin, now())
        mails = _by_message(record.mails)
        rows = [row for row in record.messages if _is_from(row, sender)]
    if form == "json":
        for row in rows:
            show.one_json(_fields(row, mails.get(row.id, ()), zone))
    elif form == "csv":
        click.echo(_csv([_cells(row, mails.get(row.id, ()), zone) for row in rows]), nl=False)
    elif rows:
        shown = [dict(zip(COLUMNS, _cells(row, mails.get(row.id, ()), zone), strict=True)) for row in rows]
        show.table(SHOWN, [[cells[name] for name in SHOWN] for cells in shown], whole=("id", "arrived"))
    else:
        click.echo("nothing on record for that")
    return DONE


def _by_message(mails: Sequence[OutboxRow]) -> Mapping[int, Sequence[OutboxRow]]:
    found: dict[int, list[OutboxRow]] = {}
    for mail in mails:
        if mail.message is not None:
            found.setdefault(mail.message, []).append(mail)
    return found


def _is_from(row: MessageRow, sender: str | None) -> bool:
    if sender is None:
        return True
    wanted = sender.casefold()
    return row.sender == wanted or row.sender.endswith("@" + wanted.removeprefix("@"))


def _cells(row: MessageRow, mails: Sequence[OutboxRow], zone: tzinfo | None) -> tuple[str, ...]:
    from responder.policy.wording import clean  # takes its time

    return (
        str(row.id),
        show.short(row.arrived_at, zone),
        row.place.account,
        row.sender,
        clean(row.subject),
        row.office,
        row.urgency,
        row.decision.get("play") or "",
        ", ".join(_done(row, mails)),
        row.handled_how or "",
    )


def _done(row: MessageRow, mails: Sequence[OutboxRow]) -> Iterator[str]:
    from responder.policy import phrases

    if row.error is not None:
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
    writer.writerows([[f"'{cell}" if cell.startswith(FORMULA) else cell for cell in row] for row in rows])
    return paper.getvalue()


def _fields(row: MessageRow, mails: Sequence[OutboxRow], zone: tzinfo | None) -> dict[str, Any]:
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
