"""The report must tell the year in the figures of the form, on the page of official papers."""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import replace
from decimal import Decimal

import pikepdf
import pytest

from desktop.documents.evaluation_data import Case, Dimension, EvaluationData, Indicator, Narrative, Scores
from desktop.documents.evaluation_report import CASES_AT_MOST, draw_evaluation_report
from desktop.documents.fonts import MissingGlyph
from desktop.documents.page import A4, MM, OFFICIAL
from desktop.documents.styles import OFFICIAL_BODY, OFFICIAL_LINE
from tests.conformance import assert_archival
from tests.signers import signer_of
from tests.structure import named, tree, words

REPORT = EvaluationData(
    agency="大连某某技术转移中心",
    credit_code="12210200422430895U",
    kind="A类",
    year=2026,
    scheme="示范机构绩效评价方案",
    prepared=dt.date(2027, 1, 15),
    dimensions=(
        Dimension(
            name="服务绩效",
            full=Decimal(30),
            scores=Scores(Decimal("22.08"), Decimal("20.5"), Decimal(21)),
            indicators=(
                Indicator(
                    name="促成项数",
                    unit="项",
                    declared="26",
                    accepted="24",
                    evidence=("Z01", "Z02", "Z03"),
                ),
                Indicator(name="示范作用", declared="带动三个园区。"),
                Indicator(name="没有填的指标"),
            ),
        ),
        Dimension(name="社会信誉", full=Decimal(10)),
    ),
    totals=Scores(Decimal("78.6"), Decimal("74.1")),
    grade="合格",
    narrative=Narrative(
        facts=(("成立日期", "2015年3月1日"), ("认定批次", "")),
        summary="第一段。\n\n第二段。",
        cases=tuple(Case(title=f"案例{n}", paragraphs=(("成效", "落地投产。"),)) for n in range(7)),
        shortcomings="人手不足。",
    ),
)


def told(data: EvaluationData) -> str:
    with pikepdf.open(io.BytesIO(draw_evaluation_report(data))) as pdf:
        return words(tree(pdf))


def test_it_tells_the_year_in_the_order_of_the_notice():
    text = told(REPORT)
    parts = ["一、基本情况", "二、服务业绩", "（一）服务绩效", "（二）社会信誉", "三、典型案例"]
    parts += [
        "（一）案例0",
        "四、存在问题",
        "人手不足。",
        "五、下一年度工作计划",
        "（未填写）",
        "2027年1月15日",
    ]
    places = [text.index(part) for part in parts]
    assert places == sorted(places)
    assert "属A类机构，成立日期：2015年3月1日。第一段。第二段。" in text
    assert "满分100" not in text
    assert "满分40分，自评78.6分，区县审核74.1分，评价等级为合格。" in text
    assert (
        "促成项数26项（核定24项）（证据Z01-Z03）；示范作用：带动三个园区。本项满分30分，自评22.08分，" in text
    )
    assert "没有填的指标" not in text
    assert "（二）社会信誉本项满分10分。" in text
    assert "认定批次" not in text


def test_it_tells_five_cases_at_most():
    text = told(REPORT)
    assert sum(text.count(f"案例{n}") for n in range(7)) == CASES_AT_MOST
    assert "案例5" not in text


def test_an_empty_year_says_what_is_not_written():
    empty = EvaluationData(
        agency="某机构", credit_code="", kind="B类", year=2026, scheme="方案", prepared=dt.date(2027, 1, 1)
    )
    text = told(replace(empty, draft=True))
    assert text.count("（未填写）") == 4
    assert "尚未评分" in text
    assert "某机构属B类机构。" in text


def test_the_page_holds_twenty_two_lines_of_twenty_eight_characters(opened):
    body = "字" * 28 * 22 * 3
    document = opened(draw_evaluation_report(replace(REPORT, narrative=Narrative(plan=body, summary=body))))
    lines = document.getAllText(1).text().splitlines()
    full = [line for line in lines if line.strip("字\r") == ""]
    assert {len(line.strip()) for line in full} == {28}
    assert len(full) == 22
    assert 22 * OFFICIAL_LINE <= A4[1] - OFFICIAL.top - OFFICIAL.bottom < 23 * OFFICIAL_LINE
    assert 28 * OFFICIAL_BODY.size <= 156 * MM < 29 * OFFICIAL_BODY.size


def test_headings_are_tagged_by_their_level():
    with pikepdf.open(io.BytesIO(draw_evaluation_report(REPORT))) as pdf:
        whole = tree(pdf)
    assert len(named(whole, "/H1")) == 1
    assert [words(part) for part in named(whole, "/H2")][-1] == "五、下一年度工作计划"
    assert len(named(whole, "/H3")) == 2 + CASES_AT_MOST


@pytest.mark.parametrize("signer", [None, signer_of()])
def test_it_is_archival(signer):
    long = replace(
        REPORT, agency="内蒙古自治区新材料与高端装备制造产业技术研究院技术转移与成果转化服务中心" * 2
    )
    assert_archival(draw_evaluation_report(long, signer=signer), "2a", signed=signer is not None)


def test_the_signature_and_its_date_stay_together_and_never_alone(read_pages):
    for count in range(1, 30):
        plan = "\n".join(["计划"] * count)
        last = read_pages(draw_evaluation_report(replace(REPORT, narrative=Narrative(plan=plan))))[-1]
        assert REPORT.agency in last
        assert "2027年1月15日" in last
        assert "计划" in last


def test_a_missing_glyph_is_named():
    with pytest.raises(MissingGlyph, match="存在问题"):
        draw_evaluation_report(replace(REPORT, narrative=Narrative(shortcomings="𡋾")))
