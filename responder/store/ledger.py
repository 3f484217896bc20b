"""The statements about one period of the ledger: what came, went out, was wrong, rang and was done in it.

Everything here works on a connection whose transaction somebody else began.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, RowMapping

from responder.store import alarms, sql
from responder.store import schema as t
from responder.store.records import Ledger, MessageRow, OutboxRow
from responder.store.sql import Value

OFFICE = ""  # the account of what concerns them all


@dataclass(frozen=True, slots=True)
class Period:
    """After `since`, up to and with `until`; of one account, or None: of all."""

    account: str | None
    since: datetime
    until: datetime

    def holds(self, at: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
        return sa.and_(at > self.since, at <= self.until)

    def touches(self, begun: sa.Column[Any], ended: sa.Column[Any]) -> sa.ColumnElement[bool]:
        return sa.and_(begun <= self.until, sa.or_(ended.is_(None), ended > self.since))


@dataclass(frozen=True, slots=True)
class Shape:
    """How messages and mails are read: whole, or what somebody needs of them."""

    messages: sa.Select[Any]
    message_of: Callable[[RowMapping], MessageRow]
    mails: sa.Select[Any]
    mail_of: Callable[[RowMapping], OutboxRow]


WHOLE = Shape(sa.select(t.message), sql.message_of, sa.select(t.outbox), sql.mail_of)


def of(connection: Connection, period: Period, shape: Shape = WHOLE) -> Ledger:
    """Messages by their arrival, the rest as it was recorded."""
    came = _narrowed(shape.messages, t.message, period.holds(t.message.c.decided_at), t.message.c.arrived_at)
    changed = _narrowed(shape.mails, t.outbox, period.holds(t.outbox.c.changed_at))
    of_account = () if period.account is None else (period.account,)
    of_office = (*of_account, OFFICE) if of_account else ()

    def rows(query: sa.Select[Any], make: Callable[[RowMapping], Value]) -> tuple[Value, ...]:
        return _rows(connection, query, make)

    return Ledger(
        rows(_by_account(came, t.message, of_account), shape.message_of),
        rows(_by_account(changed, t.outbox, of_account), shape.mail_of),
        rows(_of(t.trouble, of_office, period.touches(t.trouble.c.since, t.trouble.c.ended_at), t.trouble.c.since),
             sql.trouble_of),
        rows(_of(t.alarm, of_account, period.holds(t.alarm.c.raised_at)), alarms.alarm_of),
        rows(_of(t.event, of_office, period.holds(sql.RECORDED_AT)), sql.event_of),
    )  # fmt: skip


def of_sender(connection: Connection, sender: str, period: Period) -> Ledger:
    """Of one address or domain: their messages, what these led to whenever that was, and notes."""
    came = sa.and_(sql.is_of(t.message.c.sender, sender), period.holds(t.message.c.decided_at))
    led_to = t.outbox.c.message.in_(sa.select(t.message.c.id).where(came))
    noted = sa.and_(sql.is_of(t.event.c.address, sender), period.holds(sql.RECORDED_AT))
    return Ledger(
        _rows(connection, _of(t.message, (), came, t.message.c.arrived_at), sql.message_of),
        _rows(connection, _of(t.outbox, (), led_to), sql.mail_of),
        events=_rows(connection, _of(t.event, (), noted), sql.event_of),
    )


def _rows(connection: Connection, query: sa.Select[Any], make: Callable[[RowMapping], Value]) -> tuple[Value, ...]:
    return tuple(make(row) for row in connection.execute(query).mappings())


def _of(
    table: sa.Table, accounts: tuple[str, ...], when: sa.ColumnElement[bool], *order: sa.Column[Any]
) -> sa.Select[Any]:
    """Of these accounts (none named: of all), in this order, then by number."""
    return _by_account(_narrowed(sa.select(table), table, when, *order), table, accounts)


def _narrowed(
    query: sa.Select[Any], table: sa.Table, when: sa.ColumnElement[bool], *order: sa.Column[Any]
) -> sa.Select[Any]:
    return query.where(when).order_by(*order, table.c.id)


def _by_account(query: sa.Select[Any], table: sa.Table, accounts: tuple[str, ...]) -> sa.Select[Any]:
    return query.where(table.c.account.in_(accounts)) if accounts else query
