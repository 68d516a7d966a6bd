"""Start-up with the real composition root, from the frame to an open workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtGui import QFontDatabase, QTextLayout

from desktop import app as composition
from desktop.models import keys
from desktop.ui import rare_characters, start, theme
from desktop.ui.jobs import Jobs
from desktop.ui.window import Window

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from PySide6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot

PASSPHRASE = "春天在江南的小巷里走一走"


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
