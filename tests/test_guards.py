"""Guards the guards: a guard that lets something pass, or Qt bindings that miscount None, would go unseen."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QLabel

from tests import planted
from tests.guards import lost_references

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from pytestqt.qtbot import QtBot

ROOT = Path(__file__).resolve().parent.parent
PLANTED = [name for name in vars(planted) if name.startswith("test_")]


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """Run every planted test in a process of its own and return what pytest said of each."""
    report = tmp_path_factory.mktemp("planted") / "report.xml"
    command = [sys.executable, "-m", "pytest", planted.__file__, f"--junitxml={report}"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == pytest.ExitCode.TESTS_FAILED, run.stdout + run.stderr
    cases = ET.parse(report).getroot().iter("testcase")  # noqa: S314 -- pytest wrote it a moment ago
    return {case.get("name", ""): "passes" if len(case) == 0 else "fails" for case in cases}


@pytest.mark.parametrize("name", PLANTED)
def test_planted_fault_is_caught_and_its_twin_is_not(name: str, outcomes: Mapping[str, str]) -> None:
    assert outcomes[name] == name.split("_")[1]


def test_stopping_timers_keeps_every_reference_to_none(qapp: object) -> None:
    timer = QTimer()
    before = sys.getrefcount(None)
    for _ in range(10_000):
        timer.stop()
    assert lost_references(before, sys.getrefcount(None)) < 100


def test_setting_texts_keeps_every_reference_to_none(qtbot: QtBot) -> None:
    label = QLabel()
    qtbot.addWidget(label)
    before = sys.getrefcount(None)
    for number in range(500):
        label.setText(str(number))
    assert lost_references(before, sys.getrefcount(None)) < 100


@pytest.mark.parametrize(("start", "end", "lost"), [(9000, 9000, 0), (9000, 12000, 0), (9000, 4000, 5000)])
def test_only_a_falling_count_of_none_is_a_loss(start: int, end: int, lost: int) -> None:
    assert lost_references(start, end) == lost


def test_clock_is_frozen_but_moves_on(clock: Callable[[], datetime]) -> None:
    first = clock()
    assert first.isoformat() == "2026-03-02T09:00:00+08:00"
    assert clock() - first == timedelta(seconds=1)
