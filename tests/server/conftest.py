"""People, devices and a client in process for the server's tests."""

from __future__ import annotations

import itertools
import uuid
import warnings
from typing import TYPE_CHECKING

import pytest
from starlette.exceptions import StarletteDeprecationWarning

from server.caller import Caller
from server.core import compose
from server.denials import Denied
from server.settings import Settings
from tests.server.talking import Device

with warnings.catch_warnings():
    # It would rather have a newer httpx, of which the desktop knows nothing yet.
    warnings.simplefilter("ignore", StarletteDeprecationWarning)
    from starlette.testclient import TestClient

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import psycopg
    from starlette.applications import Starlette

    from domain.scopes import Role
    from server.postgres.database import Database


@pytest.fixture
def callers(database: Database) -> Callable[..., Caller]:
    """Return what enrols a person with a device: ``callers("broker")``, ``callers("staff", like=first)``.

    ``like`` puts him into the organisation of another, ``same`` gives another device to the same person.
    """
    names = itertools.count(1)

    def enrol(role: Role = "broker", *, like: Caller | None = None, same: Caller | None = None) -> Caller:
        number = next(names)
        with database.connection() as connection:
            shared = like or same
            organisation = uuid.UUID(shared.organisation) if shared else uuid.uuid4()
            account = uuid.UUID(same.account) if same else uuid.uuid4()
            kind = "authority" if role == "authority" else "agency"
            if not shared:
                connection.execute(
                    "INSERT INTO organisation (id, name, kind) VALUES (%s, %s, %s)",
                    (organisation, f"机构{number}", kind),
                )
            if not same:
                connection.execute(
                    "INSERT INTO account (id, organisation, login, name, role) VALUES (%s, %s, %s, %s, %s)",
                    (account, organisation, f"login{number}", f"人员{number}", role),
                )
            row = connection.execute(
                "INSERT INTO device (account, label, sign_key, seal_key)"
                " VALUES (%s, %s, %s, %s) RETURNING number",
                (account, f"设备{number}", uuid.uuid4().bytes, b""),
            ).fetchone()
        assert row is not None
        name = same.name if same else f"人员{number}"
        who = same.role if same else role
        return Caller(row[0], f"设备{number}", str(account), name, who, str(organisation))

    return enrol


@pytest.fixture
def client_of() -> Callable[[Starlette], TestClient]:
    """Return what makes a client of an application, to be entered while it is used."""
    return TestClient


@pytest.fixture
def server(database: Database, tmp_path: Path) -> Iterator[TestClient]:
    """Return a client of the core of the server; whoever sends ``Bearer <device>`` is that device."""

    def authenticate(connection: psycopg.Connection, header: str) -> Caller:
        row = connection.execute(
            "SELECT d.number, d.label, a.id, a.name, a.role, a.organisation"
            " FROM device d JOIN account a ON a.id = d.account WHERE 'Bearer ' || d.number = %s",
            (header,),
        ).fetchone()
        if row is None:
            raise Denied(401, "signed-out")
        number, label, account, name, role, organisation = row
        return Caller(number, label, str(account), name, role, str(organisation))

    app = compose(database, authenticate=authenticate, settings=Settings(data_dir=tmp_path))
    with TestClient(app) as client:
        yield client


@pytest.fixture
def devices(database: Database, callers: Callable[..., Caller]) -> Callable[..., Device]:
    """Return what enrols a person and gives his device: as ``callers``, by devices."""

    def enrol(role: Role = "broker", *, like: Device | None = None, same: Device | None = None) -> Device:
        return Device(database, callers(role, like=like and like.caller, same=same and same.caller))

    return enrol
