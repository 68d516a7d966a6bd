"""Joining a server in place: the invitation's file, a name for this device, a password; no dialog."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QToolButton

from desktop.sync.registration import read_invitation
from desktop.ui.sync.fields import INDENT, WIDTH, Fields, line
from desktop.ui.sync.said import Said
from desktop.ui.widgets.basics import Busy, Card, button, label, restyle, row
from desktop.ui.widgets.files import PathField

if TYPE_CHECKING:
    from pathlib import Path

    from desktop.services.server_link import ServerLink
    from desktop.sync.credentials import Credentials
    from desktop.ui.widgets.session import Session
    from domain.enrolment import Invitation
    from domain.problems import Refusal

INVITATIONS: Final = "邀请文件 (*.tdinvite)"
ABOUT: Final = (
    "邀请文件（.tdinvite）由机构管理员发给您。接入后，本机现有内容会上传到服务器供同事使用；"
    "下面逐条列出到时将离开本机的内容。"
)


@dataclass(frozen=True, slots=True)
class Words:
    """What a person says to join: the invitation's file, a name for the device, and who he is."""

    invitation: Path
    label: str
    password: str
    account: str


class JoinCard(Card):
    """First time: the invitation and a new password. Another device: invitation, account and password."""

    joined = Signal()

    def __init__(self, session: Session) -> None:
        busy = Busy()
        super().__init__("接入服务器", aside=busy)
        self.session, self.busy = session, busy
        self.body.addWidget(label(ABOUT, "muted", wrap=True))
        self.file = PathField("邀请文件", "open", files=INVITATIONS)
        self.file.setFixedWidth(WIDTH + 80)
        self.file.picked.connect(self._look)
        self.file.line.editingFinished.connect(self._look_typed)
        self.invitation = label("", "small", wrap=True)
        self.device = line("设备名称", platform.node())
        self.account = line("账号")
        self.password, self.again = line("密码", hidden=True), line("再输一次密码", hidden=True)
        self.known = QToolButton()
        self.known.setText("我已有账号，再接入一台设备")
        self.known.setAccessibleName("我已有账号，再接入一台设备")
        self.known.setProperty("look", "chip")
        self.known.setCheckable(True)
        self.known.toggled.connect(self._choose)
        self.go = button("接入", self.start, look="primary")
        self.said = Said("problem")
        self.fields = Fields(
            (
                ("邀请文件", self.file),
                ("", self.invitation),
                ("设备名称", self.device),
                ("", self.known),
                ("账号", self.account),
                ("密码", self.password),
                ("再输一次", self.again),
            )
        )
        self.body.addLayout(self.fields)
        self.body.addLayout(row(INDENT, self.go, None))
        self.body.addLayout(row(INDENT, self.said))
        self.invitation.hide()
        self._choose(self.known.isChecked())

    def _choose(self, known: bool) -> None:  # noqa: FBT001 - the shape of a slot
        restyle(self.known, on="true" if known else "false")
        self.fields.show_row("账号", on=known)
        self.fields.show_row("再输一次", on=not known)
        self.password.setPlaceholderText("账号的密码" if known else "为账号设一个新密码，至少 12 个字符")

    def _look(self, path: Path) -> None:
        """Say at once what an invitation is for, or why it is none."""
        self.session.jobs.read(lambda: read_invitation(path), self._invited, self._refused, owner=self)

    def _look_typed(self) -> None:
        """Say the same of a path that was typed, as soon as the next field is gone to."""
        if self.file.path and self.file.path.is_file():
            self._look(self.file.path)

    def _invited(self, invitation: Invitation) -> None:
        parts = (invitation.organisation, invitation.name, invitation.server)
        self.invitation.setText(f"{' · '.join(filter(None, parts))} · {invitation.expires[:10]} 前有效")
        self.invitation.show()
        self.said.tell("")

    def typed(self) -> Words | None:
        """Return what was filled in; None, after saying what is missing."""
        path, account = self.file.path, self.account.text().strip() if self.known.isChecked() else ""
        if path is None:
            self.said.tell("请先选择管理员发给您的邀请文件，例如 张三.tdinvite")
        elif not self.known.isChecked() and self.password.text() != self.again.text():
            self.said.tell("两次输入的密码不一致，请重新输入")
        elif not self.device.text().strip():
            self.said.tell("请给这台设备起个名字，例如 办公室台式机")
        else:
            return Words(path, self.device.text().strip(), self.password.text(), account)
        return None

    def start(self) -> None:
        """Join in a worker; a refusal is said beside the button."""
        link, words = self.session.sync.link, self.typed()
        if link is None or words is None:
            return
        self._working(on=True)
        self.session.jobs.read(lambda: join(link, words), self._joined, self._refused, owner=self)

    def _joined(self, made: Credentials) -> None:
        self._working(on=False)
        self.password.clear()
        self.again.clear()
        self.said.tell("")
        self.session.say(f"已接入{made.organisation_name}，开始同步")
        self.session.sync.refresh()
        self.joined.emit()

    def _refused(self, refusal: Refusal) -> None:
        self._working(on=False)
        self.said.refuse(refusal)

    def _working(self, *, on: bool) -> None:
        self.go.setEnabled(not on)
        self.busy.run(on=on)


def join(link: ServerLink, words: Words) -> Credentials:
    """Read an invitation and join its server.

    Raises:
        Refusal: as reading and joining say.
    """
    return link.join(
        read_invitation(words.invitation), label=words.label, password=words.password, account=words.account
    )
