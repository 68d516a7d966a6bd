"""What an older program kept for a newer one moves to its place when the newer one opens the store."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

from desktop.models import settings, sync_state
from desktop.models.images import read_tail, to_column, write_tail
from desktop.models.incoming import in_bulk, strangers
from desktop.models.incoming.arrivals import Arrivals
from domain.pages import Page, Row
from domain.registry import LOCK, by_number, wire_types

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from domain.registry import WireType

REGISTER: Final = "sync.register"
"""The setting that names the register of the program that looked here last."""


def unfold(connection: Connection) -> None:
    """Move values and records that the register has come to know; a known register costs nothing."""
    register = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if settings.read(connection, REGISTER) == register:
        return
    connection.exec_driver_sql("UPDATE sync_now SET applying = 1")
    for known in wire_types().values():
        _tails(connection, known)
    _strangers(connection)
    connection.exec_driver_sql("UPDATE sync_now SET applying = 0")
    settings.write(connection, REGISTER, register)


def _tails(connection: Connection, known: WireType) -> None:
    name, width = known.record_type.name, len(known.fields)
    for pk, kept in connection.exec_driver_sql(f"SELECT id, extra FROM {name} WHERE extra IS NOT NULL").all():
        start, tail = read_tail(kept)
        columns: dict[str, Any] = {"extra": write_tail(max(start, width), tail[max(width - start, 0) :])}
        for field, value in zip(known.fields[start:], tail, strict=False):
            if field is not None:
                columns[field.name] = to_column(value)
        names = ", ".join(f'"{column}" = ?' for column in columns)
        connection.exec_driver_sql(f"UPDATE {name} SET {names} WHERE id = ?", (*columns.values(), pk))


def _strangers(connection: Connection) -> None:
    rows: dict[int, list[Row]] = defaultdict(list)
    for number in by_number():
        for scope, row in strangers.known_by_now(connection, number):
            rows[scope].append(row)
    granted = sync_state.scopes(connection)
    for one in granted:
        if one.number in rows:
            page = Page(one.key, one.epoch, 0, one.cursor, one.head, rows[one.number])
            with in_bulk.begun(connection) as bulk:
                arrivals = Arrivals(connection, one, {other.key: other.number for other in granted}, bulk)
                arrivals.take(page)
                arrivals.finish()
