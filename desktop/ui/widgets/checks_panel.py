"""The side panel of a record: what is wrong, what is still to be filled in, and a click to get there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from desktop.ui.theme import METRICS
from desktop.ui.widgets.basics import Symbol, button, clear, column, label, row
from domain.problems import Problem, message

if TYPE_CHECKING:
    from collections.abc import Iterable

    from domain.fields import Field, RecordType, Values


def recommended(record_type: RecordType, values: Values) -> list[Field]:
    """Return the fields that a list shows and this record leaves empty; they are worth filling in."""
    return [
        field
        for field in record_type.fields
        if field.listed
        and not (field.required or field.kept)
        and field.kind != "flag"
        and not values.get(field.name)
    ]


class ChecksPanel(QFrame):
    """还差 n 项: problems first, then the fields worth filling in."""

    jumped = Signal(str)
    """The name of the field to go to."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("look", "panel")
        self.setFixedWidth(248)
        self.title = label("", "heading")
        self.why = label("", "small", wrap=True)
        self._lines = column(spacing=2)
        inside = QWidget()
        inside.setObjectName("surface")
        inside.setLayout(column(self._lines, None))
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(inside)
        area.setAccessibleName("检查结果")
        held = column(self.title, self.why, area, spacing=METRICS.xs)
        held.setContentsMargins(METRICS.l, METRICS.l, METRICS.s, METRICS.s)
        self.setLayout(held)

    def show_state(
        self, record_type: RecordType, problems: Iterable[Problem], empty: Iterable[Field]
    ) -> None:
        """Show problems and empty fields of a record."""
        clear(self._lines)
        found, missing = list(problems), list(empty)
        hard = [problem for problem in found if not problem.warning]
        for problem in found:
            self._add(
                problem.field, message(problem, record_type), "warning" if problem.warning else "danger"
            )
        named = {problem.field for problem in found}
        for field in missing:
            if field.name not in named:
                self._add(field.name, f"建议填写：{field.label}", "muted")
        count = len(hard) + len([field for field in missing if field.name not in named])
        self.title.setText(f"还差 {count} 项" if count else "已齐备")
        self.why.setText(
            "红色各项改好后才能保存。"
            if hard
            else "建议项不影响保存。"
            if count
            else "必填与建议填写的内容都有了。"
        )

    def _add(self, name: str, words: str, colour: str) -> None:
        line = QWidget()
        symbol = Symbol("warning" if colour != "muted" else "edit", colour, 14)
        text = label(words, "label", wrap=True)
        go = button("去填写", lambda: self.jumped.emit(name), look="link")
        go.setAccessibleName(f"去填写：{words}")
        held = row(symbol, text, go, spacing=METRICS.s)
        held.setStretch(1, 1)
        held.setContentsMargins(0, 2, METRICS.s, 2)
        line.setLayout(held)
        self._lines.addWidget(line)
