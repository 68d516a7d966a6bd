"""The window's own furniture: left rail, top bar and status bar; there before any data is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QLabel, QProgressBar, QSizePolicy, QToolButton, QWidget

from desktop.ui import theme
from desktop.ui.actions import BY_NAME, shown
from desktop.ui.theme import METRICS
from desktop.ui.widgets.basics import Busy, Line, button, column, icon, label, restyle, row, tool_button

if TYPE_CHECKING:
    from collections.abc import Iterable

    from desktop.ui.theme import Tone

WIDE: Final = 168
NARROW: Final = 52
LOCAL: Final = "● 本机"
LOCAL_WHY: Final = "本机保存全部数据；没有网络也能新建、修改、检索和打印。"


@dataclass(frozen=True, slots=True)
class RailEntry:
    """One line of the rail."""

    key: str
    label: str
    icon: str
    shortcut: str
    ends_group: bool


class Rail(QFrame):
    """Where to go; icons with words, or icons alone when there is little room."""

    picked = Signal(str)

    def __init__(self, entries: Iterable[RailEntry]) -> None:
        super().__init__()
        self.setObjectName("rail")
        self.setAccessibleName("主导航")
        self.narrow = False
        self._tabs: dict[str, QToolButton] = {}
        held = column(spacing=2)
        held.setContentsMargins(METRICS.s, METRICS.m, METRICS.s, METRICS.m)
        entries = list(entries)
        last_group = max((number for number, entry in enumerate(entries) if entry.ends_group), default=-1)
        for number, entry in enumerate(entries):
            held.addWidget(self._tab(entry))
            if number == last_group:
                held.addStretch(1)
            elif entry.ends_group:
                held.addSpacing(METRICS.xs)
                held.addWidget(Line())
                held.addSpacing(METRICS.xs)
        self.setLayout(held)
        self.set_narrow(narrow=False)

    def _tab(self, entry: RailEntry) -> QToolButton:
        tab = QToolButton()
        tab.setText(f"  {entry.label}")
        tab.setIcon(icon(entry.icon))
        tab.setIconSize(QSize(20, 20))
        tab.setCheckable(True)
        tab.setAutoExclusive(True)
        tab.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        tab.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        tab.setToolTip(f"{entry.label}（{entry.shortcut}）")
        tab.setAccessibleName(entry.label)
        tab.setCursor(Qt.CursorShape.PointingHandCursor)
        tab.clicked.connect(partial(self.picked.emit, entry.key))
        self._tabs[entry.key] = tab
        return tab

    def select(self, key: str) -> None:
        """Mark where the user is."""
        self._tabs[key].setChecked(True)

    def set_narrow(self, *, narrow: bool) -> None:
        """Show icons alone, or icons with words."""
        self.narrow = narrow
        style = Qt.ToolButtonStyle
        for tab in self._tabs.values():
            tab.setToolButtonStyle(style.ToolButtonIconOnly if narrow else style.ToolButtonTextBesideIcon)
        self.setFixedWidth(NARROW if narrow else WIDE)


class TopBar(QFrame):
    """Back and forward, the search field, undo and redo."""

    asked = Signal(str)
    """The name of an action."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("topbar")
        self.buttons: dict[str, QToolButton] = {}
        self.search = button("搜索记录与命令", partial(self.asked.emit, "search"), symbol="search")
        self.search.setObjectName("search")
        self.search.setAccessibleName("搜索记录与命令（Ctrl+K）")
        self.search.setMinimumWidth(240)
        self.search.setMaximumWidth(420)
        self.search.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        keys = label("Ctrl+K")
        keys.setProperty("look", "key")
        keys.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        inside = row(None, keys)
        inside.setAlignment(keys, Qt.AlignmentFlag.AlignVCenter)
        inside.setContentsMargins(0, 0, 6, 0)
        self.search.setLayout(inside)
        held = row(
            self._button("rail"),
            self._button("back"),
            self._button("forward"),
            None,
            self.search,
            None,
            self._button("undo"),
            self._button("redo"),
            self._button("theme"),
            spacing=METRICS.xs,
        )
        held.setStretch(4, 2)
        held.setContentsMargins(METRICS.s, METRICS.s, METRICS.m, METRICS.s)
        self.setLayout(held)
        for name in ("back", "forward", "undo", "redo"):
            self.buttons[name].setEnabled(False)
        self._show_look()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and "theme" in self.buttons:
            self._show_look()

    def _show_look(self) -> None:
        """Show which look a click would bring, whoever changed the one that is on."""
        dark = theme.current() is theme.DARK
        self.buttons["theme"].setIcon(icon("sun" if dark else "moon"))
        self.buttons["theme"].setProperty("brings", "light" if dark else "dark")

    def _button(self, name: str) -> QToolButton:
        action = BY_NAME[name]
        made = tool_button(action.icon, "", partial(self.asked.emit, name))
        self.buttons[name] = made
        self.tell(name)
        return made

    def tell(self, name: str, what: str = "") -> None:
        """Say on a button what it would do just now, such as the label of the command to undo."""
        action = BY_NAME[name]
        words = f"{action.label}：{what}" if what else action.label
        self.buttons[name].setToolTip(f"{words}（{shown(action.keys[0])}）")
        self.buttons[name].setAccessibleName(words)


class StatusBar(QFrame):
    """How sync stands, what was saved last, and how far long work is."""

    cancelled = Signal()
    sync_asked = Signal()
    """The user wants to know more about sync."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("statusbar")
        self.line = button(LOCAL, self.sync_asked.emit)
        self.line.setProperty("look", "status")
        self.tell_sync(LOCAL, "neutral", LOCAL_WHY)
        self.saved = QLabel("")
        self.work = QLabel("")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(160)
        self.bar.setAccessibleName("任务进度")
        self.stop = tool_button("close", "停止任务", self.cancelled.emit)
        self.busy = Busy(14)
        held = row(self.line, METRICS.l, self.saved, None, self.busy, self.work, self.bar, self.stop)
        held.setContentsMargins(METRICS.l, 0, METRICS.m, 0)
        self.setLayout(held)
        self.setFixedHeight(28)
        self.progress("", 0, 0)

    def tell_sync(self, words: str, tone: Tone, why: str) -> None:
        """Show how sync stands: in words, and in the colour of the state beside them."""
        self.line.setText(words)
        self.line.setToolTip(why)
        self.line.setAccessibleName(f"同步状态：{words}")
        self.line.setAccessibleDescription(why)
        restyle(self.line, tone=tone)

    def progress(self, words: str, done: int, total: int) -> None:
        """Show how far long work is; a total of zero takes it away."""
        running = total > 0
        for part in (self.work, self.bar, self.stop):
            part.setVisible(running)
        if running:
            self.work.setText(f"{words} {done}/{total}")
            self.bar.setRange(0, total)
            self.bar.setValue(done)


def holder(*parts: QWidget) -> QWidget:
    """Return a plain widget with parts one below the other."""
    made = QWidget()
    made.setLayout(column(*parts, spacing=0))
    return made
