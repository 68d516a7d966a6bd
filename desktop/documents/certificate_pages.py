"""Pages of certificates are drawn here through ReportLab, for the one file that holds a whole class.

This is also the reference: the splicer must draw the same picture and the same text (the tests compare).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from desktop.documents.certificate_layout import Layout, Photo, QrCode, Text
from desktop.documents.image_stream import image_stream
from desktop.documents.ornament import Rect, frame
from desktop.documents.page import Bookmark, Page
from desktop.documents.paragraph import show
from desktop.documents.pictures import Picture
from desktop.documents.qrcode import qr_operators
from desktop.documents.tags import Box, tagged

if TYPE_CHECKING:
    from desktop.documents.template import Template


def certificate_page(layout: Layout, bookmark: str) -> Page:
    """Return ``layout`` as a page with a ``bookmark``."""
    template = layout.template

    def paint(canvas: Any) -> None:
        _draw_ground(canvas, layout)
        for piece in layout.pieces:
            match piece:
                case Text():
                    with tagged(canvas, piece.role):
                        _show(canvas, piece)
                case Photo():
                    place = piece.place
                    with tagged(canvas, "Figure", alt=piece.alt, box=_edges(place)):
                        picture = _picture(piece.content)
                        canvas.drawImage(picture, place.left, place.bottom, place.width, place.height)
                case QrCode():
                    place = piece.place
                    with tagged(canvas, "Figure", alt=piece.alt, box=_edges(place)):
                        _append(canvas, qr_operators(piece.text, place.left, place.bottom, place.width))
                case _:
                    _append(canvas, piece.operators)

    return Page(
        paint,
        size=(template.width, template.height),
        bookmarks=(Bookmark(bookmark, 0, template.height),),
        numbered=False,
    )


def _draw_ground(canvas: Any, layout: Layout) -> None:
    """Draw the watermark, and the frame over it: one form in the file, however many sheets bear it."""
    if mark := layout.watermark:
        _append(canvas, f"q {mark.matrix}")
        _show(canvas, mark.text)
        _append(canvas, "Q")
    template = layout.template
    form = _form(template)
    if not canvas.hasForm(form):
        canvas.beginForm(form, 0, 0, template.width, template.height)
        _append(canvas, frame(template.ornament, template.width, template.height))
        canvas.endForm()
    canvas.doForm(form)


def _form(template: Template) -> str:
    return f"frame-{template.id}-{template.revision}"


def _show(canvas: Any, text: Text) -> None:
    for line in text.lines:
        show(canvas, line.x, line.y, line.runs, text.style)


def _picture(content: bytes) -> Picture:
    stream = image_stream(content)
    return Picture(content, stream.width, stream.height)


def _append(canvas: Any, operators: str) -> None:
    canvas._code.append(operators)  # noqa: SLF001 - the operators are ready, canvas has no call for that


def _edges(place: Rect) -> Box:
    return place.left, place.bottom, place.left + place.width, place.bottom + place.height
