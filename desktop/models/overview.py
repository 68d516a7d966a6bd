"""What the day's page counts and remembers, asked of the store in SQL so that no list is read whole."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import func, select

from desktop.models import queries
from desktop.models.tables import CHANGE, COMMAND, RECORD_TABLES
from domain.fields import RECORD_TYPES

if TYPE_CHECKING:
    import uuid
    from collections.abc import Sequence
    from decimal import Decimal

    from sqlalchemy import Connection

NOT_WORK: Final = frozenset({"parts", "sync"})
"""Groups whose records nobody works on for themselves."""
LOOKED_AT: Final = 400
"""So many of the newest changes are looked at for records; an import must not make the page slow."""


@dataclass(frozen=True, slots=True)
class Recent:
    """A record somebody has worked on lately."""

    record_type: str
    record_id: uuid.UUID
    title: str
    at: str
    user: str


def recent(connection: Connection, *, limit: int) -> list[Recent]:
    """Return the live records changed last, each once, the newest first; parts of records are left out."""
    rows = connection.execute(
        select(CHANGE.c.record_type, CHANGE.c.record, COMMAND.c.at, COMMAND.c.user)
        .join(COMMAND, COMMAND.c.seq == CHANGE.c.command)
        .order_by(CHANGE.c.seq.desc())
        .limit(LOOKED_AT)
    )
    found: dict[uuid.UUID, Recent] = {}
    for record_type, record_id, at, user in rows:
        if len(found) == limit:
            break
        if record_id not in found and RECORD_TYPES[record_type].group not in NOT_WORK:
            held = queries.get(connection, record_type, record_id)
            if held and held["deleted_at"] is None:
                title = queries.titles(connection, record_type, [record_id])[record_id]
                found[record_id] = Recent(record_type, record_id, title, at, user)
    return list(found.values())


@dataclass(frozen=True, slots=True)
class Sums:
    """How many records fall into a year, and what some of their fields add up to."""

    count: int
    totals: dict[str, Decimal | None]


def of_year(
    connection: Connection,
    record_type: str,
    day: str,
    year: int,
    *,
    add: Sequence[str] = (),
    distinct: str = "",
    leave_out: tuple[str, Sequence[str]] = ("", ()),
) -> Sums:
    """Count the live records whose ``day`` lies in a year and add up some of their fields.

    ``distinct`` counts the different values of a field instead of records; ``leave_out`` names a field
    and the values for which a record does not count. A sum over nothing is None, not zero.
    """
    table = RECORD_TABLES[record_type]
    what = func.count(table.c[distinct].distinct()) if distinct else func.count()
    statement = select(what, *(func.sum(table.c[name]) for name in add)).where(
        table.c.deleted_at.is_(None),
        table.c[day].between(dt.date(year, 1, 1), dt.date(year, 12, 31)),
    )
    field, values = leave_out
    if field:
        statement = statement.where(table.c[field].not_in(list(values)))
    counted, *sums = connection.execute(statement.select_from(table)).one()
    return Sums(int(counted), dict(zip(add, sums, strict=True)))


def is_empty(connection: Connection) -> bool:
    """Tell whether the store holds no record yet, not even in the recycle bin."""
    return all(
        connection.execute(select(table.c.row).limit(1)).first() is None for table in RECORD_TABLES.values()
    )
