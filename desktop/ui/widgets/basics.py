"""Small pieces every screen is put together from, so that spacing and words look alike everywhere.

Nothing here knows records or the store: the window uses these pieces for its first paint.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QIcon, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from desktop.ui import icons, theme
from desktop.ui.theme import METRICS

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QHideEvent, QPaintEvent, QShowEvent
    from PySide6.QtWidgets import QLayout

    from desktop.ui.theme import Tone

Role = Literal["title", "heading", "label", "muted", "small", "figure", "problem", "warning", "body"]
Look = Literal["", "primary", "danger", "link"]


def icon(name: str, colour: str = "secondary") -> QIcon:
    """Return an icon in a colour token of the theme, which it follows."""
    return icons.icon(name, lambda: theme.current().colour(colour))


def label(text: str, role: Role = "body", *, wrap: bool = False, selectable: bool = False) -> QLabel:
    """Return words in one of the type roles."""
    made = QLabel(text)
    made.setProperty("role", role)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setWordWrap(wrap)
    if selectable:
        made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return made


def button(
    text: str, clicked: Callable[[], object] | None = None, *, look: Look = "", symbol: str = ""
) -> QPushButton:
    """Return a push button; it takes the focus by key only, so that the ring shows when it helps."""
    made = QPushButton(text)
    made.setProperty("look", look)
    made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    made.setCursor(Qt.CursorShape.PointingHandCursor)
    if symbol:
        made.setIcon(icon(symbol, "on_accent" if look == "primary" else "secondary"))
        made.setIconSize(QSize(16, 16))
    if clicked:
        made.clicked.connect(lambda *_: clicked())
    return made


def tool_button(
    symbol: str, tip: str, clicked: Callable[[], object] | None = None, *, text: str = ""
) -> QToolButton:
    """Return a flat button with an icon; ``tip`` is also its accessible name."""
    made = QToolButton()
    made.setIcon(icon(symbol))
    made.setIconSize(QSize(METRICS.icon, METRICS.icon))
    made.setToolTip(tip)
    made.setAccessibleName(tip)
    made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    if text:
        made.setText(text)
        made.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    if clicked:
        made.clicked.connect(lambda *_: clicked())
    return made


def row(*items: QWidget | QLayout | int | None, spacing: int = METRICS.s, margins: int = 0) -> QHBoxLayout:
    """Return a row; an integer is a gap, None a stretch."""
    made = QHBoxLayout()
    _fill(made, items, spacing, margins)
    return made


def column(*items: QWidget | QLayout | int | None, spacing: int = METRICS.s, margins: int = 0) -> QVBoxLayout:
    """Return a column; an integer is a gap, None a stretch."""
    made = QVBoxLayout()
    _fill(made, items, spacing, margins)
    return made


def _fill(
    layout: QHBoxLayout | QVBoxLayout,
    items: tuple[QWidget | QLayout | int | None, ...],
    spacing: int,
    margins: int,
) -> None:
    layout.setSpacing(spacing)
    layout.setContentsMargins(margins, margins, margins, margins)
    for item in items:
        if item is None:
            layout.addStretch(1)
        elif isinstance(item, int):
            layout.addSpacing(item)
        elif isinstance(item, QWidget):
            layout.addWidget(item)
        else:
            layout.addLayout(item)


def clear(layout: QLayout) -> None:
    """Take every widget out of a layout and delete it."""
    while (item := layout.takeAt(0)) is not None:
        if widget := item.widget():
            widget.hide()
            widget.deleteLater()
        elif inner := item.layout():
            clear(inner)


def restyle(widget: QWidget, **properties: object) -> None:
    """Set properties the style sheet looks at, and let it look again."""
    if all(widget.property(name) == value for name, value in properties.items()):
        return
    for name, value in properties.items():
        widget.setProperty(name, value)
    for touched in (widget, *widget.findChildren(QLabel)):
        touched.style().unpolish(touched)
        touched.style().polish(touched)


class Symbol(QWidget):
    """An icon that is only looked at."""

    def __init__(self, name: str, colour: str = "muted", size: int = METRICS.icon) -> None:
        super().__init__()
        self._name, self._colour = name, colour
        self.setFixedSize(size, size)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        icons.paint(painter, self._name, QRectF(self.rect()), theme.current().colour(self._colour))


class Chip(QLabel):
    """A word in the quiet colour of a state."""

    def __init__(self, text: str = "", tone: Tone = "neutral") -> None:
        super().__init__(text)
        self.setProperty("look", "chip")
        self.setProperty("tone", tone)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)

    def say(self, text: str, tone: Tone) -> None:
        """Show another state; the empty text hides the chip."""
        self.setText(text)
        self.setVisible(bool(text))
        restyle(self, tone=tone)


class Card(QFrame):
    """A framed surface with an optional heading; ``body`` is where its contents go."""

    def __init__(self, heading: str = "", *, aside: QWidget | None = None) -> None:
        super().__init__()
        self.setProperty("look", "card")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(METRICS.l, METRICS.l, METRICS.l, METRICS.l)
        outer.setSpacing(METRICS.m)
        if heading:
            outer.addLayout(row(label(heading, "heading"), None, *([aside] if aside else [])))
        self.body = QVBoxLayout()
        self.body.setSpacing(METRICS.s)
        outer.addLayout(self.body)


class Line(QFrame):
    """A hairline between two parts."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("look", "line")


