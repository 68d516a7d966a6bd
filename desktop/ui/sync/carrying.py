"""Carrying by USB stick: what waits goes out in a sealed file, the server's answer comes in by another."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from desktop.ui.sync.said import Said
from desktop.ui.theme import METRICS
from desktop.ui.widgets.basics import Card, button, label, row
from desktop.ui.widgets.files import PathField

if TYPE_CHECKING:
    from collections.abc import Callable

    from desktop.services.server_link import ServerLink
    from desktop.sync.bundles import Outgoing
    from desktop.ui.widgets.session import Session

Told = TypeVar("Told")
BUNDLES: Final = "离线传递包 (*.tdsync)"
BUTTON_WIDTH: Final = 104


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
