"""Which scopes this device may see: new ones are fetched, withdrawn ones leave it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from desktop.models.incoming import leaving
from desktop.models.journal import moment_text
from domain.registry import wire_types

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

    from domain.protocol import ScopeGrant


@dataclass(frozen=True, slots=True)
class Dropped:
    """What left with withdrawn scopes."""

    rows: int = 0
    touched: frozenset[str] = frozenset()


def grant(connection: Connection, scopes: Iterable[ScopeGrant]) -> Dropped:
    """Keep exactly these scopes; must run in ``Store.write(applying=True)``.

    The records of the others leave; edits of them that were not sent are kept as refused.
    """
    named = {one.scope: one for one in scopes}
    for one in named.values():
        connection.exec_driver_sql(
            "INSERT INTO sync_scope"
            " (key, label, writes, granted, epoch, cursor, staged, head, total, loaded)"
            " VALUES (?, ?, ?, 1, 0, 0, 0, 0, ?, 0) ON CONFLICT (key) DO UPDATE SET"
            " label = excluded.label, writes = excluded.writes, granted = 1, total = excluded.total",
            (one.scope, one.label, int(one.writes), one.count),
        )
    held = connection.exec_driver_sql("SELECT key, number FROM sync_scope WHERE granted = 1").all()
    rows = 0
    touched: set[str] = set()
    for number in [number for key, number in held if key not in named]:
        left = _withdraw(connection, number)
        rows += sum(left.values())
        touched.update(left)
    return Dropped(rows, frozenset(touched))


def _withdraw(connection: Connection, scope: int) -> dict[str, int]:
    """Remove a scope's records and return how many of each type; granted again, it is fetched anew."""
    at = moment_text(int(connection.exec_driver_sql("SELECT clock FROM sync_now").scalar_one()))
    left = {}
    for name, known in wire_types().items():
        pks = (
            connection.exec_driver_sql(
                f"SELECT id FROM {name} WHERE sync_scope = ? AND row_ver <> 0", (scope,)
            )
            .scalars()
            .all()
        )
        if pks:
            leaving.remove(connection, known, pks, at)
            left[name] = len(pks)
    for table in ("sync_page", "sync_strange", "sync_shown"):
        connection.exec_driver_sql(f"DELETE FROM {table} WHERE scope = ?", (scope,))
    connection.exec_driver_sql(
        "UPDATE sync_scope SET granted = 0, epoch = 0, cursor = 0, staged = 0, head = 0, loaded = 0,"
        " mark = 0, anew = 0 WHERE number = ?",
        (scope,),
    )
    return left
