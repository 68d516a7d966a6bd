"""Records that are new here enter by the thousand, column by column: no statement and no look for each."""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING, Any, Final

from desktop.models import search
from desktop.models.images import write_tail
from desktop.models.journal import moment_text
from domain import sheaves

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from domain.pages import Sheaf
    from domain.registry import WireType

AT_ONCE: Final = 250
"""Rows that are bound in one go: so few that the garbage collector, which goes through them, stays away."""


def enter(
    connection: Connection, known: WireType, sheaf: Sheaf, scope: int, wanted: Mapping[str, set[bytes]]
) -> int:
    """Insert the records that are not here; return the last ``row`` there was before, 0 if all entered.

    What is here, be it a stub, is left as it is. The records they refer to are added to ``wanted``.
    """
    last = search.last_row(connection, known.record_type)
    entered = _write(connection, known.record_type.name, _columns(known, sheaf, scope, wanted), "NOTHING")
    search.note_new(connection, known.record_type, last)
    return last if entered < len(sheaf.pks) else 0


def fill(
    connection: Connection, known: WireType, sheaf: Sheaf, scope: int, wanted: Mapping[str, set[bytes]]
) -> None:
    """Make whole records of stubs."""
    columns = {"deleted_at": [None] * len(sheaf.pks), **_columns(known, sheaf, scope, wanted)}
    told = ", ".join(f'"{name}" = excluded."{name}"' for name in columns if name != "id")
    _write(connection, known.record_type.name, columns, f"UPDATE SET {told}")


def _write(connection: Connection, table: str, columns: Mapping[str, Sequence[Any]], otherwise: str) -> int:
    names = ", ".join(f'"{name}"' for name in columns)
    blanks = ", ".join("?" * len(columns))
    sql = f"INSERT INTO {table} ({names}) VALUES ({blanks}) ON CONFLICT (id) DO {otherwise}"
    rows, entered = zip(*columns.values(), strict=True), 0
    while part := list(itertools.islice(rows, AT_ONCE)):
        entered += connection.exec_driver_sql(sql, part).rowcount
    return entered


def _columns(
    known: WireType, sheaf: Sheaf, scope: int, wanted: Mapping[str, set[bytes]]
) -> dict[str, Sequence[Any]]:
    """Return the columns that any of the records has something for: to bind nothing costs as well."""
    columns: dict[str, Sequence[Any]] = {"id": sheaf.pks}
    for field, column in zip(known.fields, sheaf.columns, strict=False):
        if field is None or not column:
            continue
        if field.kind == "ref":
            wanted[field.to].update(filter(None, column))
        columns[field.name] = list(map(_listed, column)) if field.kind == "choices" else column
    # One user action writes many records with one clock.
    moments = {clock: moment_text(clock) for clock in {*sheaf.clocks, *sheaf.borns}}
    columns["created_at"] = [
        moments[born or clock] for born, clock in zip(sheaf.borns, sheaf.clocks, strict=True)
    ]
    columns["updated_at"] = changed = [moments[clock] for clock in sheaf.clocks]
    if any(sheaf.dead):
        columns["deleted_at"] = [at if dead else None for dead, at in zip(sheaf.dead, changed, strict=True)]
    columns["row_ver"] = sheaf.versions
    columns["sync_scope"] = [scope] * len(sheaf.pks)
    width = len(known.fields)
    if len(sheaf.columns) > width:
        columns["extra"] = [write_tail(width, tail) for tail in sheaves.bodies(sheaf, width)]
    return columns


def _listed(codes: list[str] | None) -> str | None:
    return json.dumps(codes, ensure_ascii=False) if codes else None
