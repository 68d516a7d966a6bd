"""The form table exists because official forms need what no table of ReportLab does across pages.

The header is repeated, a merged group column goes on as ××（续）, and a row higher than the page is divided
inside its cells.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import accumulate, groupby
from typing import TYPE_CHECKING, Any

from desktop.documents.flow import Block
from desktop.documents.paragraph import Style, ZhParagraph

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


PADDING_X, PADDING_Y = 4.0, 4.0
_CONTINUED = "（续）"
_TALL = 110.0  # points: a higher row is divided rather than moved to the next page
_LABEL_LIMIT = 240.0  # points: a group label is cut short before it is higher than this
_FRAME, _RULE = 1.0, 0.5  # line widths


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: its ``content``, how many columns it ``span``s, whether it is set at the top or shaded."""

    content: Block
    span: int = 1
    top: bool = False
    shaded: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its cells (beside the group column), its group and its least height in points."""

    cells: tuple[Cell, ...]
    group: str = ""
    least: float = 0.0


@dataclass(frozen=True, slots=True)
class TableStyle:
    """What is the same on every page of a table: column widths in points, the header, the style of labels.

    When it is ``grouped`` the first column shows the group of the rows beside it, merged.
    """

    widths: tuple[float, ...]
    header: tuple[str, ...] = ()
    labels: Style = field(default_factory=Style)
    grouped: bool = False

    @property
    def first(self) -> int:
        """The column in which the cells of a row begin."""
        return 1 if self.grouped else 0

    @property
    def label_width(self) -> float:
        """The width of text in the group column."""
        return self.widths[0] - 2 * PADDING_X

    def boxes(self, cells: Sequence[Cell], column: int) -> Iterator[tuple[Cell, float, float]]:
        """Yield ``cells`` from ``column`` on with their left edge and width."""
        edges = list(accumulate(self.widths, initial=0.0))
        for cell in cells:
            yield cell, edges[column], edges[column + cell.span] - edges[column]
            column += cell.span

    def row_height(self, row: Row) -> float:
        """Return the height of ``row``: its highest cell with the padding, its least height at least."""
        return max(row.least, self._height(row.cells, self.first))

    def header_cells(self) -> tuple[Cell, ...]:
        """Return the cells of the header row, the group column's among them."""
        return tuple(text_cell(name, self.labels, shaded=True) for name in self.header)

    def header_height(self) -> float:
        """Return the height of the header row, 0 when there is none."""
        return self._height(self.header_cells(), 0) if self.header else 0.0

    def label(self, group: str) -> ZhParagraph:
        """Return the label of a group, cut short where it would fill the page."""
        return ZhParagraph(group, self.labels).shortened(self.label_width, _LABEL_LIMIT)

    def _height(self, cells: Sequence[Cell], column: int) -> float:
        heights = (cell.content.height(width - 2 * PADDING_X) for cell, _, width in self.boxes(cells, column))
        return max(heights, default=0.0) + 2 * PADDING_Y


