"""Conflicts on the day's page: what two people changed at once waits here until somebody decides it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from desktop.ui.home.lines import Words, line
from desktop.ui.widgets import formats
from desktop.ui.widgets.basics import Card, Chip, button, clear, column, label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from desktop.services.conflicts import Entry
    from desktop.ui.widgets.session import Session

SHOWN: Final = 5


class ConflictsCard(Card):
    """The open conflicts; the card hides when there are none."""

    def __init__(self, session: Session) -> None:
        self.chip = Chip()
        super().__init__("待处理的冲突", aside=self.chip)
        self.session = session
        self.opened: dict[str, Words] = {}
        self._lines = column(spacing=2)
        self.body.addLayout(self._lines)

    def put(self, entries: Sequence[Entry]) -> None:
        """Show the conflicts, the newest first."""
        clear(self._lines)
        self.opened = {}
        now = self.session.desk.clock().astimezone()
        for entry in entries[:SHOWN]:
            decide = partial(self.session.open, "conflict", entry.conflict_id)
            title = self.opened[entry.title] = Words(f"{entry.title} · {entry.fields}", decide)
            title.setAccessibleName(f"处理冲突：{entry.title}，{entry.fields}")
            who = " 与 ".join(filter(None, (entry.mine.who, entry.theirs.who)))
            about = label(f"{who} · {formats.moment(entry.mine.at, now)}", "muted")
            go = button("处理", decide, look="link")
            go.setAccessibleName(f"处理：{entry.title}")
            self._lines.addWidget(line("warning", title, None, about, go))
        if len(entries) > SHOWN:
            register = partial(self.session.placed.emit, "sync")
            self._lines.addWidget(button(f"另有 {len(entries) - SHOWN} 处冲突", register, look="link"))
        self.chip.say(str(len(entries)) if entries else "", "warning")
        self.setVisible(bool(entries))
