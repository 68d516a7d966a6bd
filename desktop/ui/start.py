"""Start-up in the order that matters: the window is painted first, the store opens in a worker.

Before the first paint nothing heavy may be imported; ``compose`` is called in a worker and imports the
composition root there.
"""

from __future__ import annotations

import hashlib
import logging
import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol

from PySide6.QtCore import QLocale, QLockFile, QObject, QTimer
from PySide6.QtGui import QIcon
from PySide6.QtNetwork import QLocalServer, QLocalSocket
from PySide6.QtWidgets import QApplication

from desktop.ui import appearance, icons, pages, rare_characters, style_sheet, theme
from desktop.ui.jobs import Jobs
from desktop.ui.qt_texts import speak_chinese
from desktop.ui.window import NAME, Window, bring_forward

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import TracebackType

    from desktop.services.desk import Desk
    from desktop.services.server_link import ServerLink
    from desktop.ui.widgets.unlock import UnlockPanel

LOCK_FILE: Final = "desk.lock"
KNOCK_MS: Final = 500
log = logging.getLogger(__name__)


class OpenWorkspace(Protocol):
    """An open workspace, as the composition root builds it."""

    @property
    def desk(self) -> Desk: ...

    @property
    def link(self) -> ServerLink | None: ...

    def close(self) -> None: ...


class Composition(Protocol):
    """What start-up asks of the composition root."""

    def needs_passphrase(self, folder: Path) -> bool: ...

    def build(self, folder: Path, *, passphrase: str | None = None) -> OpenWorkspace: ...


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt to open ended."""

    kind: Literal["open", "ask", "choose", "wrong", "closed"]
    workspace: OpenWorkspace | None = None
    why: str = ""


def attempt(compose: Callable[[], Any], folder: Path, passphrase: str | None) -> Outcome:
    """Try to open the workspace; runs in a worker and does all the heavy importing."""
    composition: Composition = compose()
    pages.warm()
    if passphrase is None and composition.needs_passphrase(folder):
        return Outcome("choose" if pages.is_new(folder) else "ask")
    try:
        return Outcome("open", composition.build(folder, passphrase=passphrase))
    except pages.locked_out():
        return Outcome("wrong" if passphrase else "ask")
    except tuple(pages.why_closed()) as error:
        return Outcome("closed", why=pages.why_closed()[type(error)])


class Starter(QObject):
    """Takes the window from its first paint to an open workspace, and closes all at the end."""

    def __init__(self, window: Window, jobs: Jobs, folder: Path, compose: Callable[[], Any]) -> None:
        super().__init__(window)
        self.window_, self.jobs, self.folder, self.compose = window, jobs, folder, compose
        self.workspace: OpenWorkspace | None = None
        self._panel: UnlockPanel | None = None
        window.wiped.connect(self._wiped)

    def begin(self, passphrase: str | None) -> None:
        """Do what had to wait for the first paint; the fonts are read while the worker opens the store."""
        self.open(passphrase)
        rare_characters.install()

    def open(self, passphrase: str | None) -> None:
        """Try to open the workspace in a worker."""
        self.jobs.read(lambda: attempt(self.compose, self.folder, passphrase), self._tried)

    def _tried(self, outcome: Outcome) -> None:
        if outcome.workspace:
            self.workspace = outcome.workspace
            self.window_.enter(outcome.workspace.desk, outcome.workspace.link)
        elif outcome.kind == "closed":
            self._panel = None
            self.window_.show_closed(outcome.why, lambda: self.open(None))
        elif outcome.kind == "wrong" and self._panel:
            self._panel.refuse("口令不对，请再试一次。注意大小写和输入法状态。")
        else:
            self._panel = self.window_.ask_passphrase(new=outcome.kind == "choose", given=self.open)

    def _wiped(self) -> None:
        """Leave a workspace whose key was destroyed: nothing of it stays on the screen or open."""
        self.window_.forget("管理员停用了这台设备，并要求清除本机数据；密钥已销毁，数据不能再打开。")
        if self.workspace:
            self.workspace.close()
            self.workspace = None

    def close(self) -> None:
        """Join every thread, then close the store."""
        self.jobs.close()
        if self.workspace:
            self.workspace.close()


def run(
    folder: Path,
    passphrase: str | None = None,
    *,
    compose: Callable[[], Any],
    quit_after_ms: int | None = None,
    screenshot: Path | None = None,
) -> int:
    """Show the workspace in ``folder`` until its window is closed; return the exit code.

    ``compose`` returns the composition root (``desktop.app``) and is first called in a worker.
    ``quit_after_ms`` ends the program by itself, with a picture of the window in ``screenshot``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    application = prepare()
    lock = QLockFile(str(folder / LOCK_FILE))
    if not lock.tryLock(KNOCK_MS):
        return knock(folder)
    jobs = Jobs()
    window = Window(folder, jobs)
    choose_theme(application, window)
    sys.excepthook = hook(jobs)
    door = listen(folder, window)
    starter = Starter(window, jobs, folder, compose)
    window.closed.connect(application.quit)
    window.painted.connect(lambda: starter.begin(passphrase))
    window.show()
    if quit_after_ms is not None:
        QTimer.singleShot(quit_after_ms, window, lambda: _finish(window, screenshot))
    code = application.exec()
    starter.close()
    door.close()
    lock.unlock()
    sys.excepthook = sys.__excepthook__
    return code


