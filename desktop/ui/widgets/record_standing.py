"""How a record stands with the server: a chip, what can be asked for it, a line while it is in conflict.

Without a server there is nothing to say, and nothing is shown.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMenu, QWidget

from desktop.services import conflicts, sharing, writable
from desktop.ui.theme import METRICS
from desktop.ui.widgets.basics import Chip, MessageBar, row, tool_button
from desktop.ui.widgets.sync_words import CHIPS
from domain import scopes

if TYPE_CHECKING:
    import uuid
    from collections.abc import Callable, Mapping

    from desktop.models.outgoing.marks import Publicity
    from desktop.models.work import Changes
    from desktop.services.conflicts import Entry
    from desktop.services.desk import Desk
    from desktop.services.sharing import Standing
    from desktop.services.writable import Closure
    from desktop.ui.theme import Tone
    from desktop.ui.widgets.session import Session

WHY: Final = {
    "local": "只在本机，没有上传",
    "queued": "修改在排队，等待上传；安全保存在本机",
    "synced": "服务器上的内容与这里相同",
    "conflict": "与别人的修改冲突，等待处理；两个版本都保留着",
    "refused": "服务器没有接受这里的修改，原样保存在同步中心",
}


PUBLICITY: Final[Mapping[Publicity, tuple[str, Tone]]] = {
    "private": ("", "neutral"),
    "asked": ("待公开", "info"),
    "public": ("已公开", "success"),
    "withdrawing": ("待撤回公开", "info"),
}
WHY_PUBLIC: Final = "公开栏目在公共目录里的情况；其他栏目始终只在本机构内"


class StandingChip(QWidget):
    """本机, 排队, 已同步, 冲突 or 被退回, and a menu to hand the record over."""

    def __init__(self, session: Session, record_type: str, record_id: uuid.UUID) -> None:
        super().__init__()
        self.session, self.record_type, self.record_id = session, record_type, record_id
        self.chip, self.public = Chip(), Chip()
        self.more = tool_button("link", "共享与公开", self._open_menu)
        self.setLayout(row(self.chip, METRICS.xs, self.public, self.more, spacing=0))
        self.hide()
        session.jobs.changed.connect(self._changed)
        session.sync.told.connect(self._told)
        self.standing: Standing | None = None
        self.reload()

    def _changed(self, _changes: Changes, _initiator: object) -> None:
        self.reload()

    def _told(self, _status: object) -> None:
        self.reload()

    def reload(self) -> None:
        """Ask again how the record stands; nothing is asked where no server was joined."""
        if self.session.sync.joined:
            desk = self.session.desk
            self.session.jobs.read(
                lambda: sharing.standing(desk, self.record_type, self.record_id), self._show, owner=self
            )

    def _show(self, standing: Standing) -> None:
        self.standing = standing
        words, tone = CHIPS[standing.state]
        if standing.writable:
            self.chip.say(f"{standing.scope} · {words}" if standing.to_agency else words, tone)
        else:
            self.chip.say(f"{standing.scope} · 只读", "neutral")
        self.chip.setToolTip(f"{standing.scope}：{WHY[standing.state]}")
        shown, colour = PUBLICITY[standing.publicity]
        self.public.say(shown, colour)
        self.public.setToolTip(WHY_PUBLIC)
        self.more.setVisible(bool(self.offers()))
        self.setVisible(standing.joined)

    def offers(self) -> list[tuple[str, Callable[[Desk], None], str]]:
        """Return what can be asked of the server: the words, the asking, and what is said afterwards."""
        if self.standing is None:
            return []
        known: dict[str, Any] = {"record_type": self.record_type, "record_id": self.record_id}
        give, show = partial(sharing.hand_over, **known), partial(sharing.publish, **known)
        found: list[tuple[str, Callable[[Desk], None], str]] = []
        if self.standing.to_agency:
            found.append(("交给机构共享", partial(give, to=scopes.AGENCY), "同步后本机构同事可见"))
        if self.standing.to_self:
            found.append(("仅自己可见", partial(give, to=scopes.OWN), "同步后只有您本人可见"))
        if self.standing.public and self.standing.publicity in ("private", "withdrawing"):
            found.append(("公开到公共目录", partial(show, shown=True), "同步后公开栏目进入公共目录"))
        elif self.standing.public:
            found.append(("撤回公开", partial(show, shown=False), "同步后从公共目录撤回"))
        return found

    def _open_menu(self) -> None:
        menu = QMenu(self)
        for words, ask, after in self.offers():
            menu.addAction(words, partial(self.ask, ask, after))
        menu.popup(self.more.mapToGlobal(self.more.rect().bottomLeft()))

    def ask(self, what: Callable[[Desk], None], after: str) -> None:
        """Ask something of the server; it is done with the next sync."""
        desk = self.session.desk

        def asked(_: object) -> None:
            self.session.say(after)
            self.session.sync.poke()
            self.reload()

        self.session.jobs.write(lambda: what(desk), asked, owner=self)


class ClosedLine(MessageBar):
    """Says at the top of a page why nothing of the record may be changed here, from the moment it opens."""

    told = Signal(object)
    """The Closure as it stands."""

    def __init__(self, session: Session, record_type: str, record_id: uuid.UUID) -> None:
        super().__init__(closable=False)
        self.session, self.record_type, self.record_id = session, record_type, record_id
        self.closure = writable.OPEN

    @property
    def closed(self) -> bool:
        """Tell whether the record as a whole is read only."""
        return bool(self.closure.why)

    def reload(self) -> None:
        """Ask again what may be changed; without a server all of it."""
        role = self.session.sync.role
        if role:
            self.session.read(
                lambda connection: writable.closure(connection, self.record_type, self.record_id, role),
                self._show,
                owner=self,
            )

    def _show(self, closure: Closure) -> None:
        self.closure = closure
        if closure.why:
            self.say(f"只读：{closure.why}", "info")
        else:
            self.hide()
        self.told.emit(closure)


class ConflictLine(MessageBar):
    """Says on a record's page which fields two people changed at once, and leads to the decision."""

    def __init__(self, session: Session, record_type: str, record_id: uuid.UUID) -> None:
        super().__init__(closable=False)
        self.session, self.record_type, self.record_id = session, record_type, record_id
        self.entries: list[Entry] = []
        self.asked.connect(self._decide)
        session.jobs.changed.connect(self._changed)
        self.reload()

    def _changed(self, changes: Changes, _initiator: object) -> None:
        if conflicts.CONFLICT in changes.types():
            self.reload()

    def reload(self) -> None:
        """Look again for open conflicts about the record."""
        desk = self.session.desk
        self.session.jobs.read(
            lambda: conflicts.of_record(desk, self.record_type, self.record_id), self._show, owner=self
        )

    def _show(self, entries: list[Entry]) -> None:
        self.entries = entries
        if not entries:
            self.hide()
            return
        entry = entries[0]
        who = "、".join(filter(None, dict.fromkeys([entry.mine.who, entry.theirs.who])))
        more = f"（共 {len(entries)} 处）" if len(entries) > 1 else ""
        what = entry.fields if conflicts.DELETION in entry.fields else f"同时修改了“{entry.fields}”"
        self.say(f"▲ 冲突：{who}{what}{more}，两个版本都保留着。", "warning", "去处理")

    def _decide(self) -> None:
        self.session.open(conflicts.CONFLICT, self.entries[0].conflict_id)
