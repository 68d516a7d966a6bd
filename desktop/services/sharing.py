"""Whose a record is on the server, and handing it over: to the agency, to oneself, to the public catalogue.

All of it is asked of the server and takes effect with the next sync; without a server nothing is asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from desktop.models import queries, sync_state, wholes
from desktop.models.outgoing import marks, outbox
from desktop.services.writable import kind_of, may_write
from domain import scopes
from domain.problems import refuse
from domain.wholes import is_part

if TYPE_CHECKING:
    import uuid

    from sqlalchemy import Connection

    from desktop.models.outgoing.marks import Publicity
    from desktop.models.sync_state import ScopeState
    from desktop.services.desk import Desk


@dataclass(frozen=True, slots=True)
class Standing:
    """How a record stands with the server; where none was ``joined`` the rest says nothing."""

    joined: bool
    state: outbox.Standing = "local"
    scope: str = ""
    writable: bool = True
    to_agency: bool = False
    to_self: bool = False
    public: bool = False
    """Whether its public fields may be shown in the public catalogue."""
    publicity: Publicity = "private"
    """Whether they are."""


def standing(desk: Desk, record_type: str, record_id: uuid.UUID) -> Standing:
    """Return how a record stands, for its chip and its menu."""
    with desk.store.read() as connection:
        granted = {scope.key: scope for scope in sync_state.scopes(connection)}
        row = queries.get(connection, record_type, record_id)
        if not granted or row is None:
            return Standing(joined=bool(granted))
        kind = kind_of(connection, record_type, row["sync_scope"])
        writable = may_write(connection, record_type, record_id)
        writes = {scopes.kind_of(key) for key, scope in granted.items() if scope.writes}
        movable = writable and scopes.home(record_type) == scopes.AGENCY and not is_part(record_type)
        return Standing(
            joined=True,
            state=outbox.state_of(connection, record_type, record_id),
            scope=scopes.SCOPE_LABELS[kind],
            writable=writable,
            to_agency=movable and kind == scopes.OWN and scopes.AGENCY in writes,
            to_self=movable and kind == scopes.AGENCY and scopes.OWN in writes,
            publicity=marks.publicity(connection, record_type, record_id),
            public=writable and kind == scopes.AGENCY and record_type in scopes.PUBLISHED,
        )


def hand_over(desk: Desk, *, record_type: str, record_id: uuid.UUID, to: scopes.ScopeKind) -> None:
    """Ask the server to move a record and its parts to the agency's records or to one's own.

    Raises:
        Refusal: there is no such scope for this account, or the record may not be written here.
    """
    with desk.store.write() as connection:
        _demand_writable(connection, record_type, record_id)
        target = _granted(connection, to)
        if target is None or not target.writes:
            raise refuse("", "plain", why=f"您的账号没有“{scopes.SCOPE_LABELS[to]}”范围，不能移交到那里")
        for name, one in ((record_type, record_id), *wholes.parts(connection, record_type, record_id)):
            if may_write(connection, name, one):  # a part that somebody else keeps to himself stays there
                outbox.move(connection, name, one, target.key)


def publish(desk: Desk, *, record_type: str, record_id: uuid.UUID, shown: bool) -> None:
    """Ask the server to show a record's public fields in the public catalogue, or to take them out again.

    Raises:
        Refusal: records of the type are never public, or the record may not be written here.
    """
    if record_type not in scopes.PUBLISHED:
        raise refuse("", "plain", why="只有科技成果和技术需求可以进入公共目录")
    with desk.store.write() as connection:
        _demand_writable(connection, record_type, record_id)
        outbox.publish(connection, record_type, record_id, shown=shown)


def _demand_writable(connection: Connection, record_type: str, record_id: uuid.UUID) -> None:
    if not may_write(connection, record_type, record_id):
        raise refuse("", "plain", why="这条记录在本机只读，不能移交或公开")


def _granted(connection: Connection, kind: scopes.ScopeKind) -> ScopeState | None:
    return next((scope for scope in sync_state.scopes(connection) if scopes.kind_of(scope.key) == kind), None)
