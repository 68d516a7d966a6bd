"""The summary exists so that a district hands up all its agencies on one list, a line for each.

The points are those of the form; an agency that nobody has scored yet shows a dash, never nought.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from desktop.documents.evaluation_data import Points, Scores
from desktop.documents.evaluation_form import LYING, LYING_MARGINS
from desktop.documents.flow import Block, Space, Together
from desktop.documents.fonts import DRAWING
from desktop.documents.formtable import Cell, FormTable, Row, TableStyle, text_cell
from desktop.documents.page import MM, Info, flow_pages, write_pdf
from desktop.documents.paragraph import Style, ZhParagraph
from desktop.documents.preflight import label, require_glyphs
from desktop.documents.styles import CENTER_CELL, LABEL_CELL, SUBTITLE, TEXT_CELL, title
from desktop.documents.wording import chinese_date, plain_number

if TYPE_CHECKING:
    import datetime as dt
    import decimal
    from collections.abc import Iterator

    from desktop.documents.signature import Signer

NAME = "evaluation-summary"
LABEL = "技术转移机构绩效考核汇总表"

_BEFORE = ((11, "序号"), (50, "机构名称"), (37, "统一社会信用代码"), (12, "类别"))
_AFTER = ((14, "自评\n总分"), (14, "区县\n总分"), (14, "专家\n总分"), (16, "评价\n等级"))
_WHOLE = 253  # millimetres
_SCHEME = Style(size=10.5, leading=16, align="left")
_SIGNED = Style(size=12, leading=24, align="right")


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryLine:
    """One agency; ``dimensions`` are the points that stand, in the order of the summary's ``dimensions``."""

    agency: str = field(metadata=label("机构名称"))
    credit_code: str = field(default="", metadata=label("统一社会信用代码"))
    kind: str = field(default="", metadata=label("机构类别"))
    dimensions: tuple[Points, ...] = ()
    totals: Scores = field(default_factory=Scores)
    grade: str = field(default="", metadata=label("评价等级"))


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryData:
    """All agencies of one year; ``dimensions`` are (level-1 indicator, full points)."""

    year: int
    scheme: str = field(metadata=label("评价方案"))
    prepared: dt.date
    dimensions: tuple[tuple[str, decimal.Decimal], ...] = field(default=(), metadata=label("一级指标"))
    lines: tuple[SummaryLine, ...] = field(default=(), metadata=label("机构"))
    draft: bool = False


def draw_evaluation_summary(data: SummaryData, *, signer: Signer | None = None) -> bytes:
    """Return the summary as a PDF; raises MissingGlyph when a character is in no font."""
    require_glyphs(data)
    info = Info(f"{data.year}年度{LABEL}", "", data.scheme, data.prepared)
    with DRAWING:
        pages = flow_pages(list(_blocks(data)), LYING_MARGINS, size=LYING, draft=data.draft)
        return write_pdf(pages, info, signer=signer)


def _blocks(data: SummaryData) -> Iterator[Block]:
    yield title(LABEL)
    yield ZhParagraph(f"（{data.year}年度）", SUBTITLE)
    yield Space(3 * MM)
    yield ZhParagraph(f"评价方案：{data.scheme}", _SCHEME)
    yield Space(1.5 * MM)
    style = _style(data)
    yield FormTable(style, [_row(data, number) for number in range(len(data.lines))])
    yield Space(5 * MM)
    yield Together(
        ZhParagraph(f"（审核部门公章）　　　　　　\n{chinese_date(data.prepared)}　　　　　　", _SIGNED)
    )


def _style(data: SummaryData) -> TableStyle:
    """Return the columns; those of the level-1 indicators share what the others leave."""
    taken = sum(width for width, _ in (*_BEFORE, *_AFTER))
    share = (_WHOLE - taken) / max(len(data.dimensions), 1)
    middle = [(share, f"{name}\n（{plain_number(full)}分）") for name, full in data.dimensions]
    columns = (*_BEFORE, *middle, *_AFTER)
    widths, names = zip(*columns, strict=True)
    return TableStyle(tuple(width * MM for width in widths), header=names, labels=LABEL_CELL)


def _row(data: SummaryData, place: int) -> Row:
    line = data.lines[place]
    points = line.dimensions or (None,) * len(data.dimensions)
    totals = (line.totals.own, line.totals.district, line.totals.expert)
    return Row(
        (
            text_cell(str(place + 1), CENTER_CELL),
            text_cell(line.agency, TEXT_CELL),
            text_cell(line.credit_code, CENTER_CELL),
            text_cell(line.kind, CENTER_CELL),
            *map(_points, (*points, *totals)),
            text_cell(line.grade, CENTER_CELL),
        )
    )


def _points(points: Points) -> Cell:
    return text_cell(plain_number(points), CENTER_CELL)
