"""A sheet exists so that a note, minutes or a statement that is only text can be filed as a page."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from desktop.documents.flow import Space
from desktop.documents.fonts import DRAWING
from desktop.documents.page import Info, flow_pages, write_pdf
from desktop.documents.paragraph import ZhParagraph
from desktop.documents.preflight import label, require_glyphs
from desktop.documents.styles import BODY
from desktop.documents.styles import title as title_block

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sheet:
    title: str = field(metadata=label("标题"))
    paragraphs: tuple[str, ...] = field(metadata=label("正文"))
    author: str = field(metadata=label("责任者"))


def draw_sheet(*, title: str, paragraphs: Sequence[str], author: str, day: dt.date) -> bytes:
    """Return a PDF of a title and paragraphs on GB/T 9704 pages, without numbers: the dossier adds its own.

    Raises MissingGlyph when a character is in no font.
    """
    require_glyphs(_Sheet(title=title, paragraphs=tuple(paragraphs), author=author))
    with DRAWING:
        blocks = [title_block(title), Space(12), *(ZhParagraph(text, BODY) for text in paragraphs)]
        pages = [dataclasses.replace(page, numbered=False) for page in flow_pages(blocks)]
        return write_pdf(pages, Info(title, author, "", day))
