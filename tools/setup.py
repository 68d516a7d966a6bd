"""Makes a bare machine ready, so that `make run`, `make demo` and `make test` need no steps before them.

Standard library only: it runs before anything is installed. A machine that is ready is left alone.
Order matters: what only an administrator can install is asked for first, all at once, before the
long download.
"""

from __future__ import annotations

import argparse
import ctypes
import hashlib
import importlib.util
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Command = Sequence[str | Path]

ROOT = Path(__file__).resolve().parent.parent
OLDEST, TOO_NEW = (3, 11), (3, 14)

# What Qt's offscreen, X11 and Wayland plug-ins load at run time, and the Debian package of each.
QT_LIBRARIES = {
    "libglib-2.0.so.0": "libglib2.0-0",
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
}
CHINESE_FONT = ("a font with Chinese characters", "fonts-wqy-microhei")


class SetupError(Exception):
    """Setup cannot go on; the message says what the user can do about it."""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Make this machine ready for Transfer Desk.")
    parser.add_argument("--screen", action="store_true", help="also refuse when no window could open")
    options = parser.parse_args(arguments)
    try:
        check_python(sys.version_info[:2])
        if options.screen:
            check_screen(os.environ, sys.platform)
        if sys.platform == "linux":
            provide_system(missing_from_system())
        provide_packages(ROOT / ".venv", ROOT / "requirements.lock")
        provide_command(ROOT / ".venv", ROOT)
    except SetupError as problem:
        print(f"setup: {problem}", file=sys.stderr)
        return 1
    return 0


def check_python(version: tuple[int, ...]) -> None:
    """Refuse an interpreter for which the lock was not made."""
    if not is_supported(version):
        raise SetupError(
            f"Python 3.11, 3.12 or 3.13 is needed, this is {version[0]}.{version[1]}. "
            "Name another one: make PYTHON=python3.12 ..."
        )


def is_supported(version: tuple[int, ...]) -> bool:
    return OLDEST <= version < TOO_NEW


def check_screen(environment: Mapping[str, str], platform: str) -> None:
    """Refuse to start a window where there is none to show it on; other systems always have a screen."""
    named = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    if platform != "linux" or any(environment.get(name) for name in named):
        return
    raise SetupError(
        "there is no screen here: neither DISPLAY nor WAYLAND_DISPLAY is set, so no window can open.\n"
        "On a machine without a screen the program runs under a virtual one:\n"
        f"  {as_root(['apt-get', 'install', '-y', 'xvfb', 'xauth'])}\n"
        "  xvfb-run -a make run"
    )


# ── the system ──────────────────────────────────────────────────────────────────────────────────


def missing_from_system() -> dict[str, str]:
    """Return what this machine lacks, each with the Debian package that brings it."""
    missing = {name: package for name, package in QT_LIBRARIES.items() if not can_load(name)}
    if "libfontconfig.so.1" in missing or not has_chinese_font():
        missing[CHINESE_FONT[0]] = CHINESE_FONT[1]
    if importlib.util.find_spec("ensurepip") is None:  # Debian ships Python without it
        missing["Python's venv module"] = f"python3.{sys.version_info.minor}-venv"
    return missing


