"""登记表 of a deal: staff key it into the national system by hand, so every box has a button to copy it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QGridLayout, QWidget

from desktop.ui.deals import registration
from desktop.ui.deals.summary import DealFacts, read_facts
from desktop.ui.theme import METRICS
from desktop.ui.widgets.bars import WHOLE, ProgressRing
from desktop.ui.widgets.basics import Card, EmptyState, button, clear, column, label, row
from desktop.ui.widgets.links import link
from desktop.ui.widgets.scrolled import scrolled

if TYPE_CHECKING:
    import uuid

    from desktop.models.work import Changes
    from desktop.ui.deals.registration import Box
    from desktop.ui.widgets.session import Session

PANEL_WIDTH: Final = 260


class MissingPanel(QFrame):
    """What the form still lacks, each a click away from where it is filled in."""

    asked = Signal(object)
    """The box to fill in."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("look", "panel")
        self.setFixedWidth(PANEL_WIDTH)
        self.ring = ProgressRing()
        self.title = label("", "heading")
        self.why = label("", "small", wrap=True)
        self._lines = column(spacing=METRICS.s)
        head = row(self.ring, column(self.title, self.why, spacing=2), spacing=METRICS.m)
        head.setStretch(1, 1)
        area = scrolled("缺少的登记内容", self._lines, None, flush=True)
        held = column(head, area, spacing=METRICS.s)
        held.setContentsMargins(METRICS.l, METRICS.l, 0, METRICS.s)
        self.setLayout(held)

    def show_boxes(self, boxes: list[Box]) -> None:
        """Count the boxes and list those that are missing."""
        clear(self._lines)
        needed = [box for box in boxes if box.required]
        missing = [box for box in needed if box.missing]
        done = len(needed) - len(missing)
        self.ring.show_share(WHOLE * done / len(needed) if needed else WHOLE)
        self.title.setText(f"还差 {len(missing)} 项" if missing else "可以登记")
        self.why.setText(f"应填 {len(needed)} 项，已填 {done} 项")
        for box in missing:
            words = f"{box.group} · {box.field.label}"
            self._lines.addWidget(link(words, partial(self.asked.emit, box), says=f"去填写：{words}"))


class RegistrationView(QWidget):
    """The boxes of the form in national order."""

    asked = Signal(str)
    """A field of the deal to fill in; fields of a side open that client."""

    def __init__(self, session: Session, _record_type: str, deal_id: uuid.UUID) -> None:
        super().__init__()
        self.session, self.deal_id = session, deal_id
        self.boxes: list[Box] = []
        self._facts: DealFacts | None = None
        self.copy_all = button("复制全部", self._copy_all, symbol="file")
        self.copy_all.setToolTip("按“栏目 ⇥ 内容”逐行复制，可直接粘贴到表格")
        self.panel = MissingPanel()
        self.panel.asked.connect(self._fill_in)
        self._cards = column(spacing=METRICS.l)
        self._empty = EmptyState("file", "还没有登记内容", "保存这笔交易后，这里按登记系统的顺序列出各栏。")
        why = label("顺序与全国技术合同登记系统一致，逐栏复制即可录入。", "muted")
        area = scrolled(
            "登记表",
            row(label("技术合同登记表", "heading"), why, None, self.copy_all),
            self._cards,
            self._empty,
            None,
        )
        outer = row(area, self.panel, spacing=0)
        outer.setStretch(0, 1)
        self.setLayout(outer)
        session.jobs.changed.connect(self._refresh)
        self.reload()

    def reload(self) -> None:
        """Read the deal and its sides again."""
        self.session.read(partial(read_facts, deal_id=self.deal_id), self._show, owner=self)

    def _refresh(self, changes: Changes, _initiator: object) -> None:
        if changes.types() & {"deal", "party"}:
            self.reload()

    def _show(self, facts: DealFacts | None) -> None:
        self._facts = facts
        codes = self.session.desk.codes
        self.boxes = registration.boxes(facts.deal, facts.parties, codes) if facts else []
        self._empty.setVisible(not facts)
        self.copy_all.setEnabled(bool(facts))
        self.panel.setVisible(bool(facts))
        self.panel.show_boxes(self.boxes)
        clear(self._cards)
        for group in dict.fromkeys(box.group for box in self.boxes):
            self._cards.addWidget(self._card(group))

    def _card(self, group: str) -> Card:
        card = Card(group)
        grid = QGridLayout()
        grid.setHorizontalSpacing(METRICS.l)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(1, 1)
        for number, box in enumerate(box for box in self.boxes if box.group == group):
            name = label(box.field.label, "label")
            name.setFixedWidth(150)
            grid.addWidget(name, number, 0)
            grid.addWidget(self._content(box), number, 1)
            if box.text:
                grid.addWidget(self._copy_button(box), number, 2)
            grid.setRowMinimumHeight(number, 28)
        card.body.addLayout(grid)
        return card

    def _content(self, box: Box) -> QWidget:
        if box.missing:
            name = f"去填写：{box.group} {box.field.label}"
            return link("未填，去填写", partial(self._fill_in, box), says=name)
        words = label(box.shown or "—", "body" if box.shown else "muted", wrap=True, selectable=True)
        words.setAccessibleName(f"{box.group} {box.field.label}：{box.shown or '空'}")
        if not box.code:
            return words
        both = QWidget()
        both.setLayout(row(words, label(box.code, "small", selectable=True), None))
        words.setWordWrap(False)
        return both

    def _copy_button(self, box: Box) -> QWidget:
        return link("复制", partial(self._copy, box), says=f"复制{box.group} {box.field.label}")

    def _copy(self, box: Box) -> None:
        QGuiApplication.clipboard().setText(box.text)
        self.session.say(f"已复制“{box.field.label}”")

    def _copy_all(self) -> None:
        QGuiApplication.clipboard().setText(registration.as_table(self.boxes))
        self.session.say(f"已复制 {len(self.boxes)} 栏")

    def _fill_in(self, box: Box) -> None:
        """Go to where a box is filled in: the deal's form, the client, or the field that names the client."""
        side = self._facts.parties.get(box.owner) if self._facts else None
        if side:
            self.session.open("party", side["id"])
        else:
            self.asked.emit(box.field.name if box.owner == "deal" else box.owner)
