"""The store's history of shapes: each step is a script in ``versions``, run in order at opening."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

if TYPE_CHECKING:
    from sqlalchemy import Connection

HEAD: Final = "0003"
"""The newest revision; a law test compares it with the scripts."""


def configuration(connection: Connection | None = None) -> Config:
    """Return Alembic's configuration for this folder, bound to an open connection."""
    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent))
    made.attributes["connection"] = connection
    return made


def upgrade(connection: Connection) -> None:
    """Bring the store to the newest shape; a store already there costs one query."""
    if sa.inspect(connection).has_table("alembic_version"):
        here = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
        if here == HEAD:
            return
    command.upgrade(configuration(connection), "head")
