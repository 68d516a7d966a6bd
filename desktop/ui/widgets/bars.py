"""Shares of a whole as a thin bar or a ring; the figure in words always stands beside them."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen
from PySide6.QtWidgets import QWidget

from desktop.ui import theme

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

    from desktop.ui.theme import Tone

WHOLE: Final = Decimal(100)
FULL_TURN: Final = 360 * 16
TOP: Final = 90 * 16


class ThinBar(QWidget):
    """A share in per cent as a filled line."""

    def __init__(self, height: int = 4, width: int = 0) -> None:
        super().__init__()
        self.share: Decimal | None = None
        self._tone: Tone = "accent"
        self.setFixedHeight(height)
        if width:
            self.setFixedWidth(width)

    def show_share(self, share: Decimal | None, tone: Tone = "accent") -> None:
        """Show a share; None leaves the bar empty, more than the whole fills it."""
        self.share, self._tone = share, tone
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        look, round_off = theme.current(), self.height() / 2
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(look.line))
        painter.drawRoundedRect(QRectF(self.rect()), round_off, round_off)
        if self.share:
            width = self.width() * float(min(self.share / WHOLE, Decimal(1)))
            painter.setBrush(look.colour(self._tone))
            painter.drawRoundedRect(QRectF(0, 0, width, self.height()), round_off, round_off)


class ProgressRing(QWidget):
    """A share in per cent as a ring with the figure in its middle."""

    def __init__(self, size: int = 56) -> None:
        super().__init__()
        self.share = Decimal(0)
        self.setFixedSize(size, size)

    def show_share(self, share: Decimal) -> None:
        """Show another share."""
        self.share = share
        self.setAccessibleName(f"完成 {int(share)}%")
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        look = theme.current()
        where = QRectF(self.rect()).adjusted(4, 4, -4, -4)
        done = look.colour("success" if self.share >= WHOLE else "accent")
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(look.line), 5))
        painter.drawEllipse(where)
        painter.setPen(QPen(done, 5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawArc(where, TOP, -int(FULL_TURN * min(self.share / WHOLE, Decimal(1))))
        font = QFont(self.font())
        font.setPixelSize(13)
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(QColor(look.text))
        painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignCenter), f"{int(self.share)}%")
