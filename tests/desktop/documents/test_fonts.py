"""Names must print and read back character for character, because a wrong name voids a certificate."""

from __future__ import annotations

import datetime as dt
import io
import threading
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pikepdf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.documents.flow import Space
from desktop.documents.fonts import (
    HEI,
    HEI_BOLD,
    KAI,
    KAI_BOLD,
    SONG,
    SONG_BOLD,
    Missing,
    MissingGlyph,
    chain,
    faces_used,
    font_record,
    missing_characters,
    printable,
)
from desktop.documents.page import Info, flow_pages, write_pdf
from desktop.documents.paragraph import Style, ZhParagraph
from desktop.documents.preflight import label, labelled_texts, require_glyphs

if TYPE_CHECKING:
    from desktop.documents.faces import FaceRecord

INFO = Info("题名", "作者", "主题", dt.date(2026, 4, 12))
# The General Standard Chinese Characters list goes beyond U+FFFF; these are used in names.
NAMES = ("赵㛃", "王䶮", "陈𬭳", "李喆", "阿卜杜热合曼·买买提吐尔逊江", "张堃", "𬱖", "鿍鿏")


def printed(*texts: str, style: Style | None = None) -> bytes:
    style = style or Style(align="left")
    return write_pdf(flow_pages([ZhParagraph(text, style) for text in texts]), INFO)


@pytest.mark.parametrize("font", [SONG, HEI, KAI, SONG_BOLD, HEI_BOLD, KAI_BOLD])
def test_every_name_reads_back_exactly(font, read_pages):
    (page,) = read_pages(printed(*NAMES, style=Style(font, align="left")))
    for name in NAMES:
        assert name in page


def test_all_fonts_are_embedded_with_a_unicode_map():
    with pikepdf.open(io.BytesIO(printed("技术转移ABC"))) as pdf:
        fonts = list(pdf.pages[0].Resources.Font.values())
        assert fonts
        for font in fonts:
            assert "/ToUnicode" in font
            assert font.DescendantFonts[0].FontDescriptor.FontFile3.Subtype == "/CIDFontType0C"


def test_a_character_of_another_face_comes_from_it(read_pages):
    assert chain(SONG).glyph("𰻞").face == 1  # Noto Serif SC lacks it, Noto Sans SC has it
    assert chain(SONG).faces[chain(SONG).glyph("𠮷").face] is chain(KAI).faces[0]  # only 楷体 has it
    assert "𰻞面𠮷" in read_pages(printed("𰻞面𠮷"))[0]


def test_the_faces_of_a_document_are_known_and_each_is_embedded_once():
    styles = [Style(name, align="left") for name in (SONG, HEI, KAI)]
    pages = flow_pages([ZhParagraph("王𰻞𠮷", style) for style in styles])
    seen: list[FaceRecord] = []

    def paint(canvas):
        pages[0].paint(canvas)
        seen.extend(faces_used(canvas))

    data = write_pdf([replace(pages[0], paint=paint, numbered=False)], INFO)
    assert set(seen) == set(font_record(SONG))
    with pikepdf.open(io.BytesIO(data)) as pdf:
        names = [str(font.BaseFont)[8:] for font in pdf.pages[0].Resources.Font.values()]
    assert sorted(names) == sorted(face.name for face in seen)


def test_characters_that_share_a_glyph_stay_apart(read_pages):
    # U+F9D0 is a compatibility form of 類 with the same outline.
    font = chain(SONG)
    pairs = [("類", "\uf9d0"), ("Ω", "\u2126"), ("Å", "\u212b"), ("ˉ", "\u00af")]
    shared = [(a, b) for a, b in pairs if font.find(a) and font.find(a) == font.find(b)]
    assert shared
    for one, other in shared:
        (page,) = read_pages(printed(f"甲{one}乙{other}丙"))
        assert f"甲{one}乙{other}丙" in page


def test_the_dash_is_one_stroke_and_reads_as_two_characters(read_pages):
    font = chain(SONG)
    assert font.stringWidth("——", 10) < 2 * font.stringWidth("—", 10)
    assert "甲——乙" in read_pages(printed("甲——乙"))[0]


