"""The evaluation form exists so that an agency hands in its figures in the table the authority reads.

It prints declared and accepted values side by side, the evidence each rests on, and the evidence catalogue.
"""

from __future__ import annotations

import decimal
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from desktop.documents.checkbox import CheckBoxes
from desktop.documents.flow import Block, PageBreak, Space, Together
from desktop.documents.fonts import DRAWING
from desktop.documents.formtable import Cell, FormTable, Row, TableStyle, text_cell
from desktop.documents.page import MM, RECORD, Info, flow_pages, write_pdf
from desktop.documents.paragraph import ZhParagraph
from desktop.documents.preflight import label, require_glyphs
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
from desktop.documents.wording import chinese_date, plain_number

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

NAME = "evaluation"
LABEL = "技术转移机构绩效数据表"

# A value of more characters is a narrative: it gets a row of its own, not a column of three hanzi.
_LONG = 24
_FACTS = TableStyle((26 * MM, 60 * MM, 32 * MM, 47 * MM))
_SIGNATURES = TableStyle((55 * MM, 55 * MM, 55 * MM))


_FIGURES = TableStyle(
    (20 * MM, 29 * MM, 13 * MM, 33 * MM, 19 * MM, 19 * MM, 10 * MM, 10 * MM, 12 * MM),
    header=(
        "一级指标",
        "二级指标",
        "计量\n单位",
        "计算方法",
        "申报值",
        "核定值",
        "分值",
        "得分",
        "证据\n编号",
    ),
    labels=LABEL_CELL,
    grouped=True,
)
_CATALOGUE = TableStyle(
    (12 * MM, 22 * MM, 73 * MM, 14 * MM, 20 * MM, 24 * MM),
    header=("序号", "证据编号", "证据名称", "页数", "所在页码", "备注"),
    labels=LABEL_CELL,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """One level-2 indicator. ``points``/``score`` are None where the scheme gives no level-2 points."""

    name: str = field(metadata=label("指标名称"))
    unit: str = field(default="", metadata=label("计量单位"))
    formula: str = field(default="", metadata=label("计算方法"))
    declared: str = field(default="", metadata=label("申报值"))
    accepted: str = field(default="", metadata=label("核定值"))
    points: decimal.Decimal | None = None
    score: decimal.Decimal | None = None
    evidence: tuple[str, ...] = field(default=(), metadata=label("证据编号"))
    note: str = field(default="", metadata=label("指标备注"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Dimension:
    """One level-1 indicator with its full points; ``score`` is None while it is not scored."""

    name: str = field(metadata=label("一级指标"))
    full: decimal.Decimal
    score: decimal.Decimal | None = None
    indicators: tuple[Indicator, ...] = field(default=(), metadata=label("二级指标"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One line of the evidence catalogue; ``pages`` is its page count, ``place`` where it is bound (3-7)."""

    number: str = field(metadata=label("证据编号"))
    title: str = field(metadata=label("证据名称"))
    pages: int | None = None
    place: str = field(default="", metadata=label("所在页码"))
    note: str = field(default="", metadata=label("证据备注"))


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationData:
    """One agency's performance figures for one year under one scheme.

    ``kind`` is one of ``kinds`` (printed as check boxes); ``prepared`` is the day the form is made.
    """

    agency: str = field(metadata=label("机构名称"))
    credit_code: str = field(metadata=label("统一社会信用代码"))
    kind: str = field(metadata=label("机构类别"))
    year: int
    scheme: str = field(metadata=label("评价方案"))
    source: str = field(default="", metadata=label("方案依据"))
    prepared: dt.date
    dimensions: tuple[Dimension, ...] = field(default=(), metadata=label("一级指标"))
    total: decimal.Decimal | None = None
    grade: str = field(default="", metadata=label("评价等级"))
    evidence: tuple[Evidence, ...] = field(default=(), metadata=label("证据目录"))
    kinds: tuple[str, ...] = field(default=("A类", "B类"), metadata=label("机构类别选项"))
    declaration: str = field(
        default="本单位承诺以上数据及所附证据真实、准确、完整，并承担相应责任。", metadata=label("承诺")
    )
    signers: tuple[str, ...] = field(default=("填表人", "审核人", "单位负责人"), metadata=label("签字栏"))
    draft: bool = False


def draw_evaluation_form(data: EvaluationData) -> bytes:
    """Return the form as a PDF; raises MissingGlyph when a character is in no font."""
    require_glyphs(data)
    name = f"{data.agency}{data.year}年度绩效数据表"
    info = Info(name, data.agency, data.scheme, data.prepared)
    with DRAWING:
        return write_pdf(flow_pages(list(_blocks(data)), RECORD, draft=data.draft), info)


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
        "注：申报值由机构填报，核定值由评价单位核定；“—”表示评价方案未设该项分值或尚未评分。", NOTE
    )
    yield Space(4 * MM)
    yield heading("三、承诺与签章")
    yield Together(FormTable(_SIGNATURES, _signature_rows(data)))
    yield PageBreak()
    yield title("证据目录")
    yield ZhParagraph(f"{data.agency}　{data.year}年度", SUBTITLE)
    yield Space(3 * MM)
    yield FormTable(_CATALOGUE, _evidence_rows(data))


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
        if dimension.score is not None:
            group += f"\n得{plain_number(dimension.score)}分"
        for indicator in dimension.indicators or (Indicator(name=""),):
            yield Row(tuple(_indicator_cells(indicator)), group)
            for name, value in (("申报", indicator.declared), ("核定", indicator.accepted)):
                if len(value) > _LONG:
                    text = f"{indicator.name}（{name}）：{value}"
                    yield Row((text_cell(text, TEXT_CELL, span=8),), group)


def _indicator_cells(indicator: Indicator) -> Iterator[Cell]:
    name = f"{indicator.name}\n（{indicator.note}）" if indicator.note else indicator.name
    yield text_cell(name, TEXT_CELL)
    yield text_cell(indicator.unit, CENTER_CELL)
    yield text_cell(indicator.formula, TEXT_CELL)
    for value in (indicator.declared, indicator.accepted):
        yield text_cell(value if len(value) <= _LONG else "见下", CENTER_CELL)
    yield text_cell(plain_number(indicator.points), CENTER_CELL)
    yield text_cell(plain_number(indicator.score), CENTER_CELL)
    yield text_cell("\n".join(indicator.evidence), CENTER_CELL)


def _total_row(data: EvaluationData) -> Row:
    full = sum((dimension.full for dimension in data.dimensions), decimal.Decimal())
    cells = (
        text_cell(f"满分{plain_number(full)}分", TEXT_CELL, span=5),
        text_cell(plain_number(full), CENTER_CELL),
        text_cell(plain_number(data.total), CENTER_CELL),
        text_cell("", CENTER_CELL),
    )
    return Row(cells, "合计")


def _signature_rows(data: EvaluationData) -> list[Row]:
    rows = [Row((text_cell(data.declaration, TEXT_CELL, span=3),))]
    for start in range(0, len(data.signers), 3):
        names = (*data.signers[start : start + 3], "", "")[:3]
        cells = tuple(text_cell(name and f"{name}（签字）：", TEXT_CELL, top=True) for name in names)
        rows.append(Row(cells, least=16 * MM))
    seal = text_cell("（机构公章）　　　\n\n年　　月　　日　　　", FIGURE_CELL, span=3)
    return [*rows, Row((seal,), least=34 * MM)]


def _evidence_rows(data: EvaluationData) -> list[Row]:
    rows = [
        Row(
            (
                text_cell(str(place), CENTER_CELL),
                text_cell(evidence.number, CENTER_CELL),
                text_cell(evidence.title, TEXT_CELL),
                text_cell("" if evidence.pages is None else str(evidence.pages), CENTER_CELL),
                text_cell(evidence.place, CENTER_CELL),
                text_cell(evidence.note, TEXT_CELL),
            )
        )
        for place, evidence in enumerate(data.evidence, start=1)
    ]
    return rows or [Row((text_cell("（无证据材料）", CENTER_CELL, span=len(_CATALOGUE.widths)),))]
