"""Paragraphs exist so that plain user text, ``<`` and ``&`` included, is set as Chinese is set."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

from desktop.documents.flow import Block
from desktop.documents.fonts import SONG, chain, printable
from desktop.documents.tags import tagged
from desktop.documents.text_operators import line_operators
from desktop.documents.zhtext import Line, Measured, break_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

Colour = tuple[float, float, float]
BLACK: Colour = (0.0, 0.0, 0.0)
GREY: Colour = (0.4, 0.4, 0.4)


@dataclass(frozen=True, slots=True)
class Style:
    """How a paragraph is set: sizes in points; first-line ``indent`` and hanzi/Latin ``gap`` in ems."""

    font: str = SONG
    size: float = 12.0
    leading: float = 18.0
    indent: float = 0.0
    align: Literal["justify", "left", "center", "right"] = "justify"
    gap: float = 0.25
    colour: Colour = BLACK


@dataclass(frozen=True, slots=True)
class ZhParagraph(Block):
    """Plain text set in lines; it can be split over pages at any line except into a widow or an orphan.

    ``begun`` marks the rest of a paragraph that started on the page before, ``unfinished`` one that goes on.
    """

    text: str
    style: Style = Style()
    begun: bool = False
    unfinished: bool = False

    def lines(self, width: float) -> Sequence[Line]:
        """Return the lines of the paragraph when it is ``width`` points wide."""
        return _lines(self, width)

    def height(self, width: float) -> float:
        """Return the height in points when it is ``width`` points wide."""
        return len(self.lines(width)) * self.style.leading

    def split(self, width: float, room: float) -> tuple[ZhParagraph, ZhParagraph] | None:
        """Return the part that fits into ``room`` points of height and the rest, None if no cut is good."""
        lines = self.lines(width)
        count = int((room + 0.01) // self.style.leading)
        if len(lines) - count == 1:  # a widow: take one more line along
            count -= 1
        orphan = count == 1 and len(lines) > 2
        if count < 1 or count >= len(lines) or orphan:
            return None
        text, cut = printable(self.text), lines[count].start
        wrapped = not text[:cut].endswith("\n")
        return (
            replace(self, text=text[:cut].removesuffix("\n"), unfinished=wrapped),
            replace(self, text=text[cut:], begun=True),
        )

    def shortened(self, width: float, room: float) -> ZhParagraph:
        """Return the paragraph, or as much of it as fits into ``room`` points of height, ending in ……."""
        lines = self.lines(width)
        count = max(1, int((room + 0.01) // self.style.leading))
        if count >= len(lines):
            return self
        kept = printable(self.text)[: lines[count - 1].stop].rstrip()
        return replace(self, text=kept[:-2] + "……")

    def draw(self, canvas: Any, x: float, top: float, width: float) -> None:
        """Draw the paragraph with its top left corner at (``x``, ``top``)."""
        style = self.style
        baseline = top - (style.leading - style.size) / 2 - style.size * 0.88
        with tagged(canvas, "P", resume=-1 if self.begun else None):
            for number, line in enumerate(self.lines(width)):
                offset = style.indent * style.size if self._indented(number) else 0.0
                slack = width - offset - line.width
                offset += {"center": slack / 2, "right": slack}.get(style.align, 0.0)
                if line.runs:
                    show(canvas, x + offset, baseline - number * style.leading, line.runs, style)

    def _indented(self, number: int) -> bool:
        return number == 0 and not self.begun


def text_width(text: str, style: Style) -> float:
    """Return the width in points of ``text`` on one line, as :func:`show_text` draws it."""
    return sum(line.width for line in _lines(ZhParagraph(text, replace(style, indent=0.0)), 1e6))


def show_text(canvas: Any, x: float, y: float, text: str, style: Style) -> None:
    """Draw ``text`` on one line with its baseline at ``y``; ``x`` is its left, middle or right as aligned."""
    (line, *_) = _lines(ZhParagraph(text, replace(style, indent=0.0)), 1e6)
    offset = {"center": line.width / 2, "right": line.width}.get(style.align, 0.0)
    show(canvas, x - offset, y, line.runs, style)


def show(canvas: Any, x: float, y: float, runs: Sequence[tuple[float, str]], style: Style) -> None:
    """Draw ``runs`` of (points to move before, text) from (``x``, ``y``) as one PDF text object."""
    codes = chain(style.font).codes(canvas._doc)  # noqa: SLF001 - as ReportLab's own widgets reach it
    operators = line_operators((x, y), runs, style.colour, style.size, codes)
    canvas._code.append(operators)  # noqa: SLF001 - canvas has no call for TJ


@lru_cache(maxsize=64)
def _setting(font: str, size: float, gap: float, align: str) -> Measured:
    measure = lru_cache(maxsize=8192)(lambda text: chain(font).stringWidth(text, size))
    return Measured(measure, size, gap=gap, justify=align == "justify")


@lru_cache(maxsize=4096)
def _lines(paragraph: ZhParagraph, width: float) -> tuple[Line, ...]:
    style = paragraph.style
    setting = _setting(style.font, style.size, style.gap, style.align)
    indent = 0.0 if paragraph.begun else style.indent * style.size
    finished = not paragraph.unfinished
    return tuple(break_lines(printable(paragraph.text), setting, width, indent=indent, finished=finished))
