"""The head of an achievement's page: owner, ripeness, field and price in one line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from desktop.models import queries
from desktop.ui.achievements.ladder import TrlLadder
from desktop.ui.theme import METRICS
from desktop.ui.widgets import formats
from desktop.ui.widgets.basics import column, label, row
from desktop.ui.widgets.links import link
from domain import amounts

if TYPE_CHECKING:
    import uuid
    from collections.abc import Mapping

    from PySide6.QtWidgets import QVBoxLayout

    from desktop.ui.widgets.session import Session


class AchievementBand(QWidget):
    """Ladder and facts; a click on the owner opens it."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self._holder: uuid.UUID | None = None
        self.ladder = TrlLadder(session.desk.codes["trl"])
        self.level = label("", "heading")
        self.maturity = label("", "muted")
        self.holder = link("", self._open_holder)
        self.field = label("")
        self.price = label("", "heading", selectable=True)
        self.price_note = label("", "small")
        ripe = row(self.ladder, column(self.level, self.maturity, spacing=0), spacing=METRICS.m)
        held = row(
            ripe,
            _fact("完成单位", self.holder),
            _fact("技术领域", self.field),
            _fact("意向价格", self.price, self.price_note),
            None,
            spacing=36,
        )
        held.setContentsMargins(METRICS.s, METRICS.s, 0, METRICS.xs)
        self.setLayout(held)
        self.hide()

    def show_achievement(self, values: Mapping[str, Any]) -> None:
        """Show an achievement; the owner's name is read in a worker."""
        codes = self.session.desk.codes
        trl, price = values.get("trl"), values.get("asking_price")
        self.ladder.show_level(trl)
        self.level.setText(f"TRL {trl}" if trl else "TRL 未评")
        self.level.setToolTip(codes["trl"].label_of(trl))
        self.maturity.setText(codes["maturity"].label_of(values.get("maturity")) or "成熟度未填")
        self.field.setText(
            codes["technical-field"].label_of(values.get("technical_field"))
            or values.get("field_note")
            or formats.NOTHING
        )
        self.price.setText(formats.amount(price) if price is not None else "面议")
        self.price.setToolTip(amounts.display(price) if price is not None else "")
        self.price_note.setText(values.get("price_note") or "")
        self._holder = values.get("holder")
        self._name_holder()
        self.show()

    def _name_holder(self) -> None:
        holder = self._holder
        self.holder.setEnabled(holder is not None)
        self.holder.setText(formats.NOTHING)
        if holder is None:
            return

        def named(titles: dict[uuid.UUID, str]) -> None:
            name = titles.get(holder, formats.NOTHING)
            shown = self.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, 220)
            self.holder.setText(shown)
            self.holder.setToolTip(name)
            self.holder.setAccessibleName(f"打开完成单位：{name}")

        self.session.read(lambda c: queries.titles(c, "party", [holder]), named, owner=self)

    def _open_holder(self) -> None:
        if self._holder:
            self.session.open("party", self._holder)


def _fact(name: str, *values: QWidget) -> QVBoxLayout:
    return column(label(name, "small"), row(*values, None), spacing=0)
