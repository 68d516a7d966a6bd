"""Which records may be written on this device: the server decides in the end, this says it at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop.models import sync_state
from domain.fields import RECORD_TYPES
from domain.problems import Problem, Refusal

if TYPE_CHECKING:
    import uuid

    from sqlalchemy import Connection

    from desktop.models.work import Changes


def may_write(connection: Connection, record_type: str, record_id: uuid.UUID) -> bool:
    """Tell whether a record may be written here; always where no server was joined."""
    return sync_state.writable(connection, record_type, record_id)


def demand_writable(connection: Connection, changes: Changes) -> None:
    """Refuse what a command wrote to records that belong to others: the transaction is then given up.

    Raises:
        Refusal: naming the kinds of records, and what can be done instead.
    """
    if not sync_state.scopes(connection):
        return  # no server was joined: a large import is not asked record by record
    closed = {
        touch.record_type
        for touch in changes.touched
        if touch.action != "created" and not may_write(connection, touch.record_type, touch.record_id)
    }
    if closed:
        raise Refusal(
            [Problem("", "plain", {"why": _WHY.format(RECORD_TYPES[kind].label)}) for kind in sorted(closed)]
        )


_WHY = "{}：这条记录来自公共目录或只读范围，在本机不能修改；如需更正，请联系提供它的机构"
