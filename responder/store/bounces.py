"""The statements about mails of ours that came back.

A report is a claim that anybody can make: it counts for what stands on record as sent by us, under the Message-ID it
names. Everything here works on a connection whose transaction somebody else began.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert as insert_or
from sqlalchemy.engine import Connection

from responder.mail.addresses import Address
from responder.mail.bounce import Bounce
from responder.store import schema as t
from responder.store import sql
from responder.store.records import BounceRow, OutboxKind, OutboxState, Since, Transport

LEFT = (OutboxState.SENDING, OutboxState.SENT, OutboxState.UNCERTAIN, OutboxState.CLOSED)
OF_THE_WAY = ("5.3.", "5.4.", "5.7.")  # RFC 3463: the server, the network, its policy: nothing is known of the mailbox
STAFF = (OutboxKind.ALERT, OutboxKind.DIGEST)


def add(
    connection: Connection, account: str, bounce: Bounce, since: datetime, how: str, at: datetime
) -> tuple[BounceRow, ...]:
    """Record what came back of the mails that have left since then; what has not been on record already.

    The mail of the outbox is `bounced`; what else waits to be sent to that customer is cancelled, and `how` says why.
    """
    found = (*_of_the_outbox(connection, bounce, since, at), *_of_persons(connection, account, bounce, since, at))
    fresh = tuple(row for row in found if _is_new(connection, row))
    for row in fresh:
        _settle(connection, row, how)
    return fresh


def _of_the_outbox(connection: Connection, bounce: Bounce, since: datetime, at: datetime) -> Iterator[BounceRow]:
    """Our own record of the recipient is believed, not the report's; who writes themselves is not gone."""
    for row in connection.execute(sa.select(t.outbox).where(t.outbox.c.message_id.in_(bounce.ids))).mappings().all():
        has_left = row["delivery"] == Transport.SMTP and row["state"] in LEFT and row["changed_at"] >= since
        recipient = Address("", row["recipient"])
        if has_left and recipient.key not in bounce.writers:
            said, kind = bounce.failure_of(recipient.key), OutboxKind(row["kind"])
            yield BounceRow(row["account"], recipient.untagged, at, row["message_id"], kind, said.status, said.detail)


def _of_persons(
    connection: Connection, account: str, bounce: Bounce, since: datetime, at: datetime
) -> Iterator[BounceRow]:
    """A mail of a person may have had several recipients: those count that it went to, and that the report names."""
    named = {f"to:{address}": failure for failure in bounce.failures for address in failure.addresses}
    query = (
        sa.select(t.answer.c.message_id, t.answer_key.c.key)
        .join(t.answer_key, t.answer_key.c.answer == t.answer.c.id)
        .where(t.answer.c.account == account, t.answer.c.message_id.in_(bounce.ids), t.answer.c.at >= since)
        .where(t.answer_key.c.key.in_(named))
    )
    for message_id, key in connection.execute(query).all():
        failure, address = named[key], Address("", key.removeprefix("to:"))
        yield BounceRow(account, address.untagged, at, message_id, None, failure.status, failure.detail)


def _is_new(connection: Connection, row: BounceRow) -> bool:
    kept = {column.name: getattr(row, column.name) for column in t.bounce.c if column.name != "id"}
    added = connection.execute(insert_or(t.bounce).values(**kept).on_conflict_do_nothing())
    return added.rowcount == 1


def _settle(connection: Connection, row: BounceRow, how: str) -> None:
    c = t.outbox.c
    back = t.outbox.update().where(c.message_id == row.message_id, c.delivery == Transport.SMTP)
    connection.execute(back.values(state=OutboxState.BOUNCED, reason=row.detail, changed_at=row.at))
    waits = t.outbox.update().where(
        c.recipient_key == row.address,
        c.kind.in_([kind for kind in OutboxKind if kind.to_customer]),
        c.delivery == Transport.SMTP,
        c.state.in_((OutboxState.WAITING, OutboxState.DUE)),
    )
    connection.execute(waits.values(state=OutboxState.CANCELLED, reason=how, changed_at=row.at))


def last(connection: Connection, sender: str, since: Since) -> datetime | None:
    """When a mail to this person last came back; None if one of ours has written to them after that."""
    key = Address("", sender).untagged
    asked = {"address": key, "refused": since.refused, "bounced": since.bounced}
    at: datetime | None = connection.execute(LAST, asked).scalar()
    wrote = sql.last_answer(connection, [f"to:{each}" for each in {sender, key}]) if at is not None else None
    return None if at is None or (wrote is not None and wrote > at) else at


IS_OF_THE_WAY = sa.or_(*(t.bounce.c.status.startswith(each, autoescape=True) for each in OF_THE_WAY))
LAST = sa.select(sa.func.max(t.bounce.c.at)).where(
    t.bounce.c.address == sql.given("address"),
    sa.or_(
        t.bounce.c.at >= sql.given("refused"),
        sa.and_(t.bounce.c.at >= sql.given("bounced"), ~IS_OF_THE_WAY),
    ),
)


def unreached_staff(connection: Connection, account: str, before: datetime) -> frozenset[str]:
    """Addresses of our own people whose last mail of ours came back, or none has left since that could have shown it.

    A mail has reached its reader when it went out before that time, and has not come back.
    """
    b, c = t.bounce.c, t.outbox.c
    last_back = sa.select(b.address, sa.func.max(b.at).label("at")).where(b.account == account, b.kind.in_(STAFF))
    back = last_back.group_by(b.address).subquery()
    reached = sa.exists().where(
        c.recipient_key == back.c.address,
        c.delivery == Transport.SMTP,
        c.state == OutboxState.SENT,
        c.changed_at > back.c.at,
        c.changed_at <= before,
    )
    return frozenset(connection.execute(sa.select(back.c.address).where(~reached)).scalars())


def of_persons(connection: Connection, account: str, since: datetime, until: datetime) -> tuple[BounceRow, ...]:
    """What came back of mail that persons of this account wrote, after `since` up to and with `until`; no `detail`."""
    c = t.bounce.c
    period = (c.account == account, c.kind.is_(None), c.at > since, c.at <= until)
    query = sa.select(c.address, c.at, c.message_id, c.status).where(*period).order_by(c.at, c.id)
    return tuple(BounceRow(account, **row, kind=None, detail="") for row in connection.execute(query).mappings())
