"""Guards around every test: what one leaves behind or does in secret must fail it, not a later one.

* An unexpected log record of WARNING or above, or a message of Qt, fails the test. A test that means to
  cause one says so: `@pytest.mark.expects_warning("part of the message")`; it then fails without it.
* No socket leaves the machine. Unix sockets are free; `@pytest.mark.loopback` allows 127.0.0.1 and ::1.
* No thread, running QThread, active QTimer or top-level widget outlives its test.
* A modal dialog would wait for ever: opening one fails the test. Replace it with `monkeypatch` to answer it.
* Qt calls may not lose references to None (PySide6 6.12 does on Python 3.11, where None is counted).

Qt is guarded only where it is loaded; nothing here loads it.
"""

from __future__ import annotations

import gc
import logging
import re
import socket
import sys
import threading
import time
import weakref
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

GRACE_S = 2.0  # for a thread that is on its way out when its test ends

# What the offscreen platform says about itself on any machine.
QT_NOISE = re.compile(
    r"does not support (propagateSizeHints|raise)|QFontDatabase: Cannot find font directory"
)
# Qt keeps its tooltip label for the life of the application.
QT_KEEPS = frozenset({"QTipLabel"})

MODAL: dict[str, dict[str, tuple[str, ...]]] = {
    "QtWidgets": {
        "QDialog": ("exec",),
        "QMenu": ("exec",),
        "QMessageBox": ("about", "critical", "information", "question", "warning"),
        "QInputDialog": ("getDouble", "getInt", "getItem", "getMultiLineText", "getText"),
        "QFileDialog": ("getExistingDirectory", "getOpenFileName", "getOpenFileNames", "getSaveFileName"),
        "QColorDialog": ("getColor",),
        "QFontDialog": ("getFont",),
    },
    "QtGui": {"QDrag": ("exec",)},
}


def qt(module: str) -> Any:
    """Return a module of PySide6 if it is loaded, else None."""
    return sys.modules.get(f"PySide6.{module}")


def refuse(message: str) -> None:
    pytest.fail(message, pytrace=False)


# ── warnings ────────────────────────────────────────────────────────────────────────────────────


class Recorder(logging.Handler):
    """Keeps the text of every warning, whether Python's logging or Qt spoke it."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(f"{record.levelname} {record.name}: {record.getMessage()}")

    def emit_qt(self, kind: Any, _context: object, message: str) -> None:
        quiet = kind in {qt("QtCore").QtMsgType.QtDebugMsg, qt("QtCore").QtMsgType.QtInfoMsg}
        if not quiet and not QT_NOISE.search(message):
            self.messages.append(f"Qt: {message}")


@pytest.fixture(autouse=True)
def no_unexpected_warnings(request: pytest.FixtureRequest) -> Iterator[None]:
    recorder = Recorder()
    core = qt("QtCore")
    logging.getLogger().addHandler(recorder)
    previous = core.qInstallMessageHandler(recorder.emit_qt) if core else None
    yield
    logging.getLogger().removeHandler(recorder)
    if core:
        core.qInstallMessageHandler(previous)
    judge_warnings(recorder.messages, expected_warnings(request.node))


def expected_warnings(item: pytest.Item) -> list[str]:
    return [text for marker in item.iter_markers("expects_warning") for text in marker.args]


def judge_warnings(messages: list[str], expected: list[str]) -> None:
    unexpected = [message for message in messages if not any(text in message for text in expected)]
    if unexpected:
        refuse("unexpected warnings:\n  " + "\n  ".join(unexpected))
    absent = [text for text in expected if not any(text in message for message in messages)]
    if absent:
        refuse(f"expected warnings that did not come: {absent}")


# ── sockets ─────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(autouse=True)
def no_sockets(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    loopback = request.node.get_closest_marker("loopback") is not None
    create = socket.socket.__init__

    def guarded_create(self: socket.socket, *args: Any, **options: Any) -> None:
        create(self, *args, **options)
        if self.family != socket.AF_UNIX and not loopback:
            self.close()
            refuse("a test opened a network socket; mark it `loopback` if it must")

    def guarded(name: str) -> Callable[..., Any]:
        original = getattr(socket.socket, name)

        def call(self: socket.socket, *args: Any) -> Any:
            if self.family != socket.AF_UNIX and not is_loopback(args[-1][0]):
                refuse(f"a test may reach this machine only, not {args[-1]!r}")
            return original(self, *args)

        return call

    resolve = socket.getaddrinfo

    def guarded_resolve(host: str | bytes | None, *args: Any, **options: Any) -> Any:
        if not (loopback and is_loopback(host)):
            refuse(f"a test asked for the address of {host!r}")
        return resolve(host, *args, **options)

    monkeypatch.setattr(socket.socket, "__init__", guarded_create)
    for name in ("bind", "connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, guarded(name))
    monkeypatch.setattr(socket, "getaddrinfo", guarded_resolve)


def is_loopback(host: object) -> bool:
    return host in {"127.0.0.1", "::1", "localhost"}


# ── modal dialogs ───────────────────────────────────────────────────────────────────────────────


@pytest.fixture(autouse=True)
def no_modal_dialogs(monkeypatch: pytest.MonkeyPatch) -> None:
    for module, classes in MODAL.items():
        for name, methods in classes.items():
            for method in methods if qt(module) else ():
                answer = refuse_modal(f"{name}.{method}")
                guard: Any = answer if method == "exec" else staticmethod(answer)
                monkeypatch.setattr(getattr(qt(module), name), method, guard)
    if qt("QtWidgets"):
        guard_menus(qt("QtWidgets").QMenu, monkeypatch)


def guard_menus(menu: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Send each menu's `exec` through its class: PySide keeps two, and gives instances the unguarded one."""
    create = menu.__init__

    def guarded_create(self: Any, *args: Any, **options: Any) -> None:
        create(self, *args, **options)
        itself = weakref.ref(self)
        self.exec = lambda *arguments: menu.exec(itself(), *arguments)

    monkeypatch.setattr(menu, "__init__", guarded_create)


