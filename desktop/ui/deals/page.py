"""交易: the views of the room and the page of one deal."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QBoxLayout, QFrame, QVBoxLayout, QWidget

from desktop.models import queries
from desktop.services import deals
from desktop.ui.deals.board import Board
from desktop.ui.deals.dossier_view import DossierView
from desktop.ui.deals.payments import PaymentsView
from desktop.ui.deals.registration_view import RegistrationView
from desktop.ui.deals.stepper import StageStepper
from desktop.ui.deals.summary import DealSummary
from desktop.ui.theme import METRICS
from desktop.ui.widgets.editors import to_raw
from desktop.ui.widgets.record_page import RecordPage
from desktop.ui.widgets.section import Section, View, list_view

if TYPE_CHECKING:
    import uuid
    from collections.abc import Mapping

    from desktop.models.work import Changes
    from desktop.ui.widgets.session import Session


def build(session: Session) -> Section:
    """Return the room."""
    views = [View("看板", Board, "deal"), list_view("deal", "列表")]
    return Section(session, "deals", "交易", views, pages={"deal": DealPage})


class DealPage(RecordPage):
    """One deal: stage always in sight, parties and amounts over the form, then money, papers, form JJ-001.

    Stage and 实际成交额 are also changed beside the form; what the user has typed and not saved stays, and
    a later save does not put back what was changed meanwhile.
    """

    def __init__(
        self,
        session: Session,
        record_type: str,
        record_id: uuid.UUID | None = None,
        *,
        presets: Mapping[str, Any] | None = None,
    ) -> None:
        tabs = (("到账", PaymentsView), ("案卷", DossierView), ("登记表", self._registration))
        super().__init__(session, record_type, record_id, presets=presets, tabs=tabs)
        self.summary = DealSummary(session, self.record_id)
        holder = self.form.parentWidget()
        held = holder.layout() if holder else None
        assert isinstance(held, QBoxLayout)
        held.setSpacing(METRICS.l)
        held.insertWidget(0, self.summary)

    def _header(self, actions: tuple[QWidget, ...]) -> QFrame:
        header = super()._header(actions)
        self.stepper = StageStepper(self.session.desk.codes["deal-stage"])
        self.stepper.picked.connect(self.move_to)
        held = header.layout()
        assert isinstance(held, QVBoxLayout)
        held.insertWidget(1, self.stepper)
        return header

    def _registration(self, session: Session, record_type: str, record_id: uuid.UUID) -> QWidget:
        view = RegistrationView(session, record_type, record_id)
        view.asked.connect(self._jump)
        return view

    def _show_header(self, title: str, about: str) -> None:
        super()._show_header(title, about)
        self.stepper.show_stage(self.values["stage"])

    def show_closed(self, *, on: bool) -> None:
        super().show_closed(on=on)
        self.stepper.setEnabled(not on)

    # ── stage ───────────────────────────────────────────────────────────────────────────────────

    def move_to(self, stage: str) -> None:
        """Put the deal into a stage; for a deal not saved yet, into its form."""
        if self.is_new:
            self.form.put_raw({"stage": stage})
            self.stepper.show_stage(stage)
            self._edited()
            return
        words = self.session.desk.codes["deal-stage"].label_of(stage)
        self.session.do(
            lambda desk: deals.move(desk, ids=[self.record_id], stage=stage),
            lambda _changes: self.session.say(f"已移到“{words}”", undo=True),
            owner=self,
        )

    # ── changes beside the form ─────────────────────────────────────────────────────────────────

    def _changed_elsewhere(self, changes: Changes, initiator: object) -> None:
        here = self.record_id in changes.ids(self.known.name)
        if initiator is self or not here or not self.form.changed:
            super()._changed_elsewhere(changes, initiator)
        else:
            read = partial(queries.get, record_type="deal", record_id=self.record_id)
            self.session.read(read, self._take_in, owner=self)

    def _take_in(self, found: dict[str, Any] | None) -> None:
        """Show what changed in the store, save where the user has typed something else."""
        if found is None or found["deleted_at"]:
            self.left.emit()
            return
        raw = self.form.raw()
        for name, field in self.known.by_name.items():
            untouched = (raw[name] or None) == (to_raw(field, self.values[name], self.session) or None)
            if found[name] != self.values[name] and untouched:
                self.form.put_raw({name: to_raw(field, found[name], self.session)})
                self.values[name] = found[name]
        self._show_header(self.title.toolTip(), self.about.text())
        self._check()
