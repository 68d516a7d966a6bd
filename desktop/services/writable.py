"""Which records may be written on this device: the server decides in the end, this says it at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from desktop.models import queries, sync_state
from desktop.models.tables import STUB
from domain import scopes
from domain.fields import RECORD_TYPES
from domain.problems import Problem, Refusal
from domain.registry import wire_types

if TYPE_CHECKING:
    import uuid
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from desktop.models.work import Changes


@dataclass(frozen=True, slots=True)
class Closure:
    """What of a record may not be written here: all of it, and why; or only some fields."""

    why: str = ""
    fields: frozenset[str] = frozenset()


OPEN: Final = Closure()
_WHYS: Final[Mapping[scopes.ScopeKind, str]] = {
    scopes.PUBLIC: "这条记录来自公共目录，由发布它的机构维护，在这里只能查看；如需更正，请联系发布机构。",
    scopes.AGENCY: "本机构的记录对您的账号只读；需要修改时，请联系机构专员或负责人。",
    scopes.TRAINING: "培训登记对您的账号只读；需要修改时，请联系培训师或证书主管。",
    scopes.SUBMISSIONS: "报送材料对您的账号只读。",
    scopes.OWN: "这条记录只读。",
}
_OUTSIDE: Final = "这条记录不在您可见的范围内，本机只有它的名称。"
_FOREIGN: Final = "{}：这条记录来自公共目录或只读范围，在本机不能修改；如需更正，请联系提供它的机构"
_SOME: Final = "选中的记录里有 {} 条来自公共目录或只读范围，在本机不能修改或删除；请取消选中它们"
_NO_NEW: Final = "您的账号不能新建{}：“{}”范围对您只读，或没有对您开放。"


def may_write(connection: Connection, record_type: str, record_id: uuid.UUID) -> bool:
    """Tell whether a record may be written here; always where no server was joined."""
    return sync_state.writable(connection, record_type, record_id)


def closed_among(connection: Connection, record_type: str, rows: Sequence[int]) -> str:
    """Return why not all of the rows with these row ids may be changed or deleted here; empty if they may."""
    closed = sync_state.read_only(connection, record_type, rows)
    if not closed:
        return ""
    return _FOREIGN.format(RECORD_TYPES[record_type].label) if len(rows) == 1 else _SOME.format(closed)


def closure(connection: Connection, record_type: str, record_id: uuid.UUID | None, role: str = "") -> Closure:
    """Return what of a record, or of a new one, may not be written here by a ``role`` of the server."""
    if not sync_state.scopes(connection):
        return OPEN
    row = queries.get(connection, record_type, record_id) if record_id else None
    if row is None:
        if _answers(record_type, role) or not sync_state.writable(connection, record_type, None):
            return _no_new(record_type)
        return Closure(fields=_closed_fields(record_type, role, known=False))
    if row["deleted_at"] == STUB:
        return Closure(_OUTSIDE)
    if not may_write(connection, record_type, row["id"]):
        return Closure(_WHYS[kind_of(connection, record_type, row["sync_scope"])])
    return Closure(fields=_closed_fields(record_type, role, known=bool(row["row_ver"])))


def addition(
    connection: Connection, record_type: str, owner: tuple[str, uuid.UUID] | None = None, role: str = ""
) -> str:
    """Return why a ``role`` may not give the record ``owner`` more of a type here; empty where it may.

    A part, such as a payment, changes what it belongs to. Anything else may name a record that is only read.
    """
    part = RECORD_TYPES[record_type].group == "parts"
    closed = closure(connection, *owner, role).why if owner and part else ""
    return closed or closure(connection, record_type, None, role).why


def _answers(record_type: str, role: str) -> bool:
    """Tell whether records of a type are for a role to answer and not to make."""
    return role == "authority" and scopes.home(record_type) == scopes.SUBMISSIONS


def _no_new(record_type: str) -> Closure:
    scope = scopes.SCOPE_LABELS[scopes.home(record_type)]
    return Closure(_NO_NEW.format(RECORD_TYPES[record_type].label, scope))


def _closed_fields(record_type: str, role: str, *, known: bool) -> frozenset[str]:
    """Return the fields that stay as they are: sealed ones once the server knows them, the authority's."""
    closed = {"authority"} if role != "authority" else set()
    if known:
        closed.add("sealed")
    units = wire_types()[record_type].units.values()
    return frozenset(field.name for unit in units if unit.policy in closed for field in unit.fields)


def kind_of(connection: Connection, record_type: str, number: int) -> scopes.ScopeKind:
    """Return the kind of the scope with a number; of a record that is in none yet, that of its home."""
    keys = {scope.number: scope.key for scope in sync_state.scopes(connection)}
    return scopes.kind_of(keys[number]) if number in keys else scopes.home(record_type)


def demand_writable(connection: Connection, changes: Changes) -> None:
    """Refuse what a command wrote to records that belong to others: the transaction is then given up.

    Raises:
        Refusal: naming the kinds of records, and what can be done instead.
    """
    if not sync_state.scopes(connection):
        return  # no server was joined: a large import is not asked record by record
    closed: dict[str, str] = {}
    for record_type in {touch.record_type for touch in changes.touched if touch.action == "created"}:
        if not sync_state.writable(connection, record_type, None):
            closed[record_type] = _no_new(record_type).why
    for touch in changes.touched:
        if touch.action != "created" and not may_write(connection, touch.record_type, touch.record_id):
            closed[touch.record_type] = _FOREIGN.format(RECORD_TYPES[touch.record_type].label)
    if closed:
        raise Refusal([Problem("", "plain", {"why": closed[kind]}) for kind in sorted(closed)])
