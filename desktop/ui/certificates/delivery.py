"""Handing certificates on: one PDF for the class, or one for each person, into a folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QStandardPaths, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFrame, QProgressBar

from desktop.services import certificate_roster
from desktop.ui.theme import METRICS
from desktop.ui.widgets.basics import button, column, label, restyle, row
from desktop.ui.widgets.files import PathField

if TYPE_CHECKING:
    import uuid

    from desktop.ui.jobs import Job
    from desktop.ui.widgets.session import Session
    from domain.problems import Refusal


class DeliveryBar(QFrame):
    """Saves every certificate of a class; the work can be stopped between two files."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self._name = ""
        self._ids: list[uuid.UUID] = []
        self._job: Job | None = None
        self.setProperty("look", "card")
        documents = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        self.folder = PathField("保存到文件夹", "folder", default=Path(documents))
        self.one = button("存为一个 PDF", lambda: self.save(apart=False))
        self.apart = button("每人一个 PDF", lambda: self.save(apart=True))
        self.stop_button = button("取消", self.stop)
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName("保存进度")
        self.words = label("", "muted", wrap=True)
        self.show_folder = button("打开文件夹", self._show_folder, look="link")
        line = row(label("保存到", "label"), self.folder, self.one, self.apart, self.stop_button)
        line.setStretch(1, 1)
        told = row(self.words, self.show_folder)
        told.setStretch(0, 1)
        self.setLayout(column(line, self.progress, told, spacing=METRICS.xs, margins=METRICS.m))
        session.jobs.progressed.connect(self._tell)
        for widget in (self.stop_button, self.progress, self.show_folder):
            widget.hide()

    def put(self, name: str, ids: list[uuid.UUID]) -> None:
        """Take other certificates."""
        self._name, self._ids = name, list(ids)
        self._say(f"共 {len(ids)} 份证书；草稿的页面上印有“草稿”。" if ids else "还没有证书可保存。", "muted")
        self._show_working(on=False)

    def save(self, *, apart: bool) -> None:
        """Write the files in a worker."""
        folder = self.folder.path
        if folder is None:
            self._say("请先选择保存到哪个文件夹", "problem")
            return
        desk, ids, name = self.session.desk, self._ids, f"{self._name}-证书"
        self._show_working(on=True)
        self._job = self.session.jobs.long(
            "保存证书",
            lambda job: certificate_roster.save_files(
                desk, ids, folder, name=name, apart=apart, progress=job.step
            ),
            self._saved,
            self._refused,
            owner=self,
        )

    def stop(self) -> None:
        """Stop after the file that is being written."""
        if self._job:
            self._job.cancel()
        self._say("已取消；写好的文件保留在文件夹里。", "muted")
        self._show_working(on=False)

    def _saved(self, files: list[Path]) -> None:
        self._show_working(on=False)
        self._say(f"已保存 {len(files)} 个文件：{files[0].name}{' 等' if len(files) > 1 else ''}", "muted")
        self.show_folder.show()

    def _refused(self, refusal: Refusal) -> None:
        self._show_working(on=False)
        self._say("；".join(refusal.messages()), "problem")

    def _tell(self, words: str, done: int, total: int) -> None:
        if words == "保存证书" and total:
            self.progress.setRange(0, total)
            self.progress.setValue(done)

    def _show_working(self, *, on: bool) -> None:
        self.progress.setVisible(on)
        self.stop_button.setVisible(on)
        for widget in (self.one, self.apart):
            widget.setEnabled(not on and bool(self._ids))
        if on:
            self.show_folder.hide()

    def _say(self, words: str, role: str) -> None:
        self.words.setText(words)
        restyle(self.words, role=role)

    def _show_folder(self) -> None:
        if self.folder.path:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self.folder.path)))
