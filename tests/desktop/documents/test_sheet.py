"""A sheet of text prints its words, and the same words give the same bytes."""

from __future__ import annotations

import datetime as dt

import pytest

from desktop.documents.fonts import MissingGlyph
from desktop.documents.sheet import draw_sheet

DAY = dt.date(2026, 3, 5)


def test_the_words_stand_on_the_page_without_a_number(read_pages):
    pdf = draw_sheet(
        title="会议纪要", paragraphs=("参会：李㛃、赵𬭳。", "无异议。"), author="示例中心", day=DAY
    )
    words = "".join(read_pages(pdf))
    assert all(part in words for part in ("会议纪要", "李㛃、赵𬭳", "无异议"))
    assert "共 1 页" not in words


def test_the_same_sheet_is_the_same_file():
    once, again = (draw_sheet(title="题", paragraphs=("文",), author="者", day=DAY) for _ in range(2))
    assert once == again


def test_a_character_in_no_font_is_named():
    with pytest.raises(MissingGlyph, match="U\\+3134F"):
        draw_sheet(title="题", paragraphs=("\U0003134f",), author="者", day=DAY)
