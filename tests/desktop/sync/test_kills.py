"""The process dies at the worst moments of a sync; afterwards nothing is lost and nothing is there twice."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from desktop.sync.failpoints import VARIABLE
from desktop.sync.transport import Transport
from tests import offices
from tests.offices import KEY, Office

if TYPE_CHECKING:
    from tests.offices import Desk

ROOT = Path(__file__).resolve().parents[3]
SYNC = """
import sys
from pathlib import Path
from desktop.models.blobs import Blobs
from desktop.models.store import Store
from desktop.sync.credentials import Vault
from desktop.sync.once import sync_once
from tests.offices import KEY, now
folder = Path(sys.argv[1])
store = Store.open(folder, KEY)
vault = Vault(store, None)
sync_once(store, Blobs.open(folder, KEY), vault, vault.read(), build="test",
          on_trust=lambda text: None, own_trust=lambda: "", now=now)
store.close()
"""


@pytest.fixture
def near(server_app, tmp_path, store_template, monkeypatch):
    """Return an office whose server listens on this machine, so that another process can reach it."""
    with offices.listening(server_app, lifespan="off") as port:
        monkeypatch.setattr(offices, "ADDRESS", f"http://127.0.0.1:{port}")
        office = Office(server_app, tmp_path, store_template)
        office.connect = lambda _server="", _pin="": Transport.to(offices.ADDRESS, "")  # type: ignore[method-assign]  # a socket for the in-process line
        yield office


def without_keyring(office: Office) -> Desk:
    """Return a desk whose credentials another process can read."""
    desk = office.alone()
    desk.keyring = None  # type: ignore[assignment]  # as on a machine that has none
    desk.join(office.invite())
    return desk


def sync_in_another_process(desk: Desk, failpoint: str) -> bool:
    """Sync in a process that dies at a point; tell whether it did."""
    desk.store.close()
    told = subprocess.run(
        [sys.executable, "-c", SYNC, str(desk.folder)],
        cwd=ROOT,
        env={**os.environ, VARIABLE: failpoint},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    desk.store = type(desk.store).open(desk.folder, KEY)
    assert told.returncode in (0, -9, 137), told.stderr
    return told.returncode != 0


@pytest.mark.loopback
@pytest.mark.parametrize("point", ["settled", "upload-chunk"])
def test_a_kill_at_any_point_loses_nothing_and_doubles_nothing(near, point):
    desk, other = without_keyring(near), near.desk()
    theirs = other.put("party", name="对方的公司", kind="organisation")
    other.sync()
    party = desk.put("party", name="甲公司", kind="organisation")
    body = b"contract" * 200_000
    sha256 = desk.blobs.put(body)
    desk.put("attachment", name="合同.pdf", sha256=sha256, size=len(body))
    assert sync_in_another_process(desk, point)
    desk.put("party", party, name="甲股份公司")
    assert not sync_in_another_process(desk, "")
    other.sync()
    assert other.name(party) == "甲股份公司"
    assert desk.name(theirs) == "对方的公司"
    assert other.rows() == desk.rows()
    with near.app.state.database.reading() as connection:
        assert connection.execute("SELECT count(*) FROM device").fetchone() == (2,)
