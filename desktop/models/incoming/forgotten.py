"""What a server that was restored from a backup has forgotten of a record, and this device still knows.

The server names the record as it was. Where this device has seen that state before, what it holds is later
and is sent as an edit of it. A state it has never seen is the later one, unless the clocks say otherwise:
then the server decides, as for any edit by one who has not seen what he met. A deletion that waits takes only
what was on the screen before it. What gives way stays in the history.
"""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

from desktop.models.images import to_column, write_image
from desktop.models.journal import logged, moment_text
from desktop.models.outgoing.capture import Action
from desktop.models.sync_state import UNCONFIRMED
from desktop.models.work import DELETED
from domain.protocol import clock_at
from domain.registry import LIFE
from domain.wire import packed_to_wire

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from desktop.models.sync_state import ScopeState
    from domain.pages import Full
    from domain.registry import Unit, WireType

_Step = tuple[dict[str, Any], dict[str, Any]]
"""A record before and after a change, as the log keeps it."""


def send_again(
    connection: Connection,
    known: WireType,
    held: Mapping[str, Any],
    row: Full,
    values: Mapping[int, Any],
    *,
    into: ScopeState,
) -> bool:
    """Put into the outbox what the server lacks of a record that both have; tell whether there was any.

    In a scope that is loaded anew that may also be a record which this device has seen leave it.
    """
    elsewhere = into.anew and held["row_ver"] > 0 and held["sync_scope"] not in (0, into.number)
    if held["row_ver"] != UNCONFIRMED and not elsewhere:
        return False
    later = held["updated_at"] > moment_text(row.clock)
    log, mine = _log(connection, known, row.pk), logged(known, held)
    due: list[tuple[int, Action, int, str | None]] = []
    for unit in known.units.values():
        image = {
            field.name: to_column(values.get(place))
            for field, place in zip(unit.fields, unit.places, strict=True)
        }
        was = write_image(unit, image)
        if was == write_image(unit, held):
            continue
        seen = _is_beyond(log, mine, _told(unit, values), later=later)
        if seen or later:
            due.append((unit.number, Action.EDIT, *((row.version, was) if seen else (0, None))))
    binned = held["deleted_at"] is not None
    if binned != row.dead and later:
        due.append((LIFE, Action.DROP if binned else Action.BACK, row.version, None))
    clock = clock_of(held["updated_at"])
    for unit_number, action, base, was_ in due:
        connection.exec_driver_sql(
            "INSERT INTO outbox (type, pk, unit, action, base, clock, was) VALUES (?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT DO NOTHING",
            (known.number, row.pk, unit_number, action, base, clock, was_),
        )
    if binned and all(_was_seen_when_dropped(log, _told(unit, values)) for unit in known.units.values()):
        connection.exec_driver_sql(
            "UPDATE outbox SET base = ? WHERE type = ? AND pk = ? AND action = ?",
            (row.version, known.number, row.pk, Action.DROP),
        )
    return bool(due)


def stand_on_nothing(connection: Connection, known: WireType, which: str, values: tuple[Any, ...]) -> None:
    """Let the unsent edits of those records for which ``which`` holds stand on no version of the server's."""
    connection.exec_driver_sql(
        f"UPDATE outbox SET base = 0, was = CASE action WHEN {Action.DROP:d} THEN NULL ELSE was END"
        f" WHERE type = ? AND action <> {Action.BORN:d}"
        f" AND pk IN (SELECT id FROM {known.record_type.name} WHERE {which})",
        (known.number, *values),
    )


def turn_birth(connection: Connection, known: WireType, pk: bytes) -> None:
    """Turn the birth of a record that the server has already into an edit by one who saw nothing of it.

    Where others wrote, the server decides.
    """
    born = connection.exec_driver_sql(
        "DELETE FROM outbox WHERE action = ? AND type = ? AND pk = ? RETURNING clock",
        (Action.BORN, known.number, pk),
    ).scalar()
    if born is not None:
        connection.exec_driver_sql(
            "INSERT INTO outbox (type, pk, unit, action, base, clock)"
            " VALUES (?, ?, ?, ?, 0, ?) ON CONFLICT DO NOTHING",
            [(known.number, pk, unit, Action.EDIT, born) for unit in known.units],
        )


def _log(connection: Connection, known: WireType, pk: bytes) -> list[_Step]:
    """Return what this device's change log has of a record that was there before, in its order."""
    found = connection.exec_driver_sql(
        "SELECT before, after FROM change WHERE record_type = ? AND record = ? AND before IS NOT NULL"
        " ORDER BY seq",
        (known.record_type.name, pk),
    )
    return [(json.loads(before), json.loads(after or "{}")) for before, after in found]


def _is_beyond(log: list[_Step], mine: Mapping[str, Any], told: dict[str, Any], *, later: bool) -> bool:
    """Tell whether this device has seen the server's state of a unit and what it holds came after it.

    Where it holds again what it held before that state, as a restored server may make it, nothing but the
    clocks can tell.
    """
    states = [{name: before.get(name) for name in told} for before, _ in log]
    if told not in states:
        return False
    last = len(states) - 1 - states[::-1].index(told)
    return later or {name: mine.get(name) for name in told} not in states[:last]


def _was_seen_when_dropped(log: list[_Step], told: Mapping[str, Any]) -> bool:
    """Tell whether a state of a unit was on the screen before the record was put into the bin here."""
    drops = [n for n, (before, after) in enumerate(log, 1) if DELETED in after and DELETED not in before]
    last = max(drops, default=0)
    return any(told == {name: before.get(name) for name in told} for before, _ in log[:last])


def _told(unit: Unit, values: Mapping[int, Any]) -> dict[str, Any]:
    """Return the server's values of a unit as the change log keeps them."""
    pairs = zip(unit.fields, unit.places, strict=True)
    told = {field.name: (field, values.get(place)) for field, place in pairs}
    return {
        name: None if value is None or (field.kind == "flag" and not value) else packed_to_wire(field, value)
        for name, (field, value) in told.items()
    }


def clock_of(updated_at: str) -> int:
    """Return the first clock of the millisecond in which a record was changed last."""
    return clock_at(int(dt.datetime.fromisoformat(updated_at).timestamp() * 1000))
