"""A conflict keeps every version of everything its author's one action wrote."""

import uuid
from decimal import Decimal

import pytest

from domain.conflicts import item, read_items, title_of, write_items
from domain.merge import BIRTH, Entity, Mark, judge
from domain.protocol import Drop, New, Set, Status
from domain.registry import wire_types
from domain.wire import to_packed

DEAL = wire_types()["deal"]
PK = uuid.UUID("0190f5c2-1111-7000-8000-000000000001")
AMOUNTS = next(unit for unit in DEAL.units.values() if unit.name == "amounts")
TOTAL = DEAL.places["deal_amount"]


def held(**values):
    body = to_packed(DEAL, {"title": "某项目技术转让", "stage": "signed", **values})
    return Entity(
        dead=False, version=7, body=body, marks={BIRTH: Mark(3, 1, 1), AMOUNTS.number: Mark(7, 2, 2)}
    )


def test_the_three_values_of_a_field_and_its_reason_are_kept():
    entity = held(deal_amount=Decimal(900))
    op = Set(
        type=DEAL.number, pk=PK.bytes, base=3, units={AMOUNTS.number: {TOTAL: 1000_00}}, was={TOTAL: 800_00}
    )
    outcome = judge(DEAL, entity, op, clock=9, device=1)
    assert outcome.status == Status.CONFLICT
    kept = item(DEAL, op, entity, outcome)
    assert (kept.record_type, kept.record_id, kept.title) == ("deal", PK, "某项目技术转让")
    assert (kept.action, kept.why) == ("set", "changed")
    (version,) = kept.versions
    assert (version.field, version.unit) == ("deal_amount", "amounts")
    assert (version.was, version.mine, version.theirs) == ("800.00", "1000.00", "900.00")
    assert read_items(write_items([kept])) == [kept]


def test_a_new_record_of_a_declined_action_keeps_all_it_held():
    op = New(type=DEAL.number, pk=PK.bytes, body=to_packed(DEAL, {"title": "新", "is_equity": False}))
    kept = item(DEAL, op, None, judge(DEAL, None, op, clock=9, device=1))
    assert kept.action == "new"
    assert kept.why == "with"
    assert {version.field: version.mine for version in kept.versions} == {"title": "新", "is_equity": False}


def test_a_deletion_that_did_not_stand_says_so():
    entity = held()
    op = Drop(type=DEAL.number, pk=PK.bytes, base=3)
    kept = item(DEAL, op, entity, judge(DEAL, entity, op, clock=9, device=1))
    assert (kept.action, kept.why, kept.versions) == ("drop", "changed", ())


def test_a_place_of_a_newer_program_is_kept_too():
    place = len(DEAL.fields) + 3
    op = Set(type=DEAL.number, pk=PK.bytes, base=3, units={99: {place: "future"}})
    (version,) = item(DEAL, op, held(), judge(DEAL, held(), op, clock=9, device=1)).versions
    assert version.field == f"#{place}"
    assert "future" in version.mine


def test_a_record_without_a_title_is_called_by_its_type():
    assert title_of(DEAL, []) == "技术交易"
    payment = wire_types()["payment"]
    assert title_of(payment, to_packed(payment, {"deal": PK})) == payment.record_type.label


@pytest.mark.parametrize("text", ["", "{}x", '[{"type": "deal"}]'])
def test_what_is_no_content_is_refused(text):
    with pytest.raises((ValueError, KeyError)):
        read_items(text)
