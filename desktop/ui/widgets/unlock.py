"""The calm panel that asks for the passphrase, or has a new workspace choose one."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from desktop.services.passphrases import LEAST, acceptable, strength
from desktop.ui.theme import METRICS
from desktop.ui.widgets.basics import Busy, Card, Symbol, button, column, icon, label, row

FREE_TRIES: Final = 2
LONGEST_WAIT_S: Final = 32


def wait_s(failures: int) -> int:
    """Return how long to wait after so many wrong passphrases: nothing at first, then doubling."""
    return 0 if failures < FREE_TRIES else min(2 ** (failures - FREE_TRIES + 1), LONGEST_WAIT_S)


class UnlockPanel(QWidget):
    """Asks once for a known workspace, twice for a new one; says what went wrong in its own place."""

    given = Signal(str)

    def __init__(self, *, new: bool) -> None:
        super().__init__()
        self.setObjectName("canvas")
        self.new, self._failures, self._left = new, 0, 0
        self.first = self._line("设置口令" if new else "口令")
        self.second = self._line("再输入一次")
        self.hint = label("", "small", wrap=True)
        self.problem = label("", "problem", wrap=True)
        self.go = button("创建工作区" if new else "打开工作区", self._give, look="primary")
        self.busy = Busy()
        self._tick = QTimer(self, interval=1000)
        self._tick.timeout.connect(self._count_down)
        self._lay_out()
        self.first.textChanged.connect(lambda *_: self._typed())
        for line in (self.first, self.second):
            line.returnPressed.connect(self._give)
        self._typed()

    def _line(self, words: str) -> QLineEdit:
        line = QLineEdit()
        line.setEchoMode(QLineEdit.EchoMode.Password)
        line.setPlaceholderText(words)
        line.setAccessibleName(words)
        eye = line.addAction(icon("eye", "muted"), QLineEdit.ActionPosition.TrailingPosition)
        eye.setToolTip("显示或隐藏口令")
        modes = QLineEdit.EchoMode
        eye.triggered.connect(
            lambda *_: line.setEchoMode(modes.Normal if line.echoMode() == modes.Password else modes.Password)
        )
        return line

    def _lay_out(self) -> None:
        why = (
            "数据加密保存在这台电脑上。口令是打开它的唯一钥匙：请写下来妥善保管，忘记后无法找回。"
            if self.new
            else "数据加密保存在这台电脑上，请输入口令。"
        )
        card = Card()
        card.setFixedWidth(400)
        body = card.body
        body.setContentsMargins(METRICS.s, METRICS.s, METRICS.s, METRICS.s)
        body.addWidget(Symbol("lock", "accent", 32))
        body.addWidget(label("新建工作区" if self.new else "打开工作区", "title"))
        body.addWidget(label(why, "muted", wrap=True))
        body.addSpacing(METRICS.s)
        body.addWidget(self.first)
        body.addWidget(self.hint)
        body.addWidget(self.second)
        body.addWidget(self.problem)
        body.addSpacing(METRICS.xs)
        body.addLayout(row(self.go, self.busy, None))
        self.second.setVisible(self.new)
        self.hint.setVisible(self.new)
        self.problem.hide()
        self.setLayout(column(None, row(None, card, None), None, None))

    def start(self) -> None:
        """Put the cursor where typing begins."""
        self.first.setFocus(Qt.FocusReason.OtherFocusReason)

    def refuse(self, words: str) -> None:
        """Say that the passphrase was wrong, and wait longer each time."""
        self._failures += 1
        self._set_busy(on=False)
        self._say(words)
        self.first.selectAll()
        self.start()
        self._left = wait_s(self._failures)
        if self._left:
            self._tick.start()
            self._count_down()

    def _typed(self) -> None:
        self.hint.setText(strength(self.first.text()) if self.first.text() else f"至少 {LEAST} 个字符。")

    def _give(self) -> None:
        passphrase = self.first.text()
        if self._left or not self.go.isEnabled():
            return
        if not passphrase:
            self._say("请输入口令。")
        elif self.new and not acceptable(passphrase):
            self._say(strength(passphrase))
        elif self.new and passphrase != self.second.text():
            self._say("两次输入的口令不一样，请重新输入第二遍。")
        else:
            self.problem.hide()
            self._set_busy(on=True)
            self.given.emit(passphrase)

    def _set_busy(self, *, on: bool) -> None:
        self.busy.run(on=on)
        self.go.setEnabled(not on)

    def _say(self, words: str) -> None:
        self.problem.setText(words)
        self.problem.show()

    def _count_down(self) -> None:
        self.go.setEnabled(self._left <= 0)
        self.go.setText(f"{self._left} 秒后再试" if self._left > 0 else "打开工作区")
        if self._left <= 0:
            self._tick.stop()
        else:
            self._left -= 1
