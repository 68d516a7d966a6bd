"""The evaluation form must print every figure, tell no score from nought, and keep its parts together."""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import replace
from decimal import Decimal

import pikepdf
import pytest

from desktop.documents import evaluation_form
from desktop.documents.evaluation_data import Dimension, EvaluationData, Evidence, Indicator, Scores
from desktop.documents.evaluation_form import draw_evaluation_form
from desktop.documents.fonts import MissingGlyph
from tests.conformance import assert_archival
from tests.signers import signer_of
from tests.structure import named, tree, words

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
            scores=Scores(Decimal("8.50"), Decimal(8)),
            indicators=(
                Indicator(
                    name="员工总数",
                    unit="人",
                    formula="年末在岗人数",
                    declared="36",
                    accepted="35",
                    points=Decimal(4),
                    scores=Scores(Decimal("3.5"), Decimal("3.25"), Decimal("3.125")),
                    evidence=("1-1", "1-2"),
                ),
                Indicator(name="技术性收入占总收入比例", note="仅A类机构填写"),
            ),
        ),
        Dimension(name="规范管理", full=Decimal(20)),
    ),
    totals=Scores(Decimal("87.50"), Decimal("80.5")),
    evidence=(
        Evidence(number="1-1", title="花名册", pages=3, place="1-3"),
        Evidence(number="1-2", title="社保缴费证明"),
    ),
)


def test_it_says_everything_that_was_put_in(read_pages):
    pages = read_pages(draw_evaluation_form(EVALUATION))
    first, *_, last = pages
    for text in (
        "技术转移机构绩效数据表",
        "（2026年度）",
        EVALUATION.agency,
        EVALUATION.credit_code,
        EVALUATION.scheme,
        EVALUATION.source,
        "2027年1月15日",
        "自评8.5分",
        "区县8分",
        "年末在岗人数",
        "3.5",
        "3.25",
        "3.125",
        "1-1、1-2",
        "规范管理",
        "满分30分",
        "87.5",
        "填表人（签字）",
        "单位负责人（签字）",
        "（机构公章）",
        "区县（主管部门）审核意见",
        "审核总分：80.5分",
        "（审核部门公章）",
        "专家评审意见",
        "（评审组组长签字）",
    ):
        assert text in "".join(pages), text
    assert "仅A类机构填写" in first.replace(" ", "")
    for text in ("证据目录", "花名册", "1-3", "社保缴费证明"):
        assert text in last
    assert f"第 1 页　共 {len(pages)} 页" in first
    assert f"第 {len(pages)} 页　共 {len(pages)} 页" in last


def test_a_missing_score_is_a_dash_never_nought(read_pages):
    integrity = Dimension(name="诚信", full=Decimal(10), indicators=(Indicator(name="诚信度"),))
    unscored = replace(EVALUATION, totals=Scores(), dimensions=(integrity,))
    page = read_pages(draw_evaluation_form(unscored))[0]
    table = page[page.index("诚信度") : page.index("注：")]
    assert table.count("—") == 7  # points and three scores of the indicator, and three totals
    assert "自评" not in table


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
    first, *_, second = read_pages(draw_evaluation_form(empty))
    assert "满分0分" in first
    assert "草" in first
    assert "（无证据材料）" in second


def test_a_narrative_value_gets_a_row_of_its_own(read_pages):
    story = "自建成果库、需求库各一个，接入省平台；" * 60 + "完"
    indicator = Indicator(name="信息化手段", declared=story, accepted="有")
    told = replace(
        EVALUATION, dimensions=(Dimension(name="规范管理", full=Decimal(20), indicators=(indicator,)),)
    )
    with pikepdf.open(io.BytesIO(draw_evaluation_form(told))) as pdf:
        text = words(tree(pdf))
    assert "见下" in text
    assert f"信息化手段（申报）：{story}" in text


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
        assert "三、承诺、审核与签章" in page


def test_every_signer_has_a_place(read_pages):
    signers = ("甲", "乙", "丙", "丁")
    text = "".join(read_pages(draw_evaluation_form(replace(EVALUATION, signers=signers))))
    assert all(f"{signer}（签字）" in text for signer in signers)


def test_bookmarks_lead_to_the_parts():
    with pikepdf.open(io.BytesIO(draw_evaluation_form(EVALUATION))) as pdf:
        form, catalogue = pdf.open_outline().root
        assert str(form.title) == "技术转移机构绩效数据表"
        assert [str(part.title) for part in form.children] == [
            "一、基本信息",
            "二、绩效数据",
            "三、承诺、审核与签章",
        ]
        assert str(catalogue.title) == "证据目录"


def test_the_same_form_is_the_same_file_and_a_missing_glyph_is_named():
    assert draw_evaluation_form(EVALUATION) == draw_evaluation_form(EVALUATION)
    evidence = (Evidence(number="1", title="𡋾"),)
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


HARD = replace(
    EVALUATION,
    agency="内蒙古自治区呼和浩特市新材料与高端装备制造产业技术研究院技术转移与成果转化服务中心有限责任公司",
    credit_code="",
    grade="",
    draft=True,
    dimensions=(
        Dimension(
            name="服务绩效",
            full=Decimal(30),
            indicators=(
                Indicator(
                    name="促成项数",
                    declared="",
                    accepted="",
                    evidence=tuple(f"Z{n:02d}" for n in range(1, 90)),
                ),
                Indicator(name="方法", formula="\n".join(f"第{n}步：按合同登记额累计" for n in range(40))),
                Indicator(
                    name="示范作用", declared="\n".join(f"第{n}行：带动区域企业 𬭳㛃" for n in range(40))
                ),
                *(Indicator(name=f"指标{n}") for n in range(30)),
            ),
        ),
        Dimension(name="空的一级指标", full=Decimal(0)),
    ),
    evidence=tuple(Evidence(number=f"Z{n:02d}", title="技术合同登记证明" * 9) for n in range(1, 90)),
)


@pytest.mark.parametrize("data", [EVALUATION, HARD], ids=["usual", "hard"])
def test_the_form_is_archival(data):
    assert_archival(draw_evaluation_form(data), "2a")
    assert_archival(draw_evaluation_form(data, signer=signer_of()), "2a", signed=True)


def test_a_hard_form_keeps_every_word_in_one_table_in_order():
    with pikepdf.open(io.BytesIO(draw_evaluation_form(HARD))) as pdf:
        assert len(pdf.pages) > 6
        whole = tree(pdf)
    facts, figures, opinions, catalogue = named(whole, "/Table")
    text = words(figures)
    assert text.index("第0步") < text.index("第39步") < text.index("第0行") < text.index("第39行")
    assert text.count("累计") == text.count("𬭳㛃") == 40
    assert "Z01-Z89" in text
    assert len(catalogue[1]) == 1 + 89
    assert HARD.agency in words(facts)
    assert "（机构公章）" in words(opinions)
    assert "草" not in words(whole)
