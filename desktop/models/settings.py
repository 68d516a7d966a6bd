"""Small facts of this workspace by name: the device's id, the user's name, saved column mappings."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.dialects.sqlite import insert

from desktop.models.tables import SETTING

if TYPE_CHECKING:
    from sqlalchemy import Connection


def read(connection: Connection, name: str, default: Any = None) -> Any:
    """Return the value kept under a name."""
    held = connection.execute(select(SETTING.c.value).where(SETTING.c.name == name)).scalar()
    return default if held is None else json.loads(held)


def write(connection: Connection, name: str, value: Any) -> None:
    """Keep a JSON value under a name."""
    body = json.dumps(value, ensure_ascii=False)
    statement = insert(SETTING).values(name=name, value=body)
    connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"value": body}))
