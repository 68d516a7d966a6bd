"""The published lists come in as they stand, and what is refused is refused for a reason in the list."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from desktop.models import queries
from desktop.models.queries import Query
from desktop.services.exchange import importing
from domain.problems import Refusal

if TYPE_CHECKING:
    from desktop.services.desk import Desk

DATA = Path(__file__).parents[3] / "data"
LISTS = [
    ("achievements", "achievement", 56, {}, ("ip_check",)),
    ("demands", "demand", 55, {}, ()),
    ("deals", "deal", 19, {}, ()),
    ("uscc", "party", 31, dict.fromkeys((29, 30, 31, 32), "credit-code"), ("check_result",)),
    ("contract_statistics", "contract_statistic", 111, {}, ()),
    ("training", "training_class", 5, {}, ()),
    ("agency_results", "agency_result", 4, {}, ()),
    ("agency_grade_totals", "grade_total", 9, {}, ()),
]


@pytest.mark.parametrize(("name", "record_type", "rows", "refused", "unmapped"), LISTS)
def test_a_list(
    *,
    exchange_desk: Desk,
    name: str,
    record_type: str,
    rows: int,
    refused: dict[int, str],
    unmapped: tuple[str],
) -> None:
    path = DATA / f"{name}.csv"
    report = importing.apply(exchange_desk, importing.plan(exchange_desk, path, record_type))
    assert report.rows == rows
    assert {complaint.row: complaint.problem.code for complaint in report.rejects} == refused
    assert (report.imported, report.duplicates) == (rows - len(refused), 0)
    assert (report.unmapped, report.warnings) == (unmapped, ())
    again = importing.apply(exchange_desk, importing.plan(exchange_desk, path, record_type))
    assert (again.imported, again.duplicates) == (0, rows - len(refused))
    assert (again.differing, again.linked) == ((), {})


def test_codes_without_names_are_refused_as_a_whole(exchange_desk: Desk) -> None:
    with pytest.raises(Refusal, match="缺少必填列：名称"):
        importing.plan(exchange_desk, DATA / "uscc_unnamed.csv", "party")


def test_amounts_keep_their_printed_unit(exchange_desk: Desk) -> None:
    for name, record_type in (("deals", "deal"), ("contract_statistics", "contract_statistic")):
        importing.apply(exchange_desk, importing.plan(exchange_desk, DATA / f"{name}.csv", record_type))
    with exchange_desk.store.read() as connection:
        deals = {row["title"]: row for row in queries.rows(connection, Query("deal"))}
        figures = {row["row_key"]: row for row in queries.rows(connection, Query("contract_statistic"))}
    with (DATA / "deals.csv").open(encoding="utf-8", newline="") as source:
        for line in csv.DictReader(source):
            printed = line["price_wan"]
            assert deals[line["title"]]["deal_amount"] == (Decimal(printed) * 10_000 if printed else None)
    assert figures["2011|全年|全国|合计|合计"]["turnover"] == Decimal("476356000000.00")


def test_fields_outside_the_code_list_keep_their_words(exchange_desk: Desk) -> None:
    importing.apply(exchange_desk, importing.plan(exchange_desk, DATA / "achievements.csv", "achievement"))
    with exchange_desk.store.read() as connection:
        rows = {row["title"]: row for row in queries.rows(connection, Query("achievement"))}
    assert rows["水生蔬菜生态种植及加工技术"]["field_note"] == "现代农业"
    assert rows["安全环保PBM秸秆新材料"]["technical_field"] == "05"
