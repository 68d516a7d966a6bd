"""What becomes of those who ask a server that dies at a door: nothing is doubled, nothing lost.

The server is a process of its own that kills itself at a failpoint, its PostgreSQL the real one, and those
who ask are the desk's own parts. Whoever got no answer asks again.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import uuid
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from desktop.models import file_copies, number_series
from desktop.models.blobs import Blobs
from desktop.models.tables import now_text
from desktop.models.work import Work, new_id
from desktop.sync.troubles import SyncError
from domain import protocol
from domain.problems import Refusal
from domain.registry import wire_types
from domain.wire import to_packed
from server import frames
from server.records.snapshots import LEAST_ROWS
from tests import offices
from tests.sync.syncer import KEY, Workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from desktop.sync.credentials import Credentials
    from domain.enrolment import Invitation
    from tests.sync.serving import Serving

YEAR: Final = 2031
COMPANY: Final = "某某化工有限公司"
_DEVICES: Final = (
    "SELECT number FROM device JOIN account ON account.id = account WHERE login = %s ORDER BY number"
)


@dataclass(frozen=True)
class Trial:
    """A server that is to die at a point, and desks of people it does not know yet."""

    serving: Serving
    template: Path
    folder: Path
    point: str

    def run(self) -> None:
        with contextlib.ExitStack() as held:
            CASES[self.point](self, held)

    def dies(self, act: Callable[[], object]) -> None:
        """Let somebody ask the server, which dies, and start it again."""
        self.serving.kill()
        self.serving.start(dying_at=self.point)
        with contextlib.suppress(SyncError, Refusal):
            act()
        assert self.serving.has_died(), "the point was not passed"
        self.serving.start()

    def blank(self, held: contextlib.ExitStack) -> Workspace:
        """Return a desk that belongs to nobody."""
        folder = self.folder / uuid.uuid4().hex
        shutil.copytree(self.template, folder)
        return opened(folder, held)

    def joined(self, held: contextlib.ExitStack) -> Workspace:
        """Return the desk of a new person."""
        desk = self.blank(held)
        desk.join(self.invitation())
        return desk

    def invitation(self) -> Invitation:
        return self.serving.invite(f"p{uuid.uuid4().hex[:12]}")

    def devices(self, login: str) -> list[int]:
        return [number for (number,) in self.serving.told(_DEVICES, login)]


def opened(folder: Path, held: contextlib.ExitStack) -> Workspace:
    desk = Workspace(folder)
    held.callback(desk.close)
    return desk


def known(desk: Workspace) -> Credentials:
    """Return who a desk is to its server."""
    held = desk.vault.held()
    assert held is not None
    return held


# --- who a device is ---------------------------------------------------------------------------------------


def let_in(trial: Trial, held: contextlib.ExitStack) -> None:
    """Whoever was being let in is one device."""
    desk, invitation = trial.blank(held), trial.invitation()
    trial.dies(lambda: desk.join(invitation))
    assert len(trial.devices(invitation.name)) == (trial.point == "registered")
    desk.join(invitation)
    desk.save(0)
    desk.sync()
    assert desk.counts().waiting == 0
    assert trial.devices(invitation.name) == [known(desk).device]


def copied(trial: Trial, held: contextlib.ExitStack) -> None:
    """A copied store has one successor."""
    first = trial.joined(held)
    first.sync()
    first.close()
    shutil.copytree(first.folder, first.folder.with_name("copy"))
    original, copy = opened(first.folder, held), opened(first.folder.with_name("copy"), held)
    saved = {original.save(1).bytes}
    original.sync()
    saved.add(copy.save(2).bytes)
    trial.dies(copy.sync)
    for one in (copy, original):
        one.sync()
    assert original.rows() == copy.rows()
    assert {("deal", key) for key in saved} <= copy.rows().keys()
    assert trial.devices(known(copy).name) == [known(original).device, known(copy).device]


def refreshed(trial: Trial, held: contextlib.ExitStack) -> None:
    """Tokens that were lost on the way sign nobody out."""
    desk = trial.joined(held)
    desk.save(0)
    trial.dies(desk.sync)
    for _ in range(2):
        desk.sync()
    assert desk.counts().waiting == 0
    told = trial.serving.told("SELECT ended_at FROM sign_in WHERE device = %s", known(desk).device)
    assert told == [(None,)]


# --- numbers -----------------------------------------------------------------------------------------------


def numbered(trial: Trial, held: contextlib.ExitStack) -> None:
    """No number is given twice, and none is given for nothing."""
    desk, other = trial.joined(held), trial.joined(held)
    desk.sync()
    series = wanted(desk)
    trial.dies(desk.sync)
    assert wanted(other) == series
    for one in (other, desk):
        one.sync()
    first, second = numbers(desk, series), numbers(other, series)
    assert first
    assert second
    assert not set(first) & set(second)
    told = "SELECT count(*), sum(last - first + 1)::int FROM number_block WHERE series = %s AND device = %s"
    assert trial.serving.told(told, series, known(desk).device) == [(1, len(first))]
    assert trial.serving.told(told, series, known(other).device) == [(1, len(second))]


def wanted(desk: Workspace) -> str:
    with desk.store.write() as connection:
        return number_series.wanted(connection, YEAR)


def numbers(desk: Workspace, series: str) -> list[int]:
    """Return the numbers a desk may give to certificates."""
    with desk.store.read() as connection:
        asked = "SELECT first, last FROM number_block WHERE series = ?"
        found = connection.exec_driver_sql(asked, (series,)).all()
    return [number for first, last in found for number in range(first, last + 1)]


# --- files -------------------------------------------------------------------------------------------------


def uploaded(trial: Trial, held: contextlib.ExitStack) -> None:
    """A file arrives whole, and once."""
    desk, other = trial.joined(held), trial.joined(held)
    size = protocol.CHUNK + 1000
    name = attach(desk, os.urandom(size))
    desk.sync()
    trial.dies(lambda: carry(desk))
    carry(desk)
    other.sync()
    blobs = Blobs.open(other.folder, KEY)
    with other.store.write() as connection:
        file_copies.want(connection, blobs, name, now_text(offices.now()))
    carry(other)
    assert hashlib.sha256(blobs.get(name)).hexdigest() == name
    asked = "SELECT place, size FROM blob WHERE sha256 = %s AND complete_at IS NOT NULL"
    ((place, kept),) = trial.serving.told(asked, bytes.fromhex(name))
    assert kept == size
    assert trial.serving.told("SELECT number FROM blob_chunk WHERE place = %s", place) == []
    chunks = trial.serving.folder.glob(f"blobs/*/{place.hex}/*")
    assert sorted(path.name for path in chunks) == ["0", "1"]


def attach(desk: Workspace, content: bytes) -> str:
    """Keep a file with a record; return its name."""
    name = Blobs.open(desk.folder, KEY).put(content)
    with desk.store.write() as connection:
        work = Work(connection, offices.now(), "高璟", "device", "添加附件")
        values = {"name": "扫描件.pdf", "sha256": name, "size": Decimal(len(content))}
        work.put("attachment", new_id(), values)
        work.finish()
    return name


def carry(desk: Workspace) -> None:
    conversation = desk.talk()
    try:
        while conversation.files.turn():
            pass
    finally:
        conversation.close()


# --- copies for new devices --------------------------------------------------------------------------------


def half_made(trial: Trial, held: contextlib.ExitStack) -> None:
    """A half made copy is nobody's."""
    desk, other = trial.joined(held), trial.blank(held)
    desk.sync()
    own = f"u:{known(desk).account}"
    trial.dies(lambda: fill(desk, own, LEAST_ROWS))
    folder = trial.serving.folder / "snapshots"
    ((number,),) = trial.serving.told("SELECT number FROM scope WHERE key = %s", own)
    assert list(folder.glob("*.new"))
    assert not list(folder.glob(f"{number}-*.pages"))
    other.join(trial.invitation(), account=known(desk).name)
    other.sync()
    with other.store.read() as connection:
        came = connection.exec_driver_sql("SELECT count(*) FROM party WHERE name = ?", (COMPANY,)).scalar()
    assert came == LEAST_ROWS


