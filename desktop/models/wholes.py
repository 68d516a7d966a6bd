"""Where parts go: to the scope of what they are parts of, when they are made and when it is handed over."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select

from desktop.models import sync_state
from desktop.models.sync_tables import FLIGHT_UNIT, MOVED, OUTBOX, SYNC_SCOPE
from desktop.models.tables import RECORD_TABLES
from domain.fields import RECORD_TYPES
from domain.registry import wire_types
from domain.scopes import OWN, kind_of
from domain.wholes import ATTACHMENT, OWNER_ID, OWNER_TYPE, PARTS, WHOLES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlalchemy import Connection

Key = tuple[str, uuid.UUID]
"""A record's type and id."""
HOME: Final = 0
"""Instead of a scope's number: the home of the type."""


def parts(connection: Connection, record_type: str, record_id: uuid.UUID) -> Iterator[Key]:
    """Yield the parts of a record that are not in the bin, and theirs."""
    named = [(part, RECORD_TABLES[part].c[field] == record_id) for part, field in PARTS.get(record_type, ())]
    files = RECORD_TABLES[ATTACHMENT].c
    named.append((ATTACHMENT, (files[OWNER_TYPE] == record_type) & (files[OWNER_ID] == str(record_id))))
    for part, belongs in named:
        table = RECORD_TABLES[part]
        found = connection.execute(select(table.c.id).where(belongs, table.c.deleted_at.is_(None)))
        for part_id in found.scalars().all():
            yield part, part_id
            yield from parts(connection, part, part_id)


def scope_of_new(connection: Connection, record_type: str, values: Mapping[str, Any]) -> int:
    """Return the number of the scope of a new record: that of its whole, if one keeps that to oneself.

    A whole that is being handed over counts as being there already.
    """
    whole = _whole(record_type, values)
    if whole is None:
        return HOME
    name, record_id = whole
    key = _asked(connection, name, record_id) or sync_state.key_of(connection, name, record_id)
    if key is None or kind_of(key) != OWN:
        return HOME
    return connection.execute(select(SYNC_SCOPE.c.number).where(SYNC_SCOPE.c.key == key)).scalar() or HOME


def _whole(record_type: str, values: Mapping[str, Any]) -> Key | None:
    if record_type in WHOLES:
        field, name = WHOLES[record_type]
        return (name, values[field]) if values.get(field) else None
    owner, named = str(values.get(OWNER_TYPE)), values.get(OWNER_ID)
    if record_type != ATTACHMENT or owner not in RECORD_TYPES or not named:
        return None
    try:
        return owner, uuid.UUID(named)
    except ValueError:
        return None


def _asked(connection: Connection, record_type: str, record_id: uuid.UUID) -> str | None:
    """Return the scope to which a record is asked to be handed, if the server has not said yes or no yet."""
    number, pk = wire_types()[record_type].number, record_id.bytes
    for table in (OUTBOX, FLIGHT_UNIT):
        same = (table.c.type == number) & (table.c.pk == pk) & (table.c.unit == MOVED)
        found = connection.execute(select(table.c.was).where(same)).scalars().all()
        if found:
            return str(found[-1])
    return None
