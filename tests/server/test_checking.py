"""A record may be kept when its declaration says so, whatever program sent it and whatever bytes it sent."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.fields import RECORD_TYPES
from domain.protocol import encode
from domain.registry import wire_types
from domain.wire import to_packed
from server.records import checking
from tests.server.talking import ACHIEVEMENT, DEAL, PARTY


def at(record_type, **packed):
    """Return a body with packed values at the places of fields."""
    known = wire_types()[record_type]
    body = [None] * len(known.fields)
    for name, value in packed.items():
        body[known.places[name]] = value
    return body


def told(record_type, **packed):
    return checking.birth(wire_types()[record_type].number, encode(at(record_type, **packed)))


@pytest.mark.parametrize(
    ("record_type", "packed", "problem"),
    [
        ("party", PARTY, ""),
        ("party", {**PARTY, "name": ""}, "invalid:name:required"),
        ("party", {**PARTY, "name": "长" * 201}, "invalid:name:too-long"),
        ("party", {**PARTY, "name": 5}, "invalid:name:malformed"),
        ("party", {**PARTY, "is_listed": 2}, "invalid:is_listed:malformed"),
        ("party", {**PARTY, "is_listed": True}, "invalid:is_listed:malformed"),
        ("party", {**PARTY, "parent": b"short"}, "invalid:parent:malformed"),
        ("party", {**PARTY, "parent": "x" * 16}, "invalid:parent:malformed"),
        ("party", {**PARTY, "roles": ["a", 5]}, "invalid:roles:malformed"),
        ("party", {**PARTY, "roles": ["a"] * 1001}, "invalid:roles:malformed"),
        ("party", {**PARTY, "industry": "x" * 101}, "invalid:industry:malformed"),
        ("deal", {**DEAL, "deal_amount": -1}, "invalid:deal_amount:too-low"),
        ("deal", {**DEAL, "deal_amount": 10**18 + 1}, "invalid:deal_amount:too-high"),
        ("deal", {**DEAL, "deal_amount": 1.5}, "invalid:deal_amount:malformed"),
        ("deal", {**DEAL, "signed_on": "2026-02-30"}, "invalid:signed_on:not-a-day"),
        ("deal", {**DEAL, "signed_on": "2026-02-28T00:00:00"}, "invalid:signed_on:not-a-day"),
        (
            "deal",
            {**DEAL, "begins_on": "2026-02-02", "ends_on": "2026-02-01"},
            "invalid:ends_on:end-before-start",
        ),
        ("achievement", {**ACHIEVEMENT, "secrecy": "classified"}, "invalid:secrecy:classified"),
        ("attachment", {"name": "件", "sha256": "0" * 63}, "invalid:sha256:sha256"),
        ("attachment", {"name": "件", "sha256": "0" * 64}, ""),
    ],
)
def test_a_birth_is_checked_against_its_declaration(record_type, packed, problem):
    assert told(record_type, **packed) == problem


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"", "invalid::malformed"),
        (b"\xc1", "invalid::malformed"),
        (b"\xdc\x00", "invalid::malformed"),
        (encode({"name": "甲"}), "invalid::malformed"),
        (encode([]), "invalid:name:required"),
        (encode([*at("party", **PARTY), "新"]), ""),
        (encode([*at("party", **PARTY), ["a", 1, None, b"x", 2.5]]), ""),
        (encode([*at("party", **PARTY), [["a"]]]), "invalid::not-plain"),
        (encode([*at("party", **PARTY), {"a": 1}]), "invalid::not-plain"),
        (encode([*at("party", **PARTY), *[1] * 1000]), "invalid::not-plain"),
        (encode(at("party", **PARTY))[:-1] + b"\x91" * 200_000, "invalid::malformed"),
        (bytes(checking.LONGEST + 1), "invalid::too-large"),
    ],
)
def test_bodies_that_devices_of_this_version_do_not_make(body, problem):
    assert checking.birth(wire_types()["party"].number, body) == problem


@given(st.binary(max_size=200))
def test_any_bytes_are_judged_and_never_fail(body):
    for number in (wire_types()["party"].number, 9_999):
        assert checking.birth(number, body).split(":")[0] in {"", "invalid"}


@pytest.mark.parametrize("name", sorted(RECORD_TYPES))
def test_every_type_has_a_check_that_takes_its_required_fields(name):
    known = wire_types()[name]
    words = {"text": "某", "choice": "x", "ref": uuid.uuid4(), "day": dt.date(2026, 3, 2)}
    values = {
        field.name: words.get(field.kind, max(field.low or Decimal(1), Decimal(1)))
        for field in known.record_type.fields
        if field.required
    }
    assert checking.birth(known.number, encode(to_packed(known, values))) == ""


def test_places_must_be_written_under_their_own_unit():
    deal = wire_types()["deal"]
    amount = deal.places["deal_amount"]
    unit = deal.unit_of_place[amount].number
    free = deal.unit_of_place[deal.places["remark"]].number
    assert checking.edit(deal.number, {unit: {amount: 5}}) == ""
    for other in (free, 0, -1, 777, 1000 + amount, 1 << 70):
        assert checking.edit(deal.number, {other: {amount: 5}}) == "invalid:deal_amount:unit"


def test_the_values_of_an_edit_are_checked():
    deal = wire_types()["deal"]
    amount = deal.places["deal_amount"]
    unit = deal.unit_of_place[amount].number
    title = deal.places["title"]
    assert checking.edit(deal.number, {unit: {amount: -5}}) == "invalid:deal_amount:too-low"
    assert (
        checking.edit(deal.number, {deal.unit_of_place[title].number: {title: None}})
        == "invalid:title:required"
    )
    assert checking.edit(deal.number, {1300: {300: [[1]]}}) == "invalid:#300:not-plain"
    assert checking.edit(deal.number, {1300: {5000: 1}}) == "invalid:#5000:unit"
    assert checking.edit(9_999, {5: {3: "新"}}) == ""


def test_text_is_not_taken_for_an_id():
    deal = wire_types()["deal"]
    seller = deal.places["seller"]
    unit = deal.unit_of_place[seller].number
    assert checking.edit(deal.number, {unit: {seller: bytes(16)}}) == ""
    assert (
        checking.edit(deal.number, {unit: {seller: "AAAAAAAAAAAAAAAAAAAAAA=="}}) == "invalid:seller:malformed"
    )


def test_what_an_author_claims_to_have_seen_is_kept_where_it_makes_sense():
    party = wire_types()["party"]
    roles, name = party.places["roles"], party.places["name"]
    seen = {roles: ["a"], name: None, -1: 5, 5000: 1, 300: "新"}
    assert checking.sound(party.number, seen) == {roles: ["a"], name: None, 300: "新"}
    assert checking.sound(party.number, {roles: [["a"]]}) == {}


def test_only_rules_that_an_edit_breaks_count_against_it():
    deal = wire_types()["deal"]
    sound = at("deal", **DEAL, begins_on="2026-01-02", ends_on="2026-01-03")
    broken = at("deal", **DEAL, begins_on="2026-01-02", ends_on="2026-01-01")
    assert checking.merged(deal.number, sound, broken) == "invalid:ends_on:end-before-start"
    assert checking.merged(deal.number, broken, [*broken[:-1], "x"]) == ""
    assert checking.merged(deal.number, broken, sound) == ""
    assert checking.merged(wire_types()["contact"].number, [], ["x"]) == ""
    assert checking.merged(9_999, [], ["x"]) == ""


def test_rules_see_a_record_as_the_desktop_has_it():
    deal = wire_types()["deal"]
    values = checking._Packed(
        deal, at("deal", **DEAL, deal_amount=12345, signed_on="2026-01-02", ip_kinds=["a"])
    )
    assert values["deal_amount"] == Decimal("123.45")
    assert (values["signed_on"], values["ip_kinds"], values.get("remark")) == (
        dt.date(2026, 1, 2),
        ("a",),
        None,
    )
    assert len(values) == len(list(values)) == len(deal.places)
