"""Numbers on the wire are given once: an older program and a newer one mean the same by them for ever."""

from __future__ import annotations

import typing
from pathlib import Path

import pytest

from domain import registry
from domain.fields import RECORD_TYPES, Policy
from domain.registry import LIFE, LOCK, Numbers, extended, read_lock, wire_types, write_lock

RECORDED = Path(__file__).parents[1] / "data" / "wire-1.lock"
HELD = read_lock(LOCK.read_text(encoding="utf-8"))
EACH_TYPE = pytest.mark.parametrize("known", wire_types().values(), ids=lambda known: known.record_type.name)


def test_the_register_is_fresh():
    fresh = write_lock(extended(HELD, RECORD_TYPES))
    assert LOCK.read_text(encoding="utf-8") == fresh, "run python -m tools.new_numbers"


def test_a_number_names_one_thing():
    assert len({entry.number for entry in HELD.values()}) == len(HELD)
    for entry in HELD.values():
        assert entry.number > 0
        assert len(set(entry.fields)) == len(entry.fields)
        assert len(set(entry.units)) == len(entry.units)


def test_numbers_once_given_are_kept():
    for name, entry in read_lock(RECORDED.read_text(encoding="utf-8")).items():
        assert HELD[name].number == entry.number
        assert HELD[name].fields[: len(entry.fields)] == entry.fields
        assert HELD[name].units[: len(entry.units)] == entry.units


def test_what_is_declared_anew_gets_numbers_at_the_end_and_what_is_gone_keeps_its_own():
    held = {"old": Numbers(7, ("gone",), ("gone",)), "deal": Numbers(3, ("lost", "title"), ("lost",))}
    made = extended(held, {"deal": RECORD_TYPES["deal"], "task": RECORD_TYPES["task"]})
    assert made["old"] == held["old"]
    assert made["deal"].number == 3
    assert made["deal"].fields[:3] == ("lost", "title", "stage")
    assert made["task"].number == 8
    assert read_lock(write_lock(made)) == made


@EACH_TYPE
def test_every_field_has_its_place_and_its_unit(known):
    names = {field.name for field in known.record_type.fields}
    assert {field.name for field in known.fields if field} == names
    assert {field.name for unit in known.units.values() for field in unit.fields} == names
    assert LIFE not in known.units
    for unit in known.units.values():
        assert {known.unit_of_place[place] for place in unit.places} == {unit}
        assert unit.label


@EACH_TYPE
def test_fields_of_one_unit_are_merged_in_one_way(known):
    for unit in known.units.values():
        assert {field.policy for field in unit.fields} == {unit.policy}


def test_every_policy_has_its_strictness():
    assert set(registry._STRICTNESS) == set(typing.get_args(Policy))
