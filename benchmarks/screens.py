"""Measures what a user waits for: the window's first paint, and a list of a hundred thousand achievements.

The floor of the first paint is an empty Qt window with a label. The floor of the list is the plain SQLite
file of ``benchmarks.store`` read by hand-written SQL alone, without any widget: what the list adds is Qt's
painting and its own work. Ours and the floor take turns in one run; medians are compared.

Usage: python -m benchmarks.screens [--achievements 100000]
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEventLoop, QSettings, QTimer

from benchmarks.store import ORDER, PAGE, Bench, Line, prepare
from desktop.models.queries import Query
from desktop.ui import start
from desktop.ui.jobs import Jobs, settle
from desktop.ui.widgets.record_list import RecordList
from desktop.ui.widgets.session import Session

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS: Final = 9
JUMPS: Final = 60
WORDS: Final = ("石墨", "储能系统", "聚氨酯", "传感")

BARE: Final = """
import sys, time
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QLabel, QMainWindow
application = QApplication(sys.argv)
window = QMainWindow()
window.setCentralWidget(QLabel("x"))
class FirstPaint(QObject):
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint:
            print(time.monotonic_ns(), flush=True)
        return False
watch = FirstPaint()
window.centralWidget().installEventFilter(watch)
window.show()
application.exec()
"""
OURS: Final = """
import pathlib, sys, time
from PySide6.QtCore import QEvent, QObject
from desktop.ui import start, window
class FirstPaint(QObject):
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint:
            print(time.monotonic_ns(), flush=True)
        return False
watch = FirstPaint()
build = window.Window._build
def watched_build(self):
    build(self)
    self.status.installEventFilter(watch)
window.Window._build = watched_build
class Locked:
    @staticmethod
    def needs_passphrase(folder):
        return True
start.run(pathlib.Path(sys.argv[1]), None, compose=lambda: Locked)
"""


def first_paint() -> Line:
    """Time whole processes from their start to the first paint, which they report themselves."""
    line = Line("window painted", [], [], "an empty Qt window")
    for turn in range(ROUNDS + 1):
        for program, times in ((OURS, line.ours), (BARE, line.floor)):
            elapsed = _until_painted(program)
            if turn:
                times.append(elapsed)
    return line


def _until_painted(program: str) -> float:
    with tempfile.TemporaryDirectory() as folder:
        started = time.monotonic_ns()
        child = subprocess.Popen([sys.executable, "-c", program, folder], stdout=subprocess.PIPE, text=True)
        painted = int(child.stdout.readline()) if child.stdout else started
        child.kill()
        child.communicate()
        return (painted - started) / 1e6


class Shown:
    """A list on a window that is never on a screen, and the floor beside it."""

    def __init__(self, bench: Bench, session: Session) -> None:
        self.bench = bench
        self.list = RecordList(session, "achievement")
        self.list.resize(1180, 700)
        self.list.show()

    def wait(self, signal: Any, act: Callable[[], object]) -> None:
        """Act and run the event loop until the signal comes, thirty seconds at most; then paint."""
        loop = QEventLoop()
        signal.connect(loop.quit)
        QTimer.singleShot(30_000, loop, loop.quit)
        QTimer.singleShot(0, loop, act)
        loop.exec()
        signal.disconnect(loop.quit)
        self.list.table.viewport().repaint()

    def open_rows(self, _case: object) -> None:
        self.wait(self.list.records.shown, lambda: self.list.records.show(Query("achievement")))

    def open_whole(self, _case: object) -> None:
        self.wait(self.list.records.counted, lambda: self.list.records.show(Query("achievement")))

    def search(self, words: str) -> None:
        query = Query("achievement", words=words)
        self.wait(self.list.records.counted, lambda: self.list.records.show(query))

    def floor_page(self, _case: object) -> None:
        self.bench.ask(f"SELECT * FROM achievement WHERE {ORDER} LIMIT {PAGE}")

    def floor_ids(self, _case: object) -> None:
        self.floor_page(None)
        self.bench.ask(f"SELECT row FROM achievement WHERE {ORDER}")

    def floor_search(self, words: str) -> None:
        like = " OR ".join(f"{name} LIKE ?" for name in ("title", "keywords", "summary"))
        self.bench.ask(f"SELECT row FROM achievement WHERE ({like}) AND {ORDER}", *[f"%{words}%"] * 3)


def in_turn(
    name: str, how: str, ours: Callable[[Any], None], floor: Callable[[Any], None], cases: list[Any]
) -> Line:
    """Time both on each case; the first case warms up."""
    line = Line(name, [], [], how)
    for number, case in enumerate([cases[0], *cases]):
        for act, times in ((ours, line.ours), (floor, line.floor)):
            started = time.perf_counter()
            act(case)
            if number:
                times.append(1000 * (time.perf_counter() - started))
    return line


def scrolling(shown: Shown, chance: random.Random) -> str:
    """Return how long a jump to a random place blocks the window: scrolling and painting, pages following."""
    total = shown.list.records.rowCount()
    bar = shown.list.table.verticalScrollBar()
    stalls = []
    for _ in range(JUMPS):
        started = time.perf_counter()
        bar.setValue(chance.randrange(bar.maximum()))
        shown.list.table.viewport().repaint()
        stalls.append(1000 * (time.perf_counter() - started))
        settle(shown.list.records.session.jobs)
    stalls.sort()
    p95 = stalls[int(0.95 * (len(stalls) - 1))]
    return (
        f"\nScrolling {total:,} rows: a random jump holds the window for {statistics.median(stalls):.1f} ms "
        f"(p95 {p95:.1f}); the rows of the new place come from a worker."
    )


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--achievements", type=int, default=100_000)
    bench = prepare(asked.parse_args().achievements)
    application = start.prepare()
    jobs = Jobs()
    print("| what | ms p50 | ms p95 | floor ms p50 | ratio | the floor |\n|---|---|---|---|---|---|")
    print(first_paint(), flush=True)
    with tempfile.TemporaryDirectory() as folder:
        kept = QSettings(str(Path(folder) / "view.ini"), QSettings.Format.IniFormat)
        shown = Shown(bench, Session(bench.desk, jobs, kept))
        page, whole = "SELECT of 200 rows", "200 rows and all row ids"
        print(in_turn("list: first rows painted", page, shown.open_rows, shown.floor_page, [None] * ROUNDS))
        print(in_turn("list: full length known", whole, shown.open_whole, shown.floor_ids, [None] * ROUNDS))
        print(
            in_turn(
                "list: search as you type",
                "full scan with LIKE",
                shown.search,
                shown.floor_search,
                [*WORDS] * 3,
            )
        )
        shown.open_whole(None)
        print(scrolling(shown, random.Random(7)))
        jobs.close()
        shown.list.deleteLater()
    bench.floor.close()
    bench.desk.store.close()
    application.quit()


if __name__ == "__main__":
    main()
