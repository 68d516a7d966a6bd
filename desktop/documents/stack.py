"""A stack exists so that some lines, such as a signature and its date, are kept on one page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from desktop.documents.flow import Block, Whole

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Stack(Whole):
    """Blocks one below the other, never divided."""

    blocks: Sequence[Block]

    def height(self, width: float) -> float:
        """Return the height of all of them in points."""
        return sum(block.height(width) for block in self.blocks)

    def draw(self, canvas: Any, x: float, top: float, width: float) -> None:
        """Draw them with the top left corner of the first at (``x``, ``top``)."""
        for block in self.blocks:
            block.draw(canvas, x, top, width)
            top -= block.height(width)
