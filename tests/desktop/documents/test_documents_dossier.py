"""A dossier must be bound in order and numbered throughout, whatever the files in it are like."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from desktop.documents import deal_dossier
from desktop.documents.attachments import read_attachment
from desktop.documents.binding import HELD_AT_MOST
from desktop.documents.deal_dossier import (
    DossierAmount,
    DossierData,
    DossierFile,
    DossierParty,
    DossierPayment,
    DossierSection,
    ExemptItem,
    MissingItem,
    write_dossier,
)
from desktop.documents.fonts import MissingGlyph
from desktop.documents.page import A4, Info, flow_pages, write_pdf
from desktop.documents.paragraph import ZhParagraph
from desktop.documents.shelf import Shelf
from tests.conformance import assert_archival
from tests.hostile import bomb_png, pdf_without_its_font
from tests.signers import signer_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from desktop.documents.attachments import Attachment


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
    return DossierFile(name=name, media_type=media_type, read=lambda: data, **more)


def content(held: DossierFile) -> bytes:
    assert held.read
    return held.read()


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
    exempt=(ExemptItem(number="19", title="技术进出口许可", reason="双方均为境内单位"),),
    compiler="王䶮",
    checker="李喆",
    note="原件存学校。",
)


@pytest.fixture
def bind(tmp_path: Path) -> Callable[..., bytes]:
    """Return a function that writes a dossier and returns the file."""

    def write(data: DossierData, **more: Any) -> bytes:
        path = tmp_path / "案卷.pdf"
        write_dossier(data, path, **more)
        return path.read_bytes()

    return write


@pytest.fixture
def read_file(tmp_path: Path) -> Iterator[Callable[[DossierFile], Attachment]]:
    """Return a function that prepares one file for binding."""
    with Shelf(tmp_path) as shelf:
        yield lambda file: read_attachment(file, shelf)


def with_file(*files: DossierFile) -> DossierData:
    return replace(DOSSIER, sections=(DossierSection(number="1", title="材料", files=files),))


def test_it_is_bound_in_order_and_numbered_throughout(bind, read_pages):
    front, body = ("技术交易案卷", "卷内目录"), ("交易概况", "第一条", "第二条", "照片.png", "缺件清单")
    pages = read_pages(bind(DOSSIER))
    assert len(pages) == len(front) + len(body) + 1
    for mark, page in zip((*front, *body, "卷内备考表"), pages, strict=True):
        assert mark in page
    for number, page in enumerate(pages[2:-1], start=1):
        assert f"第 {number} 页　共 {len(body)} 页" in page
    for page in (*pages[:2], pages[-1]):  # GB/T 11822-2008: they bear no number of the body
        assert "共" not in page or "页　共" not in page
    assert pages[1].endswith("ii")


def test_its_own_sheets_say_everything(bind, read_pages):
    cover, contents, facts, *_, missing, closing = read_pages(bind(DOSSIER))
    for text in ("2026-JY-0012", DOSSIER.title, "让与方：大连某大学", "永久", "2026年3月6日至2028年3月4日"):
        assert text in cover
    assert "成交额：12,805,000.00元（壹仟贰佰捌拾万伍仟元整）" in cover
    assert "转让合同" in contents
    assert "2-3" in contents  # the contract's pages
    for text in ("2026210200001234", "12100000422430895U", "陈𬭳", "12,000,000.00", "尚未付款"):
        assert text in facts
    for text in ("2027-03-01", "回单01", "新能源"):
        assert text in facts
    assert "公示材料" in missing
    assert "《促进科技成果转化法》第十八条" in missing
    for text in ("不适用材料清单", "技术进出口许可", "双方均为境内单位"):
        assert text in missing
    for text in ("2件", "5页", "缺少的材料1项", "王䶮", "李喆", "原件存学校。", "盖章"):
        assert text in closing


def test_bookmarks_form_the_tree_of_the_dossier(bind):
    with pikepdf.open(io.BytesIO(bind(DOSSIER))) as pdf:
        tree = {str(item.title): [str(c.title) for c in item.children] for item in pdf.open_outline().root}
    assert list(tree) == [
        "技术交易案卷",
        "卷内目录",
        "交易概况",
        "15 合同",
        "20 交付",
        "缺件清单",
        "不适用材料清单",
        "卷内备考表",
    ]
    assert tree["15 合同"] == ["转让合同"]
    assert tree["交易概况"] == ["一、合同要素", "二、当事人", "三、金额", "四、收付款"]


def test_the_same_dossier_is_the_same_file(bind):
    assert bind(DOSSIER) == bind(DOSSIER)


def test_an_empty_dossier_can_be_bound(bind, read_pages):
    empty = DossierData(
        title="无",
        number="",
        agency="甲",
        contract_type="",
        prepared=dt.date(2026, 1, 1),
        started=dt.date(2026, 1, 1),
    )
    pages = read_pages(bind(empty))
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
        (DossierFile(name="（纸质件）"), "只有纸质原件"),
    ],
)
def test_a_file_that_cannot_be_bound_is_named_with_the_reason(bind, attachment, reason, read_pages):
    pages = read_pages(bind(with_file(attachment, file("好.pdf", pdf_of("好的合同")))))
    sheet, good = pages[3:5]
    assert attachment.name in sheet
    assert reason in sheet
    if attachment.read is not None:
        assert hashlib.sha256(attachment.read()).hexdigest() in sheet
    assert "好的合同" in good
    assert "1件未能完整装订" in pages[-1]


def test_a_mended_pdf_is_bound_behind_a_warning(bind, read_pages):
    torn = file("缺.pdf", pdf_of("合同正文")[:-200])
    pages = read_pages(bind(with_file(torn, file("好.pdf", pdf_of("好的合同")))))
    assert "结构有缺损" in pages[3]
    assert "缺.pdf" in pages[3]
    assert "合同正文" in pages[4]
    assert "好的合同" in pages[5]


def test_a_file_that_is_gone_is_named(bind, tmp_path, read_pages):
    gone = DossierFile(name="丢失.pdf", read=(tmp_path / "nowhere.pdf").read_bytes)
    assert "不存在或无法读取" in read_pages(bind(with_file(gone)))[3]


def test_a_file_is_checked_against_its_fingerprint(bind, read_pages):
    content = pdf_of("合同正文")
    filed = file("合同.pdf", content, sha256=hashlib.sha256(content).hexdigest().upper())
    assert "合同正文" in read_pages(bind(with_file(filed)))[3]


def test_a_pdf_without_pages_is_named(read_file):
    buffer = io.BytesIO()
    with pikepdf.new() as pdf:
        pdf.save(buffer)
    assert "没有页面" in read_file(file("空.pdf", buffer.getvalue())).problem


def test_a_pdf_locked_only_against_changes_is_bound(bind, read_pages):
    locked = resaved(pdf_of("可读"), encryption=pikepdf.Encryption(owner="o", user=""))
    assert "可读" in read_pages(bind(with_file(file("锁.pdf", locked))))[3]


def test_a_turned_page_keeps_its_size_and_is_readable(bind, read_pages):
    buffer = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf_of("横放", size=(500, 800)))) as pdf:
        pdf.pages[0].rotate(90, relative=False)
        pdf.save(buffer)
    data = bind(with_file(file("横.pdf", buffer.getvalue())))
    assert "横放" in read_pages(data)[3]
    with pikepdf.open(io.BytesIO(data)) as pdf:
        assert [float(x) for x in pdf.pages[3].mediabox[2:]] == [800, 500]


def test_a_page_of_a_senseless_size_is_fitted_to_a4(read_file):
    attachment = read_file(file("巨.pdf", pdf_of("甲", size=(9000, 9000))))
    assert attachment.pages[0].size == A4


def test_a_seal_that_is_an_annotation_is_bound_with_its_page(bind, render):
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
    shown = render(bind(with_file(file("章.pdf", buffer.getvalue()))), page=3, width=595)
    assert shown.getpixel((250, 842 - 250)) == (255, 0, 0)


def test_a_scan_of_several_sheets_is_bound_sheet_by_sheet(read_file):
    buffer = io.BytesIO()
    Image.new("L", (300, 200), 128).save(
        buffer, "TIFF", save_all=True, append_images=[Image.new("L", (200, 300))]
    )
    attachment = read_file(file("扫描.tif", buffer.getvalue(), ""))
    assert [page.size for page in attachment.pages] == [(A4[1], A4[0]), A4]


def test_a_long_contents_list_does_not_shift_the_pages(bind, read_pages):
    files = tuple(file(f"合同{n}.pdf", pdf_of(f"正文{n}。"), title=f"合同{n}" * 6) for n in range(60))
    pages = read_pages(bind(with_file(*files)))
    first = next(number for number, page in enumerate(pages, start=1) if "正文0。" in page)
    assert "正文59。" in pages[first + 58]
    contents = "".join(page for page in pages[:first] if "责任者" in page)
    assert str(first) in contents
    assert str(first + 59) in contents
    assert first > 4  # the list itself takes more than a page


def test_what_cannot_be_printed_is_refused_with_its_label(bind):
    with pytest.raises(MissingGlyph, match="材料 1 · 文件 1 · 文件名"):
        bind(with_file(file("🙂.pdf", pdf_of("甲"))))


def test_the_module_is_listed():
    assert deal_dossier.NAME == "dossier"
    assert deal_dossier.LABEL


def test_it_is_archival(bind):
    table = file("清单.csv", "序号,名称\n1,样机\n".encode() * 50, "text/csv")
    assert_archival(bind(replace(DOSSIER, sections=(*DOSSIER.sections, *with_file(table).sections))), "3b")


def test_a_signed_dossier_stays_archival_and_the_same(bind):
    signer = signer_of("p256")
    data = bind(DOSSIER, signer=signer)
    assert_archival(data, "3b", signed=True)
    with pikepdf.open(io.BytesIO(data)) as pdf:
        assert str(pdf.Root.AcroForm.Fields[0].FT) == "/Sig"
    assert data == bind(DOSSIER, signer=signer)


def enclosures(data: bytes) -> dict[str, tuple[str, str, bytes]]:
    """Return the relationship, media type and content of each file in a PDF by its name."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        names = list(pdf.Root.Names.EmbeddedFiles.Names)
        assert [spec.objgen for spec in names[1::2]] == [spec.objgen for spec in pdf.Root.AF]
        return {
            str(spec.UF): (str(spec.AFRelationship), str(spec.EF.F.Subtype), spec.EF.F.read_bytes())
            for spec in pdf.Root.AF
        }


