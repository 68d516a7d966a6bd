"""The structure tree must hold every word once, in reading order, however the blocks fall on pages."""

from __future__ import annotations

import datetime as dt
import io
import itertools
import re
from typing import Any

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop.documents.archive import Conformance, Info
from desktop.documents.checkbox import CheckBoxes
from desktop.documents.flow import Block, PageBreak, Space
from desktop.documents.formtable import Cell, FormTable, Row, TableStyle, text_cell
from desktop.documents.page import MM, flow_pages, write_pdf
from desktop.documents.paragraph import Style, ZhParagraph
from desktop.documents.styles import BODY, LABEL_CELL, TEXT_CELL, heading, title
from desktop.documents.tags import artifact, pdf_text, tagged
from tests.structure import flat, named, roles, tree, words

INFO = Info("题名", "责任者", "主题", dt.date(2026, 3, 1))
GROUPED = TableStyle((30 * MM, 40 * MM, 86 * MM), ("组", "名称", "内容"), LABEL_CELL, grouped=True)
PLAIN = TableStyle((40 * MM, 116 * MM), labels=LABEL_CELL)


def made(*blocks: Block, conformance: Conformance = Conformance.A2A) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(write_pdf(flow_pages(blocks), INFO, conformance=conformance)))


def test_headings_paragraphs_and_boxes_stand_in_reading_order():
    boxes = CheckBoxes((("甲", True), ("乙", False)), TEXT_CELL)
    with made(
        title("题目"), heading("一、"), ZhParagraph("正文", BODY), boxes, ZhParagraph("尾", BODY)
    ) as pdf:
        whole = tree(pdf)
        alternatives = [str(e.Alt) for e in pdf.objects if is_figure(e)]
    assert words(whole) == "题目一、正文甲乙尾"
    assert roles(whole) == [
        "/Document", ["/H1"], ["/H2"], ["/P"], ["/Figure"], ["/Span"], ["/Figure"], ["/Span"], ["/P"],
    ]  # fmt: skip
    assert alternatives == ["已选", "未选"]


def is_figure(thing: Any) -> bool:
    return isinstance(thing, pikepdf.Dictionary) and thing.get("/S") == "/Figure"


def test_a_heading_level_that_skips_one_is_raised():
    with made(heading("深", 2), heading("更深", 5), heading("浅", 0), heading("跳", 3)) as pdf:
        assert [kid[0] for kid in tree(pdf)[1]] == ["/H1", "/H2", "/H1", "/H2"]


def test_a_paragraph_on_two_pages_is_one_element():
    with made(ZhParagraph("长" * 3000, BODY), ZhParagraph("短", BODY)) as pdf:
        assert len(pdf.pages) > 2
        long, short = tree(pdf)[1]
    assert (words(long), words(short)) == ("长" * 3000, "短")
    assert len(long[1]) > 2


def test_a_table_over_pages_is_one_table_with_its_header_once():
    rows = [
        Row((text_cell(f"名{n}", TEXT_CELL, shaded=True), text_cell("内容" * 40, TEXT_CELL)), f"组{n // 20}")
        for n in range(60)
    ]
    tall = Row(
        (text_cell("高", TEXT_CELL), text_cell("\n".join("行" * 9 for _ in range(80)), TEXT_CELL)), "尾"
    )
    with made(title("表"), FormTable(GROUPED, [*rows, tall])) as pdf:
        assert len(pdf.pages) > 3
        (table,) = named(tree(pdf), "/Table")
        attributes = [e.A for e in pdf.objects if isinstance(e, pikepdf.Dictionary) and e.get("/S") == "/TH"]
    assert [kid[0] for kid in table[1]] == ["/TR"] * 62
    assert [words(cell) for cell in table[1][0][1]] == ["组", "名称", "内容"]
    groups = [row for row in table[1] if len(row[1]) == 3][1:]
    assert [words(row[1][0]) for row in groups] == ["组0", "组1", "组2", "尾"]
    assert all(len(row[1]) == 2 for row in table[1] if row not in groups and row is not table[1][0])
    assert words(table).count("行") == 720
    assert "（续）" not in words(table)
    assert sorted(int(a.RowSpan) for a in attributes if "/RowSpan" in a) == [1, 20, 20, 20]
    assert [str(a.Scope) for a in attributes].count("/Column") == 3


