"""Indexes by which the cost of one mail does not grow with those before it"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_outbox_crowd", "outbox", ["recipient_domain", "created_at"])
    op.create_index("ix_outbox_late", "outbox", ["state", "not_after"])
    op.create_index("ix_outbox_uncopied", "outbox", ["account", "state"], sqlite_where=sa.text("copy = 'pending'"))
