"""Edits the server did not take: kept here whole, to be looked at, sent again, exported, or given up."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop.services import returned
from desktop.ui.sync.said import Said
from desktop.ui.theme import METRICS
from desktop.ui.widgets import formats
from desktop.ui.widgets.basics import Card, Chip, Line, button, clear, column, label, row
from desktop.ui.widgets.files import PathField
from domain.fields import RECORD_TYPES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from desktop.services.desk import Desk
    from desktop.services.returned import Returned
    from desktop.ui.widgets.session import Session

SHOWN = 20


class ReturnedCard(Card):
    """One line an edit; giving one up asks again in its own line."""

    settled = Signal()
    """Something was sent again or given up."""

    def __init__(self, session: Session) -> None:
        self.chip = Chip()
        super().__init__("被退回的修改", aside=self.chip)
        self.session = session
        self.lines: list[ReturnedLine] = []
        self.body.addWidget(
            label(
                "服务器没有接受这些修改。内容原样保存在本机，直到您处理；不影响其他内容同步。",
                "muted",
                wrap=True,
            )
        )
        self._held = column(spacing=METRICS.s)
        self.body.addLayout(self._held)
        self.file = PathField(
            "导出文件", "save", files="JSON (*.json)", default=Path.home() / "被退回的修改.json"
        )
        self.file.button.setText("导出到…")
        self.export_button = button("导出 JSON", self.export)
        self.said = Said()
        line = row(self.file, self.export_button, spacing=METRICS.s)
        line.setStretch(0, 1)
        self.body.addLayout(line)
        self.body.addWidget(self.said)
        self.hide()

    def put(self, edits: Sequence[Returned]) -> None:
        """Show the edits; the card hides when there are none."""
        clear(self._held)
        self.lines = [ReturnedLine(self.session, held) for held in edits[:SHOWN]]
        for number, line in enumerate(self.lines):
            if number:
                self._held.addWidget(Line())
            line.asked.connect(self._do)
            self._held.addWidget(line)
        if len(edits) > SHOWN:
            self._held.addWidget(label(f"另有 {len(edits) - SHOWN} 条，导出后可全部查看", "muted"))
        self.chip.say(f"{len(edits)} 条" if edits else "", "danger")
        self.setVisible(bool(edits))

    def _do(self, what: Callable[[Desk], None]) -> None:
        desk = self.session.desk

        def done(_: object) -> None:
            self.session.sync.poke()
            self.settled.emit()

        self.session.jobs.write(lambda: what(desk), done, owner=self)

    def export(self) -> None:
        """Write all of them to a file."""
        desk, path = self.session.desk, self.file.path
        if path is None:
            self.said.tell("请先填写导出到哪个文件，例如 被退回的修改.json")
            return
        self.session.jobs.read(
            lambda: returned.export(desk, path),
            lambda count: self.said.tell(f"已导出 {count} 条到 {path}"),
            self.said.refuse,
            owner=self,
        )


class ReturnedLine(QWidget):
    """One edit with its reason."""

    asked = Signal(object)
    """What is to be done with it, ``do(desk)``."""

    def __init__(self, session: Session, held: Returned) -> None:
        super().__init__()
        self.session, self.held = session, held
        now = session.desk.clock().astimezone()
        known = RECORD_TYPES[held.record_type]
        about = f"{known.label} · {formats.moment(held.at, now)} · {held.why}"
        look = button("查看", partial(session.open, held.record_type, held.record_id), look="link")
        again = button("再次上传", partial(self._ask, returned.retry), look="link")
        self.forget_button = button("放弃", self._confirm, look="link")
        self.really = button("确认放弃这处修改", partial(self._ask, returned.forget), look="danger")
        self.back = button("不放弃", self._restore)
        for part in (look, again, self.forget_button, self.really, self.back):
            part.setAccessibleName(f"{part.text()}：{held.title}")
        self.usual = (look, again, self.forget_button)
        words = column(label(held.title), label(about, "small", wrap=True), spacing=2)
        line = row(words, *self.usual, self.really, self.back, spacing=METRICS.m)
        line.setStretch(0, 1)
        self.setLayout(line)
        self._restore()

    def _confirm(self) -> None:
        self._show(asking=True)

    def _restore(self) -> None:
        self._show(asking=False)

    def _show(self, *, asking: bool) -> None:
        for part in self.usual:
            part.setVisible(not asking)
        for part in (self.really, self.back):
            part.setVisible(asking)

    def _ask(self, what: Callable[..., Any]) -> None:
        self.asked.emit(partial(what, refused_id=self.held.refused_id))
