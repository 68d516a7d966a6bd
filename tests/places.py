"""Where tests happen: an empty store to copy, the whole server over PostgreSQL, an agency on it.

There a password costs next to nothing, for the sake of time; a test about its price says
`@pytest.mark.dear_passwords`.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from argon2 import PasswordHasher

from desktop.models.store import Store
from server.accounts import passwords
from server.app import build
from server.settings import Settings
from tests import offices
from tests.sync.bench import Bench
from tests.sync.serving import Serving, installed
from tests.sync.syncer import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from starlette.applications import Starlette

    from server.postgres.database import Database
    from tests.offices import Desk, Office

_CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
_NOBODY = _CHEAP.hash("the password of nobody")


@pytest.fixture(autouse=True)
def passwords_cost_little(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give Argon2id the least of its costs."""
    if request.node.get_closest_marker("dear_passwords") is None:
        monkeypatch.setattr(passwords, "_HASHER", _CHEAP)
        monkeypatch.setattr(passwords, "NOBODY", _NOBODY)


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


@pytest.fixture(scope="session")
def serving() -> Iterator[Serving]:
    """Return a server in a process of its own, running, with two people invited."""
    with installed() as made:
        yield made


@pytest.fixture
def desks(serving: Serving, joined_desks: list[Path]) -> list[Path]:
    """Return the folders of two desks that have joined it, with as many tries as on a new day."""
    serving.forgive()
    return joined_desks


@pytest.fixture(scope="session")
def joined_desks(
    serving: Serving, store_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> list[Path]:
    """Return the folders of two desks that have joined it."""
    folders = [tmp_path_factory.mktemp("desks") / name for name in ("killed", "other")]
    for number, folder in enumerate(folders):
        shutil.copytree(store_template, folder)
        desk = Workspace(folder)
        desk.join(serving.invitation("broker" if number else "head"))
        desk.sync()
        desk.close()
    return folders
