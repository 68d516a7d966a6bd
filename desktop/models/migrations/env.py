"""Alembic's entry: run the scripts on the connection that the store has opened."""

from typing import Any

from alembic import context
from sqlalchemy import TypeDecorator

from desktop.models.sync_tables import OUTBOX


def plain_type(kind: str, item: Any, _autogenerate: Any) -> Any:
    """Write our column types into scripts as what SQLite stores, so that old scripts need no old code."""
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{type(item.impl_instance).__name__}()"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=OUTBOX.metadata,
    render_as_batch=True,
    render_item=plain_type,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
