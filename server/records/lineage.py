"""Finds out which devices were told what this server does not have: it was taken back to a backup since.

Every head that a scope ever had is kept with a number drawn for it, its mark, by the transaction that made
it. A device shows the newest head it was told, with its mark. Either both are in this server's past, and so
is all that the device has heard, for whoever is told a head has shown one of the same past before; or they
are not, and something of what it has heard is lost here, however many versions were written since.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from server.postgres.arrays import Int4s, Int8s

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import psycopg

    from domain.protocol import Want
    from server.records.grants import Granted

_PAST: Final = """
    SELECT p.scope, p.head, p.mark
    FROM unnest(%s::integer[], %s::bigint[]) AS w (scope, head) JOIN scope_past p USING (scope, head)
"""


def lost(connection: psycopg.Connection, granted: Iterable[Granted], wants: Sequence[Want]) -> set[str]:
    """Return the keys of the scopes of which a device has heard what is not in their past.

    Of a scope that a device knows in another epoch nothing is said: it begins that one anew in any case.
    """
    known = {scope.key: scope for scope in granted}
    here = [(known[want.scope], want) for want in wants if want.scope in known]
    same = [(scope, want) for scope, want in here if want.epoch in (0, scope.epoch)]
    found = {scope.key for scope, want in same if max(want.since, want.heard) > scope.head}
    found |= {scope.key for scope, want in same if 0 < want.heard == scope.head and want.mark != scope.mark}
    earlier = [(scope, want) for scope, want in same if 0 < want.heard < scope.head]
    if earlier:
        numbers, heads = [scope.number for scope, _ in earlier], [want.heard for _, want in earlier]
        rows = connection.execute(_PAST, (Int4s(numbers), Int8s(heads)))
        marks = {(number, head): mark for number, head, mark in rows}
        found |= {s.key for s, want in earlier if marks.get((s.number, want.heard)) != want.mark}
    return found


def knows_another_epoch(granted: Iterable[Granted], wants: Iterable[Want]) -> bool:
    """Tell whether a device has yet to hear that a scope began a new epoch."""
    epochs = {scope.key: scope.epoch for scope in granted}
    return any(want.epoch not in (0, epochs.get(want.scope, want.epoch)) for want in wants)
