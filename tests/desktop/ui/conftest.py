"""A session over a real store whose jobs are done at once, in the look of the program."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import QEvent, QObject, QSettings
from PySide6.QtWidgets import QWidget

from desktop.models.work import new_id
from desktop.services import records
from desktop.ui import style_sheet, theme
from desktop.ui.jobs import InstantJobs
from desktop.ui.widgets.session import Session

if TYPE_CHECKING:
    import uuid
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from PySide6.QtWidgets import QApplication

    from desktop.services.desk import Desk


@pytest.fixture
def look(qapp: QApplication) -> Iterator[QApplication]:
    """Dress the application as the program does, and undress it again."""
    held_palette, held_font = qapp.palette(), qapp.font()
    qapp.setFont(theme.font())
    style_sheet.wear(qapp, theme.LIGHT)
    yield qapp
    qapp.setStyleSheet("")
    qapp.setPalette(held_palette)
    qapp.setFont(held_font)


@pytest.fixture
def jobs(qapp: QApplication) -> Iterator[InstantJobs]:
    """Return jobs that are done before the call returns; any fault among them fails the test."""
    made = InstantJobs()
    faults: list[Exception] = []
    made.crashed.connect(faults.append)
    yield made
    made.close()
    assert not faults


@pytest.fixture
def session(desk: Desk, jobs: InstantJobs, look: QApplication, tmp_path: Path) -> Iterator[Session]:
    """Return a session over the empty store."""
    made = Session(desk, jobs, QSettings(str(tmp_path / "view.ini"), QSettings.Format.IniFormat))
    yield made
    made.deleteLater()


@pytest.fixture
def put(desk: Desk) -> Callable[..., uuid.UUID]:
    """Return a function that saves a record and returns its id."""

    def save(record_type: str, **values: Any) -> uuid.UUID:
        record_id = new_id()
        records.save(desk, record_type=record_type, record_id=record_id, values=values)
        return record_id

    return save


@pytest.fixture
def flashes(qapp: QApplication) -> Iterator[list[str]]:
    """Return a list that grows by every widget without a parent that is shown during the test."""
    seen: list[str] = []

    class Watch(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
                seen.append(f"{type(watched).__name__} {watched.objectName()}")
            return False

    watch = Watch()
    qapp.installEventFilter(watch)
    yield seen
    qapp.removeEventFilter(watch)
