"""Small facts of this workspace by name: the device's id, the user's name, saved column mappings."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import Connection


def read(connection: Connection, name: str, default: Any = None) -> Any:
    """Return the value kept under a name."""
    held = connection.exec_driver_sql("SELECT value FROM setting WHERE name = ?", (name,)).scalar()
    return default if held is None else json.loads(held)


def write(connection: Connection, name: str, value: Any) -> None:
    """Keep a JSON value under a name."""
    connection.exec_driver_sql(
        "INSERT INTO setting (name, value) VALUES (?, ?)"
        " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (name, json.dumps(value, ensure_ascii=False)),
    )
