"""Real desktop stores with the real engine against the real server, in one process and in good order.

Nothing here replaces a part of the program: only the wire is short (bytes are handed over), time is ours,
and pages, batches and threads are made so small and so orderly that a history can be told again.
"""

from __future__ import annotations

import datetime as dt
import itertools
import json
import shutil
import uuid
from concurrent.futures import Future
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final, Self

from desktop.models.outgoing import freezing
from desktop.models.store import Store
from desktop.models.tables import RECORD_TABLES
from desktop.sync import engine, exchange, succession
from desktop.sync.engine import Engine
from desktop.sync.troubles import CopiedError, OfflineError, SyncError
from domain import protocol
from domain.registry import wire_types
from server import frames
from server.caller import Caller
from server.denials import Denied
from server.sync.conversation import converse

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest

    from domain.protocol import SyncAnswer
    from server.postgres.database import Database

KEY: Final = b"k" * 32
PAGE: Final = 3
"""Rows of a page."""


class Violation(AssertionError):  # noqa: N818 - it is what the checks find
    """An invariant does not hold."""


class Killed(BaseException):
    """The program died at a point; nothing after it has happened."""


class Orderly:
    """A line that answers when it is asked for the answer: what happens meanwhile is always the same."""

    freezes = 0
    """How many batches the engine may freeze while it waits."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def call(self, function: Callable[[], Any]) -> Any:
        return Waiting(function, Orderly.freezes)


class Waiting(Future[Any]):
    """An answer that is made when it is looked at, or after so many looks."""

    def __init__(self, function: Callable[[], Any], looks: int) -> None:
        super().__init__()
        self._function, self._looks = function, looks

    def done(self) -> bool:
        self._looks -= 1
        return self._looks < 0

    def result(self, _timeout: float | None = None) -> Any:
        return self._function()


def make_small(patch: pytest.MonkeyPatch) -> None:
    """Let pages have few rows and batches few edits, compare digests always, and keep everything in order."""
    patch.setattr(engine, "Line", Orderly)
    patch.setattr(engine, "PAGE_ROWS", PAGE)
    patch.setattr(engine, "FEWEST_ROWS", 1)
    patch.setattr(engine, "DIGESTS_EVERY_S", -1.0)
    patch.setitem(freezing.freeze.__kwdefaults__, "ops", 3)  # type: ignore[arg-type] # a function has them


@dataclass
class Wire:
    """What the engine takes for its session: hands bytes over and loses them as told."""

    bench: Bench
    replica: Replica
    fault: str = "none"
    """"request lost", "answer lost", "delivered twice", or none of them."""
    during: Callable[[], None] | None = None
    late: list[bytes] = field(default_factory=list)
    credentials: Any = field(default_factory=lambda: SimpleNamespace(server_key=""))

    def ask(self, _method: str, path: str, content: bytes = b"", **_options: Any) -> Any:
        if path != protocol.SYNC_PATH:
            raise SyncError(path)
        fault, self.fault = self.fault, "none"
        self.late.append(content)
        if fault == "request lost":
            raise OfflineError
        answer = self._answered(content)
        if fault == "delivered twice":
            answer = self._answered(content)
        if (during := self.during) is not None:
            self.during = None
            during()
        if fault == "answer lost":
            raise OfflineError
        if answer.mended:
            raise Violation(f"I1: digests of {answer.mended} differ on {self.replica.folder.name}")
        return SimpleNamespace(content=frames.pack(protocol.encode(answer)), headers={}, text="")

    def _answered(self, content: bytes) -> SyncAnswer:
        try:
            return self.bench.converse(self.replica.caller, content)
        except Denied as denied:
            if denied.trouble.code != "copied":
                raise
            if not self.replica.is_copy:
                raise Violation("I12: a store is taken for a copy that is none") from denied
            raise CopiedError from denied

    def succeed(self, _words: bytes) -> None:
        self.replica.caller = self.bench.enrol(same=self.replica.caller)
        self.replica.is_copy = False


@dataclass
class Replica:
    """One desk: a store, its engine, the person at it."""

    bench: Bench
    folder: Path
    caller: Caller
    skew_ms: int = 0
    is_copy: bool = False

    def __post_init__(self) -> None:
        self.wire = Wire(self.bench, self)
        self.open()

    def open(self) -> None:
        self.store = Store.open(self.folder, KEY, now_ms=self.now_ms)
        self.start()

    def start(self) -> None:
        """Start the program anew over the store as it is."""
        self.engine = Engine(
            self.store,
            self.wire,  # type: ignore[arg-type] # it says what a session says
            build="test",
            on_taken=lambda _taken: None,
            on_trust=lambda _text: None,
            wall_ms=self.now_ms,
        )
        self.engine._rows = PAGE

    def now_ms(self) -> int:
        return self.bench.now_ms + self.skew_ms

    def sync(self) -> None:
        self.engine.run()

    def rows(self) -> dict[tuple[str, bytes], dict[str, Any]]:
        """Return the live records that the server knows too, by type and id."""
        found = {}
        with self.store.read() as connection:
            for name in RECORD_TABLES:
                fields = [one.name for one in wire_types()[name].fields if one]
                known = f"{name} WHERE row_ver <> 0 AND deleted_at IS NULL"
                asked = f"SELECT id, extra, {', '.join(fields)} FROM {known}"
                for row in connection.exec_driver_sql(asked).mappings():
                    found[name, bytes(row["id"])] = {one: comparable(row[one]) for one in ("extra", *fields)}
        return found

    def value(self, name: str, pk: bytes, column: str) -> Any:
        with self.store.read() as connection:
            return connection.exec_driver_sql(f"SELECT {column} FROM {name} WHERE id = ?", (pk,)).scalar()

    def close(self) -> None:
        self.store.close()


def comparable(value: Any) -> Any:
    """Return a value in a form that can be compared: sets have no order."""
    return sorted(json.loads(value)) if isinstance(value, str) and value.startswith('["') else value


@dataclass
class Bench:
    """One database for many histories, each in an organisation of its own."""

    database: Database
    template: Path
    folder: Path
    now_ms: int = 1_780_000_000_000
    numbers: Any = field(default_factory=lambda: itertools.count(1))

    def converse(self, caller: Caller, content: bytes) -> SyncAnswer:
        asked = protocol.decode_request(frames.unpack(content))
        now = dt.datetime.fromtimestamp(self.now_ms / 1000, dt.UTC)
        answer, _ = converse(self.database, self.acting(caller), asked, now)
        return protocol.decode_answer(protocol.encode(answer))

    def acting(self, caller: Caller) -> Caller:
        """Return the caller with the role he has now."""
        with self.database.reading() as connection:
            row = connection.execute("SELECT role FROM account WHERE id = %s", (caller.account,)).fetchone()
        assert row is not None
        return Caller(caller.device, caller.label, caller.account, caller.name, row[0], caller.organisation)

    def enrol(
        self, role: str = "broker", *, like: Caller | None = None, same: Caller | None = None
    ) -> Caller:
        """Return a person with a device: new, of the same organisation, or the same person."""
        number, shared = next(self.numbers), like or same
        organisation = uuid.UUID(shared.organisation) if shared else uuid.uuid4()
        account = uuid.UUID(same.account) if same else uuid.uuid4()
        with self.database.connection() as connection:
            if not shared:
                connection.execute(
                    "INSERT INTO organisation (id, name, kind) VALUES (%s, %s, 'agency')",
                    (organisation, f"机构{number}"),
                )
            if not same:
                connection.execute(
                    "INSERT INTO account (id, organisation, login, name, role) VALUES (%s, %s, %s, %s, %s)",
                    (account, organisation, f"login{uuid.uuid4().hex}", f"人员{number}", role),
                )
            row = connection.execute(
                "INSERT INTO device (account, label, sign_key, seal_key)"
                " VALUES (%s, %s, %s, '') RETURNING number",
                (account, f"设备{number}", uuid.uuid4().bytes),
            ).fetchone()
        assert row is not None
        return Caller(row[0], f"设备{number}", str(account), f"人员{number}", role, str(organisation))  # type: ignore[arg-type] # tests name real roles

    def replica(self, caller: Caller, *, skew_ms: int = 0) -> Replica:
        folder = self.folder / f"store{next(self.numbers)}"
        shutil.copytree(self.template, folder)
        return Replica(self, folder, caller, skew_ms)


def patch_points(patch: pytest.MonkeyPatch, passed: Callable[[], None]) -> None:
    """Tell of every failpoint that is passed; whoever is told may let the program die there."""

    def point(_name: str) -> None:
        passed()

    for module in (engine, exchange, succession):
        patch.setattr(module, "failpoint", point)
