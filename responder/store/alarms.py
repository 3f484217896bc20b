"""The statements about alarms: raised, ended, and what still rings for them.

Everything here works on a connection whose transaction somebody else began.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

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
    result = connection.execute(
        t.alarm.insert().values(
            id=sql.fresh_id(connection, t.alarm),
            account=alarm.account,
            kind=alarm.kind,
            message=message,
            headline=alarm.headline,
            raised_at=at,
            ended_by="",
        )
    )
    assert result.inserted_primary_key is not None  # noqa: S101 - SQLite always gives one
    number = int(result.inserted_primary_key[0])
    for mail in alarm.mails:
        sql.add_mail(connection, mail, message, at, number)
    return number


def raised(connection: Connection, account: str, now: datetime, counted: Collection[OutboxState]) -> Used:
    """How many until now; one matter is one, whoever was told of it, if anything of it went out or is about to."""
    c = t.outbox.c
    return sql.used(connection, c.alarm, now, c.account == account, c.kind == OutboxKind.ALERT, c.state.in_(counted))


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
    c = t.outbox.c
    told = sa.exists().where(c.message_id.in_(message_ids[-sql.CHUNK :]), c.alarm.is_not(None))
    return bool(connection.execute(sa.select(told)).scalar())


def acknowledge(connection: Connection, message_ids: Sequence[str], by: str, at: datetime) -> int:
    """End the alarms that a person answered by mail: `message_ids` are what the answer refers to."""
    answered = sa.select(t.outbox.c.alarm).where(t.outbox.c.message_id.in_(message_ids[-sql.CHUNK :]))
    return end(connection, by, at, t.alarm.c.id.in_(answered))


def silence(connection: Connection, account: str, at: datetime) -> None:
    """Nothing goes out any more for an alarm that has ended, nor is it of interest that a call failed."""
    called = sa.case((t.outbox.c.attempts > 0, OutboxState.SENT), else_=OutboxState.CANCELLED)
    by = sa.select(t.alarm.c.ended_by).where(t.alarm.c.id == t.outbox.c.alarm).scalar_subquery()
    silenced = connection.execute(
        t.outbox.update()
        .where(
            t.outbox.c.account == account,
            t.outbox.c.kind == OutboxKind.ALERT,
            t.outbox.c.state == OutboxState.DUE,
            t.outbox.c.alarm.in_(sa.select(t.alarm.c.id).where(t.alarm.c.ended_at.is_not(None))),
        )
        .values(state=called, reason=by, changed_at=at)
    )
    if silenced.rowcount:
        sql.end_trouble(connection, account, (TroubleKind.WAKING,), at)
