"""Values of a merge unit in the three forms in which sync meets them, and the ways between them.

*Columns* are what SQLite holds. *Packed* values are what travels (domain/wire): the same but for lists of
codes, which are JSON text in a column. An *image* is the JSON array of a unit's columns in the order of the
unit's fields, ids in hexadecimal, as the triggers write it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import msgspec

from domain.protocol import encode

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from domain.fields import Field
    from domain.registry import Unit, WireType

GONE: Final = "[1]"
"""The image of the life of a record that is in the recycle bin."""
ALIVE: Final = "[0]"
decode_tail: Final = msgspec.msgpack.Decoder(tuple[int, list[Any]]).decode


def to_column(packed: Any) -> Any:
    """Return the column of a packed value."""
    return json.dumps(packed, ensure_ascii=False) if isinstance(packed, list) else packed


def to_packed(field: Field, column: Any) -> Any:
    """Return the packed value of a column."""
    return json.loads(column) if field.kind == "choices" and column else column


def write_image(unit: Unit, columns: Mapping[str, Any]) -> str:
    """Return the image of a unit from columns by field name."""
    values = [columns[field.name] for field in unit.fields]
    shown = [value.hex().upper() if isinstance(value, bytes) else value for value in values]
    return json.dumps(shown, ensure_ascii=False, separators=(",", ":"))


def read_image(unit: Unit, image: str) -> dict[str, Any]:
    """Return the columns of an image by field name."""
    values = json.loads(image)
    return {field.name: _column(field, value) for field, value in zip(unit.fields, values, strict=True)}


def packed_image(unit: Unit, image: str) -> dict[int, Any]:
    """Return the packed values of an image by place."""
    columns = read_image(unit, image)
    pairs = zip(unit.fields, unit.places, strict=True)
    return {place: to_packed(field, columns[field.name]) for field, place in pairs}


def write_tail(start: int, values: Sequence[Any]) -> bytes | None:
    """Return how a row keeps the packed values from place ``start`` on, which this program does not know."""
    return encode([start, list(values)]) if values else None


def read_tail(kept: bytes | None) -> tuple[int, list[Any]]:
    """Return the first place and the packed values that a row keeps for a newer program."""
    return decode_tail(kept) if kept else (0, [])


def places(known: WireType) -> list[str]:
    """Return for each place the SQL of its column in ``t``; NULL where this program has no field any more."""
    return [f't."{field.name}"' if field else "NULL" for field in known.fields]


def _column(field: Field, value: Any) -> Any:
    if field.kind == "ref":
        return bytes.fromhex(value) if value else None
    return value
