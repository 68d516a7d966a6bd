"""The papers of an agency's year: one of them is chosen, shown as the very file it becomes, and saved."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QStandardPaths, Signal
from PySide6.QtWidgets import QButtonGroup, QToolButton

from desktop.services import evaluation_papers, submissions
from desktop.services.attachments import Upload
from desktop.services.evaluation_papers import FORM, PAPERS
from desktop.services.saving import file_name
from desktop.ui.widgets.basics import Card, MessageBar, button, label, row
from desktop.ui.widgets.files import PathField
from desktop.ui.widgets.pdf_preview import PdfPreview

if TYPE_CHECKING:
    import uuid

    from desktop.models.work import Changes
    from desktop.services.evaluation_detail import Detail
    from desktop.ui.widgets.session import Session
    from domain.problems import Refusal

PDF_FILES: Final = "PDF (*.pdf)"
SHOWN: Final = "下面就是将要保存的文件。"


class PaperView(Card):
    """Shows one paper of a year and saves it."""

    left = Signal()
    """The user wants to go back to the indicators."""
    refused = Signal(object)
    """A paper cannot be made; the refusal says why."""

    def __init__(self, session: Session, agency_id: uuid.UUID) -> None:
        super().__init__()
        self.session, self.agency_id = session, agency_id
        self.paper = FORM
        self.preview = PdfPreview("正在生成", "文件生成后显示在这里。", session.jobs)
        self.file = PathField("保存到", "save", files=PDF_FILES)
        self.save_button = button("保存 PDF", self.save, look="primary")
        self.submit_button = button("报送主管部门", self._offer)
        self.submit_button.setToolTip("把显示的这份文件报送主管部门，同步后送达")
        self.bar = MessageBar(side=0)
        self.bar.asked.connect(self.submit)
        self._content = b""
        self.words = label("", "muted", wrap=True)
        self.choices = {paper: self._choice(paper) for paper in PAPERS}
        self._group = QButtonGroup(self)
        for choice in self.choices.values():
            self._group.addButton(choice)
        self._detail: Detail | None = None
        back = button("返回指标", self.left.emit, look="link", symbol="back")
        head = row(back, self.words)
        head.setStretch(1, 1)
        line = row(self.file, self.save_button, self.submit_button)
        line.setStretch(0, 1)
        for lines in (head, row(*self.choices.values(), None), line):
            self.body.addLayout(lines)
        self.body.addWidget(self.bar)
        self.body.addWidget(self.preview, 1)

    def _choice(self, paper: str) -> QToolButton:
        choice = QToolButton()
        choice.setText(PAPERS[paper])
        choice.setCheckable(True)
        choice.setChecked(paper == self.paper)
        choice.clicked.connect(partial(self.choose, paper))
        return choice

    def put(self, detail: Detail) -> None:
        """Show the papers of another year, or the same one after a change."""
        self._detail = detail
        self.choose(self.paper)

    def choose(self, paper: str, _checked: bool = False) -> None:  # noqa: FBT001, FBT002 - what Qt's clicked sends
        """Draw one of the papers and show it."""
        desk = self.session.desk
        if paper != self.paper or not self.file.path:
            self.file.put(self._default(paper))
        self.paper = paper
        self.bar.hide()
        self.submit_button.setVisible(self.session.sync.joined)
        self.submit_button.setEnabled(False)
        self.choices[paper].setChecked(True)
        self.words.setText(SHOWN)
        self.session.jobs.read(
            lambda: evaluation_papers.printed(desk, self.agency_id, paper),
            partial(self._show, paper),
            self.refused.emit,
            owner=self,
        )

    def _show(self, paper: str, content: bytes) -> None:
        if paper == self.paper:  # another one may have been chosen meanwhile
            self._content = content
            self.submit_button.setEnabled(True)
            self.preview.show_bytes(content, self._default(paper).stem)

    def _default(self, paper: str) -> Path:
        folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        name = PAPERS[paper]
        if self._detail:
            agency = self._detail.told.agency
            name = f"{agency['name']}-{int(agency['year'])}-{name}"
        return Path(folder) / f"{file_name(name, PAPERS[paper])}.pdf"

    def save(self) -> None:
        """Write the paper to the file named, in a worker."""
        path, desk, paper = self.file.path, self.session.desk, self.paper
        if path is None:
            self.words.setText(f"请先写明保存到哪个文件，例如 {PAPERS[paper]}.pdf")
            return
        self.session.jobs.long(
            f"保存{PAPERS[paper]}",
            lambda job: evaluation_papers.write(desk, self.agency_id, paper, path, job.step),
            self._saved,
            self._save_refused,
            owner=self,
        )

    def _saved(self, path: Path) -> None:
        self.words.setText(f"已保存：{path}")
        self.session.say(f"已保存 {path.name}")

    def _save_refused(self, refusal: Refusal) -> None:
        self.words.setText("；".join(refusal.messages()))
        self.refused.emit(refusal)

    # ── to the authority ────────────────────────────────────────────────────────────────────────

    def _offer(self) -> None:
        """Ask once more: what is handed in cannot be changed."""
        words = f"把显示的“{PAPERS[self.paper]}”报送主管部门？报送后不能修改，需要更正时另报一份。"
        self.bar.say(words, "info", "确认报送")

    def submit(self) -> None:
        """Hand in the very file that is shown."""
        if not self._detail or not self._content:
            return
        agency = self._detail.told.agency
        path, content, agency_id = self._default(self.paper), self._content, self.agency_id
        self.session.do(
            lambda desk: submissions.submit(
                desk,
                title=path.stem,
                upload=Upload(path.name, content),
                year=int(agency["year"]),
                agency=agency_id,
            ),
            self._submitted,
            self._not_submitted,
            owner=self,
        )

    def _submitted(self, changes: Changes) -> None:
        self.bar.hide()
        self.words.setText("已报送，同步后送达主管部门；办理情况见“报送材料”。")
        self.session.say(f"已{changes.label}", undo=True)

    def _not_submitted(self, refusal: Refusal) -> None:
        self.bar.say("；".join(refusal.messages()), "warning")
