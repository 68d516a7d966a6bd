"""The dossier's own sheets exist so that a bound deal can be read without opening its attachments.

Cover, contents list and closing sheet have the items of GB/T 11822-2008; the fact sheet keeps the three
amounts apart (成交额, 技术交易额, 实际成交额), which are never the same thing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from desktop.documents.flow import Block, Heading, Space, Together
from desktop.documents.formtable import Cell, FormTable, Row, TableStyle, text_cell
from desktop.documents.page import MM
from desktop.documents.page_link import LinkedText
from desktop.documents.paragraph import Style, ZhParagraph
from desktop.documents.styles import (
    BODY,
    CENTER_CELL,
    FIGURE_CELL,
    LABEL_CELL,
    NOTE,
    TEXT_CELL,
    heading,
    title,
)
from desktop.documents.wording import chinese_date

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Sequence

    from desktop.documents.binding import Link
    from desktop.documents.dossier_data import DossierData

_COVER_LABEL = replace(LABEL_CELL, size=12, leading=20)
_COVER_TEXT = replace(TEXT_CELL, size=12, leading=20)
_COVER_TITLE = Style(size=30, leading=44, align="center")
_DEAL_TITLE = Style(size=20, leading=32, align="center")

_COVER = TableStyle((38 * MM, 127 * MM))
_FACTS = TableStyle((26 * MM, 57 * MM, 26 * MM, 56 * MM))
_CONTENTS = TableStyle(
    (10 * MM, 26 * MM, 30 * MM, 48 * MM, 19.5 * MM, 16 * MM, 15.5 * MM),
    header=("序号", "文号", "责任者", "题名", "日期", "页号", "备注"),
    labels=LABEL_CELL,
)
_PARTIES = TableStyle(
    (17 * MM, 41 * MM, 40 * MM, 18 * MM, 19 * MM, 30 * MM),
    header=("角色", "名称", "统一社会信用代码", "单位性质", "所在地区", "联系人\n及电话"),
    labels=LABEL_CELL,
)
_AMOUNTS = TableStyle(
    (28 * MM, 36 * MM, 66 * MM, 35 * MM),
    header=("金额类别", "金额（元）", "大写", "备注"),
    labels=LABEL_CELL,
)
_PAYMENTS = TableStyle(
    (11 * MM, 38 * MM, 21 * MM, 24 * MM, 21 * MM, 24 * MM, 26 * MM),
    header=("序号", "付款条件", "应付日期", "应付金额（元）", "实付日期", "实付金额（元）", "凭证及备注"),
    labels=LABEL_CELL,
)
_MISSING = TableStyle(
    (16 * MM, 50 * MM, 65 * MM, 34 * MM),
    header=("材料序号", "缺少的材料", "依据", "说明"),
    labels=LABEL_CELL,
)
_EXEMPT = TableStyle(
    (16 * MM, 70 * MM, 79 * MM),
    header=("材料序号", "不适用的材料", "理由"),
    labels=LABEL_CELL,
)
_SHORT = 48  # characters: a longer fact takes the width of the table
_CLOSING = TableStyle((30 * MM, 52 * MM, 30 * MM, 53 * MM))


@dataclass(frozen=True, slots=True)
class Count:
    """What the dossier holds: documents, those not or only partly bound as they are, numbered pages."""

    files: int
    unbound: int
    rendered: int
    pages: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentsLine:
    """One line of the contents list; ``target`` is the page (from 0) it leads to.

    The sheets we add to the papers bear no ``number``, as they are no papers.
    """

    title: str
    pages: str
    target: int
    number: str = ""
    reference: str = ""
    responsible: str = ""
    date: dt.date | None = None
    note: str = ""


def cover(data: DossierData, air: float = 1.0) -> Iterator[Block]:
    """Yield the blocks of the 案卷封面; ``air`` is the part of the usual space that is left between them."""
    yield ZhParagraph(data.agency, replace(_DEAL_TITLE, size=16))
    yield Space(15 * MM * air)
    yield Heading(ZhParagraph("技术交易案卷", _COVER_TITLE))
    yield Space(14 * MM * air)
    yield ZhParagraph(data.title, _DEAL_TITLE)
    yield Space(4 * MM + 14 * MM * air)
    parties = "\n".join(f"{party.role}：{party.name}" for party in data.parties)
    amounts = "\n".join(
        f"{amount.name}：{amount.yuan}元（{amount.capitals}）"
        if amount.capitals
        else f"{amount.name}：{amount.yuan}元"
        for amount in data.amounts
        if amount.yuan
    )
    yield FormTable(
        _COVER,
        [
            _cover_row(name, value, air)
            for name, value in (
                ("案卷号", data.number),
                ("合同类别", data.contract_type),
                ("当事人", parties),
                ("金额", amounts),
                ("签订日期", chinese_date(data.signed)),
                ("履行期限", _period(data)),
                ("保管期限", data.retention),
                ("立卷单位", data.agency),
                ("立卷日期", chinese_date(data.prepared)),
            )
        ],
    )


def contents(lines: Sequence[ContentsLine], links: list[Link]) -> Iterator[Block]:
    """Yield the blocks of the 卷内目录: each document with the pages it stands on, noted in ``links``."""

    def linked(text: str, style: Style, line: ContentsLine) -> Cell:
        return Cell(LinkedText(ZhParagraph(text, style), line.target, links))

    yield title("卷内目录")
    yield Space(3 * MM)
    rows = [
        Row(
            (
                text_cell(line.number, CENTER_CELL),
                text_cell(line.reference, TEXT_CELL),
                text_cell(line.responsible, TEXT_CELL),
                linked(line.title, TEXT_CELL, line),
                text_cell(line.date.isoformat() if line.date else "", CENTER_CELL),
                linked(line.pages, CENTER_CELL, line),
                text_cell(line.note, TEXT_CELL),
            )
        )
        for line in lines
    ]
    if not any(line.number for line in lines):
        rows.insert(1, _none(_CONTENTS, "（卷内无文件）"))
    yield FormTable(_CONTENTS, rows)


def fact_sheet(data: DossierData) -> Iterator[Block]:
    """Yield the blocks of the 交易概况."""
    yield title("交易概况")
    yield Space(3 * MM)
    yield heading("一、合同要素")
    yield FormTable(_FACTS, _fact_rows(data))
    yield Space(4 * MM)
    yield heading("二、当事人")
    yield FormTable(_PARTIES, _party_rows(data) or [_none(_PARTIES, "（未登记当事人）")])
    yield Space(4 * MM)
    yield heading("三、金额")
    yield FormTable(_AMOUNTS, _amount_rows(data) or [_none(_AMOUNTS, "（未登记金额）")])
    yield Space(1.5 * MM)
    yield ZhParagraph(
        "注：成交额为合同约定的总金额；技术交易额为成交额中扣除非技术性费用后的金额；实际成交额为已经实际支付的金额。",
        NOTE,
    )
    yield Space(4 * MM)
    yield heading("四、收付款")
    yield FormTable(_PAYMENTS, _payment_rows(data) or [_none(_PAYMENTS, "（未登记收付款）")])


def missing_list(data: DossierData) -> Iterator[Block]:
    """Yield the blocks of the 缺件清单: each required document that is not there and who asks for it.

    Documents that were said not to apply follow with the reason given.
    """
    if data.missing:
        yield title("缺件清单")
        yield Space(3 * MM)
        yield ZhParagraph(f"按规定应当归档而尚未归档的材料共{len(data.missing)}项：", BODY)
        yield Space(2 * MM)
        rows = [_texts(item.number, item.title, item.rule, item.note) for item in data.missing]
        yield FormTable(_MISSING, rows)
    if data.exempt:
        yield Space(8 * MM)
        yield title("不适用材料清单")
        yield Space(3 * MM)
        yield ZhParagraph(f"经确认对本项交易不适用的材料共{len(data.exempt)}项：", BODY)
        yield Space(2 * MM)
        yield FormTable(_EXEMPT, [_texts(item.number, item.title, item.reason) for item in data.exempt])


def closing_sheet(data: DossierData, count: Count) -> Iterator[Block]:
    """Yield the blocks of the 卷内备考表."""
    yield title("卷内备考表")
    yield Space(6 * MM)
    statement = f"本案卷共有文件材料{count.files}件，计{count.pages}页（不含封面、目录及本表）。"
    if count.unbound:
        statement += f"其中{count.unbound}件未能完整装订，见附件说明页。"
    if count.rendered:
        statement += f"另有{count.rendered}件含不能直接归档的页面，已按原样转为图像装订，原文件附在卷内。"
    statement += f"按规定应归档而缺少的材料{len(data.missing)}项。"
    text = f"{statement}\n\n说明：\n{data.note}"
    yield Together(
        FormTable(
            _CLOSING,
            [
                Row((text_cell(text, replace(_COVER_TEXT, size=11), span=4, top=True),), least=110 * MM),
                _facts("件数", f"{count.files}", "页数", f"{count.pages}"),
                _signature("立卷人", data.compiler, "立卷日期", chinese_date(data.prepared)),
                _signature("检查人", data.checker, "检查日期", ""),
                replace(_wide_fact("立卷单位\n（盖章）", data.agency), least=34 * MM),
            ],
        )
    )


def _period(data: DossierData) -> str:
    days = (chinese_date(data.started), chinese_date(data.ended))
    return "至".join(days) if any(days) else ""


def _cover_row(name: str, value: str, air: float) -> Row:
    return Row((text_cell(name, _COVER_LABEL), text_cell(value, _COVER_TEXT)), least=11 * MM * air)


def _none(table: TableStyle, text: str) -> Row:
    return Row((text_cell(text, CENTER_CELL, span=len(table.widths)),))


def _texts(number: str, *texts: str) -> Row:
    return Row((text_cell(number, CENTER_CELL), *(text_cell(text, TEXT_CELL) for text in texts)))


def _facts(*pairs: str) -> Row:
    """Return a row of labels and values by turns."""
    cells = (
        text_cell(text, TEXT_CELL if place % 2 else LABEL_CELL, shaded=not place % 2)
        for place, text in enumerate(pairs)
    )
    return Row(tuple(cells))


def _wide_fact(name: str, value: str) -> Row:
    return Row((text_cell(name, LABEL_CELL, shaded=True), text_cell(value, TEXT_CELL, span=3)))


def _signature(*pairs: str) -> Row:
    return replace(_facts(*pairs), least=16 * MM)


def _fact_rows(data: DossierData) -> list[Row]:
    pairs = [
        ("案卷号", data.number),
        ("合同类别", data.contract_type),
        ("合同编号", data.contract_number),
        ("合同登记编号", data.registration_number),
        ("签订日期", chinese_date(data.signed)),
        ("履行期限", _period(data)),
        *data.facts,
    ]
    short = [pair for pair in pairs if len(pair[1]) <= _SHORT]
    rows = [_facts(*left, *right) for left, right in zip(short[::2], short[1::2], strict=False)]
    wide = [("项目名称", data.title), *(pair for pair in pairs if len(pair[1]) > _SHORT)]
    alone = short[len(rows) * 2 :]
    return [_wide_fact(*wide[0]), *rows, *(_wide_fact(*pair) for pair in (*alone, *wide[1:]))]


def _party_rows(data: DossierData) -> list[Row]:
    return [
        Row(
            (
                text_cell(party.role, CENTER_CELL),
                text_cell(party.name, TEXT_CELL),
                text_cell(party.credit_code, CENTER_CELL),
                text_cell(party.nature, CENTER_CELL),
                text_cell(party.region, CENTER_CELL),
                text_cell("\n".join(filter(None, (party.contact, party.phone))), CENTER_CELL),
            )
        )
        for party in data.parties
    ]


def _amount_rows(data: DossierData) -> list[Row]:
    return [
        Row(
            (
                text_cell(amount.name, LABEL_CELL),
                text_cell(amount.yuan, FIGURE_CELL),
                text_cell(amount.capitals, TEXT_CELL),
                text_cell(amount.note, TEXT_CELL),
            )
        )
        for amount in data.amounts
    ]


def _payment_rows(data: DossierData) -> list[Row]:
    return [
        Row(
            (
                text_cell(str(place), CENTER_CELL),
                text_cell(payment.term, TEXT_CELL),
                text_cell(payment.due.isoformat() if payment.due else "", CENTER_CELL),
                text_cell(payment.due_yuan, FIGURE_CELL),
                text_cell(payment.paid.isoformat() if payment.paid else "", CENTER_CELL),
                text_cell(payment.paid_yuan, FIGURE_CELL),
                text_cell("\n".join(filter(None, (payment.voucher, payment.note))), TEXT_CELL),
            )
        )
        for place, payment in enumerate(data.payments, start=1)
    ]
