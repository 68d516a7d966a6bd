"""Rows of a page enter the record tables: what is new whole, what is known beside the edits made here.

An edit that waits or is in flight keeps its place on the screen; the outbox learns the server's image of its
unit, and settling decides by that. New records go in as they come, by the thousand.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import msgspec

from desktop.models.images import ALIVE, GONE, read_tail, to_column, write_image, write_tail
from desktop.models.incoming import forgotten, leaving, newcomers, strangers, stubs
from desktop.models.journal import Journal, moment_text
from desktop.models.outgoing.capture import Action
from desktop.models.tables import STUB
from domain import sheaves
from domain.pages import Full, Gone, Own, Part, Row, Stub
from domain.registry import LIFE, by_number

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Connection

    from desktop.models.incoming.in_bulk import InBulk
    from desktop.models.sync_state import ScopeState
    from domain.pages import Page, Sheaf
    from domain.registry import WireType

_body: Final = msgspec.msgpack.Decoder(list[Any]).decode
CONFLICT: Final = "conflict"


@dataclass
class Arrivals:
    """The rows of one scope as they enter within one transaction, in so many pages."""

    connection: Connection
    scope: ScopeState
    granted: Mapping[str, int]
    bulk: InBulk
    pages: int = 1
    rows: int = 0
    touched: set[str] = field(default_factory=set)
    conflicts_new: int = 0

    def __post_init__(self) -> None:
        self.journal = Journal(self.connection)
        edits = self.connection.exec_driver_sql(
            "SELECT 1 FROM outbox UNION ALL SELECT 1 FROM flight_unit LIMIT 1"
        )
        self._busy = edits.first() is not None

    def take(self, page: Page) -> None:
        """Let the rows of a page in."""
        sorts: dict[tuple[int, type], list[Any]] = defaultdict(list)
        for row in page.rows:
            sorts[row.type, type(row)].append(row)
        self._wanted: dict[str, set[bytes]] = defaultdict(set)
        clocks = [row.clock for row in page.rows if isinstance(row, (Full, Part))]
        clocks += itertools.chain.from_iterable(sheaf.clocks for sheaf in page.sheaves)
        self._at = moment_text(max(clocks, default=0))
        for sheaf in page.sheaves:
            self._take_sheaf(sheaf)
        for (number, sort), rows in sorts.items():
            known = by_number().get(number)
            if known is None:
                strangers.take(self.connection, self.scope.number, rows)
                continue
            self.rows += len(rows)
            self.touched.add(known.record_type.name)
            _SORTS[sort](self, known, rows)
        stubs.fill(self.connection, self._wanted, self._at)

    def finish(self) -> None:
        """Write the histories; new records whose conflict is decided are shown as refused from now on."""
        self.journal.finish()
        if CONFLICT in self.touched:
            self.connection.exec_driver_sql(
                "UPDATE sync_refused SET waits = 0 WHERE waits = 1 AND conflict IN"
                " (SELECT id FROM conflict WHERE state <> 'open' OR deleted_at IS NOT NULL)"
            )

    def _take_sheaf(self, sheaf: Sheaf) -> None:
        known = by_number().get(sheaf.type)
        if known is None:
            strangers.take(self.connection, self.scope.number, sheaves.loosened(sheaf))
            return
        self.rows += len(sheaf.pks)
        self.touched.add(known.record_type.name)
        if before := self._enter(known, sheaf):
            self._meet(known, sheaves.loosened(sheaf), before)

    def _full(self, known: WireType, rows: list[Full]) -> None:
        if before := self._enter(known, sheaves.bound(rows)):
            self._meet(known, rows, before)

    def _enter(self, known: WireType, sheaf: Sheaf) -> int:
        """Let in what is new; return the last ``row`` there was before, 0 if all of it was new."""
        self.bulk.expect(known.record_type.name, len(sheaf.pks) * self.pages)
        if known.record_type.name == CONFLICT:
            self.conflicts_new += len(sheaf.pks)
        return newcomers.enter(self.connection, known, sheaf, self.scope.number, self._wanted)

    def _meet(self, known: WireType, rows: list[Full], before: int) -> None:
        """Bring those that were here already, in the rows up to ``before``, to the server's image."""
        held = self._held(known, rows, before)
        named = [row for row in rows if row.pk in held and held[row.pk]["deleted_at"] == STUB]
        if named:
            newcomers.fill(self.connection, known, sheaves.bound(named), self.scope.number, self._wanted)
        if known.record_type.name == CONFLICT:
            self.conflicts_new += len(named) - len(held)
        for row in rows:
            if row.pk in held and held[row.pk]["deleted_at"] != STUB:
                body = _body(row.body)
                values = dict(enumerate(body)) | dict.fromkeys(range(len(body), len(known.fields)))
                self._forget_versions(known, held[row.pk])
                self._busy |= forgotten.send_again(
                    self.connection, known, held[row.pk], row, values, into=self.scope
                )
                self._merge(known, held[row.pk], row, values, list(known.units))

    def _forget_versions(self, known: WireType, held: Mapping[str, Any]) -> None:
        """Let the edits of a record that comes from another scope stand on none of this one's versions."""
        if self._busy and held["sync_scope"] not in (0, self.scope.number):
            forgotten.stand_on_nothing(self.connection, known, "id = ?", (held["id"],))

    def _part(self, known: WireType, rows: list[Part]) -> None:
        held = self._held(known, rows)
        for row in rows:
            if row.pk in held and held[row.pk]["deleted_at"] != STUB:
                self._merge(known, held[row.pk], row, row.values, row.units)

    def _own(self, known: WireType, rows: list[Own]) -> None:
        number = self.scope.number
        if self.scope.public:
            self.connection.exec_driver_sql(
                "INSERT OR IGNORE INTO sync_shown (type, pk, scope) VALUES (?, ?, ?)",
                [(known.number, row.pk, number) for row in rows],
            )
            return
        self.connection.exec_driver_sql(
            f"UPDATE {known.record_type.name} AS t SET row_ver ="
            f" CASE WHEN sync_scope IN (0, {number}) THEN max(row_ver, ?) ELSE ? END, sync_scope = {number}"
            " WHERE id = ?",
            [(row.version, row.version, row.pk) for row in rows],
        )

    def _gone(self, known: WireType, rows: list[Gone]) -> None:
        if self.scope.public:
            self.connection.exec_driver_sql(
                "DELETE FROM sync_shown WHERE type = ? AND pk = ?", [(known.number, row.pk) for row in rows]
            )
        held = self._held(known, rows)
        leave = []
        for row in rows:
            mine = row.pk in held and held[row.pk]["sync_scope"] in (0, self.scope.number)
            if not mine or held[row.pk]["deleted_at"] == STUB:
                continue
            if held[row.pk]["row_ver"] == 0 and not self._is_on_its_way(known, row.pk):
                continue
            if row.to in self.granted:
                leaving.hand_on(self.connection, known, row.pk, self.granted[row.to])
            else:
                leave.append(row.pk)
        self.bulk.end()  # what is removed is found by the indexes of what refers to it
        leaving.remove(self.connection, known, leave, self._at)

    def _stub(self, known: WireType, rows: list[Stub]) -> None:
        stubs.put(self.connection, known.record_type, {row.pk: row.title for row in rows}, self._at)

    def _held(
        self, known: WireType, rows: Iterable[Row], last: int | None = None
    ) -> dict[bytes, dict[str, Any]]:
        """Return the rows that are here already, as their columns; none that stands after ``last``."""
        held: dict[bytes, dict[str, Any]] = {}
        for part in stubs.chunks(row.pk for row in rows):
            found = self.connection.exec_driver_sql(
                f"SELECT * FROM {known.record_type.name} WHERE id IN ({stubs.blanks(part)})"
                " AND row <= coalesce(?, row)",
                (*part, last),
            )
            held.update({row["id"]: dict(row) for row in found.mappings()})
        return held

    def _merge(
        self,
        known: WireType,
        held: Mapping[str, Any],
        row: Full | Part,
        values: Mapping[int, Any],
        units: Iterable[int],
    ) -> None:
        """Bring a record that is here to the server's image, except where an edit of it is on its way."""
        if held["sync_scope"] in (0, self.scope.number) and row.version < held["row_ver"]:
            return
        pending = self._pending(known, row.pk)
        columns: dict[str, Any] = {}
        for number in units:
            unit = known.units.get(number)
            if unit is None:
                continue
            pairs = zip(unit.fields, unit.places, strict=True)
            image = {one.name: to_column(values.get(place)) for one, place in pairs}
            if number in pending:
                self._moved(known, row, number, write_image(unit, image))
            else:
                columns.update(image)
        if LIFE in pending:
            self._moved(known, row, LIFE, GONE if row.dead else ALIVE)
        elif row.dead != (held["deleted_at"] is not None):
            columns["deleted_at"] = moment_text(row.clock) if row.dead else None
        for one in known.record_type.fields:
            if one.kind == "ref" and columns.get(one.name):
                self._wanted[one.to].add(columns[one.name])
        columns |= {
            "updated_at": moment_text(row.clock),
            "row_ver": row.version,
            "extra": _tail(known, held["extra"], values),
            "sync_scope": self.scope.number,
        }
        names = ", ".join(f'"{name}" = ?' for name in columns)
        self.connection.exec_driver_sql(
            f"UPDATE {known.record_type.name} SET {names} WHERE id = ?", (*columns.values(), row.pk)
        )
        self.journal.note(known, held, {**held, **columns}, device=row.device, clock=row.clock)

    def _pending(self, known: WireType, pk: bytes) -> set[int]:
        """Return the units of a record with an edit on its way."""
        if not self._busy:
            return set()
        forgotten.turn_birth(self.connection, known, pk)
        found = self.connection.exec_driver_sql(
            "SELECT unit FROM outbox WHERE type = ? AND pk = ?"
            " UNION SELECT unit FROM flight_unit WHERE type = ? AND pk = ? AND action <> ?",
            (known.number, pk, known.number, pk, Action.BORN),
        )
        return set(found.scalars())

    def _is_on_its_way(self, known: WireType, pk: bytes) -> bool:
        """Tell whether a birth was sent: when the server says it left, it was taken before it was heard."""
        asked = "SELECT 1 FROM flight_unit WHERE type = ? AND pk = ? AND action = ?"
        return self.connection.exec_driver_sql(asked, (known.number, pk, Action.BORN)).first() is not None

    def _moved(self, known: WireType, row: Full | Part, unit: int, image: str) -> None:
        for table in ("outbox", "flight_unit"):
            self.connection.exec_driver_sql(
                f"UPDATE {table} SET theirs = ?, theirs_ver = ? WHERE type = ? AND pk = ? AND unit = ?",
                (image, row.version, known.number, row.pk, unit),
            )


_SORTS: Final[dict[type, Any]] = {
    Full: Arrivals._full,  # noqa: SLF001 - the class's own methods, by the sort of row
    Part: Arrivals._part,  # noqa: SLF001 - likewise
    Own: Arrivals._own,  # noqa: SLF001 - likewise
    Gone: Arrivals._gone,  # noqa: SLF001 - likewise
    Stub: Arrivals._stub,  # noqa: SLF001 - likewise
}


def _tail(known: WireType, kept: bytes | None, values: Mapping[int, Any]) -> bytes | None:
    """Return what a row keeps for a newer program once values at places unknown here have come."""
    beyond = {place: value for place, value in values.items() if place >= len(known.fields)}
    if not beyond:
        return kept
    start, tail = read_tail(kept)
    start = start or len(known.fields)
    tail += [None] * (max(beyond) + 1 - start - len(tail))
    for place, value in beyond.items():
        tail[place - start] = value
    return write_tail(start, tail)
