"""Rows to values, and the statements that more than one transaction makes.

Everything here works on a connection whose transaction somebody else began.

A statement that runs for every message or mail is made once, with places for what changes (`given`): to make it, and
to find what SQLAlchemy has compiled of its like, takes longer than to run it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any, TypeAlias, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert as insert_or
from sqlalchemy.engine import Connection, RowMapping

from responder.mail.addresses import Address
from responder.mail.domains import organisation
from responder.policy.model import DAY, HOUR, Used
from responder.ports import PersonsMail
from responder.store import schema as t
from responder.store.records import (
    CopyState,
    DigestRow,
    Event,
    EventKind,
    MessageRow,
    MessageState,
    NewMail,
    OutboxKind,
    OutboxRow,
    OutboxState,
    Place,
    Transport,
    TroubleRow,
    WaitingRow,
)

CHUNK = 500  # values in one IN (…)
EVENT_COLUMNS = tuple(Event.__dataclass_fields__)
LAST_ID = "last_id:"  # setting: the highest number a table had when rows of it were forgotten
RECORDED_AT = sa.func.coalesce(t.event.c.recorded_at, t.event.c.at)
Value = TypeVar("Value")
Counting: TypeAlias = sa.Select[int, int]


def is_of(address: sa.Column[str], sender: str) -> sa.ColumnElement[bool]:
    """That address, or any of that domain."""
    domain = f"@{sender.removeprefix('@')}"
    return sa.or_(address == sender, address.endswith(domain, autoescape=True))


def beside(column: sa.Column[str]) -> sa.ColumnElement[str]:
    """To be looked at in the rows that another condition finds: SQLite takes no index for it."""
    return column.concat("")


def is_in_index(column: sa.Column[str], value: StrEnum) -> sa.ColumnElement[bool]:
    """As a partial index has it: SQLite takes that only for a condition written out."""
    return column == sa.literal_column(f"'{value.value}'")


def given(name: str) -> sa.BindParameter[Any]:
    """A place for a value. In an UPDATE its name is not that of a column: what has one is set to the value."""
    return sa.bindparam(name)


def given_any(name: str) -> sa.BindParameter[Any]:
    """A place for several values."""
    return sa.bindparam(name, expanding=True)


def is_one_of(column: sa.ColumnElement[str], values: Iterable[StrEnum]) -> sa.ColumnElement[bool]:
    """Of values that are always the same: those of a plain `in_` are written into the statement at each run."""
    return column.in_([sa.literal(value.value) for value in sorted(values)])


def by_id(
    connection: Connection, table: sa.Table, ids: Sequence[int], make: Callable[[RowMapping], Value]
) -> dict[int, Value]:
    """The rows with these ids, as values."""
    found: dict[int, Value] = {}
    for start in range(0, len(ids), CHUNK):
        rows = connection.execute(_by_id(table), {"ids": ids[start : start + CHUNK]}).mappings()
        found.update((row["id"], make(row)) for row in rows)
    return found


@cache
def _by_id(table: sa.Table) -> sa.Select[Any]:
    return sa.select(table).where(table.c.id.in_(given_any("ids")))


def fresh_id(connection: Connection, table: sa.Table) -> int:
    """The next number; never one that was given before: a running daemon may still hold that of a forgotten row."""
    newest, kept = connection.execute(_newest_id(table)).one()
    return max(newest or 0, int(kept or 0)) + 1


@cache
def _newest_id(table: sa.Table) -> sa.Select[int | None, str | None]:
    newest = sa.select(sa.func.max(table.c.id)).scalar_subquery()
    kept = sa.select(t.setting.c.value).where(t.setting.c.key == f"{LAST_ID}{table.name}").scalar_subquery()
    return sa.select(newest, kept)


def keep_count(connection: Connection, table: sa.Table) -> None:
    """Before rows are forgotten: their numbers are not given again."""
    values = {"key": f"{LAST_ID}{table.name}", "value": str(fresh_id(connection, table) - 1)}
    statement = insert_or(t.setting).values(values)
    connection.execute(statement.on_conflict_do_update(index_elements=["key"], set_=values))


def message_of(row: Mapping[Any, Any]) -> MessageRow:
    values = dict(row)
    place = Place(*(values.pop(name) for name in ("account", "folder", "uidvalidity", "uid")))
    values["state"] = MessageState(values["state"])
    values["references"] = tuple(values["references"])
    values["marks"] = tuple(values["marks"])
    return MessageRow(place=place, **values)


def mail_of(row: Mapping[Any, Any]) -> OutboxRow:
    values = dict(row)
    del values["recipient_domain"], values["recipient_key"]
    values["kind"] = OutboxKind(values["kind"])
    values["transport"] = Transport(values.pop("delivery"))
    values["state"] = OutboxState(values["state"])
    values["copy"] = CopyState(values["copy"])
    return OutboxRow(**values)


def waiting_of(row: RowMapping) -> WaitingRow:
    root = row["references"][0] if row["references"] else row["message_id"] or str(row["message"])
    return WaitingRow(row["id"], Transport(row["delivery"]), row["recipient"], root)


def trouble_of(row: RowMapping) -> TroubleRow:
    values = dict(row)
    del values["id"]
    return TroubleRow(**values)


def event_of(row: RowMapping) -> Event:
    values = dict(row)
    del values["id"]
    values["kind"] = EventKind(values["kind"])
    return Event(**values)


def digest_of(row: RowMapping) -> DigestRow:
    return DigestRow(row["account"], row["date"], row["covers_from"], row["covers_to"])


def add_mail(connection: Connection, mail: NewMail, message: int | None, at: datetime, alarm: int | None = None) -> int:
    recipient, number = Address("", mail.recipient), fresh_id(connection, t.outbox)
    values = {
        "id": number,
        "kind": mail.kind,
        "delivery": mail.transport,
        "state": mail.state,
        "account": mail.account,
        "message": message,
        "recipient": mail.recipient,
        "recipient_key": recipient.untagged,
        "recipient_domain": mail.crowd or organisation(recipient.domain),
        "template": mail.template,
        "language": mail.language,
        "envelope_from": mail.envelope_from,
        "message_id": mail.message_id,
        "content": mail.content,
        "text": mail.text,
        "created_at": at,
        "due_at": mail.due_at,
        "not_after": mail.not_after,
        "changed_at": at,
        "reason": mail.reason,
        "copy": mail.copy,
        "alarm": alarm,
    }
    connection.execute(ADD_MAIL, values)
    return number


ADD_MAIL = t.outbox.insert()

OF_ACCOUNT = t.outbox.c.account == given("account")
OF_CROWD = t.outbox.c.recipient_domain == given("crowd")
# A mail of ours that has one of these Message-IDs, or that answers a message that has.
IN_THREAD = sa.or_(
    t.outbox.c.message_id.in_(given_any("ids")),
    t.outbox.c.message.in_(sa.select(t.message.c.id).where(t.message.c.message_id.in_(given_any("ids")))),
)


def replies(
    connection: Connection,
    counted: Collection[OutboxState],
    now: datetime,
    *which: sa.ColumnElement[bool],
    **values: object,
) -> Used:
    """How many automatic replies until now, in one of these states; `which`: of the conditions above."""
    return used(connection, _replies(frozenset(counted), *which), now, **values)


@cache
def _replies(counted: frozenset[OutboxState], *which: sa.ColumnElement[bool]) -> Counting:
    c = t.outbox.c
    return counting(c.id, c.kind == OutboxKind.REPLY, is_one_of(c.state, counted), *which)


def followed_up(connection: Connection, counted: Collection[OutboxState], now: datetime, crowd: str) -> Used:
    """To how many people of an organisation a follow-up is owed or was had: one answers all mails of a person."""
    return used(connection, _followed_up(frozenset(counted)), now, crowd=crowd)


@cache
def _followed_up(counted: frozenset[OutboxState]) -> Counting:
    c = t.outbox.c
    # Found by the organisation: by its kind, SQLite would as soon read all follow-ups of a day.
    owed = (beside(c.kind) == OutboxKind.FOLLOW_UP, is_one_of(beside(c.state), counted))
    return counting(c.recipient_key, *owed, OF_CROWD)


def used(connection: Connection, query: Counting, now: datetime, **values: object) -> Used:
    """Of what is counted, the last hour's and the last day's."""
    return Used(*connection.execute(query, {"an_hour_ago": now - HOUR, "a_day_ago": now - DAY, **values}).one())


def counting(what: sa.Column[Any], *which: sa.ColumnElement[bool]) -> Counting:
    """How many different values of that column the mails have that were made within the last hour and day."""
    made = t.outbox.c.created_at
    last_hour = sa.func.count(sa.case((made > given("an_hour_ago"), what)).distinct())
    return sa.select(last_hour, sa.func.count(what.distinct())).where(made > given("a_day_ago"), *which)


def change_mail(connection: Connection, row: int, **values: object) -> None:
    """Set columns of one mail."""
    connection.execute(CHANGE_MAIL, {"row": row, **values})


CHANGE_MAIL = t.outbox.update().where(t.outbox.c.id == given("row"))


def change_folder(connection: Connection, account: str, name: str, **values: object) -> None:
    """Set columns of one folder."""
    connection.execute(CHANGE_FOLDER, {"of_account": account, "of_name": name, **values})


CHANGE_FOLDER = t.folder.update().where(t.folder.c.account == given("of_account"), t.folder.c.name == given("of_name"))


def drop_late(connection: Connection, now: datetime) -> None:
    connection.execute(DROP_LATE, {"now": now})


DROP_LATE = (
    t.outbox.update()
    .where(t.outbox.c.state == OutboxState.DUE, t.outbox.c.not_after <= given("now"))
    .values(state=OutboxState.DROPPED, changed_at=given("now"), reason="it came too late to be true")
)


def sent_by_us(connection: Connection, message_id: str) -> bool:
    return bool(connection.execute(SENT_BY_US, {"message_id": message_id}).scalar())


# A draft of ours that a person sent is a person's answer: only what went out by SMTP is ours.
SENT_BY_US = sa.select(sa.func.count()).where(
    t.outbox.c.message_id == given("message_id"), t.outbox.c.delivery == Transport.SMTP
)


def add_answer(connection: Connection, account: str, mail: PersonsMail) -> None:
    added = connection.execute(
        insert_or(t.answer).values(account=account, message_id=mail.message_id, at=mail.at).on_conflict_do_nothing()
    )
    if added.rowcount != 1 or added.inserted_primary_key is None:
        return
    thread = (*mail.thread, mail.message_id)  # the customer's answer to it will name it
    keys = {*(f"to:{address}" for address in mail.recipients), *(f"id:{message_id}" for message_id in thread)}
    rows = [{"answer": added.inserted_primary_key[0], "key": key} for key in sorted(keys)]
    if rows:
        connection.execute(t.answer_key.insert(), rows)


def last_answer(connection: Connection, keys: Sequence[str]) -> datetime | None:
    return connection.execute(LAST_ANSWER, {"keys": keys[-CHUNK:]}).scalar()


LAST_ANSWER = (
    sa.select(sa.func.max(t.answer.c.at))
    .join(t.answer_key, t.answer_key.c.answer == t.answer.c.id)
    .where(t.answer_key.c.key.in_(given_any("keys")))
)


def handled(connection: Connection, messages: Sequence[int], how: str, at: datetime, now: datetime) -> None:
    """A person dealt with them at that time: the clock stops, and what waits for them is cancelled."""
    connection.execute(
        t.message.update()
        .where(t.message.c.id.in_(messages), t.message.c.handled_at.is_(None))
        .values(handled_at=at, handled_how=how)
    )
    connection.execute(
        t.outbox.update()
        .where(
            t.outbox.c.message.in_(messages),
            t.outbox.c.kind == OutboxKind.FOLLOW_UP,
            t.outbox.c.state.in_((OutboxState.WAITING, OutboxState.DUE)),
        )
        .values(state=OutboxState.CANCELLED, reason=how, changed_at=now)
    )


def close_doubt(connection: Connection, reason: str, now: datetime, *which: sa.ColumnElement[bool]) -> int:
    """A person has looked into it: whether it went out or not, it is off the list; how many there were."""
    in_doubt = t.outbox.update().where(*which, t.outbox.c.state == OutboxState.UNCERTAIN)
    return connection.execute(in_doubt.values(state=OutboxState.CLOSED, reason=reason, changed_at=now)).rowcount


def add_event(connection: Connection, event: Event) -> None:
    connection.execute(t.event.insert().values(**{name: getattr(event, name) for name in EVENT_COLUMNS}))


def set_setting(connection: Connection, key: str, value: str | None) -> None:
    """None removes it."""
    connection.execute(REMOVE_SETTING, {"key": key})
    if value is not None:
        connection.execute(ADD_SETTING, {"key": key, "value": value})


REMOVE_SETTING = t.setting.delete().where(t.setting.c.key == given("key"))
ADD_SETTING = t.setting.insert()


def note_trouble(connection: Connection, account: str, kind: str, text: str, at: datetime) -> bool:
    which = {"of_account": account, "of_kind": kind}
    if connection.execute(TROUBLE_GOES_ON, {**which, "last_seen": at, "text": text}).rowcount:
        return False
    begun = {"account": account, "kind": kind, "text": text, "since": at, "last_seen": at, "times": 1}
    connection.execute(ADD_TROUBLE, begun)
    return True


ADD_TROUBLE = t.trouble.insert()
TROUBLE_GOES_ON = (
    t.trouble.update()
    .where(t.trouble.c.account == given("of_account"), t.trouble.c.kind == given("of_kind"))
    .where(t.trouble.c.ended_at.is_(None))
    .values(times=t.trouble.c.times + 1)
)


def end_trouble(connection: Connection, account: str, kinds: Sequence[str], at: datetime) -> None:
    connection.execute(
        t.trouble.update()
        .where(t.trouble.c.account == account, t.trouble.c.kind.in_(kinds), t.trouble.c.ended_at.is_(None))
        .values(ended_at=at)
    )
