"""An official paper must have the lines and characters that GB/T 9704-2012 counts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from desktop.documents.flow import compose
from desktop.documents.page import A4, MM, OFFICIAL
from desktop.documents.paragraph import ZhParagraph
from desktop.documents.styles import OFFICIAL_BODY, OFFICIAL_FIRST, OFFICIAL_SECOND

WIDTH, HEIGHT = A4[0] - OFFICIAL.left - OFFICIAL.right, A4[1] - OFFICIAL.top - OFFICIAL.bottom


@pytest.mark.parametrize("style", [OFFICIAL_BODY, OFFICIAL_FIRST, OFFICIAL_SECOND])
def test_a_page_has_22_lines_of_28_characters(style):
    assert pytest.approx(156 * MM) == WIDTH
    assert pytest.approx(225 * MM) == HEIGHT
    text = ZhParagraph("甲" * 28 * 50, replace(style, indent=0))
    assert {len(line.text) for line in text.lines(WIDTH)} == {28}
    pages = compose([text], WIDTH, HEIGHT)
    heights = [placed.block.height(WIDTH) for (placed,) in pages]
    assert heights == [pytest.approx(count * style.leading) for count in (22, 22, 6)]


def test_a_paragraph_starts_two_characters_in():
    first, second = ZhParagraph("甲" * 54, OFFICIAL_BODY).lines(WIDTH)
    assert (len(first.text), len(second.text)) == (26, 28)
