"""Joining without a network: what the form for joining says goes out in a file, the answer comes in one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Signal

from desktop.sync.registration import read_invitation
from desktop.ui.sync.said import Said
from desktop.ui.theme import METRICS
from desktop.ui.widgets.basics import Card, button, label, row
from desktop.ui.widgets.files import PathField

if TYPE_CHECKING:
    from desktop.services.server_link import ServerLink
    from desktop.sync.credentials import Credentials
    from desktop.ui.sync.joining import JoinCard, Words
    from desktop.ui.widgets.session import Session

BUTTON_WIDTH: Final = 120
FILES: Final = "离线传递包 (*.tdsync)"
ABOUT: Final = (
    "这台机器不能上网时：填好上面的内容，写出接入请求（密码已加密，只有服务器能读），"
    "由 U 盘带给管理员；带回的接入回复在这里读入。"
)


class StickJoinCard(Card):
    """Two files: the request to join, and the server's answer."""

    joined = Signal()

    def __init__(self, session: Session, join: JoinCard) -> None:
        super().__init__("没有网络时接入")
        self.session, self.join = session, join
        self.body.addWidget(label(ABOUT, "muted", wrap=True))
        self.out = PathField("接入请求", "save", files=FILES, default=Path.home() / "接入请求.tdsync")
        self.into = PathField("接入回复", "open", files=FILES)
        self.ask_button = button("写出接入请求", self.ask)
        self.read_button = button("读入接入回复", self.read)
        self.said = Said()
        for field, go in ((self.out, self.ask_button), (self.into, self.read_button)):
            go.setMinimumWidth(BUTTON_WIDTH)
            line = row(field, go, spacing=METRICS.s)
            line.setStretch(0, 1)
            self.body.addLayout(line)
        self.body.addWidget(self.said)

    def ask(self) -> None:
        """Write the request with what stands in the form above."""
        link, path, words = self.session.sync.link, self.out.path, self.join.typed()
        if words is None:
            self.said.tell("请先填好上面的邀请文件、设备名称和密码")
        elif path is None:
            self.said.tell("请先填写接入请求存到哪里，例如 接入请求.tdsync")
        elif link:
            self.session.jobs.read(
                lambda: _ask(link, words, path),
                lambda _: self.said.tell("已写出接入请求，请交给管理员处理；在回复读入之前，本机照常工作。"),
                self.said.refuse,
                owner=self,
            )

    def read(self) -> None:
        """Take in the answer; this workspace belongs to the server from then on."""
        link, path = self.session.sync.link, self.into.path
        if path is None:
            self.said.tell("请先选择管理员带回的接入回复，例如 接入回复.tdsync")
        elif link:
            self.session.jobs.read(
                lambda: link.join_by_stick(path), self._welcomed, self.said.refuse, owner=self
            )

    def _welcomed(self, made: Credentials) -> None:
        self.said.tell("")
        self.session.say(f"已接入{made.organisation_name}；不能上网时用 U 盘传递")
        self.session.sync.refresh()
        self.joined.emit()


def _ask(link: ServerLink, words: Words, path: Path) -> None:
    link.ask_by_stick(
        read_invitation(words.invitation),
        path,
        label=words.label,
        password=words.password,
        account=words.account,
    )
