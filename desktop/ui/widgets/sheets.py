"""Two sheets over the window: the keys one can press, and the report after a fault."""

from __future__ import annotations

import platform
import traceback
from itertools import groupby
from typing import TYPE_CHECKING

import PySide6
from PySide6.QtCore import Qt, qVersion
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QGridLayout, QLabel, QPlainTextEdit, QWidget

from desktop.ui.actions import ACTIONS, IN_LISTS, shown
from desktop.ui.theme import METRICS
from desktop.ui.widgets.basics import Symbol, button, column, label, row

if TYPE_CHECKING:
    from collections.abc import Iterable


class KeySheet(QDialog):
    """Every shortcut, by group."""

    def __init__(self, places: Iterable[tuple[str, str]], parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("快捷键一览")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        groups = [
            (name, [(action.label, shown(action.keys[0])) for action in actions])
            for name, actions in groupby(ACTIONS, key=lambda action: action.group)
        ]
        groups.append(("列表中", list(IN_LISTS)))
        left, right = column(spacing=METRICS.s), column(spacing=METRICS.s)
        for name, lines in groups:
            self._add(left, name, lines)
        self._add(right, "前往", list(places))
        left.addStretch(1)
        right.addStretch(1)
        close = button("知道了", self.close, look="primary")
        body = row(left, right, spacing=2 * METRICS.xl)
        self.setLayout(column(body, row(None, close), spacing=METRICS.l, margins=METRICS.xl))

    def _add(self, to: object, name: str, lines: Iterable[tuple[str, str]]) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(METRICS.xl)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(0, 1)
        for number, (words, keys) in enumerate(lines):
            key = QLabel(keys)
            key.setProperty("look", "key")
            grid.addWidget(label(words), number, 0)
            grid.addWidget(key, number, 1, Qt.AlignmentFlag.AlignRight)
        held = column(label(name, "muted"), grid, METRICS.s, spacing=6)
        to.addLayout(held)  # type: ignore[attr-defined]  # a box layout


class CrashSheet(QDialog):
    """What to tell the makers after a fault: where it happened, never what stood in the records."""

    def __init__(self, error: BaseException, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("程序遇到问题")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(560)
        self.report = report(error)
        box = QPlainTextEdit(self.report)
        box.setReadOnly(True)
        box.setAccessibleName("问题报告")
        box.setMinimumHeight(220)
        why = label(
            "刚才的操作没有完成，已保存的内容不受影响。下面的报告只含程序位置与版本，不含任何业务数据，"
            "可复制后发给维护人员。",
            "muted",
            wrap=True,
        )
        copy = button("复制报告", lambda: QGuiApplication.clipboard().setText(self.report))
        close = button("关闭", self.close, look="primary")
        self.setLayout(
            column(
                row(Symbol("warning", "danger", 22), label("程序遇到问题", "title"), None),
                why,
                box,
                row(None, copy, close),
                spacing=METRICS.m,
                margins=METRICS.xl,
            )
        )


def report(error: BaseException) -> str:
    """Return type, places and versions; messages are left out, for they may quote what users typed."""
    frames = traceback.extract_tb(error.__traceback__)
    places = [f"  {frame.filename.rsplit('/', 1)[-1]}:{frame.lineno} {frame.name}" for frame in frames]
    versions = f"Python {platform.python_version()} · PySide6 {PySide6.__version__} · Qt {qVersion()}"
    return "\n".join([type(error).__name__, *places, versions, platform.platform(terse=True)])
