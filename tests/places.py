"""Where tests happen: an empty store to copy, the whole server over PostgreSQL, an agency on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from desktop.models.store import Store
from server.app import build
from server.settings import Settings
from tests import offices
from tests.sync.bench import Bench

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from starlette.applications import Starlette

    from server.postgres.database import Database
    from tests.offices import Desk, Office


@pytest.fixture(scope="session")
def store_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with an empty store in its newest shape."""
    folder = tmp_path_factory.mktemp("template")
    Store.open(folder, offices.KEY).close()
    return folder


@pytest.fixture
def server_app(database_url: str, tmp_path: Path) -> Iterator[Starlette]:
    """Return the whole server, running."""
    app = build(Settings(data_dir=tmp_path / "server", database=database_url, pool=6))
    with offices.lively(app):
        yield app


@pytest.fixture
def office(
    server_app: Starlette, tmp_path: Path, store_template: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Office]:
    """Return an agency on the server; the desks it hands out are closed when the test ends."""
    made: list[Desk] = []
    begin = offices.Desk.__post_init__

    def noted(desk: Desk) -> None:
        begin(desk)
        made.append(desk)

    monkeypatch.setattr(offices.Desk, "__post_init__", noted)
    yield offices.Office(server_app, tmp_path, store_template)
    for desk in made:
        desk.close()


@pytest.fixture
def bench(database: Database, store_template: Path, tmp_path: Path) -> Bench:
    """Return what histories over real stores and the real server are made on."""
    return Bench(database, store_template, tmp_path)
