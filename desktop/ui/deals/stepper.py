"""The way of a deal as a row of steps; a click on one moves the deal there."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final, Literal

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QPainter, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from desktop.ui import icons, theme
from desktop.ui.deals.stages import STAGES, TERMINATED
from desktop.ui.theme import METRICS
from desktop.ui.widgets.basics import button, row

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent, QPaintEvent

    from domain.codes import CodeList

State = Literal["past", "here", "ahead"]
SAID: Final = {"past": "已过", "here": "当前", "ahead": "未到"}
DOT: Final = 9.0


class Step(QAbstractButton):
    """One stage: a dot on the line, its number or a tick inside, its name below."""

    def __init__(self, number: int, words: str) -> None:
        super().__init__()
        self._number, self.state = number, "ahead"
        self.setText(words)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def sizeHint(self) -> QSize:
        return QSize(96, 46)

    def show_state(self, state: State) -> None:
        """Show where the deal is seen from here."""
        self.state = state
        self.setAccessibleName(f"阶段 {self._number + 1} {self.text()}（{SAID[state]}）")
        self.setToolTip("当前阶段" if state == "here" else f"移到“{self.text()}”（可撤销）")
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        look, middle, y = theme.current(), self.width() / 2, 14.0
        reached = self.state != "ahead"
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        done, still = QPen(QColor(look.accent), 2), QPen(QColor(look.line_strong), 2)
        if self._number:
            painter.setPen(done if reached else still)
            painter.drawLine(QPointF(0, y), QPointF(middle - DOT - 4, y))
        if self._number < len(STAGES) - 1:
            painter.setPen(done if self.state == "past" else still)
            painter.drawLine(QPointF(middle + DOT + 4, y), QPointF(self.width(), y))
        self._paint_dot(painter, QPointF(middle, y))
        font = QFont(self.font())
        font.setPixelSize(13)
        font.setWeight(QFont.Weight.DemiBold if self.state == "here" else QFont.Weight.Normal)
        painter.setFont(font)
        hovered = self.underMouse() and self.isEnabled()
        name = "accent" if self.state == "here" or hovered else "text" if reached else "muted"
        painter.setPen(look.colour(name))
        painter.drawText(QRectF(0, 26, self.width(), 18), int(Qt.AlignmentFlag.AlignCenter), self.text())
        if self.hasFocus():
            painter.setPen(QPen(QColor(look.accent), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(8, 0.5, -8, -0.5), 6, 6)

    def _paint_dot(self, painter: QPainter, at: QPointF) -> None:
        look = theme.current()
        if self.state == "here":
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(look.tone("accent").soft))
            painter.drawEllipse(at, DOT + 4, DOT + 4)
        reached = self.state != "ahead"
        painter.setPen(QPen(QColor(look.accent if reached else look.line_strong), 2))
        painter.setBrush(QColor(look.accent if reached else look.surface))
        painter.drawEllipse(at, DOT, DOT)
        if self.state == "past":
            where = QRectF(at.x() - 6, at.y() - 6, 12, 12)
            icons.paint(painter, "check", where, QColor(look.on_accent))
            return
        font = QFont(self.font())
        font.setPixelSize(11)
        painter.setFont(font)
        painter.setPen(QColor(look.on_accent if reached else look.muted))
        where = QRectF(at.x() - DOT, at.y() - DOT, 2 * DOT, 2 * DOT)
        painter.drawText(where, int(Qt.AlignmentFlag.AlignCenter), str(self._number + 1))


class StageStepper(QWidget):
    """All stages in a row; arrow keys go along them, Enter or Space moves the deal."""

    picked = Signal(str)
    """The stage the user wants."""

    def __init__(self, codes: CodeList) -> None:
        super().__init__()
        self.stage = ""
        self.steps = [Step(number, codes.label_of(stage)) for number, stage in enumerate(STAGES)]
        self.end = button("终止", partial(self._pick, TERMINATED), look="link")
        self.end.setToolTip("终止这笔交易（可撤销）")
        for stage, step in zip(STAGES, self.steps, strict=True):
            step.clicked.connect(lambda _checked=False, stage=stage: self._pick(stage))
            step.installEventFilter(self)
        held = row(*self.steps, METRICS.m, self.end, spacing=0)
        held.setContentsMargins(0, METRICS.xs, 0, METRICS.xs)
        self.setLayout(held)
        self.setAccessibleName("交易阶段")
        self.show_stage("")

    def show_stage(self, stage: str) -> None:
        """Show where the deal is; in no stage, as for a terminated deal, no step is lit."""
        self.stage = stage
        here = STAGES.index(stage) if stage in STAGES else -1
        for number, step in enumerate(self.steps):
            step.show_state("past" if number < here else "here" if number == here else "ahead")
        self.end.setText("已终止" if stage == TERMINATED else "终止")
        self.end.setEnabled(stage != TERMINATED)

    def _pick(self, stage: str) -> None:
        if stage != self.stage:
            self.picked.emit(stage)

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and watched in self.steps:
            return self._key(self.steps.index(watched), event)  # type: ignore[arg-type]  # a KeyPress is a QKeyEvent, and a step a Step
        return False

    def _key(self, number: int, event: QKeyEvent) -> bool:
        key = event.key()
        if key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            further = number + (1 if key == Qt.Key.Key_Right else -1)
            self.steps[min(max(further, 0), len(self.steps) - 1)].setFocus(Qt.FocusReason.TabFocusReason)
            return True
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._pick(STAGES[number])
            return True
        return False
