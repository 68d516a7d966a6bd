"""The yearly figures are counted from records, scored by the scheme, and printed with their proof."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from desktop import paths
from desktop.models.work import new_id
from desktop.services import evaluations, records
from domain.problems import Refusal


@pytest.fixture
def agency(desk):
    key, party, client = new_id(), new_id(), new_id()
    rows: list[Any] = [
        ("party", party, {"name": "示例中心", "kind": "organisation"}),
        ("party", client, {"name": "示例企业", "kind": "organisation"}),
        ("agency", key, {
            "name": "示例中心", "year": Decimal(2025), "kind": "A", "party": party,
            "operating_income": Decimal(100), "working_funds": Decimal(50), "total_income": Decimal(200),
            "technical_income": Decimal(120), "profit_and_tax": Decimal(20),
        }),
    ]  # fmt: skip
    people: dict[str, dict[str, Any]] = {
        "甲": {},
        "乙": {"left_on": dt.date(2024, 5, 1)},
        "丙": {"is_expert": True},
        "丁": {"joined_on": dt.date(2026, 1, 1)},
    }
    for name, more in people.items():
        member = {"name": name, "agency_name": "示例中心", "employment": "full", **more}
        rows.append(("staff_member", new_id(), member))
    deals: dict[str, dict[str, Any]] = {
        "已登记": {"registration_no": "2025440100000001"},
        "未登记": {},
        "关联": {"is_related": True},
        "终止": {"stage": "terminated"},
        "往年": {"signed_on": dt.date(2024, 5, 1)},
    }
    for title, more in deals.items():
        deal = {"title": title, "stage": "signing", "agency": party, "buyer": client, "contract_type": "dev",
                "signed_on": dt.date(2025, 5, 1), "deal_amount": Decimal(1000),
                "technical_amount": Decimal(800), **more}  # fmt: skip
        rows.append(("deal", new_id(), deal))
    rows.append(
        ("site_visit", new_id(), {"title": "走访", "party": party, "visited_on": dt.date(2025, 3, 1)})
    )
    rows.append(("evaluation_score", new_id(), {"agency": key, "indicator": "bylaws", "scorer": "self",
                                                "points": Decimal(4)}))  # fmt: skip
    records.save_all(desk, records=rows)
    return key


def test_only_deals_of_the_year_without_related_parties_count(desk, agency):
    told = evaluations.evaluation(desk, agency)
    assert told.facts["deals_facilitated_count"] == 2
    assert told.facts["deals_facilitated_amount"] == Decimal(1600)
    assert told.proven["deals_facilitated_count"] == 1


def test_staff_are_those_employed_in_the_year(desk, agency):
    told = evaluations.evaluation(desk, agency)
    assert told.facts["staff_total"] == 1
    assert told.facts["part_time_experts"] == 1


def test_funds_clients_and_a_persons_points(desk, agency):
    told = evaluations.evaluation(desk, agency)
    assert told.facts["annual_funds"] == Decimal(150)
    assert told.facts["enterprises_served"] == 2
    assert told.facts["bylaws"] == 4
    assert told.facts["integrity"] is None
    assert "integrity" in told.result.missing


def test_an_agency_without_money_or_party_has_no_figures_instead_of_zeros(desk):
    key = new_id()
    values = {"name": "无名中心", "year": Decimal(2025), "kind": "B"}
    records.save(desk, record_type="agency", record_id=key, values=values)
    told = evaluations.evaluation(desk, key)
    assert told.facts["annual_funds"] is None
    assert told.facts["deals_facilitated_count"] == 0
    assert all(part.indicator.applies_to != "A" for part in told.result.parts)


def test_an_unknown_agency_is_refused(desk):
    with pytest.raises(Refusal):
        evaluations.evaluation(desk, new_id())


@pytest.mark.parametrize("scheme", paths.schemes().values(), ids=lambda scheme: scheme.id)
def test_every_fact_of_every_scheme_is_counted_or_given_by_a_person(scheme):
    manual = {indicator.code for indicator in scheme.indicators if indicator.kind == "manual"}
    assert set(scheme.facts()) <= set(evaluations.FACTS) | manual
