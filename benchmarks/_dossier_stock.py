"""The dossier as ReportLab's manual teaches: multiBuild for the contents list, a canvas that counts pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from reportlab.lib import colors
from reportlab.lib.enums import TA_JUSTIFY
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Frame,
    Image,
    PageBreak,
    PageTemplate,
    Paragraph,
    Table,
)
from reportlab.platypus.tableofcontents import TableOfContents

from benchmarks._dossier import HEADER, LONG_COLUMNS, WIDTHS, measured, pieces
from desktop import paths

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from benchmarks._dossier import Piece

FONT: Final = "Stock"
FILE: Final = "LXGWWenKai-Regular.ttf"  # the one face at hand whose outlines ReportLab reads
BODY: Final = ParagraphStyle(
    "p", fontName=FONT, fontSize=12, leading=21, wordWrap="CJK", alignment=TA_JUSTIFY, firstLineIndent=24
)
CELL: Final = ParagraphStyle("c", fontName=FONT, fontSize=9, leading=13.5, wordWrap="CJK")
H1: Final = ParagraphStyle("h1", fontName=FONT, fontSize=22, leading=32)
H2: Final = ParagraphStyle("h2", fontName=FONT, fontSize=13, leading=24)
GRID: Final = (
    ("GRID", (0, 0), (-1, -1), 0.5, colors.black),
    ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
    ("FONT", (0, 0), (-1, -1), FONT, 9),
    ("LEFTPADDING", (0, 0), (-1, -1), 4),
    ("RIGHTPADDING", (0, 0), (-1, -1), 4),
)


class Counted(Canvas):  # type: ignore[misc] # ReportLab is not annotated
    """The manual's canvas that keeps every page back until their number is known."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._kept: list[dict[str, Any]] = []

    def showPage(self) -> None:
        self._kept.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        total = len(self._kept)
        for state in self._kept:
            self.__dict__.update(state)
            self.setFont(FONT, 10.5)
            self.drawCentredString(A4[0] / 2, 14 * mm, f"第 {self._pageNumber} 页　共 {total} 页")
            super().showPage()
        super().save()


class Dossier(BaseDocTemplate):  # type: ignore[misc] # as above
    """Notes headings for the contents list and the bookmarks."""

    def beforeDocument(self) -> None:
        self.headings = 0

    def afterFlowable(self, flowable: Any) -> None:
        if isinstance(flowable, Paragraph) and flowable.style in (H1, H2):
            key, self.headings = f"k{self.headings}", self.headings + 1
            level, text = int(flowable.style is H2), flowable.getPlainText()
            self.canv.bookmarkPage(key)
            self.canv.addOutlineEntry(text, key, level)
            self.notify("TOCEntry", (level, text, self.page, key))


def flowables(piece: Piece) -> Iterator[Any]:
    match piece.kind:
        case "h1":
            yield PageBreak()
            yield Paragraph(piece.content, H1)
        case "h2":
            yield Paragraph(piece.content, H2)
        case "text":
            yield Paragraph(piece.content, BODY)
        case "table":
            rows = [
                [Paragraph(text, CELL) if place in LONG_COLUMNS else text for place, text in enumerate(row)]
                for row in piece.content
            ]
            yield Table([HEADER, *rows], [width * mm for width in WIDTHS], repeatRows=1, style=GRID)
        case "photos":
            pictures = [Image(str(path), 49 * mm, 63 * mm) for path in piece.content]
            yield Table([pictures[:3], pictures[3:]])


def make(chapters: int, photos: Sequence[Path], out: Path) -> None:
    pdfmetrics.registerFont(TTFont(FONT, str(paths.fonts_dir() / FILE), shapable=False))
    document = Dossier(
        str(out),
        pagesize=A4,
        leftMargin=25 * mm,
        rightMargin=20 * mm,
        topMargin=25 * mm,
        bottomMargin=25 * mm,
    )
    frame = Frame(document.leftMargin, document.bottomMargin, document.width, document.height, 0, 0, 0, 0)
    document.addPageTemplates(PageTemplate("page", [frame]))
    levels = [ParagraphStyle(f"t{level}", fontName=FONT, fontSize=12, leading=19) for level in range(2)]
    story = [Paragraph("目录", BODY), TableOfContents(levelStyles=levels)]
    story += [flowable for piece in pieces(chapters, photos) for flowable in flowables(piece)]
    document.multiBuild(story, canvasmaker=Counted)


if __name__ == "__main__":
    measured(make)
