"""技术就绪度 as nine drawn steps: how ripe an achievement is, seen before it is read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.ui import theme

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

    from domain.codes import CodeList

STEPS: Final = 9
WIDTH: Final = 14
GAP: Final = 3
LOWEST: Final = 7
HIGHEST: Final = 38


class TrlLadder(QWidget):
    """Nine rising steps, filled up to the level reached; nothing is filled while it is unknown."""

    def __init__(self, codes: CodeList) -> None:
        super().__init__()
        self._codes = codes
        self.level = 0
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.show_level(None)

    def sizeHint(self) -> QSize:
        return QSize(STEPS * (WIDTH + GAP) - GAP, HIGHEST + 2)

    def show_level(self, code: str | None) -> None:
        """Show the level of a code of the list trl."""
        self.level = int(code) if code and code.isdecimal() else 0
        words = f"技术就绪度 {self._codes.label_of(code)}" if self.level else "技术就绪度未评"
        self.setAccessibleName(f"{words}，共 {STEPS} 级")
        told = (f"{number} {self._codes.label_of(str(number))}" for number in range(STEPS, 0, -1))
        self.setToolTip("\n".join(f"▶ {line}" if line[0] == code else f"　 {line}" for line in told))
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        look = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        for step in range(1, STEPS + 1):
            height = LOWEST + (HIGHEST - LOWEST) * (step - 1) / (STEPS - 1)
            on_the_way = step < self.level  # paler than the step it stands on
            painter.setOpacity(0.3 + 0.5 * step / STEPS if on_the_way else 1)
            painter.setBrush(QColor(look.line if step > self.level else look.accent))
            left = (step - 1) * (WIDTH + GAP)
            painter.drawRoundedRect(QRectF(left, HIGHEST + 1 - height, WIDTH, height), 3, 3)
