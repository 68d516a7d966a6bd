"""The user, the workspace, the passphrase and the look."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication, QGridLayout, QLineEdit, QVBoxLayout, QWidget

from desktop.services import workspace
from desktop.ui import appearance
from desktop.ui.theme import METRICS
from desktop.ui.widgets.basics import Card, button, label, restyle, row
from desktop.ui.widgets.choice import choice
from desktop.ui.widgets.scrolled import scrolled

if TYPE_CHECKING:
    from PySide6.QtWidgets import QLabel, QLayout

    from desktop.ui.widgets.session import Session
    from domain.problems import Refusal

FIELD_WIDTH = 320
LABEL_WIDTH = 96


def lines(*pairs: tuple[str, QWidget]) -> QGridLayout:
    """Return labelled lines under one another."""
    grid = QGridLayout()
    grid.setHorizontalSpacing(METRICS.l)
    grid.setVerticalSpacing(METRICS.s)
    grid.setColumnMinimumWidth(0, LABEL_WIDTH)
    grid.setColumnStretch(2, 1)
    for number, (words, widget) in enumerate(pairs):
        grid.addWidget(label(words, "label"), number, 0)
        grid.addWidget(widget, number, 1)
    return grid


class GeneralPage(QWidget):
    """First tab of the settings."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.user, self.look, self.passphrase = UserCard(session), LookCard(session), PassphraseCard(session)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolled("常规设置", self.user, self.look, self.passphrase, None))


class UserCard(Card):
    """Who works here, on which device, in which folder."""

    def __init__(self, session: Session) -> None:
        super().__init__("使用者与工作区")
        self.session = session
        self.name = QLineEdit()
        self.name.setFixedWidth(FIELD_WIDTH)
        self.name.setAccessibleName("姓名")
        self.name.returnPressed.connect(self.save)
        self.save_button = button("保存姓名", self.save)
        self.said = label("写进每条修改记录；下次启动起生效。", "muted")
        who = _held(row(self.name, self.save_button, self.said, None))
        folder = workspace.folder_of(session.desk)
        place = label(str(folder), selectable=True)
        show = button("打开", lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))), look="link")
        show.setAccessibleName("打开工作区文件夹")
        device = label(session.desk.device, selectable=True)
        device.setToolTip("证书编号里有它的前四位，两台离线的电脑不会发出同一个号")
        where = _held(row(place, show, None))
        self.body.addLayout(lines(("姓名", who), ("设备编号", device), ("工作区", where)))
        desk = session.desk
        session.jobs.read(lambda: workspace.user_name(desk), self.name.setText, owner=self)
        session.sync.told.connect(self._told)
        self._told(None)

    def _told(self, _status: object) -> None:
        """Leave the name to the server where one was joined: conflicts and histories go by it."""
        joined = self.session.sync.joined
        if joined and not self.name.isReadOnly():
            self.name.setText(self.session.desk.user)
            say(self.said, "与服务器账号一致；需要更正时请联系管理员。", "muted")
        self.name.setReadOnly(joined)
        self.save_button.setVisible(not joined)

    def save(self) -> None:
        """Keep the name for the next start."""
        desk, name = self.session.desk, self.name.text()
        self.session.jobs.write(
            lambda: workspace.rename_user(desk, name=name), self._saved, self._refused, owner=self
        )

    def _saved(self, name: str) -> None:
        self.name.setText(name)
        say(self.said, f"已保存，下次启动起以“{name}”记录修改。", "muted")

    def _refused(self, refusal: Refusal) -> None:
        say(self.said, "；".join(refusal.messages()), "problem")


class LookCard(Card):
    """Light, dark or as the desktop; the size of the type."""

    def __init__(self, session: Session) -> None:
        super().__init__("外观")
        self.session = session
        kept = session.kept
        self.looks = choice("主题", appearance.LOOKS, appearance.chosen_look(kept), self.choose_look)
        self.scales = choice("字号", appearance.SCALES, appearance.chosen_scale(kept), self.choose_scale)
        self.body.addLayout(
            lines(
                ("主题", _held(row(*self.looks.values(), None))),
                ("字号", _held(row(*self.scales.values(), None))),
            )
        )

    def choose_look(self, name: str) -> None:
        """Wear a look, and remember it."""
        self.session.kept.setValue(appearance.THEME_KEY, name)
        self._wear()

    def choose_scale(self, percent: int) -> None:
        """Make the type larger or smaller, and remember it."""
        self.session.kept.setValue(appearance.SCALE_KEY, percent)
        self._wear()

    def _wear(self) -> None:
        application = QApplication.instance()
        if isinstance(application, QApplication):
            appearance.wear(application, self.session.kept)


class PassphraseCard(Card):
    """Changing the passphrase, in place."""

    def __init__(self, session: Session) -> None:
        super().__init__("口令")
        self.session = session
        self.protected = workspace.has_passphrase(session.desk)
        self.about = label("", "muted", wrap=True)
        self.old, self.new, self.again = (QLineEdit() for _ in range(3))
        pairs = (("原口令", self.old), ("新口令", self.new), ("再输一次", self.again))
        for words, line in pairs:
            line.setEchoMode(QLineEdit.EchoMode.Password)
            line.setAccessibleName(words)
            line.setFixedWidth(FIELD_WIDTH)
            line.returnPressed.connect(self.change)
        self.go = button("修改口令", self.change)
        self.said = label("", "muted", wrap=True)
        self.body.addWidget(self.about)
        self.form = lines(*pairs)
        self.body.addLayout(self.form)
        self.body.addLayout(row(LABEL_WIDTH + METRICS.l, self.go, self.said, None, spacing=METRICS.s))
        self._show()

    def _show(self) -> None:
        self.about.setText(
            "打开工作区时要输入口令。忘记口令，数据无法找回，请把它写下来另存。"
            if self.protected
            else "本机的系统钥匙串保管着密钥，打开时不用口令；设一个口令后，备份也能在别的电脑上打开。"
        )
        self.old.setEnabled(self.protected)
        self.go.setText("修改口令" if self.protected else "设置口令")

    def change(self) -> None:
        """Put the new passphrase on."""
        desk = self.session.desk
        old, new, again = (line.text() for line in (self.old, self.new, self.again))
        self.go.setEnabled(False)
        self.session.jobs.write(
            lambda: workspace.change_passphrase(desk, old=old, new=new, again=again),
            lambda _: self._changed(),
            self._refused,
            owner=self,
        )

    def _changed(self) -> None:
        self.go.setEnabled(True)
        self.protected = True
        for line in (self.old, self.new, self.again):
            line.clear()
        say(self.said, "口令已修改，下次打开时使用新口令。旧备份仍用旧口令打开。", "muted")
        self._show()

    def _refused(self, refusal: Refusal) -> None:
        self.go.setEnabled(True)
        say(self.said, "；".join(refusal.messages()), "problem")


def _held(layout: QLayout) -> QWidget:
    made = QWidget()
    made.setLayout(layout)
    layout.setContentsMargins(0, 0, 0, 0)
    return made


def say(where: QLabel, words: str, role: str) -> None:
    """Change what a line says and how it looks."""
    where.setText(words)
    restyle(where, role=role)
