"""A line set wide still reads back as it was typed, in a reader that drops what ActualText cannot tell it."""

from __future__ import annotations

import datetime as dt

import pytest

from desktop.documents.fonts import DRAWING, SONG, chain
from desktop.documents.page import Info, flow_pages, write_pdf
from desktop.documents.paragraph import Style, ZhParagraph
from desktop.documents.text_operators import line_operators

INFO = Info("标题", "单位", "主题", dt.date(2026, 3, 5))
NAMES = "𬭳、𫖯、𬱖䲟和𬤇𬭳𬱖参加ABC𬭳123班，"
SIZE = 12.0


CODES = {c: ("F", c.encode("utf-16-be").hex()) for c in NAMES + "甲乙丙丁"}


@pytest.mark.parametrize("length", range(1, 40, 3))
def test_names_beyond_the_first_plane_read_back_from_spread_lines(read_pages, length):
    text = ("中国技术转移" * 9)[:length] + NAMES * 12
    with DRAWING:
        pages = flow_pages([ZhParagraph(text, Style(size=SIZE, leading=20))])
        document = write_pdf(pages, INFO)
    assert "".join(read_pages(document)).startswith(text)


def test_a_line_with_such_a_character_has_no_gap_that_would_have_to_be_told():
    paragraph = ZhParagraph(NAMES * 40, Style(size=SIZE, leading=20))
    for line in paragraph.lines(200):
        told = "ActualText" in line_operators((0, 0), line.runs, (0, 0, 0), SIZE, CODES)
        assert not (told and max(line.text) > "\uffff")


def test_a_line_set_wide_is_told():
    written = line_operators((0, 0), [(0, "甲"), (3, "乙丙"), (0.5, "丁")], (0, 0, 0), SIZE, CODES)
    told = written.split("/ActualText <feff")[1].split(">")[0]
    assert bytes.fromhex(told).decode("utf-16-be") == "甲乙丙丁"
    assert written.endswith("ET EMC")


def test_a_spread_line_is_as_wide_as_its_column():
    paragraph = ZhParagraph("参加𬭳班的人数" * 30, Style(size=SIZE, leading=20))
    *full, _ = paragraph.lines(203)
    assert chain(SONG).stringWidth("参", SIZE) == SIZE
    assert all(line.width == pytest.approx(203) for line in full)
