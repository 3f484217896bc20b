"""The policies that messages were decided with, as their files read then, by the hash of the text.

Everything here works on a connection whose transaction somebody else began.
"""

from __future__ import annotations

import hashlib
import zlib
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert as insert_or
from sqlalchemy.engine import Connection

from responder.store import schema as t
from responder.store.records import KeptPolicy


def keep(connection: Connection, text: str, at: datetime) -> str:
    """Keep a policy's text, once; its hash (SHA-256)."""
    content = text.encode("utf-8", "surrogatepass")
    digest = hashlib.sha256(content).hexdigest()
    if not connection.execute(sa.select(t.policy.c.hash).where(t.policy.c.hash == digest)).scalar():
        values = {"hash": digest, "text": zlib.compress(content), "first_seen": at}
        connection.execute(insert_or(t.policy).values(values).on_conflict_do_nothing())
    return digest


def find(connection: Connection, digest: str) -> KeptPolicy | None:
    row = connection.execute(sa.select(t.policy).where(t.policy.c.hash == digest)).one_or_none()
    if row is None:
        return None
    return KeptPolicy(row.hash, zlib.decompress(row.text).decode("utf-8", "surrogatepass"), row.first_seen)


def purge(connection: Connection, before: datetime) -> int:
    """Those first seen before that time with which no message on record was decided; how many there were."""
    is_used = sa.exists().where(t.message.c.policy == t.policy.c.hash)
    return connection.execute(t.policy.delete().where(t.policy.c.first_seen < before, ~is_used)).rowcount