def test_a_cell_over_columns_says_so_and_an_empty_cell_stays_a_cell():
    rows = [Row((text_cell("合", TEXT_CELL, span=2),)), Row((text_cell("", TEXT_CELL), Cell(Space(5))))]
    with made(FormTable(PLAIN, rows)) as pdf:
        assert roles(tree(pdf)) == ["/Document", ["/Table", ["/TR", ["/TD"]], ["/TR", ["/TD"], ["/TD"]]]]
        (wide,) = [e for e in pdf.objects if isinstance(e, pikepdf.Dictionary) and "/A" in e]
    assert int(wide.A.ColSpan) == 2


class Odd(Space):
    """Draws an artifact that would tag itself, and elements that hold nothing."""

    def draw(self, canvas: Any, x: float, top: float, width: float) -> None:
        with artifact(canvas):
            ZhParagraph("重复", BODY).draw(canvas, x, top, width)
        with tagged(canvas, "L"), tagged(canvas, "LI"):
            canvas.rect(x, top, 10, 10)
        with tagged(canvas, "P"):
            pass


def test_what_is_repeated_or_empty_is_no_element():
    with made(Odd(20), ZhParagraph("正文", BODY)) as pdf:
        assert roles(tree(pdf)) == ["/Document", ["/P"]]


def test_a_dossier_carries_no_tags_and_needs_none():
    with made(title("案卷"), ZhParagraph("正文", BODY), Odd(20), conformance=Conformance.A3B) as pdf:
        assert "/StructTreeRoot" not in pdf.Root
        assert "/MarkInfo" not in pdf.Root
        assert b"BDC" not in pdf.pages[0].Contents.read_bytes()


def test_text_strings_hold_any_character():
    assert bytes.fromhex(pdf_text("甲𬭳")[1:-1]).decode("utf-16") == "甲𬭳"


texts = st.text(st.sampled_from("技术转移甲乙，。（）A1 \n"), max_size=300)
cells = st.builds(text_cell, texts, st.just(TEXT_CELL), shaded=st.booleans(), top=st.booleans())
rows = st.builds(lambda a, b, g: Row((a, b), g), cells, cells, st.sampled_from(("甲组", "乙组", "")))
lines = texts.map(lambda text: text.replace("\n", "") or "甲")
options = st.lists(st.tuples(lines, st.booleans()), max_size=4).map(tuple)
blocks = st.one_of(
    st.builds(heading, lines, st.integers(0, 4)),
    st.builds(ZhParagraph, texts.map(lambda text: text * 8), st.sampled_from((BODY, Style()))),
    st.builds(lambda made: FormTable(GROUPED, made), st.lists(rows, min_size=1, max_size=9)),
    st.builds(CheckBoxes, options, st.just(TEXT_CELL)),
    st.just(PageBreak()),
)


@settings(max_examples=25, deadline=None)
@given(st.lists(blocks, min_size=1, max_size=8))
def test_every_document_holds_each_word_once(drawn):
    with made(*drawn) as pdf:
        whole = tree(pdf)
        for row in named(whole, "/TR"):
            assert {kid[0] for kid in row[1]} <= {"/TD", "/TH"}
    levels = [int(role[0][2]) for role in flat(whole) if re.fullmatch(r"/H\d", role[0])]
    assert all(after <= before + 1 for before, after in itertools.pairwise([0, *levels]))


@pytest.mark.parametrize("conformance", Conformance)
def test_the_same_pages_are_the_same_file(conformance):
    pages = flow_pages([title("题目"), ZhParagraph("正文" * 900, BODY)])
    assert write_pdf(pages, INFO, conformance=conformance) == write_pdf(pages, INFO, conformance=conformance)
