"""The small sign of a record in lists and on cards that is not as on the server; all others have none.

The signs are those of the indicator in the status bar; the words stand in the tip and are read aloud.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from desktop.models.outgoing import marks
from desktop.ui import theme

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Connection

    from desktop.models.outgoing.marks import Mark
    from desktop.models.outgoing.outbox import Counts
    from desktop.sync.status import Status
    from desktop.ui.theme import Tone
    from desktop.ui.widgets.session import Session

SIDE: Final = 11
"""Pixels of a sign's square."""
WORDS: Final[Mapping[Mark, str]] = {
    "queued": "待上传",
    "flying": "上传中",
    "refused": "被退回",
    "conflict": "冲突",
}
_TONES: Final[Mapping[Mark, Tone]] = {
    "queued": "accent",
    "flying": "accent",
    "refused": "danger",
    "conflict": "warning",
}


def read(
    session: Session, connection: Connection, record_type: str, ids: Iterable[uuid.UUID]
) -> dict[uuid.UUID, Mark]:
    """Return the marks of records; none where no server was joined."""
    return marks.of_records(connection, record_type, ids) if session.sync.joined else {}


class MarkWatch(QObject):
    """Says when marks may have moved though no record was touched: something was sent, or came back."""

    moved = Signal()

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._counts: Counts | None = None
        session.sync.told.connect(self._told)

    def _told(self, status: Status) -> None:
        if status.counts != self._counts:
            self._counts = status.counts
            self.moved.emit()


def paint_mark(painter: QPainter, where: QRectF, mark: Mark) -> None:
    """Draw a sign into a square: half a disc, an arrow, a cross, a triangle."""
    colour = QColor(theme.current().tone(_TONES[mark]).ink)
    inner = where.adjusted(1, 1, -1, -1)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(colour, 1.5))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if mark == "queued":
        painter.drawEllipse(inner)
        painter.setBrush(colour)
        painter.drawPie(inner, 90 * 16, 180 * 16)
    elif mark == "flying":
        top, middle = QPointF(inner.center().x(), inner.top()), inner.center().y()
        sides = (QPointF(inner.left() + 1, middle), QPointF(inner.right() - 1, middle))
        painter.drawLine(QPointF(top.x(), inner.bottom()), top)
        painter.drawPolyline([sides[0], top, sides[1]])
    elif mark == "refused":
        painter.drawLine(inner.topLeft(), inner.bottomRight())
        painter.drawLine(inner.topRight(), inner.bottomLeft())
    else:
        painter.setBrush(colour)
        painter.drawPolygon(
            QPolygonF([QPointF(inner.center().x(), inner.top()), inner.bottomRight(), inner.bottomLeft()])
        )
    painter.restore()
