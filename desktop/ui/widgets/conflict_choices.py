"""The rows of a conflict: the versions of a field side by side, one to be chosen or another to be typed."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QFrame, QGridLayout, QPushButton, QRadioButton, QWidget

from desktop.services.conflict_decisions import Choice
from desktop.ui.theme import METRICS
from desktop.ui.widgets.basics import button, column, label, restyle, row
from desktop.ui.widgets.editors import EDITORS
from domain import values
from domain.fields import RECORD_TYPES
from domain.problems import message
from domain.values import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

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

    def settle(self) -> None:
        """Show what was chosen and offer nothing more."""
        self.setEnabled(False)

    def choice(self) -> Choice | None:
        """Return what is chosen; None while nothing is, or what was typed cannot be read."""
        return Choice(self.picked) if self.picked else None

    def effect(self) -> str:
        """Return in words what the choice does."""
        raise NotImplementedError


class LineChooser(Chooser):
    """One field that both sides wrote."""

    def __init__(self, session: Session, line: Line, sides: Mapping[Pick, str]) -> None:
        super().__init__(line.key)
        self.session, self.line, self._sides = session, line, sides
        now = f"之后又改为 {line.now}" if line.now else ""
        versions = {"mine": (line.mine, ""), "theirs": (line.theirs, now)}
        cells: list[QWidget] = [
            label(_named(line), "label", wrap=True),
            label(line.was, "muted", wrap=True),
            *(
                self._offer(pick, Option(f"{line.label}，采用{words}", *versions[pick]))
                for pick, words in sides.items()
            ),
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

    def settle(self) -> None:
        """Show what was chosen and offer nothing more."""
        super().settle()
        if self.line.field and self.picked != "typed":
            self.options["typed"].hide()

    def _show_editor(self, on: bool) -> None:  # noqa: FBT001 - the shape of a slot
        self.editor.setVisible(on)
        self.problem.setVisible(on and bool(self.problem.text()))
        if on:
            self.editor.setFocus()

    def choice(self) -> Choice | None:
        if self.picked != "typed":
            return super().choice()
        if self._is_blank():
            return None  # a value nobody typed must not take the place of two that were
        try:
            return Choice("typed", self._typed())
        except UnreadableError as error:
            self._complain(message(error.problem, RECORD_TYPES[self.key[0]]))
            return None

    def _is_blank(self) -> bool:
        return self.editor.raw() in (None, "", [])

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
            if self._is_blank():
                return f"{self.line.label}：请填写另填的值"
            if choice is None or field is None:
                return f"{self.line.label}：另填的内容还读不懂"
            words = values.show(field, choice.value, self.session.desk.codes) or "（空）"
            return f"{self.line.label}改为 {words if field.kind != 'ref' else '另选的记录'}"
        if pick == "mine":
            return f"{self.line.label}改为 {self.line.mine}（{self._sides['mine']}）"
        return f"{self.line.label}保持 {self.line.now or self.line.theirs}（{self._sides['theirs']}）"


def _named(line: Line) -> str:
    """Return the field's name with the unit of its figures."""
    unit = line.field.unit_label if line.field else ""
    unit = "元" if line.field and line.field.kind == "money" else unit
    return f"{line.label}（{unit}）" if unit else line.label


class QuestionChooser(Chooser):
    """What becomes of a record as a whole: kept or put away, deleted or not."""

    def __init__(self, part: Part, order: Iterable[Pick]) -> None:
        super().__init__(part.key)
        self.part = part
        versions = {"mine": part.mine, "theirs": part.theirs}
        options = [self._offer(pick, Option(part.title, versions[pick])) for pick in order]
        held = row(*options, spacing=METRICS.m)
        held.setStretch(0, 1)
        held.setStretch(1, 1)
        self.setLayout(held)

    def effect(self) -> str:
        words = self.part.mine if self.picked == "mine" else self.part.theirs
        return f"“{self.part.title}”：{words}"


class Headings(QWidget):
    """The heads of the columns: whose version, who on which device when, and a way to take all of it."""

    taken = Signal(str)
    """mine or theirs: choose this side in every line."""

    def __init__(self, sides: Mapping[Pick, str], about: Mapping[Pick, str], *, offers: bool) -> None:
        super().__init__()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(METRICS.m)
        grid.setVerticalSpacing(0)
        self.take: dict[Pick, QPushButton] = {}
        for number, share in enumerate(SHARES):
            grid.setColumnStretch(number, share)
            grid.setColumnMinimumWidth(number, share * 8)
        for number, words in enumerate(("栏目", "原值")):
            grid.addWidget(label(words, "muted"), 0, number)
        for number, (pick, words) in enumerate(sides.items(), 2):
            self.take[pick] = button("全部采用", partial(self.taken.emit, pick), look="link")
            self.take[pick].setAccessibleName(f"全部采用{words}")
            if not offers:
                self.take[pick].hide()
            grid.addLayout(row(label(words, "heading"), self.take[pick], None, spacing=METRICS.m), 0, number)
            grid.addWidget(label(about[pick], "small", wrap=True), 1, number)
