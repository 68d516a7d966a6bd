"""What has still to reach the server: counted, shown for each record, and asked for.

Edits enter the outbox by themselves (desktop/models/outgoing/capture.py). They are frozen into batches
(freezing.py), and what the server says of a batch is carried out by settling.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from desktop.models.outgoing.capture import TOLD, Action
from desktop.models.sync_tables import MOVED, SHOWN
from domain.registry import LIFE, wire_types

if TYPE_CHECKING:
    import uuid

    from sqlalchemy import Connection

Standing = Literal["local", "queued", "synced", "conflict", "refused"]
"""Where a record stands: never sent, waiting to be sent, as on the server, in dispute, declined."""
OPEN: Final = "open"


@dataclass(frozen=True, slots=True)
class Flight:
    """A frozen batch that is not answered yet; its bytes never change.

    ``again``: a server may have been told before what is born in it.
    """

    number: int
    body: bytes
    ops: int
    again: bool = False


@dataclass(frozen=True, slots=True)
class Counts:
    """Records with edits to send, edits in flight, edits refused, conflicts to decide."""

    waiting: int
    in_flight: int
    refused: int
    conflicts: int


def flights(connection: Connection, *, beyond: int = 0) -> list[Flight]:
    """Return the batches in flight with higher numbers, in the order in which they must arrive."""
    found = connection.exec_driver_sql(
        "SELECT batch, body, ops, again FROM flight WHERE batch > ? ORDER BY batch", (beyond,)
    )
    return [Flight(number, body, ops, bool(again)) for number, body, ops, again in found]


def flying(connection: Connection) -> int:
    """Return how many batches are in flight, without reading what is in them."""
    return int(connection.exec_driver_sql("SELECT count(*) FROM flight").scalar_one())


def doubt(connection: Connection) -> None:
    """Note of everything in flight that a server may have been told, although no answer came."""
    connection.exec_driver_sql("UPDATE flight SET again = 1")


def unfrozen(connection: Connection) -> bool:
    """Tell whether any edit waits for a batch."""
    return connection.exec_driver_sql("SELECT 1 FROM outbox LIMIT 1").first() is not None


def sent(connection: Connection) -> int:
    """Return the highest number this store ever gave to a batch."""
    return int(connection.exec_driver_sql("SELECT batch FROM sync_now").scalar_one())


def counts(connection: Connection) -> Counts:
    """Count what is under way."""
    found = connection.exec_driver_sql(
        "SELECT (SELECT count(*) FROM (SELECT DISTINCT type, pk FROM outbox)),"
        " (SELECT coalesce(sum(ops), 0) FROM flight),"
        " (SELECT count(*) FROM sync_refused WHERE waits = 0),"
        " (SELECT count(*) FROM conflict WHERE state = ? AND deleted_at IS NULL)",
        (OPEN,),
    ).one()
    return Counts(*found)


def state_of(connection: Connection, record_type: str, record_id: uuid.UUID) -> Standing:
    """Return where one record stands."""
    number, pk = wire_types()[record_type].number, record_id.bytes
    asked = (number, pk)
    for standing, sql, parameters in (
        (
            "conflict",
            "SELECT 1 FROM conflict WHERE record_id = ? AND state = ? AND deleted_at IS NULL",
            (str(record_id), OPEN),
        ),
        ("conflict", "SELECT 1 FROM sync_refused WHERE type = ? AND pk = ? AND waits = 1", asked),
        ("refused", "SELECT 1 FROM sync_refused WHERE type = ? AND pk = ?", asked),
        ("queued", "SELECT 1 FROM outbox WHERE type = ? AND pk = ?", asked),
        ("queued", "SELECT 1 FROM flight_unit WHERE type = ? AND pk = ?", asked),
        ("synced", f"SELECT 1 FROM {record_type} WHERE id = ? AND row_ver <> 0", (pk,)),
    ):
        if connection.exec_driver_sql(f"{sql} LIMIT 1", parameters).first():
            return standing  # type: ignore[return-value]  # the literals above
    return "local"


def move(connection: Connection, record_type: str, record_id: uuid.UUID, scope: str) -> None:
    """Ask the server to hand a record to another scope; it moves when the server says so."""
    _ask(connection, record_type, record_id, (MOVED, Action.MOVE, scope))


def publish(connection: Connection, record_type: str, record_id: uuid.UUID, *, shown: bool) -> None:
    """Ask the server to show a record in the public catalogue, or no longer."""
    _ask(connection, record_type, record_id, (SHOWN, Action.PUBLISH if shown else Action.HIDE, None))


def send_again(connection: Connection, record_type: str, record_id: uuid.UUID) -> None:
    """Send the birth of a record that the server has declined once more, as the record is now."""
    _ask(connection, record_type, record_id, (LIFE, Action.BORN, None))


def _ask(
    connection: Connection, record_type: str, record_id: uuid.UUID, what: tuple[int, Action, str | None]
) -> None:
    """Put a unit, what is asked of it and with what into the outbox."""
    connection.exec_driver_sql(
        "INSERT INTO outbox (type, pk, unit, action, base, clock, was)"
        f" SELECT ?, id, ?, ?, CASE row_ver WHEN 0 THEN {TOLD} ELSE row_ver END,"
        f" (SELECT clock FROM sync_now), ? FROM {record_type} WHERE id = ?"
        " ON CONFLICT (type, pk, unit)"
        " DO UPDATE SET action = excluded.action, clock = excluded.clock, was = excluded.was",
        (wire_types()[record_type].number, *what, record_id.bytes),
    )


def renumber(connection: Connection, last: int) -> None:
    """Take everything in flight back into the outbox; the next batch follows the server's ``last``.

    It gets a number of its own all the same, or the server could take an old one, delivered late, for it.
    For a store that was copied or restored from a backup: the server knows batches of its twin. What is sent
    twice does no harm; an edit stays on what its author saw first and keeps the time of its last change.
    """
    columns = "type, pk, unit, action, base, clock, was, theirs, theirs_ver"
    connection.exec_driver_sql(
        f"INSERT INTO outbox ({columns}) SELECT {columns} FROM flight_unit WHERE true"
        " ORDER BY batch DESC ON CONFLICT (type, pk, unit) DO UPDATE"
        " SET base = excluded.base, was = CASE WHEN action = excluded.action THEN excluded.was ELSE was END,"
        " theirs_ver = CASE WHEN theirs IS NULL THEN excluded.theirs_ver ELSE theirs_ver END,"
        " theirs = coalesce(theirs, excluded.theirs)"
    )
    # A birth carries the whole record as it is now. It may be known, and handed on by whoever was told of it.
    born = f"o.type = b.type AND o.pk = b.pk AND b.unit = {LIFE} AND b.action = {Action.BORN:d}"
    connection.exec_driver_sql(
        f"UPDATE outbox AS b SET base = min(base, {TOLD}), clock ="
        " (SELECT max(clock) FROM outbox AS o WHERE o.type = b.type AND o.pk = b.pk)"
        f" WHERE unit = {LIFE} AND action = {Action.BORN:d}"
    )
    connection.exec_driver_sql(
        f"DELETE FROM outbox AS o WHERE unit > {LIFE} AND EXISTS (SELECT 1 FROM outbox AS b WHERE {born})"
    )
    connection.exec_driver_sql("DELETE FROM flight_unit")
    connection.exec_driver_sql("DELETE FROM flight")
    connection.exec_driver_sql("UPDATE sync_now SET batch = max(batch, ?), follows = ?", (last, last))
