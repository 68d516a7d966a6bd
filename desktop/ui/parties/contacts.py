"""联系人 of a client as cards: whom to call, without opening a form."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from desktop.models import queries
from desktop.ui.parties.band import Monogram
from desktop.ui.theme import METRICS
from desktop.ui.widgets.basics import (
    Card,
    Chip,
    EmptyState,
    button,
    clear,
    column,
    label,
    row,
    tool_button,
)
from desktop.ui.widgets.links import link
from desktop.ui.widgets.permit import Permit
from desktop.ui.widgets.record_list import plain_query
from desktop.ui.widgets.scrolled import scrolled
from desktop.ui.widgets.typed_editors import SHOWN_MS
from domain import values
from domain.fields import RECORD_TYPES

if TYPE_CHECKING:
    import uuid

    from desktop.models.work import Changes
    from desktop.ui.widgets.session import Session

COLUMNS: Final = 2
CONTACT: Final = RECORD_TYPES["contact"]
REACH: Final = ("mobile", "phone", "email")


class ContactCard(Card):
    """One person; telephone numbers stay masked until the eye is pressed."""

    def __init__(self, session: Session, contact: dict[str, Any]) -> None:
        super().__init__()
        self.contact = contact
        self._shown = False
        self._hide_again = QTimer(self, singleShot=True, interval=SHOWN_MS)
        self._hide_again.timeout.connect(self.toggle)
        opener = partial(session.open, "contact", contact["id"])
        name = link(contact["name"], opener, says=f"打开联系人：{contact['name']}")
        self.main = Chip("主要联系人", "accent")
        self.eye = tool_button("eye", f"显示{contact['name']}的完整联系方式", self.toggle)
        monogram = Monogram(36)
        monogram.show_name(contact["name"])
        who = column(row(name, self.main, None), label(contact["position"] or "未填职务", "muted"), spacing=0)
        self.body.addLayout(row(monogram, who, None, self.eye, spacing=METRICS.m))
        self.main.setHidden(not contact["is_main"])
        self.eye.setHidden(not any(contact[field] for field in REACH))
        self.lines = [label("", "label", selectable=True) for _ in REACH]
        for line in self.lines:
            self.body.addWidget(line)
        self._show()

    def toggle(self) -> None:
        """Show the numbers in full for a minute, or mask them again."""
        self._shown = not self._shown
        self._hide_again.stop()
        if self._shown:
            self._hide_again.start()
        self._show()

    def _show(self) -> None:
        for name, line in zip(REACH, self.lines, strict=True):
            field, held = CONTACT[name], self.contact[name] or ""
            line.setText(f"{field.label}　{held if self._shown else values.mask(field, held)}")
            line.setVisible(bool(held))


class ContactsView(QWidget):
    """The people at one client, the main ones first."""

    def __init__(self, session: Session, _record_type: str, party: uuid.UUID) -> None:
        super().__init__()
        self.session, self.party = session, party
        self.cards: list[ContactCard] = []
        self.heading = label("联系人", "heading")
        add = button("添加联系人", self._add, symbol="plus")
        self._grid = QGridLayout()
        self._grid.setSpacing(METRICS.m)
        self._empty = EmptyState(
            "clients", "还没有联系人", "记下对接的人和电话，走访、签约时随手可查。", "添加联系人"
        )
        self._empty.asked.connect(self._add)
        self._empty.hide()
        area = scrolled("联系人", row(self.heading, None, add), self._grid, self._empty, None)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(area)
        session.jobs.changed.connect(self._refresh)
        self.permit = Permit(self, session, "contact", ("party", party), (add, self._empty.button))
        self.reload()

    def reload(self) -> None:
        """Read the people again."""
        query = plain_query("contact", ("party", self.party))
        self.session.read(lambda connection: queries.rows(connection, query), self._show, owner=self)

    def _add(self) -> None:
        self.session.create("contact", {"party": self.party})

    def _refresh(self, changes: Changes, _initiator: object) -> None:
        if "contact" in changes.types():
            self.reload()

    def _show(self, rows: list[dict[str, Any]]) -> None:
        clear(self._grid)
        self.heading.setText(f"联系人 {len(rows)}" if rows else "联系人")
        ordered = sorted(rows, key=lambda contact: not contact["is_main"])
        self.cards = [ContactCard(self.session, contact) for contact in ordered]
        for number, card in enumerate(self.cards):
            self._grid.addWidget(card, number // COLUMNS, number % COLUMNS)
        for number in range(COLUMNS):
            self._grid.setColumnStretch(number, 1)
        self._empty.setVisible(not rows)
