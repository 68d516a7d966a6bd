"""Columns are recognised by what people write above them, with the unit they name."""

from __future__ import annotations

import pytest

from desktop.services.exchange import headers
from desktop.services.exchange.exporting import heading
from domain.fields import RECORD_TYPES
from domain.values import UNITS


@pytest.mark.parametrize(
    ("header", "field", "unit"),
    [
        ("成交额", "deal_amount", None),
        ("成交额（万元）", "deal_amount", "万元"),
        ("成 交 额(单位：亿元)", "deal_amount", "亿元"),
        ("*成交额【人民币万元】", "deal_amount", "万元"),
        ("成交额/万元", "deal_amount", "万元"),
        ("成交额万元", "deal_amount", "万元"),
        ("合同成交额（元）", "deal_amount", "元"),
        ("price_wan", "deal_amount", "万元"),
        ("price_yi", "deal_amount", "亿元"),
        ("PRICE_WAN", "deal_amount", "万元"),
        ("项目名称（必填）＊", "title", None),
        ("奖励比例（％）", "reward_share", None),
        ("成交额（万美元）", None, None),
        ("成交额（港币）", None, None),
        ("完全无关", None, None),
        ("", None, None),
    ],
)
def test_headers_of_deals(header: str, field: str | None, unit: str | None) -> None:
    column = headers.recognise("deal", 0, [header] if header else [])
    assert column.field == field
    assert column.scale == (UNITS[unit] if unit else None)


def test_numbers_in_ten_thousands_are_left_to_the_user() -> None:
    assert headers.recognise("contract_statistic", 0, ["项数"]).field == "contracts"
    assert headers.recognise("contract_statistic", 0, ["项数（万项）"]).field is None


def test_only_regions_take_several_columns() -> None:
    made = headers.columns("party", [["城市"], ["名称"], ["单位名称"], ["省份"]], None, None)
    assert [column.field for column in made] == ["region", "name", None, "region"]


def test_a_mapping_wins_and_may_leave_out() -> None:
    mapping = {"牵头方（万元）": "deal_amount", "成交额": ""}
    made = headers.columns("deal", [["项目名称"], ["牵头方（万元）"], ["成交额"]], mapping, None)
    assert [column.field for column in made] == ["title", "deal_amount", ""]
    assert made[1].scale == UNITS["万元"]


@pytest.mark.parametrize("record_type", RECORD_TYPES.values(), ids=list(RECORD_TYPES))
def test_every_field_that_people_fill_in_is_found_by_its_own_header(record_type) -> None:
    texts = [[heading(field).text] for field in record_type.fields]
    made = headers.columns(record_type.name, texts, None, None)
    found = [None if field.kept else field.name for field in record_type.fields]
    assert [column.field for column in made] == found


def test_what_the_program_writes_is_not_taken_over_even_if_a_mapping_says_so() -> None:
    made = headers.columns("certificate", [["证书编号"], ["码"]], {"码": "credential"}, None)
    assert [column.field for column in made] == ["certificate_no", None]


@pytest.mark.parametrize("record_type", RECORD_TYPES.values(), ids=list(RECORD_TYPES))
def test_every_alias_leads_to_a_field(record_type) -> None:
    for field in record_type.fields:
        for alias in field.aliases:
            assert headers.recognise(record_type.name, 0, [alias]).field is not None
