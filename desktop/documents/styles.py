"""Styles exist so that every form and dossier speaks in the same type: 宋体 for content, 黑体 for headings.

Sizes follow GB/T 9704-2012: 2号 (22 pt) for the title, 3号 (15.75 pt) down to 5号 (10.5 pt) below it.
"""

from __future__ import annotations

from desktop.documents.flow import Heading
from desktop.documents.fonts import HEI, KAI, SONG_BOLD
from desktop.documents.paragraph import GREY, Style, ZhParagraph

TITLE = Style(size=22, leading=32, align="center")
SUBTITLE = Style(size=12, leading=20, align="center")
HEADING = Style(HEI, size=13, leading=24, align="left")
BODY = Style(size=12, leading=21, indent=2)
NOTE = Style(size=9, leading=14, colour=GREY)

# An official paper has 22 lines of 28 characters in a type area of 225 by 156 mm (GB/T 9704-2012, 5.2.3), and
# 一、 in 黑体, （一） in 楷体 (7.3.3). There is no free 仿宋, so 宋体 is the body.
OFFICIAL_LINE = 28.98
OFFICIAL_TITLE = Style(SONG_BOLD, size=22, leading=36, align="center")
OFFICIAL_FIRST = Style(HEI, size=15.75, leading=OFFICIAL_LINE, indent=2)
OFFICIAL_SECOND = Style(KAI, size=15.75, leading=OFFICIAL_LINE, indent=2)
OFFICIAL_BODY = Style(size=15.75, leading=OFFICIAL_LINE, indent=2)

LABEL_CELL = Style(HEI, size=9, leading=13.5, align="center", gap=0)
TEXT_CELL = Style(size=9, leading=13.5, align="left", gap=0.125)
CENTER_CELL = Style(size=9, leading=13.5, align="center", gap=0)
FIGURE_CELL = Style(size=9, leading=13.5, align="right", gap=0)


def title(text: str) -> Heading:
    """Return the title of a document or of one of its parts; it is a top bookmark."""
    return Heading(ZhParagraph(text, TITLE))


def heading(text: str, level: int = 1) -> Heading:
    """Return a heading 一、…, a bookmark at ``level`` (0 is the top)."""
    return Heading(ZhParagraph(text, HEADING), level)
