"""Which column of a file is which field: what the program made of the headers, for the user to mend."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QCompleter, QGridLayout, QLineEdit, QWidget

from desktop.services.exchange.headers import IGNORED, REJECT_HEADERS
from desktop.services.exchange.tables import cell_text
from desktop.ui.theme import METRICS
from desktop.ui.widgets.basics import Chip, icon, label
from domain.fields import RECORD_TYPES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PySide6.QtGui import QWheelEvent

    from desktop.services.exchange.headers import Column
    from desktop.services.exchange.layout import Layout
    from domain.fields import RecordType

LEAVE_OUT: Final = "（不导入）"
SAMPLES: Final = 3
LOOKED_AT: Final = 50
SAMPLE_CHARACTERS: Final = 40


def samples(layout: Layout) -> dict[int, str]:
    """Return the first few different values of each column, by its place."""
    found: dict[int, list[str]] = {column.index: [] for column in layout.columns}
    for number, row in enumerate(layout.rows()):
        if number == LOOKED_AT:
            break
        for index, values in found.items():
            text = " ".join(cell_text(row.cells[index]).split()) if index < len(row.cells) else ""
            if text and text not in values and len(values) < SAMPLES:
                values.append(text)
    return {index: "、".join(values)[:SAMPLE_CHARACTERS] for index, values in found.items()}


class FieldCombo(QComboBox):
    """Picks a field by typing part of its label; the wheel scrolls the page, not the choice."""

    chosen = Signal(str)
    """The name of a field, or the empty text to leave the column out."""

    def __init__(self, known: RecordType, header: str) -> None:
        super().__init__()
        self.setEditable(True)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(f"“{header}”对应的栏目")
        self.addItem(LEAVE_OUT, IGNORED)
        for field in [field for field in known.fields if not field.kept]:
            self.addItem(f"{field.label}（必填）" if field.required else field.label, field.name)
        completer = QCompleter(self.model(), self)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        self.setCompleter(completer)
        self._held = 0
        self.activated.connect(self._take)
        line = self.lineEdit()
        if line:
            line.editingFinished.connect(self._settle)
            line.setAccessibleName(self.accessibleName())
            arrow = line.addAction(icon("down", "muted"), QLineEdit.ActionPosition.TrailingPosition)
            arrow.setToolTip("展开列表")
            arrow.triggered.connect(lambda *_: self.showPopup())

    def put(self, name: str) -> None:
        """Show a field without saying so."""
        self._held = max(self.findData(name), 0)
        self.setCurrentIndex(self._held)

    def pick(self, name: str) -> None:
        """Choose a field as the user would."""
        self._take(self.findData(name))

    def _take(self, index: int) -> None:
        self.setCurrentIndex(index)
        if index != self._held:
            self._held = index
            self.chosen.emit(str(self.itemData(index)))

    def _settle(self) -> None:
        """Take what was typed if it names one field, else show what was chosen before."""
        typed = self.currentText().strip()
        hits = [n for n in range(self.count()) if self.itemText(n).split("（")[0] == typed.split("（")[0]]
        self._take(hits[0] if len(hits) == 1 else self._held)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class MappingTable(QWidget):
    """One line a column: header, first values, field."""

    changed = Signal(str, str)
    """(header, field name or the empty text)."""

    def __init__(self) -> None:
        super().__init__()
        self.combos: dict[str, FieldCombo] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(METRICS.l)
        self._grid.setVerticalSpacing(METRICS.xs)
        self._grid.setColumnStretch(1, 1)
        self._grid.setColumnMinimumWidth(2, 220)

    def put(self, record_type: str, columns: tuple[Column, ...], values: Mapping[int, str]) -> None:
        """Show other columns; those of our own list of rejected rows are left out."""
        self._empty()
        for place, words in enumerate(("表头", "内容示例", "对应栏目", "")):
            self._grid.addWidget(label(words, "small"), 0, place)
        shown = [column for column in columns if column.header and column.header not in REJECT_HEADERS]
        for line, column in enumerate(shown, start=1):
            self._line(line, record_type, column, values.get(column.index, ""))

    def _line(self, line: int, record_type: str, column: Column, example: str) -> None:
        header = label(column.header)
        header.setToolTip(column.header)
        header.setMaximumWidth(240)
        combo = FieldCombo(RECORD_TYPES[record_type], column.header)
        combo.put(column.field or IGNORED)
        combo.chosen.connect(partial(self.changed.emit, column.header))
        self.combos[column.header] = combo
        for place, widget in enumerate((header, label(example, "muted"), combo)):
            self._grid.addWidget(widget, line, place)
        if column.field is None:
            self._grid.addWidget(Chip("未识别", "warning"), line, 3)

    def _empty(self) -> None:
        self.combos = {}
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget:
                widget.hide()
                widget.deleteLater()
