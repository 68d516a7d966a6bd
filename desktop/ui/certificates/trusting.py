"""Trust lists given and taken: whose papers can be checked here, and as of which day."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QStandardPaths, Qt
from PySide6.QtWidgets import QFileDialog

from desktop.services import trust
from desktop.ui.widgets.basics import Card, button, label, restyle, row
from desktop.ui.widgets.text_table import TextTable

if TYPE_CHECKING:
    from desktop.models.work import Changes
    from desktop.ui.widgets.session import Session
    from domain.problems import Refusal
    from domain.trust import TrustList

HEADINGS: Final = ("签发单位", "名单日期", "启用", "不再有效的证书")
WIDTHS: Final = (0, 120, 120, 130)
FILES: Final = "信任名单 (*.json)"
ROWS_HIGH: Final = 6


class TrustCard(Card):
    """The issuers known here; the own list goes out as a file, those of others come in as one."""

    def __init__(self, session: Session) -> None:
        super().__init__("信任名单")
        self.session = session
        self.table = TextTable("信任名单", HEADINGS, WIDTHS, right=(3,))
        self.said = label("", "muted", wrap=True)
        self.said.hide()
        self.give_button = button("导出本单位的名单…", self._ask_where, symbol="export")
        self.take_button = button("导入名单…", self._ask_which, symbol="import")
        about = label("名单里只有公钥和不再有效的证书编号，可以公开发给需要验证的人。", "muted", wrap=True)
        self.body.addWidget(self.table)
        tools = row(about, self.give_button, self.take_button)
        tools.setStretch(0, 1)
        self.body.addLayout(tools)
        self.body.addWidget(self.said)
        session.jobs.changed.connect(self._written)
        self.reload()

    def reload(self) -> None:
        """Read the lists again."""
        desk = self.session.desk
        self.session.jobs.read(lambda: trust.known(desk), self._show, self._refused, owner=self)

    def give(self, path: Path) -> None:
        """Write the own list for others."""
        desk = self.session.desk
        self.session.jobs.read(
            lambda: trust.give(desk, path),
            lambda _: self._say(f"已导出：{path}"),
            self._refused,
            owner=self,
        )

    def take(self, path: Path) -> None:
        """Take in a list of others."""
        desk = self.session.desk
        self.session.jobs.write(lambda: trust.take(desk, path), self._taken, self._refused, owner=self)

    def _taken(self, taken: TrustList) -> None:
        names = "、".join(issuer.name for issuer in taken.issuers)
        self._say(f"已导入 {taken.as_of.isoformat()} 的名单：{names}")
        self.reload()

    def _show(self, known: TrustList) -> None:
        rows: list[tuple[str, ...]] = [
            (one.name, one.as_of.isoformat(), one.begun.isoformat(), str(len(one.revoked)))
            for one in known.issuers
        ]
        self.table.words.put(rows or [("还没有签发过证书，也没有导入过名单", "", "", "")])
        self.table.fit(most=ROWS_HIGH)
        self.give_button.setEnabled(bool(rows))

    def _written(self, changes: Changes, _initiator: Any) -> None:
        if "certificate" in changes.types():
            self.reload()

    def _ask_where(self) -> None:
        folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        name = f"信任名单-{self.session.desk.today().isoformat()}.json"
        dialog = self._dialog("导出信任名单", str(Path(folder) / name))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("json")
        dialog.fileSelected.connect(lambda chosen: self.give(Path(chosen)))
        dialog.open()

    def _ask_which(self) -> None:
        dialog = self._dialog("导入信任名单", str(Path.home()))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda chosen: self.take(Path(chosen)))
        dialog.open()

    def _dialog(self, title: str, place: str) -> QFileDialog:
        dialog = QFileDialog(self, title, place, FILES)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        return dialog

    def _refused(self, refusal: Refusal) -> None:
        self._say("；".join(refusal.messages()), "problem")

    def _say(self, words: str, role: str = "muted") -> None:
        self.said.setText(words)
        self.said.show()
        restyle(self.said, role=role)