def test_every_file_is_inside_as_it_was_filed(bind):
    plain, odd = file("表.csv", b"a,b\r" * 9000, "text/csv"), file("x.bin", bytes(range(256)) * 300, "odd")
    held = enclosures(bind(with_file(CONTRACT, PHOTO, plain, odd)))
    assert held["001 合同.pdf"] == ("/Source", "/application/pdf", content(CONTRACT))
    assert held["002 照片.png"] == ("/Source", "/image/png", content(PHOTO))
    assert held["003 表.csv"] == ("/Supplement", "/text/csv", content(plain))
    assert held["004 x.bin"] == ("/Supplement", "/application/octet-stream", content(odd))


def test_the_data_is_inside_as_json(bind):
    relationship, media_type, record = enclosures(bind(DOSSIER))["案卷数据.json"]
    told = json.loads(record)
    assert (relationship, media_type) == ("/Data", "/application/json")
    assert told["title"] == DOSSIER.title
    assert told["prepared"] == "2026-11-20"
    assert told["amounts"][0]["yuan"] == "12,805,000.00"
    (contract,) = told["sections"][0]["files"]
    assert (contract["first_page"], contract["pages"], contract["problem"]) == (2, 2, "")
    assert contract["sha256"] == hashlib.sha256(content(CONTRACT)).hexdigest()
    assert not {"read", "prepared"} & set(contract)


