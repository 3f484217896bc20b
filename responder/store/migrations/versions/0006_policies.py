"""Policies by their hash, and with which of them each message was decided"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "policy",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("first_seen", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("hash"),
    )
    op.add_column("message", sa.Column("policy", sa.Text(), nullable=True))
    op.create_index("ix_message_policy", "message", ["policy"], sqlite_where=sa.text("policy IS NOT NULL"))
