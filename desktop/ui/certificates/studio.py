"""The certificate studio of a class: who may have one, issue them, look at the very page, hand them on."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QSplitter, QWidget

from desktop.services import certificate_roster, certificates
from desktop.ui.certificates.delivery import DeliveryBar
from desktop.ui.theme import METRICS
from desktop.ui.widgets.basics import Card, EmptyState, MessageBar, button, column, label, row
from desktop.ui.widgets.pdf_preview import PdfPreview
from desktop.ui.widgets.text_table import TextTable
from domain.fields import RECORD_TYPES
from domain.problems import Refusal, refuse
from domain.values import UnreadableError, parse

if TYPE_CHECKING:
    import uuid

    from desktop.models.work import Changes
    from desktop.services.certificate_roster import Candidate, Roster
    from desktop.ui.theme import Tone
    from desktop.ui.widgets.session import Session

HEADINGS: Final = ("", "姓名", "结论", "照片", "证书", "校验")
WIDTHS: Final = (44, 190, 72, 64, 150, 0)
OPEN: Final = ("", certificates.UNISSUED)
"""States in which a certificate is still to be issued; the empty one: there is none."""
SHOWN_TYPES: Final = frozenset({"enrolment", "broker", "training_class", "certificate", "attachment"})
ISSUED_ON: Final = RECORD_TYPES["certificate"]["issued_on"]


class Studio(QWidget):
    """One class from roster to paper."""

    def __init__(self, session: Session, record_type: str, class_id: uuid.UUID) -> None:
        super().__init__()
        assert record_type == "training_class", record_type
        self.session, self.class_id = session, class_id
        self.roster: Roster | None = None
        self._shown: uuid.UUID | None = None
        self.bar = MessageBar()
        self.issuer, self.day = QLineEdit(), QLineEdit(session.desk.today().isoformat())
        self.table = TextTable("学员名册", HEADINGS, WIDTHS, checkable=True)
        self.count = label("", "muted")
        self.draft_button = button("生成草稿", lambda: self._issue(draft=True))
        self.issue_button = button(
            "签发", lambda: self._issue(draft=False), look="primary", symbol="certificate"
        )
        self.preview = PdfPreview("选择一位学员", "生成草稿后，这里显示将要打印的那一页。")
        self.delivery = DeliveryBar(session)
        self.none = EmptyState(
            "training", "这个班还没有学员", "先登记学员和结论，再在这里校验、预览和签发证书。", "登记学员"
        )
        self._lay_out()
        self._connect()
        self.reload()

    # ── building ────────────────────────────────────────────────────────────────────────────────

    def _lay_out(self) -> None:
        self.issuer.setAccessibleName("发证单位")
        self.issuer.setPlaceholderText("发证单位，例如 国家技术转移人才培养基地")
        self.day.setAccessibleName("发证日期")
        self.day.setFixedWidth(120)
        fields = row(
            label("发证单位", "label"), self.issuer, label("发证日期", "label"), self.day, spacing=METRICS.s
        )
        fields.setStretch(1, 1)
        tools = row(
            button("选中可签发的", self.check_fit, look="link"),
            self.count,
            None,
            self.draft_button,
            self.issue_button,
        )
        self.card = Card()
        frame = self.card.layout()
        assert frame is not None
        frame.setContentsMargins(1, 1, 1, 1)
        self.card.body.addWidget(self.table)
        left = QWidget()
        held = column(fields, tools, self.card, self.delivery, spacing=METRICS.m)
        held.setStretch(2, 1)
        left.setLayout(held)
        paper = Card()
        paper.body.addWidget(self.preview)
        self.split = QSplitter(Qt.Orientation.Horizontal)
        self.split.setHandleWidth(METRICS.l)
        self.split.setStyleSheet("QSplitter::handle { background: transparent; }")
        for widget, stretch in ((left, 5), (paper, 4)):
            self.split.addWidget(widget)
            self.split.setStretchFactor(self.split.count() - 1, stretch)
        outer = column(self.bar, self.none, self.split, spacing=METRICS.s)
        outer.setContentsMargins(METRICS.xl, METRICS.m, METRICS.xl, METRICS.m)
        outer.setStretch(2, 1)
        self.setLayout(outer)

    def _connect(self) -> None:
        self.none.asked.connect(self._enrol)
        self.table.picked.connect(self._picked)
        self.table.words.ticked.connect(self._count)
        self.session.jobs.changed.connect(self._written)

    # ── the roster ──────────────────────────────────────────────────────────────────────────────

    def reload(self) -> None:
        """Look over the class again, in a worker."""
        desk = self.session.desk
        self.session.jobs.read(
            lambda: certificate_roster.roster(desk, self.class_id), self._show, self._refused, owner=self
        )

    def _written(self, changes: Changes, _initiator: object) -> None:
        if changes.types() & SHOWN_TYPES:
            self.reload()

    def _show(self, roster: Roster) -> None:
        self.roster = roster
        if not self.issuer.text():
            self.issuer.setText(roster.training_class["issuer"] or "")
        rows: list[tuple[str, ...]] = []
        tones: dict[tuple[int, int], Tone] = {}
        for number, candidate in enumerate(roster.candidates):
            rows.append(self._cells(candidate))
            tones |= {(number, column): tone for column, tone in _tones(candidate).items()}
        held = self.table.currentIndex().row()
        self.table.words.put(rows, tones)
        self.none.setVisible(not rows)
        self.split.setVisible(bool(rows))
        self.delivery.put(
            roster.training_class["name"], [c.certificate_id for c in roster.candidates if c.certificate_id]
        )
        self._count()
        self._shown = None
        if rows:
            self.table.selectRow(max(held, 0))

    def _cells(self, candidate: Candidate) -> tuple[str, ...]:
        state = self.session.desk.codes["certificate-state"].label_of(candidate.state)
        paper = f"{state} {candidate.certificate_no[-5:]}" if candidate.state else "—"
        return (
            "",
            candidate.name,
            candidate.result,
            "有" if candidate.has_photo else "缺",
            paper,
            "；".join(candidate.problems) or ("可以签发" if candidate.state in OPEN else "已签发"),
        )

    def check_fit(self) -> None:
        """Check everyone who may have a certificate and has none that is issued."""
        found = self._candidates()
        rows = [n for n, c in enumerate(found) if c.fit and c.state in OPEN]
        self.table.words.check(range(len(found)), on=False)
        self.table.words.check(rows, on=True)

    def _candidates(self) -> tuple[Candidate, ...]:
        return self.roster.candidates if self.roster else ()

    def chosen(self) -> list[Candidate]:
        """Return the people who are checked."""
        return [c for n, c in enumerate(self._candidates()) if n in self.table.words.checked]

    def _count(self) -> None:
        chosen, everyone = self.chosen(), self._candidates()
        fit = sum(candidate.fit for candidate in everyone)
        said = f"已选 {len(chosen)} 人" if chosen else f"{len(everyone)} 人，{fit} 人可签发"
        self.count.setText(said)
        for widget in (self.draft_button, self.issue_button):
            widget.setEnabled(bool(chosen))

    def _enrol(self) -> None:
        self.session.create("enrolment", {"training_class": self.class_id})

    # ── issuing ─────────────────────────────────────────────────────────────────────────────────

    def _read_fields(self) -> tuple[str, dt.date]:
        """Return issuer and day as they are typed.

        Raises:
            Refusal: one is missing or is no day.
        """
        issuer = self.issuer.text().strip()
        if not issuer:
            raise refuse("issuer", "plain", why="请填写发证单位，例如 国家技术转移人才培养基地")
        desk = self.session.desk
        try:
            day = parse(ISSUED_ON, self.day.text(), desk.codes, on=desk.today())
        except UnreadableError as error:
            raise Refusal([error.problem], record_type=RECORD_TYPES["certificate"]) from error
        if not isinstance(day, dt.date):
            raise refuse("issued_on", "plain", why="请填写发证日期，例如 2026-03-05")
        return issuer, day

    def _issue(self, *, draft: bool) -> None:
        self.bar.hide()
        try:
            issuer, day = self._read_fields()
        except Refusal as refusal:
            self._refused(refusal)
            return
        ids = [candidate.enrolment_id for candidate in self.chosen()]
        self.session.do(
            lambda desk: certificates.issue(desk, enrolments=ids, issuer=issuer, issued_on=day, draft=draft),
            self._issued,
            self._refused,
            owner=self,
        )

    def _issued(self, changes: Changes) -> None:
        if changes.touched:
            self.session.say(f"已{changes.label}", undo=True)
        else:
            self.session.say("所选学员都已有证书，没有新的签发。", "info")

    def _refused(self, refusal: Refusal) -> None:
        self.bar.say("；".join(refusal.messages()), "danger")

    # ── the page ────────────────────────────────────────────────────────────────────────────────

    def _picked(self, number: int) -> None:
        found = self._candidates()
        if not 0 <= number < len(found):
            return
        candidate, desk = found[number], self.session.desk
        if candidate.certificate_id is None:
            self._shown = None
            self.preview.say(f"{candidate.name}还没有证书", "勾选后点“生成草稿”，即可在这里预览打印效果。")
        elif candidate.certificate_id != self._shown:
            key = self._shown = candidate.certificate_id
            self.session.jobs.read(
                lambda: certificates.printed(desk, [key]),
                lambda content: self._show_page(key, content),
                self._refused,
                owner=self,
            )

    def _show_page(self, key: Any, content: bytes) -> None:
        if key == self._shown:
            self.preview.show_bytes(content)


def _tones(candidate: Candidate) -> dict[int, Tone]:
    open_: Tone = "success" if candidate.state in OPEN else "neutral"
    tones: dict[int, Tone] = {5: open_ if candidate.fit else "danger"}
    if not candidate.has_photo:
        tones[3] = "warning"
    if candidate.state:
        tones[4] = "neutral" if candidate.state == certificates.UNISSUED else "success"
    return tones
