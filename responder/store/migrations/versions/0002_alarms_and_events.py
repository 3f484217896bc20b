"""Alarms that wait for a person's word, what people did, and words that are kept for a while only"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "alarm",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("message", sa.Integer(), nullable=True),
        sa.Column("headline", sa.Text(), nullable=False),
        sa.Column("raised_at", sa.DateTime(), nullable=False),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["message"], ["message.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_alarm_message", "alarm", ["message"])
    op.create_index("ix_alarm_open", "alarm", ["account", "kind", "ended_at"])
    op.create_table(
        "event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_event_address", "event", ["address"])
    op.create_index("ix_event_at", "event", ["at"])
    # SQLite adds a column with its reference only in one statement of its own
    op.execute("ALTER TABLE outbox ADD COLUMN alarm INTEGER REFERENCES alarm (id)")
    op.create_index("ix_outbox_alarm", "outbox", ["alarm"], sqlite_where=sa.text("alarm IS NOT NULL"))
    op.add_column("message", sa.Column("words_gone_at", sa.DateTime(), nullable=True))
    op.create_index("ix_message_words", "message", ["decided_at"], sqlite_where=sa.text("words_gone_at IS NULL"))
    op.create_index("ix_outbox_words", "outbox", ["changed_at"], sqlite_where=sa.text("content IS NOT NULL"))
    # a pause was kept as its reason alone
    op.execute(
        "UPDATE setting SET value = json_object('reason', value, "
        "'since', strftime('%Y-%m-%dT%H:%M:%S+00:00', 'now'), 'until', NULL) WHERE key = 'paused'"
    )
