"""The evaluation workbench: indicators at the left, one of them in the middle, the score at the right."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QStandardPaths, Qt
from PySide6.QtWidgets import QSplitter, QStackedWidget, QWidget

from desktop.services import evaluation_detail, evaluations
from desktop.services.saving import file_name, write_file
from desktop.ui.evaluation.indicator import IndicatorView
from desktop.ui.evaluation.score import ScorePanel
from desktop.ui.evaluation.tree import IndicatorTree
from desktop.ui.theme import METRICS
from desktop.ui.widgets.basics import Card, MessageBar, button, column, label, row
from desktop.ui.widgets.files import PathField
from desktop.ui.widgets.pdf_preview import PdfPreview

if TYPE_CHECKING:
    import uuid

    from desktop.models.work import Changes
    from desktop.services.evaluation_detail import Detail
    from desktop.ui.widgets.session import Session
    from domain.problems import Refusal

READ_TYPES: Final = frozenset(
    {"agency", "deal", "staff_member", "site_visit", "evaluation_score", "attachment"}
)
FORM: Final = "绩效数据表"
PDF_FILES: Final = "PDF (*.pdf)"


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
        self.preview = PdfPreview("正在生成", "数据表生成后显示在这里。")
        self.file = PathField("保存到", "save", files=PDF_FILES)
        self.save_button = button("保存 PDF", self.save, look="primary")
        self.words = label("", "muted", wrap=True)
        self._centre = QStackedWidget()
        self._lay_out()
        self.tree.chosen.connect(self._choose)
        self.score.jumped.connect(self.tree.choose)
        self.score.preview_asked.connect(self.show_form)
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
        self._centre.addWidget(self._paper())
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

    def _paper(self) -> QWidget:
        page = Card()
        back = button("返回指标", self.show_indicator, look="link", symbol="back")
        told = row(back, self.words)
        told.setStretch(1, 1)
        line = row(self.file, self.save_button)
        line.setStretch(0, 1)
        page.body.addLayout(told)
        page.body.addLayout(line)
        page.body.addWidget(self.preview, 1)
        return page

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
            if self._centre.currentIndex() == 1:
                self.show_form()

    def _show(self, detail: Detail) -> None:
        self.detail = detail
        self.split.setVisible(True)
        self.bar.hide()
        self.score.put(detail)
        self.tree.put(detail)
        self._choose(self.tree.current_code())

    def _choose(self, code: str) -> None:
        if self.detail and code:
            self.indicator.put(self.detail, code)
            self.show_indicator()

    def _refused(self, refusal: Refusal) -> None:
        self.split.setVisible(self.detail is not None)
        self.bar.say("；".join(refusal.messages()), "warning")

    # ── the paper ───────────────────────────────────────────────────────────────────────────────

    def show_indicator(self) -> None:
        """Go back from the paper to the indicator."""
        self._centre.setCurrentIndex(0)

    def show_form(self) -> None:
        """Draw the performance form and show it."""
        desk = self.session.desk
        self._centre.setCurrentIndex(1)
        if self.detail and not self.file.path:
            self.file.put(self._default(self.detail))
        self.words.setText("下面就是将要保存的文件。")
        self.session.jobs.read(
            lambda: evaluations.printed(desk, self.agency_id),
            self.preview.show_bytes,
            self._refused,
            owner=self,
        )

    def _default(self, detail: Detail) -> Path:
        folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        name, year = detail.told.agency["name"], int(detail.told.agency["year"])
        return Path(folder) / f"{file_name(f'{name}-{year}-{FORM}', FORM)}.pdf"

    def save(self) -> None:
        """Write the form to the file named, in a worker."""
        path, desk = self.file.path, self.session.desk
        if path is None:
            self.words.setText("请先写明保存到哪个文件，例如 绩效数据表.pdf")
            return
        self.session.jobs.long(
            "保存绩效数据表",
            lambda _job: write_file(path, evaluations.printed(desk, self.agency_id)),
            self._saved,
            self._refused,
            owner=self,
        )

    def _saved(self, path: Path) -> None:
        self.words.setText(f"已保存：{path}")
        self.session.say(f"已保存 {path.name}")
