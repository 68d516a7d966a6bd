"""Records in the two forms in which they leave the store, and back.

The *JSON form* is for people and other programs: the change log, drafts, exports. Amounts and numbers are
decimal strings, days and ids text, codes lists.

The *packed form* is for sync: an array in which a field's place is its number in the register. Amounts and
numbers are integers of their smallest part, ids 16 bytes, days text, flags 0 or 1, codes lists; None is
nothing, and empty places at the end are left out. It is what SQLite holds but for the codes, so that a row is
sent as it is read.

WIRE_VERSION history:
    1  first form.
"""

from __future__ import annotations

import datetime as dt
import decimal
import uuid
from typing import TYPE_CHECKING, Any

from domain.fields import PYTHON_TYPES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from domain.fields import Field, Kind, RecordType, Values
    from domain.registry import WireType

WIRE_VERSION = 1


def _decimal_text(field: Field, value: decimal.Decimal) -> str:
    """Return one text for all ways to write an amount: 1E+3, 1000 and 1000.00 are the same."""
    return f"{value + 0:.{field.places}f}"


TO_WIRE: dict[Kind, Callable[[Field, Any], Any]] = {
    "text": lambda _field, value: value,
    "note": lambda _field, value: value,
    "choice": lambda _field, value: value,
    "choices": lambda _field, value: list(value),
    "money": _decimal_text,
    "number": _decimal_text,
    "day": lambda _field, value: value.isoformat(),
    "ref": lambda _field, value: str(value),
    "flag": lambda _field, value: value,
}
FROM_WIRE: dict[Kind, Callable[[Any], Any]] = {
    "text": str,
    "note": str,
    "choice": str,
    "choices": tuple,
    "money": decimal.Decimal,
    "number": decimal.Decimal,
    "day": dt.date.fromisoformat,
    "ref": uuid.UUID,
    "flag": bool,
}
TO_PACKED: dict[Kind, Callable[[Field, Any], Any]] = {
    "text": lambda _field, value: value,
    "note": lambda _field, value: value,
    "choice": lambda _field, value: value,
    "choices": lambda _field, value: list(value) or None,
    "money": lambda field, value: int(value.scaleb(field.places)),
    "number": lambda field, value: int(value.scaleb(field.places)),
    "day": lambda _field, value: value.isoformat(),
    "ref": lambda _field, value: value.bytes,
    "flag": lambda _field, value: int(value),
}
FROM_PACKED: dict[Kind, Callable[[Field, Any], Any]] = {
    "text": lambda _field, value: value,
    "note": lambda _field, value: value,
    "choice": lambda _field, value: value,
    "choices": lambda _field, value: tuple(value),
    "money": lambda field, value: decimal.Decimal(value).scaleb(-field.places),
    "number": lambda field, value: decimal.Decimal(value).scaleb(-field.places),
    "day": lambda _field, value: dt.date.fromisoformat(value),
    "ref": lambda _field, value: uuid.UUID(bytes=value),
    "flag": lambda _field, value: bool(value),
}


def to_packed(known: WireType, values: Values) -> list[Any]:
    """Return the packed form of a record's values, as short as it can be."""
    body = [
        None
        if field is None or values.get(field.name) is None
        else TO_PACKED[field.kind](field, values[field.name])
        for field in known.fields
    ]
    return trimmed(body)


def trimmed(body: Sequence[Any]) -> list[Any]:
    """Return a packed body without the empty places at its end."""
    end = len(body)
    while end and body[end - 1] is None:
        end -= 1
    return list(body[:end])


def from_packed(known: WireType, body: Sequence[Any]) -> dict[str, Any]:
    """Return a record's values from its packed form; places this program does not know are left out."""
    return {
        field.name: from_packed_value(field, body[place] if place < len(body) else None)
        for place, field in enumerate(known.fields)
        if field is not None
    }


def from_packed_value(field: Field, value: Any) -> Any:
    """Return one value from its packed form, the field's empty value for None."""
    return empty(field) if value is None else FROM_PACKED[field.kind](field, value)


def packed_to_wire(field: Field, value: Any) -> Any:
    """Return the JSON form of one packed value; None is nothing."""
    return None if value is None else TO_WIRE[field.kind](field, FROM_PACKED[field.kind](field, value))


def to_wire(record_type: RecordType, values: Values) -> dict[str, Any]:
    """Return the values that are not empty as JSON values, in the order of the declaration."""
    return {
        field.name: TO_WIRE[field.kind](field, values[field.name])
        for field in record_type.fields
        if not _nothing(field, values.get(field.name))
    }


def from_wire(record_type: RecordType, body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a body, with the empty value for what it leaves out; unknown keys are dropped."""
    return {
        field.name: FROM_WIRE[field.kind](body[field.name])
        if body.get(field.name) is not None
        else empty(field)
        for field in record_type.fields
    }


def empty(field: Field) -> Any:
    """Return what a field holds when nothing was said."""
    return _EMPTY.get(field.kind)


def exact(field: Field, value: Any) -> Any:
    """Return the value in the one form in which a record holds it.

    Nothing, the empty text included, is the field's empty value; decimals have the field's places.

    Raises:
        TypeError: the value is not of the field's Python type.
        ValueError: the decimal is no number, or finer than the field's places.
    """
    if value is None or value == "":
        return empty(field)
    if field.kind == "choices" and not isinstance(value, str):
        value = tuple(value)
    if field.kind in ("money", "number"):
        return _exact_decimal(field, value)
    if type(value) is not PYTHON_TYPES[field.kind]:
        raise TypeError(f"{field.name}: {value!r} is no {PYTHON_TYPES[field.kind].__name__}")
    return value


def _exact_decimal(field: Field, value: Any) -> decimal.Decimal:
    if isinstance(value, bool) or not isinstance(value, (int, decimal.Decimal)):
        raise TypeError(f"{field.name}: {value!r} is no decimal")
    settled = decimal.Decimal(_decimal_text(field, decimal.Decimal(value)))
    if not settled.is_finite() or settled != value:
        raise ValueError(f"{field.name}: {value} is no decimal of {field.places} places")
    return settled


_EMPTY: dict[Kind, Any] = {"choices": (), "flag": False}


def _nothing(field: Field, value: Any) -> bool:
    return value is None or value == empty(field)
