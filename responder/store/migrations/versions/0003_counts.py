"""Indexes for the metrics, and for the messages nobody has dealt with yet"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_message_counts", "message", ["account", "office", "urgency", "veto"])
    op.create_index("ix_message_open", "message", ["account", "arrived_at"], sqlite_where=sa.text("handled_at IS NULL"))
    op.create_index("ix_outbox_counts", "outbox", ["account", "kind", "state"])
