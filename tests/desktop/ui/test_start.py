"""Start-up with the real composition root, from the frame to an open workspace."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtGui import QFontDatabase, QTextLayout

from desktop import app as composition
from desktop.models import keys
from desktop.models.store import FILE
from desktop.ui import rare_characters, start, theme
from desktop.ui.jobs import Jobs
from desktop.ui.widgets.basics import EmptyState
from desktop.ui.window import Window

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from PySide6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot

PASSPHRASE = "春天在江南的小巷里走一走"


class Ring:
    """A keyring of this session."""

    def __init__(self) -> None:
        self.held: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.held.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.held[service, username] = password


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make guessing cheap: the cost of Argon2 is not what these tests are about."""
    monkeypatch.setattr(keys, "ARGON2", {"time_cost": 1, "memory_cost": 8, "parallelism": 1})
    monkeypatch.setattr(composition, "system_keyring", lambda: None)


@pytest.fixture
def starter(tmp_path: Path, look: QApplication, quick: None, qtbot: QtBot) -> Iterator[start.Starter]:
    jobs = Jobs()
    window = Window(tmp_path, jobs)
    qtbot.addWidget(window)
    made = start.Starter(window, jobs, tmp_path, lambda: composition)
    yield made
    window.close()
    made.close()


def test_a_new_workspace_asks_for_a_passphrase_and_opens(starter: start.Starter, qtbot: QtBot) -> None:
    starter.open(None)
    qtbot.waitUntil(lambda: starter._panel is not None, timeout=10_000)
    panel = starter._panel
    assert panel is not None
    assert panel.new
    panel.given.emit(PASSPHRASE)
    qtbot.waitUntil(lambda: starter.window_.session is not None, timeout=10_000)
    assert starter.window_.current is not None
    assert starter.window_.current.key == "home"
    qtbot.waitUntil(lambda: starter.jobs.idle)


def test_a_wrong_passphrase_is_refused_in_its_place(
    starter: start.Starter, tmp_path: Path, qtbot: QtBot
) -> None:
    composition.build(tmp_path, passphrase=PASSPHRASE).close()
    starter.open(None)
    qtbot.waitUntil(lambda: starter._panel is not None, timeout=10_000)
    panel = starter._panel
    assert panel is not None
    assert not panel.new
    panel.given.emit("不是这一句，差得远")
    qtbot.waitUntil(lambda: not panel.problem.isHidden(), timeout=10_000)
    assert "口令不对" in panel.problem.text()
    assert starter.window_.session is None


def test_a_key_in_a_keyring_that_is_gone_is_said_and_no_passphrase_is_asked(
    starter: start.Starter, tmp_path: Path, qtbot: QtBot
) -> None:
    ring = Ring()
    composition.build(tmp_path, keyring=ring).close()
    starter.open(None)
    qtbot.waitUntil(lambda: bool(starter.window_.findChildren(EmptyState)), timeout=10_000)
    said = starter.window_.findChildren(EmptyState)[-1]
    assert "系统密钥环" in said.why.text()
    assert starter._panel is None
    starter.compose = lambda: SimpleNamespace(
        needs_passphrase=lambda _folder: False,
        build=lambda folder, **_more: composition.build(folder, keyring=ring),
    )
    said.button.click()
    qtbot.waitUntil(lambda: starter.window_.session is not None, timeout=10_000)
    qtbot.waitUntil(lambda: starter.jobs.idle)


def test_a_damaged_store_is_said_and_not_called_a_wrong_passphrase(
    starter: start.Starter, tmp_path: Path, qtbot: QtBot
) -> None:
    composition.build(tmp_path, passphrase=PASSPHRASE).close()
    file = tmp_path / FILE
    file.write_bytes(file.read_bytes()[:-8192])
    starter.open(PASSPHRASE)
    qtbot.waitUntil(lambda: bool(starter.window_.findChildren(EmptyState)), timeout=10_000)
    assert "从备份恢复" in starter.window_.findChildren(EmptyState)[-1].why.text()


def test_rare_characters_of_names_are_drawn_after_the_first_paint(
    starter: start.Starter, qtbot: QtBot
) -> None:
    starter.begin(None)
    name = QTextLayout("张㛃李䶮王𬭳陈喆", theme.font())
    name.beginLayout()
    name.createLine()
    name.endLayout()
    assert all(number for run in name.glyphRuns() for number in run.glyphIndexes())
    qtbot.waitUntil(lambda: starter.jobs.idle, timeout=10_000)


def test_every_font_the_program_brings_is_asked_and_asked_last(qapp: QApplication) -> None:
    rare_characters.install()
    assert set(theme.FAMILIES[-2:]) <= set(QFontDatabase.families())


@pytest.mark.parametrize(
    ("environment", "module"),
    [
        ({"XMODIFIERS": "@im=fcitx"}, "ibus"),
        ({"GTK_IM_MODULE": "fcitx5"}, "ibus"),
        ({"QT_IM_MODULE": "fcitx"}, "ibus"),
        ({"XMODIFIERS": "@im=ibus"}, None),
        ({}, None),
    ],
)
def test_fcitx_is_reached_through_ibus(environment: dict[str, str], module: str | None) -> None:
    start.speak_to_fcitx(environment)
    assert environment.get("QT_IM_MODULE") == module


def test_a_second_start_brings_the_first_window_forward(
    tmp_path: Path, look: QApplication, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    raised: list[Any] = []
    monkeypatch.setattr(start, "bring_forward", raised.append)
    jobs = Jobs()
    window = Window(tmp_path, jobs)
    qtbot.addWidget(window)
    door = start.listen(tmp_path, window)
    assert start.knock(tmp_path) == 0
    qtbot.waitUntil(lambda: raised == [window])
    door.close()
    assert start.knock(tmp_path) == 1
    jobs.close()


def test_a_wiped_device_shows_nothing_and_closes_its_workspace(starter: start.Starter, qtbot: QtBot) -> None:
    starter.open(PASSPHRASE)
    qtbot.waitUntil(lambda: starter.window_.session is not None, timeout=10_000)
    qtbot.waitUntil(lambda: starter.jobs.idle)
    session = starter.window_.session
    assert session is not None
    assert session.sync.link is not None
    session.sync.link.wiped()
    qtbot.waitUntil(lambda: starter.workspace is None)
    assert starter.window_.session is None
    said = starter.window_.stack.currentWidget()
    assert isinstance(said, EmptyState)
    assert "密钥已销毁" in said.why.text()
