"""The form table exists because official forms need what no table of ReportLab does across pages.

The header is repeated, a merged group column goes on as ××（续）, and a row higher than the page is divided
inside its cells. In the structure tree it stays one table: a row, cell or group that goes on is the same
element, and what is only repeated is an artifact.
"""

from __future__ import annotations

from contextlib import nullcontext
from copy import copy
from dataclasses import dataclass, field, replace
from itertools import accumulate, groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from desktop.documents.flow import Block
from desktop.documents.paragraph import Style, ZhParagraph
from desktop.documents.tags import artifact, tagged

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence


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


class _Line(NamedTuple):
    """A row as it is set: its own height in points and how many rows its group has in the whole table.

    ``begun`` marks the rest of a row that started on the page before.
    """

    row: Row
    height: float
    members: int
    begun: bool = False


class FormTable(Block):
    """A table that can be divided over pages at and within its rows."""

    def __init__(self, style: TableStyle, rows: Sequence[Row]) -> None:
        self._style = style
        self._lines = _lines(style, rows)
        self._header = style.header_height()
        self._begun = False  # the table began on the page before
        self._continued = False  # the first group did

    def height(self, width: float) -> float:  # noqa: ARG002 - a table has its own width
        return self._header + sum(self._heights(len(self._lines)))

    def split(self, width: float, room: float) -> tuple[FormTable, FormTable] | None:  # noqa: ARG002 - as above
        """Return the rows that fit into ``room`` points of height and the rest, or None."""
        lines, count = self._lines, self._fitting(room)
        left = room - self._header - sum(self._heights(count))
        if count < len(lines) and (not count or lines[count].height > _TALL):
            cut = self._cut(lines[count], left)
            head = self._head([*lines[:count], cut[0]]) if cut else None
            if cut and head and head.height(0) <= room:
                return head, self._rest([cut[1], *lines[count + 1 :]], continued=bool(cut[1].row.group))
        if not 0 < count < len(lines):
            return None
        group = lines[count].row.group
        goes_on = bool(group) and group == lines[count - 1].row.group
        return self._head(lines[:count]), self._rest(lines[count:], continued=goes_on)

    def draw(self, canvas: Any, x: float, top: float, width: float) -> None:  # noqa: ARG002 - as above
        """Draw the table with its top left corner at (``x``, ``top``)."""
        style = self._style
        canvas.saveState()
        canvas.setLineWidth(_RULE)
        with tagged(canvas, "Table", resume=-1 if self._begun else None):
            if style.header:
                boxes = style.boxes(style.header_cells(), 0)
                with artifact(canvas) if self._begun else tagged(canvas, "TR"):
                    _draw_cells(canvas, boxes, (x, top, self._header), scope="/Column")
            foot = self._draw_rows(canvas, x, top - self._header)
        canvas.setLineWidth(_FRAME)
        canvas.rect(x, foot, sum(style.widths), top - foot)
        canvas.restoreState()

    def _draw_rows(self, canvas: Any, x: float, y: float) -> float:
        """Draw the rows from the height ``y`` downwards and return where they end."""
        style, heights = self._style, self._heights(len(self._lines))
        labels = {}
        if style.grouped:
            labels = {
                start: (label, sum(heights[start:stop])) for label, start, stop in self._groups(len(heights))
            }
        for place, (line, height) in enumerate(zip(self._lines, heights, strict=True)):
            with tagged(canvas, "TR", resume=-1 if line.begun else None):
                if place in labels:
                    label, whole = labels[place]
                    span: dict[str, str | int] = {"Scope": "/Row", "RowSpan": line.members}
                    repeated = line.begun or (place == 0 and self._continued)
                    box = (x, y, style.widths[0], whole)
                    _draw_frame(canvas, box)
                    with artifact(canvas) if repeated else nullcontext():
                        _draw_cell(canvas, label, box, span)
                boxes = style.boxes(line.row.cells, style.first)
                _draw_cells(canvas, boxes, (x, y, height), scope="/Row", begun=line.begun)
            y -= height
        return y

    def _head(self, lines: Sequence[_Line]) -> FormTable:
        return self._part(lines, begun=self._begun, continued=self._continued)

    def _rest(self, lines: Sequence[_Line], *, continued: bool) -> FormTable:
        return self._part(lines, begun=True, continued=continued)

    def _part(self, lines: Sequence[_Line], *, begun: bool, continued: bool) -> FormTable:
        part = copy(self)
        vars(part).update(_lines=lines, _begun=begun, _continued=continued)
        return part

    def _groups(self, count: int) -> Iterator[tuple[ZhParagraph, int, int]]:
        """Yield the label of each group among the first ``count`` rows and its range of rows."""
        start = 0
        for group, members in groupby(self._lines[:count], key=lambda line: line.row.group):
            stop = start + len(list(members))
            suffix = _CONTINUED if start == 0 and self._continued and group else ""
            yield self._style.label(group + suffix), start, stop
            start = stop

    def _heights(self, count: int) -> list[float]:
        """Return the heights of the first ``count`` rows, the last of a group made to hold its label."""
        heights = [line.height for line in self._lines[:count]]
        if self._style.grouped:
            for label, start, stop in self._groups(count):
                wanted = label.height(self._style.label_width) + 2 * PADDING_Y
                heights[stop - 1] += max(0.0, wanted - sum(heights[start:stop]))
        return heights

    def _fitting(self, room: float) -> int:
        """Return how many rows fit into ``room`` points, labels included."""
        sums = accumulate((line.height for line in self._lines), initial=self._header)
        count = sum(1 for used in sums if used <= room + 0.01) - 1
        while count > 0 and self._header + sum(self._heights(count)) > room + 0.01:
            count -= 1
        return max(count, 0)

    def _cut(self, line: _Line, room: float) -> tuple[_Line, _Line] | None:
        """Divide ``line`` inside its cells so that the first part fits into ``room`` points."""
        style, row, inner = self._style, line.row, room - 2 * PADDING_Y
        heads, tails, divided = [], [], False
        for cell, _, width in style.boxes(row.cells, style.first):
            content = cell.content
            parts: tuple[Block, Block] | None = (content, ZhParagraph(""))
            if content.height(width - 2 * PADDING_X) > inner:
                parts, divided = content.split(width - 2 * PADDING_X, inner), True
            if parts is None:
                return None
            heads.append(replace(cell, content=parts[0]))
            tails.append(replace(cell, content=parts[1]))
        if not divided:  # high by its least height only, such as the space for a seal
            return None
        head, tail = Row(tuple(heads), row.group), Row(tuple(tails), row.group)
        return (
            line._replace(row=head, height=style.row_height(head)),
            _Line(tail, style.row_height(tail), line.members, begun=True),
        )


