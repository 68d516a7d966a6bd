"""Full-text search inside the encrypted file, kept exact by triggers.

One contentless FTS5 table beside each record table. The triggers call ``td_grams``, a Python function
registered on every connection, so that no write can miss the index. Rows that sync writes by the thousand
are only noted in ``search_todo`` and indexed in small steps afterwards (``catch_up``). The index is local,
never synced, and is rebuilt whenever its definition is not the one in the file: new searched fields, a new
folding, or triggers that a migration dropped with their table.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, Final

from domain import folding
from domain.fields import RECORD_TYPES, RecordType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

FORM: Final = "5"
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


def _words(record_type: RecordType) -> list[str]:
    """Return the fields whose words are in the index; those with initials come twice."""
    return [field.name for field in record_type.fields if field.searched or field.pinyin]


def _expression(record_type: RecordType, row: str) -> str:
    """Return the words of a row by its columns."""
    return _grams_of(record_type, {name: f'{row}."{name}"' for name in _words(record_type)})


def _grams_of(record_type: RecordType, columns: Mapping[str, str]) -> str:
    names = [columns[field.name] for field in record_type.fields if field.searched]
    names += [f"td_initials({columns[field.name]})" for field in record_type.fields if field.pinyin]
    return f"td_grams({', '.join(names)})"


def _statements(record_type: RecordType) -> dict[str, str]:
    """Return the index and its triggers by name; together they are the definition that is compared."""
    table, index = record_type.name, index_name(record_type.name)
    new, old = _expression(record_type, "new"), _expression(record_type, "old")
    add = f"INSERT INTO {index}(rowid, grams) VALUES (new.row, {new});"
    drop = f"INSERT INTO {index}({index}, rowid, grams) VALUES ('delete', old.row, {old});"
    names = _words(record_type)
    columns = ", ".join(f'"{name}"' for name in names)
    altered = " OR ".join(f'old."{name}" IS NOT new."{name}"' for name in names)
    held = ", ".join(f'old."{name}"' for name in names)
    later = {
        row: f"(SELECT applying FROM sync_now) = 1 OR EXISTS"
        f" (SELECT 1 FROM search_todo WHERE type = '{table}' AND row = {row}.row)"
        for row in ("new", "old")
    }

    def note(row: str, kept: str) -> str:
        # Not OR IGNORE: what an upsert says of its own conflicts would hold here too.
        return (
            f"INSERT INTO search_todo (type, row, was) VALUES ('{table}', {row}.row, {kept})"
            " ON CONFLICT (type, row) DO NOTHING;"
        )

    triggers = {
        # What the server has given a version to is new here by sync, which notes it by itself (note_new).
        "ai": (f"AFTER INSERT ON {table}", f"new.row_ver = 0 AND NOT ({later['new']})", add),
        "ad": (f"AFTER DELETE ON {table}", f"NOT ({later['old']})", drop),
        "au": (
            f"AFTER UPDATE OF {columns} ON {table}",
            f"({altered}) AND NOT ({later['old']})",
            f"{drop} {add}",
        ),
        "ti": (f"AFTER INSERT ON {table}", f"new.row_ver = 0 AND ({later['new']})", note("new", "NULL")),
        "td": (f"AFTER DELETE ON {table}", later["old"], note("old", f"json_array({held})")),
        "tu": (
            f"AFTER UPDATE OF {columns} ON {table}",
            f"({altered}) AND ({later['old']})",
            note("old", f"json_array({held})"),
        ),
    }
    return {
        # Of the tokenizers only "ascii" takes every character beyond ASCII for a letter, as our pairs need.
        index: f"CREATE VIRTUAL TABLE {index} USING fts5(grams, content='', detail=full, tokenize=ascii)",
        **{
            f"{index}_{name}": f"CREATE TRIGGER {index}_{name} {event} WHEN {when}"
            f" BEGIN /* {FORM} */ {body} END"
            for name, (event, when, body) in triggers.items()
        },
    }


def last_row(connection: Connection, record_type: RecordType) -> int:
    """Return the number of the newest row of a table, 0 if it is empty."""
    return int(
        connection.exec_driver_sql(f"SELECT coalesce(max(row), 0) FROM {record_type.name}").scalar_one()
    )


def note_new(connection: Connection, record_type: RecordType, above: int) -> None:
    """Note the rows above ``above``, which sync has just written."""
    if searchable(record_type):
        name = record_type.name
        connection.exec_driver_sql(
            f"INSERT INTO search_todo (type, row) SELECT '{name}', row FROM {name} WHERE row > ?"
            " ON CONFLICT (type, row) DO NOTHING",
            (above,),
        )


def catch_up(connection: Connection, *, limit: int = 500) -> bool:
    """Index some of the rows that sync has written and tell whether there are more."""
    todo = connection.exec_driver_sql("SELECT type, row FROM search_todo LIMIT ?", (limit,)).all()
    for name, rows in itertools.groupby(todo, key=lambda one: str(one.type)):
        record_type, index = RECORD_TYPES[name], index_name(name)
        listed = ", ".join(str(int(one.row)) for one in rows)
        kept = {field: f"json_extract(was, '$[{place}]')" for place, field in enumerate(_words(record_type))}
        connection.exec_driver_sql(
            f"INSERT INTO {index}({index}, rowid, grams) SELECT 'delete', row, {_grams_of(record_type, kept)}"
            f" FROM search_todo WHERE type = '{name}' AND row IN ({listed}) AND was IS NOT NULL"
        )
        connection.exec_driver_sql(
            f"INSERT INTO {index}(rowid, grams) SELECT t.row, {_expression(record_type, 't')}"
            f" FROM {name} AS t WHERE t.row IN ({listed})"
        )
        connection.exec_driver_sql(f"DELETE FROM search_todo WHERE type = '{name}' AND row IN ({listed})")
    return connection.exec_driver_sql("SELECT 1 FROM search_todo LIMIT 1").first() is not None


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
    connection.exec_driver_sql("DELETE FROM search_todo WHERE type = ?", (record_type.name,))
    source = f"SELECT t.row, {_expression(record_type, 't')} FROM {record_type.name} AS t"
    connection.exec_driver_sql(f"INSERT INTO {index}(rowid, grams) {source}")
