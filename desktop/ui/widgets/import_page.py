"""Bringing a list in, as a page: choose a file, see what would happen, mend the columns, import, undo."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QMenu, QProgressBar, QToolButton, QWidget

from desktop.services.exchange import importing
from desktop.ui.theme import METRICS
from desktop.ui.widgets.basics import Card, MessageBar, button, column, icon, label, row, tool_button
from desktop.ui.widgets.files import TABLES, PathField
from desktop.ui.widgets.import_mapping import MappingTable
from desktop.ui.widgets.import_result import ResultCard
from desktop.ui.widgets.import_work import Reading, Run, read
from desktop.ui.widgets.scrolled import scrolled
from domain.fields import RECORD_TYPES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from desktop.models.work import Changes
    from desktop.services.exchange.importing import ImportReport
    from desktop.ui.jobs import Job
    from desktop.ui.widgets.session import Session
    from domain.problems import Refusal

CHECKING: Final = "检查导入文件"
CHOICES: Final = tuple(
    known.name
    for known in RECORD_TYPES.values()
    if known.group not in ("parts", "sync") and known.name != "attachment"
)


class ImportPage(QWidget):
    """Imports one file at a time; nothing is written before 导入 is pressed."""

    left = Signal()
    """The user wants back to the list."""

    def __init__(self, session: Session, record_type: str) -> None:
        super().__init__()
        self.session, self.record_type = session, record_type
        self.reading: Reading | None = None
        self.report: ImportReport | None = None
        self._changed: dict[str, str] = {}
        self._job: Job | None = None
        self._checking = False
        self._run: Run | None = None
        self.kind = self._kind_button()
        self.file = PathField("要导入的文件", "open", files=TABLES)
        self.bar = MessageBar()
        self.progress = QProgressBar()
        self.mapping = MappingTable()
        self.layout_words = label("", "muted")
        self.columns_card = Card("列与栏目的对应", aside=self.layout_words)
        self.result = ResultCard()
        self._lay_out()
        self.file.picked.connect(self._picked)
        self.mapping.changed.connect(self._remap)
        session.jobs.progressed.connect(self._tell)
        session.jobs.changed.connect(self._written)
        self._show_state()

    # ── building ────────────────────────────────────────────────────────────────────────────────

    def _kind_button(self) -> QToolButton:
        made = QToolButton()
        made.setProperty("look", "chip")
        made.setAccessibleName("导入为哪一类记录")
        made.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        made.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        made.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        made.setIcon(icon("down", "muted"))
        made.setIconSize(QSize(12, 12))
        menu = QMenu(made)
        menu.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        for name in CHOICES:
            menu.addAction(RECORD_TYPES[name].label, partial(self.retype, name))
        made.setMenu(menu)
        made.setText(RECORD_TYPES[self.record_type].label)
        return made

    def _lay_out(self) -> None:
        header = QFrame()
        header.setProperty("look", "toolbar")
        back = tool_button("back", "返回列表", self.left.emit)
        held = row(back, label("导入", "title"), None, label("导入为", "muted"), self.kind)
        held.setContentsMargins(METRICS.l, METRICS.m, METRICS.xl, METRICS.m)
        header.setLayout(held)
        choose = Card("选择文件")
        choose.body.addWidget(self.file)
        hint = "支持 XLSX 和 CSV。表头、单位和编码自动识别；先检查、后写入，重复导入不会产生重复记录。"
        choose.body.addWidget(label(hint, "muted", wrap=True))
        choose.body.addWidget(self.progress)
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName("进度")
        self.columns_card.body.addWidget(self.mapping)
        page = scrolled("导入", self.bar, choose, self.result, self.columns_card, None)
        outer = column(header, page, self._footer(), spacing=0)
        outer.setStretch(1, 1)
        self.setLayout(outer)

    def _footer(self) -> QFrame:
        self.stop_button = button("取消", self.stop)
        self.undo_button = button("撤销导入", self.undo, symbol="undo")
        self.again_button = button("再导入一个文件", self.start_over)
        self.import_button = button("导入", self.import_, look="primary", symbol="import")
        self.state = label("", "muted")
        footer = QFrame()
        footer.setProperty("look", "footer")
        held = row(
            self.state, None, self.stop_button, self.undo_button, self.again_button, self.import_button
        )
        held.setContentsMargins(METRICS.xl, METRICS.s, METRICS.xl, METRICS.s)
        footer.setLayout(held)
        return footer

    # ── looking ─────────────────────────────────────────────────────────────────────────────────

    def _picked(self, _path: Path) -> None:
        self._changed = {}
        self.look()

    def retype(self, record_type: str) -> None:
        """Read the file as a list of other records."""
        self.record_type, self._changed = record_type, {}
        self.kind.setText(RECORD_TYPES[record_type].label)
        self.look()

    def _remap(self, header: str, field: str) -> None:
        self._changed[header] = field
        self.look()

    def look(self) -> None:
        """Read the file and show what importing it would do; nothing is written."""
        path = self.file.path
        if path is None or self._run:
            return
        if self._job:
            self._job.cancel()
        self.bar.hide()
        self.report = None
        desk, kind, mapping = self.session.desk, self.record_type, self._chosen()
        self._checking = True
        self._show_state()
        self._job = self.session.jobs.long(
            CHECKING,
            lambda job: read(desk, path, kind, mapping, job),
            self._looked,
            self._refused,
            owner=self,
        )

    def _chosen(self) -> Mapping[str, str] | None:
        """Return the user's choices on top of what was understood before; None leaves it to the program."""
        if not self._changed or self.reading is None:
            return None
        held = {c.header: c.field for c in self.reading.layout.columns if c.header and c.field is not None}
        taken = set(self._changed.values())
        return {**{header: field for header, field in held.items() if field not in taken}, **self._changed}

    def _looked(self, reading: Reading) -> None:
        self.reading, self._checking = reading, False
        layout = reading.layout
        self.mapping.put(self.record_type, layout.columns, reading.samples)
        self.layout_words.setText(f"工作表“{layout.sheet.name}” · 表头在第 {layout.header_row} 行")
        if reading.plan:
            self.result.put(self.record_type, reading.plan.preview)
        if reading.problems:
            self.bar.say("；".join(reading.problems), "warning")
        self._show_state()

    def _refused(self, refusal: Refusal) -> None:
        self.reading, self._checking = None, False
        self.bar.say("；".join(refusal.messages()), "danger")
        self._show_state()

    # ── importing ───────────────────────────────────────────────────────────────────────────────

    def import_(self) -> None:
        """Write what the plan holds, as one step of undo; rejected rows go to a file beside the source."""
        plan = self.reading.plan if self.reading else None
        if plan is None or self._run or self.report:
            return
        desk, kind, chosen = self.session.desk, self.record_type, self._chosen()
        run = self._run = Run(self.session, kind)
        run.stepped.connect(self._show_progress)
        run.finished.connect(self._imported)
        run.failed.connect(self._not_imported)

        def apply(progress: Callable[[int, int], None]) -> ImportReport:
            if chosen:
                importing.remember(desk, kind, plan.layout, chosen)
            return importing.apply(desk, plan, rejects_folder=plan.source.resolve().parent, progress=progress)

        self._show_state()
        run.start(apply, self)

    def _imported(self, report: ImportReport) -> None:
        self._run = None
        self.report = report
        self.result.put(self.record_type, report)
        self.undo_button.setVisible(bool(report.imported))
        self._show_state()

    def _not_imported(self, refusal: Refusal) -> None:
        self._run = None
        self.bar.say("；".join(refusal.messages()), "danger")
        self._show_state()

    def stop(self) -> None:
        """Stop checking or importing; a stopped import leaves nothing behind."""
        if self._job:
            self._job.cancel()
        self._checking = False
        if self._run:
            self._run.stop()
            self._run = None
            self.bar.say("已取消，没有写入任何内容。", "info")
        self._show_state()

    def let_go(self) -> None:
        """Put the page away: checking ends, an import under way goes on and says so when it is done."""
        if self._job:
            self._job.cancel()
        if self._run:
            self._run.let_go()

    def undo(self) -> None:
        """Take the whole import back."""
        self.session.undo()

    def start_over(self) -> None:
        """Forget this file and take the next one."""
        self.reading, self.report, self._changed = None, None, {}
        self.file.line.clear()
        self.file.line.setFocus()
        self._show_state()

    # ── state ───────────────────────────────────────────────────────────────────────────────────

    def _written(self, changes: Changes, initiator: object) -> None:
        """Offer to undo only as long as the import is the newest step."""
        if self.report and initiator is not self:
            mine = (
                {touch.record_id for touch in self.report.changes.touched} if self.report.changes else set()
            )
            undone = bool(mine) and mine == {touch.record_id for touch in changes.touched}
            self.state.setText("导入已撤销。" if undone else "之后又有新的修改，请用 Ctrl+Z 逐步撤销。")
            self.undo_button.hide()

    def _tell(self, words: str, done: int, total: int) -> None:
        if words == CHECKING and self._checking:
            self._show_progress(done, total)

    def _show_progress(self, done: int, total: int) -> None:
        self.progress.setRange(0, total)
        self.progress.setValue(done)

    def _show_state(self) -> None:
        plan = self.reading.plan if self.reading else None
        working = self._checking or self._run is not None
        self.progress.setVisible(working)
        self.result.setVisible(plan is not None)
        self.columns_card.setVisible(self.reading is not None and self.report is None)
        self.stop_button.setVisible(working)
        self.again_button.setVisible(self.report is not None)
        self.import_button.setVisible(self.report is None)
        self.kind.setEnabled(self.report is None and self._run is None)
        self.file.setEnabled(self.report is None and self._run is None)
        if self.report is None:
            self.undo_button.hide()
            count = plan.preview.imported if plan else 0
            self.import_button.setEnabled(count > 0 and not working)
            self.import_button.setText(f"导入 {count:,} 条" if count else "导入")
            self.state.setText("正在导入…" if self._run else "正在检查…" if self._checking else "")
        else:
            self.state.setText("导入是一步操作，可以整体撤销。" if self.report.imported else "没有新的记录。")
