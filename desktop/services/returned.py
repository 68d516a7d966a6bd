"""Edits the server did not take: why, and what can be done with each; kept whole until somebody decides."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from desktop.models.outgoing import refused
from desktop.services.commands import command
from desktop.services.saving import write_file
from domain import values
from domain.conflicts import item
from domain.fields import RECORD_TYPES
from domain.merge import Outcome
from domain.problems import refuse
from domain.protocol import Status
from domain.registry import wire_types
from domain.wire import FROM_WIRE

if TYPE_CHECKING:
    import uuid
    from collections.abc import Mapping
    from pathlib import Path

    from sqlalchemy import Connection

    from desktop.models.outgoing.refused import Refused
    from desktop.models.work import Work
    from desktop.services.desk import Desk
    from domain.conflicts import Item

CODES: Final[Mapping[str, str]] = {
    "sealed": "内容已封存，不能修改",
    "authority": "只能由主管部门填写",
    "no-record": "服务器上没有这条记录",
    "not-here": "这项操作服务器不接受",
    "permission": "您的账号没有修改它的权限",
    "moved": "记录已移交到您看不到的范围",
    "not-public": "这类记录不进入公共目录",
    "gone": "记录已被删除，或不再在您可见的范围内",
    "changed": "对方同时修改了它",
    "with": "同一次操作中的另一处没有被接受",
}
"""Why an edit came back, by the server's code."""
INVALID: Final = "invalid"
"""Before a colon and the field that is wrong."""


@dataclass(frozen=True, slots=True)
class Returned:
    """One edit that the server did not take; it is safe here until somebody has looked at it."""

    refused_id: int
    record_type: str
    record_id: uuid.UUID
    title: str
    at: str
    why: str


def listed(connection: Connection) -> tuple[Returned, ...]:
    """Return the edits that wait for somebody to look at them; those of open conflicts are shown there."""
    return tuple(_returned(held) for held in refused.listed(connection) if not held.waits)


def _returned(held: Refused) -> Returned:
    return Returned(held.id, held.record_type, held.record_id, held.title, held.at, why(held))


def why(held: Refused) -> str:
    """Return why the server did not take an edit, as people read it."""
    code, _, about = held.code.partition(":")
    if code == INVALID:
        field = RECORD_TYPES[held.record_type].by_name.get(about.partition(":")[0])
        return f"{field.label if field else '内容'}不符合服务器的要求，请改正后再次上传"
    return CODES.get(code, code)


@command("再次上传")
def retry(work: Work, desk: Desk, *, refused_id: int) -> None:  # noqa: ARG001 - the shape of a command
    """Make a refused edit once more on the record as it is now, and send it.

    Raises:
        Refusal: the record is no longer here.
    """
    try:
        refused.retry(work, refused_id)
    except LookupError as error:
        raise refuse("", "plain", why="这条记录已不在本机，不能再次上传；可以导出后放弃") from error


def forget(desk: Desk, *, refused_id: int) -> None:
    """Give a refused edit up."""
    with desk.store.write() as connection:
        refused.forget(connection, refused_id)


def export(desk: Desk, path: Path) -> int:
    """Write the refused edits as JSON for whoever can help, and return how many there were.

    Raises:
        Refusal: the file cannot be written.
    """
    with desk.store.read() as connection:
        held = [one for one in refused.listed(connection) if not one.waits]
    told = [
        {
            "at": one.at,
            "why": why(one),
            "code": one.code,
            "record": RECORD_TYPES[one.record_type].label,
            "id": str(one.record_id),
            "title": one.title,
            "action": (edit := _edit(one)).action,
            "values": _values(desk, edit),
        }
        for one in held
    ]
    write_file(path, json.dumps(told, ensure_ascii=False, indent=1).encode())
    return len(told)


def _edit(held: Refused) -> Item:
    known = wire_types()[held.record_type]
    return item(known, held.op, None, Outcome(Status.REFUSED, code=held.code))


def _values(desk: Desk, edit: Item) -> dict[str, str]:
    """Return what an edit would have written, by label; personal data are masked."""
    known = RECORD_TYPES[edit.record_type]
    told = {}
    for version in edit.versions:
        field = known.by_name.get(version.field)
        if field is None:
            told[version.field] = str(version.mine)
        else:
            value = None if version.mine is None else FROM_WIRE[field.kind](version.mine)
            told[field.label] = values.mask(field, values.show(field, value, desk.codes))
    return told
