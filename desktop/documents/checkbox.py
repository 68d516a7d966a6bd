"""Check boxes exist as drawings because ☑ and ☐ are in none of the fonts that hold every Chinese name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from desktop.documents.flow import Whole
from desktop.documents.paragraph import Style, show_text, text_width
from desktop.documents.tags import tagged

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class CheckBoxes(Whole):
    """A line (or more) of boxes with their labels; ``options`` are (label, ticked) pairs."""

    options: tuple[tuple[str, bool], ...]
    style: Style

    def height(self, width: float) -> float:
        """Return the height in points when the boxes have ``width`` points to stand in."""
        return (1 + max((row for row, *_ in self._places(width)), default=0)) * self.style.leading

    def draw(self, canvas: Any, x: float, top: float, width: float) -> None:
        """Draw the boxes with the top left corner at (``x``, ``top``)."""
        size = self.style.size
        for row, left, text, ticked in self._places(width):
            baseline = top - row * self.style.leading - (self.style.leading - size) / 2 - size * 0.88
            side = size * 0.82
            box = (x + left, baseline, x + left + side, baseline + side)
            with tagged(canvas, "Figure", alt="已选" if ticked else "未选", box=box):
                _draw_box(canvas, x + left, baseline, side, ticked=ticked)
            with tagged(canvas, "Span"):
                show_text(canvas, x + left + size * 1.15, baseline, text, self.style)

    def _places(self, width: float) -> Iterator[tuple[int, float, str, bool]]:
        """Yield the row, left edge, label and state of each box."""
        row, left, size = 0, 0.0, self.style.size
        for text, ticked in self.options:
            needed = size * 1.15 + text_width(text, self.style)
            if left and left + needed > width:
                row, left = row + 1, 0.0
            yield row, left, text, ticked
            left += needed + size * 1.5


def _draw_box(canvas: Any, x: float, y: float, side: float, *, ticked: bool) -> None:
    canvas.saveState()
    canvas.setLineWidth(side * 0.07)
    canvas.rect(x, y - side * 0.06, side, side)
    if ticked:
        canvas.setLineWidth(side * 0.13)
        canvas.setLineCap(1)
        path = canvas.beginPath()
        path.moveTo(x + side * 0.20, y + side * 0.42)
        path.lineTo(x + side * 0.42, y + side * 0.18)
        path.lineTo(x + side * 0.82, y + side * 0.72)
        canvas.drawPath(path)
    canvas.restoreState()
