"""A scope of which this device holds what the server does not is loaded once more, and nothing is lost by it.

So it is when the server was restored from a backup: what it forgot, its devices still know. Its versions mean
nothing compared with those heard before. What this device holds and the server does not name is sent as born,
what the server has forgotten of a record as edits (``forgotten``). Only where this device may not write, what
is not named leaves: who may write there will bring it back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop.models import file_copies, sync_state
from desktop.models.incoming import forgotten, leaving
from desktop.models.journal import moment_text
from desktop.models.outgoing.capture import LOST, Action
from desktop.models.sync_state import UNCONFIRMED
from desktop.models.tables import STUB
from domain.registry import LIFE, wire_types

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from desktop.models.sync_state import ScopeState
    from domain.registry import WireType


def begin(connection: Connection, scope: ScopeState, epoch: int) -> ScopeState:
    """Learn a scope's epoch; a new one starts it over."""
    if scope.epoch == 0:
        connection.exec_driver_sql("UPDATE sync_scope SET epoch = ? WHERE number = ?", (epoch, scope.number))
    else:
        start_over(connection, scope, epoch)
    made = sync_state.scope(connection, scope.key)
    assert made is not None, "a granted scope stays granted"
    return made


def rewind(connection: Connection, key: str) -> None:
    """Load a scope once more in its epoch: this device holds something that the server does not."""
    state = sync_state.scope(connection, key)
    if state is not None:
        start_over(connection, state, state.epoch)


def start_over(connection: Connection, scope: ScopeState, epoch: int) -> None:
    """Forget how far a scope has come; edits on their way stand on nothing, the server has to name all."""
    for name, known in wire_types().items():
        forgotten.stand_on_nothing(connection, known, "sync_scope = ?", (scope.number,))
        connection.exec_driver_sql(
            f"UPDATE {name} SET row_ver = {UNCONFIRMED}"
            f" WHERE sync_scope = ? AND row_ver <> 0 AND deleted_at IS NOT '{STUB}'",
            (scope.number,),
        )
    for table in ("sync_page", "sync_shown"):
        connection.exec_driver_sql(f"DELETE FROM {table} WHERE scope = ?", (scope.number,))
    connection.exec_driver_sql(
        "UPDATE sync_scope SET epoch = ?, cursor = 0, staged = 0, head = 0, mark = 0, loaded = 0, anew = 1"
        " WHERE number = ?",
        (epoch, scope.number),
    )
    file_copies.offer_again(connection)


def end(connection: Connection, scope: ScopeState) -> None:
    """Send what the server has not named by the end of the load; where that is not allowed, it leaves."""
    clock = int(connection.exec_driver_sql("SELECT clock FROM sync_now").scalar_one())
    for name, known in wire_types().items():
        unnamed = connection.exec_driver_sql(
            f"SELECT id, updated_at, deleted_at FROM {name} WHERE sync_scope = ? AND row_ver = ?",
            (scope.number, UNCONFIRMED),
        ).all()
        if not unnamed:
            continue
        if not scope.writes:
            leaving.remove(connection, known, [pk for pk, _, _ in unnamed], moment_text(clock))
            continue
        for pk, updated_at, deleted_at in unnamed:
            _offer(connection, known, pk, forgotten.clock_of(updated_at), is_dead=deleted_at is not None)
        connection.exec_driver_sql(
            f"UPDATE {name} SET row_ver = 0 WHERE sync_scope = ? AND row_ver = {UNCONFIRMED}", (scope.number,)
        )
    connection.exec_driver_sql("UPDATE sync_scope SET anew = 0 WHERE number = ?", (scope.number,))


def _offer(connection: Connection, known: WireType, pk: bytes, clock: int, *, is_dead: bool) -> None:
    """Send a record as born when it was changed last: of two that send it again, the later one stands.

    What was typed since and not sent yet goes with it. One in the bin need not be put away anywhere else.
    """
    typed = connection.exec_driver_sql(
        "DELETE FROM outbox WHERE type = ? AND pk = ? AND action IN (?, ?, ?, ?) RETURNING clock",
        (known.number, pk, Action.BORN, Action.BACK, Action.EDIT, Action.DROP),
    )
    clock = max([clock, *typed.scalars()])
    if not is_dead:
        connection.exec_driver_sql(
            "INSERT INTO outbox (type, pk, unit, action, base, clock) VALUES (?, ?, ?, ?, ?, ?)",
            (known.number, pk, LIFE, Action.BORN, LOST, clock),
        )
