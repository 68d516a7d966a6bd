"""Giving a list out: where to, as what, and whether personal data stay masked; in place, not in a dialog."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QStandardPaths, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QCheckBox, QFrame

from desktop.services.exchange import exporting
from desktop.ui.theme import METRICS
from desktop.ui.widgets.basics import button, column, label, restyle, row, tool_button
from desktop.ui.widgets.files import TABLES, PathField
from domain.fields import RECORD_TYPES

if TYPE_CHECKING:
    from desktop.models.queries import Query
    from desktop.ui.widgets.session import Session
    from domain.problems import Refusal


class ExportBar(QFrame):
    """Writes the records of a query to an XLSX or CSV file."""

    closed = Signal()

    def __init__(self, session: Session, record_type: str) -> None:
        super().__init__()
        self.session, self.known = session, RECORD_TYPES[record_type]
        self._query: Query | None = None
        self.setProperty("look", "card")
        self.file = PathField("导出到", "save", files=TABLES, default=self._default())
        self.unmasked = QCheckBox("个人信息不打码")
        self.unmasked.setToolTip("默认隐去证件号码、电话等个人信息的中间几位")
        self.go = button("导出", self.export, look="primary", symbol="export")
        self.show_folder = button("打开所在文件夹", self._show_folder, look="link")
        self.words = label("", "muted", wrap=True)
        close = tool_button("close", "关闭导出", self.close_bar)
        line = row(label("导出到", "label"), self.file, self.unmasked, self.go, close, spacing=METRICS.m)
        line.setStretch(1, 1)
        told = row(self.words, self.show_folder)
        told.setStretch(0, 1)
        held = column(line, told, spacing=METRICS.xs, margins=METRICS.m)
        self.setLayout(held)
        self.file.picked.connect(lambda _: self.file.line.setFocus())

    def _default(self) -> Path:
        folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        return Path(folder) / f"{self.known.label}-{self.session.desk.today():%Y%m%d}.xlsx"

    def offer(self, query: Query, count: str) -> None:
        """Show the bar for a list as it is filtered and sorted now."""
        self._query = dataclasses.replace(query)
        self._say(f"当前列表 {count}，XLSX 或 CSV（按文件名结尾），金额以元为单位。", "muted")
        self.show_folder.hide()
        self.show()
        self.file.line.setFocus()

    def export(self) -> None:
        """Write the file in a worker; the status bar shows how far it is and can stop it."""
        path, query = self.file.path, self._query
        if path is None or query is None:
            self._say("请先写明导出到哪个文件，例如 成果.xlsx", "problem")
            return
        desk, kind, masked = self.session.desk, self.known.name, not self.unmasked.isChecked()
        self.go.setEnabled(False)
        self.session.jobs.long(
            f"导出{self.known.label}",
            lambda job: exporting.export(desk, kind, path, query, masked=masked, progress=job.step),
            lambda rows: self._done(rows, path),
            self._refused,
            owner=self,
        )

    def _done(self, rows: int, path: Path) -> None:
        self.go.setEnabled(True)
        self.show_folder.show()
        self._say(f"已导出 {rows:,} 条：{path}", "muted")

    def _refused(self, refusal: Refusal) -> None:
        self.go.setEnabled(True)
        self._say("；".join(refusal.messages()), "problem")

    def _say(self, words: str, role: str) -> None:
        self.words.setText(words)
        restyle(self.words, role=role)

    def _show_folder(self) -> None:
        if self.file.path:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self.file.path.parent)))

    def close_bar(self) -> None:
        """Put the bar away."""
        self.hide()
        self.closed.emit()
