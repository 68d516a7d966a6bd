"""SQLite tables derived from the record types, so that a field is declared once and stored typed."""

from __future__ import annotations

import datetime as dt
import decimal
import json
import uuid
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
)

from domain.fields import RECORD_TYPES, Field, Kind, RecordType
from domain.records import __all__ as _registered

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.types import TypeEngine

assert _registered, "importing domain.records registers the record types"


class Scaled(TypeDecorator[decimal.Decimal]):
    """A decimal kept as an integer of its smallest part: fen for money, 10**-places for numbers."""

    impl = Integer
    cache_ok = True

    def __init__(self, places: int) -> None:
        super().__init__()
        self.places = places

    def process_bind_param(self, value: decimal.Decimal | None, dialect: Any) -> int | None:  # noqa: ARG002 - signature of SQLAlchemy
        return None if value is None else int(decimal.Decimal(value).scaleb(self.places).to_integral_exact())

    def process_result_value(self, value: Any, dialect: Any) -> decimal.Decimal | None:  # noqa: ARG002 - signature of SQLAlchemy
        return None if value is None else decimal.Decimal(value).scaleb(-self.places)


class Identity(TypeDecorator[uuid.UUID]):
    """A UUID kept as its 16 bytes."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: uuid.UUID | None, dialect: Any) -> bytes | None:  # noqa: ARG002 - signature of SQLAlchemy
        return None if value is None else value.bytes

    def process_result_value(self, value: Any, dialect: Any) -> uuid.UUID | None:  # noqa: ARG002 - signature of SQLAlchemy
        return None if value is None else uuid.UUID(bytes=value)


class Codes(TypeDecorator[tuple[str, ...]]):
    """Several codes kept as a JSON list; nothing chosen is NULL."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: tuple[str, ...] | None, dialect: Any) -> str | None:  # noqa: ARG002 - signature of SQLAlchemy
        return json.dumps(list(value), ensure_ascii=False) if value else None

    def process_result_value(self, value: Any, dialect: Any) -> tuple[str, ...]:  # noqa: ARG002 - signature of SQLAlchemy
        return tuple(json.loads(value)) if value else ()


COLUMN_TYPES: dict[Kind, Callable[[Field], TypeEngine[Any]]] = {
    "text": lambda _field: Text(),
    "note": lambda _field: Text(),
    "choice": lambda _field: Text(),
    "choices": lambda _field: Codes(),
    "money": lambda field: Scaled(field.places),
    "number": lambda field: Scaled(field.places),
    "day": lambda _field: Date(),
    "ref": lambda _field: Identity(),
    "flag": lambda _field: Boolean(create_constraint=False),
}

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _column(field: Field) -> Column[Any]:
    target = (
        [ForeignKey(f"{field.to}.id", deferrable=True, initially="DEFERRED")] if field.kind == "ref" else []
    )
    return Column(field.name, COLUMN_TYPES[field.kind](field), *target, index=field.kind == "ref")


def _table(record_type: RecordType) -> Table:
    """Build the table of one record type; the integer ``row`` beside the UUID keeps lists small and fast.

    For sync: ``row_ver`` is the server's version of the row as this store last saw it (0: never answered),
    ``extra`` the packed places of a newer program that this one does not know, ``sync_scope`` the number of
    the row's scope (0: the home of its type). ``deleted_at`` is the moment of its deletion, or STUB for a
    row that only names a record outside this device's scopes.
    """
    return Table(
        record_type.name,
        METADATA,
        Column("row", Integer, primary_key=True),
        Column("id", Identity(), nullable=False, unique=True),
        *(_column(field) for field in record_type.fields),
        Column("created_at", Text, nullable=False),
        Column("updated_at", Text, nullable=False),
        Column("deleted_at", Text),
        Column("row_ver", Integer, nullable=False, server_default="0"),
        Column("extra", LargeBinary),
        Column("sync_scope", Integer, nullable=False, server_default="0"),
        Index(None, "deleted_at", "updated_at", "row"),
        *([Index(None, record_type.title, "row")] if record_type[record_type.title].kind != "ref" else []),
        # A list filtered by a code, the newest first, is then read from the index alone.
        *(
            Index(None, field.name, "deleted_at", "updated_at", "row")
            for field in record_type.fields
            if field.kind == "choice" and field.listed
        ),
    )


RECORD_TABLES: dict[str, Table] = {name: _table(RECORD_TYPES[name]) for name in RECORD_TYPES}

STUB: Final = "stub"
"""In ``deleted_at``: the row only names a record outside this device's scopes."""

COMMAND = Table(
    "command",
    METADATA,
    Column("seq", Integer, primary_key=True),
    Column("id", Identity(), nullable=False, unique=True),
    Column("at", Text, nullable=False),
    Column("user", Text, nullable=False),
    Column("device", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("target", Integer, ForeignKey("command.seq")),
    Column("undone_by", Integer, ForeignKey("command.seq")),
    Index(None, "user", "device", "kind", "seq"),
)

CHANGE = Table(
    "change",
    METADATA,
    Column("seq", Integer, primary_key=True),
    Column("command", Integer, ForeignKey("command.seq"), nullable=False, index=True),
    Column("record_type", Text, nullable=False),
    Column("record", Identity(), nullable=False),
    Column("before", Text),
    Column("after", Text),
    Index(None, "record", "seq"),
)

DRAFT = Table(
    "draft",
    METADATA,
    Column("record", Identity(), primary_key=True),
    Column("record_type", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("at", Text, nullable=False),
)

SETTING = Table(
    "setting",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)


def now_text(moment: dt.datetime) -> str:
    """Return a moment as the store keeps it: UTC, to the microsecond, in an order that sorts."""
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
