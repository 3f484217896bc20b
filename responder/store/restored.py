"""The statements that make a restored state safe: what may have been done since the backup is not done again.

Everything here works on a connection whose transaction somebody else began.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from responder.store import schema as t
from responder.store.records import OutboxKind, OutboxState, Transport

WHY = "restored from a backup: it may have gone out since then"
TOO_OLD = "restored from a backup: the mail is too old to be answered now"
STALE = "restored from a backup: it is too old to be told"


def make_safe(
    connection: Connection, now: datetime, watched_since: datetime, stale: datetime, followed: datetime
) -> int:
    """Nothing that came before `watched_since` is answered; how many mails to customers are in doubt.

    Alerts from before `stale` are not told again; to mail from before `followed` nothing more is written.
    """
    connection.execute(t.folder.update().values(baselined_at=watched_since))
    mail = t.outbox.c
    old = sa.select(t.message.c.id).where(t.message.c.arrived_at < followed)
    connection.execute(
        t.outbox.update()
        .where(mail.kind == OutboxKind.FOLLOW_UP, mail.state == OutboxState.WAITING, mail.message.in_(old))
        .values(state=OutboxState.CANCELLED, changed_at=now, reason=TOO_OLD)
    )
    was_due = sa.or_(
        mail.state.in_((OutboxState.DUE, OutboxState.SENDING)),
        sa.and_(mail.state == OutboxState.WAITING, mail.due_at <= now),
    )
    to_customer = mail.kind.in_([kind for kind in OutboxKind if kind.to_customer])
    in_doubt = connection.execute(
        t.outbox.update()
        .where(to_customer, mail.delivery == Transport.SMTP, was_due)
        .values(state=OutboxState.UNCERTAIN, changed_at=now, reason=WHY)
    )
    # A draft that is being laid is first looked for in the mailbox, and waits again if it is not there.
    connection.execute(
        t.outbox.update().where(mail.delivery == Transport.DRAFT, was_due).values(state=OutboxState.SENDING)
    )
    connection.execute(
        t.outbox.update()
        .where(mail.kind == OutboxKind.ALERT, was_due, mail.created_at < stale)
        .values(state=OutboxState.CANCELLED, changed_at=now, reason=STALE)
    )
    return in_doubt.rowcount
