"""Conflicts as a server would have written them, for the tests of deciding and of the screens."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from desktop.models.work import Work, new_id
from domain.conflicts import Item, item, write_items
from domain.merge import BIRTH, Entity, Mark, Outcome, judge
from domain.protocol import Drop, New, Set
from domain.registry import wire_types
from domain.wire import TO_PACKED, to_packed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from desktop.services.desk import Desk
    from domain.protocol import Op

ME, THEM = 1, 2
SEEN, NOW = 3, 7


def entity(record_type: str, values: Mapping[str, Any], *units: str, dead: bool = False) -> Entity:
    """Return a record at the server, of which somebody else has changed some units since."""
    known = wire_types()[record_type]
    numbers = {unit.name: unit.number for unit in known.units.values()}
    marks = {BIRTH: Mark(SEEN, 1, ME), **{numbers[name]: Mark(NOW, 2, THEM) for name in units}}
    return Entity(dead=dead, version=NOW, body=to_packed(known, values), marks=marks)


def edit(record_type: str, record_id: uuid.UUID, mine: Mapping[str, Any], was: Mapping[str, Any]) -> Set:
    """Return an edit by one who had seen ``was``."""
    known = wire_types()[record_type]

    def packed(name: str, value: Any) -> Any:
        field = known.record_type[name]
        return None if value is None else TO_PACKED[field.kind](field, value)

    units: dict[int, dict[int, Any]] = {}
    for name, value in mine.items():
        place = known.places[name]
        units.setdefault(known.unit_of_place[place].number, {})[place] = packed(name, value)
    seen = {known.places[name]: packed(name, value) for name, value in was.items()}
    return Set(type=known.number, pk=record_id.bytes, base=SEEN, units=units, was=seen)


def judged(record_type: str, op: Op, at_server: Entity | None, *, accompanies: bool = False) -> Item:
    """Return what the server keeps of an edit it declines."""
    known = wire_types()[record_type]
    outcome = judge(known, at_server, op, clock=9, device=ME)
    return item(known, op, at_server, Outcome(outcome.status) if accompanies else outcome)


def born(record_type: str, record_id: uuid.UUID, values: Mapping[str, Any]) -> New:
    known = wire_types()[record_type]
    return New(type=known.number, pk=record_id.bytes, body=to_packed(known, values))


def drop(record_type: str, record_id: uuid.UUID) -> Drop:
    return Drop(type=wire_types()[record_type].number, pk=record_id.bytes, base=SEEN)


def keep(desk: Desk, *items: Item, **facts: Any) -> uuid.UUID:
    """Write a conflict into the store as a pull would and return its id."""
    conflict = new_id()
    first = items[0]
    values = {
        "title": first.title,
        "record_type": first.record_type,
        "record_id": str(first.record_id),
        "items": write_items(items),
        "mine_by": "高璟",
        "mine_device": "笔记本",
        "mine_at": "2026-03-02T01:40:00.000000Z",
        "theirs_by": "王芳",
        "theirs_device": "办公室台式机",
        "theirs_at": "2026-03-02T00:15:00.000000Z",
        "state": "open",
        **facts,
    }
    with desk.store.write(applying=True) as connection:
        work = Work(connection, desk.clock(), "", "", "同步")
        work.put("conflict", conflict, values)
    return conflict


def amount_clash(desk: Desk, deal: uuid.UUID, held: Mapping[str, Any]) -> uuid.UUID:
    """Keep a conflict about the amount of a deal: 100 wan was, 120 wan mine, what is held theirs.

    The same action changed the remark and took in a payment; nobody else touched those.
    """
    op = edit(
        "deal",
        deal,
        {"deal_amount": Decimal(1_200_000), "remark": "对方同意加价"},
        {"deal_amount": Decimal(1_000_000)},
    )
    payment = born(
        "payment",
        uuid.UUID(int=77),
        {"deal": deal, "amount": Decimal(300_000), "kind": "stage", "paid_on": dt.date(2026, 2, 1)},
    )
    return keep(
        desk,
        judged("deal", op, entity("deal", held, "amounts")),
        judged("payment", payment, None, accompanies=True),
    )
