"""Real desktop stores with the real engine against the real server, in one process and in good order.

Nothing here replaces a part of the program: only the wire is short (bytes are handed over), time is ours,
and pages, batches and threads are made so small and so orderly that a history can be told again.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import itertools
import json
import shutil
import uuid
from concurrent.futures import Future
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final, Self

from desktop.models.incoming import intake
from desktop.models.outgoing import freezing
from desktop.models.store import Store
from desktop.sync import engine, exchange, succession
from desktop.sync.engine import Engine
from desktop.sync.troubles import CopiedError, OfflineError, SyncError
from domain import protocol, sheaves
from domain.fields import RECORD_TYPES
from domain.registry import by_number, wire_types
from server import frames
from server.caller import Caller
from server.denials import Denied
from server.sync.conversation import converse
from tests.sync.scripts import Violation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    import pytest
    from sqlalchemy import Connection

    from desktop.sync.exchange import Taken
    from domain.fields import RecordType
    from domain.pages import Page
    from domain.protocol import SyncAnswer
    from server.postgres.database import Database

KEY: Final = b"k" * 32
PAGE: Final = 3
"""Rows of a page."""
ASKS_AT_MOST: Final = 50
"""So many requests no sync of a history needs."""
FEW: Final = ("party", "deal", "conflict")
"""The record types of histories."""


class Killed(BaseException):
    """The program died at a point; nothing after it has happened."""


class Orderly:
    """A line whose answers are made when they are looked at: what happens meanwhile is always the same."""

    freezes = 0
    """How many batches the engine may freeze while it waits."""
    prompt = False
    """Whether the server answers at once, before the engine goes on."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def call(self, function: Callable[[], Any]) -> Any:
        waiting = Waiting(function, Orderly.freezes)
        if Orderly.prompt:
            waiting.answer()
        return waiting


class Waiting(Future[Any]):
    """An answer that is made when it is looked at, if not before; it seems to come after so many looks."""

    def __init__(self, function: Callable[[], Any], looks: int) -> None:
        super().__init__()
        self._function, self._looks = function, looks

    def answer(self) -> None:
        try:
            self.set_result(self._function())
        except (Exception, Killed) as error:  # noqa: BLE001 - whoever looks at the answer is told
            self.set_exception(error)

    def done(self) -> bool:
        self._looks -= 1
        return self._looks < 0

    def result(self, timeout: float | None = None) -> Any:
        return super().result(timeout) if super().done() else self._function()


def make_small(patch: pytest.MonkeyPatch) -> None:
    """Let pages have few rows and batches few edits, compare digests always, and keep everything in order."""
    patch.setattr(engine, "Line", Orderly)
    patch.setattr(engine, "PAGE_ROWS", PAGE)
    patch.setattr(engine, "FEWEST_ROWS", 1)
    patch.setattr(engine, "DIGESTS_EVERY_S", -1.0)
    patch.setitem(freezing.freeze.__kwdefaults__, "ops", 3)  # type: ignore[arg-type] # a function has them


@contextlib.contextmanager
def knowing_few() -> Iterator[None]:
    """Let the program know few record types: much that sync does is done for each, and costs its time."""
    every = dict(RECORD_TYPES)
    _know({name: every[name] for name in FEW})
    try:
        yield
    finally:
        _know(every)


def _know(record_types: Mapping[str, RecordType]) -> None:
    RECORD_TYPES.clear()
    RECORD_TYPES.update(record_types)
    wire_types.cache_clear()
    by_number.cache_clear()


def watch(patch: pytest.MonkeyPatch, bench: Bench) -> None:
    """Tell the history that is going on of every page that was shown."""
    take = intake.take

    def taken(connection: Connection, page: Page) -> Any:
        applied = take(connection, page)
        if bench.watched is not None:
            bench.watched.shown(connection, page.scope)
        return applied

    patch.setattr(intake, "take", taken)


@dataclass
class Wire:
    """What the engine takes for its session: hands bytes over and loses them as told."""

    bench: Bench
    replica: Replica
    fault: str = "none"
    """"request lost", "answer lost", "delivered twice", or none of them."""
    during: Callable[[], None] | None = None
    late: list[tuple[Caller, bytes]] = field(default_factory=list)
    """All that was said, and by whom: a store that was restored goes on as another device."""
    asks: int = 0
    credentials: Any = field(default_factory=lambda: SimpleNamespace(server_key=""))

    def ask(self, _method: str, path: str, content: bytes = b"", **_options: Any) -> Any:
        if path != protocol.SYNC_PATH:
            raise SyncError(path)
        self.asks += 1
        if self.asks > ASKS_AT_MOST:
            raise Violation("I12: there is no end to it")
        fault, self.fault = self.fault, "none"
        self.late.append((self.replica.caller, content))
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
        if answer.mended and not self.bench.restored:
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

    def sync(self) -> Taken:
        self.wire.asks = 0
        return self.engine.run()

    def rows(self) -> dict[tuple[str, bytes], dict[str, Any]]:
        """Return the live records that the server knows too, by type and id."""
        found = {}
        with self.store.read() as connection:
            for name, type_known in wire_types().items():
                fields = [one.name for one in type_known.fields if one]
                known = f"{name} WHERE row_ver <> 0 AND deleted_at IS NULL"
                asked = f"SELECT id, extra, {', '.join(fields)} FROM {known}"
                for row in connection.exec_driver_sql(asked).mappings():
                    found[name, bytes(row["id"])] = {one: comparable(row[one]) for one in ("extra", *fields)}
        return found

    def unlisted(self) -> list[str]:
        """Return the types of live records that the server never took and that nobody is told of."""
        with self.store.read() as connection:
            return [
                name
                for name, known in wire_types().items()
                for _ in connection.exec_driver_sql(
                    f"SELECT 1 FROM {name} WHERE row_ver = 0 AND deleted_at IS NULL"
                    " AND id NOT IN (SELECT pk FROM sync_refused WHERE type = ?)",
                    (known.number,),
                )
            ]

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
    watched: Any = None
    """The history that is going on, if it wants to be told."""
    restored: bool = False
    """The server was taken back to a backup: what its devices hold may differ until they have mended it."""
    numbers: Any = field(default_factory=lambda: itertools.count(1))

    def converse(self, caller: Caller, content: bytes) -> SyncAnswer:
        asked = protocol.decode_request(frames.unpack(content))
        now = dt.datetime.fromtimestamp(self.now_ms / 1000, dt.UTC)
        acting = self.acting(caller)
        with self.database.reading() as connection:
            answer, _ = converse(connection, acting, asked, now)
        if self.watched is not None:
            self.watched.pushed(acting, [protocol.decode_batch(body) for body in asked.batches], answer)
        answer.pages = [sheaves.gathered(page) for page in answer.pages]  # as in prepared copies
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
