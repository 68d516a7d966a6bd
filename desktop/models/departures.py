"""What waits to leave this machine, read for people: which records, which of their units, to which scope."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import func, literal, select, union_all

from desktop.models import sync_state
from desktop.models.sync_tables import FLIGHT_UNIT, OUTBOX
from domain.registry import by_number

if TYPE_CHECKING:
    from sqlalchemy import Connection, Subquery


@dataclass(frozen=True, slots=True)
class Departure:
    """One record with edits that are not at the server yet.

    ``units`` are (number of the unit, ``capture.Action``); ``flying`` says that some of it is being sent.
    ``scope`` is the key of the scope the record is in, empty for the home of its type.
    """

    record_type: str
    record_id: uuid.UUID
    units: tuple[tuple[int, int], ...]
    flying: bool
    scope: str


LISTED_AT_MOST: Final = 200


def _waiting() -> Subquery:
    columns = ("type", "pk", "unit", "action", "clock")
    return union_all(
        select(*(OUTBOX.c[name] for name in columns), literal(0).label("flying")),
        select(*(FLIGHT_UNIT.c[name] for name in columns), literal(1).label("flying")),
    ).subquery()


def listed(connection: Connection, *, limit: int = LISTED_AT_MOST) -> list[Departure]:
    """Return the records that wait, those that have waited longest first."""
    waiting = _waiting()
    units = func.json_group_array(func.json_array(waiting.c.unit, waiting.c.action))
    rows = connection.execute(
        select(waiting.c.type, waiting.c.pk, units, func.max(waiting.c.flying))
        .group_by(waiting.c.type, waiting.c.pk)
        .order_by(func.min(waiting.c.clock), waiting.c.type, waiting.c.pk)
        .limit(limit)
    )
    known = by_number()
    return [
        Departure(
            known[number].record_type.name,
            uuid.UUID(bytes=pk),
            tuple(sorted({(unit, action) for unit, action in json.loads(held)})),
            bool(flying),
            sync_state.key_of(connection, known[number].record_type.name, uuid.UUID(bytes=pk)) or "",
        )
        for number, pk, held, flying in rows
        if number in known
    ]


def counted(connection: Connection) -> dict[str, int]:
    """Return how many records of each type wait, the most first."""
    waiting = _waiting()
    pairs = select(waiting.c.type, waiting.c.pk).distinct().subquery()
    rows = connection.execute(select(pairs.c.type, func.count()).group_by(pairs.c.type)).all()
    known = by_number()
    named = {known[number].record_type.name: count for number, count in rows if number in known}
    return dict(sorted(named.items(), key=lambda pair: -pair[1]))
