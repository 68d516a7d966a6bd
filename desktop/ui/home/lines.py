"""The lines the day's page is made of: words to click, a circle to tick, an icon before a name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QPushButton, QSizePolicy, QToolButton, QWidget

from desktop.ui import icons, theme
from desktop.ui.theme import METRICS
from desktop.ui.widgets.basics import Symbol, row

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QPaintEvent

WORDS_STYLE = """
QPushButton { border: none; background: transparent; padding: 0; text-align: left; color: palette(text);
    min-height: 24px; }
QPushButton:hover { color: palette(link); }
QPushButton:focus { border: none; padding: 0; text-decoration: underline; }
"""


class Words(QPushButton):
    """A name that opens what it names; it gives way with dots where there is little room."""

    def __init__(self, text: str, clicked: Callable[[], Any], *, quiet: bool = False) -> None:
        super().__init__()
        self.full = text
        colour = "placeholder-text" if quiet else "text"
        self.setStyleSheet(WORDS_STYLE.replace("palette(text)", f"palette({colour})"))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(text)
        self.setText(text)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.clicked.connect(lambda *_: clicked())

    def minimumSizeHint(self) -> QSize:
        return QSize(60, super().minimumSizeHint().height())

    def sizeHint(self) -> QSize:
        width = self.fontMetrics().horizontalAdvance(self.full) + 8
        return QSize(width, super().sizeHint().height())

    def resizeEvent(self, _event: Any) -> None:
        metrics = self.fontMetrics()
        shown = metrics.elidedText(self.full, Qt.TextElideMode.ElideRight, self.width() - 2)
        if shown != self.text():
            self.setText(shown)
        self.setToolTip("" if shown == self.full else self.full)


class Tick(QToolButton):
    """An open circle; pointing at it shows the tick it will get."""

    def __init__(self, title: str, clicked: Callable[[], Any]) -> None:
        super().__init__()
        self.setFixedSize(24, 24)
        self.setToolTip("完成（可撤销）")
        self.setAccessibleName(f"完成：{title}")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.clicked.connect(lambda *_: clicked())

    def paintEvent(self, _event: QPaintEvent) -> None:
        look = theme.current()
        on = self.underMouse() or self.hasFocus()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(look.accent if on else look.line_strong), 1.5))
        painter.setBrush(QColor(look.tones["accent"].soft) if on else Qt.BrushStyle.NoBrush)
        painter.drawEllipse(QRectF(4, 4, 16, 16))
        if on:
            icons.paint(painter, "check", QRectF(7, 7, 10, 10), QColor(look.accent))


def line(symbol: str, *items: Any) -> QWidget:
    """Return one line with an icon before it; None is a stretch."""
    made = QWidget()
    held = row(Symbol(symbol, "muted", 16), *items, spacing=METRICS.s)
    held.setContentsMargins(0, 2, 0, 2)
    made.setLayout(held)
    return made
