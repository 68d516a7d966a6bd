"""What will leave this machine, exactly, and why: told before anything is sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from desktop.models import departures, queries
from desktop.models.outgoing.capture import Action
from domain import scopes, values
from domain.fields import RECORD_TYPES
from domain.registry import LIFE, wire_types
from domain.wire import empty

if TYPE_CHECKING:
    import uuid
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from desktop.models.departures import Departure
    from desktop.services.desk import Desk
    from domain.fields import Field

VALUE_AT_MOST: Final = 48
WHAT: Final[Mapping[Action, str]] = {
    Action.BORN: "新建",
    Action.EDIT: "修改",
    Action.DROP: "删除",
    Action.BACK: "恢复",
    Action.MOVE: "移交",
    Action.PUBLISH: "公开发布",
    Action.HIDE: "撤回公开",
}
WHY: Final[Mapping[scopes.ScopeKind, str]] = {
    scopes.AGENCY: "供本机构同事使用",
    scopes.OWN: "供您本人的其他设备使用",
    scopes.TRAINING: "供查验证书",
    scopes.SUBMISSIONS: "报送主管部门",
    scopes.PUBLIC: "公共目录，各单位可见",
}


@dataclass(frozen=True, slots=True)
class Leaving:
    """One record that will leave this machine: which fields, personal data masked, where to and why."""

    record_type: str
    record_id: uuid.UUID
    title: str
    what: str
    fields: tuple[tuple[str, str], ...]
    scope: str
    why: str
    flying: bool


def what_leaves(desk: Desk, connection: Connection) -> tuple[Leaving, ...]:
    """Return the records that wait, those that have waited longest first, up to a screenful or two."""
    return tuple(_leaving(desk, connection, held) for held in departures.listed(connection))


def _leaving(desk: Desk, connection: Connection, held: Departure) -> Leaving:
    known = RECORD_TYPES[held.record_type]
    row = queries.get(connection, held.record_type, held.record_id) or {}
    actions = {Action(action) for _, action in held.units}
    first = next((action for action in WHAT if action in actions), Action.EDIT)
    fields: tuple[Field, ...] = ()
    if first is Action.BORN:
        fields = known.fields
    elif first is Action.EDIT:
        units = wire_types()[held.record_type].units
        fields = tuple(
            field
            for number, _ in held.units
            if number > LIFE and number in units
            for field in units[number].fields
        )
    titles = queries.titles(connection, held.record_type, [held.record_id])
    kind = scopes.kind_of(held.scope) if held.scope else scopes.home(held.record_type)
    return Leaving(
        held.record_type,
        held.record_id,
        titles.get(held.record_id, known.label),
        "、".join(WHAT[action] for action in WHAT if action in actions)
        if first is not Action.BORN
        else "新建",
        tuple(_shown(desk, connection, row, fields, all_of_them=first is not Action.BORN)),
        scopes.SCOPE_LABELS[kind],
        WHY[kind],
        held.flying,
    )


def _shown(
    desk: Desk,
    connection: Connection,
    row: Mapping[str, Any],
    fields: tuple[Field, ...],
    *,
    all_of_them: bool,
) -> list[tuple[str, str]]:
    """Return fields with their values as they would be read by others, personal ones masked."""
    found = []
    for field in fields:
        value = row.get(field.name)
        nothing = value is None or value == empty(field)
        if nothing and not all_of_them:
            continue
        if nothing:
            words = "（清空）"
        elif field.kind == "ref":
            words = next(iter(queries.titles(connection, field.to, [row[field.name]]).values()), "—")
        else:
            words = values.mask(field, values.show(field, value, desk.codes))
        words = " ".join(words.split())
        found.append((field.label, words if len(words) <= VALUE_AT_MOST else f"{words[:VALUE_AT_MOST]}…"))
    return found
