"""A form for any record type, derived from its declaration: groups, two columns, problems where they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QScrollArea, QVBoxLayout, QWidget

from desktop.ui.theme import METRICS
from desktop.ui.widgets.basics import Card, column, label, row
from desktop.ui.widgets.editors import EDITORS, to_raw
from desktop.ui.widgets.typed_editors import Editor, KeptEditor, MoneyEditor
from domain import values as reading
from domain.fields import RECORD_TYPES, Field
from domain.problems import Problem, message, problems
from domain.values import UnreadableError
from domain.wire import empty

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Mapping

    from PySide6.QtGui import QResizeEvent

    from desktop.ui.widgets.session import Session
    from domain.fields import Values

TWO_COLUMNS_FROM: Final = 560
GENERAL: Final = "基本信息"
KEPT_SHOWN_TO: Final = 100
"""Characters up to which a form shows what the program wrote; what is longer is for machines."""


class FieldCell(QWidget):
    """One field: its name, its editor, and beneath what is wrong with it."""

    def __init__(self, editor: Editor) -> None:
        super().__init__()
        self.editor, self.field = editor, editor.field
        self.problem = label("", "problem", wrap=True)
        self.problem.hide()
        self.wide = self.field.kind == "note"
        below = [editor.said] if isinstance(editor, MoneyEditor) else []
        head = None if self.field.kind == "flag" else self._head()
        self.setLayout(column(head, editor, *below, self.problem, *self._rest(), spacing=METRICS.xs))

    def _head(self) -> QWidget:
        name = label(self.field.label, "label")
        name.setBuddy(self.editor)
        required = [label("*", "problem")] if self.field.required else []
        head = QWidget()
        head.setLayout(row(name, *required, None, spacing=2))
        return head

    def _rest(self) -> list[None]:
        """Let a tick stand on the line of its neighbour's editor, and everything else at the top."""
        return [] if self.field.kind == "flag" else [None]

    def say(self, sentence: str, *, warning: bool = False) -> None:
        """Show what is wrong; the empty sentence takes it away."""
        self.problem.setProperty("role", "warning" if warning else "problem")
        self.problem.setText(sentence)
        self.problem.setVisible(bool(sentence))
        self.editor.mark(wrong=bool(sentence) and not warning)


