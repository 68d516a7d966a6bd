"""Which scopes a caller may read and write, decided anew at every request by the tables of ``domain.scopes``.

A scope comes into being when it is first granted to somebody of its organisation. The authority's training
and submission scopes are its own and those of every organisation that has any.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct
from msgspec.structs import replace

from domain.scopes import AGENCY, RIGHTS, SCOPE_LABELS, SUBMISSIONS, TRAINING, kind_of, scope_key
from server.postgres.arrays import Texts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import psycopg

    from domain.scopes import ScopeKind
    from server.caller import Caller
    from server.records.versions import Raised

_EVERYWHERE: Final = "authority"
"""The role whose rights to ``t`` and ``s`` reach into every organisation."""
_SHARED: Final[frozenset[ScopeKind]] = frozenset({"t", "s"})


_OF_ORGANISATION: Final[tuple[ScopeKind, ...]] = (AGENCY, TRAINING, SUBMISSIONS)
_LOOKING: Final = 0x7363
"""The class of the advisory locks of organisations."""
_EVERYWHERE_IN: Final = """
    SELECT number FROM scope
    WHERE key = ANY(%s) OR key IN (SELECT 'u:' || id FROM account WHERE organisation = %s::uuid)
"""
_NAMED: Final = "SELECT number, key, epoch, head, mark, live, digest, NULL FROM scope WHERE key = ANY(%s)"
_OF_ALL: Final = """
    SELECT s.number, s.key, s.epoch, s.head, s.mark, s.live, s.digest, o.name
    FROM scope s LEFT JOIN organisation o ON o.id::text = substr(s.key, 3) AND s.key LIKE ANY(%s)
    WHERE s.key = ANY(%s) OR s.key LIKE ANY(%s)
"""


class Granted(Struct, frozen=True):
    """One scope of a caller, as it is now."""

    number: int
    key: str
    writes: bool
    label: str
    epoch: int
    head: int
    mark: int
    live: int
    digest: int


def scopes_of(connection: psycopg.Connection, caller: Caller) -> list[Granted]:
    """Return the scopes of a caller, those that did not exist yet included."""
    return granted(connection, caller, connection.execute(*question(caller)).fetchall())


def scopes_of_organisation(connection: psycopg.Connection, caller: Caller) -> set[int]:
    """Return the numbers of all scopes in which a record of a caller's organisation may stand, his or not.

    Others who ask wait until the transaction ends: of two who look for the same record and bring it into
    different scopes, the second finds it.
    """
    connection.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", (_LOOKING, caller.organisation))
    keys = [scope_key(kind, organisation=caller.organisation, account="") for kind in _OF_ORGANISATION]
    found = connection.execute(_EVERYWHERE_IN, (keys, caller.organisation)).fetchall()
    return {number for (number,) in found}


def question(caller: Caller) -> tuple[bytes, list[object]]:
    """Return the statement that finds the scopes of a caller, and its values: it may be part of another."""
    keys, kinds = Texts([*_keys(caller)]), [f"{kind}:%" for kind in _everywhere(caller)]
    return (_OF_ALL.encode(), [kinds, keys, kinds]) if kinds else (_NAMED.encode(), [keys])


def granted(
    connection: psycopg.Connection, caller: Caller, found: Sequence[tuple[Any, ...]]
) -> list[Granted]:
    """Return the scopes that the ``question`` has found; those that did not exist yet are made."""
    keys = _keys(caller)
    missing = keys.keys() - {key for _number, key, *_ in found}
    if missing:
        connection.execute(
            "INSERT INTO scope (key) SELECT unnest(%s::text[]) ON CONFLICT DO NOTHING", (sorted(missing),)
        )
        found = connection.execute(*question(caller)).fetchall()
    rights = RIGHTS[caller.role]
    made = []
    for number, key, epoch, head, mark, live, digest, organisation in sorted(found):
        kind = keys.get(key) or kind_of(key)
        label = SCOPE_LABELS[kind] if key in keys else f"{SCOPE_LABELS[kind]} {organisation or key[2:]}"
        made.append(Granted(number, key, rights[kind] == "write", label, epoch, head, mark, live, digest))
    return made


def _keys(caller: Caller) -> dict[str, ScopeKind]:
    """Return the keys and kinds of the scopes that are a caller's own or his organisation's."""
    owner = {"organisation": caller.organisation, "account": caller.account}
    return {scope_key(kind, **owner): kind for kind in RIGHTS[caller.role]}


def _everywhere(caller: Caller) -> frozenset[ScopeKind]:
    """Return the kinds of scopes that a caller has in every organisation."""
    return _SHARED & RIGHTS[caller.role].keys() if caller.role == _EVERYWHERE else frozenset()


def moved(granted: Sequence[Granted], heads: Mapping[str, Raised]) -> list[Granted]:
    """Return scopes with new heads; what they hold is not counted anew."""
    return [
        replace(scope, head=raised.after, mark=raised.mark) if (raised := heads.get(scope.key)) else scope
        for scope in granted
    ]


def version(granted: Sequence[Granted]) -> int:
    """Return a number that changes when the scopes or the rights in them do; never 0."""
    text = "\n".join(f"{scope.key} {scope.writes} {scope.label}" for scope in granted)
    return zlib.crc32(text.encode()) or 1
