"""Takes the server of a test back to what it held at a moment, as its administrator does with a backup."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psycopg import sql

from server.operations import upkeep
from tests.offices import now

if TYPE_CHECKING:
    from server.postgres.database import Database

TABLES = ("entity", "scope", "scope_past", "history", "device_batch", "device_answer", "blob_ref")
"""What push and pull write; accounts and devices are taken to be those of the backup."""


class Backup:
    """What the server held at a moment."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._run("DROP TABLE IF EXISTS {copy}")
        self._run("CREATE TABLE {copy} AS SELECT * FROM {table}")

    def restore(self, *, told: bool) -> None:
        """Take the server back; ``told``: the administrator has said so, as the manual asks."""
        for statement in (
            "DELETE FROM {table}",
            "INSERT INTO {table} OVERRIDING SYSTEM VALUE SELECT * FROM {copy}",
            "DROP TABLE {copy}",
        ):
            self._run(statement)
        if told:
            with self.database.connection() as connection:
                upkeep.restored(connection, now=now())

    def _run(self, statement: str) -> None:
        with self.database.connection() as connection:
            for name in TABLES:
                names = {"table": sql.Identifier(name), "copy": sql.Identifier(f"backup_{name}")}
                connection.execute(sql.SQL(statement).format(**names))
