"""Layout stands between a certificate's data and the writers of PDF, so that both draw the same sheet.

It decides where every line, picture and stroke goes and says what had to be shrunk or broken; it knows
nothing of PDF files.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from desktop.documents.certificate_data import LABELS
from desktop.documents.fitting import fit_box, fit_line, fit_one_line
from desktop.documents.fonts import HEI
from desktop.documents.ornament import Rect, photo_frame, rule, seal_space
from desktop.documents.paragraph import Style, ZhParagraph
from desktop.documents.pictures import portrait
from desktop.documents.template import (
    PhotoItem,
    QrItem,
    RuleItem,
    SealItem,
    Template,
    TextItem,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from desktop.documents.certificate_data import CertificateData

_WATERMARK = Style(HEI, align="center", colour=(0.93, 0.90, 0.90))
_SLOPE = math.radians(35)
_PHOTO_ALT = "持证人照片"
# Fields that differ within a class.
_PERSONAL = frozenset(("number", "filing_number", "holder", "sex", "id_number", "code"))


class Fitted(NamedTuple):
    """A text that did not fit as designed: what it is, the size designed and printed (points), its lines."""

    label: str
    text: str
    from_size: float
    to_size: float
    lines: int


class SetLine(NamedTuple):
    """One line of text: where its baseline starts, and runs of (points to move before, text)."""

    x: float
    y: float
    runs: tuple[tuple[float, str], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Text:
    """Lines of one style; ``role`` is that of the structure tree (H1, P).

    ``personal`` texts differ from paper to paper, others are the same for a whole class.
    """

    role: str
    style: Style
    lines: tuple[SetLine, ...]
    personal: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Photo:
    """The photograph, a JPEG that fills its place, and what a screen reader says instead."""

    place: Rect
    content: bytes
    alt: str


@dataclass(frozen=True, slots=True, eq=False)
class QrCode:
    """The QR code of ``text`` and what a screen reader says instead."""

    place: Rect
    text: str
    alt: str


@dataclass(frozen=True, slots=True, eq=False)
class Strokes:
    """Lines that mean nothing to a reader: ready operators."""

    operators: str


Piece = Text | Photo | QrCode | Strokes


@dataclass(frozen=True, slots=True, eq=False)
class Watermark:
    """草稿 across the sheet: a text on a slope about ``middle``."""

    middle: tuple[float, float]
    text: Text

    @property
    def matrix(self) -> str:
        cos, sin = math.cos(_SLOPE), math.sin(_SLOPE)
        return "{:.4f} {:.4f} {:.4f} {:.4f} {:.2f} {:.2f} cm".format(cos, sin, -sin, cos, *self.middle)


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """One sheet: its pieces in the order in which they are drawn and read out."""

    template: Template
    pieces: tuple[Piece, ...]
    fitted: tuple[Fitted, ...]
    watermark: Watermark | None
    signature: Rect | None


def lay_out(data: CertificateData, template: Template, signer: str = "") -> Layout:
    """Return the sheet that ``data`` makes in ``template``; ``signer`` is the name printed as the signer's.

    Raises TooMuchTextError, PictureError and MissingGlyph.
    """
    values = data.values(signer)
    pieces: list[Piece] = []
    fitted: list[Fitted] = []
    signature = None
    for item in template.items:
        match item:
            case TextItem():
                if text := item.wording.fill(values):
                    piece = _set_text(item, text)
                    pieces.append(piece)
                    if _is_fitted(item, piece):
                        fitted.append(_fitted(item, piece, text, values))
            case PhotoItem():
                pieces += _photo(item, data.photo)
            case QrItem():
                pieces += _qr_code(item, data, values)
            case SealItem():
                pieces.append(Strokes(seal_space(item.box)))
            case RuleItem():
                pieces.append(Strokes(rule(item.box, item.colour)))
            case _:
                signature = item.box
    watermark = _watermark(template) if data.draft else None
    return Layout(template, tuple(pieces), tuple(fitted), watermark, signature)


@lru_cache(maxsize=512)
def _set_text(item: TextItem, text: str) -> Text:
    """Return ``text`` set in the box of ``item``."""
    box, style = item.box, item.style
    if item.fit == "line":
        paragraph = fit_one_line(text, style, box.width, smallest=item.smallest)
    elif item.fit == "two-lines":
        paragraph = fit_line(text, style, box.width, box.height, smallest=item.smallest)
    else:
        paragraph = fit_box(text, style, box.width, box.height, smallest=item.smallest)
    height = paragraph.height(box.width)
    spare = {"top": 0.0, "middle": 0.5, "bottom": 1.0}[item.anchor] * (box.height - height)
    lines = tuple(_placed(paragraph, box.left, box.bottom + box.height - spare, box.width))
    personal = not _PERSONAL.isdisjoint(item.wording.fields)
    return Text(item.role, paragraph.style, lines, personal=personal)


def _is_fitted(item: TextItem, piece: Text) -> bool:
    return piece.style.size < item.style.size or (item.fit == "two-lines" and len(piece.lines) > 1)


def _fitted(item: TextItem, piece: Text, text: str, values: Mapping[str, str]) -> Fitted:
    """Return what ``text`` took to fit, under the name of the longest field in it."""
    longest = max(item.wording.fields, key=lambda name: len(values[name]), default="")
    label = LABELS.get(longest, item.wording.fixed)
    return Fitted(label, text.strip(), item.style.size, piece.style.size, len(piece.lines))


def _placed(paragraph: ZhParagraph, left: float, top: float, width: float) -> Iterator[SetLine]:
    """Yield the lines of ``paragraph`` where :meth:`ZhParagraph.draw` would draw them."""
    style = paragraph.style
    baseline = top - (style.leading - style.size) / 2 - style.size * 0.88
    for number, line in enumerate(paragraph.lines(width)):
        indent = 0.0 if number else style.indent * style.size
        slack = width - indent - line.width
        shift = {"center": slack / 2, "right": slack}.get(style.align, 0.0)
        yield SetLine(left + indent + shift, baseline - number * style.leading, line.runs)


def _photo(item: PhotoItem, content: bytes | None) -> Iterator[Piece]:
    if content:
        yield Photo(item.box, portrait(content, item.box.width / item.box.height), _PHOTO_ALT)
        yield Strokes(photo_frame(item.box, empty=False))
    else:
        yield Strokes(photo_frame(item.box, empty=True))
        x, y = item.box.middle
        yield _centered(item.empty, item.style, x, y)


def _qr_code(item: QrItem, data: CertificateData, values: Mapping[str, str]) -> Iterator[Piece]:
    if data.printed_verification:
        alt = f"二维码：{values['qr_label']}，证书编号 {data.number}"
        yield QrCode(item.box, data.printed_verification, alt)


def _watermark(template: Template) -> Watermark:
    size = round(min(template.width, template.height) / 4)
    style = replace(_WATERMARK, size=size, leading=size)
    return Watermark((template.width / 2, template.height / 2), _centered("草　稿", style, 0, 0))


@lru_cache(maxsize=32)
def _centered(text: str, style: Style, x: float, y: float) -> Text:
    """Return one line of text about a point."""
    line = ZhParagraph(text, style).lines(1e6)[0]
    return Text("P", style, (SetLine(x - line.width / 2, y - style.size * 0.38, line.runs),))
