"""Tells devices what changed: pages of a scope's feed from where each device stands.

The feed is the state of the records, in the order of their last changes, so it is never longer than the scope
has records. A device that already holds a record is sent the units that changed, one that wrote the change
itself only its version.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec
from msgspec import Raw
from msgspec.structs import replace

from domain.merge import BIRTH, FOREIGN, NOBODY
from domain.pages import Full, Gone, Own, Page, Part, Stub
from domain.protocol import State, Want
from domain.registry import LIFE, by_number
from domain.scopes import PUBLIC
from server.records.publishing import ORIGIN
from server.records.rows import Row

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    import psycopg

    from domain.merge import Mark
    from domain.pages import Row as PageRow
    from server.caller import Caller
    from server.records.grants import Granted

PAGE_BYTES: Final = 6 << 20
"""Bytes of bodies after which a page ends, about 1 MB on the way; one row is always sent."""
ROWS_AT_MOST: Final = 20_000
SMALL: Final = 16 << 10
"""Bytes of a body that is read before it is known whether the page has room for it."""
_decode: Final = msgspec.msgpack.Decoder().decode

# Head and rows are read in one statement, so a page is one state of the scope.
_FEED: Final = """
    SELECT s.epoch, s.head, s.mark, e.*
    FROM scope s LEFT JOIN LATERAL (
        SELECT octet_length(body) AS length, type, uuid_send(pk),
            CASE WHEN octet_length(body) <= %(small)s THEN body ELSE '' END,
            clock, device, marks, seq, state, facts
        FROM entity
        WHERE scope = s.number AND seq > %(since)s
            AND (%(since)s > 0 OR %(anew)s OR state <> 2)
        ORDER BY seq LIMIT %(rows)s
    ) e ON true
    WHERE s.number = %(scope)s
    ORDER BY e.seq
