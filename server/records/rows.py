"""How records lie in PostgreSQL: read and locked in the order of their keys, written in bulk."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any, Final

import msgspec
from psycopg.types.json import Jsonb

from domain.merge import BIRTH, NOW, Entity, Mark
from domain.protocol import State
from server.postgres.arrays import Blobs, Ids, Int2s, Int4s, Int8s

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import psycopg

    from server.postgres.together import Together

LIVE: Final = int(State.LIVE)
Key = tuple[int, bytes]
"""A record's type number and id."""

_ID_LENGTH: Final = 16
_LARGEST_TYPE: Final = (1 << 15) - 1
encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder().decode
_decode_marks: Final = msgspec.msgpack.Decoder(dict[int, tuple[int, int, int]]).decode


def is_key(key: Key) -> bool:
    """Tell whether a device's words can be the key of any record."""
    return 0 < key[0] <= _LARGEST_TYPE and len(key[1]) == _ID_LENGTH


class Row(msgspec.Struct, gc=False):
    """One record in one scope; never changed, only replaced. ``seq`` is 0 until it has been written.

    ``stored`` says that the table has a row with its key, be it only a trace of the record.
    """

    scope: int
    type: int
    pk: bytes
    body: bytes
    clock: int
    device: int
    marks: bytes | None = None
    seq: int = 0
    state: int = LIVE
    facts: dict[str, Any] | None = None
    stored: bool = False

    @property
    def key(self) -> Key:
        """Return the record's key within whatever scope."""
        return self.type, self.pk

    def entity(self) -> Entity:
        """Return the record as the rules of merging see it."""
        return Entity(self.state == State.DEAD, self.seq, _decode(self.body), read_marks(self))

    def entity_marks(self) -> dict[int, Mark]:
        """Return who changed which unit, each with its version."""
        return {
            unit: Mark(self.seq, mark.clock, mark.device) if mark.version == NOW else mark
            for unit, mark in read_marks(self).items()
        }

    def become(self, entity: Entity, *, clock: int, device: int) -> Row:
        """Return the row of a new state of the record."""
        return msgspec.structs.replace(
            self,
            state=State.DEAD if entity.dead else State.LIVE,
            seq=0,
            body=encode(entity.body),
            marks=write_marks(entity.marks, Mark(NOW, clock, device)),
            clock=clock,
            device=device,
        )


def read_marks(row: Row) -> Mapping[int, Mark]:
    """Return who changed which unit; a version NOW stands for the row's own."""
    if row.marks is None:
        return {BIRTH: Mark(NOW, row.clock, row.device)}
    return {unit: Mark(*mark) for unit, mark in _decode_marks(row.marks).items()}


def write_marks(marks: Mapping[int, Mark], own: Mark) -> bytes | None:
    """Return marks as they are kept: nothing while there is only the birth, and it is the row's ``own``."""
    if marks == {BIRTH: own}:
        return None
    return bytes(encode({unit: (mark.version, mark.clock, mark.device) for unit, mark in marks.items()}))


# --- reading -----------------------------------------------------------------------------------------------

_LOAD: Final = """
    SELECT e.* FROM (
        SELECT * FROM unnest(%s::integer[]) AS s (scope)
        CROSS JOIN unnest(%s::smallint[], %s::uuid[]) AS k (type, pk)
        ORDER BY scope, type, pk
    ) wanted CROSS JOIN LATERAL (
        SELECT scope, type, uuid_send(pk), body, clock, device, marks, seq, state, facts, true
        FROM entity WHERE scope = wanted.scope AND type = wanted.type AND pk = wanted.pk FOR UPDATE
    ) e
"""
_LAST: Final = "SELECT last FROM device_batch WHERE device = %s FOR UPDATE"
_FOLLOWS: Final = f"""
    WITH known AS MATERIALIZED ({_LAST})
    SELECT known.last, found.* FROM known LEFT JOIN LATERAL ({_LOAD} WHERE known.last = %s) found ON true
"""  # noqa: S608 - made of constants


def load(connection: psycopg.Connection, scopes: Sequence[int], keys: Iterable[Key]) -> list[Row]:
    """Return the rows of records in any of the scopes, locked until the transaction ends."""
    wanted = sorted(set(keys))
    if not wanted:
        return []
    cursor = connection.cursor(binary=True).execute(_LOAD, _asked(scopes, wanted))
    return [Row(*values) for values in cursor]


