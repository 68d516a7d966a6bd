"""The numbers on the wire: complete, never reused, and what an older program makes of a newer one's."""

from __future__ import annotations

import dataclasses

import pytest

from domain.fields import RECORD_TYPES
from domain.registry import (
    LIFE,
    LOCK,
    Numbers,
    by_number,
    extended,
    read_lock,
    wire_type,
    wire_types,
    write_lock,
)

HELD = {"deal": Numbers(10, ("title", "stage"), ("title", "state"))}


def test_the_register_is_fresh():
    text = LOCK.read_text(encoding="utf-8")
    assert write_lock(extended(read_lock(text), RECORD_TYPES)) == text, "run python -m tools.new_numbers"


def test_every_number_stands_for_one_thing():
    entries = read_lock(LOCK.read_text(encoding="utf-8"))
    assert len({entry.number for entry in entries.values()}) == len(entries)
    for entry in entries.values():
        assert len(set(entry.fields)) == len(entry.fields)
        assert len(set(entry.units)) == len(entry.units)


def test_what_is_in_the_register_keeps_its_number_when_fields_come_and_go():
    deal = RECORD_TYPES["deal"]
    fewer = dataclasses.replace(deal, fields=tuple(f for f in deal.fields if f.name != "title"))
    made = extended(HELD, {"task": RECORD_TYPES["task"], "deal": fewer})
    assert made["deal"].number == 10
    assert made["deal"].fields[:2] == ("title", "stage")
    assert made["deal"].units[:2] == ("title", "state")
    assert made["task"].number == 11
    assert made == extended(made, {"deal": deal, "task": RECORD_TYPES["task"]})


def test_a_removed_field_leaves_its_place_empty():
    deal = RECORD_TYPES["deal"]
    by_name = {name: field for name, field in deal.by_name.items() if name != "stage"}
    fewer = dataclasses.replace(deal, fields=tuple(by_name.values()), by_name=by_name)
    known = wire_type(extended(HELD, {"deal": deal})["deal"], fewer)
    assert known.fields[1] is None
    assert known.places["title"] == 0
    assert 2 not in known.units
    assert known.units[1].name == "title"


@pytest.mark.parametrize("name", RECORD_TYPES)
def test_every_field_has_a_place_and_belongs_to_one_unit(name):
    known = wire_types()[name]
    assert by_number()[known.number] is known
    assert sorted(known.places.values()) == sorted(known.unit_of_place)
    assert LIFE not in known.units
    for unit in known.units.values():
        assert {field.policy for field in unit.fields} == {unit.policy}, "one unit, one policy"
        assert [known.fields[place] for place in unit.places] == list(unit.fields)


def test_a_unit_is_called_by_its_fields():
    amounts = next(unit for unit in wire_types()["deal"].units.values() if unit.name == "amounts")
    assert amounts.label == "成交额、技术交易额、支付方式"
    assert amounts.policy == "protected"
