"""Handing certificates on: which files, into which folder, how far it is, and the way to them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QStandardPaths, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QCheckBox, QFrame, QProgressBar

from desktop.services import certificate_delivery
from desktop.services.certificate_delivery import Wanted
from desktop.ui.theme import METRICS
from desktop.ui.widgets.basics import button, column, label, restyle, row
from desktop.ui.widgets.files import PathField

if TYPE_CHECKING:
    import uuid

    from desktop.ui.jobs import Job
    from desktop.ui.widgets.session import Session
    from domain.problems import Refusal

WORK: Final = "保存证书"
KINDS: Final = {
    "apart": "每人一个 PDF",
    "together": "合订 PDF",
    "archive": "ZIP",
    "manifest": "清单",
    "receipts": "领取签字表",
}
TIPS: Final = {
    "apart": "签名的证书文件，一人一个",
    "together": "所有人的证书合为一个文件，供打印；不含数字签名",
    "archive": "签名的证书文件和清单打成一个压缩包",
    "manifest": "每个文件的摘要（SHA-256），CSV 和 JSON 各一份",
    "receipts": "领取证书时签字用的表",
}


class DeliveryBar(QFrame):
    """Saves the certificates of a class; the work can be stopped between two files and done again."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self._name = ""
        self._ids: list[uuid.UUID] = []
        self._job: Job | None = None
        self.setProperty("look", "card")
        documents = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        self.folder = PathField("保存到文件夹", "folder", default=Path(documents))
        self.kinds = {kind: QCheckBox(words) for kind, words in KINDS.items()}
        for kind, box in self.kinds.items():
            box.setToolTip(TIPS[kind])
            box.setChecked(kind in ("apart", "manifest", "receipts"))
        self.save_button = button("保存文件", self.save)
        self.stop_button = button("取消", self.stop)
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName("保存进度")
        self.words = label("", "muted", wrap=True)
        self.show_folder = button("打开文件夹", self._show_folder, look="link")
        line = row(label("保存到", "label"), self.folder, self.save_button, self.stop_button)
        line.setStretch(1, 1)
        told = row(self.words, self.show_folder)
        told.setStretch(0, 1)
        chosen = row(*self.kinds.values(), None, spacing=METRICS.m)
        self.setLayout(column(line, chosen, self.progress, told, spacing=METRICS.s, margins=METRICS.m))
        session.jobs.progressed.connect(self._tell)
        for widget in (self.stop_button, self.progress, self.show_folder):
            widget.hide()

    @property
    def wanted(self) -> Wanted:
        """The kinds of files that are checked."""
        return Wanted(**{kind: box.isChecked() for kind, box in self.kinds.items()})

    def put(self, name: str, ids: list[uuid.UUID]) -> None:
        """Take other certificates."""
        self._name, self._ids = name, list(ids)
        if self._job is None:
            words = f"共 {len(ids)} 份证书；草稿的页面上印有“草稿”。" if ids else "还没有证书可保存。"
            self._say(words, "muted")
            self._show_working(on=False)

    def save(self) -> None:
        """Write the files in a worker."""
        folder = self.folder.path
        if folder is None:
            self._say("请先选择保存到哪个文件夹", "problem")
            return
        desk, ids, name, wanted = self.session.desk, self._ids, self._name, self.wanted
        self._show_working(on=True)
        self._job = self.session.jobs.long(
            WORK,
            lambda job: certificate_delivery.deliver(
                desk, ids, folder, name=name, wanted=wanted, progress=job.step
            ),
            self._saved,
            self._refused,
            owner=self,
        )

    def stop(self) -> None:
        """Stop after the file that is being written."""
        if self._job:
            self._job.cancel()
        self._say("已取消；写好的文件保留在文件夹里，再次保存会接着做。", "muted")
        self._show_working(on=False)

    def _saved(self, files: list[Path]) -> None:
        self._show_working(on=False)
        self._say(f"已保存 {len(files)} 个文件：{files[0].name}{' 等' if len(files) > 1 else ''}", "muted")
        self.show_folder.show()

    def _refused(self, refusal: Refusal) -> None:
        self._show_working(on=False)
        self._say("；".join(refusal.messages()), "problem")

    def _tell(self, work: str, done: int, total: int) -> None:
        if work == WORK and total:
            self.progress.setRange(0, total)
            self.progress.setValue(done)

    def _show_working(self, *, on: bool) -> None:
        self.progress.setVisible(on)
        self.stop_button.setVisible(on)
        self.save_button.setEnabled(not on and bool(self._ids))
        if on:
            self.show_folder.hide()
        else:
            self._job = None

    def _say(self, words: str, role: str) -> None:
        self.words.setText(words)
        restyle(self.words, role=role)

    def _show_folder(self) -> None:
        if self.folder.path:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self.folder.path)))
