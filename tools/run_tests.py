"""Runs the tests under coverage, as many processes at a time as there are processors, for the sake of time.

Each group is one run of pytest over whole folders, so that what fails in it fails as well when it is run
alone. They wait in one line, the longest first: the machine evens out how long they take on it.

Usage: python -m tools.run_tests [pytest arguments]
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = (
    ("tests/desktop/ui",),
    ("tests/sync",),
    ("tests/desktop/documents",),
    ("tests/desktop/models", "tests/desktop/sync"),
    ("tests/desktop/services",),
    ("tests/server",),
)
REST = ("tests", *(f"--ignore={folder}" for group in FOLDERS for folder in group))
"""What no other group names, so that a new folder is never forgotten."""
MEASURED = ("-m", "coverage", "run", "--parallel-mode")
NARROWER = {"tests/sync": "desktop/sync"}
"""Groups measured in one folder: histories go the same ways a thousand times, and watching them costs."""
FEWEST = 2
"""Processes at a time: tests also wait, for disks and for one another."""
NOTHING_SELECTED = 5  # pytest's code when arguments such as -k leave a group without a test


def run(group: tuple[str, ...], arguments: list[str]) -> tuple[int, str]:
    """Run a group; return pytest's code and what it said."""
    began = time.monotonic()
    how = (*MEASURED, f"--source={NARROWER[group[0]]}") if group[0] in NARROWER else MEASURED
    done = subprocess.run(
        [sys.executable, *how, "-m", "pytest", *group, *arguments],
        cwd=ROOT,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    folders = " ".join("the rest" if name == "tests" else name for name in group if name[0] != "-")
    return done.returncode, f"== {folders}: {time.monotonic() - began:.0f} s\n{done.stdout}"


def main(arguments: list[str]) -> int:
    """Run all groups, print each when it has ended, join their coverage; 0 if all passed."""
    build = ROOT / "build"
    build.mkdir(exist_ok=True)
    for old in build.glob("coverage.sqlite*"):
        old.unlink()
    codes = []
    with ThreadPoolExecutor(max(FEWEST, os.cpu_count() or 0)) as line:
        for ended in as_completed([line.submit(run, group, arguments) for group in (*FOLDERS, REST)]):
            code, said = ended.result()
            print(said, flush=True)
            codes.append(code)
    subprocess.run([sys.executable, "-m", "coverage", "combine", "--quiet"], cwd=ROOT, check=False)
    if all(code == NOTHING_SELECTED for code in codes):
        return NOTHING_SELECTED
    return max((code for code in codes if code != NOTHING_SELECTED), default=0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
