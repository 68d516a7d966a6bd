"""Flow exists so that the number of pages is known before the first one is drawn.

A document is a list of blocks. They are measured and set on pages first and drawn once afterwards: 第 x 页 共
y 页 and a contents list at the front then need no second pass.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from desktop.documents.tags import headed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from desktop.documents.paragraph import ZhParagraph

_TOLERANCE = 0.01  # points


class Block(Protocol):
    """Anything that can be set on a page; all measures in points."""

    def height(self, width: float) -> float:
        """Return the height of the block when it is ``width`` wide."""

    def split(self, width: float, room: float) -> tuple[Block, Block] | None:
        """Return the part that fits into ``room`` of height and the rest, or None if it cannot be divided."""

    def draw(self, canvas: Any, x: float, top: float, width: float) -> None:
        """Draw the block with its top left corner at (``x``, ``top``)."""


class Whole(Block):
    """Base of blocks that are never divided."""

    __slots__ = ()

    def split(self, width: float, room: float) -> None:
        """Return None: the block goes to the next page as a whole."""


@dataclass(frozen=True, slots=True)
class Space(Whole):
    """Empty height between two blocks; it vanishes at the head of a page."""

    points: float

    def height(self, width: float) -> float:  # noqa: ARG002 - the same at any width
        return self.points

    def draw(self, canvas: Any, x: float, top: float, width: float) -> None:
        """Draw nothing."""


@dataclass(frozen=True, slots=True)
class PageBreak(Space):
    """What follows starts on a new page."""

    points: float = 0.0


@dataclass(frozen=True, slots=True)
class Heading(Whole):
    """A heading: it stays with the block after it and appears among the bookmarks at ``level`` (from 0)."""

    paragraph: ZhParagraph
    level: int = 0

    @property
    def title(self) -> str:
        """The text of the bookmark."""
        return self.paragraph.text

    def height(self, width: float) -> float:
        return self.paragraph.height(width)

    def draw(self, canvas: Any, x: float, top: float, width: float) -> None:
        with headed(canvas, self.level):
            self.paragraph.draw(canvas, x, top, width)


@dataclass(frozen=True, slots=True)
class Together(Block):
    """A block that is not divided, such as a declaration and its signatures, unless it would fill a page."""

    block: Block
    limit: float = 560.0  # points

    def height(self, width: float) -> float:
        return self.block.height(width)

    def split(self, width: float, room: float) -> tuple[Block, Block] | None:
        return self.block.split(width, room) if self.height(width) > self.limit else None

    def draw(self, canvas: Any, x: float, top: float, width: float) -> None:
        self.block.draw(canvas, x, top, width)


@dataclass(frozen=True, slots=True)
class Placed:
    """A block and how far below the head of the page it starts."""

    block: Block
    offset: float


@dataclass(slots=True)
class _Column:
    """The page being filled."""

    width: float
    full: float
    pages: list[list[Placed]] = field(default_factory=list)
    placed: list[Placed] = field(default_factory=list)
    used: float = 0.0

    def put(self, block: Block) -> None:
        height = block.height(self.width)
        self.placed.append(Placed(block, self.used))
        self.used += height

    def turn(self) -> None:
        """Start a new page and take along the headings that would stand alone at the foot."""
        carried: list[Block] = []
        while len(self.placed) > 1 and isinstance(self.placed[-1].block, Heading | Space):
            carried.insert(0, self.placed.pop().block)
        self.pages.append(self.placed)
        self.placed, self.used = [], 0.0
        for block in carried:
            if self.placed or not isinstance(block, Space):
                self.put(block)


def compose(blocks: Iterable[Block], width: float, height: float) -> Sequence[Sequence[Placed]]:
    """Set ``blocks`` on pages of ``width`` by ``height`` points and return the pages.

    A block that cannot be divided and is higher than a page gets a page to itself.
    """
    column = _Column(width, height)
    for block in blocks:
        if isinstance(block, PageBreak):
            if column.placed:
                column.turn()
        elif column.placed or not isinstance(block, Space):
            _place(block, column)
    if column.placed or not column.pages:
        column.pages.append(column.placed)
    return column.pages


def _place(block: Block, column: _Column) -> None:
    rest = block
    while rest.height(column.width) > column.full - column.used + _TOLERANCE:
        parts = rest.split(column.width, column.full - column.used)
        if parts:
            column.put(parts[0])
            rest = parts[1]
        elif not column.placed:
            break  # no page is high enough
        column.turn()
        if isinstance(rest, Space):
            return
    column.put(rest)
