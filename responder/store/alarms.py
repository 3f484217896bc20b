"""The statements about alarms: raised, ended, and what still rings for them.

Everything here works on a connection whose transaction somebody else began.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import cache

import sqlalchemy as sa
from sqlalchemy.engine import Connection, RowMapping

from responder.errors import TroubleKind
from responder.policy.model import Used
from responder.store import schema as t
from responder.store import sql
from responder.store.records import AlarmKind, AlarmRow, NewAlarm, OutboxKind, OutboxState

OVER = "it is over"  # who ended an alarm whose cause went away


def alarm_of(row: RowMapping) -> AlarmRow:
    values = dict(row)
    values["kind"] = AlarmKind(values["kind"])
    return AlarmRow(**values)


def add(connection: Connection, alarm: NewAlarm, message: int | None, at: datetime) -> int:
    """Record an alarm with everything that goes out for it."""
    number = sql.fresh_id(connection, t.alarm)
    values = {
        "id": number,
        "account": alarm.account,
        "kind": alarm.kind,
        "message": message,
        "headline": alarm.headline,
        "raised_at": at,
        "ended_by": "",
    }
    connection.execute(ADD, values)
    for mail in alarm.mails:
        sql.add_mail(connection, mail, message, at, number)
    return number


ADD = t.alarm.insert()


def raised(connection: Connection, account: str, now: datetime, counted: Collection[OutboxState]) -> Used:
    """How many until now; one matter is one, whoever was told of it, if anything of it went out or is about to."""
    return sql.used(connection, _raised(frozenset(counted)), now, account=account)


@cache
def _raised(counted: frozenset[OutboxState]) -> sql.Counting:
    c = t.outbox.c
    return sql.counting(c.alarm, sql.OF_ACCOUNT, c.kind == OutboxKind.ALERT, sql.is_one_of(c.state, counted))


def end(connection: Connection, by: str, at: datetime, *which: sa.ColumnElement[bool]) -> int:
    """End those that are still open; how many there were."""
    ended = connection.execute(
        t.alarm.update().where(t.alarm.c.ended_at.is_(None), *which).values(ended_at=at, ended_by=by)
    )
    return ended.rowcount


def end_of_kinds(connection: Connection, account: str, kinds: Collection[str], at: datetime) -> None:
    """The cause is over."""
    end(connection, OVER, at, t.alarm.c.account == account, t.alarm.c.kind.in_(kinds))


def is_about_one(connection: Connection, message_ids: Sequence[str]) -> bool:
    """Does one of these Message-IDs belong to the mail of an alarm?"""
    return bool(connection.execute(IS_ABOUT_ONE, {"ids": message_ids[-sql.CHUNK :]}).scalar())


IS_ABOUT_ONE = sa.select(
    sa.exists().where(t.outbox.c.message_id.in_(sql.given_any("ids")), t.outbox.c.alarm.is_not(None))
)


def acknowledge(connection: Connection, message_ids: Sequence[str], by: str, at: datetime) -> int:
    """End the alarms that a person answered by mail: `message_ids` are what the answer refers to."""
    answered = sa.select(t.outbox.c.alarm).where(t.outbox.c.message_id.in_(message_ids[-sql.CHUNK :]))
    return end(connection, by, at, t.alarm.c.id.in_(answered))


def silence(connection: Connection, account: str, at: datetime) -> None:
    """Nothing goes out any more for an alarm that has ended, nor is it of interest that a call failed."""
    if connection.execute(SILENCE, {"of_account": account, "changed_at": at}).rowcount:
        sql.end_trouble(connection, account, (TroubleKind.WAKING,), at)


SILENCE = (
    t.outbox.update()
    .where(
        t.outbox.c.account == sql.given("of_account"),
        t.outbox.c.kind == OutboxKind.ALERT,
        t.outbox.c.state == OutboxState.DUE,
        t.outbox.c.alarm.in_(sa.select(t.alarm.c.id).where(t.alarm.c.ended_at.is_not(None))),
    )
    .values(
        state=sa.case((t.outbox.c.attempts > 0, OutboxState.SENT), else_=OutboxState.CANCELLED),
        reason=sa.select(t.alarm.c.ended_by).where(t.alarm.c.id == t.outbox.c.alarm).scalar_subquery(),
    )
)
