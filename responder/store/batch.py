"""The open transaction of one batch of new messages.

What it adds, the next message of the batch already sees: two mails of one
sender in one batch lead to one reply.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from functools import cache

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert as insert_or
from sqlalchemy.engine import Connection

from responder.mail.addresses import Address
from responder.mail.bounce import Bounce
from responder.mail.domains import organisation
from responder.policy.decide import Past, PastReply
from responder.policy.model import Used
from responder.store import alarms, bounces, policies, sql
from responder.store import schema as t
from responder.store.records import (
    Asked,
    BounceRow,
    FolderPosition,
    NewAlarm,
    NewMail,
    NewMessage,
    OutboxKind,
    OutboxState,
    Place,
    Since,
)

Counted = Collection[OutboxState]  # the states in which an automatic mail counts as had, or about to be had


class Batch:
    """The open transaction of one batch; what it adds, the next message of the batch already sees."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def known(self, place: Place) -> bool:
        """Is this message on record? (The same UIDs may be handed over twice.)"""
        return bool(self._connection.execute(KNOWN, asdict(place)).scalar())

    def past(self, place: Place, asked: Asked, since: Since, counted: Counted) -> Past:
        """What bears on a message: replies its sender had, its thread, what the caps count, was it here before."""
        address, thread = Address("", asked.sender), asked.thread
        to_sender = {"recipient_key": address.untagged, "since": since.period}
        replies = self._connection.execute(_replies(frozenset(counted)), to_sender).all()
        crowd = asked.crowd or organisation(address.domain)

        def used(*which: sa.ColumnElement[bool], **values: object) -> Used:
            return sql.replies(self._connection, counted, since.now, *which, **values)

        return Past(
            known=self._is_known(asked.sender),
            replies=tuple(PastReply(at, template) for at, template in replies),
            answered_at=self._answered_at(asked.sender, thread, since.arrived),
            bounced_at=bounces.last(self._connection, asked.sender, since),
            thread=used(sql.IN_THREAD, ids=thread[-sql.CHUNK :]),
            domain=used(sql.OF_CROWD, crowd=crowd),
            followed_up=sql.followed_up(self._connection, counted, since.now, crowd),
            account=used(sql.OF_ACCOUNT, account=place.account),
            office=used(),
            alerts=alarms.raised(self._connection, place.account, since.now, counted),
            about_alarm=alarms.is_about_one(self._connection, thread),
            seen_before=self._was_here(place, asked),
        )

    def sent_by_us(self, message_ids: Iterable[str]) -> bool:
        """Did a mail of ours go out under one of these Message-IDs?"""
        return any(sql.sent_by_us(self._connection, each) for each in message_ids)

    def _answered_at(self, sender: str, thread: Sequence[str], arrived: datetime) -> datetime | None:
        """When a person of ours last wrote in this thread, or to the sender since the message came."""
        in_thread = sql.last_answer(self._connection, [f"id:{each}" for each in thread])
        to_sender = sql.last_answer(self._connection, [f"to:{sender}"])
        since = to_sender if to_sender is not None and to_sender >= arrived else None
        return max((at for at in (in_thread, since) if at is not None), default=None)

    def _is_known(self, sender: str) -> bool:
        return bool(self._connection.execute(KNOWN_SENDER, {"sender": sender}).scalar())

    def _was_here(self, place: Place, asked: Asked) -> bool:
        """Is this very mail on record already: moved away and back, or delivered twice?

        A copy that came through a mailing list and was vetoed for that is not the one that came to us.
        """
        if asked.message_id is None:
            return False
        same = self._connection.execute(SAME_MAIL, {"message_id": asked.message_id})
        found = [veto for account, veto in same if account == place.account]
        return any(veto is None or asked.is_vetoed for veto in found)

    def add(self, message: NewMessage, mails: Iterable[NewMail], at: datetime, alarm: NewAlarm | None = None) -> int:
        """Record one decided message and what it leads to."""
        number = sql.fresh_id(self._connection, t.message)
        values = {
            "id": number,
            **asdict(message.place),
            "state": message.state,
            "message_id": message.message_id,
            "references": list(message.references),
            "arrived_at": message.arrived_at,
            "decided_at": at,
            "sender": message.sender,
            "sender_name": message.sender_name,
            "subject": message.subject,
            "office": message.office,
            "urgency": message.urgency,
            "veto": message.veto,
            "decision": dict(message.decision),
            "own_words": message.own_words or "",
            "words_gone_at": at if message.own_words is None else None,
            "marks": list(message.marks),
            "marked_at": None if message.marks else at,
            "promise_at": message.promise_at,
            "handled_at": at if message.handled_how else None,
            "handled_how": message.handled_how,
            "error": message.error,
            "policy": message.policy,
        }
        self._connection.execute(ADD, values)
        for mail in mails:
            sql.add_mail(self._connection, mail, number, at)
        if alarm is not None:
            alarms.add(self._connection, alarm, number, at)
        return number

    def keep_policy(self, text: str, at: datetime) -> str:
        """Keep the text of the policy in force; its hash."""
        return policies.keep(self._connection, text, at)

    def acknowledge(self, message_ids: Sequence[str], by: str, at: datetime) -> int:
        """A person has answered an alarm by mail; how many alarms that ends."""
        return alarms.acknowledge(self._connection, message_ids, by, at)

    def came_back(self, account: str, bounce: Bounce, since: datetime, how: str, at: datetime) -> tuple[BounceRow, ...]:
        """A report says that mails of ours came back; what of it is true, and new. See `bounces.add`."""
        return bounces.add(self._connection, account, bounce, since, how, at)

    def note_trouble(self, account: str, kind: str, text: str, at: datetime) -> bool:
        return sql.note_trouble(self._connection, account, kind, text, at)

    def is_open(self, kind: str) -> bool:
        """Is such a trouble on record that goes on, of whichever account?"""
        return bool(self._connection.execute(OPEN_TROUBLE, {"kind": kind}).scalar())

    def raise_alarm(self, alarm: NewAlarm, at: datetime) -> None:
        """Tell somebody of something that belongs to no message."""
        alarms.add(self._connection, alarm, None, at)

    def set(self, key: str, value: str | None) -> None:
        """Set a setting together with the batch; None removes it."""
        sql.set_setting(self._connection, key, value)

    def baseline(self, position: FolderPosition) -> None:
        """Record the starting line of a folder: nothing up to `last_uid` is ever answered.

        A server set back to a backup gives UIDs again: what was on record beyond the line gives its place up to them.
        """
        beyond = (
            t.message.c.account == position.account,
            t.message.c.folder == position.name,
            t.message.c.uidvalidity == position.uidvalidity,
            t.message.c.uid > position.last_uid,
        )
        self._connection.execute(t.message.update().where(*beyond).values(uid=-t.message.c.id))
        values = {column: getattr(position, column) for column in FolderPosition.__dataclass_fields__}
        statement = insert_or(t.folder).values(**values)
        self._connection.execute(statement.on_conflict_do_update(index_elements=["account", "name"], set_=values))

    def advance(self, account: str, name: str, last_uid: int, at: datetime) -> None:
        """Everything up to `last_uid` is on record, or waited for by its number."""
        sql.change_folder(self._connection, account, name, last_uid=last_uid, checked_at=at)


KNOWN = sa.select(sa.func.count()).where(
    *(t.message.c[column] == sql.given(column) for column in ("account", "folder", "uidvalidity", "uid"))
)
KNOWN_SENDER = sa.select(
    sa.or_(
        sa.exists().where(t.correspondent.c.address == sql.given("sender")),
        sa.exists().where(t.message.c.sender == sql.given("sender")),
    )
)
SAME_MAIL = sa.select(t.message.c.account, t.message.c.veto).where(t.message.c.message_id == sql.given("message_id"))
OPEN_TROUBLE = sa.select(sa.exists().where(t.trouble.c.kind == sql.given("kind"), t.trouble.c.ended_at.is_(None)))
ADD = t.message.insert()


@cache
def _replies(counted: frozenset[OutboxState]) -> sa.Select[datetime, str]:
    c = t.outbox.c
    of_sender = (c.recipient_key == sql.given("recipient_key"), c.created_at >= sql.given("since"))
    had = (c.kind == OutboxKind.REPLY, sql.is_one_of(c.state, counted))
    return sa.select(c.created_at, c.template).where(*of_sender, *had).order_by(c.created_at)
