"""The card at the head of a client's page, so that one look says who this is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QGuiApplication, QPainter
from PySide6.QtWidgets import QWidget

from desktop.ui import theme
from desktop.ui.theme import METRICS
from desktop.ui.widgets.basics import Chip, clear, column, label, row, tool_button
from desktop.ui.widgets.flow import FlowLayout
from domain.fields import RECORD_TYPES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PySide6.QtGui import QPaintEvent

    from desktop.ui.widgets.session import Session

PARTY: Final = RECORD_TYPES["party"]
FLAGS: Final = tuple(field for field in PARTY.fields if field.kind == "flag")


class Monogram(QWidget):
    """The first character of a name on a round ground; names are told apart faster by it."""

    def __init__(self, size: int = 44) -> None:
        super().__init__()
        self._letter = ""
        self.setFixedSize(size, size)

    def show_name(self, name: str) -> None:
        """Show another name."""
        self._letter = name[:1]
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        pair = theme.current().tone("accent")
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(pair.soft))
        painter.drawRoundedRect(QRectF(self.rect()), METRICS.radius_large, METRICS.radius_large)
        font = QFont(self.font())
        font.setPixelSize(self.height() * 9 // 20)
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(QColor(pair.ink))
        painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignCenter), self._letter)


class PartyBand(QWidget):
    """Kind, credit code, region, roles and the flags that are set."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.monogram = Monogram()
        self.facts = label("", "label", selectable=True)
        self.copy_code = tool_button("file", "复制统一社会信用代码", self._copy)
        self.chips = QWidget()
        self._flow = FlowLayout(self.chips)
        self._code = ""
        words = column(row(self.facts, self.copy_code, None, spacing=METRICS.xs), self.chips, spacing=2)
        held = row(self.monogram, words, spacing=METRICS.m)
        held.setContentsMargins(METRICS.s, METRICS.xs, 0, METRICS.xs)
        held.setStretch(1, 1)
        self.setLayout(held)
        self.hide()

    def show_party(self, values: Mapping[str, Any]) -> None:
        """Show a client."""
        codes = self.session.desk.codes
        self._code = values.get("credit_code") or ""
        region = values.get("region")
        facts = (
            codes["party-kind"].label_of(values.get("kind")),
            codes["party-nature"].label_of(values.get("nature")),
            codes["region"].path(region).replace("/", " / ") if region else "",
            f"统一社会信用代码 {self._code}" if self._code else "未填统一社会信用代码",
        )
        self.facts.setText("　·　".join(fact for fact in facts if fact))
        self.copy_code.setVisible(bool(self._code))
        self.monogram.show_name(values.get("name") or "")
        clear(self._flow)
        for role in values.get("roles") or ():
            self._flow.addWidget(Chip(codes["party-role"].label_of(role), "accent"))
        for field in FLAGS:
            if values.get(field.name):
                self._flow.addWidget(Chip(field.label, "neutral"))
        self.chips.setVisible(self._flow.count() > 0)
        self.show()

    def words(self) -> list[str]:
        """Return what the chips say."""
        return [chip.text() for chip in self.chips.findChildren(Chip) if not chip.isHidden()]

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._code)
        self.session.say("已复制统一社会信用代码")
