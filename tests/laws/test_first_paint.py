"""Law: the window is painted before anything heavy is imported (measured at start-up, design H9)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ("sqlalchemy", "sqlcipher3", "alembic", "reportlab", "keyring", "httpx", "cryptography", "PIL")
MOST_MODULES = 300

PROGRAM = """
import sys, pathlib
from PySide6.QtCore import QEvent, QObject, QTimer
from desktop.ui import start, window

class FirstPaint(QObject):
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint and isinstance(watched, window.StatusBar):
            print(len(sys.modules), *(name for name in {heavy!r} if name in sys.modules), flush=True)
            watched.removeEventFilter(self)
            QTimer.singleShot(0, watched.window().close)
        return False

watch = FirstPaint()
build = window.Window._build
def watched_build(self):
    build(self)
    self.status.installEventFilter(watch)
window.Window._build = watched_build

class Never:
    @staticmethod
    def needs_passphrase(folder):
        return True

sys.exit(start.run(pathlib.Path(sys.argv[1]), None, compose=lambda: Never))
"""


def test_nothing_heavy_is_imported_before_the_first_paint(tmp_path: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(heavy=HEAVY), str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert told.stdout, told.stderr
    count, *heavy = told.stdout.split()
    assert heavy == []
    assert int(count) <= MOST_MODULES
    assert told.returncode == 0
