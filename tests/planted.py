"""Tests that each break one guard, beside twins that do not; `test_guards.py` runs them and expects so.

Not collected by itself: its name is not that of a test module. A name says what must become of it.
"""

from __future__ import annotations

import logging
import socket
import threading
import urllib.request
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QThread, QTimer, qWarning
from PySide6.QtWidgets import QDialog, QFileDialog, QLabel, QMenu, QMessageBox, QWidget

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

kept: list[object] = []


def test_fails_on_a_logged_warning() -> None:
    logging.getLogger("desktop.planted").warning("disk almost full")


def test_fails_on_a_qt_warning() -> None:
    qWarning("layout is odd")


@pytest.mark.expects_warning("disk almost full")
def test_fails_when_the_expected_warning_stays_away() -> None:
    logging.getLogger("desktop.planted").info("disk is fine")


@pytest.mark.expects_warning("disk almost full")
@pytest.mark.expects_warning("layout is odd")
def test_passes_with_expected_warnings() -> None:
    logging.getLogger("desktop.planted").warning("disk almost full")
    qWarning("layout is odd")


def test_fails_on_a_socket() -> None:
    socket.socket(socket.AF_INET, socket.SOCK_STREAM)


def test_fails_on_a_request() -> None:
    urllib.request.urlopen("http://localhost/")


@pytest.mark.loopback
def test_fails_beyond_loopback() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as outside:
        outside.connect(("192.0.2.1", 9))


@pytest.mark.loopback
def test_passes_on_loopback() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()


def test_passes_on_a_unix_socket() -> None:
    for end in socket.socketpair():
        end.close()


def test_fails_on_a_thread() -> None:
    threading.Thread(target=threading.Event().wait, name="forgotten", daemon=True).start()


def test_passes_with_a_joined_thread() -> None:
    thread = threading.Thread(target=print)
    thread.start()
    thread.join()


def test_fails_on_a_qt_thread(qapp: object) -> None:
    thread = QThread()
    kept.append(thread)
    thread.start()


def test_fails_on_an_active_timer(qapp: object) -> None:
    timer = QTimer()
    kept.append(timer)
    timer.start(60_000)


def test_passes_with_a_stopped_timer(qapp: object) -> None:
    timer = QTimer()
    kept.append(timer)
    timer.start(60_000)
    timer.stop()


def test_fails_on_a_widget(qapp: object) -> None:
    widget = QWidget()
    widget.setWindowTitle("forgotten")
    kept.append(widget)


def test_passes_with_a_closed_widget(qtbot: QtBot) -> None:
    label = QLabel("技术合同")
    qtbot.addWidget(label)
    label.show()


def test_passes_with_a_widget_in_a_cycle(qapp: object) -> None:
    cycle: list[object] = [QWidget()]
    cycle.append(cycle)


def test_fails_on_a_dialog(qtbot: QtBot) -> None:
    dialog = QDialog()
    qtbot.addWidget(dialog)
    dialog.exec()


def test_fails_on_a_dialog_in_a_slot(qtbot: QtBot) -> None:
    box = QMessageBox()
    qtbot.addWidget(box)
    QTimer.singleShot(0, box.exec)
    qtbot.wait(20)


def test_fails_on_a_menu(qtbot: QtBot) -> None:
    menu = QMenu()
    qtbot.addWidget(menu)
    menu.exec()


def test_fails_on_a_menu_of_our_own(qtbot: QtBot) -> None:
    class Choices(QMenu):
        pass

    menu = Choices("选择")
    qtbot.addWidget(menu)
    menu.exec()


def test_passes_with_an_answered_menu(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    menu = QMenu()
    qtbot.addWidget(menu)
    action = menu.addAction("打开")
    monkeypatch.setattr(QMenu, "exec", lambda *_: action)
    assert menu.exec() is action


def test_fails_on_a_question(qapp: object) -> None:
    QMessageBox.question(None, "删除", "确定删除？")


def test_fails_on_a_file_dialog(qapp: object) -> None:
    QFileDialog.getSaveFileName(None, "导出")


def test_passes_with_an_answered_question(qapp: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QMessageBox, "question", lambda *_: QMessageBox.StandardButton.Yes)
    assert QMessageBox.question(None, "删除", "确定删除？") == QMessageBox.StandardButton.Yes
