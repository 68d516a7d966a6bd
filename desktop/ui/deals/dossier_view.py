"""案卷 of a deal: the checklist by contract type, filled by dropping files on it, and bound into one PDF."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QTemporaryDir, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QVBoxLayout, QWidget

from desktop.models import queries
from desktop.services import attachments, deals, dossiers, records
from desktop.ui.deals.dossier_row import DossierRow, PaperLine, paper_of
from desktop.ui.theme import METRICS
from desktop.ui.widgets.bars import ProgressRing
from desktop.ui.widgets.basics import Card, EmptyState, Line, MessageBar, button, clear, column, label, row
from desktop.ui.widgets.permit import Permit
from desktop.ui.widgets.scrolled import scrolled
from domain.fields import RECORD_TYPES

if TYPE_CHECKING:
    import uuid

    from desktop.models.work import Changes
    from desktop.services.deals import DossierStatus
    from desktop.services.desk import Desk
    from desktop.ui.widgets.session import Session
    from domain.dossier import ChecklistItem
    from domain.problems import Refusal

UNFIT: Final = str.maketrans("", "", r'\/:*?"<>|')
"""What no file name may hold on Windows."""
SHOWN_BY: Final = frozenset({"deal", "dossier_item", "attachment", "party"})


@dataclass(frozen=True)
class DossierFacts:
    """The checklist with the names of the files, and what the deal is called."""

    title: str
    status: DossierStatus
    files: dict[uuid.UUID, str]


def read_dossier(desk: Desk, deal_id: uuid.UUID) -> DossierFacts:
    """Read the dossier of a deal.

    Raises:
        Refusal: the deal is not saved yet.
    """
    status = deals.dossier_status(desk, deal_id)
    papers = [paper for found in status.papers.values() for paper in found]
    with desk.store.read() as connection:
        title = queries.titles(connection, "deal", [deal_id])[deal_id]
        files = queries.titles(
            connection, "attachment", [paper["attachment"] for paper in papers if paper["attachment"]]
        )
    return DossierFacts(title, status, files)


class DossierHead(Card):
    """How complete the dossier is, and the button that binds it."""

    def __init__(self) -> None:
        super().__init__()
        self.ring = ProgressRing()
        self.required = label("", "heading")
        self.missing = label("", "muted", wrap=True)
        self.bind_button = button("生成案卷 PDF", look="primary", symbol="export")
        words = column(self.required, self.missing, spacing=2)
        held = row(self.ring, words, self.bind_button, spacing=METRICS.l)
        held.setStretch(1, 1)
        self.body.addLayout(held)

    def show_status(self, status: DossierStatus) -> None:
        """Show the count of the papers that must be there."""
        done = status.completeness
        self.ring.show_share(done.percent or Decimal(0))
        self.required.setText(f"必备 {done.present}/{done.required}")
        lacking = "、".join(str(item.number) for item in done.missing)
        self.missing.setText(f"还缺第 {lacking} 项" if lacking else "必备材料已齐，可以立卷")


class DossierView(QWidget):
    """The checklist of one deal; a row is made anew only when something of it has changed."""

    def __init__(self, session: Session, _record_type: str, deal_id: uuid.UUID) -> None:
        super().__init__()
        self.session, self.deal_id = session, deal_id
        self.rows: dict[int, DossierRow] = {}
        self._shown: dict[int, tuple[Any, ...]] = {}
        self._title = ""
        self._folder = QUrl()
        self._copies: QTemporaryDir | None = None
        self.head = DossierHead()
        self.head.bind_button.clicked.connect(lambda *_: self._choose_path())
        self.bar = MessageBar(side=0)
        self.bar.asked.connect(lambda: QDesktopServices.openUrl(self._folder))
        self._card = Card()
        self._card.body.setSpacing(0)
        self._empty = EmptyState(
            "file", "还列不出材料清单", "保存这笔交易并选好“合同类别”，清单按类别自动生成。"
        )
        hint = label("把文件拖到对应的行上即可归入案卷。", "small")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(
            scrolled("案卷", self.bar, self.head, hint, self._card, self._empty, None, spacing=METRICS.m)
        )
        self._hint = hint
        self._show_list(on=False)
        self.permit = Permit(self, session, "dossier_item", ("deal", deal_id))
        self.permit.told.connect(self._told)
        session.jobs.changed.connect(self._refresh)
        self.reload()

    # ── showing ─────────────────────────────────────────────────────────────────────────────────

    def reload(self) -> None:
        """Read the dossier again."""
        desk = self.session.desk
        self.session.jobs.read(
            lambda: read_dossier(desk, self.deal_id),
            self._show,
            lambda _refusal: self._show_list(on=False),
            owner=self,
        )

    def _refresh(self, changes: Changes, _initiator: object) -> None:
        if changes.types() & SHOWN_BY:
            self.reload()

    def _told(self, _why: str) -> None:
        """Make all rows anew, to be filled or only to be read."""
        self._shown.clear()
        self.reload()

    def _show_list(self, *, on: bool) -> None:
        for part in (self.head, self._hint, self._card):
            part.setVisible(on)
        self._empty.setVisible(not on)

    def _show(self, facts: DossierFacts) -> None:
        status = facts.status
        self._title = facts.title
        self._show_list(on=not status.unknown_type)
        self._hint.setHidden(status.unknown_type or bool(self.permit.why))
        self.head.show_status(status)
        if [item.number for item in status.items] != list(self.rows):
            clear(self._card.body)
            self.rows.clear()
            self._shown.clear()
        for item in status.items:
            papers = status.papers.get(item.number, [])
            names = [facts.files.get(paper["attachment"], "") for paper in papers]
            if self._shown.get(item.number) != (item, papers, names):
                self._shown[item.number] = (item, papers, names)
                self._place(self._made(item, papers, names))

    def _place(self, line: DossierRow) -> None:
        """Put a row where it belongs, in place of the one that was there; hairlines lie between."""
        old = self.rows.get(line.item.number)
        self.rows[line.item.number] = line
        if old:
            self._card.body.replaceWidget(old, line)
            old.hide()
            old.deleteLater()
            return
        if self._card.body.count():
            self._card.body.addWidget(Line())
        self._card.body.addWidget(line)

    def _made(self, item: ChecklistItem, papers: list[dict[str, Any]], names: list[str]) -> DossierRow:
        codes = self.session.desk.codes["dossier-item-state"]
        lines = [PaperLine(paper, name, codes) for paper, name in zip(papers, names, strict=True)]
        made = DossierRow(item, lines, [paper["state"] for paper in papers], codes)
        made.filed.connect(self.file)
        made.chosen.connect(self._choose_files)
        made.waived.connect(self._waive)
        for line in lines:
            line.opened.connect(partial(self.session.open, "dossier_item"))
            line.viewed.connect(self._view)
            line.stated.connect(self._state)
            line.removed.connect(lambda paper: self.session.remove("dossier_item", [paper["id"]]))
        if self.permit.why:
            made.lock(self.permit.why)
        return made

    # ── filing ──────────────────────────────────────────────────────────────────────────────────

    def file(self, item: ChecklistItem, files: list[Path]) -> None:
        """File papers under an item, each as a step of undo of its own."""
        for path in files:
            self.session.do(
                partial(deals.file_paper, deal_id=self.deal_id, values=paper_of(item), file=path),
                lambda changes: self.session.say(f"已{changes.label}", undo=True),
                self._refused,
                owner=self,
            )

    def _choose_files(self, item: ChecklistItem) -> None:
        dialog = QFileDialog(self, f"选择“{item.title}”的文件")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.filesSelected.connect(lambda names: self.file(item, [Path(name) for name in names]))
        dialog.open()

    def _waive(self, item: ChecklistItem, reason: str) -> None:
        self.session.do(
            partial(deals.mark_not_applicable, deal_id=self.deal_id, item=item, reason=reason),
            lambda _changes: self.session.say(f"“{item.title}”已标记为不适用", undo=True),
            self._refused,
            owner=self,
        )

    def _state(self, paper: dict[str, Any], state: str) -> None:
        body = {name: paper[name] for name in RECORD_TYPES["dossier_item"].by_name} | {"state": state}
        self.session.do(
            partial(records.save, record_type="dossier_item", record_id=paper["id"], values=body),
            lambda _changes: self.session.say("已改材料状态", undo=True),
            self._refused,
            owner=self,
        )

    def _view(self, paper: dict[str, Any]) -> None:
        """Write a copy of a file for other programs to show; it goes when this page is left."""
        desk, name = self.session.desk, self._name_of(paper)

        def show(content: bytes) -> None:
            self._copies = self._copies or QTemporaryDir()
            path = Path(self._copies.filePath(Path(name).name))
            path.write_bytes(content)
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))

        self.session.jobs.read(
            lambda: attachments.open_content(desk, paper["attachment"]), show, self._refused, owner=self
        )

    def _name_of(self, paper: dict[str, Any]) -> str:
        _, papers, names = self._shown[int(paper["item_no"])]
        return str(names[[held["id"] for held in papers].index(paper["id"])])

    def _refused(self, refusal: Refusal) -> None:
        self.bar.say("；".join(refusal.messages()), "danger")

    # ── binding ─────────────────────────────────────────────────────────────────────────────────

    def _choose_path(self) -> None:
        dialog = QFileDialog(self, "保存案卷", "", "PDF 文件 (*.pdf)")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("pdf")
        dialog.selectFile(f"案卷_{self._title.translate(UNFIT)}.pdf")
        dialog.fileSelected.connect(lambda name: self.bind(Path(name)))
        dialog.open()

    def bind(self, path: Path) -> None:
        """Write the dossier as one PDF, and offer its folder."""
        desk = self.session.desk
        self.head.bind_button.setEnabled(False)

        def bound(_nothing: object) -> None:
            self.head.bind_button.setEnabled(True)
            self._folder = QUrl.fromLocalFile(str(path.parent))
            self.bar.say(f"案卷已生成：{path.name}", "success", "打开文件夹")

        def refused(refusal: Refusal) -> None:
            self.head.bind_button.setEnabled(True)
            self._refused(refusal)

        self.session.jobs.long(
            "生成案卷", lambda _job: dossiers.write(desk, self.deal_id, path), bound, refused, owner=self
        )
