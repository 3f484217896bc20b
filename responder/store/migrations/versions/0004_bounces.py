"""Mails of ours that came back, and what the limits count replies by: a person's mailbox, an organisation"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from responder.mail.addresses import Address
from responder.mail.domains import organisation

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "bounce",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("address", "message_id", name="uq_bounce"),
    )
    op.create_index("ix_bounce_at", "bounce", ["at"])
    op.add_column("outbox", sa.Column("recipient_key", sa.Text(), nullable=False, server_default=""))
    op.create_index("ix_outbox_recipient_key", "outbox", ["recipient_key", "created_at"])
    _fill(op.get_bind())


def _fill(connection: sa.Connection) -> None:
    """What stands on record already counts on: limits look back a day, and `again_after`."""
    recipients = connection.execute(sa.text("SELECT DISTINCT recipient FROM outbox")).scalars().all()
    fill = sa.text("UPDATE outbox SET recipient_key = :key, recipient_domain = :domain WHERE recipient = :recipient")
    for recipient in recipients:
        address = Address("", recipient)
        values = {"key": address.untagged, "domain": organisation(address.domain), "recipient": recipient}
        connection.execute(fill, values)
