"""The statements that take things off the record: words after a while, old records, all about one person.

What is still open is never touched. Everything here works on a connection whose transaction somebody else began.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from responder.ports import CODES
from responder.store import policies, sql
from responder.store import schema as t
from responder.store.records import NOT_DELIVERED, OPEN, CopyState, Held, OutboxKind, OutboxState

_Value = TypeVar("_Value")
DOUBTFUL = timedelta(days=30)  # what may have gone out longer ago, nobody will look up any more
OFF_RECORD = "off_record"  # setting: the latest time of a mail of ours that was taken off the record
UNTOLD = timedelta(days=7)  # why a mail failed stands in the next report; so long it is kept for it


def words(connection: Connection, before: datetime, at: datetime, limit: int) -> int:
    """Customers' words from before that time, and the text of mails that have quoted them; how many rows there were."""
    messages = _first(t.message, limit, t.message.c.words_gone_at.is_(None), t.message.c.decided_at < before)
    gone = {"own_words": "", "error": None, "words_gone_at": at}
    count = connection.execute(t.message.update().where(t.message.c.id.in_(messages)).values(gone)).rowcount
    mail = t.outbox.c
    is_over = (~_needed(at - DOUBTFUL), ~_untold(at))
    mails = _numbers(connection, _first(t.outbox, limit, mail.content.is_not(None), mail.changed_at < before, *is_over))
    return count + _blank(connection, mail.id.in_(mails))


def _needed(doubtful: datetime) -> sa.ColumnElement[bool]:
    """It is to be sent, looked up (if it has been in doubt since then only), or filed."""
    mail = t.outbox.c
    is_owed = sa.and_(mail.state.in_(OPEN), mail.state != OutboxState.UNCERTAIN)
    is_in_doubt = sa.and_(mail.state == OutboxState.UNCERTAIN, mail.changed_at >= doubtful)
    is_to_be_filed = sa.and_(mail.state == OutboxState.SENT, mail.copy == CopyState.PENDING)
    return sa.or_(is_owed, is_in_doubt, is_to_be_filed)


def _untold(at: datetime) -> sa.ColumnElement[bool]:
    """It has failed, and no report has said so yet."""
    mail, digest = t.outbox.c, t.digest.c
    is_told = sa.exists().where(digest.account == mail.account, digest.covers_to >= mail.changed_at)
    return sa.and_(mail.state.in_(NOT_DELIVERED), mail.changed_at >= at - UNTOLD, ~is_told)


def records(connection: Connection, before: datetime, limit: int) -> int:
    """Everything from before that time; how many rows there were."""
    return (
        _old_messages(connection, before, limit)
        + _old_mails(connection, before, limit)
        + _old_answers(connection, before, limit)
        + _delete(connection, t.bounce, _first(t.bounce, limit, t.bounce.c.at < before))
        + _delete(connection, t.event, _first(t.event, limit, t.event.c.at < before))
        + _delete(connection, t.trouble, _first(t.trouble, limit, t.trouble.c.ended_at < before))
        + _old_digests(connection, before)
        + _old_correspondents(connection, before, limit)
        + policies.purge(connection, before)
    )


def _old_messages(connection: Connection, before: datetime, limit: int) -> int:
    is_open = sa.exists().where(t.outbox.c.message == t.message.c.id, _needed(before))
    old = _first(t.message, limit, t.message.c.decided_at < before, ~is_open)
    return _delete_messages(connection, _numbers(connection, old))


def _old_mails(connection: Connection, before: datetime, limit: int) -> int:
    """Those that belong to no message: digests, and alarms about the program itself."""
    mail, alarm = t.outbox.c, t.alarm.c
    mails = _first(t.outbox, limit, mail.message.is_(None), mail.changed_at < before, ~_needed(before))
    count = _delete_mails(connection, mail.id.in_(mails))
    is_told = sa.exists().where(mail.alarm == alarm.id)
    return count + _delete(connection, t.alarm, _first(t.alarm, limit, alarm.raised_at < before, ~is_told))


def _old_answers(connection: Connection, before: datetime, limit: int) -> int:
    return _delete_answers(connection, _numbers(connection, _first(t.answer, limit, t.answer.c.at < before)))


def _old_digests(connection: Connection, before: datetime) -> int:
    """Never the last one of an account: the next digest begins where it ended."""
    later = t.digest.alias()
    is_last = ~sa.exists().where(later.c.account == t.digest.c.account, later.c.covers_to > t.digest.c.covers_to)
    return connection.execute(t.digest.delete().where(t.digest.c.covers_to < before, ~is_last)).rowcount


def _old_correspondents(connection: Connection, before: datetime, limit: int) -> int:
    """Who has neither written nor been written to: anybody else stays an old acquaintance."""
    address = t.correspondent.c.address
    wrote = sa.exists().where(t.message.c.sender == address)
    was_written_to = sa.exists().where(t.answer_key.c.key == sa.literal("to:") + address)
    old = sa.select(address).where(t.correspondent.c.first_seen < before, ~wrote, ~was_written_to).limit(limit)
    return connection.execute(t.correspondent.delete().where(address.in_(old))).rowcount


# --- one person ---------------------------------------------------------------------------------------------------


def held(connection: Connection, address: str) -> Held:
    """What `forget` would take off the record."""
    theirs = _mails_about(address)
    answers = t.answer_key.c.key == f"to:{address}"
    return Held(
        messages=_count(connection, t.message, t.message.c.sender == address),
        mails=_count(connection, t.outbox, theirs),
        owed=_count(connection, t.outbox, theirs, t.outbox.c.state.in_(OPEN)),
        alarms=_count(connection, t.alarm, t.alarm.c.message.in_(_messages_of(address))),
        notes=_count(connection, t.event, t.event.c.address == address),
        answers=_count(connection, t.answer_key, answers),
        reports=_count(connection, t.outbox, _reports_on(address)),
        bounces=_count(connection, t.bounce, t.bounce.c.address == address),
        is_known=bool(_count(connection, t.correspondent, t.correspondent.c.address == address)),
    )