def can_load(library: str) -> bool:
    """Tell whether the loader finds a shared library, on any distribution."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def has_chinese_font() -> bool:
    """Ask fontconfig, as Qt will, for any font that covers simplified Chinese."""

    class FontSet(ctypes.Structure):
        _fields_ = (("count", ctypes.c_int), ("size", ctypes.c_int), ("fonts", ctypes.c_void_p))

    fontconfig = ctypes.CDLL("libfontconfig.so.1")
    fontconfig.FcNameParse.restype = ctypes.c_void_p
    fontconfig.FcObjectSetCreate.restype = ctypes.c_void_p
    fontconfig.FcFontList.restype = ctypes.POINTER(FontSet)
    pattern = ctypes.c_void_p(fontconfig.FcNameParse(b":lang=zh-cn"))
    properties = ctypes.c_void_p(fontconfig.FcObjectSetCreate())
    fontconfig.FcObjectSetAdd(properties, b"family")
    found = fontconfig.FcFontList(None, pattern, properties)
    return bool(found) and found.contents.count > 0


def provide_system(missing: Mapping[str, str]) -> None:
    """Install what is missing when we may; say exactly what to install when we may not."""
    if not missing:
        return
    packages = sorted(set(missing.values()))
    if shutil.which("apt-get") is None:
        raise SetupError(f"this machine lacks {', '.join(missing)}. Install them, then call make again.")
    update = ["apt-get", "update"]
    install = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    if os.geteuid() != 0:
        raise SetupError(
            f"this machine lacks {', '.join(missing)}.\nInstall them once, then call make again:\n"
            f"  {as_root(update)} && {as_root(install)}"
        )
    say(f"installing {len(packages)} system packages: {' '.join(packages)}")
    attempt(update)  # a stale foreign source must not stop us: install below is what counts
    if not attempt(install):
        raise SetupError(
            f"apt-get could not install the packages above; the command was:\n  {shlex.join(install)}"
        )


def as_root(command: Sequence[str]) -> str:
    """Spell a command so that it works when pasted by the present user."""
    return shlex.join(command if os.geteuid() == 0 else ["sudo", *command])


# ── the packages ────────────────────────────────────────────────────────────────────────────────


def provide_packages(venv: Path, lock: Path, run: Callable[[Command], bool] | None = None) -> None:
    """Make the virtual environment hold exactly what the lock names; do nothing when it already does.

    The stamp is written last, so an interrupted installation is taken up again.
    """
    run = run or attempt
    python, stamp = venv / "bin" / "python", venv / "setup.stamp"
    if not is_supported(version_of(python)):
        say(f"making {venv.name} with Python {sys.version_info.major}.{sys.version_info.minor}")
        if not run([sys.executable, "-m", "venv", "--clear", venv]):
            raise SetupError(f"{sys.executable} could not make the virtual environment {venv}")
    ready = f"{version_of(python)} {hashlib.sha256(lock.read_bytes()).hexdigest()}"
    if stamp.is_file() and stamp.read_text() == ready:
        return
    say("installing the locked packages; the first time takes a few minutes")
    quietly = ("--quiet", "--disable-pip-version-check")
    if not run([python, "-m", "pip", "install", *quietly, "--require-hashes", "-r", lock]):
        raise SetupError(
            f"pip could not install {lock.name}; its message is above. Call make again to retry."
        )
    stamp.write_text(ready)


def provide_command(venv: Path, root: Path) -> None:
    """Make both programs callable from any folder: launchers, and the source on the packages' path."""
    for name, module in (("transfer-desk", "desktop"), ("transfer-desk-server", "server")):
        launcher = venv / "bin" / name
        write(launcher, f'#!/bin/sh\nexec "{venv / "bin" / "python"}" -P -m {module} "$@"\n')
        launcher.chmod(0o755)
    for packages in venv.glob("lib/python*/site-packages"):
        write(packages / "transfer-desk.pth", f"{root}\n")


def write(path: Path, text: str) -> None:
    """Write a file unless it says so already."""
    if not path.is_file() or path.read_text("utf-8") != text:
        path.write_text(text, "utf-8")


def version_of(python: Path) -> tuple[int, ...]:
    """Return the version of an interpreter that works and has pip, else an empty tuple."""
    if not python.exists():
        return ()
    script = "import pip, sys; print(*sys.version_info[:3])"
    answer = subprocess.run([python, "-c", script], capture_output=True, text=True, check=False)
    return tuple(int(part) for part in answer.stdout.split()) if answer.returncode == 0 else ()


def attempt(command: Command) -> bool:
    """Run a command in sight of the user and tell whether it succeeded."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    return subprocess.run(command, env=environment, check=False).returncode == 0


def say(message: str) -> None:
    print(f"setup: {message}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
