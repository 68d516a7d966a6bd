"""Third tab: joining a server or leaving it, signing in again, carrying by USB, numbers for certificates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.services import syncing
from desktop.services.server_link import ISSUERS
from desktop.ui.sync.carrying import CarryCard
from desktop.ui.sync.joining import JoinCard
from desktop.ui.sync.leaving import LeavingCard
from desktop.ui.sync.member import MemberCard
from desktop.ui.sync.numbers import NumbersCard
from desktop.ui.sync.signing_in import SignInCard
from desktop.ui.sync.stick_joining import StickJoinCard
from desktop.ui.sync.travel import TravelCard
from desktop.ui.theme import METRICS
from desktop.ui.widgets.scrolled import scrolled

if TYPE_CHECKING:
    from PySide6.QtGui import QShowEvent

    from desktop.services.syncing import Centre
    from desktop.ui.widgets.session import Session


class LinePage(QWidget):
    """Shows the form to join, or what the workspace belongs to and how to leave it."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.join, self.member = JoinCard(session), MemberCard(session)
        self.sign_in = SignInCard(session)
        self._invited = False
        """Whether somebody who is to sign in again would rather do it with an invitation."""
        self.by_stick = StickJoinCard(session, self.join)
        self.leaving, self.carry, self.numbers = LeavingCard(session), CarryCard(session), NumbersCard()
        self.travel = TravelCard(session)
        self.join.joined.connect(self.reload)
        self.by_stick.joined.connect(self.reload)
        self.member.left.connect(self.reload)
        self.sign_in.signed_in.connect(self.reload)
        self.sign_in.invitation_asked.connect(self._show_joining)
        cards = (
            self.sign_in,
            self.join,
            self.by_stick,
            self.member,
            self.leaving,
            self.travel,
            self.carry,
            self.numbers,
        )
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolled("接入与离线传递", *cards, None, spacing=METRICS.m))
        session.sync.told.connect(self._told)
        self.reload()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.reload()
        if self.sign_in.isVisible():
            self.sign_in.password.setFocus()

    def _show_joining(self) -> None:
        self._invited = True
        self.reload()

    def _told(self, _status: object) -> None:
        if self.isVisible():
            self.reload()

    def reload(self) -> None:
        """Show what the workspace belongs to now."""
        link = self.session.sync.link
        held = link.credentials if link else None
        signed_out = bool(self.session.sync.status and self.session.sync.status.trouble == "signed-out")
        self.sign_in.setVisible(held is not None and signed_out)
        self._invited &= signed_out
        self.join.setVisible(held is None or self._invited)
        if held:
            self.sign_in.put(held)
        self.by_stick.setVisible(held is None)
        self.member.setVisible(held is not None)
        self.leaving.setVisible(held is None)
        self.travel.setVisible(held is not None)
        self.carry.setVisible(held is not None)
        self.numbers.setVisible(held is not None and held.role in ISSUERS)
        self.member.put()
        desk = self.session.desk
        self.session.jobs.read(lambda: syncing.centre(desk), self._show, owner=self)

    def _show(self, read: Centre) -> None:
        self.leaving.put(read)
        self.member.put_scopes(read)
        self.numbers.put(read.numbers)
        self.travel.put(read.largest)
