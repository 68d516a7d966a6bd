"""The score of an agency's year: total and grade, who scored what, what is missing, and by which scheme."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from desktop.ui.theme import METRICS
from desktop.ui.widgets.basics import Card, Chip, Line, button, clear, column, label, row

if TYPE_CHECKING:
    from desktop.services.evaluation_detail import Detail
    from desktop.ui.theme import Tone
    from desktop.ui.widgets.session import Session

GRADES: Final[dict[str, Tone]] = {
    "excellent": "success",
    "good": "accent",
    "qualified": "info",
    "rectify": "warning",
}
WIDTH: Final = 244
UNVERIFIED: Final = (
    "二级指标的分值和满分值没有公开出处，是可修改的默认设置（未核实）；正式申报前请按主管部门通知核对。"
)


class ScorePanel(QScrollArea):
    """Sums up the workbench."""

    jumped = Signal(str)
    """The user wants to see an indicator that is missing."""
    preview_asked = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.total, self.of = label("", "figure"), label("", "muted")
        self.grade = Chip()
        self._scores = column(spacing=METRICS.xs)
        self._missing = column(spacing=0)
        self.missing_title = label("", "label")
        self.scheme = label("", wrap=True)
        self.source = label("", "small", wrap=True)
        self.preview_button = button("预览并保存申报材料", self.preview_asked.emit, look="primary")
        self._lay_out()

    def _lay_out(self) -> None:
        sums = Card("自评总分")
        sums.body.addLayout(row(self.total, self.of, None, self.grade))
        sums.body.addLayout(self._scores)
        sums.body.addWidget(self.preview_button)
        todo = Card()
        todo.body.addWidget(self.missing_title)
        todo.body.addLayout(self._missing)
        rules = Card("评价体系")
        for widget in (self.scheme, self.source, Line()):
            rules.body.addWidget(widget)
        self.unverified = label("", "warning", wrap=True)
        rules.body.addWidget(self.unverified)
        inside = QWidget()
        inside.setObjectName("canvas")
        held = QVBoxLayout(inside)
        held.setContentsMargins(0, 0, METRICS.xs, 0)
        held.setSpacing(METRICS.m)
        for card in (sums, todo, rules):
            held.addWidget(card)
        held.addStretch(1)
        self.setWidget(inside)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMinimumWidth(WIDTH)
        self.setAccessibleName("得分")

    def put(self, detail: Detail) -> None:
        """Show an evaluation."""
        result, scheme = detail.told.result, detail.told.scheme
        codes = self.session.desk.codes
        self.total.setText(f"{result.total}")
        self.total.setAccessibleName(f"自评总分 {result.total}")
        self.of.setText(f"/ {scheme.points} 分")
        self.grade.say(codes["grade"].label_of(result.grade), GRADES.get(result.grade or "", "neutral"))
        clear(self._scores)
        for scorer, score in list(detail.scores.items())[1:]:
            name = label(codes["scorer"].label_of(scorer), "muted")
            name.setToolTip("按有登记证明的合同计算")
            self._scores.addLayout(row(name, None, label(f"{score.total} 分")))
        self._put_missing(detail)
        self.scheme.setText(scheme.label)
        self.source.setText(f"来源：{scheme.source}")
        self.unverified.setText("" if scheme.verified else UNVERIFIED)
        self.unverified.setVisible(not scheme.verified)

    def _put_missing(self, detail: Detail) -> None:
        clear(self._missing)
        missing = [detail.part(code).indicator for code in detail.told.result.missing]
        self.missing_title.setText(f"还差 {len(missing)} 项" if missing else "所有指标都已填报")
        for indicator in missing:
            line = button(indicator.label, partial(self.jumped.emit, indicator.code), look="link")
            line.setToolTip(f"前往“{indicator.label}”")
            self._missing.addWidget(line)
