"""Records of types that only a newer program knows: kept as they come until this one is upgraded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from domain.pages import Full, Gone, Part, Row
from domain.protocol import encode

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

_body: Final = msgspec.msgpack.Decoder(list[Any]).decode
_full: Final = msgspec.msgpack.Decoder(Full).decode


def take(connection: Connection, scope: int, rows: Iterable[Row]) -> None:
    """Keep what a page says of records of unknown types."""
    for row in rows:
        if isinstance(row, Full):
            _keep(connection, scope, row)
        elif isinstance(row, Part):
            _change(connection, scope, row)
        elif isinstance(row, Gone):
            connection.exec_driver_sql(
                "DELETE FROM sync_strange WHERE type = ? AND pk = ?", (row.type, row.pk)
            )


def known_by_now(connection: Connection, number: int) -> list[tuple[int, Full]]:
    """Take out the records of a type that this program has come to know, with their scopes."""
    kept = connection.exec_driver_sql("SELECT scope, row FROM sync_strange WHERE type = ?", (number,))
    found = [(int(scope), _full(row)) for scope, row in kept]
    connection.exec_driver_sql("DELETE FROM sync_strange WHERE type = ?", (number,))
    return found


def _keep(connection: Connection, scope: int, row: Full) -> None:
    connection.exec_driver_sql(
        "INSERT OR REPLACE INTO sync_strange (type, pk, scope, version, row) VALUES (?, ?, ?, ?, ?)",
        (row.type, row.pk, scope, row.version, encode(row)),
    )


def _change(connection: Connection, scope: int, part: Part) -> None:
    kept = connection.exec_driver_sql(
        "SELECT row FROM sync_strange WHERE type = ? AND pk = ?", (part.type, part.pk)
    ).scalar()
    if kept is None:
        return
    row = _full(kept)
    body = _body(row.body)
    body += [None] * (max(part.values, default=-1) + 1 - len(body))
    for place, value in part.values.items():
        body[place] = value
    row.body = msgspec.Raw(encode(body))
    row.version, row.clock, row.device, row.dead = part.version, part.clock, part.device, part.dead
    _keep(connection, scope, row)
