"""The indicators of a scheme under their dimensions: what was declared, what it scores, if it is proven."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Signal

from desktop.ui.widgets.table_view import RowDelegate
from desktop.ui.widgets.text_table import TextTable
from domain import amounts

if TYPE_CHECKING:
    from PySide6.QtCore import QModelIndex, QPersistentModelIndex
    from PySide6.QtGui import QPainter
    from PySide6.QtWidgets import QStyleOptionViewItem

    from desktop.services.evaluation_detail import Detail, Proof
    from desktop.ui.theme import Tone
    from domain.evaluation import Part

PROOF: Final[dict[Proof, tuple[str, Tone]]] = {
    "proven": ("齐全", "success"),
    "partly": ("部分", "warning"),
    "missing": ("缺", "danger"),
    "free": ("", "neutral"),
}
PROOF_WORDS: Final[dict[Proof, str]] = {
    "proven": "佐证齐全",
    "partly": "部分佐证",
    "missing": "缺少佐证",
    "free": "无需佐证",
}
INDENT: Final = "　"


def declared(part: Part) -> str:
    """Return an indicator's figure as people read it."""
    if part.value is None:
        return "未填"
    if part.indicator.unit == "元":
        unit = amounts.fitting_unit(part.value)
        shown = f"{round(part.value.scaleb(-amounts.UNITS[unit]), 2):,f}"
        return f"{shown.rstrip('0').rstrip('.') if '.' in shown else shown}{unit}"
    return f"{part.value.normalize():f}{part.indicator.unit}"


class _Delegate(RowDelegate):
    """Sets the dimensions apart from their indicators by weight."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        painter.save()
        if not str(index.sibling(index.row(), 0).data()).startswith(INDENT):
            font = painter.font()
            font.setBold(True)
            painter.setFont(font)
        super().paint(painter, option, index)
        painter.restore()


class IndicatorTree(TextTable):
    """Lists every indicator; the dimensions are headings and cannot be picked."""

    chosen = Signal(str)
    """The code of the indicator the user is on."""

    def __init__(self) -> None:
        super().__init__("指标", ("指标", "申报值", "得分", "佐证"), (0, 88, 106, 68), right=(1, 2))
        self.setItemDelegate(_Delegate(self))
        self._codes: list[str] = []
        self.picked.connect(self._picked)

    def put(self, detail: Detail) -> None:
        """Show an evaluation; the indicator the user was on stays picked."""
        held = self.current_code()
        rows: list[tuple[str, ...]] = []
        tones: dict[tuple[int, int], Tone] = {}
        codes: list[str] = []
        for score in detail.told.result.dimensions:
            rows.append((score.dimension.label, "", f"{score.score} / {score.dimension.points}", ""))
            codes.append("")
            for part in detail.told.result.parts:
                if part.indicator.dimension == score.dimension.code:
                    words, tone = PROOF[detail.proof[part.indicator.code]]
                    label = INDENT + part.indicator.label
                    rows.append((label, declared(part), f"{part.score} / {part.points}", words))
                    codes.append(part.indicator.code)
                    if words:
                        tones[len(rows) - 1, 3] = tone
        self._codes = codes
        self.words.put(rows, tones)
        self.choose(held or next(code for code in codes if code))

    def choose(self, code: str) -> None:
        """Go to an indicator."""
        if code in self._codes:
            self.selectRow(self._codes.index(code))

    def current_code(self) -> str:
        """Return the indicator the user is on; the empty text on a dimension."""
        number = self.currentIndex().row()
        return self._codes[number] if 0 <= number < len(self._codes) else ""

    def _picked(self, number: int) -> None:
        if 0 <= number < len(self._codes) and self._codes[number]:
            self.chosen.emit(self._codes[number])