class FormTable(Block):
    """A table that can be divided over pages at and within its rows."""

    def __init__(
        self,
        style: TableStyle,
        rows: Sequence[Row],
        *,
        continued: bool = False,
        heights: Sequence[float] | None = None,
    ) -> None:
        self._style = style
        self._rows = rows
        self._continued = continued  # the first group began on the page before
        self._natural = heights if heights is not None else [style.row_height(row) for row in rows]
        self._header = style.header_height()

    def height(self, width: float) -> float:  # noqa: ARG002 - a table has its own width
        return self._header + sum(self._heights(len(self._rows)))

    def split(self, width: float, room: float) -> tuple[FormTable, FormTable] | None:  # noqa: ARG002 - as above
        """Return the rows that fit into ``room`` points of height and the rest, or None."""
        count = self._fitting(room)
        left = room - self._header - sum(self._heights(count))
        if count < len(self._rows) and (not count or self._natural[count] > _TALL):
            cut = self._cut(self._rows[count], left)
            head = cut and self._part([*self._rows[:count], cut[0]], continued=self._continued)
            if cut and head and head.height(0) <= room:
                return head, self._part([cut[1], *self._rows[count + 1 :]], continued=bool(cut[1].group))
        if not 0 < count < len(self._rows):
            return None
        rows, natural = self._rows, self._natural
        goes_on = bool(rows[count].group) and rows[count].group == rows[count - 1].group
        return (
            self._part(rows[:count], continued=self._continued, heights=natural[:count]),
            self._part(rows[count:], continued=goes_on, heights=natural[count:]),
        )

    def draw(self, canvas: Any, x: float, top: float, width: float) -> None:  # noqa: ARG002 - as above
        """Draw the table with its top left corner at (``x``, ``top``)."""
        style = self._style
        canvas.saveState()
        canvas.setLineWidth(_RULE)
        y = top - self._header
        if style.header:
            _draw_cells(canvas, style.boxes(style.header_cells(), 0), x, top, self._header)
        for row, height in zip(self._rows, self._heights(len(self._rows)), strict=True):
            _draw_cells(canvas, style.boxes(row.cells, style.first), x, y, height)
            y -= height
        if style.grouped:
            self._draw_groups(canvas, x, top - self._header)
        canvas.setLineWidth(_FRAME)
        canvas.rect(x, y, sum(style.widths), top - y)
        canvas.restoreState()

    def _part(
        self, rows: Sequence[Row], *, continued: bool, heights: Sequence[float] | None = None
    ) -> FormTable:
        return FormTable(self._style, rows, continued=continued, heights=heights)

    def _groups(self, count: int) -> Iterator[tuple[ZhParagraph, int, int]]:
        """Yield the label of each group among the first ``count`` rows and its range of rows."""
        start = 0
        for group, members in groupby(self._rows[:count], key=lambda row: row.group):
            stop = start + len(list(members))
            suffix = _CONTINUED if start == 0 and self._continued and group else ""
            yield self._style.label(group + suffix), start, stop
            start = stop

    def _heights(self, count: int) -> list[float]:
        """Return the heights of the first ``count`` rows, the last of a group made to hold its label."""
        heights = list(self._natural[:count])
        if self._style.grouped:
            for label, start, stop in self._groups(count):
                wanted = label.height(self._style.label_width) + 2 * PADDING_Y
                heights[stop - 1] += max(0.0, wanted - sum(heights[start:stop]))
        return heights

    def _fitting(self, room: float) -> int:
        """Return how many rows fit into ``room`` points, labels included."""
        sums = accumulate(self._natural, initial=self._header)
        count = sum(1 for used in sums if used <= room + 0.01) - 1
        while count > 0 and self._header + sum(self._heights(count)) > room + 0.01:
            count -= 1
        return max(count, 0)

    def _cut(self, row: Row, room: float) -> tuple[Row, Row] | None:
        """Divide ``row`` inside its cells so that the first part fits into ``room`` points."""
        inner = room - 2 * PADDING_Y
        heads, tails, divided = [], [], False
        for cell, _, width in self._style.boxes(row.cells, self._style.first):
            content = cell.content
            parts: tuple[Block, Block] | None = (content, ZhParagraph(""))
            if content.height(width - 2 * PADDING_X) > inner:
                parts, divided = content.split(width - 2 * PADDING_X, inner), True
            if parts is None:
                return None
            heads.append(Cell(parts[0], cell.span, cell.top, cell.shaded))
            tails.append(Cell(parts[1], cell.span, cell.top, cell.shaded))
        if not divided:  # high by its least height only, such as the space for a seal
            return None
        return Row(tuple(heads), row.group), Row(tuple(tails), row.group)

    def _draw_groups(self, canvas: Any, x: float, top: float) -> None:
        heights = self._heights(len(self._rows))
        width = self._style.widths[0]
        for label, start, stop in self._groups(len(self._rows)):
            head, height = top - sum(heights[:start]), sum(heights[start:stop])
            canvas.rect(x, head - height, width, height)
            _draw_inside(canvas, label, (x, head, width, height))


def text_cell(text: str, style: Style, *, span: int = 1, top: bool = False, shaded: bool = False) -> Cell:
    """Return a cell of plain text."""
    return Cell(ZhParagraph(text, style), span, top=top, shaded=shaded)


def _draw_cells(
    canvas: Any, boxes: Iterator[tuple[Cell, float, float]], x: float, top: float, height: float
) -> None:
    """Draw one row of cells with its top left corner at (``x``, ``top``)."""
    for cell, left, width in boxes:
        if cell.shaded:
            canvas.setFillGray(0.955)
            canvas.rect(x + left, top - height, width, height, stroke=0, fill=1)
        canvas.rect(x + left, top - height, width, height)
        _draw_inside(canvas, cell.content, (x + left, top, width, height), top=cell.top)


def _draw_inside(
    canvas: Any, content: Block, box: tuple[float, float, float, float], *, top: bool = False
) -> None:
    """Draw ``content`` in the middle (or at the top) of ``box``: left, top, width, height."""
    left, head, width, height = box
    inner = width - 2 * PADDING_X
    drop = PADDING_Y if top else (height - content.height(inner)) / 2
    content.draw(canvas, left + PADDING_X, head - drop, inner)
