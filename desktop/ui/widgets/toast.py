"""A short message that floats over the page and goes by itself, with an offer to undo."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QWidget

from desktop.ui.theme import METRICS
from desktop.ui.widgets.basics import button, label, row

if TYPE_CHECKING:
    from PySide6.QtGui import QHideEvent

SHOWN_MS = 4000
SHOWN_WITH_OFFER_MS = 8000


class Toast(QFrame):
    """Sits at the bottom of its parent; stays longer while it offers something or is pointed at."""

    undo_asked = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._over = parent
        self.setProperty("look", "toast")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.words = label("")
        self.offer = button("撤销", self._undo)
        held = row(self.words, self.offer, spacing=METRICS.m)
        held.setContentsMargins(METRICS.l, METRICS.s, METRICS.m, METRICS.s)
        self.setLayout(held)
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self.hide)
        parent.installEventFilter(self)
        self.hide()

    def say(self, words: str, *, undo: bool = False) -> None:
        """Show a message."""
        self.words.setText(words)
        self.offer.setVisible(undo)
        self.show()
        self._place()
        self.raise_()
        self._timer.start(SHOWN_WITH_OFFER_MS if undo else SHOWN_MS)

    def _undo(self) -> None:
        self.hide()
        self.undo_asked.emit()

    def _place(self) -> None:
        self.adjustSize()
        over = self._over.rect()
        self.move((over.width() - self.width()) // 2, over.height() - self.height() - 72)

    def hideEvent(self, event: QHideEvent) -> None:
        self._timer.stop()
        super().hideEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return super().eventFilter(watched, event)
