"""Edits become a batch: their values are read now, and from then on the very same bytes are sent.

What is edited later opens new rows in the outbox, so that a crash, a lost answer or a second sending can
never mix two states of a record.
"""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

from desktop.models.images import packed_image, places, read_tail, to_packed
from desktop.models.outgoing.capture import LOST, TOLD, Action
from desktop.models.outgoing.outbox import Flight
from domain.protocol import BATCH_OPS, Back, Batch, Drop, Group, Move, New, Op, Publish, Set, encode
from domain.registry import by_number

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy import Connection

    from domain.fields import Policy
    from domain.registry import WireType

LARGEST_GROUP: Final = 20_000
"""A longer user action (an import) is sent in several parts, or no server would take the message."""
PART: Final = 5_000
"""Outbox rows of such a part: the next is frozen while the server works on one."""
Cut = tuple[str, tuple[Any, ...]]
"""A condition on rows of the outbox (``o``), and its parameters."""
WITH_WAS: Final[frozenset[Policy]] = frozenset({"protected", "authority", "set"})
"""The server needs what the author saw where it surfaces or joins."""
_NOT_LOST: Final = f"action <> {Action.BORN:d} OR base <> {LOST}"
"""What a server has lost comes before the user action of the same clock."""
_CLOCK, _PK, _ACTION, _UNIT, _BASE, _WAS, _SCOPE, _EXTRA, _BODY = range(9)


def freeze(connection: Connection, *, ops: int = BATCH_OPS) -> Flight | None:
    """Freeze the oldest user actions, whole, until ``ops`` outbox rows; one that is larger goes alone."""
    cut = _cut(connection, ops)
    if cut is None:
        return None
    where, parameters = cut
    groups: dict[int, list[Op]] = defaultdict(list)
    alone: dict[int, list[Op]] = defaultdict(list)
    types = connection.exec_driver_sql(
        f"SELECT o.type, max(o.action = {Action.BORN:d} AND o.base <= {TOLD}) FROM outbox AS o WHERE {where}"
        " GROUP BY o.type ORDER BY o.type",
        parameters,
    ).all()
    for number, _ in types:
        for clock, op, lost in edits(connection, by_number()[number], where, parameters):
            (alone if lost else groups)[clock].append(op)
    actions = [
        Group(clock, ops)
        for clock in sorted(groups.keys() | alone.keys())
        for ops in (*([op] for op in alone.get(clock, ())), groups.get(clock))
        if ops
    ]
    count, again = sum(len(action.ops) for action in actions), any(told for _, told in types)
    number, follows = connection.exec_driver_sql("SELECT batch + 1, follows FROM sync_now").one()
    connection.exec_driver_sql("UPDATE sync_now SET batch = ?, follows = NULL", (number,))
    body = encode(Batch(number, actions, follows))
    _launch(connection, number, cut)
    connection.exec_driver_sql(
        "INSERT INTO flight (batch, body, ops, again) VALUES (?, ?, ?, ?)", (number, body, count, again)
    )
    return Flight(number, body, count, again)


def edits(
    connection: Connection, known: WireType, where: str, parameters: tuple[Any, ...]
) -> Iterator[tuple[int, Op, bool]]:
    """Yield a type's edits in the outbox (``o``) with their clocks, by clock, record and action.

    The flag tells of the birth of a record that a server has lost.
    """
    rows: Any = connection.exec_driver_sql(
        f"SELECT o.clock, o.pk, o.action, o.unit, o.base, o.was, s.key, t.extra, {', '.join(places(known))}"
        f" FROM outbox AS o LEFT JOIN {known.record_type.name} AS t ON t.id = o.pk"
        " LEFT JOIN sync_scope AS s ON s.number = t.sync_scope"
        f" WHERE o.type = {known.number} AND {where} ORDER BY o.clock, o.pk, o.action, o.unit",
        parameters,
    ).cursor
    lists = [place for place, field in enumerate(known.fields) if field and field.kind == "choices"]
    units: list[Any] = []  # the rows of one record that together are one Set
    born, edit = int(Action.BORN), int(Action.EDIT)
    for row in rows:
        if units and (units[0][_PK] != row[_PK] or row[_ACTION] != edit or units[0][0] != row[0]):
            yield units[0][_CLOCK], _set(known, units), False
            units = []
        if row[_ACTION] == edit:
            units.append(row)
        elif row[_ACTION] == born:
            yield row[_CLOCK], _new(known, row, lists), row[_BASE] == LOST
        else:
            yield row[_CLOCK], _other(known, row), False
    if units:
        yield units[0][_CLOCK], _set(known, units), False


