"""A dossier must be bound in order and numbered throughout, whatever the files in it are like."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
from dataclasses import replace
from typing import Any

import pikepdf
import pytest
from PIL import Image

from desktop.documents import deal_dossier
from desktop.documents.attachments import read_attachment
from desktop.documents.deal_dossier import (
    DossierAmount,
    DossierData,
    DossierFile,
    DossierParty,
    DossierPayment,
    DossierSection,
    MissingItem,
    draw_dossier,
    write_dossier,
)
from desktop.documents.fonts import MissingGlyph
from desktop.documents.page import A4, Info, flow_pages, write_pdf
from desktop.documents.paragraph import ZhParagraph


def pdf_of(*texts: str, size: tuple[float, float] = A4) -> bytes:
    pages = [replace(flow_pages([ZhParagraph(text)])[0], numbered=False, size=size) for text in texts]
    return write_pdf(pages, Info("合同", "甲", "", dt.date(2026, 1, 1)))


def resaved(data: bytes, **options: Any) -> bytes:
    buffer = io.BytesIO()
    with pikepdf.open(io.BytesIO(data)) as pdf:
        pdf.save(buffer, **options)
    return buffer.getvalue()


def picture(size: tuple[int, int], kind: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, "teal").save(buffer, kind)
    return buffer.getvalue()


def file(name: str, data: bytes, media_type: str = "application/pdf", **more: Any) -> DossierFile:
    return DossierFile(name=name, media_type=media_type, data=data, **more)


CONTRACT = file("合同.pdf", pdf_of("第一条", "第二条"), title="转让合同")
PHOTO = file("照片.png", picture((400, 300)), "image/png")
DOSSIER = DossierData(
    title="一种膜电极制备方法专利权转让",
    number="2026-JY-0012",
    agency="大连某某技术转移中心",
    contract_type="技术转让合同",
    prepared=dt.date(2026, 11, 20),
    contract_number="ZR-2026-012",
    registration_number="2026210200001234",
    retention="永久",
    signed=dt.date(2026, 3, 5),
    started=dt.date(2026, 3, 6),
    ended=dt.date(2028, 3, 4),
    parties=(
        DossierParty(role="让与方", name="大连某大学", credit_code="12100000422430895U", contact="陈𬭳"),
        DossierParty(role="受让方", name="氢能科技公司", phone="138****1234"),
    ),
    amounts=(
        DossierAmount(name="成交额", yuan="12,805,000.00", capitals="壹仟贰佰捌拾万伍仟元整"),
        DossierAmount(name="技术交易额", yuan="12,000,000.00"),
        DossierAmount(name="实际成交额", note="尚未付款"),
    ),
    payments=(
        DossierPayment(term="首付款", due=dt.date(2026, 3, 19), due_yuan="6,000,000.00"),
        DossierPayment(term="尾款", paid=dt.date(2027, 3, 1), paid_yuan="6,805,000.00", voucher="回单01"),
    ),
    facts=(("技术领域", "新能源"),),
    sections=(
        DossierSection(number="15", title="合同", files=(CONTRACT,)),
        DossierSection(number="20", title="交付", files=(PHOTO,)),
        DossierSection(number="21", title="发票"),
    ),
    missing=(MissingItem(number="12", title="公示材料", rule="《促进科技成果转化法》第十八条"),),
    compiler="王䶮",
    checker="李喆",
    note="原件存学校。",
)


def with_file(*files: DossierFile) -> DossierData:
    return replace(DOSSIER, sections=(DossierSection(number="1", title="材料", files=files),))


def test_it_is_bound_in_order_and_numbered_throughout(read_pages):
    pages = read_pages(draw_dossier(DOSSIER))
    marks = ("技术交易案卷", "卷内目录", "交易概况", "第一条", "第二条", "照片.png", "缺件清单", "卷内备考表")
    assert len(pages) == len(marks)
    for number, (mark, page) in enumerate(zip(marks, pages, strict=True), start=1):
        assert mark in page
        assert f"第 {number} 页　共 {len(marks)} 页" in page


def test_its_own_sheets_say_everything(read_pages):
    pages = read_pages(draw_dossier(DOSSIER))
    cover, contents, facts, *_, missing, closing = pages
    for text in ("2026-JY-0012", DOSSIER.title, "让与方：大连某大学", "永久", "2026年3月6日至2028年3月4日"):
        assert text in cover
    assert "成交额：12,805,000.00元（壹仟贰佰捌拾万伍仟元整）" in cover
    assert "转让合同" in contents
    assert "4-5" in contents  # the contract's pages
    for text in ("2026210200001234", "12100000422430895U", "陈𬭳", "12,000,000.00", "尚未付款"):
        assert text in facts
    for text in ("2027-03-01", "回单01", "新能源"):
        assert text in facts
    assert "公示材料" in missing
    assert "《促进科技成果转化法》第十八条" in missing
    for text in ("2件", "8页", "缺少的材料1项", "王䶮", "李喆", "原件存学校。"):
        assert text in closing


def test_bookmarks_form_the_tree_of_the_dossier():
    with pikepdf.open(io.BytesIO(draw_dossier(DOSSIER))) as pdf:
        tree = {str(item.title): [str(c.title) for c in item.children] for item in pdf.open_outline().root}
    assert list(tree) == [
        "技术交易案卷",
        "卷内目录",
        "交易概况",
        "15 合同",
        "20 交付",
        "缺件清单",
        "卷内备考表",
    ]
    assert tree["15 合同"] == ["转让合同"]
    assert tree["交易概况"] == ["一、合同要素", "二、当事人", "三、金额", "四、收付款"]


def test_the_same_dossier_is_the_same_file():
    assert draw_dossier(DOSSIER) == draw_dossier(DOSSIER)


def test_it_is_written_to_a_file(tmp_path):
    path = tmp_path / "案卷.pdf"
    write_dossier(DOSSIER, path)
    assert path.read_bytes() == draw_dossier(DOSSIER)


def test_an_empty_dossier_can_be_bound(read_pages):
    empty = DossierData(
        title="无",
        number="",
        agency="甲",
        contract_type="",
        prepared=dt.date(2026, 1, 1),
        started=dt.date(2026, 1, 1),
    )
    pages = read_pages(draw_dossier(empty))
    assert len(pages) == 4
    assert "（卷内无文件）" in pages[1]
    assert "（未登记当事人）" in pages[2]
    assert "2026年1月1日至" in pages[0]


@pytest.mark.parametrize(
    ("attachment", "reason"),
    [
        (file("坏.pdf", b"%PDF-1.7 broken"), "已损坏"),
        (file("半.pdf", pdf_of("甲" * 500)[:2000]), "已损坏"),
        (file("密.pdf", resaved(pdf_of("甲"), encryption=pikepdf.Encryption(owner="o", user="u"))), "已加密"),
        (file("改.pdf", pdf_of("甲"), sha256="0" * 64), "不一致"),
        (file("坏.jpg", b"\xff\xd8\xff", "image/jpeg"), "图片无法读取"),
        (file("表.xlsx", b"PK", "application/vnd.ms-excel"), "不能装订成页"),
        (DossierFile(name="无.pdf"), "没有文件内容"),
    ],
)
def test_a_file_that_cannot_be_bound_is_named_with_the_reason(attachment, reason, read_pages):
    pages = read_pages(draw_dossier(with_file(attachment, file("好.pdf", pdf_of("好的合同")))))
    sheet, good = pages[3:5]
    assert attachment.name in sheet
    assert reason in sheet
    if attachment.data is not None:
        assert hashlib.sha256(attachment.data).hexdigest() in sheet
    assert "好的合同" in good
    assert "1件未能完整装订" in pages[-1]


def test_a_mended_pdf_is_bound_behind_a_warning(read_pages):
    torn = file("缺.pdf", pdf_of("合同正文")[:-200])
    pages = read_pages(draw_dossier(with_file(torn, file("好.pdf", pdf_of("好的合同")))))
    assert "结构有缺损" in pages[3]
    assert "缺.pdf" in pages[3]
    assert "合同正文" in pages[4]
    assert "好的合同" in pages[5]


def test_a_file_that_is_gone_is_named(tmp_path, read_pages):
    gone = DossierFile(name="丢失.pdf", path=tmp_path / "nowhere.pdf")
    assert "不存在或无法读取" in read_pages(draw_dossier(with_file(gone)))[3]


def test_a_file_is_read_from_its_path_and_checked(tmp_path, read_pages):
    path = tmp_path / "合同.pdf"
    path.write_bytes(pdf_of("合同正文"))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    filed = DossierFile(name="合同.pdf", path=path, sha256=digest.upper())
    assert "合同正文" in read_pages(draw_dossier(with_file(filed)))[3]


def test_a_pdf_without_pages_is_named():
    buffer = io.BytesIO()
    with pikepdf.new() as pdf:
        pdf.save(buffer)
    assert "没有页面" in read_attachment(file("空.pdf", buffer.getvalue())).problem


def test_a_pdf_locked_only_against_changes_is_bound(read_pages):
    locked = resaved(pdf_of("可读"), encryption=pikepdf.Encryption(owner="o", user=""))
    assert "可读" in read_pages(draw_dossier(with_file(file("锁.pdf", locked))))[3]


def test_a_turned_page_keeps_its_size_and_is_readable(read_pages):
    buffer = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf_of("横放", size=(500, 800)))) as pdf:
        pdf.pages[0].rotate(90, relative=False)
        pdf.save(buffer)
    data = draw_dossier(with_file(file("横.pdf", buffer.getvalue())))
    assert "横放" in read_pages(data)[3]
    with pikepdf.open(io.BytesIO(data)) as pdf:
        assert [float(x) for x in pdf.pages[3].mediabox[2:]] == [800, 500]


def test_a_page_of_a_senseless_size_is_fitted_to_a4():
    attachment = read_attachment(file("巨.pdf", pdf_of("甲", size=(9000, 9000))))
    assert attachment.pages[0].size == A4


def test_a_seal_that_is_an_annotation_is_bound_with_its_page(render):
    buffer = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf_of("盖章"))) as pdf:
        seal = pdf.make_stream(
            b"1 0 0 rg 0 0 100 100 re f",
            Type=pikepdf.Name.XObject,
            Subtype=pikepdf.Name.Form,
            BBox=[0, 0, 100, 100],
        )
        stamp = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot,
            Subtype=pikepdf.Name.Stamp,
            Rect=[200, 200, 300, 300],
            AP=pikepdf.Dictionary(N=seal),
        )
        pdf.pages[0].Annots = pdf.make_indirect(pikepdf.Array([pdf.make_indirect(stamp)]))
        pdf.save(buffer)
    shown = render(draw_dossier(with_file(file("章.pdf", buffer.getvalue()))), page=3, width=595)
    assert shown.getpixel((250, 842 - 250)) == (255, 0, 0)


def test_a_scan_of_several_sheets_is_bound_sheet_by_sheet():
    buffer = io.BytesIO()
    Image.new("L", (300, 200), 128).save(
        buffer, "TIFF", save_all=True, append_images=[Image.new("L", (200, 300))]
    )
    attachment = read_attachment(file("扫描.tif", buffer.getvalue(), ""))
    assert [page.size for page in attachment.pages] == [(A4[1], A4[0]), A4]


def test_a_long_contents_list_does_not_shift_the_pages(read_pages):
    files = tuple(file(f"合同{n}.pdf", pdf_of(f"正文{n}。"), title=f"合同{n}" * 6) for n in range(60))
    pages = read_pages(draw_dossier(with_file(*files)))
    first = next(number for number, page in enumerate(pages, start=1) if "正文0。" in page)
    assert "正文59。" in pages[first + 58]
    contents = "".join(page for page in pages[:first] if "责任者" in page)
    assert str(first) in contents
    assert str(first + 59) in contents
    assert first > 4  # the list itself takes more than a page


def test_what_cannot_be_printed_is_refused_with_its_label():
    with pytest.raises(MissingGlyph, match="材料 1 · 文件 1 · 文件名"):
        draw_dossier(with_file(file("🙂.pdf", pdf_of("甲"))))


def test_the_module_is_listed():
    assert deal_dossier.NAME == "dossier"
    assert deal_dossier.LABEL
