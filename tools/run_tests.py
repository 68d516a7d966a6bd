"""Runs lint and the tests under coverage, some groups at a time, to save time.

Each group is one run of pytest over whole folders, so that what fails in it fails as well when it is run
alone. They wait in one line, the longest first: the machine evens out how long they take on it.

Usage: python -m tools.run_tests [pytest arguments]
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = (
    ("tests/desktop/ui",),
    ("tests/desktop/sync",),
    ("tests/desktop/services",),
    ("tests/server",),
    ("tests/desktop/documents",),
    ("tests/desktop/models",),
    ("tests/sync",),
)
REST = ("tests", *(f"--ignore={folder}" for group in FOLDERS for folder in group))
"""What no other group names, so that a new folder is never forgotten."""
UNWATCHED = (("tests/desktop/ui",),)
"""Groups without coverage, which doubles their time: the window has no floor, and what is below has tests."""
NOTHING_SELECTED = 5  # pytest's code when arguments such as -k leave a group without a test
MEMORY, ENOUGH = Path("/dev/shm"), 4 << 30  # noqa: S108 - only where a machine has it, and much of it
"""Where tests keep their files: there no store waits for a disk at each commit."""


def run(name: str, command: list[str]) -> tuple[int, str]:
    """Run a command; return its code and what it said."""
    began = time.monotonic()
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **places(), "QT_QPA_PLATFORM": "offscreen"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, f"== {name}: {time.monotonic() - began:.0f} s\n{done.stdout}"


def run_group(group: tuple[str, ...], arguments: list[str]) -> tuple[int, str]:
    """Run a group; return pytest's code and what it said."""
    watch = [] if group in UNWATCHED else ["-m", "coverage", "run", "--parallel-mode"]
    folders = " ".join("the rest" if name == "tests" else name for name in group if name[0] != "-")
    return run(folders, [sys.executable, *watch, "-m", "pytest", *group, *arguments])


def places() -> dict[str, str]:
    """Tell pytest where to keep files."""
    roomy = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= ENOUGH
    return {"PYTEST_DEBUG_TEMPROOT": str(MEMORY)} if roomy else {}


def main(arguments: list[str]) -> int:
    """Run all groups, print each when it has ended, join their coverage; 0 if all passed."""
    build = ROOT / "build"
    build.mkdir(exist_ok=True)
    for old in build.glob("coverage.sqlite*"):
        old.unlink()
    at_a_time = 1 + (os.cpu_count() or 1)  # tests also wait: for disks, for servers, for one another
    with ThreadPoolExecutor(at_a_time) as line:
        lint = line.submit(run, "lint", ["make", "--silent", "lint"])
        groups = [line.submit(run_group, group, arguments) for group in (*FOLDERS, REST)]
        for ended in as_completed([lint, *groups]):
            print(ended.result()[1], flush=True)
    subprocess.run([sys.executable, "-m", "coverage", "combine", "--quiet"], cwd=ROOT, check=False)
    if lint.result()[0]:
        return lint.result()[0]
    codes = {group.result()[0] for group in groups}
    return NOTHING_SELECTED if codes == {NOTHING_SELECTED} else max(codes - {NOTHING_SELECTED})


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
