"""The summary must give each agency its line, and tell no score from nought."""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import replace
from decimal import Decimal

import pikepdf

from desktop.documents.evaluation_data import Scores
from desktop.documents.evaluation_summary import SummaryData, SummaryLine, draw_evaluation_summary
from tests.conformance import assert_archival
from tests.structure import named, tree, words

NAMES = ("基础条件", "服务绩效", "服务能力", "规范管理", "社会信誉")
SUMMARY = SummaryData(
    year=2026,
    scheme="示范机构绩效评价方案",
    prepared=dt.date(2027, 1, 15),
    dimensions=tuple((name, Decimal(20)) for name in NAMES),
    lines=(
        SummaryLine(
            agency="大连某某技术转移中心",
            credit_code="12210200422430895U",
            kind="A类",
            dimensions=tuple(map(Decimal, ("5.27", "18", "17.5", "16.50", "10"))),
            totals=Scores(Decimal("78.60"), Decimal("74.1")),
            grade="合格",
        ),
        SummaryLine(agency="没有评分的机构"),
    ),
)


def rows(data: SummaryData) -> list[list[str]]:
    with pikepdf.open(io.BytesIO(draw_evaluation_summary(data))) as pdf:
        (table,) = named(tree(pdf), "/Table")
    return [[words(cell) for cell in row[1]] for row in table[1]]


def test_each_agency_has_its_line():
    header, first, second = rows(SUMMARY)
    assert header[4:6] == ["基础条件（20分）", "服务绩效（20分）"]
    assert first[:4] == ["1", "大连某某技术转移中心", "12210200422430895U", "A类"]
    assert first[4:] == ["5.27", "18", "17.5", "16.5", "10", "78.6", "74.1", "—", "合格"]
    assert second == ["2", "没有评分的机构", "", "", *"————————", ""]


def test_it_is_archival_over_many_pages():
    lines = tuple(replace(SUMMARY.lines[0], agency="很长的机构名称" * n) for n in range(1, 40))
    data = replace(SUMMARY, lines=lines, draft=True)
    assert_archival(draw_evaluation_summary(data), "2a")
    assert len(rows(data)) == 40
