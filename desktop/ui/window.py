"""The window: a frame that is there at once, and the one place that knows where the user is."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QByteArray, QSettings, Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QDialog, QMainWindow, QStackedWidget, QWidget

from desktop.ui import appearance, pages, theme
from desktop.ui.actions import ACTIONS
from desktop.ui.theme import METRICS
from desktop.ui.widgets.basics import EmptyState, MessageBar, SkeletonList, column, label, row
from desktop.ui.widgets.frame import Rail, RailEntry, StatusBar, TopBar
from desktop.ui.widgets.sheets import CrashSheet, KeySheet
from desktop.ui.widgets.toast import Toast
from desktop.ui.widgets.unlock import UnlockPanel

if TYPE_CHECKING:
    import uuid
    from collections.abc import Callable
    from pathlib import Path

    from PySide6.QtGui import QCloseEvent, QPaintEvent, QResizeEvent

    from desktop.models.history import Command
    from desktop.models.work import Changes
    from desktop.services.desk import Desk
    from desktop.services.server_link import ServerLink
    from desktop.sync.status import Status
    from desktop.ui.jobs import Jobs
    from desktop.ui.widgets.palette import CommandPalette
    from desktop.ui.widgets.section import Location, Section
    from desktop.ui.widgets.session import Session
    from domain.problems import Refusal

NAME: Final = "技转工作台"
NARROW_BELOW: Final = 1120
SETTINGS_FILE: Final = "window.ini"
SYNC: Final = "sync"
"""The place that the indicator of sync leads to."""


def shortcut_of(number: int) -> str:
    """Return the keys that lead to a place: Ctrl+1 to Ctrl+9, Ctrl+0, then Ctrl+comma."""
    return f"Ctrl+{(number + 1) % 10}" if number < 10 else "Ctrl+,"


class Window(QMainWindow):
    """Rail, bars and the section the user is in; built before the store is open."""

    painted = Signal()
    """The frame is on the screen; said once, and the time for everything heavy to begin."""
    closed = Signal()
    wiped = Signal()
    """The server ordered this device to destroy its data, and that was done."""

    def __init__(self, folder: Path, jobs: Jobs) -> None:
        super().__init__()
        self.jobs = jobs
        self.kept = QSettings(str(folder / SETTINGS_FILE), QSettings.Format.IniFormat)
        self.session: Session | None = None
        self.palette_: CommandPalette | None = None
        self._sections: dict[str, Section] = {}
        self._here: Location | None = None
        self._past: list[Location] = []
        self._future: list[Location] = []
        self._rail_by_hand = False
        self._painted = False
        self.setWindowTitle(NAME)
        self._build()
        self._bind()
        self._restore()

    # ── the frame ───────────────────────────────────────────────────────────────────────────────

    def _build(self) -> None:
        entries = [
            RailEntry(place.key, place.label, place.icon, shortcut_of(number), place.ends_group)
            for number, place in enumerate(pages.PLACES)
        ]
        self.rail, self.topbar, self.status = Rail(entries), TopBar(), StatusBar()
        self.bar = MessageBar()
        self.stack = QStackedWidget()
        self.stack.addWidget(self._skeleton())
        right = column(self.topbar, self.bar, self.stack, self.status, spacing=0)
        right.setStretch(2, 1)
        middle = QWidget()
        middle.setObjectName("canvas")
        middle.setLayout(row(self.rail, right, spacing=0))
        self.setCentralWidget(middle)
        self._middle = middle
        self.toast = Toast(middle)
        self.stack.setFocus()
        self.rail.select(pages.PLACES[0].key)
        self.rail.setEnabled(False)

    def _skeleton(self) -> QWidget:
        page = QWidget()
        page.setObjectName("canvas")
        held = column(label(pages.PLACES[0].label, "title"), SkeletonList(), spacing=METRICS.m)
        held.setContentsMargins(METRICS.xl, METRICS.m, METRICS.xl, METRICS.l)
        held.setStretch(1, 1)
        page.setLayout(held)
        return page

    def _bind(self) -> None:
        for action in ACTIONS:
            for keys in action.keys:
                shortcut = QShortcut(QKeySequence(keys), self)
                shortcut.activated.connect(partial(self.act, action.name))
        for number, place in enumerate(pages.PLACES):
            shortcut = QShortcut(QKeySequence(shortcut_of(number)), self)
            shortcut.activated.connect(partial(self.go_to, place.key))
        self.topbar.asked.connect(self.act)
        self.rail.picked.connect(self.go_to)
        self.toast.undo_asked.connect(partial(self.act, "undo"))
        self.jobs.refused.connect(self._refused)
        self.jobs.crashed.connect(self._crashed)
        self.jobs.progressed.connect(self.status.progress)
        self.jobs.busy.connect(lambda on: self.status.busy.run(on=on))
        self.jobs.changed.connect(self._written)
        self.status.cancelled.connect(self.jobs.cancel_long)
        self.status.sync_asked.connect(partial(self.go_to, SYNC))

    def _restore(self) -> None:
        self.setMinimumSize(960, 600)
        self.resize(1280, 760)
        held = self.kept.value("geometry")
        if isinstance(held, QByteArray):
            self.restoreGeometry(held)

    # ── entering ────────────────────────────────────────────────────────────────────────────────

    def ask_passphrase(self, *, new: bool, given: Callable[[str], object]) -> UnlockPanel:
        """Show the unlock panel in place of the page."""
        panel = UnlockPanel(new=new)
        panel.given.connect(given)
        self.stack.addWidget(panel)
        self.stack.setCurrentWidget(panel)
        panel.start()
        return panel

    def show_closed(self, why: str, again: Callable[[], object]) -> None:
        """Say calmly that the workspace does not open, and why, in place of the page."""
        said = EmptyState("lock", "工作区打不开", why, "再试一次")
        said.asked.connect(again)
        self.stack.addWidget(said)
        self.stack.setCurrentWidget(said)
        said.button.setFocus()

    def enter(self, desk: Desk, link: ServerLink | None = None) -> None:
        """Show the workspace that is now open, and begin to sync if it belongs to a server."""
        session = pages.make_session(desk, self.jobs, self.kept, link)
        session.setParent(self)
        session.sync.told.connect(self._show_sync)
        session.sync.wiped.connect(self.wiped)
        session.placed.connect(self.go_to)
        session.decision_asked.connect(lambda key: pages.show_conflict(session, key, self))
        session.opened.connect(self.open_record)
        session.created.connect(self.new_record)
        session.said.connect(lambda words, _tone, undo: self.toast.say(words, undo=undo))
        self.session = session
        self.palette_ = pages.make_palette(session, self._middle)
        self.palette_.acted.connect(self.act)
        while self.stack.count() > 0:
            held = self.stack.widget(0)
            if held:
                self.stack.removeWidget(held)
                held.deleteLater()
        self.rail.setEnabled(True)
        self.go_to(pages.PLACES[0].key)
        self._tell_steps()
        session.sync.begin()

    def forget(self, why: str) -> None:
        """Take every page and every word of the workspace off the screen, and say why it is closed."""
        self.bar.hide()
        self.toast.hide()
        for dialog in self.findChildren(QDialog):
            dialog.close()
        for section in self._sections.values():
            section.deleteLater()
        self._sections.clear()
        self._here, self._past, self._future = None, [], []
        if self.palette_:
            self.palette_.deleteLater()
        if self.session:
            self.session.deleteLater()
        self.session = self.palette_ = None
        self.rail.setEnabled(False)
        self.setWindowTitle(NAME)
        self.status.saved.clear()
        said = EmptyState("lock", "工作区已关闭", why)
        self.stack.addWidget(said)
        self.stack.setCurrentWidget(said)

    # ── where the user is ───────────────────────────────────────────────────────────────────────

    def section(self, key: str) -> Section:
        """Return a section, building it the first time."""
        assert self.session
        if key not in self._sections:
            place = pages.BY_KEY[key]
            made = place.build(place, self.session)
            made.moved.connect(self._moved)
            self._sections[key] = made
            self.stack.addWidget(made)
        return self._sections[key]

    @property
    def current(self) -> Section | None:
        """The section that is shown, if a workspace is open."""
        return self._sections.get(self._here.section) if self._here else None

    def go_to(self, key: str) -> None:
        """Show a section as it was left; a second time goes back to its list."""
        if not self.session:
            return
        section = self.section(key)
        if section is self.current:
            section.show_view(section.location().view)
        self._show(section)
        if section.page is None:
            section.focus_view()
        self._moved(section.location())

    def open_record(self, record_type: str, record_id: uuid.UUID) -> None:
        """Show a record where its type lives, or right here if it is part of another."""
        section = self._home_of(record_type)
        self._show(section)
        page = section.open_record(record_type, record_id)
        if self.palette_:
            remember = partial(self.palette_.remember, record_type, record_id)
            page.titled.connect(remember)
            if page.heading:
                remember(page.heading)

    def new_record(self, record_type: str, presets: dict[str, Any]) -> None:
        """Show an empty form."""
        section = self._home_of(record_type)
        self._show(section)
        section.new_record(record_type, presets)

    def _home_of(self, record_type: str) -> Section:
        place = pages.place_of(record_type)
        key = place.key if place else self._here.section if self._here else pages.PLACES[0].key
        return self.section(key)

    def _show(self, section: Section) -> None:
        self.stack.setCurrentWidget(section)
        self.rail.select(section.key)
        self.bar.hide()
        self.setWindowTitle(f"{section.title} · {NAME}")

    def _moved(self, to: Location) -> None:
        if self._here and self._here != to:
            self._past.append(self._here)
            self._future.clear()
        self._here = to
        self._tell_steps_of_place()

    def _travel(self, back: list[Location], forth: list[Location]) -> None:
        """Go to the newest of one list and put the present place on the other."""
        if not back or not self._here:
            return
        to = back.pop()
        forth.append(self._here)
        past, future = list(self._past), list(self._future)
        section = self.section(to.section)
        self._show(section)
        if to.record_id:
            section.open_record(to.record_type, to.record_id)
        else:
            section.show_view(to.view)
        self._here, self._past, self._future = to, past, future
        self._tell_steps_of_place()

    def _tell_steps_of_place(self) -> None:
        self.topbar.buttons["back"].setEnabled(bool(self._past))
        self.topbar.buttons["forward"].setEnabled(bool(self._future))

    # ── actions ─────────────────────────────────────────────────────────────────────────────────

    def act(self, name: str) -> None:
        """Do an action by its name, or go to the place of that name."""
        if name in pages.BY_KEY:
            self.go_to(name)
        elif name in ("theme", "keys", "rail"):
            {"theme": self.toggle_theme, "keys": self.show_keys, "rail": self.toggle_rail}[name]()
        elif self.session and self.palette_:
            self._act_inside(name, self.session, self.palette_)

    def _act_inside(self, name: str, session: Session, palette: CommandPalette) -> None:
        section = self.current
        page = section.page if section else None
        doing: dict[str, Callable[[], object]] = {
            "search": palette.open,
            "undo": session.undo,
            "redo": session.redo,
            "sync-now": session.sync.now if session.sync.joined else partial(self.go_to, SYNC),
            "back": lambda: self._travel(self._past, self._future),
            "forward": lambda: self._travel(self._future, self._past),
            "new": lambda: session.create(section.record_type) if section and section.record_type else None,
            "filter": lambda: section.focus_filter() if section else None,
            "save": lambda: page.save() if page else None,
            "leave": lambda: section.leave() if section and section.inside else None,
        }
        doing[name]()

    def toggle_theme(self) -> None:
        """Change between light and dark, and remember it."""
        wanted = theme.LIGHT if theme.current() is theme.DARK else theme.DARK
        self.kept.setValue(appearance.THEME_KEY, wanted.name)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            appearance.wear(application, self.kept)

    def toggle_rail(self) -> None:
        """Show or hide the words of the rail; the user's wish then holds at any width."""
        self._rail_by_hand = True
        self.rail.set_narrow(narrow=not self.rail.narrow)

    def show_keys(self) -> None:
        """Show every shortcut."""
        places = [(place.label, shortcut_of(number)) for number, place in enumerate(pages.PLACES)]
        KeySheet(places, self).open()

    # ── what happened ───────────────────────────────────────────────────────────────────────────

    def _show_sync(self, status: Status) -> None:
        assert self.session
        told = pages.sync_words(status, self.session.desk.clock().astimezone())
        self.status.tell_sync(told.words, told.tone, told.why)

    def _written(self, _changes: Changes, initiator: object) -> None:
        assert self.session
        if initiator is self.session.sync:
            return
        at = self.session.desk.clock().astimezone()
        self.status.saved.setText(f"已保存 {at:%H:%M}")
        self._tell_steps()

    def _tell_steps(self) -> None:
        if self.session:
            self.session.read_steps(self._show_steps)

    def _show_steps(self, steps: tuple[Command | None, Command | None]) -> None:
        for name, step in zip(("undo", "redo"), steps, strict=True):
            self.topbar.buttons[name].setEnabled(step is not None)
            self.topbar.tell(name, step.label if step else "")

    def _refused(self, refusal: Refusal) -> None:
        self.bar.say("；".join(refusal.messages()), "warning")

    def _crashed(self, error: Exception) -> None:
        CrashSheet(error, self).open()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if not self._rail_by_hand:
            self.rail.set_narrow(narrow=self.width() < NARROW_BELOW)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._painted:
            self._painted = True
            QTimer.singleShot(0, self, self.painted.emit)

    def closeEvent(self, event: QCloseEvent) -> None:
        for section in self._sections.values():
            section.close_page()
        self.kept.setValue("geometry", self.saveGeometry())
        self.kept.sync()
        super().closeEvent(event)
        self.closed.emit()


def bring_forward(window: QMainWindow) -> None:
    """Raise the window that is already there, when the program is started a second time."""
    window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
    window.show()
    window.raise_()
    window.activateWindow()
