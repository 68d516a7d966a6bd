"""客户: the lists of the room and the page of one client."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from desktop.ui.parties.band import PartyBand
from desktop.ui.parties.contacts import ContactsView
from desktop.ui.parties.trades import TradesView
from desktop.ui.parties.visits import VisitsView
from desktop.ui.widgets.record_page import RecordPage
from desktop.ui.widgets.related_view import RelatedList
from desktop.ui.widgets.scrolled import scrolled
from desktop.ui.widgets.section import Section, list_view
from domain.fields import RECORD_TYPES

if TYPE_CHECKING:
    import uuid
    from collections.abc import Mapping

    from desktop.ui.widgets.session import Session


def build(session: Session) -> Section:
    """Return the room."""
    views = [list_view("party", "客户"), list_view("contact", "联系人"), list_view("site_visit", "走访")]
    return Section(session, "clients", "客户", views, pages={"party": PartyPage})


class PartyPage(RecordPage):
    """One client with the people, visits, deals, achievements and demands behind the name."""

    def __init__(
        self,
        session: Session,
        record_type: str,
        record_id: uuid.UUID | None = None,
        *,
        presets: Mapping[str, Any] | None = None,
    ) -> None:
        tabs = (
            ("联系人", ContactsView),
            ("走访", VisitsView),
            ("交易", TradesView),
            ("成果", partial(pointing, "achievement", "holder")),
            ("需求", partial(pointing, "demand", "demander")),
        )
        super().__init__(session, record_type, record_id, presets=presets, tabs=tabs)

    def _header(self, actions: tuple[QWidget, ...]) -> QFrame:
        header = super()._header(actions)
        self.band = PartyBand(self.session)
        held = header.layout()
        assert isinstance(held, QVBoxLayout)
        held.insertWidget(1, self.band)
        return header

    def _show_header(self, title: str, about: str) -> None:
        super()._show_header(title, about)
        self.band.show_party(self.values)


def pointing(kind: str, field: str, session: Session, _record_type: str, record_id: uuid.UUID) -> QWidget:
    """Return the list of records of a kind that name this one in a field."""
    return scrolled(
        RECORD_TYPES[kind].label, RelatedList(session, kind, RECORD_TYPES[kind][field], record_id), None
    )
