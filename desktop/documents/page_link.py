"""Page links exist so that a line of a contents list leads to its page when it is clicked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from desktop.documents.binding import Box, Link
from desktop.documents.flow import Block

if TYPE_CHECKING:
    from desktop.documents.paragraph import ZhParagraph


@dataclass(frozen=True, slots=True)
class LinkedText(Block):
    """A paragraph that leads to page ``target`` (from 0); where it was drawn is noted in ``links``."""

    paragraph: ZhParagraph
    target: int
    links: list[Link]

    def height(self, width: float) -> float:
        return self.paragraph.height(width)

    def split(self, width: float, room: float) -> tuple[Block, Block] | None:
        parts = self.paragraph.split(width, room)
        return parts and (replace(self, paragraph=parts[0]), replace(self, paragraph=parts[1]))

    def draw(self, canvas: Any, x: float, top: float, width: float) -> None:
        self.paragraph.draw(canvas, x, top, width)
        if self.paragraph.text:
            box = Box(x, top - self.height(width), x + width, top)
            self.links.append(Link(canvas.getPageNumber() - 1, box, self.target))
