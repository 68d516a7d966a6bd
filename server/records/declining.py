"""Writes down what a declined user action wanted and what it met, so that people can decide.

The record is made in the transaction that declines: no version of anything can be lost with a device.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

from domain.conflicts import Item, item, write_items
from domain.protocol import Status, moment_ms
from domain.registry import LIFE, by_number, wire_types
from domain.wire import to_packed
from server.records.batches import Birth
from server.records.people import SERVER, people
from server.records.rows import Row, encode, load

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import psycopg

    from domain.merge import Mark
    from domain.protocol import Person
    from server.caller import Caller
    from server.records.batches import Declined, Ruling

_CONFLICT: Final = "conflict"
_ITEMS: Final = wire_types()[_CONFLICT].record_type["items"]


def conflicts(connection: psycopg.Connection, declined: Sequence[Declined], caller: Caller) -> list[Row]:
    """Return the records of conflicts, with the names of those whose changes were met.

    One that is there already, maybe decided, stays: a device has brought it back to a restored server.
    """
    if not declined:
        return []
    keys = [(wire_types()[_CONFLICT].number, one.pk) for one in declined]
    there = {row.pk for row in load(connection, sorted({one.scope for one in declined}), keys)}
    declined = [one for one in declined if one.pk not in there]
    names = people(connection, {met.device for one in declined if (met := _met(one)) is not None})
    return [_conflict(one, caller, names) for one in declined]


def _conflict(declined: Declined, caller: Caller, names: Mapping[int, Person]) -> Row:
    """Return the record of a conflict, in the scope of the record that was met."""
    met = _met(declined)
    other = names.get(met.device) if met else None
    items = list(_items(declined))
    first = items[0] if items else None
    known = wire_types()[_CONFLICT]
    values: dict[str, Any] = {
        "title": first.title if first else known.record_type.label,
        "record_type": first.record_type if first else None,
        "record_id": str(first.record_id) if first else None,
        "items": write_items(items),
        "mine_by": caller.name,
        "mine_device": caller.label,
        "mine_at": _moment(declined.clock),
        "theirs_by": other.name if other else None,
        "theirs_device": other.device_label if other else None,
        "theirs_at": _moment(met.clock) if met else None,
        "state": "open",
    }
    fitting = {name: _cut(known.record_type[name].max, value) for name, value in values.items()}
    body = bytes(encode(to_packed(known, fitting)))
    return Row(declined.scope, known.number, declined.pk, body, declined.clock, SERVER, stored=True)


def _items(declined: Declined) -> Iterable[Item]:
    """Yield the edits that were themselves the reason first; of a very large action, as many as fit."""
    room = _ITEMS.max or 0
    for ruling in sorted(declined.rulings, key=lambda ruling: ruling.outcome.status < Status.CONFLICT):
        known = by_number().get(ruling.edit.type)
        if known is None:
            continue
        edit = ruling.edit.opened() if isinstance(ruling.edit, Birth) else ruling.edit
        described = item(known, edit, ruling.met, ruling.outcome)
        room -= len(write_items([described]))
        if room < 0:
            return
        yield described


def _met(declined: Declined) -> Mark | None:
    """Return the latest change that an edit of the action met unseen."""
    return max(
        (mark for ruling in declined.rulings for mark in _marks(ruling)),
        key=lambda mark: mark.clock,
        default=None,
    )


def _marks(ruling: Ruling) -> list[Mark]:
    if ruling.outcome.clashes:
        return [clash.met for clash in ruling.outcome.clashes]
    gone = ruling.outcome.status == Status.CONFLICT and ruling.met is not None
    return [ruling.met.mark(LIFE)] if gone and ruling.met else []


def _moment(clock: int) -> str:
    """Return a clock's time as the store keeps moments."""
    moment = dt.datetime.fromtimestamp(0, dt.UTC) + dt.timedelta(milliseconds=moment_ms(clock))
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _cut(longest: int | None, value: Any) -> Any:
    return value[:longest] if longest and isinstance(value, str) else value
