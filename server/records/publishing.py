"""Copies the public fields of a record into the public catalogue; others never leave the agency's scope.

A copy has an id of its own, from which nobody can find the record, and follows the record for as long as it
is shown. The organisation it comes from is kept beside it: of its own copies it is only told that they are.
"""

from __future__ import annotations

import functools
import uuid
from typing import TYPE_CHECKING, Any, Final

import msgspec

from domain.protocol import State
from domain.registry import by_number
from domain.scopes import PUBLISHED, public_copy
from domain.wire import trimmed
from server.records.people import SERVER
from server.records.rows import Key, Row, encode

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import psycopg

    from server.records.batches import Judged

ORIGIN: Final = "origin"
"""The fact of a public copy that names its organisation."""
_ANY: Final = """
    SELECT 1 FROM entity WHERE scope = %s AND facts IS NOT NULL AND facts ->> 'origin' = %s LIMIT 1
"""


@functools.lru_cache(maxsize=10_000)
def copy_key(key: Key, organisation: str) -> Key:
    """Return the key of an organisation's public copy of a record."""
    return key[0], public_copy(organisation, uuid.UUID(bytes=key[1])).bytes


def may_have_copy(key: Key) -> bool:
    """Tell whether records of a type can be in the public catalogue."""
    known = by_number().get(key[0])
    return known is not None and known.record_type.name in PUBLISHED


def missing_copies(held: Sequence[Row], organisation: str) -> set[Key]:
    """Return the keys of copies that did not come with their records: one may have been made since.

    Who waits for the lock of a record gets the record as it is then, but no copy that was made meanwhile.
    """
    records = [row.key for row in held if row.state != State.GONE and ORIGIN not in (row.facts or ())]
    return {copy_key(key, organisation) for key in records if may_have_copy(key)} - {row.key for row in held}


def shows_any(connection: psycopg.Connection, scope: int, organisation: str) -> bool:
    """Tell whether an organisation has ever shown anything in the public scope."""
    return connection.execute(_ANY, (scope, organisation)).fetchone() is not None


def copies(
    judged: Judged, held: Mapping[Key, Row], shown: Mapping[Key, Row], scope: int, origin: str
) -> Iterable[Row]:
    """Yield the copies that a batch changes.

    ``held`` are the records as they were before, ``shown`` the copies as they were, by their own keys.
    """
    left_keys = {key for _scope, key in judged.left}
    for key in dict.fromkeys([*judged.shown, *(change.key for change in judged.changes)]):
        if not may_have_copy(key):
            continue
        old = shown.get(copy_key(key, origin))
        was_shown = old is not None and old.state == State.LIVE
        record = judged.made.get(key) or held.get(key)
        wanted = judged.shown.get(key, was_shown) and record is not None
        if record is not None and wanted and record.state == State.LIVE and key not in left_keys:
            body = _public(record)
            if not (was_shown and old and old.body == body):
                yield _copy(record, scope, body, origin, stored=old is not None)
        elif was_shown and record is not None:
            yield msgspec.structs.replace(
                _copy(record, scope, encode([]), origin, stored=True), state=State.GONE
            )


def _copy(record: Row, scope: int, body: bytes, origin: str, *, stored: bool) -> Row:
    kind, pk = copy_key(record.key, origin)
    return Row(scope, kind, pk, body, record.clock, SERVER, facts={ORIGIN: origin}, stored=stored)


def _public(record: Row) -> bytes:
    """Return the packed body of what everybody may see."""
    known = by_number()[record.type]
    body = msgspec.msgpack.decode(record.body)
    public: list[Any] = [None] * len(known.fields)
    for name in PUBLISHED[known.record_type.name]:
        place = known.places[name]
        public[place] = body[place] if place < len(body) else None
    return bytes(encode(trimmed(public)))
