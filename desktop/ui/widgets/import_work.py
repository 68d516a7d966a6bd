"""What an import does off the UI thread: it looks through a file, and tells how far it is."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from desktop.services.exchange import importing
from desktop.ui.jobs import Cancelled
from desktop.ui.widgets.import_mapping import samples
from domain.problems import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from desktop.services.desk import Desk
    from desktop.services.exchange.importing import ImportPlan
    from desktop.services.exchange.layout import Layout
    from desktop.ui.jobs import Job


@dataclass(frozen=True, slots=True)
class Reading:
    """A file as it was understood; without a plan the problems say what is missing."""

    layout: Layout
    samples: Mapping[int, str]
    plan: ImportPlan | None
    problems: tuple[str, ...] = ()


def read(desk: Desk, path: Path, record_type: str, mapping: Mapping[str, str] | None, job: Job) -> Reading:
    """Look through a file, as far as it can be understood.

    Raises:
        Refusal: the file cannot be read at all.
    """
    layout = importing.inspect(desk, path, record_type, mapping)
    try:
        plan = importing.plan(desk, path, record_type, mapping, progress=job.step)
    except Refusal as refusal:
        return Reading(layout, samples(layout), None, tuple(refusal.messages()))
    return Reading(layout, samples(layout), plan)


class Steps(QObject):
    """Tells from the writing thread how far an import is, and takes the wish to stop."""

    stepped = Signal(int, int)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.stop = threading.Event()

    def __call__(self, done: int, total: int) -> None:
        if self.stop.is_set():
            raise Cancelled
        self.stepped.emit(done, total)
