"""Runs the tests under coverage in two processes of about the same length, for the sake of time.

Usage: python -m tools.run_tests [pytest arguments]
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
APART = ("tests/desktop/ui", "tests/desktop/documents")
HALVES = ([*APART], ["tests", *(f"--ignore={folder}" for folder in APART)])
NOTHING_SELECTED = 5  # pytest's code when arguments such as -k leave a half without a test


def main(arguments: list[str]) -> int:
    """Run both halves at once, print one after the other, join their coverage; 0 if all passed."""
    build = ROOT / "build"
    build.mkdir(exist_ok=True)
    for old in build.glob("coverage.sqlite*"):
        old.unlink()
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    run = [sys.executable, "-m", "coverage", "run", "--parallel-mode", "-m", "pytest"]
    started = [
        subprocess.Popen(
            [*run, *half, *arguments],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for half in HALVES
    ]
    codes = []
    for process in started:
        said, _ = process.communicate()
        print(said, flush=True)
        codes.append(process.returncode)
    subprocess.run([sys.executable, "-m", "coverage", "combine", "--quiet"], cwd=ROOT, check=False)
    if all(code == NOTHING_SELECTED for code in codes):
        return NOTHING_SELECTED
    return max((code for code in codes if code != NOTHING_SELECTED), default=0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