def text_cell(text: str, style: Style, *, span: int = 1, top: bool = False, shaded: bool = False) -> Cell:
    """Return a cell of plain text."""
    return Cell(ZhParagraph(text, style), span, top=top, shaded=shaded)


def _lines(style: TableStyle, rows: Sequence[Row]) -> list[_Line]:
    """Return ``rows`` measured and with the size of their groups."""
    lines: list[_Line] = []
    for _, members in groupby(rows, key=lambda row: row.group):
        group = list(members)
        lines += [_Line(row, style.row_height(row), len(group)) for row in group]
    return lines


def _draw_cells(
    canvas: Any,
    boxes: Iterable[tuple[Cell, float, float]],
    place: tuple[float, float, float],
    *,
    scope: str,
    begun: bool = False,
) -> None:
    """Draw a row of cells at ``place``: left, top and height; shaded ones are headers with that ``scope``."""
    x, top, height = place
    cells = [(cell, (x + left, top, width, height)) for cell, left, width in boxes]
    for cell, box in cells:  # all frames first: they are one artifact
        _draw_frame(canvas, box, shaded=cell.shaded)
    for number, (cell, box) in enumerate(cells):
        attributes: dict[str, str | int] = {"Scope": scope} if cell.shaded else {}
        if cell.span > 1:
            attributes["ColSpan"] = cell.span
        resume = number - len(cells) if begun else None
        _draw_cell(canvas, cell.content, box, attributes, top=cell.top, resume=resume)


def _draw_frame(canvas: Any, box: tuple[float, float, float, float], *, shaded: bool = False) -> None:
    left, head, width, height = box
    if shaded:
        canvas.setFillGray(0.955)
        canvas.rect(left, head - height, width, height, stroke=0, fill=1)
    canvas.rect(left, head - height, width, height)


def _draw_cell(
    canvas: Any,
    content: Block,
    box: tuple[float, float, float, float],
    attributes: Mapping[str, str | int],
    *,
    top: bool = False,
    resume: int | None = None,
) -> None:
    """Draw ``content`` in the middle (or at the top) of a cell: left, top, width, height."""
    left, head, width, height = box
    inner = width - 2 * PADDING_X
    drop = PADDING_Y if top else (height - content.height(inner)) / 2
    with tagged(canvas, "TH" if "Scope" in attributes else "TD", table=attributes, resume=resume):
        content.draw(canvas, left + PADDING_X, head - drop, inner)