def forget(connection: Connection, address: str) -> None:
    """Everything on record of this person; how far the folders have been read stays."""
    for table in (t.message, t.outbox, t.alarm):
        sql.keep_count(connection, table)
    _blank(connection, _reports_on(address))
    _forget_answers(connection, address)
    _delete_messages(connection, _numbers(connection, _messages_of(address)))
    _delete_mails(connection, t.outbox.c.recipient == address)
    connection.execute(t.bounce.delete().where(t.bounce.c.address == address))
    connection.execute(t.event.delete().where(t.event.c.address == address))
    connection.execute(t.correspondent.delete().where(t.correspondent.c.address == address))


def _messages_of(address: str) -> sa.Select[tuple[int]]:
    return sa.select(t.message.c.id).where(t.message.c.sender == address)


def _mails_about(address: str) -> sa.ColumnElement[bool]:
    return sa.or_(t.outbox.c.recipient == address, t.outbox.c.message.in_(_messages_of(address)))


def _reports_on(address: str) -> sa.ColumnElement[bool]:
    names_them = sa.func.instr(sa.func.lower(t.outbox.c.text), address) > 0
    return sa.and_(t.outbox.c.kind == OutboxKind.DIGEST, names_them, t.outbox.c.state.not_in(OPEN))


def _forget_answers(connection: Connection, address: str) -> None:
    """A mail that was written to others too is kept for them; their threads are forgotten in any case."""
    key = t.answer_key.c
    of_them = sa.select(key.answer).where(key.key == f"to:{address}")
    theirs = _numbers(connection, of_them)
    others = sa.select(key.answer).where(key.key.startswith("to:"), key.key != f"to:{address}")
    shared = set(_numbers(connection, others.where(key.answer.in_(of_them))))
    connection.execute(t.answer_key.delete().where(key.key == f"to:{address}"))
    ids = connection.execute(sa.select(t.message.c.message_id).where(t.message.c.sender == address)).scalars()
    for chunk in _chunks([f"id:{message_id}" for message_id in ids if message_id]):
        connection.execute(t.answer_key.delete().where(key.key.in_(chunk)))
    _delete_answers(connection, [answer for answer in theirs if answer not in shared])


# --- pieces -------------------------------------------------------------------------------------------------------


def _first(table: sa.Table, limit: int, *where: sa.ColumnElement[bool]) -> sa.Select[tuple[int]]:
    return sa.select(table.c.id).where(*where).limit(limit)


def _numbers(connection: Connection, query: sa.Select[Any]) -> list[int]:
    return [row[0] for row in connection.execute(query)]


def _count(connection: Connection, table: sa.Table, *where: sa.ColumnElement[bool]) -> int:
    return int(connection.execute(sa.select(sa.func.count()).select_from(table).where(*where)).scalar_one())


def _blank(connection: Connection, *which: sa.ColumnElement[bool]) -> int:
    _keep_codes(connection, *which)
    return connection.execute(t.outbox.update().where(*which).values(content=None, text="")).rowcount


def _keep_codes(connection: Connection, *which: sa.ColumnElement[bool]) -> None:
    """A refusal may quote the mail: only its codes stay."""
    mail = t.outbox.c
    failed = sa.select(mail.id, mail.reason).where(*which, mail.state.in_(NOT_DELIVERED), mail.reason != "")
    for row, reason in connection.execute(failed).all():
        codes = CODES.match(reason)
        values = {"reason": codes[0] if codes else ""}
        connection.execute(t.outbox.update().where(mail.id == row).values(values))


def _delete(connection: Connection, table: sa.Table, ids: sa.Select[tuple[int]]) -> int:
    return connection.execute(table.delete().where(table.c.id.in_(ids))).rowcount


def _delete_mails(connection: Connection, which: sa.ColumnElement[bool]) -> int:
    """They may lie in Sent for ever: until when that is no sign of a lost record stays known."""
    latest = connection.execute(sa.select(sa.func.max(t.outbox.c.changed_at)).where(which)).scalar()
    before = connection.execute(sa.select(t.setting.c.value).where(t.setting.c.key == OFF_RECORD)).scalar()
    if latest is not None and (before is None or latest > datetime.fromisoformat(before)):
        sql.set_setting(connection, OFF_RECORD, latest.isoformat())
    return connection.execute(t.outbox.delete().where(which)).rowcount


def _delete_messages(connection: Connection, ids: Sequence[int]) -> int:
    """With all that they led to."""
    for chunk in _chunks(ids):
        _delete_mails(connection, t.outbox.c.message.in_(chunk))
        connection.execute(t.alarm.delete().where(t.alarm.c.message.in_(chunk)))
        connection.execute(t.observation.delete().where(t.observation.c.message.in_(chunk)))
        connection.execute(t.message.delete().where(t.message.c.id.in_(chunk)))
    return len(ids)


def _delete_answers(connection: Connection, ids: Sequence[int]) -> int:
    for chunk in _chunks(ids):
        connection.execute(t.answer_key.delete().where(t.answer_key.c.answer.in_(chunk)))
        connection.execute(t.answer.delete().where(t.answer.c.id.in_(chunk)))
    return len(ids)


def _chunks(values: Sequence[_Value]) -> Iterator[Sequence[_Value]]:
    return (values[start : start + sql.CHUNK] for start in range(0, len(values), sql.CHUNK))
