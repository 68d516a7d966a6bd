"""How large a file may be to travel by itself: a line that is paid for is not used up by one photograph."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from desktop.services import syncing
from desktop.ui.theme import METRICS
from desktop.ui.widgets.basics import Card, label, row
from desktop.ui.widgets.choice import choice, show

if TYPE_CHECKING:
    from desktop.ui.widgets.session import Session

MB: Final = 1024 * 1024
SIZES: Final[tuple[tuple[int | None, str], ...]] = (
    (None, "不限大小"),
    (50 * MB, "不超过 50 MB"),
    (10 * MB, "不超过 10 MB"),
    (2 * MB, "不超过 2 MB"),
    (0, "都不自动传"),
)
WHY: Final = (
    "新加的附件自动上传，勾选“离线保留”的记录自动下载附件；超过这个大小的，等您在记录的“附件”里点“上传”或“下载”再传。"
    "只影响本机；记录内容照常同步。"
)


class TravelCard(Card):
    """The choice of a size, kept on this device."""

    def __init__(self, session: Session) -> None:
        super().__init__("附件自动传送")
        self.session = session
        self.sizes = choice("自动传送的附件", SIZES, None, self.choose)
        self.body.addWidget(label(WHY, "muted", wrap=True))
        self.body.addLayout(row(*self.sizes.values(), None, spacing=METRICS.s))

    def put(self, largest: int | None) -> None:
        """Show the size that holds; one that is not offered here lights nothing."""
        show(self.sizes, largest)

    def choose(self, largest: int | None) -> None:
        """Let files up to a size travel by themselves; what that lets go goes at once."""
        desk = self.session.desk
        self.session.jobs.write(lambda: syncing.let_travel(desk, largest=largest), self._chosen, owner=self)

    def _chosen(self, _: object) -> None:
        self.session.sync.poke()
