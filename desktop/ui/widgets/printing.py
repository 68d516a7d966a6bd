"""Printing sends the very pages of a PDF to the printer, so that paper and archived file cannot differ."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRectF, QSize, QSizeF
from PySide6.QtGui import QPageLayout, QPageSize, QPainter
from PySide6.QtPdf import QPdfDocument
from PySide6.QtPrintSupport import QPrinter

from domain.problems import refuse

if TYPE_CHECKING:
    from collections.abc import Callable

SHARPEST: Final = 300
"""Dots per inch that a page is drawn with: text stays crisp, and an A4 page takes 35 MB for a moment."""
POINTS: Final = 72


def print_pages(content: bytes, printer: QPrinter, progress: Callable[[int, int], None]) -> int:
    """Print the pages that the user chose of a PDF and return their number; runs in any thread.

    Each sheet lies as its page does. What ``progress`` raises ends the printing after the page before.

    Raises:
        Refusal: the printer takes no pages.
    """
    buffer = QBuffer()
    buffer.setData(QByteArray(content))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    document = QPdfDocument()
    document.load(buffer)
    painter = QPainter()
    try:
        numbers = chosen_pages(document.pageCount(), printer)
        for place, number in enumerate(numbers):
            progress(place, len(numbers))
            _turn(printer, document.pagePointSize(number))
            if not (painter.begin(printer) if place == 0 else printer.newPage()):
                raise refuse("", "plain", why="打印机没有接受文件，请检查打印机后再试")
            _draw(painter, printer, document, number)
        progress(len(numbers), len(numbers))
        return len(numbers)
    finally:
        if painter.isActive():
            painter.end()
        document.close()
        buffer.close()


def chosen_pages(count: int, printer: QPrinter) -> list[int]:
    """Return the numbers, from 0, of the pages that the dialog left chosen."""
    ranges = printer.pageRanges()
    if printer.printRange() != QPrinter.PrintRange.PageRange or ranges.isEmpty():
        return list(range(count))
    return [number for number in range(count) if ranges.contains(number + 1)]


def _turn(printer: QPrinter, size: QSizeF) -> None:
    """Lay the sheet as the page lies; the user's paper stays."""
    across = size.width() > size.height()
    way = QPageLayout.Orientation.Landscape if across else QPageLayout.Orientation.Portrait
    printer.setPageOrientation(way)


def _draw(painter: QPainter, printer: QPrinter, document: QPdfDocument, number: int) -> None:
    """Draw a page as large as it is, smaller only where the sheet is."""
    size = document.pagePointSize(number)
    dots = printer.resolution()
    sheet = printer.pageLayout().fullRect(QPageLayout.Unit.Point)
    shrink = min(1.0, sheet.width() / size.width(), sheet.height() / size.height())
    inches = shrink / POINTS
    pixels = min(dots, SHARPEST) * inches
    image = document.render(number, QSize(round(size.width() * pixels), round(size.height() * pixels)))
    whole = printer.paperRect(QPrinter.Unit.DevicePixel)
    width, height = size.width() * inches * dots, size.height() * inches * dots
    corner = printer.pageRect(QPrinter.Unit.DevicePixel).topLeft()
    left, top = (whole.width() - width) / 2 - corner.x(), (whole.height() - height) / 2 - corner.y()
    painter.drawImage(QRectF(left, top, width, height), image)


def usual_printer(name: str, first: QSizeF) -> QPrinter:
    """Return the usual printer set to the paper of a document's first page; ``name`` stands in its queue."""
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setDocName(name)
    printer.setFullPage(True)
    short, long = sorted((first.width(), first.height()))
    printer.setPageSize(QPageSize(QSizeF(short, long), QPageSize.Unit.Point))
    return printer
