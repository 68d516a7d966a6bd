"""Unsaved edits, kept in the encrypted store so that neither a kill nor a flat battery loses them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select
from sqlalchemy.dialects.sqlite import insert

from desktop.models.tables import DRAFT, now_text

if TYPE_CHECKING:
    import datetime as dt
    import uuid

    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class Draft:
    """What stood in a form that was not saved: texts by field name, whether valid or not."""

    record: uuid.UUID
    record_type: str
    body: dict[str, Any]
    at: str


def keep(
    connection: Connection, *, record: uuid.UUID, record_type: str, body: dict[str, Any], at: dt.datetime
) -> None:
    """Keep the contents of a form; a later keeping replaces it."""
    row = {"record_type": record_type, "body": json.dumps(body, ensure_ascii=False), "at": now_text(at)}
    statement = insert(DRAFT).values(record=record, **row)
    connection.execute(statement.on_conflict_do_update(index_elements=["record"], set_=row))


def drop(connection: Connection, record: uuid.UUID) -> None:
    """Forget a draft: it was saved or given up."""
    connection.execute(delete(DRAFT).where(DRAFT.c.record == record))


def find(connection: Connection, record: uuid.UUID) -> Draft | None:
    """Return the draft of one record."""
    row = connection.execute(select(DRAFT).where(DRAFT.c.record == record)).first()
    return _draft(row) if row else None


def every(connection: Connection) -> list[Draft]:
    """Return all drafts, the newest first."""
    return [_draft(row) for row in connection.execute(select(DRAFT).order_by(DRAFT.c.at.desc()))]


def _draft(row: Any) -> Draft:
    return Draft(row.record, row.record_type, json.loads(row.body), row.at)
