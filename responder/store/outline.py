"""Messages and mails in outline, as the digest needs them: without the texts, and of a decision only what it tells.

After a flood there are tens of thousands in one digest; whole, they would be hundreds of megabytes.
Everything here works on a connection whose transaction somebody else began.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from sys import intern
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, RowMapping

from responder.store import ledger, sql
from responder.store import schema as t
from responder.store.records import Ledger, MessageRow, OutboxRow

TOLD = ("reasons", "veto", "actions")  # of a decision
MESSAGES_LACK = ("references", "own_words", "decision")
MAILS_LACK = ("content", "text")


def messages() -> sa.Select[Any]:
    c = t.message.c
    parts = sa.func.json_extract(c.decision, *(f"$.{name}" for name in TOLD))
    kept = [column for column in c if column.name not in MESSAGES_LACK]
    return sa.select(*kept, _empty("own_words"), sa.type_coerce(parts, sa.Text).label("decision"))


def _empty(name: str) -> sa.Label[Any]:
    return sa.literal_column("''").label(name)


def mails() -> sa.Select[Any]:
    kept = [column for column in t.outbox.c if column.name not in MAILS_LACK]
    return sa.select(*kept, sa.null().label("content"), _empty("text"))


def of(connection: Connection, period: ledger.Period) -> Ledger:
    """As `ledger.of`."""
    return ledger.of(connection, period, ledger.Shape(messages(), message_of, mails(), sql.mail_of))


def by_id(connection: Connection, ids: Sequence[int]) -> dict[int, MessageRow]:
    found: dict[int, MessageRow] = {}
    for start in range(0, len(ids), sql.CHUNK):
        query = messages().where(t.message.c.id.in_(ids[start : start + sql.CHUNK]))
        found.update((row.id, row) for row in read_messages(connection, query))
    return found


def read_messages(connection: Connection, query: sa.Select[Any]) -> tuple[MessageRow, ...]:
    return tuple(message_of(row) for row in connection.execute(query).mappings())


def read_mails(connection: Connection, query: sa.Select[Any]) -> tuple[OutboxRow, ...]:
    return tuple(sql.mail_of(row) for row in connection.execute(query).mappings())


def message_of(row: RowMapping) -> MessageRow:
    told = dict(zip(TOLD, json.loads(row["decision"]), strict=True))
    decision = {name: _shared(value) for name, value in told.items() if value}
    return sql.message_of({**row, "references": (), "decision": decision})


def _shared(value: Any) -> Any:
    """The same sentences stand in thousands of decisions: each is kept once."""
    if isinstance(value, str):
        return intern(value)
    if isinstance(value, Mapping):
        return {intern(name): _shared(each) for name, each in value.items()}
    return tuple(map(_shared, value)) if isinstance(value, list) else value
