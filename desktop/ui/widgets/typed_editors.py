"""The editors in which somebody types: words, notes, figures, amounts and days; and what all editors share.

An editor keeps *raw* content: a JSON value that may not be valid yet (drafts keep it as it stands). What
it means is told by ``domain.values.parse``, the same reader that imports use.
"""

from __future__ import annotations

import decimal
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QDate, QPoint, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from desktop.ui.theme import METRICS
from desktop.ui.widgets.basics import column, icon, label, restyle, row
from desktop.ui.widgets.calendar import Calendar
from desktop.ui.widgets.formats import amount, written
from desktop.ui.widgets.pickers import LeaveWatch
from domain import amounts, values
from domain.values import UnreadableError

if TYPE_CHECKING:
    from desktop.ui.widgets.session import Session
    from domain.fields import Field

SHOWN_MS: Final = 60_000
"""How long personal data stays readable after the eye was pressed."""
READS: Final = "reads"
"""The property of a line's action that only shows: it stays where nothing may be changed."""
EXAMPLE: Final = "example"
"""The property of a line that keeps what it shows while it is empty and may be changed."""
NOTE_LINES: Final = (3, 12)


class Editor(QWidget):
    """What every editor can do; ``edited`` is said for the user's changes only, not for ``show``."""

    edited = Signal()
    left = Signal()

    def __init__(self, field: Field, session: Session) -> None:
        super().__init__()
        self.field, self.session = field, session
        self.locked = False

    def lock(self, *, on: bool) -> None:
        """Let the content be read and copied, and not be changed; or take it again."""
        self.locked = on
        for line in self.findChildren(QLineEdit):
            line.setReadOnly(on)
            example = line.property(EXAMPLE) or line.placeholderText()
            line.setProperty(EXAMPLE, example)
            line.setPlaceholderText("" if on else example)
            for action in line.actions():
                action.setVisible(not on or bool(action.property(READS)))

    def raw(self) -> Any:
        """Return what stands in the editor as a JSON value; None or an empty value for nothing."""
        raise NotImplementedError

    def put(self, raw: Any) -> None:
        """Show raw content."""
        raise NotImplementedError

    def mark(self, *, wrong: bool) -> None:
        """Show that something is wrong with the content, beside the words of the problem."""
        target = self.focusProxy()
        if target:
            restyle(target, wrong="true" if wrong else "false")

    def _made_of(self, main: QWidget, layout: QHBoxLayout | QVBoxLayout) -> None:
        """Put the parts together; ``main`` is what gets the focus and the field's name."""
        self.setLayout(layout)
        self.setFocusProxy(main)
        main.setAccessibleName(self.field.label)
        LeaveWatch(main).left.connect(self.left)


class TextEditor(Editor):
    """One line. Personal data stays masked until the eye is pressed, and is masked again after a minute."""

    def __init__(self, field: Field, session: Session) -> None:
        super().__init__(field, session)
        self.line = QLineEdit()
        self.line.setPlaceholderText(f"例如 {field.example}" if field.example else "")
        self.line.textEdited.connect(lambda *_: self._typed())
        self._hidden: str | None = None
        self._hide_again = QTimer(self, singleShot=True, interval=SHOWN_MS)
        self._hide_again.timeout.connect(self._hide)
        if field.personal:
            self._eye = self.line.addAction(icon("eye", "muted"), QLineEdit.ActionPosition.TrailingPosition)
            self._eye.setToolTip("显示或隐藏完整内容")
            self._eye.setProperty(READS, True)
            self._eye.triggered.connect(lambda *_: self._toggle())
        unit = [label(field.unit_label, "muted")] if field.unit_label else []
        self._made_of(self.line, row(self.line, *unit))

    def _typed(self) -> None:
        if self._hide_again.isActive():
            self._hide_again.start()  # a minute from the last key, not in the middle of a word
        self.edited.emit()

    def raw(self) -> str:
        return self.line.text() if self._hidden is None else self._hidden

    def put(self, raw: Any) -> None:
        self._hidden = None
        self.line.setReadOnly(self.locked)
        self.line.setText(raw or "")
        self.line.setCursorPosition(0)
        if self.field.personal:
            self._hide()

    def _toggle(self) -> None:
        """Mask the content, or show it for editing; what is shown hides itself again after a while."""
        if self._hidden is None:
            self._hide()
            return
        self.line.setText(self._hidden)
        self._hidden = None
        self.line.setReadOnly(self.locked)
        self._hide_again.start()

    def _hide(self) -> None:
        self._hide_again.stop()
        if self._hidden is None and self.line.text():
            self._hidden = self.line.text()
            self.line.setText(values.mask(self.field, self._hidden))
            self.line.setReadOnly(True)


