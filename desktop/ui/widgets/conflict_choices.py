"""The rows of a conflict: the versions of a field side by side, one to be chosen or another to be typed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QFrame, QGridLayout, QRadioButton, QWidget

from desktop.services.conflict_decisions import Choice
from desktop.ui.theme import METRICS
from desktop.ui.widgets.basics import column, label, restyle, row
from desktop.ui.widgets.editors import EDITORS
from domain import values
from domain.fields import RECORD_TYPES
from domain.problems import message
from domain.values import UnreadableError

if TYPE_CHECKING:
    from PySide6.QtGui import QMouseEvent

    from desktop.services.conflicts import Key, Line, Part, Pick
    from desktop.ui.widgets.session import Session

RING: Final = 20
SHARES: Final = (10, 16, 22, 22)
"""How the width is shared: the field's name, what it was, and the two versions."""


class Option(QFrame):
    """One version to choose: the whole box can be clicked, the choice is also a ring and a word."""

    def __init__(self, name: str, words: str, about: str = "") -> None:
        super().__init__()
        self.setProperty("look", "option")
        self.setProperty("on", "false")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.radio = QRadioButton()
        self.radio.setFixedWidth(RING)
        self.radio.setAccessibleName(f"{name}：{words}")
        self.radio.toggled.connect(lambda on: restyle(self, on="true" if on else "false"))
        self.words = label(words, wrap=True)
        lines = column(self.words, *([label(about, "small", wrap=True)] if about else []), spacing=2)
        held = row(self.radio, lines, spacing=METRICS.s, margins=METRICS.s)
        held.setAlignment(self.radio, Qt.AlignmentFlag.AlignTop)
        held.setStretch(1, 1)
        self.setLayout(held)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.radio.setChecked(True)
        self.radio.setFocus()
        super().mousePressEvent(event)


class Chooser(QWidget):
    """What every row can do: say what was chosen; ``changed`` is said with every click and key."""

    changed = Signal()

    def __init__(self, key: Key) -> None:
        super().__init__()
        self.key = key
        self.options: dict[Pick, Option] = {}
        self.group = QButtonGroup(self)
        self.group.buttonToggled.connect(lambda *_: self.changed.emit())

    def _offer(self, pick: Pick, option: Option) -> Option:
        self.options[pick] = option
        self.group.addButton(option.radio)
        return option

    @property
    def picked(self) -> Pick | None:
        """Which version is chosen so far."""
        return next((pick for pick, option in self.options.items() if option.radio.isChecked()), None)

    def pick(self, pick: Pick) -> None:
        """Choose a version."""
        self.options[pick].radio.setChecked(True)

    def choice(self) -> Choice | None:
        """Return what is chosen; None while nothing is, or what was typed cannot be read."""
        return Choice(self.picked) if self.picked else None

    def effect(self) -> str:
        """Return in words what the choice does."""
        raise NotImplementedError


class LineChooser(Chooser):
    """One field that both sides wrote."""

    def __init__(self, session: Session, line: Line, sides: tuple[str, str]) -> None:
        super().__init__(line.key)
        self.session, self.line, self._sides = session, line, sides
        now = f"之后又改为 {line.now}" if line.now else ""
        cells: list[QWidget] = [
            label(line.label, "label", wrap=True),
            label(line.was, "muted", wrap=True),
            self._offer("mine", Option(f"{line.label}，采用{sides[0]}", line.mine)),
            self._offer("theirs", Option(f"{line.label}，采用{sides[1]}", line.theirs, now)),
        ]
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(METRICS.m)
        grid.setVerticalSpacing(METRICS.xs)
        for number, (cell, share) in enumerate(zip(cells, SHARES, strict=True)):
            grid.addWidget(cell, 0, number)
            grid.setColumnStretch(number, share)
            grid.setColumnMinimumWidth(number, share * 8)
        self.problem = label("", "problem", wrap=True)
        self.problem.hide()
        if line.field:
            self._offer_typing(grid)

    def _offer_typing(self, grid: QGridLayout) -> None:
        field = self.line.field
        assert field
        typed = Option(f"{self.line.label}，另填一个值", "另填一个值")
        self._offer("typed", typed)
        self.editor = EDITORS[field.kind](field, self.session)
        self.editor.put(None)
        self.editor.hide()
        self.editor.edited.connect(self.changed)
        typed.radio.toggled.connect(self._show_editor)
        grid.addWidget(typed, 1, 2)
        grid.addLayout(column(self.editor, self.problem, spacing=2), 1, 3)

    def _show_editor(self, on: bool) -> None:  # noqa: FBT001 - the shape of a slot
        self.editor.setVisible(on)
        self.problem.setVisible(on and bool(self.problem.text()))
        if on:
            self.editor.setFocus()

    def choice(self) -> Choice | None:
        if self.picked != "typed":
            return super().choice()
        try:
            return Choice("typed", self._typed())
        except UnreadableError as error:
            self._complain(message(error.problem, RECORD_TYPES[self.key[0]]))
            return None

    def _typed(self) -> Any:
        field, desk = self.line.field, self.session.desk
        assert field
        value = values.parse(field, self.editor.raw(), desk.codes, on=desk.today())
        self._complain("")
        return value

    def _complain(self, words: str) -> None:
        self.problem.setText(words)
        self.problem.setVisible(bool(words))

    def effect(self) -> str:
        pick = self.picked
        if pick == "typed":
            choice = self.choice()
            field = self.line.field
            if choice is None or field is None:
                return f"{self.line.label}：另填的内容还读不懂"
            words = values.show(field, choice.value, self.session.desk.codes) or "（空）"
            return f"{self.line.label}改为 {words if field.kind != 'ref' else '另选的记录'}"
        if pick == "mine":
            return f"{self.line.label}改为 {self.line.mine}（{self._sides[0]}）"
        return f"{self.line.label}保持 {self.line.now or self.line.theirs}（{self._sides[1]}）"


class QuestionChooser(Chooser):
    """What becomes of a record as a whole: kept or put away, deleted or not."""

    def __init__(self, part: Part) -> None:
        super().__init__(part.key)
        self.part = part
        options = [
            self._offer("mine", Option(part.title, part.mine)),
            self._offer("theirs", Option(part.title, part.theirs)),
        ]
        held = row(*options, spacing=METRICS.m)
        held.setStretch(0, 1)
        held.setStretch(1, 1)
        self.setLayout(held)

    def effect(self) -> str:
        words = self.part.mine if self.picked == "mine" else self.part.theirs
        return f"“{self.part.title}”：{words}"


def headings(sides: tuple[str, str], about: tuple[str, str]) -> QWidget:
    """Return the heads of the columns: whose version, and below it who, on which device, when."""
    made = QWidget()
    grid = QGridLayout(made)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(METRICS.m)
    grid.setVerticalSpacing(0)
    for number, (words, share) in enumerate(zip(("栏目", "原值", *sides), SHARES, strict=True)):
        grid.addWidget(label(words, "heading" if number > 1 else "muted"), 0, number)
        if number > 1:
            grid.addWidget(label(about[number - 2], "small", wrap=True), 1, number)
        grid.setColumnStretch(number, share)
        grid.setColumnMinimumWidth(number, share * 8)
    return made
