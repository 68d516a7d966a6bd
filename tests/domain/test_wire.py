"""Records as JSON values: one text for one value, and the way back."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.fields import KINDS, Field
from domain.records import RECORD_TYPES
from domain.registry import wire_types
from domain.wire import (
    FROM_PACKED,
    FROM_WIRE,
    TO_PACKED,
    TO_WIRE,
    empty,
    exact,
    from_packed,
    from_wire,
    packed_to_wire,
    to_packed,
    to_wire,
    trimmed,
)
from tests.samples import draw_values

MONEY = Field("money", "金额", "amount", places=2)


@pytest.mark.parametrize("name", RECORD_TYPES)
@given(seed=st.integers(0))
def test_what_goes_out_comes_back(name, seed):
    known = RECORD_TYPES[name]
    drawn = draw_values(known, seed)
    body = json.loads(json.dumps(to_wire(known, drawn)))
    assert from_wire(known, body) == {f.name: exact(f, drawn.get(f.name)) for f in known.fields}
    assert to_wire(known, from_wire(known, body)) == body


@pytest.mark.parametrize("name", RECORD_TYPES)
def test_nothing_said_is_nothing_sent(name):
    known = RECORD_TYPES[name]
    assert to_wire(known, {f.name: empty(f) for f in known.fields}) == to_wire(known, {}) == {}


def test_unknown_keys_are_dropped_and_null_is_nothing():
    values = from_wire(RECORD_TYPES["party"], {"name": "某单位", "from_the_future": 1, "roles": None})
    assert "from_the_future" not in values
    assert values["roles"] == ()
    assert values["is_listed"] is False


@given(value=st.decimals(-(10**12), 10**12, places=2))
def test_one_amount_has_one_text(value):
    ways = [value, value.normalize(), value.quantize(Decimal("0.0001"))]
    assert len({TO_WIRE["money"](MONEY, way) for way in ways}) == 1
    assert {exact(MONEY, way) for way in ways} == {value}
    assert {str(exact(MONEY, way)) for way in ways} == {f"{value + 0:.2f}"}


@pytest.mark.parametrize(
    ("kind", "value", "held"),
    [
        ("text", "", None),
        ("text", None, None),
        ("choices", None, ()),
        ("choices", ["a", "b"], ("a", "b")),
        ("flag", None, False),
        ("flag", True, True),
        ("money", 12, Decimal("12.00")),
        ("day", dt.date(2026, 3, 2), dt.date(2026, 3, 2)),
        ("ref", uuid.UUID(int=1), uuid.UUID(int=1)),
    ],
)
def test_the_one_form_in_which_a_record_holds_a_value(kind, value, held):
    assert exact(Field(kind, "项", "item", places=2), value) == held


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("text", 5),
        ("choices", "abc"),
        ("money", 1.5),
        ("money", "1.50"),
        ("number", True),
        ("day", "2026-03-02"),
        ("day", dt.datetime(2026, 3, 2, tzinfo=dt.UTC)),
        ("ref", "0190-"),
        ("flag", 1),
    ],
)
def test_a_foreign_type_is_a_bug(kind, value):
    with pytest.raises(TypeError, match="item"):
        exact(Field(kind, "项", "item", places=2), value)


@pytest.mark.parametrize("value", [Decimal("0.001"), Decimal("NaN"), Decimal("Infinity")])
def test_a_decimal_the_store_cannot_hold_is_a_bug(value):
    with pytest.raises(ValueError, match="amount"):
        exact(MONEY, value)


def test_both_ways_know_every_kind():
    assert set(TO_WIRE) == set(FROM_WIRE) == set(KINDS)


@pytest.mark.parametrize("name", RECORD_TYPES)
@given(seed=st.integers(0))
def test_what_is_packed_comes_back(name, seed):
    known, wired = RECORD_TYPES[name], wire_types()[name]
    drawn = draw_values(known, seed)
    exactly = {f.name: exact(f, drawn.get(f.name)) for f in known.fields}
    body = to_packed(wired, exactly)
    assert trimmed(body) == body
    assert from_packed(wired, body) == exactly
    assert from_packed(wired, [*body, *[None] * 80, "from the future"]) == exactly
    shown = to_wire(known, exactly)
    for field in known.fields:
        place = wired.places[field.name]
        value = packed_to_wire(field, body[place] if place < len(body) else None)
        assert value == shown.get(field.name) or exactly[field.name] == empty(field)


def test_the_packed_forms_speak_of_every_kind():
    assert set(TO_PACKED) == set(FROM_PACKED) == set(KINDS)
    assert to_packed(wire_types()["deal"], {}) == []
