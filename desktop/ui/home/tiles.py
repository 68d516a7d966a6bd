"""The year in six figures, side by side; the three amounts of a deal stay three figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtWidgets import QFrame, QWidget

from desktop.ui.theme import METRICS
from desktop.ui.widgets import formats
from desktop.ui.widgets.basics import Card, column, label, row
from domain import amounts

if TYPE_CHECKING:
    from decimal import Decimal

    from desktop.services.today import Figures

COUNTS: Final = (
    ("deals", "签订合同", "项"),
    ("clients", "走访客户", "家"),
    ("certificates", "颁发证书", "份"),
)
AMOUNTS: Final = (
    ("deal_amount", "成交额"),
    ("technical_amount", "技术交易额"),
    ("paid_amount", "实际成交额"),
)


class Tile(QWidget):
    """One figure over its name."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name
        self.figure, self.unit = label(formats.NOTHING, "figure"), label("", "muted")
        line = row(self.figure, self.unit, None, spacing=METRICS.xs)
        self.setLayout(column(label(name, "muted"), line, spacing=2))

    def put(self, words: str, unit: str, exact: str) -> None:
        """Show a figure; ``exact`` is for hovering and for those who listen."""
        self.figure.setText(words)
        self.unit.setText(unit)
        self.setToolTip(exact)
        self.setAccessibleName(f"{self.name} {exact}")


class Tiles(Card):
    """The tiles of one year."""

    def __init__(self) -> None:
        super().__init__()
        names = dict((*((key, name) for key, name, _ in COUNTS[:1]), *AMOUNTS))
        names |= {key: name for key, name, _ in COUNTS[1:]}
        self.tiles = {key: Tile(name) for key, name in names.items()}
        line = row(spacing=METRICS.l)
        for number, tile in enumerate(self.tiles.values()):
            if number:
                line.addWidget(_divider())
            line.addWidget(tile, 1)
        self.body.addLayout(line)

    def put(self, figures: Figures) -> None:
        """Show the figures of a year; nothing to add up is a dash and never a zero."""
        counted = {
            "deals": figures.deals,
            "clients": figures.clients_visited,
            "certificates": figures.certificates,
        }
        for key, _, unit in COUNTS:
            self.tiles[key].put(f"{counted[key]:,}", unit, f"{counted[key]} {unit}")
        for key, _ in AMOUNTS:
            self._put_amount(self.tiles[key], figures.amounts[key])

    def _put_amount(self, tile: Tile, yuan: Decimal | None) -> None:
        if yuan is None:
            tile.put(formats.NOTHING, "", "尚无数据")
            return
        words = formats.amount(yuan)
        unit = amounts.fitting_unit(yuan)
        tile.put(words.removesuffix(unit), unit, amounts.display(yuan))


def _divider() -> QFrame:
    made = QFrame()
    made.setProperty("look", "line")
    made.setFixedWidth(1)
    made.setStyleSheet("max-height: 999px;")
    return made
