"""What staff did with mails that the rules had judged otherwise: recorded once, and read for `suggest`.

Everything here works on a connection whose transaction somebody else began.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert as insert_or
from sqlalchemy.engine import Connection

from responder.policy.decide import SEEN_BEFORE
from responder.store import schema as t
from responder.store import sql
from responder.store.records import MessageState, Observation, Observed, Remembered

AT_ONCE = timedelta(hours=1)  # who clears a flag and answers within that time had seen to the mail


def add(connection: Connection, observations: Iterable[Observation]) -> None:
    """The first of its kind about a mail stays."""
    rows = [
        {"message": each.message, "what": each.what, "at": each.at, "folder": each.folder, "judged": each.judged}
        for each in observations
    ]
    connection.execute(insert_or(t.observation).on_conflict_do_nothing(), rows)


def known(connection: Connection, messages: Sequence[int]) -> frozenset[tuple[int, Observed]]:
    """What is on record about these mails."""
    c, found = t.observation.c, set[tuple[int, Observed]]()
    for start in range(0, len(messages), sql.CHUNK):
        rows = connection.execute(
            sa.select(c.message, c.what).where(c.message.in_(messages[start : start + sql.CHUNK]))
        )
        found |= {(message, Observed(what)) for message, what in rows}
    return frozenset(found)


def since(connection: Connection, account: str, at: datetime) -> tuple[Observation, ...]:
    """Of one account, in the order they were made; without a flag that was cleared because the mail was done with."""
    c = t.observation.c
    query = sa.select(t.observation, t.message.c.handled_at).join(t.message, t.message.c.id == c.message)
    rows = connection.execute(
        query.where(sql.beside(t.message.c.account) == account, c.at >= at).order_by(c.at, c.message)
    )
    return tuple(
        Observation(row.message, Observed(row.what), row.at, row.judged, row.folder)
        for row in rows
        if row.what != Observed.UNFLAGGED or row.handled_at is None or row.handled_at > row.at + AT_ONCE
    )


def remembered(connection: Connection, account: str, arrived: datetime) -> Iterator[Remembered]:
    """The mails of persons that came since then, as far as their words are kept, the oldest first."""
    c = t.message.c
    columns = (c.id, c.arrived_at, c.sender, c.sender_name, c.subject, c.own_words, c.marks)
    is_persons = (c.state == MessageState.DECIDED, c.veto.is_(None), c.words_gone_at.is_(None))
    is_moved = sa.func.coalesce(c.handled_how, "") == SEEN_BEFORE  # it came once, and stands on record twice
    query = sa.select(*columns).where(sql.beside(c.account) == account, c.arrived_at >= arrived, *is_persons, ~is_moved)
    query = query.order_by(c.arrived_at, c.id)
    for row in connection.execution_options(yield_per=sql.CHUNK).execute(query).mappings():
        yield Remembered(**{**row, "marks": tuple(row["marks"])})