class RecordForm(QWidget):
    """All fields of a record type, or those named; knows what is wrong and what has changed.

    Problems are shown for fields the user has left, and for all of them once saving was tried.
    """

    edited = Signal()
    """The user changed something."""
    checked = Signal(object)
    """The list of problems as it stands, after a field was left."""

    def __init__(
        self,
        session: Session,
        record_type: str,
        *,
        fields: Iterable[str] = (),
        editors: Mapping[str, Callable[[Field, Session], Editor]] | None = None,
    ) -> None:
        super().__init__()
        self.session, self.known = session, RECORD_TYPES[record_type]
        chosen = [self.known[name] for name in fields] or list(filter(_has_a_place, self.known.fields))
        makers = editors or {}
        self.cells = {
            field.name: FieldCell(makers.get(field.name, _editor_of(field))(field, session))
            for field in chosen
        }
        self._others: dict[str, Any] = {}
        self._left: set[str] = set()
        self._baseline: dict[str, Any] = {}
        self._grids: list[tuple[QGridLayout, list[FieldCell]]] = []
        self._columns = 0
        self._absent: set[str] = set()
        self._fallbacks = {field.fallback for field in chosen} & set(self.cells)
        for name, cell in self.cells.items():
            cell.setParent(self)  # before anything makes it visible: it must never be a window of its own
            cell.editor.edited.connect(self._edited)
            cell.editor.left.connect(lambda name=name: self._leave(name))
        self._lay_out()
        self.set_values(self.defaults())

    def lock(self, names: Container[str]) -> None:
        """Let the fields of these names be read only, and all others be changed."""
        for name, cell in self.cells.items():
            cell.editor.lock(on=name in names)

    # ── contents ────────────────────────────────────────────────────────────────────────────────

    def defaults(self) -> dict[str, Any]:
        """Return the values of an empty form."""
        return {f.name: f.default if f.default is not None else empty(f) for f in self.known.fields}

    def set_values(self, values: Values) -> None:
        """Show a record; this is now what "unchanged" means."""
        self._others = {name: values.get(name) for name in self.known.by_name if name not in self.cells}
        for name, cell in self.cells.items():
            cell.editor.put(to_raw(cell.field, values.get(name), self.session))
        self._absent = {name for name in self._fallbacks if not self.cells[name].editor.raw()}
        self._place_cells()
        self.forget_problems()
        self._baseline = self.raw()

    def raw(self) -> dict[str, Any]:
        """Return what stands in the editors, valid or not."""
        return {name: cell.editor.raw() for name, cell in self.cells.items()}

    def edits(self) -> dict[str, Any]:
        """Return what stands in the editors the user has changed, by field."""
        return {name: raw for name, raw in self.raw().items() if raw != self._baseline.get(name)}

    def put_raw(self, raw: Mapping[str, Any]) -> None:
        """Show the contents of a draft over the record."""
        for name, cell in self.cells.items():
            if name in raw:
                cell.editor.put(raw[name])

    @property
    def changed(self) -> bool:
        """Tell whether the user has changed anything since ``set_values``."""
        return bool(self.edits())

    def settle(self) -> None:
        """Take the contents as they are for unchanged, after a save."""
        self._baseline = self.raw()

    def read(self) -> tuple[dict[str, Any], list[Problem]]:
        """Return the values the contents mean, and everything that is wrong with them.

        What only the program writes is not among them: it may have been written since it was shown.
        """
        found: dict[str, Any] = dict(self._others)
        wrong: list[Problem] = []
        desk = self.session.desk
        for name, cell in self.cells.items():
            try:
                read = reading.parse(cell.field, cell.editor.raw(), desk.codes, on=desk.today())
                found[name] = empty(cell.field) if read is None else read
            except UnreadableError as error:
                wrong.append(error.problem)
        unread = {problem.field for problem in wrong}
        more = problems(self.known, found, desk.codes, on=desk.today())
        every = wrong + [problem for problem in more if problem.field not in unread]
        order = list(self.known.by_name)
        every.sort(key=lambda problem: order.index(problem.field) if problem.field in order else -1)
        return {name: value for name, value in found.items() if not self.known[name].kept}, every

    # ── problems ────────────────────────────────────────────────────────────────────────────────

    def check(self, *, everything: bool = False) -> list[Problem]:
        """Show what is wrong with the fields left so far, or with all; return all problems."""
        if everything:
            self._left = set(self.cells)
        _, found = self.read()
        self.show_problems([problem for problem in found if problem.field in self._left])
        self.checked.emit(found)
        return found

    def show_problems(self, found: Iterable[Problem]) -> None:
        """Put each problem under its field, the first of each."""
        first: dict[str, Problem] = {}
        for problem in found:
            first.setdefault(problem.field, problem)
        for name, cell in self.cells.items():
            problem_here = first.get(name)
            words = message(problem_here, self.known) if problem_here else ""
            cell.say(
                words.removeprefix(f"{cell.field.label}："),
                warning=bool(first.get(name) and first[name].warning),
            )

    def forget_problems(self) -> None:
        """Start anew: no field has been left yet."""
        self._left.clear()
        self.show_problems(())

    def focus_field(self, name: str) -> None:
        """Bring a field into view and put the cursor there."""
        cell = self.cells.get(name)
        if cell is None:
            return
        area = self._scroll_area()
        if area:
            area.ensureWidgetVisible(cell, 0, METRICS.xl)
        cell.editor.setFocus()

    def _scroll_area(self) -> QScrollArea | None:
        parent = self.parentWidget()
        while parent is not None and not isinstance(parent, QScrollArea):
            parent = parent.parentWidget()
        return parent

    def _edited(self) -> None:
        self.edited.emit()

    def _leave(self, name: str) -> None:
        self._left.add(name)
        self.check()

    # ── layout ──────────────────────────────────────────────────────────────────────────────────

    def _lay_out(self) -> None:
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(METRICS.l)
        groups: dict[str, list[FieldCell]] = {}
        for cell in self.cells.values():
            groups.setdefault(cell.field.heading or GENERAL, []).append(cell)
        for heading, cells in groups.items():
            card = Card(heading)
            grid = QGridLayout()
            grid.setHorizontalSpacing(METRICS.xl)
            grid.setVerticalSpacing(METRICS.m)
            card.body.addLayout(grid)
            self._grids.append((grid, cells))
            outer.addWidget(card)
        outer.addStretch(1)
        self._arrange(2)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange(2 if self.width() >= TWO_COLUMNS_FROM else 1)

    def _arrange(self, columns: int) -> None:
        if columns != self._columns:
            self._columns = columns
            self._place_cells()

    def _place_cells(self) -> None:
        """Put the cells that are shown into the grids; the words of a list that had no code only if any."""
        columns = self._columns
        for grid, cells in self._grids:
            while grid.takeAt(0) is not None:
                pass
            at_row, at_column = 0, 0
            for cell in cells:
                cell.setVisible(cell.field.name not in self._absent)
                if cell.field.name in self._absent:
                    continue
                if cell.wide and at_column:
                    at_row, at_column = at_row + 1, 0
                grid.addWidget(cell, at_row, at_column, 1, columns if cell.wide else 1)
                at_column += columns if cell.wide else 1
                if at_column >= columns:
                    at_row, at_column = at_row + 1, 0
            for number in range(2):
                grid.setColumnStretch(number, 1 if number < columns else 0)


def _has_a_place(field: Field) -> bool:
    return not field.kept or (field.kind != "note" and (field.max or 0) <= KEPT_SHOWN_TO)


def _editor_of(field: Field) -> Callable[[Field, Session], Editor]:
    return KeptEditor if field.kept else EDITORS[field.kind]