def prepare() -> QApplication:
    """Return the application with its style, type and Chinese texts of Qt's own."""
    speak_to_fcitx(os.environ)
    held = QApplication.instance()
    application = held if isinstance(held, QApplication) else QApplication(sys.argv[:1])
    application.setApplicationName(NAME)
    application.setDesktopFileName("transfer-desk")
    application.setStyle("Fusion")
    application.setFont(theme.font())
    QLocale.setDefault(QLocale(QLocale.Language.Chinese, QLocale.Country.China))
    speak_chinese(application)
    style_sheet.wear(application, theme.of_desktop())
    application.setWindowIcon(QIcon(str(icons.FOLDER / "app.svg")))
    return application


def speak_to_fcitx(environment: Any) -> None:
    """Let Qt reach fcitx through ibus, whose protocol fcitx answers: PySide6 brings no module of fcitx."""
    wanted = " ".join(environment.get(name, "") for name in ("XMODIFIERS", "GTK_IM_MODULE", "QT_IM_MODULE"))
    if "fcitx" in wanted:
        environment["QT_IM_MODULE"] = "ibus"


def choose_theme(application: QApplication, window: Window) -> None:
    """Wear what the user chose; without a choice of light or dark follow the desktop."""
    if appearance.is_chosen(window.kept):
        appearance.wear(application, window.kept)

    def follow(*_: object) -> None:
        if not appearance.chosen_look(window.kept):
            appearance.wear(application, window.kept)

    application.styleHints().colorSchemeChanged.connect(follow)


def hook(jobs: Jobs) -> Callable[[type[BaseException], BaseException, TracebackType | None], None]:
    """Return what happens to an error that nobody caught: the log, and the sheet of the window."""

    def report(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        log.error("uncaught", exc_info=(kind, error, trace))
        if not issubclass(kind, KeyboardInterrupt):
            jobs.crashed.emit(error)

    return report


def _finish(window: Window, screenshot: Path | None) -> None:
    if screenshot:
        window.grab().save(str(screenshot))
    window.close()


# ── one window a workspace ──────────────────────────────────────────────────────────────────────


def door_name(folder: Path) -> str:
    """Return the name under which the window of a workspace can be reached on this machine."""
    return "transfer-desk-" + hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:16]


def knock(folder: Path) -> int:
    """Ask the window that is already open to come forward; 0 if it answered."""
    socket = QLocalSocket()
    socket.connectToServer(door_name(folder))
    answered = socket.waitForConnected(KNOCK_MS)
    socket.disconnectFromServer()
    log.info("already open; asked it to come forward: %s", answered)
    return 0 if answered else 1


def listen(folder: Path, window: Window) -> QLocalServer:
    """Come forward whenever the program is started again for the same workspace."""
    door = QLocalServer(window)
    QLocalServer.removeServer(door_name(folder))
    door.newConnection.connect(lambda: bring_forward(window))
    if not door.listen(door_name(folder)):
        log.info("cannot be reached by a second start: %s", door.errorString())
    return door
