"""The files of a record: drop them in, open them, fetch those still on the server, take them away."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QFile, QIODevice, QTemporaryDir, QUrl
from PySide6.QtGui import QDesktopServices, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QCheckBox, QFileDialog, QFrame, QScrollArea, QVBoxLayout, QWidget

from desktop.services import attachments
from desktop.ui.theme import METRICS
from desktop.ui.widgets.basics import (
    Card,
    Line,
    Symbol,
    button,
    clear,
    column,
    label,
    restyle,
    row,
    tool_button,
)
from desktop.ui.widgets.permit import Permit
from domain.sizes import readable

if TYPE_CHECKING:
    import uuid
    from collections.abc import Callable, Mapping

    from PySide6.QtGui import QDragLeaveEvent

    from desktop.models.file_copies import State
    from desktop.models.work import Changes
    from desktop.services.attachments import Shelf
    from desktop.ui.widgets.session import Session
    from domain.problems import Refusal

DROP_HERE: Final = "把文件拖到这里，或"
WHERE: Final[Mapping[State, str]] = {
    "here": "{}",
    "there": "未下载（{}）",
    "coming": "正在下载（{}）",
    "missing": "未下载（{}），上传它的设备还没有传完",
}
"""Where the content is, in words; what is not here is no fault."""


class AttachmentsView(QWidget):
    """Files kept encrypted with one record."""

    def __init__(self, session: Session, record_type: str, record_id: uuid.UUID) -> None:
        super().__init__()
        self.session, self.record_type, self.record_id = session, record_type, record_id
        self.setAcceptDrops(True)
        self._opened: QTemporaryDir | None = None
        self.zone = QFrame()
        self.zone.setProperty("look", "drop")
        choose = button("选择文件", self._choose)
        self._words = label(DROP_HERE, "muted", wrap=True)
        self.keep = QCheckBox("离线保留")
        self.keep.setToolTip("把这条记录的附件都下载到本机并保留，走访现场没有网络也能打开")
        self.keep.clicked.connect(self._keep)
        self.zone.setLayout(
            row(None, Symbol("attach"), self._words, choose, None, self.keep, margins=METRICS.l)
        )
        self.problem = label("", "problem", wrap=True)
        self.problem.hide()
        self.card = Card()
        self.card.hide()
        inside = QWidget()
        inside.setObjectName("canvas")
        lines = column(self.zone, self.problem, self.card, None, spacing=METRICS.m)
        lines.setContentsMargins(METRICS.xl, METRICS.l, METRICS.xl, METRICS.xl)
        inside.setLayout(lines)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(inside)
        area.setAccessibleName("附件")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(area)
        self._far = False
        self.permit = Permit(self, session, "attachment", (record_type, record_id), (choose,))
        self.permit.told.connect(self._permitted)
        self._permitted(self.permit.why)
        session.jobs.changed.connect(self._refresh)
        session.sync.told.connect(self._told)

    def reload(self) -> None:
        """Read the list of files again."""
        desk = self.session.desk
        self.session.jobs.read(
            lambda: attachments.shelf(desk, self.record_type, self.record_id), self._show, owner=self
        )

    def attach(self, files: list[Path]) -> None:
        """Keep files with the record."""
        self.problem.hide()
        self.session.do(
            lambda desk: attachments.attach(
                desk, record_type=self.record_type, record_id=self.record_id, files=files
            ),
            lambda _changes: self.session.say(f"已添加 {len(files)} 个附件", undo=True),
            self._refused,
            owner=self,
        )

    def _refused(self, refusal: Refusal) -> None:
        self.problem.setText("\n".join(refusal.messages()))
        self.problem.show()

    def _refresh(self, changes: Changes, _initiator: object) -> None:
        if "attachment" in changes.types():
            self.reload()

    def _permitted(self, why: str) -> None:
        self.setAcceptDrops(not why)
        self._words.setText("只读，不能添加文件" if why else DROP_HERE)
        self.reload()

    def _told(self, _status: object) -> None:
        """Look again while a file is still to come."""
        if self._far:
            self.reload()

    def _show(self, shelf: Shelf) -> None:
        clear(self.card.body)
        self.keep.setVisible(self.session.sync.joined)
        self.keep.setChecked(shelf.kept)
        self._far = bool(shelf.held_back) or not all(shelf.here(held) for held in shelf.rows)
        for number, held in enumerate(shelf.rows):
            if number:
                self.card.body.addWidget(Line())
            waits = held["sha256"] in shelf.held_back
            self.card.body.addWidget(self._line(held, shelf.places[held["sha256"]], waits=waits))
        self.card.setVisible(bool(shelf.rows))

    def _line(self, held: dict[str, Any], place: State, *, waits: bool) -> QWidget:
        size = readable(int(held["size"] or 0))
        unsent = " · 超过自动传送的大小，未上传" if waits else ""
        facts = f"{WHERE[place].format(size)} · 添加于 {held['created_at'][:10]}{unsent}"
        name = label(held["name"])
        name.setToolTip(f"SHA-256：{held['sha256']}")
        away = tool_button("trash", f"删除附件 {held['name']}", partial(self._remove, held))
        away.setEnabled(not self.permit.why)
        line = QWidget()
        line.setLayout(
            row(
                Symbol("file"),
                column(name, label(facts, "small"), spacing=2),
                None,
                *([self._send(held)] if waits else []),
                self._way(held, place),
                away,
                spacing=METRICS.m,
            )
        )
        return line

    def _way(self, held: dict[str, Any], place: State) -> QWidget:
        """Return the button that leads to the content."""
        if place == "here":
            made = button("打开", partial(self._open, held), look="link")
        else:
            made = button("下载", partial(self._fetch, held), look="link")
            made.setEnabled(place != "coming")
        made.setAccessibleName(f"{made.text()}附件 {held['name']}")
        return made

    def _send(self, held: dict[str, Any]) -> QWidget:
        """Return the button that lets a large file go to the server after all."""
        made = button("上传", partial(self._fetch, held), look="link")
        made.setAccessibleName(f"上传附件 {held['name']}")
        made.setToolTip("自动传送的大小在 同步中心 › 接入与离线传递 里设置")
        return made

    def _fetch(self, held: dict[str, Any]) -> None:
        desk = self.session.desk
        self._asked(lambda: attachments.fetch(desk, attachment_id=held["id"]))

    def _keep(self, kept: bool) -> None:  # noqa: FBT001 - the shape of a slot
        desk, kind, key = self.session.desk, self.record_type, self.record_id
        self._asked(lambda: attachments.keep_offline(desk, record_type=kind, record_id=key, kept=kept))

    def _asked(self, ask: Callable[[], None]) -> None:
        def done(_: object) -> None:
            self.session.sync.poke()
            self.reload()

        self.session.jobs.write(ask, done, self._refused, owner=self)

    def _open(self, held: dict[str, Any]) -> None:
        """Write a copy for other programs to show; it goes when this page is left."""
        desk = self.session.desk

        def show(content: bytes) -> None:
            self._opened = self._opened or QTemporaryDir()
            path = self._opened.filePath(Path(held["name"]).name)
            file = QFile(path)
            if file.open(QIODevice.OpenModeFlag.WriteOnly):
                file.write(content)
                file.close()
                QDesktopServices.openUrl(QUrl.fromLocalFile(path))

        self.session.jobs.read(
            lambda: attachments.open_content(desk, held["id"]), show, self._refused, owner=self
        )

    def _remove(self, held: dict[str, Any]) -> None:
        self.session.do(
            lambda desk: attachments.detach(desk, ids=[held["id"]]),
            lambda _changes: self.session.say("已删除附件", undo=True),
            owner=self,
        )

    def _choose(self) -> None:
        dialog = QFileDialog(self, "选择要添加的文件")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.filesSelected.connect(lambda names: self.attach([Path(name) for name in names]))
        dialog.open()

    # ── dropping ────────────────────────────────────────────────────────────────────────────────

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls():
            restyle(self.zone, on="true")
            event.acceptProposedAction()

    def dragLeaveEvent(self, _event: QDragLeaveEvent) -> None:
        restyle(self.zone, on="false")

    def dropEvent(self, event: QDropEvent) -> None:
        restyle(self.zone, on="false")
        files = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if files:
            self.attach(files)
