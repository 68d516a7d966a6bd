"""How each kind of field is edited: one small editor a kind, all with the same five words.

Here are those in which somebody picks; ``typed_editors`` has those in which somebody types.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QWidget,
)

from desktop.ui.theme import METRICS
from desktop.ui.widgets.basics import clear, column, label, row, tool_button
from desktop.ui.widgets.flow import FlowLayout
from desktop.ui.widgets.formats import written
from desktop.ui.widgets.pickers import CodePicker, RecordPicker
from desktop.ui.widgets.typed_editors import (
    DayEditor,
    Editor,
    FigureEditor,
    MoneyEditor,
    NoteEditor,
    TextEditor,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from desktop.ui.widgets.session import Session
    from domain.fields import Field, Kind


class ChoiceEditor(Editor):
    """One code, by typing any part of it."""

    def __init__(self, field: Field, session: Session) -> None:
        super().__init__(field, session)
        self.picker = CodePicker(session.desk.codes[field.codes], session.desk.today())
        self.picker.picked.connect(lambda *_: self.edited.emit())
        self.picker.textEdited.connect(lambda *_: self.edited.emit())
        self._made_of(self.picker, row(self.picker))
        self.left.connect(self.picker.settle)

    def raw(self) -> str:
        return self.picker.key or self.picker.text()

    def put(self, raw: Any) -> None:
        self.picker.show_code(raw or "")


class ChoicesEditor(Editor):
    """Several codes as tags, with one line to add another."""

    def __init__(self, field: Field, session: Session) -> None:
        super().__init__(field, session)
        self._codes: list[str] = []
        self.picker = CodePicker(session.desk.codes[field.codes], session.desk.today())
        self.picker.setPlaceholderText(f"添加{field.label}")
        self.picker.picked.connect(self._add)
        self._tags = QWidget()
        self._flow = FlowLayout(self._tags)
        self._made_of(self.picker, column(self._tags, self.picker, spacing=6))
        self._tags.hide()

    def lock(self, *, on: bool) -> None:
        super().lock(on=on)
        self.picker.setVisible(not on)
        self._draw()

    def raw(self) -> list[str]:
        return list(self._codes)

    def put(self, raw: Any) -> None:
        self._codes = list(raw or ())
        self._draw()

    def _add(self, code: str | None) -> None:
        self.picker.put(None, "")
        if code and code not in self._codes:
            self._codes.append(code)
            self._draw()
            self.edited.emit()

    def _drop(self, code: str) -> None:
        self._codes.remove(code)
        self._draw()
        self.edited.emit()

    def _draw(self) -> None:
        clear(self._flow)
        for code in self._codes:
            self._flow.addWidget(self._tag(code))
        self._tags.setVisible(bool(self._codes))

    def _tag(self, code: str) -> QFrame:
        words = self.session.desk.codes[self.field.codes].label_of(code)
        tag = QFrame()
        tag.setProperty("look", "tag")
        close = tool_button("close", f"移除{words}", lambda: self._drop(code))
        close.setFixedSize(18, 18)
        if self.locked:
            close.hide()
        inside = row(label(words), close, spacing=2)
        inside.setContentsMargins(10, 2, 10 if self.locked else 4, 2)
        tag.setLayout(inside)
        return tag


class RefEditor(Editor):
    """Another record, found by typing; a button opens it."""

    def __init__(self, field: Field, session: Session) -> None:
        super().__init__(field, session)
        self.picker = RecordPicker(session, field.to)
        self.picker.picked.connect(self._changed)
        self.picker.textEdited.connect(self._changed)
        self.opener = tool_button("open", f"打开{field.label}", self._open)
        self.opener.setEnabled(False)
        self._made_of(self.picker, row(self.picker, self.opener, spacing=METRICS.xs))
        self.left.connect(self.picker.settle)

    def raw(self) -> str:
        return str(self.picker.key) if self.picker.key else self.picker.text()

    def put(self, raw: Any) -> None:
        try:
            self.picker.show_record(uuid.UUID(raw))
        except (ValueError, TypeError):
            self.picker.put(None, raw or "")
        self.opener.setEnabled(self.picker.key is not None)

    def _changed(self, *_: object) -> None:
        self.opener.setEnabled(self.picker.key is not None)
        self.edited.emit()

    def _open(self) -> None:
        self.session.open(self.field.to, self.picker.key)


class FlagEditor(Editor):
    """A yes or no."""

    def __init__(self, field: Field, session: Session) -> None:
        super().__init__(field, session)
        self.tick = QCheckBox(field.label)
        self.tick.clicked.connect(lambda *_: self._clicked())
        self._made_of(self.tick, row(self.tick, None))

    def lock(self, *, on: bool) -> None:
        super().lock(on=on)
        self.tick.setEnabled(not on)

    def raw(self) -> bool:
        return self.tick.isChecked()

    def put(self, raw: Any) -> None:
        self.tick.setChecked(bool(raw))

    def _clicked(self) -> None:
        self.edited.emit()
        self.left.emit()


EDITORS: Final[Mapping[Kind, Callable[[Field, Session], Editor]]] = {
    "text": TextEditor,
    "note": NoteEditor,
    "choice": ChoiceEditor,
    "choices": ChoicesEditor,
    "money": MoneyEditor,
    "number": FigureEditor,
    "day": DayEditor,
    "ref": RefEditor,
    "flag": FlagEditor,
}
"""The editor of each kind; a screen replaces single ones by the field's name."""


def to_raw(field: Field, value: Any, session: Session) -> Any:
    """Return a record's value as an editor shows it."""
    if field.kind in ("choice", "flag"):
        return value
    if field.kind == "choices":
        return list(value or ())
    return None if value is None else written(field, value, session.desk.codes)
