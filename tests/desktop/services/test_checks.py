"""A look over the store names every problem with its record."""

from __future__ import annotations

from decimal import Decimal

import pytest

from desktop.models.work import new_id
from desktop.services import checks, records
from domain.problems import Refusal


@pytest.fixture
def deal(desk):
    key = new_id()
    values = {"title": "超付", "stage": "lead", "deal_amount": Decimal(5), "paid_amount": Decimal(9)}
    records.save(desk, record_type="deal", record_id=key, values=values)
    return key


def test_a_sound_store_has_no_findings(desk):
    records.save(
        desk, record_type="party", record_id=new_id(), values={"name": "示例企业", "kind": "organisation"}
    )
    assert checks.check(desk) == []
    assert checks.count(desk) == 1


def test_warnings_are_found_and_told_apart(desk, deal):
    (finding,) = checks.check(desk, record_type="deal", record_id=deal)
    assert finding.warning
    assert finding.facts()["problem"].startswith("实际成交额：实际成交额 9")
    assert checks.check(desk, record_type="deal") == [finding]
    assert checks.count(desk, record_type="deal", record_id=deal) == 1


def test_what_was_written_past_the_checks_is_found(desk, deal):
    with desk.store.write() as connection:
        connection.exec_driver_sql("UPDATE deal SET stage = 'nowhere', technical_amount = 900")
    found = [finding.text for finding in checks.check(desk) if not finding.warning]
    assert len(found) == 2
    assert found[0].startswith("阶段：“nowhere”不在")
    assert checks.check(desk)[0].as_problem().params["why"].startswith("超付：")


def test_a_record_that_is_not_there_is_refused(desk):
    with pytest.raises(Refusal):
        checks.check(desk, record_type="deal", record_id=new_id())
