"""Full-text search inside the encrypted file, kept exact by triggers.

One contentless FTS5 table beside each record table. The triggers call ``td_grams``, a Python function
registered on every connection, so that no write can miss the index. The index is local, never synced, and
is rebuilt whenever its definition is not the one in the file: new searched fields, a new folding, or
triggers that a migration dropped with their table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from domain import folding
from domain.fields import RECORD_TYPES, RecordType

if TYPE_CHECKING:
    from sqlalchemy import Connection

FORM: Final = "4"
"""Raised when folding changes, so that old indexes are rebuilt."""


def register(connection: Any) -> None:
    """Give a driver connection the functions that triggers and queries call."""
    connection.create_function("td_grams", -1, _grams, deterministic=True)
    connection.create_function("td_initials", 1, _initials, deterministic=True)


def _grams(*texts: str | None) -> str:
    return " ".join(folding.grams(part) for part in texts if part)


def _initials(name: str | None) -> str:
    return folding.initials(name) if name else ""


def index_name(record_type: str) -> str:
    """Return the name of the index table of a record type."""
    return f"search_{record_type}"


def searchable(record_type: RecordType) -> bool:
    """Tell whether any field of the type is searched."""
    return any(field.searched for field in record_type.fields)


def _expression(record_type: RecordType, row: str) -> str:
    names = [f'{row}."{field.name}"' for field in record_type.fields if field.searched]
    names += [f'td_initials({row}."{field.name}")' for field in record_type.fields if field.pinyin]
    return f"td_grams({', '.join(names)})"


def _statements(record_type: RecordType) -> dict[str, str]:
    """Return the index and its triggers by name; together they are the definition that is compared."""
    table, index = record_type.name, index_name(record_type.name)
    new, old = _expression(record_type, "new"), _expression(record_type, "old")
    add = f"INSERT INTO {index}(rowid, grams) VALUES (new.row, {new});"
    drop = f"INSERT INTO {index}({index}, rowid, grams) VALUES ('delete', old.row, {old});"
    names = [field.name for field in record_type.fields if field.searched or field.pinyin]
    columns = ", ".join(f'"{name}"' for name in names)
    altered = " OR ".join(f'old."{name}" IS NOT new."{name}"' for name in names)
    return {
        # Of the tokenizers only "ascii" takes every character beyond ASCII for a letter, as our pairs need.
        index: f"CREATE VIRTUAL TABLE {index} USING fts5(grams, content='', detail=full, tokenize=ascii)",
        f"{index}_ai": f"CREATE TRIGGER {index}_ai AFTER INSERT ON {table} BEGIN /* {FORM} */ {add} END",
        f"{index}_ad": f"CREATE TRIGGER {index}_ad AFTER DELETE ON {table} BEGIN {drop} END",
        f"{index}_au": f"CREATE TRIGGER {index}_au AFTER UPDATE OF {columns} ON {table} WHEN {altered} "
        f"BEGIN {drop} {add} END",
    }


def install(connection: Connection) -> None:
    """Make or renew the indexes whose definition is not the one in the file."""
    found = connection.exec_driver_sql("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL")
    held = {row.name: row.sql for row in found}
    for record_type in RECORD_TYPES.values():
        if searchable(record_type):
            statements = _statements(record_type)
            if any(held.get(name) != statement for name, statement in statements.items()):
                _renew(connection, record_type, statements)


def _renew(connection: Connection, record_type: RecordType, statements: dict[str, str]) -> None:
    index, *triggers = statements
    for trigger in triggers:
        connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {trigger}")
    connection.exec_driver_sql(f"DROP TABLE IF EXISTS {index}")
    for statement in statements.values():
        connection.exec_driver_sql(statement)
    source = f"SELECT t.row, {_expression(record_type, 't')} FROM {record_type.name} AS t"
    connection.exec_driver_sql(f"INSERT INTO {index}(rowid, grams) {source}")
