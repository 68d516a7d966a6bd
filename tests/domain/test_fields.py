"""The vocabulary: what a declaration becomes."""

from __future__ import annotations

import dataclasses
import decimal
import uuid

import pytest

from domain.fields import KINDS, PYTHON_TYPES, RECORD_TYPES, Field, choices, flag, money, record, text
from domain.records.party import Party


def test_a_record_is_a_frozen_dataclass_that_knows_its_fields():
    party = RECORD_TYPES["party"].make({"name": "浙江工业大学"}, record_id=uuid.uuid4())
    assert isinstance(party, Party)
    assert party.kind == "organisation"
    assert party.roles == ()
    assert party.is_listed is False
    with pytest.raises(dataclasses.FrozenInstanceError):
        party.name = "另一家"  # type: ignore[misc]  # that is the point


def test_values_and_make_are_each_others_counterpart():
    party_type = RECORD_TYPES["party"]
    said = {"name": "浙江工业大学", "roles": ("supplier",)}
    party = party_type.make(said, record_id=uuid.uuid4())
    values = party_type.values(party)
    assert "id" not in values
    assert party_type.make({**values, "unknown": 1}, record_id=party.id) == party


def test_a_record_type_answers_for_its_fields_by_name():
    deal = RECORD_TYPES["deal"]
    assert deal["deal_amount"].label == "成交额"
    assert "deal_amount" in deal
    assert "nothing" not in deal
    with pytest.raises(KeyError):
        deal["nothing"]


@pytest.mark.parametrize(
    ("name", "values", "heading"),
    [
        ("party", {"name": "浙江工业大学"}, "浙江工业大学"),
        ("payment", {"voucher_no": None}, "付款"),
        ("enrolment", {"broker": uuid.uuid4()}, "学员登记"),  # an id is no name
    ],
)
def test_the_heading_is_the_title_or_the_label_of_the_type(name, values, heading):
    assert RECORD_TYPES[name].heading_of(values) == heading


def test_the_shorthands_state_the_facts_that_every_field_of_the_kind_shares(monkeypatch):
    monkeypatch.setattr("domain.fields.RECORD_TYPES", {})

    @record("sample", "样品", group="test", title="name")
    class Sample:
        id: uuid.UUID
        name: str = text("名称", max=5)
        price: decimal.Decimal | None = money("价格", unit="price")
        loss: decimal.Decimal | None = money("亏损", low="-10.5")
        kinds: tuple[str, ...] = choices("类别", "party-role")
        done: bool = flag("完成")

    from domain.fields import RECORD_TYPES as DECLARED

    sample = DECLARED["sample"]
    assert sample.cls is Sample
    assert sample.identity == ("name",)
    assert [f.name for f in sample.fields] == ["name", "price", "loss", "kinds", "done"]
    assert sample["price"] == Field(
        "money", "价格", name="price", low=decimal.Decimal(0), places=2, unit="price"
    )
    assert sample["loss"].low == decimal.Decimal("-10.5")
    assert sample["name"].unit == "name"
    assert (sample["kinds"].policy, sample["kinds"].default) == ("set", ())
    assert sample["done"].default is False


def test_every_kind_has_a_python_type():
    assert set(PYTHON_TYPES) == set(KINDS)
