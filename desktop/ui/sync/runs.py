"""The last runs of sync, so that nobody has to guess whether it works, and the log that support asks for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from desktop.services import syncing
from desktop.ui.theme import METRICS
from desktop.ui.widgets import formats
from desktop.ui.widgets.basics import Card, button, label, row
from desktop.ui.widgets.files import PathField
from desktop.ui.widgets.text_table import TextTable
from domain.sizes import readable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from desktop.models.sync_state import Run
    from desktop.ui.widgets.session import Session

HIGH: Final = 5
KINDS: Final = {
    "sync": "同步",
    "bundle-out": "U 盘导出",
    "bundle-in": "U 盘导入",
    "files": "附件",
}
HEADINGS: Final = ("时间", "方式", "上传", "接收", "流量", "说明")
WIDTHS: Final = (120, 96, 72, 72, 184, 0)


class RunsCard(Card):
    """When, what way, how many records up and down, how many bytes."""

    def __init__(self, session: Session) -> None:
        super().__init__("最近的同步")
        self.session = session
        self.none = label("还没有同步过。", "muted")
        self.table = TextTable("最近的同步", HEADINGS, WIDTHS, right=(2, 3, 4))
        self.file = PathField("日志文件", "save", files="文本 (*.txt)", default=Path.home() / "同步日志.txt")
        self.export_button = button("导出日志", self.export)
        self.said = label(
            "给维护人员看的日志，只含数量、时间和代码，不含姓名和任何记录内容。", "muted", wrap=True
        )
        line = row(self.file, self.export_button, spacing=METRICS.s)
        line.setStretch(0, 1)
        self.body.addWidget(self.none)
        self.body.addWidget(self.table)
        self.none.hide()
        self.table.hide()
        self.body.addLayout(line)
        self.body.addWidget(self.said)

    def put(self, runs: Sequence[Run]) -> None:
        """Show the runs, the newest first."""
        now = self.session.desk.clock().astimezone()
        self.table.words.put(
            [
                (
                    formats.moment(run.at, now),
                    KINDS.get(run.kind, run.kind),
                    f"{run.sent:,}",
                    f"{run.received:,}",
                    f"↑{readable(run.bytes_up)} ↓{readable(run.bytes_down)}",
                    run.detail,
                )
                for run in runs
            ]
        )
        self.table.setVisible(bool(runs))
        self.none.setVisible(not runs)
        self.table.fit(most=HIGH)

    def export(self) -> None:
        """Write the log to a file."""
        desk, path, feed = self.session.desk, self.file.path, self.session.sync
        if path is None:
            self.said.setText("请先填写日志文件，例如 同步日志.txt")
            return
        status = feed.status
        state = {
            "build": feed.link.build if feed.link else "",
            "phase": status.phase if status else "off",
            "trouble": (status.trouble or "") if status else "",
            "detail": status.detail if status else "",
        }
        self.session.jobs.read(
            lambda: syncing.export_log(desk, path, **state),
            lambda _: self.said.setText(f"已导出到 {path}"),
            lambda refusal: self.said.setText("；".join(refusal.messages())),
            owner=self,
        )
