"""Write the migration that brings the newest stored shape to the declared one; review it before use.

Usage: python -m tools.new_migration 0002 "deal: add the settlement currency"
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from sqlcipher3 import dbapi2

from desktop.models import migrations


def main(revision: str, message: str) -> None:
    """Migrate an empty store to the newest script, compare it with the declarations, write the difference."""
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "shape.db")
        engine = sa.create_engine(
            "sqlite://", module=dbapi2, creator=lambda: dbapi2.connect(path, isolation_level=None)
        )
        with engine.connect() as connection, connection.begin():
            migrations.upgrade(connection)
        with engine.connect() as connection:
            command.revision(
                migrations.configuration(connection), message, autogenerate=True, rev_id=revision
            )
        engine.dispose()


if __name__ == "__main__":
    main(*sys.argv[1:3])
