"""Whose device this is on the server, and the way out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal

from desktop.services.server_link import ROLES
from desktop.ui.sync.said import Said
from desktop.ui.theme import METRICS
from desktop.ui.widgets.basics import Card, button, label, row

if TYPE_CHECKING:
    from desktop.services.syncing import Centre
    from desktop.ui.widgets.session import Session
    from domain.problems import Refusal


class MemberCard(Card):
    """Whose this device is on the server, what it sees there, and the way out."""

    left = Signal()
    """The user has left the server."""

    def __init__(self, session: Session) -> None:
        super().__init__("已接入的服务器")
        self.session = session
        self.about, self.sees = label("", selectable=True, wrap=True), label("", "muted", wrap=True)
        self.leave_button = button("退出服务器", lambda: self._ask(on=True))
        self.sure = label("本机数据全部保留，未上传的修改也在；以后不再同步。确认退出？", wrap=True)
        self.really = button("确认退出", self.leave, look="danger")
        self.back = button("不退出", lambda: self._ask(on=False))
        self.said = Said("problem")
        line = row(self.leave_button, self.sure, self.really, self.back, None, spacing=METRICS.m)
        for widget in (self.about, self.sees):
            self.body.addWidget(widget)
        self.body.addLayout(line)
        self.body.addWidget(self.said)
        self._ask(on=False)

    def put(self) -> None:
        """Show the account."""
        link = self.session.sync.link
        held = link.credentials if link else None
        if held:
            self.about.setText(
                f"{held.organisation_name} · {held.name}（{ROLES.get(held.role, held.role)}）\n"
                f"{held.server} · {f'账号 {held.login} · ' if held.login else ''}设备号 {held.device}"
            )

    def put_scopes(self, read: Centre) -> None:
        """Show what the account sees."""
        words = [
            f"{scope.label}（{'可修改' if scope.writes else '只读'}"
            + ("）" if scope.loaded else f"，首次取得中，共 {scope.total:,} 条）")
            for scope in read.scopes
        ]
        self.sees.setText("可见范围：" + "、".join(words) if words else "首次同步后显示可见范围。")

    def _ask(self, *, on: bool) -> None:
        self.leave_button.setVisible(not on)
        for widget in (self.sure, self.really, self.back):
            widget.setVisible(on)

    def leave(self) -> None:
        """Leave the server."""
        link = self.session.sync.link
        if link:
            self.session.jobs.read(link.leave, self._left, self._refused, owner=self)

    def _left(self, _: object) -> None:
        self._ask(on=False)
        self.session.say("已退出服务器，数据都在本机")
        self.left.emit()

    def _refused(self, refusal: Refusal) -> None:
        self.said.refuse(refusal)
