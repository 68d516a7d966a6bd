"""Gives records their versions and has them written, last before a commit, scope by scope in one order.

A version is the record's place in the feed of its scope. The scope's row is locked while versions are taken
and until they are visible, so a reader who has seen a version has seen all below it.
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from domain.digest import row_digest
from server.postgres.arrays import Int4s, Int8s
from server.records import rows
from server.records.rows import LIVE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import psycopg

    from server.postgres.together import Together
    from server.records.rows import Row

_LOCK: Final = "SELECT number, head FROM scope WHERE number = ANY(%s) ORDER BY number FOR UPDATE"
_RAISE: Final = """
    UPDATE scope s SET head = n.head, live = s.live + n.live, digest = s.digest # n.digest, mark = %s::integer
    FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::integer[]) AS n (head, live, digest, number)
    WHERE s.number = n.number
"""
_NOTE: Final = """
    INSERT INTO scope_past (mark, scope, head)
    SELECT %s::integer, * FROM unnest(%s::integer[], %s::bigint[])
"""
_MARKS: Final = (1 << 31) - 1


@dataclass(frozen=True, slots=True)
class Raised:
    """A scope's head before and after a batch, and the number that was drawn for the new one."""

    before: int
    after: int
    mark: int


def write(
    writing: Together,
    made: Iterable[Row],
    held: Iterable[Row],
    above: Mapping[int, int],
) -> dict[int, Raised]:
    """Give rows the next versions of their scopes, and return what became of the heads.

    What there is to write is gathered in ``writing``. ``held`` are the rows as they were. The versions in a
    scope named in ``above`` exceed that one.

    Raises:
        psycopg.errors.UniqueViolation: a record that was taken for new is not.
    """
    by_scope: defaultdict[int, list[Row]] = defaultdict(list)
    for row in made:
        by_scope[row.scope].append(row)
    if not by_scope:
        return {}
    heads = _lock(writing.connection, sorted(by_scope))
    old = {(row.scope, row.key): row for row in held}
    totals = []
    for scope, written in by_scope.items():
        first = max(heads[scope], above.get(scope, 0)) + 1
        for version, row in enumerate(written, start=first):
            row.seq = version
        live, digest = _counted(written)
        was, lost = _counted(found for row in written if (found := old.get((scope, row.key))))
        totals.append((first + len(written) - 1, live - was, digest ^ lost, scope))
    new: list[Row] = []
    known: list[Row] = []
    for written in by_scope.values():
        for row in written:
            plain = not row.stored and row.marks is None and row.facts is None
            (new if plain else known).append(row)
    rows.insert(writing, new)
    rows.save(writing, known)
    after, live_more, digests, numbers = zip(*totals, strict=True)
    mark = 1 + secrets.randbelow(_MARKS)
    writing.add(_RAISE, [mark, Int8s(after), Int8s(live_more), Int8s(digests), Int4s(numbers)])
    writing.add(_NOTE, [mark, Int4s(numbers), Int8s(after)])
    return {scope: Raised(heads[scope], head, mark) for head, _live, _digest, scope in totals}


def _lock(connection: psycopg.Connection, scopes: list[int]) -> dict[int, int]:
    return dict(connection.execute(_LOCK, (Int4s(scopes),)).fetchall())


def _counted(found: Iterable[Row]) -> tuple[int, int]:
    """Return how many of the rows are live records, and the digest of those."""
    live = digest = 0
    for row in found:
        if row.state == LIVE:
            live += 1
            digest ^= row_digest(row.type, row.pk, row.seq)
    return live, digest
