"""Beside the next steps: forms left unfinished, days that come round, and what was worked on lately."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal

from desktop.services import records
from desktop.ui.home.lines import Words, line
from desktop.ui.widgets import formats
from desktop.ui.widgets.basics import Card, Chip, button, clear, column, label, row, tool_button
from desktop.ui.widgets.record_list import symbol_of
from domain.fields import RECORD_TYPES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QPushButton

    from desktop.models.overview import Recent
    from desktop.services.today import Deadline, OpenDraft
    from desktop.ui.theme import Tone
    from desktop.ui.widgets.session import Session

SOON, NEAR = 5, 20
"""Working days left below which a deadline is red, and below which it is amber."""
DRAFTS_SHOWN = 6


class DraftsCard(Card):
    """Forms that were left without saving; nothing typed is lost."""

    dropped = Signal()
    """The user gave a draft up."""

    def __init__(self, session: Session) -> None:
        super().__init__("未完成的草稿")
        self.session = session
        self.go_on: dict[str, QPushButton] = {}
        self._lines = column(spacing=2)
        self.body.addLayout(self._lines)

    def put(self, drafts: Sequence[OpenDraft]) -> None:
        """Show the drafts; the card hides when there are none."""
        clear(self._lines)
        self.go_on = {}
        now = self.session.desk.clock().astimezone()
        for draft in drafts[:DRAFTS_SHOWN]:
            known = RECORD_TYPES[draft.record_type]
            resume = partial(self.session.open, draft.record_type, draft.record_id)
            go_on = self.go_on[draft.title] = button("继续", resume, look="link")
            go_on.setAccessibleName(f"继续：{draft.title}")
            about = f"{'新建' if draft.is_new else '修改'}{known.label} · {formats.moment(draft.at, now)}"
            drop = tool_button("close", f"放弃草稿 {draft.title}", partial(self._drop, draft))
            self._lines.addWidget(
                line("edit", Words(draft.title, resume), None, label(about, "muted"), go_on, drop)
            )
        if len(drafts) > DRAFTS_SHOWN:
            self._lines.addWidget(label(f"另有 {len(drafts) - DRAFTS_SHOWN} 份草稿", "muted"))
        self.setVisible(bool(drafts))

    def _drop(self, draft: OpenDraft) -> None:
        self.session.jobs.write(
            lambda: records.drop_draft(self.session.desk, record_id=draft.record_id),
            lambda _: self.dropped.emit(),
            owner=self,
        )


class DeadlinesCard(Card):
    """Days of the policy book with the working days left until them."""

    def __init__(self) -> None:
        super().__init__("截止日期")
        self._lines = column(spacing=10)
        self.body.addLayout(self._lines)

    def put(self, deadlines: Sequence[Deadline]) -> None:
        """Show the deadlines, the nearest first."""
        clear(self._lines)
        for deadline in deadlines:
            left = deadline.working_days
            about = "" if deadline.certain else "约 "
            tone: Tone = "danger" if left <= SOON else "warning" if left <= NEAR else "neutral"
            chip = Chip(f"{about}{left} 个工作日" if deadline.days else "今天截止", tone)
            what = label(deadline.policy.label, wrap=True)
            day = f"{deadline.due.year}年{deadline.due.month}月{deadline.due.day}日"
            origin = f"{deadline.document} {deadline.policy.section}"
            source = label(f"{day} · {deadline.place} · {origin}", "small", wrap=True)
            source.setToolTip(deadline.policy.quote or deadline.policy.note)
            held = row(column(what, source, spacing=2), chip)
            held.setStretch(0, 1)
            self._lines.addLayout(held)
        if not deadlines:
            self._lines.addWidget(label("政策包里没有按年的截止日期。", "muted", wrap=True))


class RecentCard(Card):
    """The records changed last, by whomever."""

    def __init__(self, session: Session) -> None:
        super().__init__("最近修改")
        self.session = session
        self._lines = column(spacing=2)
        self.body.addLayout(self._lines)

    def put(self, recent: Sequence[Recent]) -> None:
        """Show the records."""
        clear(self._lines)
        now = self.session.desk.clock().astimezone()
        for held in recent:
            title = Words(held.title, partial(self.session.open, held.record_type, held.record_id))
            title.setAccessibleName(f"打开{RECORD_TYPES[held.record_type].label}：{held.title}")
            who = "" if held.user in ("", self.session.desk.user) else f"{held.user} · "
            kind = RECORD_TYPES[held.record_type].label
            about = label(f"{kind} · {who}{formats.moment(held.at, now)}", "muted")
            self._lines.addWidget(line(symbol_of(held.record_type), title, None, about))
        if not recent:
            self._lines.addWidget(label("还没有修改过的记录。", "muted"))
