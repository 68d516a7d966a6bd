"""One submission to the authority: its file, what was handed in, and what the authority says of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QStandardPaths, Signal
from PySide6.QtWidgets import QBoxLayout

from desktop.services import submissions
from desktop.ui.widgets.basics import Card, Symbol, button, column, label, row
from desktop.ui.widgets.files import PathField
from desktop.ui.widgets.record_page import RecordPage
from domain.sizes import readable

if TYPE_CHECKING:
    import uuid
    from collections.abc import Mapping

    from desktop.models.file_copies import State
    from desktop.services.submissions import Enclosed
    from desktop.ui.widgets.session import Session
    from domain.problems import Refusal

BY_FILE: Final = frozenset({"sha256", "file_name"})
"""The fields that the chosen file fills in."""
WHERE: Final[Mapping[State, str]] = {
    "here": "{}，在本机",
    "coming": "正在下载",
    "there": "在服务器上，还没有下载到本机",
    "missing": "还没有到达服务器；报送方联网后补传",
}


class SubmissionPage(RecordPage):
    """The file stands over the form; a new submission begins with choosing one."""

    def __init__(
        self,
        session: Session,
        record_type: str,
        record_id: uuid.UUID | None = None,
        *,
        presets: Mapping[str, Any] | None = None,
    ) -> None:
        if record_id is None:
            presets = {"submitted_on": session.desk.today(), **(presets or {})}
        super().__init__(session, record_type, record_id, presets=presets)
        self.file = FileCard(session, self.record_id, new=record_id is None)
        self.file.chosen.connect(self._take)
        holder = self.form.parentWidget()
        held = holder.layout() if holder else None
        assert isinstance(held, QBoxLayout)
        held.insertWidget(0, self.file)
        self.closed.told.connect(lambda _: self.file.choice.setDisabled(self.closed.closed))
        self.closed.told.emit(self.closed.closure)  # again, now that the file has its place
        self.titled.connect(lambda _: self.file.reload())

    def show_closed(self, *, on: bool) -> None:
        super().show_closed(on=on)
        self.form.lock(self.form.cells if on else self.closed.closure.fields | BY_FILE)

    def _take(self, sha256: str, name: str) -> None:
        self.form.put_raw({"sha256": sha256, "file_name": name})
        if not self.form.raw()["title"]:
            self.form.put_raw({"title": Path(name).stem})
        self._edited()
        self._check()


class FileCard(Card):
    """The file handed in: to be chosen while the submission is new, afterwards to be fetched and saved."""

    chosen = Signal(str, str)
    """(SHA-256, name) of the file to hand in."""

    def __init__(self, session: Session, submission_id: uuid.UUID, *, new: bool) -> None:
        super().__init__("报送的文件")
        self.session, self.submission_id, self.new = session, submission_id, new
        self.held: Enclosed | None = None
        self.choice = PathField("要报送的文件", "open")
        self.choice.picked.connect(self._choose)
        self.name, self.facts = label("", selectable=True), label("", "small")
        self.fetch_button = button("下载", self._fetch, look="link")
        self.path = PathField("另存到", "save")
        self.save_button = button("另存", self.save)
        self.said = label("", "muted", wrap=True)
        told = row(Symbol("file"), column(self.name, self.facts, spacing=2), None, self.fetch_button)
        save = row(self.path, self.save_button)
        save.setStretch(0, 1)
        self.body.addWidget(self.choice)
        for line in (told, save):
            self.body.addLayout(line)
        self.body.addWidget(self.said)
        session.sync.told.connect(self._told)
        self._show(None)
        self.reload()

    def reload(self) -> None:
        """Look again where the file is."""
        desk = self.session.desk
        self.session.jobs.read(lambda: submissions.enclosed(desk, self.submission_id), self._show, owner=self)

    def _told(self, _status: object) -> None:
        if self.held and self.held.place != "here":
            self.reload()

    def _show(self, held: Enclosed | None) -> None:
        self.held = held
        here = held is not None and held.place == "here"
        self.new = self.new and held is None
        self.choice.setVisible(self.new)
        self.said.setText("报送后文件和材料内容不能再改；需要更正时另报一份。" if self.new else "")
        self.said.setVisible(bool(self.said.text()))
        for part in (self.name, self.facts):
            part.setVisible(held is not None)
        self.fetch_button.setVisible(held is not None and held.place == "there")
        self.path.setVisible(here)
        self.save_button.setVisible(here)
        if held:
            self.name.setText(held.name)
            self.name.setToolTip(f"SHA-256：{held.sha256}")
            self.facts.setText(WHERE[held.place].format(readable(held.size)))
            if here and self.path.path is None:
                folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
                self.path.put(Path(folder) / held.name)

    def _choose(self, path: Path) -> None:
        desk = self.session.desk
        self.session.jobs.read(
            lambda: submissions.keep_file(desk, path),
            lambda kept: self.chosen.emit(*kept),
            self._refused,
            owner=self,
        )

    def _fetch(self) -> None:
        desk, held = self.session.desk, self.held
        if held:
            self.session.jobs.write(
                lambda: submissions.fetch(desk, sha256=held.sha256), self._asked, self._refused, owner=self
            )

    def _asked(self, _: object) -> None:
        self.session.sync.poke()
        self.reload()

    def save(self) -> None:
        """Write the file to the path named."""
        desk, held, path = self.session.desk, self.held, self.path.path
        if held and path:
            self.session.jobs.read(
                lambda: submissions.save_file(desk, sha256=held.sha256, path=path),
                lambda saved: self._say(f"已保存：{saved}"),
                self._refused,
                owner=self,
            )

    def _refused(self, refusal: Refusal) -> None:
        self._say("；".join(refusal.messages()))

    def _say(self, words: str) -> None:
        self.said.setText(words)
        self.said.setVisible(bool(words))