def test_viewers_count_as_the_sheets_do(bind):
    with pikepdf.open(io.BytesIO(bind(DOSSIER))) as pdf:
        assert [str(page.label) for page in pdf.pages] == ["i", "ii", "1", "2", "3", "4", "5", "备考表"]


def test_a_line_of_the_contents_leads_to_its_page(bind):
    with pikepdf.open(io.BytesIO(bind(DOSSIER))) as pdf:
        numbers = {page.obj.objgen: number for number, page in enumerate(pdf.pages)}
        targets = [numbers[link.Dest[0].objgen] for link in pdf.pages[1].Annots]
    assert targets == [2, 2, 3, 3, 5, 5, 6, 6]  # title and page number of each line


def test_a_hostile_file_is_neither_bound_nor_inside(bind, read_pages):
    bomb = file("弹.png", bomb_png(), "image/png")
    data = bind(with_file(bomb, CONTRACT))
    sheet = read_pages(data)[3]
    assert "未通过安全检查" in sheet
    assert "像素" in sheet
    assert list(enclosures(data)) == ["002 合同.pdf", "案卷数据.json"]


def test_what_an_archive_refuses_is_bound_as_a_picture_and_said(bind, read_pages, render):
    unfit = file("字体.pdf", pdf_without_its_font())
    data = bind(with_file(unfit))
    assert_archival(data, "3b")
    assert "1件含不能直接归档的页面" in read_pages(data)[-1]
    assert render(data, page=3).getextrema() != ((255, 255),) * 3
    assert enclosures(data)["001 字体.pdf"][2] == content(unfit)


