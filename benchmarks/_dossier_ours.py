"""The dossier by the program's own flow, PDF/A-3b, in one pass."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from benchmarks._dossier import HEADER, LONG_COLUMNS, WIDTHS, measured, pieces
from desktop.documents.archive import Conformance, Info
from desktop.documents.flow import Block, PageBreak, Whole
from desktop.documents.fonts import DRAWING
from desktop.documents.formtable import FormTable, Row, TableStyle, text_cell
from desktop.documents.image_stream import image_stream
from desktop.documents.page import MM, RECORD, Page, flow_pages, write_pdf
from desktop.documents.paragraph import Style, ZhParagraph, show_text
from desktop.documents.pictures import Picture
from desktop.documents.styles import BODY, CENTER_CELL, LABEL_CELL, TEXT_CELL, heading, title

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from benchmarks._dossier import Piece

TABLE: Final = TableStyle(tuple(width * MM for width in WIDTHS), HEADER, LABEL_CELL)
LEFT: Final = Style(size=12, leading=19, align="left")
RIGHT: Final = Style(size=11, leading=19, align="right")


@dataclass(frozen=True, slots=True)
class Photos(Whole):
    """Six photographs in two rows."""

    paths: tuple[Path, ...]

    def height(self, width: float) -> float:  # noqa: ARG002 - the same at any width
        return 130 * MM

    def draw(self, canvas: Any, x: float, top: float, width: float) -> None:  # noqa: ARG002 - as above
        for place, path in enumerate(self.paths):
            content = path.read_bytes()
            stream = image_stream(content)
            row, column = divmod(place, 3)
            left, bottom = x + column * 55 * MM, top - (row + 1) * 65 * MM
            Picture(content, stream.width, stream.height).draw(canvas, left, bottom, 50 * MM, 63 * MM)


@dataclass(frozen=True, slots=True)
class Entry(Whole):
    """A line of the contents list."""

    text: str
    level: int
    page: int
    key: str

    def height(self, width: float) -> float:  # noqa: ARG002 - the same at any width
        return 19.0

    def draw(self, canvas: Any, x: float, top: float, width: float) -> None:
        show_text(canvas, x + 18 * self.level, top - 14, self.text, LEFT)
        show_text(canvas, x + width, top - 14, str(self.page), RIGHT)
        canvas.linkRect("", self.key, (x, top - 18, x + width, top))


def blocks(piece: Piece) -> Iterator[Block]:
    match piece.kind:
        case "h1":
            yield PageBreak()
            yield title(piece.content)
        case "h2":
            yield heading(piece.content)
        case "text":
            yield ZhParagraph(piece.content, BODY)
        case "table":
            styles = [TEXT_CELL if place in LONG_COLUMNS else CENTER_CELL for place in range(len(HEADER))]
            yield FormTable(
                TABLE,
                [Row(tuple(map(text_cell, row, styles))) for row in piece.content],
            )
        case "photos":
            yield Photos(tuple(piece.content))


def contents(body: Sequence[Page], front: int) -> list[Page]:
    """Return the contents list of ``body``, which has ``front`` pages before it."""
    entries = [
        Entry(mark.title, mark.level, place + 1, f"{place + front}-{order}")
        for place, page in enumerate(body)
        for order, mark in enumerate(page.bookmarks)
    ]
    return [replace(page, front=True) for page in flow_pages([title("目录"), *entries], RECORD)]


def make(chapters: int, photos: Sequence[Path], out: Path) -> None:
    with DRAWING:
        body = flow_pages([block for piece in pieces(chapters, photos) for block in blocks(piece)], RECORD)
        front = contents(body, len(contents(body, 0)))
        info = Info("交易档案", "大连市技术转移促进中心", "", dt.date(2026, 4, 12))
        out.write_bytes(write_pdf([*front, *body], info, conformance=Conformance.A3B))


if __name__ == "__main__":
    measured(make)
