"""The evaluation form exists so that an agency hands in its figures in the table the authority reads.

It prints declared and accepted values side by side, how each is computed, the evidence it rests on, the
points of the agency, the district and the experts, the places to sign and to seal, and the catalogue of
evidence with the pages of the binder.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from desktop.documents.checkbox import CheckBoxes
from desktop.documents.evaluation_data import Evidence, Indicator, Points, Scores
from desktop.documents.flow import Block, Space, Together
from desktop.documents.fonts import DRAWING
from desktop.documents.formtable import Cell, FormTable, Row, TableStyle, text_cell
from desktop.documents.page import A4, MM, RECORD, Info, Margins, Page, flow_pages, write_pdf
from desktop.documents.paragraph import ZhParagraph
from desktop.documents.preflight import require_glyphs
from desktop.documents.styles import (
    CENTER_CELL,
    FIGURE_CELL,
    LABEL_CELL,
    NOTE,
    SUBTITLE,
    TEXT_CELL,
    heading,
    title,
)
from desktop.documents.wording import chinese_date, drawn_together, plain_number

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from desktop.documents.evaluation_data import EvaluationData
    from desktop.documents.signature import Signer

NAME = "evaluation"
LABEL = "技术转移机构绩效数据表"

# Twelve columns need a lying sheet; it is bound along its upper edge.
LYING = (A4[1], A4[0])
LYING_MARGINS = Margins(left=22 * MM, right=22 * MM, top=25 * MM, bottom=22 * MM)

# A value of more characters is a narrative: it gets a row of its own, not a column of six hanzi.
_LONG = 24
_FACTS = TableStyle((38 * MM, 96 * MM, 42 * MM, 77 * MM))
_OPINIONS = TableStyle(
    (85 * MM, 84 * MM, 84 * MM),
    header=("填报单位", "区县（主管部门）审核意见", "专家评审意见"),
    labels=LABEL_CELL,
)
_FIGURES = TableStyle(
    tuple(width * MM for width in (23, 40, 13, 53, 28, 28, 11, 12, 12, 12, 21)),
    header=(
        "一级指标",
        "二级指标",
        "计量\n单位",
        "计算方法",
        "申报值",
        "核定值",
        "分值",
        "自评\n得分",
        "区县\n得分",
        "专家\n得分",
        "证据\n编号",
    ),
    labels=LABEL_CELL,
    grouped=True,
)
_CATALOGUE = TableStyle(
    tuple(width * MM for width in (12, 18, 72, 12, 18, 33)),
    header=("序号", "证据编号", "证据名称", "页数", "所在页码", "备注"),
    labels=LABEL_CELL,
)


def draw_evaluation_form(data: EvaluationData, *, signer: Signer | None = None) -> bytes:
    """Return the form as a PDF; raises MissingGlyph when a character is in no font."""
    require_glyphs(data)
    info = Info(f"{data.agency}{data.year}年度绩效数据表", data.agency, data.scheme, data.prepared)
    with DRAWING:
        table = flow_pages(list(_blocks(data)), LYING_MARGINS, size=LYING, draft=data.draft)
        return write_pdf([*table, *catalogue(data)], info, signer=signer)


def catalogue(data: EvaluationData) -> list[Page]:
    """Return the catalogue of evidence, which ends the form and begins the binder."""
    blocks = (
        title("证据目录"),
        ZhParagraph(f"{data.agency}　{data.year}年度", SUBTITLE),
        Space(3 * MM),
        FormTable(_CATALOGUE, _evidence_rows(data)),
    )
    return flow_pages(blocks, RECORD, draft=data.draft)


def cover(data: EvaluationData, name: str) -> list[Page]:
    """Return the cover of a volume called ``name``."""
    blocks = (
        title(name),
        Space(12 * MM),
        ZhParagraph(data.agency, SUBTITLE),
        ZhParagraph(f"{data.year}年度", SUBTITLE),
        ZhParagraph(chinese_date(data.prepared), SUBTITLE),
    )
    return flow_pages(blocks, replace(RECORD, top=90 * MM), draft=data.draft)


def _blocks(data: EvaluationData) -> Iterator[Block]:
    yield title(LABEL)
    yield ZhParagraph(f"（{data.year}年度）", SUBTITLE)
    yield Space(3 * MM)
    yield heading("一、基本信息")
    yield FormTable(_FACTS, _fact_rows(data))
    yield Space(4 * MM)
    yield heading("二、绩效数据")
    yield FormTable(_FIGURES, [*_figure_rows(data), _total_row(data)])
    yield Space(1.5 * MM)
    yield ZhParagraph(
        "注：申报值由机构填报，核定值以有登记证明的记录计算；“—”表示评价方案未设该项分值或尚未评分。"
        "证据编号见证据目录，证据另册装订。",
        NOTE,
    )
    yield Space(4 * MM)
    yield heading("三、承诺、审核与签章")
    yield Together(FormTable(_OPINIONS, _opinion_rows(data)))


def _fact_rows(data: EvaluationData) -> list[Row]:
    kinds = CheckBoxes(tuple((kind, kind == data.kind) for kind in data.kinds), TEXT_CELL)
    return [
        _facts("机构名称", data.agency, "统一社会信用代码", data.credit_code),
        Row(
            (
                text_cell("机构类别", LABEL_CELL, shaded=True),
                Cell(kinds),
                text_cell("评价年度", LABEL_CELL, shaded=True),
                text_cell(f"{data.year}年", TEXT_CELL),
            )
        ),
        _fact("评价方案", data.scheme),
        _fact("方案依据", data.source),
        _facts("评价等级", data.grade, "填表日期", chinese_date(data.prepared)),
    ]


def _fact(name: str, value: str) -> Row:
    return Row((text_cell(name, LABEL_CELL, shaded=True), text_cell(value, TEXT_CELL, span=3)))


def _facts(*pairs: str) -> Row:
    """Return a row of labels and values by turns."""
    styles = (LABEL_CELL, TEXT_CELL) * (len(pairs) // 2)
    return Row(
        tuple(
            text_cell(text, style, shaded=style is LABEL_CELL)
            for text, style in zip(pairs, styles, strict=True)
        )
    )


def _figure_rows(data: EvaluationData) -> Iterator[Row]:
    for dimension in data.dimensions:
        group = f"{dimension.name}\n（{plain_number(dimension.full)}分）"
        for who, points in _told(dimension.scores):
            group += f"\n{who}{plain_number(points)}分"
        for indicator in dimension.indicators or (Indicator(name=""),):
            yield Row(tuple(_indicator_cells(indicator)), group)
            for name, value in (("申报", indicator.declared), ("核定", indicator.accepted)):
                if len(value) > _LONG:
                    text = f"{indicator.name}（{name}）：{value}"
                    yield Row((text_cell(text, TEXT_CELL, span=10),), group)


def _told(scores: Scores) -> list[tuple[str, Points]]:
    """Return who gave points, and how many."""
    given = (("自评", scores.own), ("区县", scores.district), ("专家", scores.expert))
    return [(who, points) for who, points in given if points is not None]


def _indicator_cells(indicator: Indicator) -> Iterator[Cell]:
    name = f"{indicator.name}\n（{indicator.note}）" if indicator.note else indicator.name
    yield text_cell(name, TEXT_CELL)
    yield text_cell(indicator.unit, CENTER_CELL)
    yield text_cell(indicator.formula, TEXT_CELL)
    for value in (indicator.declared, indicator.accepted):
        yield text_cell(value if len(value) <= _LONG else "见下", CENTER_CELL)
    yield text_cell(plain_number(indicator.points), CENTER_CELL)
    yield from _score_cells(indicator.scores)
    yield text_cell("、".join(drawn_together(indicator.evidence)), CENTER_CELL)


def _score_cells(scores: Scores) -> Iterator[Cell]:
    for points in (scores.own, scores.district, scores.expert):
        yield text_cell(plain_number(points), CENTER_CELL)


def _total_row(data: EvaluationData) -> Row:
    full = plain_number(data.full)
    cells = (
        text_cell(f"满分{full}分", TEXT_CELL, span=5),
        text_cell(full, CENTER_CELL),
        *_score_cells(data.totals),
        text_cell("", CENTER_CELL),
    )
    return Row(cells, "合计")


def _opinion_rows(data: EvaluationData) -> list[Row]:
    """Return what the agency declares and signs, and the room for the district and the experts."""
    totals = (data.totals.own, data.totals.district, data.totals.expert)
    names = ("自评总分", "审核总分", "评审总分")
    sums = [f"{name}：{plain_number(points, '　　')}分" for name, points in zip(names, totals, strict=True)]
    signers = "\n\n".join(f"{name}（签字）：" for name in data.signers)
    seals = ("（机构公章）", "（审核部门公章）", "（评审组组长签字）")
    return [
        _across(f"{sums[0]}\n{data.declaration}", f"{sums[1]}\n意见：", f"{sums[2]}\n意见：", least=24 * MM),
        _across(signers, "经办人（签字）：\n\n负责人（签字）：", "专家（签字）：", least=20 * MM),
        Row(
            tuple(text_cell(f"{seal}　　　\n\n年　　月　　日　　　", FIGURE_CELL) for seal in seals),
            least=32 * MM,
        ),
    ]


def _across(*texts: str, least: float) -> Row:
    return Row(tuple(text_cell(text, TEXT_CELL, top=True) for text in texts), least=least)


def _evidence_rows(data: EvaluationData) -> Sequence[Row]:
    rows = [_evidence_row(place, evidence) for place, evidence in enumerate(data.evidence, start=1)]
    return rows or [Row((text_cell("（无证据材料）", CENTER_CELL, span=len(_CATALOGUE.widths)),))]


def _evidence_row(place: int, evidence: Evidence) -> Row:
    return Row(
        (
            text_cell(str(place), CENTER_CELL),
            text_cell(evidence.number, CENTER_CELL),
            text_cell(evidence.title, TEXT_CELL),
            text_cell("" if evidence.pages is None else str(evidence.pages), CENTER_CELL),
            text_cell(evidence.place, CENTER_CELL),
            text_cell(evidence.note, TEXT_CELL),
        )
    )
