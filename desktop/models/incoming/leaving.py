"""Records that leave this device go without a trace of their content, but never with an unsent edit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from desktop.models.incoming import stubs
from desktop.models.outgoing import freezing, refused
from desktop.models.sync_state import MOVING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from domain.registry import WireType

GONE: Final = "gone"
"""Why an edit is refused whose record has left the scope."""


def remove(connection: Connection, known: WireType, pks: Sequence[bytes], at: str) -> None:
    """Remove records with their histories and drafts; unsent edits of them are kept as refused.

    What still refers to them gets a stub. References are checked at the end of the transaction.
    """
    if not pks:
        return
    name = known.record_type.name
    for part in stubs.chunks(pks):
        listed = stubs.blanks(part)
        _keep_edits(connection, known, tuple(part), at)
        connection.exec_driver_sql(f"DELETE FROM {name} WHERE id IN ({listed})", tuple(part))
        for table in ("change", "draft"):
            connection.exec_driver_sql(f"DELETE FROM {table} WHERE record IN ({listed})", tuple(part))
    stubs.fill(connection, {name: stubs.pointing_to(connection, name, pks)}, at)


def hand_on(connection: Connection, known: WireType, pk: bytes, scope: int) -> None:
    """Let a record stay that left its scope for another of this device, which brings it whole.

    Until then nothing of it is known to be seen.
    """
    connection.exec_driver_sql(
        f"UPDATE {known.record_type.name} SET sync_scope = ?, row_ver = {MOVING} WHERE id = ?", (scope, pk)
    )


def _keep_edits(connection: Connection, known: WireType, pks: tuple[bytes, ...], at: str) -> None:
    listed = stubs.blanks(pks)
    for _, op, _ in list(freezing.edits(connection, known, f"o.pk IN ({listed})", pks)):
        refused.keep(connection, op, code=GONE, at=at)
    connection.exec_driver_sql(
        f"DELETE FROM outbox WHERE type = ? AND pk IN ({listed})", (known.number, *pks)
    )
