"""The tables, and nothing else: what is remembered and how it is keyed.

Times are UTC. States and kinds are the enums of `records.py`, stored as their
text. Every table is described here once; the migrations create the same.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.engine import Dialect

VERSION = "0007"  # the newest migration; a test holds it to alembic's head


class Moment(TypeDecorator[datetime]):
    """An aware datetime, kept as UTC (SQLite knows no zones)."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


metadata = MetaData()

folder = Table(
    "folder",
    metadata,
    Column("account", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("uidvalidity", Integer, nullable=False),
    Column("last_uid", Integer, nullable=False),
    Column("baselined_at", Moment, nullable=False),
    Column("checked_at", Moment, nullable=False),
)

message = Table(
    "message",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("account", Text, nullable=False),
    Column("folder", Text, nullable=False),
    Column("uidvalidity", Integer, nullable=False),
    Column("uid", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("message_id", Text),
    Column("references", JSON, nullable=False),
    Column("arrived_at", Moment, nullable=False),
    Column("decided_at", Moment, nullable=False),
    Column("sender", Text, nullable=False),
    Column("sender_name", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("office", Text, nullable=False),
    Column("urgency", Text, nullable=False),
    Column("veto", Text),
    Column("decision", JSON, nullable=False),
    Column("own_words", Text, nullable=False),
    Column("marks", JSON, nullable=False),
    Column("marked_at", Moment),
    Column("promise_at", Moment),
    Column("handled_at", Moment),
    Column("handled_how", Text),
    Column("error", Text),
    Column("words_gone_at", Moment),
    Column("policy", Text),  # the hash of the one in force when it was decided; null: from before they were kept
    UniqueConstraint("account", "folder", "uidvalidity", "uid", name="uq_message_place"),
    Index("ix_message_sender", "sender", "arrived_at"),
    Index("ix_message_arrived", "arrived_at"),
    Index("ix_message_decided", "decided_at"),
    Index("ix_message_message_id", "message_id"),
    Index("ix_message_unmarked", "account", "marked_at"),
    Index("ix_message_counts", "account", "office", "urgency", "veto"),
    Index("ix_message_open", "account", "arrived_at", sqlite_where=text("handled_at IS NULL")),
    Index("ix_message_policy", "policy", sqlite_where=text("policy IS NOT NULL")),
    Index("ix_message_words", "decided_at", sqlite_where=text("words_gone_at IS NULL")),
)

policy = Table(
    "policy",
    metadata,
    Column("hash", Text, primary_key=True),
    Column("text", LargeBinary, nullable=False),  # as it was read; zlib
    Column("first_seen", Moment, nullable=False),
)

observation = Table(
    "observation",
    metadata,
    Column("message", ForeignKey("message.id"), primary_key=True),
    Column("what", Text, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("folder", Text, nullable=False),
    Column("judged", Text, nullable=False),  # the urgency by the rules
    Index("ix_observation_at", "at"),
)

correspondent = Table(
    "correspondent",
    metadata,
    Column("address", Text, primary_key=True),
    Column("first_seen", Moment, nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("delivery", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("message", ForeignKey("message.id")),
    Column("recipient", Text, nullable=False),
    Column("recipient_domain", Text, nullable=False),  # the organisational one
    Column("template", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("envelope_from", Text, nullable=False),
    Column("message_id", Text, nullable=False, unique=True),
    Column("content", LargeBinary),
    Column("text", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("not_after", Moment),
    Column("attempts", Integer, nullable=False, default=0),
    Column("changed_at", Moment, nullable=False),
    Column("reason", Text, nullable=False, default=""),
    Column("copy", Text, nullable=False),
    Column("alarm", ForeignKey("alarm.id")),
    Column("recipient_key", Text, nullable=False, server_default=""),  # without subaddress: one person's mailbox
    Index("ix_outbox_due", "state", "due_at"),
    Index("ix_outbox_recipient", "recipient", "created_at"),
    Index("ix_outbox_recipient_key", "recipient_key", "created_at"),
    Index("ix_outbox_changed", "changed_at"),
    Index("ix_outbox_kind", "kind", "created_at"),
    Index("ix_outbox_message", "message"),
    Index("ix_outbox_counts", "account", "kind", "state"),
    Index("ix_outbox_alarm", "alarm", sqlite_where=text("alarm IS NOT NULL")),
    Index("ix_outbox_words", "changed_at", sqlite_where=text("content IS NOT NULL")),
    Index("ix_outbox_crowd", "recipient_domain", "created_at"),
    Index("ix_outbox_late", "state", "not_after"),
    Index("ix_outbox_uncopied", "account", "state", sqlite_where=text("copy = 'pending'")),
)

answer = Table(
    "answer",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("account", Text, nullable=False),
    Column("message_id", Text, nullable=False),
    Column("at", Moment, nullable=False),
    UniqueConstraint("account", "message_id", name="uq_answer"),
)

answer_key = Table(
    "answer_key",
    metadata,
    Column("answer", ForeignKey("answer.id"), primary_key=True),
    Column("key", Text, primary_key=True),
    Index("ix_answer_key", "key"),
)

bounce = Table(
    "bounce",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("account", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("message_id", Text, nullable=False),
    Column("kind", Text),
    Column("status", Text, nullable=False),
    UniqueConstraint("address", "message_id", name="uq_bounce"),
    Index("ix_bounce_at", "at"),
)

digest = Table(
    "digest",
    metadata,
    Column("account", Text, primary_key=True),
    Column("date", Text, primary_key=True),
    Column("covers_from", Moment, nullable=False),
    Column("covers_to", Moment, nullable=False),
)

trouble = Table(
    "trouble",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("account", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("since", Moment, nullable=False),
    Column("last_seen", Moment, nullable=False),
    Column("times", Integer, nullable=False),
    Column("ended_at", Moment),
    Index("ix_trouble_open", "account", "kind", "ended_at"),
)

alarm = Table(
    "alarm",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("account", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("message", ForeignKey("message.id")),
    Column("headline", Text, nullable=False),
    Column("raised_at", Moment, nullable=False),
    Column("ended_at", Moment),
    Column("ended_by", Text, nullable=False),
    Index("ix_alarm_open", "account", "kind", "ended_at"),
    Index("ix_alarm_message", "message"),
)

event = Table(
    "event",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("account", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("recorded_at", Moment),
    Index("ix_event_at", "at"),
    Index("ix_event_address", "address"),
)

setting = Table(
    "setting",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
)
