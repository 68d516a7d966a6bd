"""The page module exists so that every document has the same paper, margins, numbers, bookmarks and metadata.

Equal input gives equal bytes: the creation date is an argument and the file identifier comes from the
content.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from reportlab import rl_config
from reportlab.pdfgen.canvas import Canvas

from desktop.documents.flow import Block, Heading, Placed, compose
from desktop.documents.fonts import DRAWING, HEI, SONG
from desktop.documents.paragraph import Style, show_text

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Sequence

MM = 72 / 25.4  # points
A4 = (210 * MM, 297 * MM)

# ASCII-85 would make every picture and font a quarter larger.
rl_config.useA85 = 0

_NUMBER = Style(SONG, size=10.5, leading=14, align="center", gap=0)
_DRAFT = Style(HEI, size=150, leading=150, align="center", colour=(0.93, 0.90, 0.90))


class Bookmark(NamedTuple):
    """An entry of the bookmark tree: ``level`` counts from 0, ``top`` is the height on the page in points."""

    title: str
    level: int
    top: float


class Info(NamedTuple):
    """What the file says about itself; ``created`` is the day the document bears, not the clock's."""

    title: str
    author: str
    subject: str
    created: dt.date


@dataclass(frozen=True, slots=True)
class Margins:
    """Where the type area lies on the sheet, in points."""

    left: float = 28 * MM
    right: float = 26 * MM
    top: float = 37 * MM
    bottom: float = 35 * MM


# GB/T 9704-2012, 5.2: top 37 mm, left 28 mm, type area 156 by 225 mm.
OFFICIAL = Margins()
# Forms and records of many columns take more of the sheet; the binding edge stays.
RECORD = Margins(left=25 * MM, right=20 * MM, top=25 * MM, bottom=25 * MM)


@dataclass(frozen=True, slots=True)
class Page:
    """One sheet of any size: how it is drawn, what bookmarks it holds and whether it bears a number."""

    paint: Callable[[Any], None]
    size: tuple[float, float] = A4
    bookmarks: tuple[Bookmark, ...] = ()
    numbered: bool = True
    label: bool = False  # number on a white label, for pages that are not ours
    draft: bool = False  # 草稿 across the sheet


def flow_pages(blocks: Sequence[Block], margins: Margins = OFFICIAL, *, draft: bool = False) -> list[Page]:
    """Set ``blocks`` on A4 pages."""
    width, height = A4[0] - margins.left - margins.right, A4[1] - margins.top - margins.bottom
    return [_flow_page(placed, margins, width, draft=draft) for placed in compose(blocks, width, height)]


def write_pdf(pages: Sequence[Page], info: Info) -> bytes:
    """Draw ``pages`` and return the PDF file. The caller holds :data:`fonts.DRAWING` since it measured."""
    with DRAWING:
        buffer = io.BytesIO()
        canvas = _canvas(buffer, info)
        for number, page in enumerate(pages, start=1):
            canvas.setPageSize(page.size)
            for place, mark in enumerate(page.bookmarks):
                key = f"{number}-{place}"
                canvas.bookmarkPage(key, fit="XYZ", left=0, top=mark.top, zoom=0)
                canvas.addOutlineEntry(mark.title, key, mark.level)
            if page.draft:
                _draw_draft(canvas, page.size)
            page.paint(canvas)
            if page.numbered:
                _draw_number(canvas, page, number, len(pages))
            canvas.showPage()
        canvas.save()
        return buffer.getvalue()


class _Stamp:
    """What ReportLab reads instead of the clock: midnight in Beijing of the document's day."""

    def __init__(self, day: dt.date) -> None:
        self.t = day.toordinal()
        self.YMDhms = (day.year, day.month, day.day, 0, 0, 0)
        self.dhh, self.dmm = 8, 0


def _canvas(buffer: io.BytesIO, info: Info) -> Any:
    canvas = Canvas(
        buffer,
        pagesize=A4,
        pageCompression=1,
        invariant=1,
        initialFontName=SONG,
        lang="zh-CN",
        pdfVersion=(1, 7),
    )
    document = canvas._doc  # noqa: SLF001 - ReportLab offers no way to set the date and the identifier
    document._timeStamp = _Stamp(info.created)  # noqa: SLF001 - as above
    document.signature = hashlib.md5(repr(info).encode(), usedforsecurity=False)
    canvas.setTitle(info.title)
    canvas.setAuthor(info.author)
    canvas.setSubject(info.subject)
    canvas.setCreator("技转工作台")
    canvas.setViewerPreference("DisplayDocTitle", "true")
    return canvas


def _flow_page(placed: Sequence[Placed], margins: Margins, width: float, *, draft: bool) -> Page:
    head = A4[1] - margins.top

    def paint(canvas: Any) -> None:
        for item in placed:
            item.block.draw(canvas, margins.left, head - item.offset, width)

    marks = (
        Bookmark(item.block.title, item.block.level, head - item.offset + 12)
        for item in placed
        if isinstance(item.block, Heading)
    )
    return Page(paint, bookmarks=tuple(marks), draft=draft)


def _draw_number(canvas: Any, page: Page, number: int, total: int) -> None:
    """Write 第 x 页 共 y 页 at the foot of the sheet."""
    middle, text = page.size[0] / 2, f"第 {number} 页　共 {total} 页"
    if page.label:
        canvas.saveState()
        canvas.setFillGray(1)
        canvas.setStrokeGray(0.7)
        canvas.setLineWidth(0.4)
        canvas.roundRect(middle - 58, 8, 116, 17, 3, stroke=1, fill=1)
        canvas.restoreState()
        show_text(canvas, middle, 13, text, _NUMBER)
    else:
        show_text(canvas, middle, 14 * MM, text, _NUMBER)


def _draw_draft(canvas: Any, size: tuple[float, float]) -> None:
    """Write 草稿 across the sheet, under everything else."""
    canvas.saveState()
    canvas.translate(size[0] / 2, size[1] / 2)
    canvas.rotate(35)
    show_text(canvas, 0, -50, "草　稿", _DRAFT)
    canvas.restoreState()
