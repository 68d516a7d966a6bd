"""What will leave this machine: which records and fields exactly, to whom and why, before it is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from desktop.ui.widgets.basics import Card, Chip, label
from desktop.ui.widgets.text_table import TextTable
from domain.fields import RECORD_TYPES

if TYPE_CHECKING:
    from desktop.services.departures import Leaving
    from desktop.services.syncing import Centre
    from desktop.ui.theme import Tone
    from desktop.ui.widgets.session import Session

HIGH: Final = 6
HEADINGS: Final = ("记录", "操作", "离开本机的内容", "去向与用途", "")
WIDTHS: Final = (220, 72, 0, 220, 84)


class LeavingCard(Card):
    """The queue by kind; the row the user is on is told in full below it."""

    def __init__(self, session: Session) -> None:
        self.chip = Chip()
        super().__init__("将离开本机的内容", aside=self.chip)
        self.session = session
        self.rows: tuple[Leaving, ...] = ()
        self.kinds = label("", "muted", wrap=True)
        self.table = TextTable("将离开本机的内容", HEADINGS, WIDTHS)
        self.table.picked.connect(self._tell)
        self.table.opened.connect(self._open)
        self.told = label("", "muted", wrap=True, selectable=True)
        for widget in (self.kinds, self.table, self.told):
            self.body.addWidget(widget)
        for later in (self.chip, self.table, self.told):
            later.hide()

    def put(self, read: Centre) -> None:
        """Show the queue."""
        self.rows = read.leaving
        total = sum(read.by_type.values())
        self.chip.say(f"{total} 条" if total else "", "info")
        kinds = "、".join(f"{RECORD_TYPES[kind].label} {count}" for kind, count in read.by_type.items())
        shown = f"；下面列出最早的 {len(self.rows)} 条" if total > len(self.rows) else ""
        self.kinds.setText(
            f"按类别：{kinds}{shown}。个人信息在这里打码显示；双击打开记录。"
            if total
            else "没有等待上传的内容。"
        )
        tones: dict[tuple[int, int], Tone] = {
            (number, 4): "accent" if held.flying else "neutral" for number, held in enumerate(self.rows)
        }
        self.table.words.put([_cells(held) for held in self.rows], tones)
        self.table.setVisible(bool(self.rows))
        self.table.fit(most=HIGH)
        self.told.hide()

    def _tell(self, number: int) -> None:
        if 0 <= number < len(self.rows):
            held = self.rows[number]
            fields = "；".join(f"{name}：{value}" for name, value in held.fields) or "记录本身，不含栏目内容"
            self.told.setText(f"{RECORD_TYPES[held.record_type].label}“{held.title}” — {fields}")
            self.told.show()

    def _open(self, number: int) -> None:
        held = self.rows[number]
        self.session.open(held.record_type, held.record_id)


def _cells(held: Leaving) -> tuple[str, ...]:
    fields = "、".join(name for name, _ in held.fields)
    where = f"{held.scope} · {held.why}"
    return held.title, held.what, fields or "—", where, "上传中" if held.flying else "待上传"
