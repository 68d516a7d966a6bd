"""What the server had taken must be there in the end, whatever it has forgotten, if a desk still knows it.

When a server is taken back to a backup, each text and amount that stood on it and that a desk shows which may
write there is a promise. It ends when somebody types something else there, deletes the record or hands it on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from domain.registry import by_number
from domain.scopes import RIGHTS, kind_of
from tests.sync.bench import comparable
from tests.sync.scripts import Violation

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tests.sync.bench import Replica
    from tests.sync.watching import Held, Key, Place

COLUMNS: Final = {"party": ("name", "remark"), "deal": ("title", "remark", "deal_amount")}
"""What is never the work of two people at once, as a set may be."""


class Promises:
    """The values that must not be missing in the end, by record and column."""

    def __init__(self) -> None:
        self._due: dict[Place, Any] = {}
        self._free: set[tuple[str, bytes, str]] = set()

    def note(self, desks: Iterable[Replica], before: Mapping[Key, Held]) -> None:
        """Promise what stands on the server and on a desk, where nobody has anything to send."""
        desks = list(desks)
        unsent = {place for desk in desks for place in waiting(desk)}
        for desk in desks:
            if desk.is_copy:
                continue
            for place, value in _shown(desk):
                held = before.get(place[:2])
                stands = held is not None and not held.dead and held.values[place[2]] == value
                alone = not {place, (*place[:2], "")} & (unsent | self._free)
                if stands and alone:
                    self._due.setdefault(place, value)

    def release(self, name: str, pk: bytes, column: str = "") -> None:
        """Expect nothing of a column any more, or of a whole record: other values may return there, too."""
        self._free.add((name, pk, column))
        for place in [*self._due]:
            if place[:2] == (name, pk) and column in {"", place[2]}:
                del self._due[place]

    def release_all(self) -> None:
        """Expect nothing any more: who knew something may have lost it, or the right to say it."""
        self._due.clear()

    def check(self, now: Mapping[Key, Held]) -> None:
        """Demand that all of it is on the server."""
        for (name, pk, column), value in self._due.items():
            held = now.get((name, pk))
            if held is None or held.dead:
                raise Violation(f"I4: a {name} that a desk knew is lost")
            if held.values[column] != value:
                raise Violation(f"I4: {column} {value} that a desk knew is lost, it is {held.values[column]}")


def _shown(desk: Replica) -> Iterator[tuple[Place, Any]]:
    """Yield what a desk shows that may write it and has it from the server."""
    rights = RIGHTS[desk.bench.acting(desk.caller).role]
    with desk.store.read() as connection:
        keys = connection.exec_driver_sql("SELECT number, key FROM sync_scope WHERE granted = 1").all()
        scopes = {number for number, key in keys if rights.get(kind_of(key)) == "write"}
        for name, columns in COLUMNS.items():
            asked = f"SELECT id, sync_scope, {', '.join(columns)} FROM {name}"
            for pk, scope, *values in connection.exec_driver_sql(
                f"{asked} WHERE row_ver <> 0 AND deleted_at IS NULL"
            ):
                for column, value in zip(columns, values, strict=True) if scope in scopes else ():
                    yield (name, bytes(pk), column), comparable(value)


def waiting(desk: Replica) -> Iterator[Place]:
    """Yield the columns with an edit on its way; the empty column stands for the record."""
    with desk.store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT type, pk, unit FROM outbox UNION SELECT type, pk, unit FROM flight_unit"
        ).all()
    for kind, pk, number in rows:
        known = by_number()[kind]
        unit = known.units.get(number)
        for column in [one.name for one in unit.fields] if unit else [""]:
            yield known.record_type.name, bytes(pk), column