class KeptEditor(TextEditor):
    """What the program writes: to be read and copied, not to be typed."""

    def __init__(self, field: Field, session: Session) -> None:
        super().__init__(field, session)
        self.line.setReadOnly(True)
        self.line.setPlaceholderText("由程序填写")

    def lock(self, *, on: bool) -> None:
        """Leave it as it is: nobody types here."""

    def put(self, raw: Any) -> None:
        self.line.setText(raw or "")
        self.line.setCursorPosition(0)


class NoteEditor(Editor):
    """Several lines; grows with its contents from three to twelve."""

    def __init__(self, field: Field, session: Session) -> None:
        super().__init__(field, session)
        self.box = QPlainTextEdit()
        self.box.setTabChangesFocus(True)
        self.box.setPlaceholderText(f"例如 {field.example}" if field.example else "")
        self.box.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.box.textChanged.connect(self._grow)
        self._silent = False
        self._made_of(self.box, column(self.box))
        self._fit()

    def lock(self, *, on: bool) -> None:
        super().lock(on=on)
        self.box.setReadOnly(on)
        example = f"例如 {self.field.example}" if self.field.example else ""
        self.box.setPlaceholderText("" if on else example)
        restyle(self.box, closed="true" if on else "false")

    def raw(self) -> str:
        return self.box.toPlainText()

    def put(self, raw: Any) -> None:
        self._silent = True
        self.box.setPlainText(raw or "")
        self._silent = False

    def _grow(self) -> None:
        self._fit()
        if not self._silent:
            self.edited.emit()

    def _fit(self) -> None:
        least, most = NOTE_LINES
        lines = int(self.box.document().size().height())
        height = self.box.fontMetrics().lineSpacing() * min(max(lines, least), most)
        self.box.setFixedHeight(height + 2 * METRICS.m)


class FigureEditor(TextEditor):
    """A number as it is typed, tidied when the field is left."""

    def __init__(self, field: Field, session: Session) -> None:
        super().__init__(field, session)
        self.left.connect(self._tidy)

    def _tidy(self) -> None:
        read = _read(self)
        if read is not None:
            self.line.setText(written(self.field, read, self.session.desk.codes))


class MoneyEditor(FigureEditor):
    """An amount in 元, with the same amount in 万元 and in capitals beneath."""

    def __init__(self, field: Field, session: Session) -> None:
        super().__init__(field, session)
        self.said = label("", "small", wrap=True)
        self.said.hide()
        held = self.layout()
        assert isinstance(held, QHBoxLayout)
        held.addWidget(label("元", "muted"))
        self.line.textChanged.connect(lambda *_: self._say())

    def _say(self) -> None:
        read = _read(self)
        big = isinstance(read, decimal.Decimal) and 0 <= read <= amounts.LARGEST
        words = f"{amount(read)} · {amounts.amount_in_capitals(read)}" if big and read else ""
        self.said.setText(words)
        self.said.setVisible(bool(words))


class DayEditor(FigureEditor):
    """A day typed in any usual way, or picked from a calendar."""

    def __init__(self, field: Field, session: Session) -> None:
        super().__init__(field, session)
        self.line.setPlaceholderText("例如 2026-03-05")
        opener = self.line.addAction(icon("calendar", "muted"), QLineEdit.ActionPosition.TrailingPosition)
        opener.setToolTip("打开日历")
        opener.triggered.connect(lambda *_: self._pop_up())
        self._pop: QFrame | None = None

    def _pop_up(self) -> None:
        pop = QFrame(self, Qt.WindowType.Popup)
        pop.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        pop.setProperty("look", "popover")
        calendar = Calendar(f"{self.field.label}日历")
        day = _read(self) or self.session.desk.today()
        calendar.setSelectedDate(QDate(day.year, day.month, day.day))
        calendar.clicked.connect(lambda date: self._take(date, pop))
        pop.setLayout(column(calendar, margins=METRICS.xs))
        pop.move(self.mapToGlobal(QPoint(0, self.height())))
        pop.show()

    def _take(self, date: QDate, pop: QFrame) -> None:
        self.line.setText(date.toString(Qt.DateFormat.ISODate))
        pop.close()
        self.edited.emit()
        self.left.emit()


def _read(editor: Editor) -> Any:
    """Return the value an editor means, or None while it means none."""
    desk = editor.session.desk
    try:
        return values.parse(editor.field, editor.raw(), desk.codes, on=desk.today())
    except UnreadableError:
        return None
