"""The page module exists so that every document has the same paper, margins, numbers and bookmarks.

Equal input gives equal bytes: the creation date is an argument and the file identifier comes from the
content.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from reportlab import rl_config

from desktop.documents.archive import Conformance
from desktop.documents.archive import Info as Info
from desktop.documents.flow import Block, Heading, Placed, compose
from desktop.documents.fonts import DRAWING, HEI, SONG
from desktop.documents.paragraph import Style, show_text
from desktop.documents.pdf_file import ArchivalCanvas
from desktop.documents.signature import Signer, fill

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

MM = 72 / 25.4  # points
A4 = (210 * MM, 297 * MM)

# ASCII-85 would make every picture and font a quarter larger.
rl_config.useA85 = 0

_NUMBER = Style(SONG, size=10.5, leading=14, align="center", gap=0)
_OFFICIAL_NUMBER = Style(SONG, size=14, leading=20, gap=0)
_ROMAN = tuple(
    zip((100, 90, 50, 40, 10, 9, 5, 4, 1), ("c", "xc", "l", "xl", "x", "ix", "v", "iv", "i"), strict=True)
)
_DRAFT = Style(HEI, size=150, leading=150, align="center", colour=(0.93, 0.90, 0.90))


class Bookmark(NamedTuple):
    """An entry of the bookmark tree: ``level`` counts from 0, ``top`` is the height on the page in points."""

    title: str
    level: int
    top: float


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
    """One sheet of any size: how it is drawn, what bookmarks it holds and whether it bears a number.

    Pages that are ``front`` (before the body, such as a contents list) are counted i, ii, iii by themselves.
    """

    paint: Callable[[Any], None]
    size: tuple[float, float] = A4
    bookmarks: tuple[Bookmark, ...] = ()
    numbered: bool = True
    label: bool = False  # number on a white label, for pages that are not ours
    draft: bool = False  # 草稿 across the sheet
    front: bool = False
    official: bool = False  # — 1 — at the outer edge (GB/T 9704-2012, 7.5), not 第 1 页 共 9 页
    seal: tuple[float, float, float, float] | None = None  # left, bottom, right, top: a signature's field


def flow_pages(
    blocks: Sequence[Block],
    margins: Margins = OFFICIAL,
    *,
    size: tuple[float, float] = A4,
    draft: bool = False,
    official: bool = False,
) -> list[Page]:
    """Set ``blocks`` on pages of ``size``."""
    width, height = size[0] - margins.left - margins.right, size[1] - margins.top - margins.bottom
    return [
        replace(_flow_page(placed, margins, size), draft=draft, official=official)
        for placed in compose(blocks, width, height)
    ]


def write_pdf(
    pages: Sequence[Page],
    info: Info,
    *,
    conformance: Conformance = Conformance.A2A,
    signer: Signer | None = None,
) -> bytes:
    """Draw ``pages`` and return the archival PDF file, signed when there is a ``signer``.

    The caller holds :data:`fonts.DRAWING` since it measured.
    """
    with DRAWING:
        buffer = io.BytesIO()
        canvas = ArchivalCanvas(buffer, info, conformance, SONG)
        for place, (page, number) in enumerate(zip(pages, _numbers(pages), strict=True)):
            _draw_page(canvas, page, place, number)
        file = canvas.file
        file.label_pages(_viewer_labels(pages))
        if signer:
            seals = (place for place, page in enumerate(pages) if page.seal)
            place = next(seals, 0)
            file.add_signature(signer, info, place, pages[place].seal)
        canvas.save()
    document = buffer.getvalue()
    return fill(document, signer) if signer else document


def _draw_page(canvas: Any, page: Page, place: int, number: str) -> None:
    canvas.setPageSize(page.size)
    for order, mark in enumerate(page.bookmarks):
        key = f"{place}-{order}"
        canvas.bookmarkPage(key, fit="XYZ", left=0, top=mark.top, zoom=0)
        deepest = canvas.file.outline.currentlevel + 1  # a tree has no gaps
        canvas.addOutlineEntry(mark.title, key, min(mark.level, deepest))
    if page.draft:
        _draw_draft(canvas, page.size)
    page.paint(canvas)
    if page.numbered:
        _draw_number(canvas, page, number, place)
    canvas.showPage()


def _numbers(pages: Sequence[Page]) -> Iterator[str]:
    """Yield what is written at the foot of each page, as far as it bears a number."""
    for front, members in groupby(pages, key=lambda page: page.front):
        section = list(members)
        for number, page in enumerate(section, start=1):
            if front:
                yield roman(number)
            elif page.official:
                yield f"— {number} —"
            else:
                yield f"第 {number} 页　共 {len(section)} 页"


def _viewer_labels(pages: Sequence[Page]) -> Iterator[tuple[int, str]]:
    """Yield where the counting starts anew, and in which style."""
    start = 0
    for front, members in groupby(pages, key=lambda page: page.front):
        yield start, "r" if front else "D"
        start += len(list(members))


def roman(number: int) -> str:
    """Return ``number`` in small Roman numerals."""
    text = ""
    for value, sign in _ROMAN:
        count, number = divmod(number, value)
        text += sign * count
    return text


def _flow_page(placed: Sequence[Placed], margins: Margins, size: tuple[float, float]) -> Page:
    head, width = size[1] - margins.top, size[0] - margins.left - margins.right

    def paint(canvas: Any) -> None:
        for item in placed:
            item.block.draw(canvas, margins.left, head - item.offset, width)

    marks = (
        Bookmark(item.block.title, item.block.level, head - item.offset + 12)
        for item in placed
        if isinstance(item.block, Heading)
    )
    return Page(paint, size=size, bookmarks=tuple(marks))


def _draw_number(canvas: Any, page: Page, number: str, place: int) -> None:
    """Write the number at the foot of the sheet."""
    middle, foot = page.size[0] / 2, 14 * MM
    if page.label:
        foot = 13.0
        canvas.saveState()
        canvas.setFillGray(1)
        canvas.setStrokeGray(0.7)
        canvas.setLineWidth(0.4)
        canvas.roundRect(middle - 58, 8, 116, 17, 3, stroke=1, fill=1)
        canvas.restoreState()
    if page.official:  # one em inside the type area, 7 mm below it
        style = replace(_OFFICIAL_NUMBER, align="left" if place % 2 else "right")
        edge = OFFICIAL.left + 14 if place % 2 else page.size[0] - OFFICIAL.right - 14
        show_text(canvas, edge, OFFICIAL.bottom - 7 * MM - 14, number, style)
    else:
        show_text(canvas, middle, foot, number, _NUMBER)


def _draw_draft(canvas: Any, size: tuple[float, float]) -> None:
    """Write 草稿 across the sheet, under everything else."""
    canvas.saveState()
    canvas.translate(size[0] / 2, size[1] / 2)
    canvas.rotate(35)
    show_text(canvas, 0, -50, "草　稿", _DRAFT)
    canvas.restoreState()