def fill(desk: Workspace, scope: str, count: int) -> None:
    """Give a scope so many records, by hand: nothing of this desk is looked at afterwards."""
    party = wire_types()["party"]
    body = to_packed(party, {"name": COMPANY, "kind": "enterprise"})
    ops: list[Any] = [protocol.New(party.number, uuid.uuid4().bytes, body, scope) for _ in range(count)]
    batch = protocol.encode(protocol.Batch(1, [protocol.Group(protocol.clock_at(0), ops)]))
    asked = protocol.SyncRequest(protocol.PROTOCOL_VERSION, "test", 0, 0, [batch], sent=1)
    conversation = desk.talk()
    try:
        words = frames.pack(protocol.encode(asked))
        conversation.session.ask("POST", protocol.SYNC_PATH, words)
    finally:
        conversation.close()


CASES: Final[Mapping[str, Callable[[Trial, contextlib.ExitStack], None]]] = {
    "registering": let_in,
    "registered": let_in,
    "succeeding": copied,
    "succeeded": copied,
    "refreshing": refreshed,
    "refreshed": refreshed,
    "blocks-given": numbered,
    "answered": numbered,
    "chunk-stored": uploaded,
    "chunk-noted": uploaded,
    "blob-checked": uploaded,
    "blob-noted": uploaded,
    "snapshot-written": half_made,
}
"""What is tried at each failpoint of the server but those of a push, which test_killed.py tries."""
