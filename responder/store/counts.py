"""What stands on record, counted, for the metrics. Every count walks over an index, never over the rows themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from responder.store import schema as t
from responder.store.records import MessageState, OutboxState


@dataclass(frozen=True, slots=True)
class MessageCount:
    """Messages alike; of a quarantined one, office and urgency are empty."""

    account: str
    office: str
    urgency: str
    veto: str | None
    number: int


@dataclass(frozen=True, slots=True)
class MailCount:
    account: str
    kind: str
    state: str
    number: int


@dataclass(frozen=True, slots=True)
class OpenCount:
    """Messages of an account that nobody has dealt with, and those of them whose promise is over."""

    account: str
    unhandled: int
    overdue: int


@dataclass(frozen=True, slots=True)
class DueCount:
    """Mails of an account that should have gone out, and since when the oldest of them should."""

    account: str
    number: int
    oldest: datetime


@dataclass(frozen=True, slots=True)
class Counts:
    messages: tuple[MessageCount, ...]
    mails: tuple[MailCount, ...]
    open: tuple[OpenCount, ...]
    due: tuple[DueCount, ...]


def count(connection: Connection, now: datetime, since: datetime) -> Counts:
    """Everything; of open messages, those that came since then."""
    return Counts(
        tuple(MessageCount(**row) for row in connection.execute(_messages()).mappings()),
        tuple(MailCount(**row) for row in connection.execute(_mails()).mappings()),
        tuple(OpenCount(**row) for row in connection.execute(_open(now, since)).mappings()),
        tuple(DueCount(**row) for row in connection.execute(_due(now)).mappings()),
    )


def _messages() -> sa.Select[Any]:
    c = t.message.c
    alike = (c.account, c.office, c.urgency, c.veto)
    return sa.select(*alike, sa.func.count().label("number")).group_by(*alike)


def _mails() -> sa.Select[Any]:
    c = t.outbox.c
    alike = (c.account, c.kind, c.state)
    return sa.select(*alike, sa.func.count().label("number")).group_by(*alike)


def _open(now: datetime, since: datetime) -> sa.Select[Any]:
    c = t.message.c
    overdue = sa.func.count(sa.case((c.promise_at < now, 1)))
    return (
        sa.select(c.account, sa.func.count().label("unhandled"), overdue.label("overdue"))
        .where(unhandled(), c.arrived_at >= since)
        .group_by(c.account)
    )


def _due(now: datetime) -> sa.Select[Any]:
    c = t.outbox.c
    return (
        sa.select(c.account, sa.func.count().label("number"), sa.func.min(c.due_at).label("oldest"))
        .where(c.state == OutboxState.DUE, c.due_at <= now)
        .group_by(c.account)
    )


def unhandled() -> sa.ColumnElement[bool]:
    """Messages nobody has dealt with yet (vetoed ones need no one)."""
    c = t.message.c
    return sa.and_(c.state == MessageState.DECIDED, c.handled_at.is_(None), c.veto.is_(None))
