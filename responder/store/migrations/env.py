"""Runs the migrations on the connection the store hands over."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

from responder.store.schema import Moment, metadata


def plain_type(kind: str, item: Any, _autogen: AutogenContext) -> str | Literal[False]:
    """Migrations name SQL's own types: what they did must not change when our classes do."""
    return "sa.DateTime()" if kind == "type" and isinstance(item, Moment) else False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection, target_metadata=metadata, render_as_batch=True, render_item=plain_type, compare_type=False
)
context.run_migrations()