def test_a_missing_glyph_is_an_error_never_a_box():
    with pytest.raises(MissingGlyph) as caught:
        printed("王𡋾")
    assert caught.value.missing == (Missing("", "𡋾", "U+212FE"),)
    with pytest.raises(MissingGlyph):
        chain(HEI).stringWidth("☑", 10)


def test_the_preflight_names_label_character_and_code_point():
    found = missing_characters([("姓名", "王𡋾𡋾"), ("备注", "☑ ok\n"), ("单位", "大连")])
    assert found == [Missing("姓名", "𡋾", "U+212FE"), Missing("备注", "☑", "U+2611")]
    assert str(found[0]) == "姓名：“𡋾”（U+212FE）"


def test_a_variation_selector_is_not_dropped_in_silence():
    found = missing_characters([("姓名", "葛\U000e0100明"), ("备注", "☑\ufe0f")])
    assert found == [
        Missing("姓名", "葛\U000e0100", "U+845B U+E0100"),
        Missing("备注", "☑\ufe0f", "U+2611 U+FE0F"),
    ]


def test_a_private_code_point_is_missing_even_where_a_font_has_it():
    assert [missing.code_point for missing in missing_characters([("姓名", "王\ue003\ue863")])] == [
        "U+E003",
        "U+E863",
    ]


def test_invisible_characters_and_odd_spaces_are_cleaned():
    assert printable("\ufeff甲\u200b乙\t丙\u00a0丁\r\n戊\r己") == "甲乙 丙 丁\n戊\n己"


@dataclass(frozen=True)
class _Leaf:
    name: str = field(metadata=label("名称"))
    hidden: str = ""


@dataclass(frozen=True)
class _Tree:
    title: str = field(metadata=label("题名"))
    leaves: tuple[_Leaf, ...] = field(metadata=label("项目"))
    marks: tuple[str, ...] = field(metadata=label("标记"))
    number: int = field(default=1, metadata=label("编号"))


def test_the_walk_names_each_text_by_its_place():
    tree = _Tree("甲", (_Leaf("乙"), _Leaf("丙", "☑")), ("丁",))
    assert list(labelled_texts(tree)) == [
        ("题名", "甲"),
        ("项目 1 · 名称", "乙"),
        ("项目 2 · 名称", "丙"),
        ("标记 1", "丁"),
    ]
    require_glyphs(tree)
    with pytest.raises(MissingGlyph, match="项目 1 · 名称"):
        require_glyphs(_Tree("甲", (_Leaf("☐"),), ()))


def test_equal_input_gives_equal_bytes_and_the_date_comes_from_the_argument():
    first, second = printed("甲"), printed("甲")
    assert first == second
    with pikepdf.open(io.BytesIO(first)) as pdf:
        assert str(pdf.docinfo["/CreationDate"]) == "D:20260412000000+08'00'"
        assert str(pdf.docinfo["/Title"]) == "题名"
        assert str(pdf.docinfo["/Author"]) == "作者"
        assert pdf.Root.Lang == "zh-CN"


def test_documents_may_be_made_from_several_threads_at_once():
    wanted = [printed(name) for name in NAMES]
    made: dict[int, bytes] = {}

    def work(number: int) -> None:
        made[number] = printed(NAMES[number])

    threads = [threading.Thread(target=work, args=(number,)) for number in range(len(NAMES))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [made[number] for number in range(len(NAMES))] == wanted


def test_a_document_of_more_than_a_hundred_characters_reads_back(read_pages):
    text = "".join(map(chr, range(0x4E00, 0x4E00 + 250)))
    assert "".join(read_pages(printed(text, style=Style(size=10, align="left")))).startswith(text)


def test_reportlab_can_draw_with_the_chain_itself(read_pages):
    page = flow_pages([Space(1)])[0]

    def paint(canvas):
        canvas.setFont(HEI, 12)
        canvas.drawString(100, 500, "甲𬭳乙")

    data = write_pdf([type(page)(paint)], INFO)
    assert "甲𬭳乙" in read_pages(data)[0]


@given(
    st.text(st.characters(min_codepoint=0x20, max_codepoint=0x2FFFF, exclude_categories=["Cs"]), max_size=20)
)
def test_whatever_the_preflight_lets_through_can_be_printed(text):
    if missing_characters([("", text)]):
        with pytest.raises(MissingGlyph):
            printed(text)
    else:
        assert printed(text).startswith(b"%PDF")
