"""A server that was restored from a backup is filled again by its devices: no edit is lost on either side.

Its versions start anew and mean nothing compared with the old ones. So a scope with a new epoch is loaded
once more from the beginning; what this device holds and the server does not is sent as born, what it has
forgotten of a record as edits (``forgotten``). A scope loaded
again for its digest is the opposite case: what the server does not name leaves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop.models import file_copies, sync_state
from desktop.models.incoming import leaving
from desktop.models.journal import moment_text
from desktop.models.outgoing.capture import Action
from domain.registry import LIFE, wire_types

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from desktop.models.sync_state import ScopeState


def begin(connection: Connection, scope: ScopeState, epoch: int) -> ScopeState:
    """Learn a scope's epoch; a new one starts it over, and edits on their way stand on nothing any more."""
    if scope.epoch == 0:
        connection.exec_driver_sql("UPDATE sync_scope SET epoch = ? WHERE number = ?", (epoch, scope.number))
    else:
        for name, known in wire_types().items():
            here = f"SELECT id FROM {name} WHERE sync_scope = {scope.number}"
            mine = f"type = {known.number} AND pk IN ({here})"
            connection.exec_driver_sql(f"UPDATE outbox SET base = 0 WHERE {mine}")
        sync_state.start_over(connection, scope, epoch, sync_state.UNCONFIRMED)
        file_copies.offer_again(connection)
    made = sync_state.scope(connection, scope.key)
    assert made is not None, "a granted scope stays granted"
    return made


def end(connection: Connection, scope: int) -> None:
    """Send what a restored server did not name while the scope was loaded again; else it leaves."""
    clock = int(connection.exec_driver_sql("SELECT clock FROM sync_now").scalar_one())
    marks = f"({sync_state.UNSEEN}, {sync_state.UNCONFIRMED})"
    for name, known in wire_types().items():
        waiting = f"SELECT 1 FROM {name} WHERE sync_scope = {scope} AND row_ver IN {marks} LIMIT 1"
        if connection.exec_driver_sql(waiting).first() is None:
            continue
        unseen = connection.exec_driver_sql(
            f"SELECT id FROM {name} WHERE sync_scope = ? AND row_ver = ?", (scope, sync_state.UNSEEN)
        )
        leaving.remove(connection, known, unseen.scalars().all(), moment_text(clock))
        unnamed = f"sync_scope = {scope} AND row_ver = {sync_state.UNCONFIRMED}"
        connection.exec_driver_sql(
            f"DELETE FROM outbox WHERE type = {known.number}"
            f" AND pk IN (SELECT id FROM {name} WHERE {unnamed})"
        )
        connection.exec_driver_sql(
            "INSERT INTO outbox (type, pk, unit, action, base, clock)"
            f" SELECT {known.number}, id, {LIFE}, {Action.BORN:d}, 0, {clock} FROM {name}"
            f" WHERE {unnamed} AND deleted_at IS NULL"
        )
        connection.exec_driver_sql(f"UPDATE {name} SET row_ver = 0 WHERE {unnamed}")
