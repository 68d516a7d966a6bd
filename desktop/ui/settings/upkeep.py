"""Keeping the data safe: looking through every record and the file, and a backup that is proven to open."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QStandardPaths, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QProgressBar, QVBoxLayout, QWidget

from desktop.services import checks, workspace
from desktop.ui.settings.general import say
from desktop.ui.widgets.basics import Busy, Card, button, label, row
from desktop.ui.widgets.files import PathField
from desktop.ui.widgets.scrolled import scrolled
from desktop.ui.widgets.text_table import TextTable
from domain.fields import RECORD_TYPES
from domain.sizes import readable

if TYPE_CHECKING:
    from desktop.services.checks import Finding
    from desktop.services.workspace import Backup
    from desktop.ui.jobs import Job
    from desktop.ui.widgets.session import Session
    from domain.problems import Refusal

FINDINGS_SHOWN = 500
FINDINGS_HIGH = 9
BACKUP = "备份工作区"


class UpkeepPage(QWidget):
    """Third tab of the settings."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.backup, self.checks = BackupCard(session), CheckCard(session)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolled("数据与备份", self.backup, self.checks, None))


class BackupCard(Card):
    """Copies the workspace into a folder, such as one on another disk."""

    def __init__(self, session: Session) -> None:
        super().__init__("备份到文件夹")
        self.session = session
        self.done: Backup | None = None
        self._job: Job | None = None
        self.folder = PathField("备份文件夹", "folder", default=_documents())
        self.go = button("立即备份", self.start, look="primary")
        self.stop_button = button("取消", self.stop)
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName("备份进度")
        self.said = label("", "muted", wrap=True)
        self.show_folder = button("打开备份", self._show_folder, look="link")
        self.about = label(self._about(), "muted", wrap=True)
        line = row(self.folder, self.go, self.stop_button)
        line.setStretch(0, 1)
        told = row(self.said, self.show_folder)
        told.setStretch(0, 1)
        for item in (self.about, line, self.progress, told):
            self.body.addWidget(item) if isinstance(item, QWidget) else self.body.addLayout(item)
        session.jobs.progressed.connect(self._tell)
        self._working(on=False)
        self.show_folder.hide()

    def _about(self) -> str:
        sealed = workspace.has_passphrase(self.session.desk)
        where = (
            "用同一个口令在任何电脑上都能打开"
            if sealed
            else "密钥在本机的系统钥匙串里，所以备份只能在本机打开；要带到别处，请先在“常规”里设置口令"
        )
        return f"数据库、密钥文件和全部附件一起复制，仍然加密；复制完立即打开核对。{where}。"

    def start(self) -> None:
        """Copy in a worker; the copy can be stopped and is then removed."""
        folder, desk = self.folder.path, self.session.desk
        if folder is None:
            say(self.said, "请先选择备份到哪个文件夹", "problem")
            return
        self.about.setText(self._about())
        self.show_folder.hide()
        say(self.said, "正在备份…", "muted")
        self._working(on=True)
        self._job = self.session.jobs.long(
            BACKUP,
            lambda job: workspace.back_up(desk, folder, job.step),
            self._finished,
            self._refused,
            owner=self,
        )

    def stop(self) -> None:
        """Stop copying."""
        if self._job:
            self._job.cancel()
        say(self.said, "已取消，未完成的备份已删除。", "muted")
        self._working(on=False)

    def _finished(self, backup: Backup) -> None:
        self.done = backup
        self._working(on=False)
        said = f"备份完成并已核对：{backup.folder}（附件 {backup.files} 个，{readable(backup.size)}）"
        say(self.said, said, "muted")
        self.show_folder.show()

    def _refused(self, refusal: Refusal) -> None:
        self._working(on=False)
        say(self.said, "；".join(refusal.messages()), "problem")

    def _tell(self, words: str, done: int, total: int) -> None:
        if words == BACKUP and total:
            self.progress.setRange(0, total)
            self.progress.setValue(done)

    def _working(self, *, on: bool) -> None:
        self.progress.setVisible(on)
        self.stop_button.setVisible(on)
        self.go.setEnabled(not on)

    def _show_folder(self) -> None:
        if self.done:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self.done.folder)))


class CheckCard(Card):
    """Looks through every record and the file of the store."""

    def __init__(self, session: Session) -> None:
        busy = Busy()
        super().__init__("完整性检查", aside=busy)
        self.session, self.busy = session, busy
        self.findings: list[Finding] = []
        self.go = button("开始检查", self.start)
        self.said = label("逐条检查所有记录，并检查数据库文件是否完好。", "muted", wrap=True)
        self.table = TextTable("检查结果", ("类型", "记录", "问题", ""), (110, 260, 0, 72))
        self.table.opened.connect(self._open)
        line = row(self.go, self.said)
        line.setStretch(1, 1)
        self.body.addLayout(line)
        self.body.addWidget(self.table)
        self.table.hide()

    def start(self) -> None:
        """Check in a worker."""
        desk = self.session.desk
        self.go.setEnabled(False)
        self.busy.run(on=True)
        self.session.jobs.long(
            "完整性检查", lambda _job: (checks.count(desk), checks.check(desk)), self._show, owner=self
        )

    def _show(self, result: tuple[int, list[Finding]]) -> None:
        looked_at, self.findings = result
        self.go.setEnabled(True)
        self.busy.run(on=False)
        found = len(self.findings)
        said = f"检查了 {looked_at:,} 条记录，" + (f"发现 {found:,} 处问题。" if found else "没有发现问题。")
        say(self.said, said + "数据库文件完好。" * all(f.record_type for f in self.findings), "muted")
        shown = self.findings[:FINDINGS_SHOWN]
        self.table.words.put(
            [(_label(f), f.title, f.text, "提示" if f.warning else "错误") for f in shown],
            {(n, 3): "warning" if f.warning else "danger" for n, f in enumerate(shown)},
        )
        self.table.setVisible(bool(shown))
        self.table.fit(most=FINDINGS_HIGH)

    def _open(self, number: int) -> None:
        finding = self.findings[number]
        if finding.record_id:
            self.session.open(finding.record_type, finding.record_id)


def _label(finding: Finding) -> str:
    return RECORD_TYPES[finding.record_type].label if finding.record_type else "数据库"


def _documents() -> Path:
    return Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation))
