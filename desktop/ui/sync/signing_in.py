"""Signing in again after the sign-in has run out: a password, for the server is known."""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Signal

from desktop.ui.sync.fields import INDENT, Fields, line
from desktop.ui.sync.said import Said
from desktop.ui.theme import METRICS
from desktop.ui.widgets.basics import Busy, Card, button, label, row

if TYPE_CHECKING:
    from desktop.sync.credentials import Credentials
    from desktop.ui.widgets.session import Session
    from domain.problems import Refusal

ABOUT: Final = "登录已过期。请输入账号的密码；本机的记录和未上传的修改都在，登录后自动继续。"


class SignInCard(Card):
    """The account this device belongs to, its password, and a way out for who has a new invitation."""

    signed_in = Signal()
    invitation_asked = Signal()

    def __init__(self, session: Session) -> None:
        busy = Busy()
        super().__init__("重新登录", aside=busy)
        self.session, self.busy = session, busy
        self.where = label("", "muted", wrap=True)
        self.account, self.password = line("账号"), line("密码", hidden=True)
        self.password.returnPressed.connect(self.start)
        self.go = button("登录", self.start, look="primary")
        self.other = button("改用邀请文件", self.invitation_asked.emit)
        self.other.setToolTip("密码忘了，或服务器换了地址：请管理员发一个新的邀请文件")
        self.said = Said("problem")
        self.body.addWidget(label(ABOUT, "muted", wrap=True))
        self.body.addLayout(Fields((("服务器", self.where), ("账号", self.account), ("密码", self.password))))
        self.body.addLayout(row(INDENT, self.go, self.other, None, spacing=METRICS.s))
        self.body.addLayout(row(INDENT, self.said))

    def put(self, held: Credentials) -> None:
        """Say whose device this is; what was typed already stays."""
        self.where.setText(f"{held.organisation_name} · {held.server}")
        if not self.account.isModified():
            self.account.setText(held.login)

    def start(self) -> None:
        """Sign in in a worker; a refusal is said beside the button."""
        link = self.session.sync.link
        if link is None or not self.go.isEnabled():
            return
        account, password = self.account.text().strip(), self.password.text()
        self._working(on=True)
        self.session.jobs.read(
            lambda: link.sign_in(label=platform.node(), password=password, account=account),
            self._signed_in,
            self._refused,
            owner=self,
        )

    def _signed_in(self, made: Credentials) -> None:
        self._working(on=False)
        self.password.clear()
        self.said.tell("")
        self.session.say(f"已登录{made.organisation_name}，继续同步")
        self.session.sync.refresh()
        self.signed_in.emit()

    def _refused(self, refusal: Refusal) -> None:
        self._working(on=False)
        self.said.refuse(refusal)

    def _working(self, *, on: bool) -> None:
        self.go.setEnabled(not on)
        self.busy.run(on=on)
