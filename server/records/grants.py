"""Which scopes a caller may read and write, decided anew at every request by the tables of ``domain.scopes``.

A scope comes into being when it is first granted. The authority's training and submission scopes are those of
every organisation that has any.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from domain.scopes import RIGHTS, SCOPE_LABELS, kind_of, scope_key

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import psycopg

    from domain.scopes import Right, ScopeKind
    from server.caller import Caller

_EVERYWHERE: Final = "authority"
"""The role whose rights to ``t`` and ``s`` reach into every organisation."""
_SHARED: Final[frozenset[ScopeKind]] = frozenset({"t", "s"})


NEW_EPOCH: Final = (
    "UPDATE scope SET epoch = greatest(epoch + 1, (extract(epoch FROM clock_timestamp()) * 1000)::bigint)"
)

_NAMED: Final = (
    "SELECT number, key, epoch, head, live, digest, NULL FROM scope WHERE key = ANY(%s) ORDER BY number"
)
_OF_ALL: Final = """
    SELECT s.number, s.key, s.epoch, s.head, s.live, s.digest, o.name
    FROM scope s LEFT JOIN organisation o ON o.id::text = substr(s.key, 3) AND s.key LIKE ANY(%s)
    WHERE s.key = ANY(%s) OR s.key LIKE ANY(%s) ORDER BY s.number
"""


@dataclass(frozen=True, slots=True)
class Granted:
    """One scope of a caller, as it is now."""

    number: int
    key: str
    writes: bool
    label: str
    epoch: int
    head: int
    live: int
    digest: int


def scopes_of(connection: psycopg.Connection, caller: Caller) -> list[Granted]:
    """Return the scopes of a caller, those that did not exist yet included."""
    everywhere = _SHARED if caller.role == _EVERYWHERE else frozenset()
    rights = RIGHTS[caller.role]
    keys = [
        scope_key(kind, organisation=caller.organisation, account=caller.account)
        for kind in rights
        if kind not in everywhere
    ]
    kinds = [f"{kind}:%" for kind in rights if kind in everywhere]
    found = _read(connection, keys, kinds, rights)
    missing = set(keys) - {scope.key for scope in found}
    if missing:
        connection.execute(
            "INSERT INTO scope (key) SELECT unnest(%s::text[]) ON CONFLICT DO NOTHING", (sorted(missing),)
        )
        found = _read(connection, keys, kinds, rights)
    return found


def _read(
    connection: psycopg.Connection, keys: list[str], kinds: list[str], rights: Mapping[ScopeKind, Right]
) -> list[Granted]:
    found = []
    rows = connection.execute(_OF_ALL, (kinds, keys, kinds)) if kinds else connection.execute(_NAMED, (keys,))
    for number, key, epoch, head, live, digest, organisation in rows:
        kind = kind_of(key)
        label = SCOPE_LABELS[kind] if key in keys else f"{SCOPE_LABELS[kind]} {organisation or key[2:]}"
        writes = rights[kind] == "write"
        found.append(Granted(number, key, writes, label, epoch, head, live, digest))
    return found


def begin_anew(connection: psycopg.Connection, scope: Granted) -> Granted:
    """Give a scope a new epoch: its versions mean nothing to whoever has seen others."""
    row = connection.execute(NEW_EPOCH + " WHERE number = %s RETURNING epoch", (scope.number,)).fetchone()
    return replace(scope, epoch=int(row[0])) if row else scope


def moved(granted: Sequence[Granted], heads: Mapping[str, int]) -> list[Granted]:
    """Return scopes with new heads; what they hold is not counted anew."""
    return [replace(scope, head=heads.get(scope.key, scope.head)) for scope in granted]


def version(granted: Sequence[Granted]) -> int:
    """Return a number that changes when the scopes or the rights in them do; never 0."""
    text = "\n".join(f"{scope.key} {scope.writes} {scope.label}" for scope in granted)
    return zlib.crc32(text.encode()) or 1
