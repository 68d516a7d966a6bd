"""The receipt list (领取签字表) exists so that everybody who takes a certificate home signs for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from desktop.documents.flow import Space
from desktop.documents.fonts import DRAWING, HEI
from desktop.documents.formtable import FormTable, Row, TableStyle, text_cell
from desktop.documents.page import MM, RECORD, Info, flow_pages, write_pdf
from desktop.documents.paragraph import Style, ZhParagraph
from desktop.documents.preflight import label, require_glyphs
from desktop.documents.styles import title as title_block
from desktop.documents.wording import chinese_date

if TYPE_CHECKING:
    import datetime as dt

TITLE: Final = "培训合格证书领取签字表"
_HEADER: Final = ("序号", "证书编号", "姓名", "工作单位", "领取人签字", "领取日期")
_WIDTHS: Final = tuple(width * MM for width in (11, 45, 24, 39, 24, 22))
_ROW: Final = 11 * MM  # room for a signature
_LABELS: Final = Style(HEI, size=10, leading=14, align="center", gap=0)
_MIDDLE: Final = Style(size=10, leading=13, align="center", gap=0)
_LEFT: Final = Style(size=10, leading=13, align="left", gap=0)
_ABOUT: Final = Style(size=10.5, leading=18, align="left", gap=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """One person who is given a certificate."""

    number: str = field(metadata=label("证书编号"))
    name: str = field(metadata=label("姓名"))
    unit: str = field(default="", metadata=label("工作单位"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptList:
    """The certificates of one class in the order in which they are handed out."""

    training: str = field(metadata=label("培训班"))
    issuer: str = field(metadata=label("发证单位"))
    issued: dt.date
    recipients: tuple[Recipient, ...] = field(metadata=label("领取人"))


def draw_receipt_list(data: ReceiptList) -> bytes:
    """Return the list as a PDF; the header stands on each page.

    Raises MissingGlyph when a character is in no font.
    """
    require_glyphs(data)
    with DRAWING:
        about = f"培训班：{data.training}\n发证单位：{data.issuer}　　发证日期：{chinese_date(data.issued)}"
        count = f"共 {len(data.recipients)} 份。请核对姓名后签字；代领的请注明代领人。"
        blocks = [
            title_block(TITLE),
            Space(6),
            ZhParagraph(about, _ABOUT),
            Space(6),
            _table(data.recipients),
            Space(8),
            ZhParagraph(count, _ABOUT),
        ]
        info = Info(f"{TITLE}（{data.training}）", data.issuer, data.training, data.issued)
        return write_pdf(flow_pages(blocks, RECORD), info)


def _table(recipients: tuple[Recipient, ...]) -> FormTable:
    rows = [
        Row(
            (
                text_cell(str(place), _MIDDLE),
                text_cell(one.number, _LEFT),
                text_cell(one.name, _MIDDLE),
                text_cell(one.unit, _LEFT),
                text_cell("", _MIDDLE),
                text_cell("", _MIDDLE),
            ),
            least=_ROW,
        )
        for place, one in enumerate(recipients, start=1)
    ]
    return FormTable(TableStyle(_WIDTHS, _HEADER, _LABELS), rows)
