"""Messages and mails in outline, as the digest needs them: without the texts, and of a decision only what it tells.

After a flood there are tens of thousands in one digest; whole, they would be hundreds of megabytes.
Everything here works on a connection whose transaction somebody else began.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from sys import intern
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, RowMapping

from responder.store import bounces, counts, ledger, sql
from responder.store import schema as t
from responder.store.records import MessageRow, OutboxRow, OutboxState, Report

TOLD = ("reasons", "veto", "actions")  # of a decision
MESSAGES_LACK = ("references", "own_words", "decision", "policy")
MAILS_LACK = ("content", "text")
MESSAGES_SHARE = ("account", "folder", "sender", "office", "urgency", "veto", "handled_how")  # with others
MAILS_SHARE = ("account", "recipient", "template", "language", "envelope_from", "reason")
TIMES_SHARE = ("due_at", "not_after")  # all that an opening releases is due at once


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


class Outlines:
    """What one transaction reads: each message and each mail is made once, in however many lists it stands."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._messages: dict[int, MessageRow] = {}
        self._mails: dict[int, OutboxRow] = {}
        self._known: dict[object, Any] = {}  # what stands in many rows, by what it says

    def report(self, period: ledger.Period, account: str, open_since: datetime) -> Report:
        """See `Store.report`."""
        m, o = t.message.c, t.outbox.c
        is_open = (m.account == account, counts.unhandled(), m.arrived_at >= open_since)
        drafts = mails().join(t.message, o.message == m.id).where(*is_open, o.state == OutboxState.DRAFTED)
        unhandled = self.messages(messages().where(*is_open).order_by(m.arrived_at))
        laid = self.mails(drafts.order_by(o.id))
        happened = ledger.of(self._connection, period, ledger.Shape(messages(), self._message, mails(), self._mail))
        came_back = bounces.of_persons(self._connection, account, period.since, period.until)
        self._add_answered()
        return Report(unhandled, laid, happened, came_back, self._messages)

    def messages(self, query: sa.Select[Any]) -> tuple[MessageRow, ...]:
        return tuple(self._message(row) for row in self._connection.execute(query).mappings())

    def mails(self, query: sa.Select[Any]) -> tuple[OutboxRow, ...]:
        return tuple(self._mail(row) for row in self._connection.execute(query).mappings())

    def _add_answered(self) -> None:
        """The messages that the mails belong to; those of an earlier period are not there yet."""
        answered = {mail.message for mail in self._mails.values() if mail.message is not None}
        earlier = sorted(answered - self._messages.keys())
        for start in range(0, len(earlier), sql.CHUNK):
            self.messages(messages().where(t.message.c.id.in_(earlier[start : start + sql.CHUNK])))

    def _message(self, row: RowMapping) -> MessageRow:
        number = row["id"]
        if number not in self._messages:
            told = dict(zip(TOLD, json.loads(row["decision"]), strict=True))
            decision = {name: self._shared(value) for name, value in told.items() if value}
            alike = _alike(row, MESSAGES_SHARE)
            self._messages[number] = sql.message_of({**row, **alike, "references": (), "decision": decision})
        return self._messages[number]

    def _mail(self, row: RowMapping) -> OutboxRow:
        number = row["id"]
        if number not in self._mails:
            times = {name: self._known.setdefault(row[name], row[name]) for name in TIMES_SHARE}
            self._mails[number] = sql.mail_of({**row, **_alike(row, MAILS_SHARE), **times})
        return self._mails[number]

    def _shared(self, value: Any) -> Any:
        """The same sentences and actions stand in thousands of decisions: each is kept once."""
        if isinstance(value, str):
            return intern(value)
        if isinstance(value, Mapping):
            alike = {intern(name): self._shared(each) for name, each in value.items()}
            return self._known.setdefault(repr(alike), alike)  # it may have others within it
        return tuple(map(self._shared, value)) if isinstance(value, list) else value


def _alike(row: RowMapping, names: Sequence[str]) -> dict[str, str]:
    """The same words stand in thousands of rows: each is kept once."""
    return {name: intern(row[name]) for name in names if row[name] is not None}
