"""An agency with its real server and the desks of its people, for tests of sync from end to end."""

from __future__ import annotations

import contextlib
import datetime as dt
import itertools
import json
import shutil
import socket
import threading
import time
import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import uvicorn
from starlette.exceptions import StarletteDeprecationWarning

from desktop.models.blobs import Blobs
from desktop.models.keys import KeyStore
from desktop.models.store import Store
from desktop.models.tables import RECORD_TABLES
from desktop.models.work import Work, new_id
from desktop.sync import registration
from desktop.sync.conversation import Conversation
from desktop.sync.credentials import Vault
from desktop.sync.transport import Transport
from server.accounts import accounts, invitations, organisations

with warnings.catch_warnings():
    # It would rather have a newer httpx, of which the desktop knows nothing yet.
    warnings.simplefilter("ignore", StarletteDeprecationWarning)
    from starlette.testclient import TestClient

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Connection
    from starlette.applications import Starlette

    from desktop.sync.credentials import Credentials
    from desktop.sync.exchange import Taken
    from domain.enrolment import Invitation

ADDRESS = "http://127.0.0.1:8440"
PASSWORD = "four unrelated Chinese words"
KEY = b"k" * 32
_labels = itertools.count(1)


class MemoryKeyring:
    """A keyring that lasts as long as a test."""

    def __init__(self) -> None:
        self.held: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.held.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.held[service, username] = password


@dataclass
class Office:
    """One organisation on one real server; ``client`` has its life cycle running."""

    app: Starlette
    folder: Path
    template: Path
    name: str = "示例技术转移中心"
    people: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        with self.app.state.database.connection() as connection:
            invitations.remember_door(connection, ADDRESS, "")
            self.organisation = organisations.add(connection, self.name, "agency", now=now()).id

    def line(self) -> TestClient:
        """Return a connection of its own, which one device may close."""
        return TestClient(self.app, base_url=ADDRESS, raise_server_exceptions=False)

    def connect(self, _server: str = "", _pin: str = "") -> Transport:
        """Return a line as a desktop opens it."""
        return Transport(self.line())

    def invite(self, role: str = "broker", login: str = "") -> Invitation:
        """Return the invitation of a new person."""
        login = login or f"person{next(self.people)}"
        with self.app.state.database.connection() as connection:
            account = accounts.add(
                connection,
                self.organisation,
                login=login,
                name=f"人员 {login}",
                role=role,  # type: ignore[arg-type]  # tests name real roles
                now=now(),
            )
            door = invitations.door(connection, self.app.state.keys)
            return invitations.invite(connection, account, door, now=now())

    def desk(self, invitation: Invitation | None = None, **options: Any) -> Desk:
        """Return a new workspace that has joined; ``account`` logs a second device in."""
        desk = self.alone()
        desk.join(invitation or self.invite(), **options)
        return desk

    def alone(self) -> Desk:
        """Return a new workspace that has joined nothing."""
        folder = self.folder / f"desk{next(_labels)}"
        shutil.copytree(self.template, folder)
        return Desk(self, folder)


@dataclass
class Desk:
    """One workspace on one machine."""

    office: Office
    folder: Path
    keyring: MemoryKeyring = field(default_factory=MemoryKeyring)
    transport: Transport | None = None

    def __post_init__(self) -> None:
        self.store = Store.open(self.folder, KEY)
        self.blobs = Blobs.open(self.folder, KEY)
        self.keys = KeyStore(self.folder, self.keyring)
        self.trust: list[str] = []
        self.own_trust = ""

    @property
    def vault(self) -> Vault:
        return Vault(self.store, self.keyring)

    @property
    def mine(self) -> Credentials:
        """Who this desk is to the server it has joined."""
        held = self.vault.read()
        assert held is not None
        return held

    def join(self, invitation: Invitation, **options: Any) -> None:
        told = {"label": f"设备{next(_labels)}", "password": PASSWORD, "connect": self.office.connect}
        registration.register(self.store, self.vault, invitation, **{**told, **options})

    def talk(self, transport: Transport | None = None) -> Conversation:
        """Return a conversation with the server over a line of its own or the one given."""
        self.transport = transport or self.office.connect()
        return Conversation.open(
            self.store,
            self.blobs,
            self.vault,
            self.mine,
            build="test",
            on_taken=lambda _taken: None,
            on_trust=self.trust.append,
            own_trust=lambda: self.own_trust,
            stopped=lambda: False,
            rows_wait=lambda: False,
            now=now,
            connect=lambda _server, _pin: self.transport or self.office.connect(),
        )

    def sync(self, transport: Transport | None = None) -> Taken:
        """Sync once."""
        conversation = self.talk(transport)
        try:
            return conversation.engine.run()
        finally:
            conversation.close()

    def carry_files(self, transport: Transport | None = None) -> None:
        """Carry all files there are to carry."""
        conversation = self.talk(transport)
        try:
            while conversation.files.turn():
                pass
        finally:
            conversation.close()

    def put(self, record_type: str, record_id: uuid.UUID | None = None, **values: Any) -> uuid.UUID:
        """Write a record as a user does: new without an id, else these fields of the one there is."""
        with self.work() as work:
            if record_id is None:
                record_id = new_id()
                work.put(record_type, record_id, values)
            else:
                work.change(record_type, record_id, **values)
        return record_id

    def drop(self, record_type: str, record_id: uuid.UUID) -> None:
        with self.work() as work:
            work.remove(record_type, record_id)

    @contextlib.contextmanager
    def work(self) -> Iterator[Work]:
        """Yield one user action."""
        with self.store.write() as connection:
            made = _work(connection)
            yield made
            made.finish()

    def name(self, record_id: uuid.UUID) -> str | None:
        """Return what a party is called here; None when it is not here."""
        held = self.get("party", record_id)
        return held["name"] if held else None

    def get(self, record_type: str, record_id: uuid.UUID) -> dict[str, Any] | None:
        with self.store.read() as connection:
            return _work(connection).get(record_type, record_id)

    def rows(self) -> dict[tuple[str, uuid.UUID], dict[str, Any]]:
        """Return every live record, to compare one desk with another."""
        with self.store.read() as connection:
            work = _work(connection)
            return {
                (name, row_id): held
                for name, table in RECORD_TABLES.items()
                for (row_id,) in connection.execute(table.select().with_only_columns(table.c.id))
                if (held := work.get(name, row_id)) is not None
            }

    def close(self) -> None:
        self.store.close()


def _work(connection: Connection) -> Work:
    return Work(connection, now(), "高璟", "0cb3a1f2", "测试")


@contextlib.contextmanager
def lively(app: Starlette) -> Iterator[None]:
    """Let a server live in this process: lines to it need no socket."""
    with TestClient(app):
        yield


@contextlib.contextmanager
def listening(app: Starlette, *, lifespan: Literal["on", "off"]) -> Iterator[int]:
    """Let a server listen on a port of this machine, which is yielded."""
    with socket.socket() as chosen:
        chosen.bind(("127.0.0.1", 0))
        port = int(chosen.getsockname()[1])
    server = uvicorn.Server(
        uvicorn.Config(app, port=port, lifespan=lifespan, log_config=None, timeout_graceful_shutdown=1)
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield port
    finally:
        server.should_exit = True
        thread.join()


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def write_invitation(invitation: Invitation, path: Path, **changes: Any) -> Path:
    """Write the file an administrator hands out."""
    body = {name: getattr(invitation, name) for name in invitation.__struct_fields__}
    path.write_text(json.dumps({**body, **changes}), "utf-8")
    return path
