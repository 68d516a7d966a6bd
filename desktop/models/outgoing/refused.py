"""Edits that the server did not take: kept whole until somebody tries them again or lets them go."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from desktop.models.outgoing import outbox
from domain.protocol import Back, Drop, Move, New, Op, Publish, Set, encode
from domain.registry import by_number
from domain.wire import from_packed_value

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from desktop.models.work import Work

_decode = msgspec.msgpack.Decoder(Op).decode


@dataclass(frozen=True, slots=True)
class Refused:
    """One edit that was not taken; while it ``waits`` the record ``conflict`` tells why, and is open."""

    id: int
    at: str
    record_type: str
    record_id: uuid.UUID
    title: str
    code: str
    op: Op
    waits: bool
    conflict: uuid.UUID | None


def listed(connection: Connection) -> list[Refused]:
    """Return every edit that was not taken, the newest first."""
    found = connection.exec_driver_sql(
        "SELECT id, at, type, pk, title, code, op, waits, conflict FROM sync_refused ORDER BY id DESC"
    )
    return [
        Refused(
            row.id,
            row.at,
            by_number()[row.type].record_type.name,
            uuid.UUID(bytes=row.pk),
            row.title,
            row.code,
            _decode(row.op),
            bool(row.waits),
            uuid.UUID(bytes=row.conflict) if row.conflict else None,
        )
        for row in found
    ]


def keep(connection: Connection, op: Op, *, code: str, at: str, conflict: bytes = b"") -> None:
    """Keep an edit that was not taken, with the name its record has now."""
    record_type = by_number()[op.type].record_type
    title = connection.exec_driver_sql(
        f'SELECT "{record_type.title}" FROM {record_type.name} WHERE id = ?', (op.pk,)
    ).scalar()
    connection.exec_driver_sql(
        "INSERT INTO sync_refused (at, type, pk, code, title, op, waits, conflict)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            at,
            op.type,
            op.pk,
            code,
            title if isinstance(title, str) and title else record_type.label,
            encode(op),
            int(bool(conflict)),
            conflict or None,
        ),
    )


def forget(connection: Connection, refused_id: int) -> None:
    """Let an edit go."""
    connection.exec_driver_sql("DELETE FROM sync_refused WHERE id = ?", (refused_id,))


def retry(work: Work, refused_id: int) -> None:
    """Make the edit once more, on the record as it is now: it is logged, can be undone and is sent.

    Raises:
        LookupError: the record is no longer here.
    """
    (one,) = (held for held in listed(work.connection) if held.id == refused_id)
    known = by_number()[one.op.type]
    match one.op:
        case New():
            outbox.send_again(work.connection, one.record_type, one.record_id)
        case Set(units=units):
            fields = {
                known.fields[place]: value for values in units.values() for place, value in values.items()
            }
            values = {field.name: from_packed_value(field, value) for field, value in fields.items() if field}
            work.change(one.record_type, one.record_id, **values)
        case Drop():
            work.remove(one.record_type, one.record_id)
        case Back():
            work.restore(one.record_type, one.record_id)
        case Move(scope=scope):
            outbox.move(work.connection, one.record_type, one.record_id, scope)
        case Publish(shown=shown):
            outbox.publish(work.connection, one.record_type, one.record_id, shown=shown)
    forget(work.connection, refused_id)
