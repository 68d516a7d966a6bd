"""Records that are new here enter by the thousand, column by column: no statement and no look for each."""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING, Any, Final

import msgspec

from desktop.models import search
from desktop.models.images import write_tail
from desktop.models.journal import moment_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from domain.protocol import Full
    from domain.registry import WireType

_body: Final = msgspec.msgpack.Decoder(list[Any]).decode


def enter(
    connection: Connection,
    known: WireType,
    rows: Sequence[Full],
    scope: int,
    wanted: Mapping[str, set[bytes]],
) -> int:
    """Insert the rows whose records are not here; return the last ``row`` there was before, 0 if all entered.

    What is here, be it a stub, is left as it is. The records they refer to are added to ``wanted``.
    """
    table = known.record_type.name
    last = search.last_row(connection, known.record_type)
    entered = _write(connection, table, _columns(known, rows, scope, wanted), "NOTHING")
    search.note_new(connection, known.record_type, last)
    return last if entered < len(rows) else 0


def fill(
    connection: Connection,
    known: WireType,
    rows: Sequence[Full],
    scope: int,
    wanted: Mapping[str, set[bytes]],
) -> None:
    """Make whole records of stubs."""
    columns = {"deleted_at": [None] * len(rows), **_columns(known, rows, scope, wanted)}
    told = ", ".join(f'"{name}" = excluded."{name}"' for name in columns if name != "id")
    _write(connection, known.record_type.name, columns, f"UPDATE SET {told}")


def _write(connection: Connection, table: str, columns: Mapping[str, Sequence[Any]], otherwise: str) -> int:
    names = ", ".join(f'"{name}"' for name in columns)
    return connection.exec_driver_sql(
        f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(columns))})"
        f" ON CONFLICT (id) DO {otherwise}",
        list(zip(*columns.values(), strict=True)),
    ).rowcount


def _columns(
    known: WireType, rows: Sequence[Full], scope: int, wanted: Mapping[str, set[bytes]]
) -> dict[str, Sequence[Any]]:
    """Return the columns that any of the rows has something for, by name: to bind nothing costs as well."""
    bodies = [_body(row.body) for row in rows]
    by_place: list[Sequence[Any]] = list(itertools.zip_longest(*bodies))
    columns: dict[str, Sequence[Any]] = {"id": [row.pk for row in rows]}
    for field, column in zip(known.fields, by_place, strict=False):
        if field is None or _is_empty(column):
            continue
        if field.kind == "ref":
            wanted[field.to].update(filter(None, column))
        listed = field.kind == "choices"
        columns[field.name] = list(map(_listed, column)) if listed else column
    # One user action writes many records with one clock.
    moments = {clock: moment_text(clock) for clock in {one for row in rows for one in (row.born, row.clock)}}
    columns["created_at"] = [moments[row.born or row.clock] for row in rows]
    columns["updated_at"] = changed = [moments[row.clock] for row in rows]
    if any(row.dead for row in rows):
        columns["deleted_at"] = [at if row.dead else None for row, at in zip(rows, changed, strict=True)]
    columns["row_ver"] = [row.version for row in rows]
    columns["sync_scope"] = [scope] * len(rows)
    width = len(known.fields)
    if len(by_place) > width:
        columns["extra"] = [write_tail(width, body[width:]) for body in bodies]
    return columns


def _listed(codes: list[str] | None) -> str | None:
    return json.dumps(codes, ensure_ascii=False) if codes else None


def _is_empty(column: Sequence[Any]) -> bool:
    return column[0] is None and column.count(None) == len(column)
