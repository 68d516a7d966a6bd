"""A desk over a real store, and the published lists of tests/data."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from desktop import paths
from desktop.models.blobs import Blobs
from desktop.models.store import Store
from desktop.services.desk import Desk

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY = b"k" * 32
NOW = dt.datetime(2026, 3, 2, 1, 0, tzinfo=dt.UTC)
DATA = Path(__file__).parents[3] / "data"


def open_desk(folder: Path) -> Desk:
    return Desk(
        store=Store.open(folder, KEY),
        blobs=Blobs.open(folder, KEY),
        codes=paths.code_book(),
        policies=paths.policy_book(),
        schemes=paths.schemes(),
        checklist=paths.dossier_checklist(),
        clock=lambda: NOW,
        user="张三",
        device="d1",
    )


@pytest.fixture
def exchange_desk(tmp_path: Path, store_template: Path) -> Iterator[Desk]:
    desk = open_desk(shutil.copytree(store_template, tmp_path / "workspace"))
    yield desk
    desk.store.close()


@pytest.fixture(scope="session")
def shared_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk that keeps what tests put into it; for laws that hold in a growing store."""
    desk = open_desk(tmp_path_factory.mktemp("shared"))
    yield desk
    desk.store.close()
