"""One line of a deal's checklist: what must be there, why, and what is."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QLineEdit, QMenu, QToolButton, QVBoxLayout, QWidget

from desktop.services.deals import MADE_BY_US, NOT_APPLICABLE, PRESENT_STATES
from desktop.ui import theme
from desktop.ui.theme import METRICS
from desktop.ui.widgets.basics import Chip, Symbol, button, column, label, restyle, row, tool_button
from desktop.ui.widgets.links import link

if TYPE_CHECKING:
    from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent

    from domain.codes import CodeList
    from domain.dossier import ChecklistItem

STATES: Final = ("collected", "signed", "checked", "missing")
PLACE: Final = 28
CHIP: Final = 88


class PaperLine(QWidget):
    """One paper under its number: name, state to pick, and a way to take it out."""

    opened = Signal(object)
    """The id of the paper whose record to open."""
    viewed = Signal(object)
    """The paper whose file to open."""
    stated = Signal(object, str)
    """(paper, state)"""
    removed = Signal(object)
    """The paper to take out of the dossier."""

    def __init__(self, paper: dict[str, Any], file: str, codes: CodeList) -> None:
        super().__init__()
        applies = paper["state"] != NOT_APPLICABLE
        told = file or ("纸质件" if applies else f"理由：{paper['remark'] or '未说明'}")
        self.name = link(told, partial(self._view, paper), says=f"打开{paper['title']}：{told}")
        self.state = QToolButton()
        self.state.setProperty("look", "chip")
        self.state.setText(codes.label_of(paper["state"]))
        self.state.setAccessibleName(f"材料状态：{self.state.text()}")
        self.state.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.state.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.state.setMenu(self._menu(paper, codes))
        edit = tool_button("edit", f"修改文号、责任者、页数：{told}", partial(self.opened.emit, paper["id"]))
        self.out = tool_button("close", f"移出案卷：{told}", partial(self.removed.emit, paper))
        facts = " · ".join(
            part
            for part in (
                paper["document_no"] or "",
                f"{paper['pages']:f} 页" if paper["pages"] else "",
                "已签章" if paper["signed"] else "",
            )
            if part
        )
        symbol = Symbol("file" if file else "edit" if applies else "info", "muted", 14)
        self.setLayout(
            row(
                symbol, self.name, label(facts, "small"), None, self.state, edit, self.out, spacing=METRICS.xs
            )
        )
        self.state.setHidden(not applies)
        self._file = bool(file)

    def lock(self, why: str) -> None:
        """Let the paper only be looked at."""
        for part in (self.state, self.out):
            part.setEnabled(False)
            part.setToolTip(why)

    def _menu(self, paper: dict[str, Any], codes: CodeList) -> QMenu:
        menu = QMenu(self)
        for state in STATES:
            menu.addAction(codes.label_of(state), partial(self.stated.emit, paper, state))
        return menu

    def _view(self, paper: dict[str, Any]) -> None:
        if self._file:
            self.viewed.emit(paper)
        else:
            self.opened.emit(paper["id"])


class DossierRow(QFrame):
    """A number of the checklist; files dropped on it are filed under it."""

    filed = Signal(object, object)
    """(item, list of paths)"""
    chosen = Signal(object)
    """The item for which a file is to be picked."""
    waived = Signal(object, str)
    """(item, reason): the item does not apply."""

    def __init__(
        self, item: ChecklistItem, papers: list[PaperLine], states: list[str], codes: CodeList
    ) -> None:
        super().__init__()
        self.item, self.papers = item, papers
        self.setAcceptDrops(True)
        self.setProperty("look", "checkline")
        self.setAccessibleName(f"{item.number} {item.title}")
        self.state = Chip(*self._verdict(item, states, codes))
        self.state.setFixedWidth(CHIP)
        self.state.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.reason = QLineEdit()
        self.reason.setPlaceholderText("不适用的理由，例如 卖方为企业，无需集体决策")
        self.reason.setAccessibleName(f"{item.title} 不适用的理由")
        self.reason.returnPressed.connect(self.waive)
        self._panel = self._waiver()
        self._lay_out()

    @staticmethod
    def _verdict(item: ChecklistItem, states: list[str], codes: CodeList) -> tuple[str, theme.Tone]:
        """Return the state of the item: the best of its papers, or what their lack means."""
        for state in (*reversed(PRESENT_STATES), NOT_APPLICABLE):
            if state in states:
                return codes.label_of(state), theme.tone_of(state)
        if item.number == MADE_BY_US:
            return "随案卷生成", "success"
        return ("缺失", "danger") if item.required else ("如适用", "neutral")

    def _lay_out(self) -> None:
        item = self.item
        number = label(str(item.number), "muted")
        number.setFixedWidth(PLACE)
        number.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.add = tool_button("attach", f"添加文件：{item.title}", partial(self.chosen.emit, item))
        self.waive_button = tool_button("close", f"标记不适用：{item.title}", self._ask_reason, text="不适用")
        mark = [label("* 必备", "problem")] if item.required and item.number != MADE_BY_US else []
        title = label(item.title)
        title.setToolTip("必备材料" if item.required else "如适用才需要")
        first = row(number, title, *mark, None, self.waive_button, self.add, self.state, spacing=METRICS.s)
        below = column(label(item.rule, "small", wrap=True), *self.papers, self._panel, spacing=2)
        below.setContentsMargins(PLACE + METRICS.s, 0, 0, 0)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(METRICS.s, METRICS.s, METRICS.s, METRICS.s)
        outer.setSpacing(0)
        outer.addLayout(first)
        outer.addLayout(below)
        self.waive_button.setHidden(bool(self.papers) or item.number == MADE_BY_US)
        self.add.setHidden(item.number == MADE_BY_US)

    def lock(self, why: str) -> None:
        """Let nothing be filed here, and say why."""
        self.setAcceptDrops(False)
        for part in (self.add, self.waive_button):
            part.setEnabled(False)
            part.setToolTip(why)
        for line in self.papers:
            line.lock(why)

    def _waiver(self) -> QWidget:
        panel = QWidget()
        panel.setLayout(
            row(self.reason, button("取消", panel.hide), button("确认不适用", self.waive, look="primary"))
        )
        panel.hide()
        return panel

    def _ask_reason(self) -> None:
        self._panel.show()
        self.reason.setFocus()

    def waive(self) -> None:
        """Say that the item does not apply; a reason is needed, for the dossier prints it."""
        reason = self.reason.text().strip()
        restyle(self.reason, wrong="false" if reason else "true")
        if reason:
            self.waived.emit(self.item, reason)
        else:
            self.reason.setFocus()

    # ── dropping ────────────────────────────────────────────────────────────────────────────────

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls() and self.item.number != MADE_BY_US:
            self._light(on=True)
            event.acceptProposedAction()

    def dragLeaveEvent(self, _event: QDragLeaveEvent) -> None:
        self._light(on=False)

    def dropEvent(self, event: QDropEvent) -> None:
        self._light(on=False)
        files = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if files:
            event.acceptProposedAction()
            self.filed.emit(self.item, files)

    def _light(self, *, on: bool) -> None:
        """Show that a drop would land here."""
        restyle(self, look="drop" if on else "checkline", on="true" if on else "false")


def paper_of(item: ChecklistItem) -> dict[str, Any]:
    """Return the values of a paper filed under an item."""
    return {"item_no": Decimal(item.number), "title": item.title, "state": "collected"}
