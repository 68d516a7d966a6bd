"""A desk over a real encrypted store, copied from one template so that each test starts in milliseconds."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from desktop import paths
from desktop.__main__ import main
from desktop.models.blobs import Blobs
from desktop.models.store import Store
from desktop.services.desk import Desk
from tests.classes import PASSPHRASE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from pathlib import Path

KEY = b"k" * 32


@pytest.fixture
def store(tmp_path: Path, store_template: Path) -> Iterator[Store]:
    """Return an empty encrypted store of its own."""
    folder = tmp_path / "workspace"
    shutil.copytree(store_template, folder)
    opened = Store.open(folder, KEY)
    yield opened
    opened.close()


@pytest.fixture
def desk(store: Store, clock: Callable[[], datetime]) -> Desk:
    """Return a desk of a broker named 高璟 over the empty store."""
    return Desk(
        store=store,
        blobs=Blobs.open(store.path.parent, KEY),
        codes=paths.code_book(),
        policies=paths.policy_book(),
        schemes=paths.schemes(),
        checklist=paths.dossier_checklist(),
        clock=clock,
        user="高璟",
        device="0cb3a1f2",
    )


@pytest.fixture
def workspace(tmp_path, made, monkeypatch):
    """Return a copy of the workspace ``made`` by the module that asks, which its passphrase opens."""
    folder = tmp_path / "workspace"
    shutil.copytree(made, folder)
    monkeypatch.setenv("TRANSFER_DESK_PASSPHRASE", PASSPHRASE)
    return folder


@pytest.fixture
def run(workspace, capsys):
    """Return a call of the command line on the workspace: exit code, what it said, what it complained."""

    def call(*arguments):
        code = main(["--data-dir", str(workspace), *map(str, arguments)])
        said = capsys.readouterr()
        return code, said.out, said.err

    return call
