"""Third tab: joining a server or leaving it, carrying by USB, the numbers for certificates."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.services import syncing
from desktop.services.server_link import ISSUERS, ROLES
from desktop.ui.sync.joining import JoinCard
from desktop.ui.sync.leaving import LeavingCard
from desktop.ui.sync.said import Said
from desktop.ui.sync.stick_joining import StickJoinCard
from desktop.ui.sync.travel import TravelCard
from desktop.ui.theme import METRICS
from desktop.ui.widgets.basics import Card, button, label, row
from desktop.ui.widgets.files import PathField
from desktop.ui.widgets.scrolled import scrolled
from desktop.ui.widgets.text_table import TextTable

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QShowEvent

    from desktop.services.server_link import ServerLink
    from desktop.services.syncing import Centre
    from desktop.sync.bundles import Outgoing
    from desktop.ui.widgets.session import Session
    from domain.problems import Refusal

Told = TypeVar("Told")
BUNDLES = "离线传递包 (*.tdsync)"
BUTTON_WIDTH = 104


class LinePage(QWidget):
    """Shows the form to join, or what the workspace belongs to and how to leave it."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.join, self.member = JoinCard(session), MemberCard(session)
        self.by_stick = StickJoinCard(session, self.join)
        self.leaving, self.carry, self.numbers = LeavingCard(session), CarryCard(session), NumbersCard()
        self.travel = TravelCard(session)
        self.join.joined.connect(self.reload)
        self.by_stick.joined.connect(self.reload)
        self.member.left.connect(self.reload)
        cards = (
            self.join,
            self.by_stick,
            self.member,
            self.leaving,
            self.travel,
            self.carry,
            self.numbers,
        )
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolled("接入与离线传递", *cards, None, spacing=METRICS.m))
        session.sync.told.connect(self._told)
        self.reload()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.reload()

    def _told(self, _status: object) -> None:
        if self.isVisible():
            self.reload()

    def reload(self) -> None:
        """Show what the workspace belongs to now."""
        link = self.session.sync.link
        held = link.credentials if link else None
        signed_out = bool(self.session.sync.status and self.session.sync.status.trouble == "signed-out")
        self.join.setVisible(held is None or signed_out)
        self.by_stick.setVisible(held is None)
        self.member.setVisible(held is not None)
        self.leaving.setVisible(held is None)
        self.travel.setVisible(held is not None)
        self.carry.setVisible(held is not None)
        self.numbers.setVisible(held is not None and held.role in ISSUERS)
        self.member.put()
        desk = self.session.desk
        self.session.jobs.read(lambda: syncing.centre(desk), self._show, owner=self)

    def _show(self, read: Centre) -> None:
        self.leaving.put(read)
        self.member.put_scopes(read)
        self.numbers.put(read.numbers)
        self.travel.put(read.largest)


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
                f"{held.server} · 设备号 {held.device}"
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


class CarryCard(Card):
    """Out and in by a sealed file, for networks that are kept apart."""

    def __init__(self, session: Session) -> None:
        super().__init__("U 盘离线传递")
        self.session = session
        about = (
            "内外网隔离时：把待上传的内容导出为加密、签名的传递包，拷到能连服务器的电脑交给管理员；"
            "带回的应答包在这里导入。同一个包导入两次只算一次。"
        )
        self.body.addWidget(label(about, "muted", wrap=True))
        self.out = PathField("导出的传递包", "save", files=BUNDLES, default=Path.home() / "待上传.tdsync")
        self.into = PathField("应答包", "open", files=BUNDLES)
        self.out_button, self.in_button = (
            button("导出待上传", self.carry_out),
            button("导入应答", self.carry_in),
        )
        self.said = Said()
        for field, go in ((self.out, self.out_button), (self.into, self.in_button)):
            go.setMinimumWidth(BUTTON_WIDTH)
            line = row(field, go, spacing=METRICS.s)
            line.setStretch(0, 1)
            self.body.addLayout(line)
        self.body.addWidget(self.said)

    def carry_out(self) -> None:
        """Write what waits."""
        self._carry(
            self.out,
            lambda link, path: link.carry_out(path),
            _carried_out,
        )

    def carry_in(self) -> None:
        """Read an answer."""
        self._carry(
            self.into,
            lambda link, path: link.carry_in(path),
            lambda done: (
                f"已导入 {done.received} 条。" if done.received else "这个包没有新内容，或以前已导入过。"
            ),
        )

    def _carry(
        self, field: PathField, do: Callable[[ServerLink, Path], Told], words: Callable[[Told], str]
    ) -> None:
        link, path = self.session.sync.link, field.path
        if path is None:
            self.said.tell("请先选择传递包文件，例如 待上传.tdsync")
        elif link:
            self.said.tell("正在处理…")
            self.session.jobs.read(
                lambda: do(link, path),
                lambda done: self.said.tell(words(done)),
                self.said.refuse,
                owner=self,
            )


def _carried_out(done: Outgoing) -> str:
    files = f"、{done.files} 个附件" if done.files else ""
    large = f"{done.too_large} 个附件太大，要等有网络时上传。" if done.too_large else ""
    return f"已导出 {done.edits} 处修改{files}；收到应答前，它们仍安全保存在本机。{large}"


class NumbersCard(Card):
    """How many certificate numbers this device may still give out by itself."""

    def __init__(self) -> None:
        super().__init__("证书号段")
        about = "号段由服务器分给本机独用，断网也能编号，几台电脑不会重号；快用完时同步会自动续领。"
        self.body.addWidget(label(about, "muted", wrap=True))
        self.table = TextTable("证书号段", ("编号系列", "本机还可用"), (200, 0))
        self.none = label("还没有号段；断网时用带设备编号的长号，同样不会重复。", "muted", wrap=True)
        self.body.addWidget(self.table)
        self.body.addWidget(self.none)

    def put(self, numbers: dict[str, int]) -> None:
        """Show the series."""
        self.table.words.put(
            [(series, f"{left:,} 个" if left else "等待领取") for series, left in numbers.items()]
        )
        self.table.fit(most=6)
        self.table.setVisible(bool(numbers))
        self.none.setVisible(not numbers)