def test_a_prepared_copy_is_bound_and_the_original_kept(bind, read_pages):
    copy, original = pdf_of("副本的页面"), b"PK not a PDF at all"
    held = DossierFile(name="合同.wps", read=lambda: original, prepared=lambda: copy)
    data = bind(with_file(held))
    assert "副本的页面" in read_pages(data)[3]
    assert enclosures(data)["001 合同.wps"][2] == original


def test_a_dossier_larger_than_its_share_of_memory_goes_over_the_disk(bind, read_pages):
    noise = hashlib.shake_128(b"noise").digest(HELD_AT_MOST // 3)
    heavy = [file(f"{n}.bin", noise[n:]) for n in range(4)]
    with_text = replace(with_file(CONTRACT, *heavy, PHOTO), missing=DOSSIER.missing)
    data = bind(with_text)
    assert "第一条" in read_pages(data)[3]
    assert enclosures(data)["004 2.bin"][2] == noise[2:]
    assert data == bind(with_text)


def test_a_disk_error_leaves_nothing_behind(bind, tmp_path, monkeypatch):
    def fail(*_args: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr("desktop.documents.binding.fill_file", fail)
    monkeypatch.setattr("desktop.documents.binding._close_streams", fail)
    with pytest.raises(OSError, match="no space"):
        bind(DOSSIER)
    assert list(tmp_path.iterdir()) == []


def test_a_long_cover_stays_one_page(bind, read_pages):
    long = "大连高新技术产业园区氢能与燃料电池关键材料产业技术创新战略联盟秘书处暨技术转移中心"
    pages = read_pages(bind(replace(DOSSIER, title=long * 2, agency=long)))
    assert "立卷日期" in pages[0]
    assert "卷内目录" in pages[1]


def test_a_cell_of_forty_lines_and_sixty_files_are_bound(bind, read_pages):
    lines = "\n".join(f"第{n}项说明。" for n in range(40))
    files = tuple(file(f"{n}.pdf", content(CONTRACT), note=lines if n == 7 else "") for n in range(60))
    pages = read_pages(bind(replace(with_file(*files), note=lines)))
    assert sum("第一条" in page for page in pages) == 60
    assert "第39项说明。" in "".join(pages[-2:])


@settings(max_examples=15)
@given(data=st.data())
def test_no_damage_to_a_file_keeps_the_dossier_from_being_archival(data, tmp_path_factory):
    sound = data.draw(st.sampled_from([content(CONTRACT), content(PHOTO), pdf_without_its_font()]))
    damaged = bytearray(sound)
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(8, len(damaged) - 1))
        damaged[place : place + data.draw(st.integers(1, 60))] = data.draw(st.binary(max_size=60))
    kind = "application/pdf" if sound.startswith(b"%PDF") else "image/png"
    path = tmp_path_factory.mktemp("dossier") / "案卷.pdf"
    write_dossier(with_file(file("坏", bytes(damaged), kind), CONTRACT), path)
    assert_archival(path.read_bytes(), "3b")