class EmptyState(QWidget):
    """What to do where there is nothing yet: an icon, what and why, one button."""

    asked = Signal()

    def __init__(self, symbol: str, title: str, why: str, action: str = "") -> None:
        super().__init__()
        self.title = label(title, "heading")
        self.why = label(why, "muted", wrap=True)
        self.why.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.why.setFixedWidth(380)
        inner = column(Symbol(symbol, "line_strong", 48), 8, self.title, self.why, spacing=METRICS.s)
        for item in (inner.itemAt(index) for index in range(inner.count())):
            if item:
                item.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        if action:
            self.button = button(action, self.asked.emit, look="primary")
            inner.addSpacing(METRICS.s)
            inner.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)
        outer = QVBoxLayout(self)
        outer.addStretch(2)
        outer.addLayout(inner)
        outer.addStretch(3)

    def showEvent(self, event: QShowEvent) -> None:
        # An aligned label is given the height of one line, whatever its words need.
        self.why.setMinimumHeight(self.why.heightForWidth(self.why.width()))
        super().showEvent(event)


class MessageBar(QWidget):
    """A quiet line above the contents: a refusal, or an offer with one button; no space when hidden.

    An offer may ask for a few words; they are in ``words`` when the button is pressed. What must not be
    overlooked is not ``closable``.
    """

    asked = Signal()

    def __init__(self, *, side: int = METRICS.xl, closable: bool = True) -> None:
        super().__init__()
        self._frame = QFrame()
        self._frame.setProperty("look", "bar")
        self._frame.setProperty("tone", "info")
        self._frame.setMinimumHeight(METRICS.row)
        self._text = label("", wrap=True, selectable=True)
        self.entry = QLineEdit()
        self.entry.setAccessibleName("提示中的回答")
        self.entry.returnPressed.connect(self.asked)
        self._button = button("", self.asked.emit, look="link")
        self._button.setAccessibleName("提示中的操作")
        self._close = tool_button("close", "关闭提示", self.hide)
        if not closable:
            self._close.hide()
        inside = row(self._text, self.entry, self._button, self._close)
        inside.setContentsMargins(METRICS.m, METRICS.xs, METRICS.xs if closable else METRICS.m, METRICS.xs)
        inside.setStretch(0, 1)
        inside.setStretch(1, 1)
        self._frame.setLayout(inside)
        held = column(self._frame)
        held.setContentsMargins(side, METRICS.s, side, METRICS.s)
        self.setLayout(held)
        self.hide()

    @property
    def text(self) -> str:
        """What the bar says."""
        return self._text.text()

    @property
    def words(self) -> str:
        """What was typed into the offer."""
        return self.entry.text().strip()

    def say(self, text: str, tone: Tone = "info", action: str = "", *, asks: str = "") -> None:
        """Show a sentence, with an offer if ``action`` names one; ``asks`` says which words it takes."""
        self._text.setText(text)
        self.entry.clear()
        self.entry.setPlaceholderText(asks)
        self.entry.setAccessibleName(asks or "提示中的回答")
        self.entry.setVisible(bool(asks))
        self._button.setText(action)
        self._button.setAccessibleName(action or "提示中的操作")
        self._button.setVisible(bool(action))
        restyle(self._frame, tone=tone)
        self.show()
        if asks:
            self.entry.setFocus()


class SkeletonList(QWidget):
    """Grey bars in the shape of a list, shown until the first rows are there."""

    def __init__(self, rows: int = 9) -> None:
        super().__init__()
        self._rows = rows
        self.setAccessibleName("正在读取")

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.current().colour("line"))
        for index in range(self._rows):
            top = METRICS.l + index * METRICS.row
            left = float(METRICS.m)
            for share in (0.3, 0.15, 0.1, 0.12):
                width = self.width() * share * (0.7 + 0.3 * ((index * 7 + int(share * 100)) % 5) / 4)
                painter.drawRoundedRect(QRectF(left, top, width, 10), 5, 5)
                left += self.width() * share + METRICS.xl


class Busy(QWidget):
    """A turning arc while work is on its way; it appears only after a moment, so as not to flicker."""

    DELAY_MS = 250

    def __init__(self, size: int = 16) -> None:
        super().__init__()
        self.setFixedSize(size, size)
        self.setAccessibleName("处理中")
        self._angle = 0
        self._on = False
        self._wait = QTimer(self, singleShot=True, interval=self.DELAY_MS)
        self._wait.timeout.connect(self._begin)
        self._turn = QTimer(self, interval=60)
        self._turn.timeout.connect(self._step)

    def run(self, *, on: bool) -> None:
        """Begin or end."""
        if on and not self._on:
            self._wait.start()
        elif not on:
            self._wait.stop()
            self._turn.stop()
            self.update()
        self._on = on

    def hideEvent(self, event: QHideEvent) -> None:
        self.run(on=False)
        super().hideEvent(event)

    def _begin(self) -> None:
        self._turn.start()
        self.update()

    def _step(self) -> None:
        self._angle = (self._angle - 30) % 360
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        if not self._turn.isActive():
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = painter.pen()
        pen.setColor(QColor(theme.current().accent))
        pen.setWidthF(2)
        painter.setPen(pen)
        painter.drawArc(QRectF(self.rect()).adjusted(2, 2, -2, -2), self._angle * 16, 270 * 16)