"""
_LARGE: Final = "SELECT seq, body FROM entity WHERE scope = %s AND seq = ANY(%s)"


def pages(
    connection: psycopg.Connection,
    caller: Caller,
    granted: Iterable[Granted],
    wants: Sequence[Want],
    rows: int,
    *,
    lost: AbstractSet[str] = frozenset(),
) -> tuple[list[Page], list[str]]:
    """Return the next page of every scope that has one, and the scopes whose copies are wrong.

    Wrong is a copy that differs, and one of a scope of which the device has heard what is ``lost`` here. To
    whoever comes with another epoch the scope is told from its beginning, or at least that it has a new one.

    All pages together have at most ``rows`` rows. Scopes that were not granted are passed over.
    """
    known = {scope.key: scope for scope in granted}
    room, size = min(max(rows, 0), ROWS_AT_MOST), PAGE_BYTES
    found, mended = [], []
    for asked in wants:
        if asked.scope not in known:
            continue
        scope = known[asked.scope]
        other = asked.epoch not in (0, scope.epoch)
        want = Want(asked.scope, 0, anew=True) if other else asked
        if want.scope in lost or _differs(want, scope):
            mended.append(want.scope)
        elif room > 0 and size > 0 and (want.since < scope.head or _is_uncertain(want)):
            one = page(connection, scope, want, rows=room, size=size, caller=caller)
            if one is not None:
                room -= len(one.rows)
                size -= sum(len(bytes(row.body)) for row in one.rows if isinstance(row, Full))
                found.append(one)
        elif other:
            found.append(Page(scope.key, scope.epoch, 0, 0, scope.head, [], mark=scope.mark))
    return found, mended


def _is_uncertain(want: Want) -> bool:
    """Tell whether a device waits for the epoch, or for the end of a load: it gets a page, be it empty."""
    return not want.epoch or want.anew


def _differs(want: Want, scope: Granted) -> bool:
    """Tell whether a device that has everything holds other records; of the catalogue each holds a part."""
    if want.count < 0 or scope.key == PUBLIC or not want.cursor == want.since == scope.head:
        return False
    return (want.count, want.digest) != (scope.live, scope.digest)


def page(
    connection: psycopg.Connection,
    scope: Granted,
    want: Want,
    *,
    rows: int,
    size: int = PAGE_BYTES,
    caller: Caller | None = None,
) -> Page | None:
    """Return the next page of a scope, at most so many rows and about so many bytes of bodies.

    Without a caller it is what any new device may be told.
    """
    asked = {
        "scope": scope.number,
        "since": want.since,
        "anew": want.anew,
        "rows": rows,
        "small": SMALL,
    }
    read = connection.cursor(binary=True).execute(_FEED, asked).fetchall()
    if not read:
        return None
    epoch, head, mark = read[0][:3]
    offered = [(row[0], Row(scope.number, *row[1:])) for _, _, _, *row in read if row[0] is not None]
    fitting = _fitting(offered, size)
    whole = len(fitting) == len(offered) < rows
    until = head if whole else fitting[-1].seq
    large = {row.seq for length, row in offered[: len(fitting)] if length > SMALL}
    feed = _Feed(want, caller)
    told = (feed.row(row) for row in (_filled(connection, fitting, large) if large else fitting))
    heard = [row for row in told if row is not None]
    return Page(scope.key, epoch, want.since, until, head, heard, mark=mark)


def _fitting(offered: list[tuple[int, Row]], size: int) -> list[Row]:
    """Return the rows up to the one with which the bodies have so many bytes."""
    found = []
    for length, row in offered:
        if size <= 0:
            break
        size -= length
        found.append(row)
    return found


def _filled(connection: psycopg.Connection, found: list[Row], large: set[int]) -> list[Row]:
    """Read the large bodies; a row that has changed meanwhile comes with a later page."""
    asked = (found[0].scope, sorted(large))
    bodies: dict[int, bytes] = dict(connection.cursor(binary=True).execute(_LARGE, asked).fetchall())
    return [
        replace(row, body=bodies[row.seq]) if row.seq in large else row
        for row in found
        if row.seq not in large or row.seq in bodies
    ]


class _Feed:
    """What the rows of a scope are to one device that holds everything up to its cursor."""

    def __init__(self, want: Want, caller: Caller | None) -> None:
        device = caller.device if caller else NOBODY
        self._organisation = caller.organisation if caller else None
        self._cursor = want.cursor
        self._since = want.since
        self._anew = want.anew
        # Rows that are staged but not shown yet could be older than the device's own change: it is told all.
        self._knows_own = device if 0 < want.cursor == want.since else None

    def row(self, row: Row) -> PageRow | None:
        """Return the least that brings the device up to date; None if it never heard of the record."""
        if row.state == State.GONE:
            return Gone(row.type, row.pk, row.seq, (row.facts or {}).get("to", ""))
        if row.state == State.STUB:
            return Stub(row.type, row.pk, row.seq, _decode(row.body))
        if self._organisation and (row.facts or {}).get(ORIGIN) == self._organisation:
            return Own(row.type, row.pk, row.seq)  # the copy of a record that its own scope brings
        if row.marks is None:
            if row.device == self._knows_own:
                return Own(row.type, row.pk, row.seq)
            return Full(row.type, row.pk, row.seq, Raw(row.body), row.clock, False, row.device, row.clock)
        return self._changed(row)

    def _changed(self, row: Row) -> PageRow | None:
        marks = row.entity_marks()
        news = {unit: mark for unit, mark in marks.items() if mark.version > self._cursor}
        if all(mark.device == self._knows_own for mark in news.values()):
            return Own(row.type, row.pk, row.seq)
        dead = row.state == State.DEAD
        if dead and not self._cursor and not self._may_hold(marks[BIRTH]):
            return None
        places = None if BIRTH in news else _places(row, news)
        if places is None or (LIFE in news and not dead):
            # Whoever came while the record was in the bin has never seen it.
            born = marks[BIRTH].clock
            return Full(row.type, row.pk, row.seq, Raw(row.body), row.clock, dead, row.device, born)
        body: Sequence[Any] = _decode(row.body)
        values = {place: body[place] if place < len(body) else None for place in places}
        units = sorted(news)
        return Part(row.type, row.pk, row.seq, values, units, row.clock, row.device, dead)

    def _may_hold(self, birth: Mark) -> bool:
        """Tell whether a device that comes new may hold a dead record, from a page or from elsewhere."""
        return self._anew or birth.version <= self._since or birth.device == NOBODY


def _places(row: Row, news: Mapping[int, Mark]) -> list[int] | None:
    """Return the places of changed units; None if a unit is a newer program's and its places are unknown."""
    known = by_number().get(row.type)
    places: list[int] = []
    for unit in news:
        if unit >= FOREIGN:
            places.append(unit - FOREIGN)
        elif unit != LIFE:
            if known is None or unit not in known.units:
                return None
            places += known.units[unit].places
    return sorted(places)
