"""How records stand with the server, for lists and pages: what waits, what is public."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Final, Literal, get_args

from desktop.models import sync_state
from desktop.models.outgoing.capture import Action
from desktop.models.sync_tables import SHOWN
from domain.registry import wire_types
from domain.scopes import AGENCY, public_copy

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

Mark = Literal["queued", "flying", "refused", "conflict"]
"""Waiting to be sent, being sent, declined, in dispute; what is as on the server has no mark."""
Publicity = Literal["private", "asked", "public", "withdrawing"]
"""Whether the public catalogue has a copy of a record, and whether that is about to change."""
_MARKS: Final[tuple[Mark, ...]] = get_args(Mark)
"""The gravest last: that is the one shown."""
_SQL: Final = """
    WITH wanted (pk, id) AS MATERIALIZED (SELECT unhex(replace(value, '-', '')), value FROM json_each(?2))
    SELECT pk, max(mark) FROM (
        SELECT pk, 0 AS mark FROM outbox WHERE type = ?1 AND pk IN (SELECT pk FROM wanted)
        UNION ALL SELECT pk, 1 FROM flight_unit WHERE type = ?1 AND pk IN (SELECT pk FROM wanted)
        UNION ALL SELECT pk, 2 + waits FROM sync_refused WHERE type = ?1 AND pk IN (SELECT pk FROM wanted)
        UNION ALL SELECT unhex(replace(record_id, '-', '')), 3 FROM conflict
            WHERE state = 'open' AND deleted_at IS NULL AND record_type = ?3
            AND record_id IN (SELECT id FROM wanted)
    ) GROUP BY pk
"""


def of_records(connection: Connection, record_type: str, ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Mark]:
    """Return the marks of those among the records that have one, by one query however long the list is."""
    wanted = json.dumps([str(one) for one in ids])
    asked = (wire_types()[record_type].number, wanted, record_type)
    found = connection.exec_driver_sql(_SQL, asked)
    return {uuid.UUID(bytes=pk): _MARKS[mark] for pk, mark in found}


def publicity(connection: Connection, record_type: str, record_id: uuid.UUID) -> Publicity:
    """Return whether a record of this organisation is in the public catalogue."""
    number = wire_types()[record_type].number
    asked = connection.exec_driver_sql(
        "SELECT action FROM outbox WHERE type = ?1 AND pk = ?2 AND unit = ?3"
        " UNION ALL SELECT action FROM (SELECT action FROM flight_unit"
        " WHERE type = ?1 AND pk = ?2 AND unit = ?3 ORDER BY batch DESC) LIMIT 1",
        (number, record_id.bytes, SHOWN),
    ).scalar()
    if asked is not None:
        return "asked" if asked == Action.PUBLISH else "withdrawing"
    scope = sync_state.key_of(connection, record_type, record_id) or ""
    held = (number, public_copy(scope.removeprefix(f"{AGENCY}:"), record_id).bytes)
    there = connection.exec_driver_sql("SELECT 1 FROM sync_shown WHERE type = ? AND pk = ?", held).first()
    return "public" if there else "private"