def _cut(connection: Connection, ops: int) -> Cut | None:
    """Return which outbox rows are frozen now; None when there is nothing to send."""
    total, limit = 0, None
    found: Any = connection.exec_driver_sql(
        "SELECT clock, count(*) FROM outbox GROUP BY clock ORDER BY clock"
    ).cursor
    for clock, count in found:
        if total and total + count > ops:
            break
        if not total and count > PART and (count > LARGEST_GROUP or _is_parted(connection, clock)):
            found.close()
            return _part(connection, clock)
        total, limit = total + count, clock
    found.close()
    return None if limit is None else ("o.clock <= ?", (limit,))


def _is_parted(connection: Connection, clock: int) -> bool:
    """Tell whether the beginning of a user action is in flight: then the rest need not stay together."""
    begun = connection.exec_driver_sql("SELECT 1 FROM flight_unit WHERE clock = ? LIMIT 1", (clock,))
    return begun.first() is not None


def _part(connection: Connection, clock: int) -> Cut:
    """Return the beginning of the oldest user action."""
    last = connection.exec_driver_sql(
        "SELECT type, pk FROM outbox WHERE clock = ? ORDER BY type, pk LIMIT 1 OFFSET ?", (clock, PART - 1)
    ).one()
    return "o.clock = ? AND (o.type, o.pk) <= (?, ?)", (clock, *last)


def _launch(connection: Connection, number: int, cut: Cut) -> None:
    """Move the outbox rows beside their batch, each with the place of its edit in it."""
    where, parameters = cut
    connection.exec_driver_sql(
        "INSERT INTO flight_unit (type, pk, unit, batch, place, action, base, clock, was, theirs,"
        " theirs_ver)"
        f" SELECT type, pk, unit, ?, dense_rank() OVER (ORDER BY clock, {_NOT_LOST}, type, pk, action) - 1,"
        f" action, base, clock, was, theirs, theirs_ver FROM outbox AS o WHERE {where}",
        (number, *parameters),
    )
    connection.exec_driver_sql(f"DELETE FROM outbox AS o WHERE {where}", parameters)


def _new(known: WireType, row: Any, lists: Iterable[int]) -> New:
    body = list(row[_BODY:])
    for place in lists:
        if body[place]:
            body[place] = json.loads(body[place])
    if row[_EXTRA]:
        start, tail = read_tail(row[_EXTRA])
        body[start:] = tail
    while body and body[-1] is None:
        body.pop()
    return New(known.number, row[_PK], body, row[_SCOPE] or "")


def _set(known: WireType, rows: list[Any]) -> Set:
    first, made = rows[0], Set(known.number, rows[0][_PK], rows[0][_BASE], {})
    for row in rows:
        unit = known.units[row[_UNIT]]
        pairs = zip(unit.places, unit.fields, strict=True)
        made.units[unit.number] = {place: to_packed(field, row[_BODY + place]) for place, field in pairs}
        if row[_WAS] and unit.policy in WITH_WAS:
            made.was.update(packed_image(unit, row[_WAS]))
        if row[_BASE] != first[_BASE]:
            made.bases[unit.number] = row[_BASE]
    return made


def _other(known: WireType, row: Any) -> Op:
    number, pk, base = known.number, row[_PK], row[_BASE]
    match row[_ACTION]:
        case Action.DROP:
            seen = {int(unit): version for unit, version in json.loads(row[_WAS] or "{}").items()}
            return Drop(
                number, pk, base, {unit: version for unit, version in seen.items() if version != base}
            )
        case Action.BACK:
            return Back(number, pk, base)
        case Action.MOVE:
            return Move(number, pk, base, row[_WAS])
        case _:
            return Publish(number, pk, row[_ACTION] == Action.PUBLISH)
