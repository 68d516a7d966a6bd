"""The evaluation workbench: indicators at the left, one of them in the middle, the score at the right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter, QStackedWidget, QWidget

from desktop.services import evaluation_detail
from desktop.ui.evaluation.indicator import IndicatorView
from desktop.ui.evaluation.papers import PaperView
from desktop.ui.evaluation.score import ScorePanel
from desktop.ui.evaluation.tree import IndicatorTree
from desktop.ui.theme import METRICS
from desktop.ui.widgets.basics import Card, MessageBar, column

if TYPE_CHECKING:
    import uuid

    from desktop.models.work import Changes
    from desktop.services.evaluation_detail import Detail
    from desktop.ui.widgets.session import Session
    from domain.problems import Refusal

READ_TYPES: Final = frozenset(
    {
        "agency",
        "deal",
        "dossier_item",
        "staff_member",
        "site_visit",
        "success_case",
        "evaluation_score",
        "attachment",
    }
)


class Workbench(QWidget):
    """One agency's year."""

    def __init__(self, session: Session, record_type: str, agency_id: uuid.UUID) -> None:
        super().__init__()
        assert record_type == "agency", record_type
        self.session, self.agency_id = session, agency_id
        self.detail: Detail | None = None
        self.bar = MessageBar()
        self.tree = IndicatorTree()
        self.indicator = IndicatorView(session, agency_id)
        self.score = ScorePanel(session)
        self.papers = PaperView(session, agency_id)
        self._centre = QStackedWidget()
        self._lay_out()
        self.tree.chosen.connect(self._choose)
        self.score.jumped.connect(self.tree.choose)
        self.score.preview_asked.connect(self.show_papers)
        self.papers.left.connect(self.show_indicator)
        self.papers.refused.connect(self._refused)
        session.jobs.changed.connect(self._written)
        self.reload()

    def _lay_out(self) -> None:
        tree = Card()
        frame = tree.layout()
        assert frame is not None
        frame.setContentsMargins(1, 1, 1, 1)
        tree.body.addWidget(self.tree)
        tree.setMinimumWidth(456)
        self._centre.addWidget(self.indicator)
        self._centre.addWidget(self.papers)
        self.split = QSplitter(Qt.Orientation.Horizontal)
        self.split.setHandleWidth(METRICS.m)
        self.split.setStyleSheet("QSplitter::handle { background: transparent; }")
        for widget, stretch in ((tree, 5), (self._centre, 5), (self.score, 2)):
            self.split.addWidget(widget)
            self.split.setStretchFactor(self.split.count() - 1, stretch)
        self.split.setSizes([456, 426, 244])
        outer = column(self.bar, self.split, spacing=METRICS.s)
        outer.setContentsMargins(METRICS.xl, METRICS.m, METRICS.xl, METRICS.m)
        outer.setStretch(1, 1)
        self.setLayout(outer)

    # ── reading ─────────────────────────────────────────────────────────────────────────────────

    def reload(self) -> None:
        """Count and score again, in a worker."""
        desk = self.session.desk
        self.session.jobs.read(
            lambda: evaluation_detail.detail(desk, self.agency_id), self._show, self._refused, owner=self
        )

    def _written(self, changes: Changes, _initiator: object) -> None:
        if changes.types() & READ_TYPES:
            self.reload()

    def _show(self, detail: Detail) -> None:
        self.detail = detail
        self.split.setVisible(True)
        self.bar.hide()
        self.score.put(detail)
        reading = self._centre.currentWidget() is self.papers
        self.tree.put(detail)
        self._choose(self.tree.current_code())
        if reading:
            self.show_papers()

    def _choose(self, code: str) -> None:
        if self.detail and code:
            self.indicator.put(self.detail, code)
            self.show_indicator()

    def _refused(self, refusal: Refusal) -> None:
        self.split.setVisible(self.detail is not None)
        self.bar.say("；".join(refusal.messages()), "warning")

    # ── what stands in the middle ───────────────────────────────────────────────────────────────

    def show_indicator(self) -> None:
        """Go back from the papers to the indicator."""
        self._centre.setCurrentWidget(self.indicator)

    def show_papers(self) -> None:
        """Draw the form and show it, with the other papers to choose from."""
        self._centre.setCurrentWidget(self.papers)
        if self.detail:
            self.papers.put(self.detail)
