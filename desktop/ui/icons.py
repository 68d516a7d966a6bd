"""The program's own icons: strokes on a grid of 24, drawn as vectors at whatever size and density is asked.

An icon asks for its colour each time it is painted, so a change between light and dark needs no new icons.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QByteArray, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QGuiApplication, QIcon, QIconEngine, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QColor

FOLDER: Final = Path(__file__).resolve().parents[2] / "resources" / "icons"


@functools.cache
def source(name: str) -> str:
    """Return the drawing of an icon.

    Raises:
        FileNotFoundError: there is no icon of that name.
    """
    return (FOLDER / f"{name}.svg").read_text("utf-8")


def paint(painter: QPainter, name: str, where: QRectF, colour: QColor) -> None:
    """Draw an icon into a rectangle."""
    svg = source(name).replace("currentColor", colour.name())
    QSvgRenderer(QByteArray(svg.encode())).render(painter, where)


class _Engine(QIconEngine):
    """Draws one icon in the colour of the moment."""

    def __init__(self, name: str, colour: Callable[[], QColor]) -> None:
        super().__init__()
        self._name, self._colour = name, colour
        self._copies: list[_Engine] = []

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, _state: QIcon.State) -> None:
        off = QGuiApplication.palette().color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.ButtonText)
        paint(painter, self._name, QRectF(rect), off if mode == QIcon.Mode.Disabled else self._colour())

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        drawn = QPixmap(size)
        if drawn.isNull():  # asked for while its widget has no size yet
            return drawn
        drawn.fill(Qt.GlobalColor.transparent)
        painter = QPainter(drawn)
        self.paint(painter, QRect(QPoint(0, 0), size), mode, state)
        painter.end()
        return drawn

    def clone(self) -> QIconEngine:
        """Return a copy, which Python must keep: Qt takes it without counting."""
        copy = _Engine(self._name, self._colour)
        self._copies.append(copy)
        return copy


def icon(name: str, colour: Callable[[], QColor]) -> QIcon:
    """Return an icon that is painted in whatever ``colour()`` says at the time."""
    source(name)  # a wrong name shows at once, not when first painted
    return QIcon(_Engine(name, colour))
