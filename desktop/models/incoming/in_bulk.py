"""A table that receives more rows than it holds does without indexes and triggers meanwhile: it is faster.

Triggers, the order in which lists open and the indexes of references come back before the transaction ends:
no other connection ever misses them, nor does a file whose program has died. Lists in another order or of
one code can be read without an index, only not as fast; theirs follow one by one when all is shown
(``catch_up``), or when the store is opened the next time.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from desktop.models.tables import RECORD_TABLES

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from sqlalchemy import Connection

FEWEST: Final = 1_000
"""Rows from which it pays to take the schema apart."""
_CAN_FOLLOW: Final = {
    str(index.name): index
    for table in RECORD_TABLES.values()
    for index in table.indexes
    for first in index.columns[:1]
    if first.name != "deleted_at" and not first.foreign_keys
}
"""Indexes that may follow, by name."""
CACHE_KIB: Final = 65_536
"""Each index is made from the whole table, and what is out of the cache is deciphered anew for each."""


@dataclass
class InBulk:
    """The tables that do without indexes and triggers within one transaction, and how to make these again."""

    connection: Connection
    _owed: dict[str, dict[str, str]] = field(default_factory=dict)
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
        self._owed[table] = {name: sql for _, name, sql in found}

    def end(self, *, leaving_out: Container[str] = ()) -> None:
        """Make indexes and triggers again, as they were, but those to be left out."""
        for statements in self._owed.values():
            for name, statement in statements.items():
                if name not in leaving_out:
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
    """Yield the means to do without until the end of the block, which ends before the transaction does.

    What can follow is still missing then.
    """
    bulk = InBulk(connection)
    try:
        yield bulk
        bulk.end(leaving_out=_CAN_FOLLOW)
    finally:
        bulk.narrow()


def catch_up(connection: Connection) -> bool:
    """Make one of the indexes that are missing; tell whether there was any."""
    found = connection.exec_driver_sql("SELECT name FROM sqlite_schema WHERE type = 'index'")
    missing = sorted(_CAN_FOLLOW.keys() - set(found.scalars()))
    for name in missing[:1]:
        _CAN_FOLLOW[name].create(connection)
    return bool(missing)