def refuse_modal(name: str) -> Callable[..., None]:
    def guard(*_args: object, **_options: object) -> None:
        refuse(f"a test opened a modal dialog with {name}(); it would wait for ever")

    return guard


# ── what outlives a test ────────────────────────────────────────────────────────────────────────


@dataclass
class Started:
    """The timers and threads of Qt that a test started; weak, so as not to prolong their lives."""

    timers: weakref.WeakSet[Any] = field(default_factory=weakref.WeakSet)
    threads: weakref.WeakSet[Any] = field(default_factory=weakref.WeakSet)

    def watch(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name, started in (("QTimer", self.timers), ("QThread", self.threads)):
            cls = getattr(qt("QtCore"), name)
            monkeypatch.setattr(cls, "start", self.noting(cls.start, started))

    @staticmethod
    def noting(start: Callable[..., Any], started: weakref.WeakSet[Any]) -> Callable[..., Any]:
        def guarded_start(self: Any, *args: Any) -> Any:
            started.add(self)
            return start(self, *args)

        return guarded_start


@pytest.fixture(autouse=True)
def nothing_outlives(no_unexpected_warnings: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Compare before and after; asks for the recorder so that it still listens to this cleaning up."""
    threads, widgets, started = set(threading.enumerate()), set(top_level_widgets()), Started()
    if qt("QtCore"):
        started.watch(monkeypatch)
    yield
    left = [*left_threads(threads)]
    if qt("QtCore"):
        left += [*left_qt_threads(started), *left_timers(started), *left_widgets(widgets)]
    if left:
        refuse("left behind by the test:\n  " + "\n  ".join(left))


def left_threads(before: set[threading.Thread]) -> Iterator[str]:
    """Name new threads that do not end; a dummy stands for a thread of Qt's, which Qt counts itself."""
    deadline = time.monotonic() + GRACE_S
    for thread in set(threading.enumerate()) - before:
        if not isinstance(thread, threading._DummyThread):
            thread.join(max(0.0, deadline - time.monotonic()))
            if thread.is_alive():
                yield f"thread {thread.name}"


def left_qt_threads(started: Started) -> Iterator[str]:
    grace_ms = int(1000 * GRACE_S)
    for thread in alive(started.threads):
        if not thread.wait(grace_ms):
            yield f"QThread {thread.objectName()}".rstrip()
            thread.quit()
            thread.wait(grace_ms)
    if not qt("QtCore").QThreadPool.globalInstance().waitForDone(grace_ms):
        yield "a job in the global QThreadPool"


def left_timers(started: Started) -> Iterator[str]:
    for timer in alive(started.timers):
        if timer.isActive():
            timer.stop()
            yield f"active QTimer {timer.objectName() or timer.interval()}"


def left_widgets(before: set[int]) -> Iterator[str]:
    """Name and close the new top-level widgets that neither Qt nor Python is about to delete."""
    delete_now()
    if set(top_level_widgets()) - before:
        gc.collect()  # slow, therefore only when something seems to be left: widgets in reference cycles
        delete_now()
    for address, widget in top_level_widgets().items():
        if address not in before:
            yield f"widget {type(widget).__name__} {widget.objectName() or widget.windowTitle()}".rstrip()
            widget.close()
            widget.deleteLater()
    delete_now()


def top_level_widgets() -> dict[int, Any]:
    """Return Qt's parentless widgets by their address: Python's wrappers come and go."""
    application = qt("QtWidgets") and qt("QtWidgets").QApplication.instance()
    if not application:
        return {}
    address = sys.modules["shiboken6"].getCppPointer
    widgets = (widget for widget in application.topLevelWidgets() if widget.parent() is None)
    return {
        address(widget)[0]: widget for widget in widgets if widget.metaObject().className() not in QT_KEEPS
    }


def delete_now() -> None:
    """Let Qt carry out every deleteLater()."""
    core = qt("QtCore")
    core.QCoreApplication.sendPostedEvents(None, core.QEvent.Type.DeferredDelete.value)


def alive(objects: weakref.WeakSet[Any]) -> list[Any]:
    """Return the objects whose half in Qt still exists."""
    return [item for item in list(objects) if sys.modules["shiboken6"].isValid(item)]


# ── None ────────────────────────────────────────────────────────────────────────────────────────

REFERENCES_AT_START = pytest.StashKey[int]()


def lost_references(at_start: int, at_end: int) -> int:
    """Return how many references to None are gone; a session only ever adds some by what it imports.

    From Python 3.12 on None is immortal: both counts are the same and nothing can be lost.
    """
    return max(0, at_start - at_end)


def pytest_configure(config: pytest.Config) -> None:
    config.stash[REFERENCES_AT_START] = sys.getrefcount(None)


def pytest_sessionfinish(session: pytest.Session) -> None:
    lost = lost_references(session.config.stash[REFERENCES_AT_START], sys.getrefcount(None))
    if lost:
        print(f"\nguards: the session lost {lost} references to None", file=sys.stderr)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
