"""Gives scopes that outsiders read the names of the records that theirs refer to, and nothing else of them.

The authority reads the training register but not the agency's records: without a stub it would see a
certificate of nobody. Stubs follow the names of their records.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Final

import msgspec

from domain.conflicts import title_of
from domain.protocol import State
from domain.registry import by_number, wire_types
from domain.scopes import AGENCY, SUBMISSIONS, TRAINING, home, scope_key
from server.records.people import SERVER
from server.records.rows import LIVE, Key, Row, encode

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import psycopg

    from server.caller import Caller

_READ_OUTSIDE: Final = (TRAINING, SUBMISSIONS)
_REFERENCES: Final = {
    known.number: places
    for name, known in wire_types().items()
    if home(name) in _READ_OUTSIDE
    and (
        places := [
            (known.places[field.name], wire_types()[field.to].number)
            for field in known.record_type.fields
            if field.kind == "ref" and home(field.to) != home(name)
        ]
    )
}
"""Where records of those scopes refer out of them, by their type: place, and type referred to."""
_REFERRED: Final = {kind for places in _REFERENCES.values() for _place, kind in places}
_NUMBERS: Final = "SELECT key, number FROM scope WHERE key = ANY(%s)"
_FIND: Final = """
    SELECT e.scope, e.type, uuid_send(e.pk), e.body, e.state
    FROM entity e JOIN unnest(%s::smallint[], %s::uuid[]) AS k (type, pk) ON e.type = k.type AND e.pk = k.pk
    WHERE e.scope = ANY(%s)
"""


def stubs(connection: psycopg.Connection, written: Sequence[Row], caller: Caller) -> list[Row]:
    """Return the stubs that a batch of a caller needs or that must change their names by it."""
    referring = [row for row in written if row.type in _REFERENCES and row.state == LIVE]
    named = {row.key: row for row in written if row.type in _REFERRED}
    if not referring and not any(row.stored for row in named.values()):
        return []
    numbers = _numbers(connection, caller)
    outside = {numbers[kind] for kind in _READ_OUTSIDE if kind in numbers}
    wanted = {(row.scope, key) for row in referring if row.scope in outside for key in _targets(row)}
    found = _find(connection, {key for _scope, key in wanted} | named.keys(), list(numbers.values()))
    held = {(row.scope, row.key): row for row in found}
    wanted |= {place for place, row in held.items() if row.state == State.STUB and row.key in named}
    originals = {row.key: row for row in held.values() if row.state == LIVE} | named
    made = []
    for scope, key in sorted(wanted):
        original, stub = originals.get(key), held.get((scope, key))
        if original is None or original.state != LIVE or original.scope == scope:
            continue
        title = bytes(encode(_title(original)))
        if stub is None or (stub.state == State.STUB and stub.body != title):
            made.append(Row(scope, *key, title, original.clock, SERVER, state=int(State.STUB), stored=True))
    return made


def _numbers(connection: psycopg.Connection, caller: Caller) -> dict[str, int]:
    """Return the numbers of the organisation's scopes by their kinds."""
    kinds = (AGENCY, *_READ_OUTSIDE)
    keys = [scope_key(kind, organisation=caller.organisation, account="") for kind in kinds]
    return {key[0]: number for key, number in connection.execute(_NUMBERS, (keys,))}


def _targets(row: Row) -> Iterable[Key]:
    body = msgspec.msgpack.decode(row.body)
    for place, kind in _REFERENCES[row.type]:
        if place < len(body) and body[place]:
            yield kind, body[place]


def _find(connection: psycopg.Connection, keys: Iterable[Key], scopes: list[int]) -> list[Row]:
    wanted = sorted(keys)
    asked = ([kind for kind, _pk in wanted], [uuid.UUID(bytes=pk) for _kind, pk in wanted], scopes)
    read = connection.cursor(binary=True).execute(_FIND, asked)
    return [Row(scope, kind, pk, body, 0, SERVER, state=state) for scope, kind, pk, body, state in read]


def _title(row: Row) -> str:
    return title_of(by_number()[row.type], msgspec.msgpack.decode(row.body))
