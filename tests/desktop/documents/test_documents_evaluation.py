"""The evaluation form must print every figure, tell no score from nought, and keep its parts together."""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import replace
from decimal import Decimal

import pikepdf
import pytest

from desktop.documents import evaluation_form
from desktop.documents.evaluation_form import (
    Dimension,
    EvaluationData,
    Evidence,
    Indicator,
    draw_evaluation_form,
)
from desktop.documents.fonts import MissingGlyph

EVALUATION = EvaluationData(
    agency="大连某某技术转移中心",
    credit_code="12210200422430895U",
    kind="A类",
    year=2026,
    scheme="示范机构绩效评价方案",
    source="辽科发〔2023〕12号",
    prepared=dt.date(2027, 1, 15),
    dimensions=(
        Dimension(
            name="基础条件",
            full=Decimal(10),
            score=Decimal("8.50"),
            indicators=(
                Indicator(
                    name="员工总数",
                    unit="人",
                    formula="年末在岗人数",
                    declared="36",
                    accepted="35",
                    points=Decimal(4),
                    score=Decimal("3.5"),
                    evidence=("1-1", "1-2"),
                ),
                Indicator(name="技术性收入占总收入比例", note="仅A类机构填写"),
            ),
        ),
        Dimension(name="规范管理", full=Decimal(20)),
    ),
    total=Decimal("87.50"),
    evidence=(
        Evidence(number="1-1", title="花名册", pages=3, place="1-3"),
        Evidence(number="1-2", title="社保缴费证明"),
    ),
)


def test_it_says_everything_that_was_put_in(read_pages):
    pages = read_pages(draw_evaluation_form(EVALUATION))
    assert len(pages) == 2
    for text in (
        "技术转移机构绩效数据表",
        "（2026年度）",
        EVALUATION.agency,
        EVALUATION.credit_code,
        EVALUATION.scheme,
        EVALUATION.source,
        "2027年1月15日",
        "得8.5分",
        "年末在岗人数",
        "3.5",
        "规范管理",
        "满分30分",
        "87.5",
        "填表人（签字）",
        "单位负责人（签字）",
        "（机构公章）",
    ):
        assert text in pages[0], text
    assert "仅A类机构填写" in pages[0].replace(" ", "")
    for text in ("证据目录", "花名册", "1-3", "社保缴费证明"):
        assert text in pages[1]
    assert "第 1 页　共 2 页" in pages[0]
    assert "第 2 页　共 2 页" in pages[1]


def test_a_missing_score_is_a_dash_never_nought(read_pages):
    integrity = Dimension(name="诚信", full=Decimal(10), indicators=(Indicator(name="诚信度"),))
    unscored = replace(EVALUATION, total=None, dimensions=(integrity,))
    page = read_pages(draw_evaluation_form(unscored))[0]
    table = page[page.index("诚信度") : page.index("注：")]
    assert table.count("—") == 3  # points and score of the indicator, and the total
    assert "得" not in table


def test_an_empty_form_can_be_printed_and_filled_by_hand(read_pages):
    empty = EvaluationData(
        agency="某机构",
        credit_code="",
        kind="",
        year=2026,
        scheme="",
        prepared=dt.date(2026, 1, 1),
        draft=True,
    )
    first, second = read_pages(draw_evaluation_form(empty))
    assert "满分0分" in first
    assert "草" in first
    assert "（无证据材料）" in second


def test_a_narrative_value_gets_a_row_of_its_own(read_pages):
    story = "自建成果库、需求库各一个，接入省平台；" * 60 + "完"
    indicator = Indicator(name="信息化手段", declared=story, accepted="有")
    told = replace(
        EVALUATION, dimensions=(Dimension(name="规范管理", full=Decimal(20), indicators=(indicator,)),)
    )
    text = "".join(read_pages(draw_evaluation_form(told)))
    assert "见下" in text
    assert "信息化手段（申报）：" in text
    assert text.count("接入省平台") == 60


def test_a_form_of_many_pages_repeats_header_and_group(read_pages):
    indicators = tuple(Indicator(name=f"指标{n}", formula="甲" * 60) for n in range(60))
    pages = read_pages(
        draw_evaluation_form(
            replace(
                EVALUATION, dimensions=(Dimension(name="服务绩效", full=Decimal(30), indicators=indicators),)
            )
        )
    )
    tables = [page for page in pages if "指标" in page and "证据目录" not in page and "计算方法" in page]
    assert len(tables) >= 3
    assert all("二级指标" in page for page in tables)
    assert all("（续）" in page for page in tables[1:])
    assert sum(page.count("甲" * 10) for page in pages) >= 60


def test_the_signatures_stay_together(read_pages):
    for count in range(12, 26):
        indicators = tuple(Indicator(name=f"指标{n}") for n in range(count))
        pages = read_pages(
            draw_evaluation_form(
                replace(
                    EVALUATION, dimensions=(Dimension(name="服务", full=Decimal(30), indicators=indicators),)
                )
            )
        )
        (page,) = [page for page in pages if "（机构公章）" in page]
        assert "填表人（签字）" in page
        assert "三、承诺与签章" in page


def test_many_signers_stand_in_rows_of_three(read_pages):
    signers = ("甲", "乙", "丙", "丁")
    page = read_pages(draw_evaluation_form(replace(EVALUATION, signers=signers)))[0]
    assert all(f"{signer}（签字）" in page for signer in signers)


def test_bookmarks_lead_to_the_parts():
    with pikepdf.open(io.BytesIO(draw_evaluation_form(EVALUATION))) as pdf:
        form, catalogue = pdf.open_outline().root
        assert str(form.title) == "技术转移机构绩效数据表"
        assert [str(part.title) for part in form.children] == [
            "一、基本信息",
            "二、绩效数据",
            "三、承诺与签章",
        ]
        assert str(catalogue.title) == "证据目录"


def test_the_same_form_is_the_same_file_and_a_missing_glyph_is_named():
    assert draw_evaluation_form(EVALUATION) == draw_evaluation_form(EVALUATION)
    evidence = (Evidence(number="1", title="𠮷"),)
    with pytest.raises(MissingGlyph, match="证据目录 1 · 证据名称"):
        draw_evaluation_form(replace(EVALUATION, evidence=evidence))


def test_the_box_of_the_kind_is_ticked(render):
    def ink(kind: str) -> int:
        picture = render(draw_evaluation_form(replace(EVALUATION, kind=kind)), width=620).convert("L")
        return sum(1 for level in picture.tobytes() if level < 128)

    blank = ink("")
    assert ink("A类") > blank
    assert ink("A类") == pytest.approx(ink("B类"), abs=6)


def test_the_module_is_listed():
    assert evaluation_form.NAME == "evaluation"
    assert evaluation_form.LABEL
