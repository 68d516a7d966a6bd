"""A table that receives more rows than it holds does without indexes and triggers meanwhile: it is faster.

Both come back before the transaction ends. So the schema in the file is whole whenever the program dies, and
no other connection ever sees it otherwise.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

FEWEST: Final = 1_000
"""Rows from which it pays to take the schema apart."""
CACHE_KIB: Final = 65_536
"""Each index is made from the whole table, and what is out of the cache is deciphered anew for each."""


@dataclass
class InBulk:
    """The tables that do without indexes and triggers within one transaction, and how to make these again."""

    connection: Connection
    _owed: dict[str, list[str]] = field(default_factory=dict)
    _cache: int = 0

    def expect(self, table: str, rows: int) -> None:
        """Drop what would be kept up for each row, if so many new ones are more than the table holds.

        Of the triggers only those upon new rows go; under ``applying`` these would do no more than note
        rows for the search, which whoever writes rows of sync does by himself (``search.note_new``).
        """
        if rows < FEWEST or table in self._owed:
            return
        held = self.connection.exec_driver_sql(f"SELECT coalesce(max(row), 0) FROM {table}").scalar_one()
        if rows <= held:
            return
        self._widen()
        found = self.connection.exec_driver_sql(
            "SELECT type, name, sql FROM sqlite_schema WHERE tbl_name = ? AND sql IS NOT NULL"
            " AND (type = 'index' OR type = 'trigger' AND sql LIKE '% AFTER INSERT ON %')",
            (table,),
        ).all()
        for kind, name, _ in found:
            self.connection.exec_driver_sql(f"DROP {kind} {name}")
        self._owed[table] = [sql for _, _, sql in found]

    def end(self) -> None:
        """Make indexes and triggers again, as they were."""
        for statements in self._owed.values():
            for statement in statements:
                self.connection.exec_driver_sql(statement)
        self._owed.clear()

    def narrow(self) -> None:
        """Give the memory back."""
        if self._cache:
            self.connection.exec_driver_sql(f"PRAGMA cache_size = {self._cache}")

    def _widen(self) -> None:
        if not self._cache:
            self._cache = self.connection.exec_driver_sql("PRAGMA cache_size").scalar_one()
            self.connection.exec_driver_sql(f"PRAGMA cache_size = -{CACHE_KIB}")


@contextlib.contextmanager
def begun(connection: Connection) -> Iterator[InBulk]:
    """Yield the means to do without until the end of the block, which ends before the transaction does."""
    bulk = InBulk(connection)
    try:
        yield bulk
        bulk.end()
    finally:
        bulk.narrow()