def load_for(
    connection: psycopg.Connection, device: int, before: int, scopes: Sequence[int], keys: Iterable[Key]
) -> tuple[int, list[Row]]:
    """Return the number of a device's last batch and, if that is ``before``, rows as ``load`` does.

    Other batches of the device wait until the transaction ends; of a device that has never sent one nothing
    is there to be locked.
    """
    wanted = sorted(set(keys))
    cursor = connection.cursor(binary=True)
    if not wanted:
        known = cursor.execute(_LAST, (device,)).fetchone()
        return (known[0] if known else 0), []
    found = cursor.execute(_FOLLOWS, (device, *_asked(scopes, wanted), before)).fetchall()
    if not found:
        return 0, load(connection, scopes, wanted)
    return found[0][0], [Row(*values) for _last, *values in found if values[0] is not None]


def _asked(scopes: Sequence[int], wanted: Sequence[Key]) -> tuple[Int4s, Int2s, Ids]:
    types, ids = zip(*wanted, strict=True)
    return Int4s(scopes), Int2s(types), Ids(ids)


# --- writing -----------------------------------------------------------------------------------------------

_SIGNATURE: Final = b"PGCOPY\n\xff\r\n\0" + struct.pack("!ii", 0, 0)
_END: Final = struct.pack("!h", -1)
_HEAD: Final = struct.Struct("!h" + "ii" + "ih" + "i16s" + "iq" + "ih" + "ii" + "iq" + "i")
"""Number of columns, then length and value of each up to the body's length, as the binary COPY has them."""
_COLUMNS: Final = 8
_PLAIN_COPY: Final = (
    "COPY entity (scope, type, pk, seq, state, device, clock, body) FROM STDIN (FORMAT BINARY)"
)


FEW: Final = 200
"""So many new records are written by one statement; to copy more of them in is cheaper."""
_INSERT: Final = """
    INSERT INTO entity (scope, type, pk, seq, state, device, clock, body)
    SELECT * FROM unnest(%s::integer[], %s::smallint[], %s::uuid[], %s::bigint[], %s::smallint[],
        %s::integer[], %s::bigint[], %s::bytea[])
"""


def insert(writing: Together, rows: Sequence[Row]) -> None:
    """Write records of which the table knows nothing, each unchanged since its birth.

    Raises:
        psycopg.errors.UniqueViolation: it does know one; of a few, when all is written.
    """
    if len(rows) > FEW:
        _copy(writing.connection, rows)
    elif rows:
        writing.add(_INSERT, [*_columns(rows), Blobs([row.body for row in rows])])


def _copy(connection: psycopg.Connection, rows: Iterable[Row]) -> None:
    pack = _HEAD.pack
    parts = [_SIGNATURE]
    for row in rows:
        head = pack(
            _COLUMNS, 4, row.scope, 2, row.type, 16, row.pk, 8, row.seq, 2, row.state,
            4, row.device, 8, row.clock, len(row.body),
        )  # fmt: skip
        parts += (head, row.body)
    parts.append(_END)
    with connection.cursor().copy(_PLAIN_COPY) as copy:
        copy.write(b"".join(parts))


_SAVE: Final = """
    INSERT INTO entity AS e (scope, type, pk, seq, state, device, clock, marks, body, facts)
    SELECT * FROM unnest(%s::integer[], %s::smallint[], %s::uuid[], %s::bigint[], %s::smallint[],
        %s::integer[], %s::bigint[], %s::bytea[], %s::bytea[], %s::jsonb[])
    ON CONFLICT (scope, type, pk) DO UPDATE SET seq = excluded.seq, state = excluded.state,
        device = excluded.device, clock = excluded.clock, marks = excluded.marks, body = excluded.body,
        facts = excluded.facts
    WHERE excluded.state <> 3 OR e.state >= 2 -- a stub never takes the place of its record
"""


def save(writing: Together, rows: Sequence[Row]) -> None:
    """Write records in their new state, over what the table knows of them."""
    if rows:
        facts = [None if row.facts is None else Jsonb(row.facts) for row in rows]
        told = [
            Blobs([row.marks for row in rows]),
            Blobs([row.body for row in rows]),
            facts if any(facts) else [],  # a column that ends early goes on with NULL
        ]
        writing.add(_SAVE, [*_columns(rows), *told])


def _columns(rows: Sequence[Row]) -> list[object]:
    return [
        Int4s([row.scope for row in rows]),
        Int2s([row.type for row in rows]),
        Ids([row.pk for row in rows]),
        Int8s([row.seq for row in rows]),
        Int2s([row.state for row in rows]),
        Int4s([row.device for row in rows]),
        Int8s([row.clock for row in rows]),
    ]
