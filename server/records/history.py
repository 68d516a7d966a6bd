"""Who changed what and when, for the audit and for the person who asks what a record used to say.

The births of a batch are one line for each scope, from the first version to the last. A line is never
changed; each month has a table of its own, so old ones can be moved to an archive whole.
"""

from __future__ import annotations

import datetime as dt
import uuid
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import msgspec
import psycopg
from msgspec import Struct
from psycopg import sql

from domain.merge import BIRTH
from domain.protocol import State, moment_ms
from domain.wire import packed_to_wire
from server.postgres.arrays import Blobs, Ids, Int2s, Int4s, Int8s
from server.records import rows
from server.records.batches import ACTIONS, HIDE, Birth
from server.records.people import SERVER

if TYPE_CHECKING:
    from collections.abc import Iterable

    from domain.merge import Entity
    from domain.registry import WireType
    from server.caller import Caller
    from server.postgres.together import Together
    from server.records.batches import Judged
    from server.records.rows import Row

encode: Final = msgspec.msgpack.Encoder().encode
MONTHS_AHEAD: Final = 2
"""How many months beyond the present one have their table."""
_NAMES: Final = {number: action.__name__.lower() for action, number in ACTIONS.items()} | {HIDE: "hide"}
_WRITE: Final = """
    INSERT INTO history (device, account, scope, seq, last, clock, action, type, pk, units, before, after)
    SELECT %s::integer, %s::uuid, n.* FROM unnest(%s::integer[], %s::bigint[], %s::bigint[], %s::bigint[],
        %s::smallint[], %s::smallint[], %s::uuid[], %s::bytea[], %s::bytea[], %s::bytea[]) AS n
"""
_NO_RECORD: Final = (None,) * 5
_COLUMNS: Final = (Int4s, Int8s, Int8s, Int8s, Int2s, Int2s, Ids, Blobs, Blobs, Blobs)


def write(writing: Together, caller: Caller, judged: Judged, written: Iterable[Row]) -> None:
    """Keep what a batch did, once its rows have their versions."""
    lines: list[tuple[Any, ...]] = [
        (run[0].scope, run[0].seq, run[-1].seq, run[-1].clock, ACTIONS[Birth], *_NO_RECORD)
        for run in _births(written)
    ]
    for change in judged.changes:
        kind, pk = change.key
        row = judged.made.get(change.key)
        version = row.seq if row else 0
        lines.append((
            change.scope, version, version, change.clock, change.action, kind, pk,
            encode(change.units), encode(change.before), encode(change.after),
        ))  # fmt: skip
    if lines:
        columns = [kind(column) for kind, column in zip(_COLUMNS, zip(*lines, strict=True), strict=True)]
        writing.add(_WRITE, [caller.device, caller.account, *columns])


def _births(written: Iterable[Row]) -> list[list[Row]]:
    """Return the new records in runs of one scope and versions that follow one another."""
    found: list[list[Row]] = []
    for row in written:
        if row.stored or row.marks is not None or row.device == SERVER:
            continue
        last = found[-1][-1] if found else None
        if last and last.scope == row.scope and last.seq + 1 == row.seq:
            found[-1].append(row)
        else:
            found.append([row])
    return found


def prepare(connection: psycopg.Connection, today: dt.date) -> None:
    """Make the tables of this month and the next ones, where they are missing.

    A month of which the table for all others holds lines already, because nobody came by for long, stays
    there.
    """
    first = today.replace(day=1)
    for _ in range(MONTHS_AHEAD + 1):
        following = (first + dt.timedelta(days=31)).replace(day=1)
        made = sql.SQL("CREATE TABLE IF NOT EXISTS {} PARTITION OF history FOR VALUES FROM ({}) TO ({})")
        name = sql.Identifier(f"history_{first:%Y_%m}")
        with suppress(psycopg.errors.CheckViolation), connection.transaction():
            connection.execute(made.format(name, sql.Literal(first), sql.Literal(following)))
        first = following


class Line(Struct):
    """One change of one record.

    ``at`` is when the server heard of it, ``made_at`` when its author says it was. ``before`` and ``after``
    hold the fields concerned, by name and in the JSON form.
    """

    at: str
    made_at: str
    action: str
    by: str
    device: str
    before: dict[str, Any]
    after: dict[str, Any]


_READ: Final = """
    SELECT h.at, h.clock, h.action, h.before, h.after, a.name, d.label
    FROM history h LEFT JOIN account a ON a.id = h.account LEFT JOIN device d ON d.number = h.device
    WHERE h.scope = ANY(%(scopes)s) AND h.type = %(type)s AND h.pk = %(pk)s
    UNION ALL
    SELECT h.at, h.clock, h.action, NULL, NULL, a.name, d.label
    FROM entity e JOIN history h
        ON h.scope = e.scope AND h.pk IS NULL AND h.seq <= %(born)s AND h.last >= %(born)s
    LEFT JOIN account a ON a.id = h.account LEFT JOIN device d ON d.number = h.device
    WHERE e.scope = ANY(%(scopes)s) AND e.type = %(type)s AND e.pk = %(pk)s
    ORDER BY 1, 2
"""


def read(connection: psycopg.Connection, scopes: list[int], known: WireType, pk: bytes) -> list[Line] | None:
    """Return the changes of a record, the oldest first; None if it is in none of the scopes."""
    entity = _find(connection, scopes, known.number, pk)
    if entity is None:
        return None
    told = {
        "scopes": scopes,
        "type": known.number,
        "pk": uuid.UUID(bytes=pk),
        "born": entity.mark(BIRTH).version,
    }
    return [
        Line(
            at.astimezone(dt.UTC).isoformat(),
            dt.datetime.fromtimestamp(moment_ms(clock) / 1000, dt.UTC).isoformat(),
            _NAMES[action],
            name or "",
            label or "",
            _by_name(known, before),
            _by_name(known, after),
        )
        for at, clock, action, before, after, name, label in connection.execute(_READ, told)
    ]


def _find(connection: psycopg.Connection, scopes: list[int], kind: int, pk: bytes) -> Entity | None:
    found = rows.load(connection, scopes, [(kind, pk)])
    return next((row.entity() for row in found if row.state in (State.LIVE, State.DEAD)), None)


def _by_name(known: WireType, packed: bytes | None) -> dict[str, Any]:
    """Return packed values by the names of their fields; what only newer programs know is left out."""
    values: dict[int, Any] = msgspec.msgpack.decode(packed) if packed else {}
    return {
        field.name: packed_to_wire(field, value)
        for place, value in values.items()
        if place < len(known.fields) and (field := known.fields[place]) is not None
    }
