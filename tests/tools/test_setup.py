"""Checks what setup decides on machines that lack one thing or another, without changing this one."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools import setup
from tools.setup import SetupError

if TYPE_CHECKING:
    from pathlib import Path

    from tools.setup import Command


class FakePip:
    """Stands for the commands of setup: notes them, and makes a `python` that works when asked for a venv."""

    def __init__(self, venv: Path, *, works: bool = True) -> None:
        self.venv, self.works, self.commands = venv, works, list[str]()

    def __call__(self, command: Command) -> bool:
        self.commands.append("venv" if "venv" in command else "pip")
        if "venv" in command and self.works:
            (self.venv / "bin").mkdir(parents=True, exist_ok=True)
            python = self.venv / "bin" / "python"
            python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
            python.chmod(0o755)
        return self.works


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    file = tmp_path / "requirements.lock"
    file.write_text("alembic==1.0\n")
    return file


@given(st.tuples(st.integers(2, 4), st.integers(0, 30)))
def test_only_the_versions_of_the_lock_are_supported(version: tuple[int, int]) -> None:
    assert setup.is_supported(version) == (version in {(3, 11), (3, 12), (3, 13)})


def test_unsupported_python_is_refused_by_name() -> None:
    with pytest.raises(SetupError, match=r"this is 3\.14"):
        setup.check_python((3, 14))


@pytest.mark.parametrize("name", ["DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"])
def test_any_screen_will_do(name: str) -> None:
    setup.check_screen({name: ":0"}, "linux")


def test_missing_screen_is_refused_with_the_way_out() -> None:
    setup.check_screen({}, "darwin")
    with pytest.raises(SetupError, match="xvfb-run -a make run"):
        setup.check_screen({"DISPLAY": ""}, "linux")


def test_library_that_is_absent_cannot_be_loaded() -> None:
    assert setup.can_load("libc.so.6")
    assert not setup.can_load("libtransferdesk-absent.so.9")


def test_missing_things_are_named_with_their_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setup, "can_load", lambda library: library != "libEGL.so.1")
    monkeypatch.setattr(setup, "has_chinese_font", lambda: False)
    assert setup.missing_from_system() == {
        "libEGL.so.1": "libegl1",
        "a font with Chinese characters": "fonts-wqy-microhei",
    }


def test_without_fontconfig_no_font_is_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setup, "can_load", lambda _: False)
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    packages = set(setup.missing_from_system().values())
    assert packages == {
        *setup.QT_LIBRARIES.values(),
        "fonts-wqy-microhei",
        f"python3.{sys.version_info.minor}-venv",
    }


def test_this_machine_has_a_chinese_font_once_it_is_set_up() -> None:
    assert setup.has_chinese_font()


class TestSystemPackages:
    @pytest.fixture
    def commands(self, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
        commands: list[list[str]] = []

        def note(command: list[str]) -> bool:
            commands.append(command)
            return True

        monkeypatch.setattr(setup, "attempt", note)
        monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
        monkeypatch.setattr(os, "geteuid", lambda: 0)
        return commands

    def test_nothing_missing_runs_nothing(self, commands: list[list[str]]) -> None:
        setup.provide_system({})
        assert commands == []

    def test_root_installs_each_package_once(self, commands: list[list[str]]) -> None:
        setup.provide_system({"libGL.so.1": "libgl1", "libGLX.so.0": "libgl1", "libEGL.so.1": "libegl1"})
        assert commands[0] == ["apt-get", "update"]
        assert commands[1][:3] == ["apt-get", "install", "-y"]
        assert commands[1][-2:] == ["libegl1", "libgl1"]

    def test_others_are_told_the_command(
        self, commands: list[list[str]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(os, "geteuid", lambda: 1000)
        with pytest.raises(SetupError, match=r"lacks libGL.so.1\.\n.*\n  sudo apt-get .* libgl1$"):
            setup.provide_system({"libGL.so.1": "libgl1"})
        assert commands == []

    def test_other_distributions_are_told_the_libraries(
        self, commands: list[list[str]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(shutil, "which", lambda _: None)
        with pytest.raises(SetupError, match=r"lacks libGL.so.1, libEGL.so.1\."):
            setup.provide_system({"libGL.so.1": "libgl1", "libEGL.so.1": "libegl1"})
        assert commands == []

    @pytest.mark.usefixtures("commands")
    def test_failed_installation_stops(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(setup, "attempt", lambda _: False)
        with pytest.raises(SetupError, match="apt-get could not install"):
            setup.provide_system({"libGL.so.1": "libgl1"})


class TestPythonPackages:
    def test_second_call_does_nothing(self, tmp_path: Path, lock: Path) -> None:
        venv = tmp_path / ".venv"
        pip = FakePip(venv)
        setup.provide_packages(venv, lock, pip)
        assert pip.commands == ["venv", "pip"]
        setup.provide_packages(venv, lock, pip)
        assert pip.commands == ["venv", "pip"]

    def test_new_lock_installs_into_the_same_environment(self, tmp_path: Path, lock: Path) -> None:
        venv = tmp_path / ".venv"
        pip = FakePip(venv)
        setup.provide_packages(venv, lock, pip)
        lock.write_text("alembic==2.0\n")
        setup.provide_packages(venv, lock, pip)
        assert pip.commands == ["venv", "pip", "pip"]

    def test_broken_environment_is_made_again(self, tmp_path: Path, lock: Path) -> None:
        venv = tmp_path / ".venv"
        (venv / "bin").mkdir(parents=True)
        (venv / "bin" / "python").symlink_to(tmp_path / "removed-with-an-upgrade")
        assert setup.version_of(venv / "bin" / "python") == ()
        (venv / "bin" / "python").unlink()
        pip = FakePip(venv)
        setup.provide_packages(venv, lock, pip)
        assert pip.commands == ["venv", "pip"]

    def test_interrupted_installation_is_taken_up_again(self, tmp_path: Path, lock: Path) -> None:
        venv = tmp_path / ".venv"
        FakePip(venv)(["-m", "venv"])
        failing = FakePip(venv, works=False)
        with pytest.raises(SetupError, match="pip could not install"):
            setup.provide_packages(venv, lock, failing)
        pip = FakePip(venv)
        setup.provide_packages(venv, lock, pip)
        assert pip.commands == ["pip"]

    def test_impossible_environment_stops(self, tmp_path: Path, lock: Path) -> None:
        with pytest.raises(SetupError, match="could not make the virtual environment"):
            setup.provide_packages(tmp_path / ".venv", lock, FakePip(tmp_path, works=False))


@pytest.mark.parametrize(
    ("name", "module"), [("transfer-desk", "desktop"), ("transfer-desk-server", "server")]
)
def test_the_commands_run_from_any_folder(tmp_path: Path, name: str, module: str) -> None:
    root, venv = tmp_path / "clone with spaces", tmp_path / "clone with spaces" / ".venv"
    (root / module).mkdir(parents=True)
    (root / module / "__main__.py").write_text("import sys; print(sys.argv[1:])", "utf-8")
    assert setup.attempt([sys.executable, "-m", "venv", "--without-pip", str(venv)])
    for _ in range(2):
        setup.provide_command(venv, root)
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / module).mkdir(parents=True)
    command = [str(venv / "bin" / name), "search", "锂 电池"]
    said = subprocess.run(command, cwd=elsewhere, capture_output=True, text=True, check=True)
    assert said.stdout == "['search', '锂 电池']\n"


def test_main_prints_the_reason_and_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    assert setup.main(["--screen"]) == 1
    assert capsys.readouterr().err.startswith("setup: there is no screen here")


def test_commands_run_for_real() -> None:
    assert setup.attempt([sys.executable, "-c", "import os; assert os.environ['DEBIAN_FRONTEND']"])
    assert not setup.attempt([sys.executable, "-c", "raise SystemExit(3)"])
