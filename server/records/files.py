"""Notes which records name which files, so that whoever may read a record may fetch its files."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Final

import msgspec

from domain.protocol import State
from domain.registry import wire_types

if TYPE_CHECKING:
    from collections.abc import Iterable

    import psycopg

    from server.records.rows import Row

_PLACES: Final = {
    known.number: places
    for known in wire_types().values()
    if (places := [known.places[f.name] for f in known.record_type.fields if f.format == "sha256"])
}
"""Where records of a type name files, by the type's number."""
_FORGET: Final = """
    DELETE FROM blob_ref r USING unnest(%s::integer[], %s::smallint[], %s::uuid[]) AS k (scope, type, pk)
    WHERE (r.scope, r.type, r.pk) = (k.scope, k.type, k.pk) AND NOT EXISTS (
        SELECT 1
        FROM unnest(%s::integer[], %s::smallint[], %s::uuid[], %s::bytea[]) AS f (scope, type, pk, sha256)
        WHERE (f.scope, f.type, f.pk, f.sha256) = (r.scope, r.type, r.pk, r.sha256)
    )
"""
_KEEP: Final = """
    INSERT INTO blob_ref (organisation, scope, type, pk, sha256)
    SELECT %s, f.* FROM unnest(%s::integer[], %s::smallint[], %s::uuid[], %s::bytea[]) f
    ON CONFLICT DO NOTHING
"""


def note(connection: psycopg.Connection, written: Iterable[Row], organisation: str) -> None:
    """Keep the files that written records name; what one names anew is named by ``organisation``.

    A file that a record goes on naming stays whose it was, whoever edits the rest of the record.
    """
    naming = [row for row in written if row.type in _PLACES]
    found = [
        (row.scope, row.type, uuid.UUID(bytes=row.pk), sha256)
        for row in naming
        if row.state in (State.LIVE, State.DEAD)
        for sha256 in _named(row)
    ]
    known = [(row.scope, row.type, uuid.UUID(bytes=row.pk)) for row in naming if row.stored]
    if known:
        connection.cursor(binary=True).execute(_FORGET, [*_columns(known, 3), *_columns(found, 4)])
    if found:
        connection.cursor(binary=True).execute(_KEEP, [uuid.UUID(organisation), *_columns(found, 4)])


def _named(row: Row) -> set[bytes]:
    body = msgspec.msgpack.decode(row.body)
    return {bytes.fromhex(body[place]) for place in _PLACES[row.type] if place < len(body) and body[place]}


def _columns(rows: Iterable[tuple[object, ...]], width: int) -> list[list[object]]:
    return [list(column) for column in zip(*rows, strict=True)] or [[] for _ in range(width)]
