"""Blocks and tables must fill pages without loss or overflow, since no one proof-reads a printed form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.documents.checkbox import CheckBoxes
from desktop.documents.fitting import TooMuchTextError, fit_box, fit_line
from desktop.documents.flow import Heading, PageBreak, Placed, Space, Together, Whole, compose
from desktop.documents.formtable import FormTable, Row, TableStyle, text_cell
from desktop.documents.paragraph import Style, ZhParagraph

if TYPE_CHECKING:
    from collections.abc import Sequence

SMALL = Style(size=10, leading=10, align="left")
WIDTH = 100.0  # ten hanzi


def lines(count: int) -> ZhParagraph:
    return ZhParagraph("甲" * 10 * count, SMALL)


def texts(page: Sequence[Placed]) -> list[str]:
    return [item.block.text for item in page if isinstance(item.block, ZhParagraph)]


@dataclass(frozen=True)
class Box(Whole):
    high: float

    def height(self, width: float) -> float:  # noqa: ARG002 - a block like any other
        return self.high

    def draw(self, canvas, x: float, top: float, width: float) -> None: ...


@given(
    st.lists(st.one_of(st.integers(1, 30).map(lines), st.floats(0, 50).map(Space), st.floats(1, 90).map(Box)))
)
def test_every_block_is_set_once_in_order_and_no_page_overflows(blocks):
    pages = compose(blocks, WIDTH, 100.0)
    for page in pages:
        below = 0.0
        for item in page:
            assert item.offset == pytest.approx(below)
            below += item.block.height(WIDTH)
        assert below <= 100.01
    printed = "".join(text for page in pages for text in texts(page))
    assert printed == "".join(block.text for block in blocks if isinstance(block, ZhParagraph))
    boxes = [item.block for page in pages for item in page if isinstance(item.block, Box)]
    assert boxes == [block for block in blocks if isinstance(block, Box)]


def test_an_empty_document_is_one_page():
    assert compose([], WIDTH, 100.0) == [[]]


def test_a_heading_goes_with_what_it_heads():
    heading = Heading(lines(1))
    first, second = compose([Box(80), Space(5), heading, Space(1), Box(30)], WIDTH, 100.0)
    assert [item.block for item in first] == [Box(80)]
    assert [item.block for item in second] == [heading, Space(1), Box(30)]


def test_space_vanishes_at_the_head_of_a_page_and_breaks_do_not_double():
    pages = compose(
        [PageBreak(), Space(9), Box(10), PageBreak(), PageBreak(), Space(9), Box(20)], WIDTH, 100.0
    )
    assert [[item.block for item in page] for page in pages] == [[Box(10)], [Box(20)]]


def test_a_block_higher_than_the_page_gets_one_to_itself():
    pages = compose([Box(10), Box(500), Box(10)], WIDTH, 100.0)
    assert [[item.block for item in page] for page in pages] == [[Box(10)], [Box(500)], [Box(10)]]
    heading = Heading(lines(1))
    assert len(compose([heading, Box(95)], WIDTH, 100.0)) == 2  # alone rather than over the edge


def test_blocks_kept_together_move_as_one_unless_they_fill_a_page():
    block = Together(lines(6), limit=90)
    assert [len(page) for page in compose([Box(50), block], WIDTH, 100.0)] == [1, 1]
    long = Together(lines(12), limit=90)
    assert [len(page) for page in compose([Box(50), long], WIDTH, 100.0)] == [2, 1]


@pytest.mark.parametrize(
    ("count", "room", "expected"),
    [
        (10, 55, (5, 5)),
        (10, 95, (8, 2)),  # no widow: two lines go over
        (10, 15, None),  # no orphan: one line does not stay behind
        (2, 15, None),  # a paragraph of two lines is all widow and orphan
        (10, 5, None),
        (3, 300, None),
    ],
)
def test_a_paragraph_is_divided_without_widow_or_orphan(count, room, expected):
    parts = lines(count).split(WIDTH, room)
    assert (parts and tuple(len(part.lines(WIDTH)) for part in parts)) == expected


def test_a_divided_paragraph_is_set_as_it_was():
    style = Style(size=10, leading=10, indent=2)
    whole = ZhParagraph("甲乙丙丁戊，" * 9 + "\n" + "己" * 25, style)
    for room in range(20, 100, 10):
        parts = whole.split(WIDTH, room)
        if parts:
            set_again = [line.runs for part in parts for line in part.lines(WIDTH)]
            assert set_again == [line.runs for line in whole.lines(WIDTH)]


def test_a_paragraph_is_cut_short_with_an_ellipsis():
    assert lines(2).shortened(WIDTH, 20) == lines(2)
    short = lines(5).shortened(WIDTH, 20)
    assert len(short.lines(WIDTH)) == 2
    assert short.text.endswith("……")


def test_a_name_shrinks_then_takes_two_even_lines():
    style = Style(size=20, leading=24, align="left")
    assert fit_line("甲乙", style, 100).style.size == 20
    shrunk = fit_line("甲乙丙丁戊己", style, 100)
    assert len(shrunk.lines(100)) == 1
    assert 14 <= shrunk.style.size < 20
    two = fit_line("甲乙丙丁戊己庚辛壬癸子丑", style, 100)
    assert [line.text for line in two.lines(100)] == ["甲乙丙丁戊己", "庚辛壬癸子丑"]


def test_text_that_fits_in_no_type_is_refused():
    assert fit_box("甲" * 40, Style(size=20, leading=24), 100, 100).height(100) <= 100
    with pytest.raises(TooMuchTextError, match="放不下"):
        fit_box("甲" * 1500, SMALL, 100, 100)


def test_check_boxes_go_to_the_next_line():
    boxes = CheckBoxes((("A类", True), ("B类", False), ("C类", False)), SMALL)
    assert boxes.height(500) == 10
    assert boxes.height(60) == 30
    assert CheckBoxes((), SMALL).height(60) == 10


# -- form tables

TABLE = TableStyle((40.0, 60.0), header=("组", "内容"), labels=SMALL, grouped=True)


def row(text: str, group: str = "") -> Row:
    return Row((text_cell(text, SMALL),), group)


def rows_of(table: FormTable) -> str:
    contents = (cell.content for line in table._lines for cell in line.row.cells)
    return "".join(content.text for content in contents if isinstance(content, ZhParagraph))


def pages_of(table: FormTable, room: float) -> list[FormTable]:
    blocks = [page[0].block for page in compose([table], 100.0, room)]
    return [block for block in blocks if isinstance(block, FormTable)]


GROUPED = st.lists(st.tuples(st.sampled_from("甲乙丙"), st.integers(0, 120)), min_size=1, max_size=25)


@given(GROUPED, st.floats(150, 400))
def test_a_table_of_any_rows_loses_nothing_and_fits_every_page(sizes, room):
    table = FormTable(TABLE, [row("字" * size, group) for group, size in sizes])
    parts = pages_of(table, room)
    assert "".join(map(rows_of, parts)) == rows_of(table)
    assert all(part.height(100) <= room + 0.01 for part in parts)


def test_a_group_goes_on_over_the_page():
    table = FormTable(TABLE, [row("字", "甲")] * 12)
    first, second = pages_of(table, 150)
    assert [label.text for label, *_ in first._groups(99)] == ["甲"]
    assert [label.text for label, *_ in second._groups(99)] == ["甲（续）"]


def test_a_row_higher_than_the_page_is_divided_inside_its_cells():
    table = FormTable(TABLE, [row("字" * 5 * 40, "甲"), row("尾", "乙")])
    parts = pages_of(table, 200)
    assert len(parts) == 3
    assert rows_of(parts[-1]).endswith("尾")
    assert next(label.text for label, *_ in parts[1]._groups(99)) == "甲（续）"


def test_a_label_is_given_room_and_cut_short_before_it_fills_the_page():
    table = FormTable(TABLE, [row("字", "很长的组名" * 4)])
    assert table.height(100) > 18 + 18 + 30
    endless = FormTable(TABLE, [row("字", "长" * 3000)])
    assert endless.height(100) < 300


def test_a_row_that_cannot_be_divided_goes_to_the_next_page():
    fixed = Row((text_cell("字", SMALL),), "甲", least=120)
    table = FormTable(TABLE, [fixed, fixed])
    first, second = pages_of(table, 200)
    assert first.height(100) == second.height(100) == 18 + 120
    boxes = Row((text_cell("字" * 100, SMALL),), "甲")
    assert FormTable(TABLE, [boxes]).split(100, 20) is None


def test_a_label_that_needs_the_room_of_the_next_row_sends_that_row_on():
    tall = "组名很长要占四行的标签文字"  # higher than one row
    table = FormTable(TABLE, [row("字", "甲"), row("字", tall), row("字", tall)])
    room = table._header + 18 + 18 + 1
    parts = pages_of(table, room + 30)
    assert "".join(map(rows_of, parts)) == "字" * 3
    assert all(part.height(100) <= room + 30.01 for part in parts)
