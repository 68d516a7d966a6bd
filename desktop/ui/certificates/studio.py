"""The certificate studio of a class: who may have one, issue them, look at the very page, hand them on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter, QWidget

from desktop.services import certificate_papers, certificate_roster, certificates
from desktop.ui.certificates.delivery import DeliveryBar
from desktop.ui.certificates.making import MakingBar
from desktop.ui.certificates.order import OrderForm
from desktop.ui.theme import METRICS
from desktop.ui.widgets.basics import Card, EmptyState, MessageBar, button, column, label, row
from desktop.ui.widgets.pdf_preview import PdfPreview
from desktop.ui.widgets.permit import Permit
from desktop.ui.widgets.text_table import TextTable
from domain.problems import Refusal

if TYPE_CHECKING:
    import uuid

    from desktop.models.work import Changes
    from desktop.services.certificate_content import Order
    from desktop.services.certificate_roster import Candidate, Roster
    from desktop.ui.theme import Tone
    from desktop.ui.widgets.session import Session

HEADINGS: Final = ("", "姓名", "结论", "照片", "证书", "校验")
WIDTHS: Final = (44, 172, 76, 60, 124, 0)
OPEN: Final = ("", certificates.UNISSUED)
"""States in which a certificate is still to be issued; the empty one: there is none."""
TOLD_AT_MOST: Final = 5
"""Problems said in the bar; all of them stand in the table."""
SHOWN_TYPES: Final = frozenset({"enrolment", "broker", "training_class", "certificate", "attachment"})


class Studio(QWidget):
    """One class from roster to paper."""

    def __init__(self, session: Session, record_type: str, class_id: uuid.UUID) -> None:
        super().__init__()
        assert record_type == "training_class", record_type
        self.session, self.class_id = session, class_id
        self.roster: Roster | None = None
        self._shown: tuple[uuid.UUID, str] | None = None
        self.bar = MessageBar(side=0)
        self.order = OrderForm(session)
        self.table = TextTable("学员名册", HEADINGS, WIDTHS, checkable=True)
        self.count = label("", "muted")
        self.draft_button = button("生成草稿", lambda: self._issue(draft=True))
        self.issue_button = button(
            "签发", lambda: self._issue(draft=False), look="primary", symbol="certificate"
        )
        self.making = MakingBar(session)
        self.preview = PdfPreview("选择一位学员", "生成草稿后，这里显示将要打印的那一页。", session.jobs)
        self.delivery = DeliveryBar(session)
        self.none = EmptyState(
            "training", "这个班还没有学员", "先登记学员和结论，再在这里校验、预览和签发证书。", "登记学员"
        )
        self.permit = Permit(
            self, session, "certificate", (record_type, class_id), (self.none.button, self.order)
        )
        self._lay_out()
        self._connect()
        self.reload()

    # ── building ────────────────────────────────────────────────────────────────────────────────

    def _lay_out(self) -> None:
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
        held = column(self.order, tools, self.making, self.card, self.delivery, spacing=METRICS.m)
        held.setStretch(3, 1)
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
        self.permit.told.connect(lambda _: self._count())
        self.none.asked.connect(self._enrol)
        self.order.changed.connect(self.reload)
        self.table.picked.connect(self._picked)
        self.table.words.ticked.connect(self._count)
        self.making.made.connect(self.reload)
        self.making.refused.connect(self._refused)
        self.session.jobs.changed.connect(self._written)

    # ── the roster ──────────────────────────────────────────────────────────────────────────────

    def reload(self) -> None:
        """Look over the class again by what is asked for, in a worker."""
        desk, order = self.session.desk, self._order()
        self.session.jobs.read(
            lambda: certificate_roster.roster(desk, self.class_id, order),
            self._show,
            self._refused,
            owner=self,
        )

    def _order(self) -> Order | None:
        try:
            return self.order.read()
        except Refusal:  # told when something is asked for; until then the roster is looked over as usual
            return None

    def _written(self, changes: Changes, _initiator: object) -> None:
        if changes.types() & SHOWN_TYPES:
            self.reload()

    def _show(self, roster: Roster) -> None:
        self.roster = roster
        if not self.order.issuer.text():
            self.order.issuer.setText(roster.training_class["issuer"] or "")
        rows: list[tuple[str, ...]] = []
        tones: dict[tuple[int, int], Tone] = {}
        for number, candidate in enumerate(roster.candidates):
            rows.append(self._cells(candidate))
            tones |= {(number, column): tone for column, tone in _tones(candidate).items()}
        held = self.table.currentIndex().row()
        self.table.words.put(rows, tones)
        self.none.setVisible(not rows)
        self.split.setVisible(bool(rows))
        self.delivery.put(roster.training_class["name"], roster.certificate_ids)
        if not self.making.working:
            self.making.put(roster.unmade)
        self._count()
        self._shown = None
        if rows:
            self.table.selectRow(max(held, 0))

    def _cells(self, candidate: Candidate) -> tuple[str, ...]:
        state = self.session.desk.codes["certificate-state"].label_of(candidate.state)
        paper = f"{state} {candidate.certificate_no[-5:]}" if candidate.state else "—"
        remarks = "；".join((*candidate.problems, *candidate.warnings))
        done = "待制作" if candidate.is_unmade else "已签发"
        return (
            "",
            candidate.name,
            candidate.result,
            "有" if candidate.has_photo else "缺",
            paper,
            remarks or ("可以签发" if candidate.state in OPEN else done),
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
        fit = sum(candidate.fit and candidate.state in OPEN for candidate in everyone)
        stopped = sum(not candidate.fit for candidate in everyone)
        said = f"{len(everyone)} 人，{fit} 人可签发" + (f"，{stopped} 人有问题" if stopped else "")
        self.count.setText(f"已选 {len(chosen)} 人" if chosen else said)
        for widget in (self.draft_button, self.issue_button):
            widget.setEnabled(bool(chosen) and not self.permit.why)
            widget.setToolTip(self.permit.why)

    def _enrol(self) -> None:
        self.session.create("enrolment", {"training_class": self.class_id})

    # ── issuing ─────────────────────────────────────────────────────────────────────────────────

    def _issue(self, *, draft: bool) -> None:
        self.bar.hide()
        try:
            order = self.order.read(draft=draft)
        except Refusal as refusal:
            self._refused(refusal)
            return
        desk, ids = self.session.desk, [candidate.enrolment_id for candidate in self.chosen()]
        self.session.jobs.long(
            "生成草稿" if draft else "签发证书",
            lambda job: certificates.issue(
                desk,
                enrolments=ids,
                issuer=order.issuer,
                issued_on=order.issued_on,
                valid_to=order.valid_to,
                template=order.template.key,
                draft=draft,
                progress=job.step,
            ),
            self._drafted if draft else self._issued,
            self._refused,
            owner=self,
        )

    def _drafted(self, changes: Changes) -> None:
        self._say(changes, undo=True)

    def _issued(self, changes: Changes) -> None:
        self._say(changes, undo=False)
        self.making.put(changes.ids("certificate"))
        self.making.start()

    def _say(self, changes: Changes, *, undo: bool) -> None:
        if changes.touched:
            self.table.words.check(range(len(self._candidates())), on=False)
            self.session.say(f"已{changes.label}", undo=undo)
        else:
            self.session.say("所选学员都已有证书，没有新的签发。", "info")

    def _refused(self, refusal: Refusal) -> None:
        told = refusal.messages()
        more = f" 等 {len(told)} 处" if len(told) > TOLD_AT_MOST else ""
        self.bar.say("；".join(told[:TOLD_AT_MOST]) + more, "danger")

    # ── the page ────────────────────────────────────────────────────────────────────────────────

    def _picked(self, number: int) -> None:
        found = self._candidates()
        if not 0 <= number < len(found):
            return
        candidate, desk = found[number], self.session.desk
        if candidate.certificate_id is None:
            self._shown = None
            self.preview.say(f"{candidate.name}还没有证书", "勾选后点“生成草稿”，即可在这里预览打印效果。")
            return
        wanted = (candidate.certificate_id, candidate.state)
        if wanted != self._shown:
            self._shown = wanted
            name = f"{candidate.certificate_no}_{candidate.name}"
            self.session.jobs.read(
                lambda: certificate_papers.printed(desk, [wanted[0]]),
                lambda content: self._show_page(wanted, content, name),
                self._refused,
                owner=self,
            )

    def _show_page(self, wanted: Any, content: bytes, name: str) -> None:
        if wanted == self._shown:
            self.preview.show_bytes(content, name)


def _tones(candidate: Candidate) -> dict[int, Tone]:
    tones: dict[int, Tone] = {5: "danger" if candidate.problems else _calm(candidate)}
    if not candidate.has_photo:
        tones[3] = "warning"
    if candidate.state:
        tones[4] = "neutral" if candidate.state == certificates.UNISSUED else "success"
    return tones


def _calm(candidate: Candidate) -> Tone:
    """Return the tone of someone against whom nothing stands."""
    if candidate.warnings or candidate.is_unmade:
        return "warning"
    return "success" if candidate.state in OPEN else "neutral"
