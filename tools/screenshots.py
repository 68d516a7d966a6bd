"""Draws every screen in light and dark, so that one can look at all of them after a change.

    python -m tools.screenshots [--out DIR] [--only NAME]

The pictures are made without a screen, from the sample data, at the size of a small laptop.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtWidgets import QDialog

from desktop import app as composition
from desktop.services import records
from desktop.ui import pages, rare_characters, start, style_sheet
from desktop.ui.certificates.verifying import VerifyPage
from desktop.ui.jobs import Jobs, settle
from desktop.ui.window import Window
from tools import sample_data, sample_papers, sample_sync

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SIZE: Final = (1366, 768)
PASSPHRASE: Final = "sample data only"  # noqa: S105 - it protects nothing
LIST: Final = Path(__file__).parents[1] / "tests" / "data" / "deals.csv"
NOW: Final = dt.datetime(2026, 3, 2, 9, 42, tzinfo=dt.timezone(dt.timedelta(hours=8)))
OPENED: Final = (
    ("record-deal", "deal", "无氯氟聚氨酯发泡剂专利转让"),
    ("record-achievement", "achievement", "无氯氟聚氨酯化学发泡剂"),
    ("record-client", "party", "浙江工业大学"),
    ("record-class", "training_class", sample_papers.CERTIFIED),
    ("record-agency", "agency", "2025"),
)


class Camera:
    """Takes a window to its screens one after another and keeps the pictures."""

    def __init__(self, window: Window, jobs: Jobs, out: Path, only: str, look: str) -> None:
        self.window, self.jobs, self.out, self.only, self.look = window, jobs, out, only, look

    def shoot(self, name: str, prepare: Callable[[], object]) -> None:
        """Prepare a screen, wait until it is still, and keep its picture in the look that is on."""
        if self.only and self.only not in name:
            return
        prepare()
        settle(self.jobs)
        settle(self.jobs)
        path = self.out / f"{name}-{self.look}.png"
        self.window.grab().save(str(path))
        print(path)

    def walk(self) -> None:
        """Draw every screen of an open workspace."""
        for name, prepare in self._screens():
            self.shoot(name, prepare)

    def _screens(self) -> Iterator[tuple[str, Callable[[], object]]]:
        window = self.window
        for place in pages.PLACES:
            yield f"place-{place.key}", partial(window.go_to, place.key)
            section = window.section(place.key)
            for number, view in enumerate(section.views[1:], start=1):
                yield (
                    f"place-{place.key}-{number}-{view.label}",
                    partial(section.show_view, number),
                )
        for name, record_type, title in OPENED:
            yield (
                name,
                partial(window.open_record, record_type, sample_data.key(record_type, title)),
            )
            page = window.current.page if window.current else None
            for number in range(1, len(page.tabs()) if page else 0):
                yield f"{name}-tab{number}", partial(self._tab, number)
        yield "certificate-verified", self._verify
        yield "record-new", lambda: window.new_record("demand", {})
        yield "record-problems", self._save_wrong
        yield "list-nothing", lambda: self._search("没有这样的词")
        yield "import", self._import_of_nothing
        yield "import-checked", self._import
        yield "palette", lambda: window.act("search")
        yield "palette-found", self._find
        yield "toast", self._toast

    def walk_joined(self) -> None:
        """Draw the screens on which a workspace that belongs to a server is another."""
        window = self.window
        for number, name in enumerate(("sync", "sync-conflicts", "sync-line")):
            self.shoot(name, partial(self._sync, number))
        self.shoot("sync-home", partial(window.go_to, "home"))
        self.shoot("sync-board", partial(window.go_to, "deals"))
        deal = sample_data.key("deal", sample_sync.DISPUTED)
        self.shoot("sync-deal", partial(window.open_record, "deal", deal))
        page = window.current.page if window.current else None
        if page:
            page.conflict.asked.emit()
        settle(self.jobs)
        self.shoot_sheet("sync-decision")

    def shoot_sheet(self, name: str) -> None:
        """Keep the picture of the sheet that stands over the window."""
        sheets = [sheet for sheet in self.window.findChildren(QDialog) if sheet.isVisible()]
        if sheets and self.only in name:
            path = self.out / f"{name}-{self.look}.png"
            sheets[-1].grab().save(str(path))
            print(path)

    def _sync(self, number: int) -> None:
        self.window.go_to("sync")
        self.window.section("sync").show_view(number)

    def _tab(self, number: int) -> None:
        section = self.window.current
        if section and section.page:
            section.page.show_tab(number)

    def _verify(self) -> None:
        """Issue the drafts of the class and hold one of the papers to the page that judges them."""
        section, session = self.window.section("training"), self.window.session
        assert session
        credential = sample_papers.certify(session.desk)
        self.window.go_to("training")
        section.show_view([view.label for view in section.views].index("验证"))
        page = section.current_view
        assert isinstance(page, VerifyPage)
        page.text.setText(credential)
        page.judge_text()

    def _save_wrong(self) -> None:
        section = self.window.current
        if section and section.page:
            section.page.form.cells["budget"].editor.put("很多")
            section.page.save()

    def _search(self, words: str) -> None:
        self.window.go_to("experts")
        view = self.window.section("experts").current_view
        search = getattr(view, "search", None)
        if search:
            search.setText(words)
        self.window.section("experts").focus_filter()

    def _import_of_nothing(self) -> None:
        self.window.go_to("clients")
        self.window.section("clients").show_import("party")

    def _import(self) -> None:
        """Look through a published list of contracts without importing it."""
        self.window.go_to("deals")
        self.window.section("deals").show_import("deal").file.take(LIST)

    def _find(self) -> None:
        if self.window.palette_:
            self.window.palette_.line.setText("浙江")

    def _toast(self) -> None:
        if self.window.palette_ and self.window.session:
            self.window.palette_.hide()
            self.window.go_to("clients")
            self.window.session.say("已删除 1 条客户", undo=True)


def main(arguments: list[str] | None = None) -> int:
    """Draw all screens; the exit code is 0 when every picture could be written."""
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--out", type=Path, default=Path("build/screenshots"))
    reader.add_argument("--only", default="")
    chosen = reader.parse_args(arguments)
    chosen.out.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    os.environ["TZ"] = "Asia/Shanghai"
    time.tzset()
    application = start.prepare()
    rare_characters.install()
    with tempfile.TemporaryDirectory() as folder:
        for look in style_sheet.THEMES.values():
            style_sheet.wear(application, look)
            draw(Path(folder) / look.name, chosen.out, chosen.only)
    return 0


def draw(folder: Path, out: Path, only: str) -> None:
    """Draw every screen in the look that is on."""
    folder.mkdir()
    jobs = Jobs()
    window = Window(folder, jobs)
    camera = Camera(window, jobs, out, only, folder.name)
    window.resize(*SIZE)
    window.show()
    camera.shoot("first-paint", lambda: None)
    camera.shoot("unlock", lambda: window.ask_passphrase(new=False, given=print))
    camera.shoot("unlock-new", lambda: window.ask_passphrase(new=True, given=print))
    opened = composition.build(folder, passphrase=PASSPHRASE, clock=lambda: NOW)
    records.save_all(opened.desk, records=sample_data.records())
    window.enter(opened.desk)
    settle(jobs)
    camera.walk()
    window.close()
    link = sample_sync.join(opened.desk)
    joined = Window(folder, jobs)
    joined.resize(*SIZE)
    joined.show()
    joined.enter(opened.desk, link)
    settle(jobs)
    Camera(joined, jobs, out, only, folder.name).walk_joined()
    joined.close()
    jobs.close()
    opened.close()


if __name__ == "__main__":
    sys.exit(main())
