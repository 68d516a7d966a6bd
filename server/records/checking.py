"""Decides whether a record's packed form may be kept, with checks made from the declarations.

A body is checked in one pass of compiled code while it is decoded: types, lengths, ranges, days and ids. The
rules across fields are those of the declaration. Codes are not looked up: lists are dated, and the desktop of
a newer program may know more of them. What a newer program adds is kept as long as it is plain.
"""

from __future__ import annotations

import datetime as dt
import decimal
import functools
import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, Final

import msgspec
from msgspec import Meta, Struct

from domain.merge import FOREIGN
from domain.problems import CLASSIFIED
from domain.registry import LIFE, by_number
from domain.wire import FROM_PACKED, empty
from server.frames import DAMAGES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from domain.fields import Field, Kind
    from domain.problems import Problem
    from domain.registry import WireType

WIDEST: Final = 1_000
"""Places a body may have, those of newer programs included."""
LONGEST: Final = 8 << 20
"""Bytes a body may have."""
_CODE_LENGTH: Final = 100
_CODES_AT_MOST: Final = 1_000
_decode_body: Final = msgspec.msgpack.Decoder(list[Any]).decode
_SCALARS: Final = (bool, int, float, str, bytes, type(None))
_FIXED_ARRAY: Final = 0x90
_SHORT_ARRAY: Final = 0xDC
_SHORT_HEADER: Final = 3


def birth(number: int, body: bytes) -> str:
    """Return what is wrong with a new record's packed body, as ``invalid:<field>:<code>``; empty: nothing."""
    if len(body) > LONGEST:
        return "invalid::too-large"
    known = by_number().get(number)
    try:
        length = _length(body)
        check = _check(number) if known else _ANYTHING
        if length > check.known and not _is_all_plain(_decode_body(body)):
            return "invalid::not-plain"
        return _known(known, check, length, body) if known else ""
    except DAMAGES as damaged:
        return _told(known, body, str(damaged))


def _known(known: WireType, check: _Check, length: int, body: bytes) -> str:
    if length < check.least:
        missing = next(field for field in known.fields[length:] if field and field.required)
        return f"invalid:{missing.name}:required"
    made = check.decode(body)
    if check.rules and (broken := _broken(known, _Checked(known, made))):
        return f"invalid:{broken[0][0]}:{broken[0][1]}"
    return ""


def edit(number: int, units: Mapping[int, Mapping[int, Any]]) -> str:
    """Return what is wrong with an edit's units and values, as ``birth`` does."""
    known = by_number().get(number)
    for unit, values in units.items():
        for place, value in values.items():
            wrong = _misplaced(known, unit, place) or _value_problem(known, place, value)
            if wrong:
                field = _field(known, place)
                return f"invalid:{field.name if field else f'#{place}'}:{wrong}"
    return ""


def sound(number: int, values: Mapping[int, Any]) -> dict[int, Any]:
    """Return the values that could have stood in a record; what an author says to have seen is a claim."""
    known = by_number().get(number)
    return {
        place: value
        for place, value in values.items()
        if 0 <= place < WIDEST and (value is None or not _value_problem(known, place, value))
    }


def merged(number: int, before: Sequence[Any], after: Sequence[Any]) -> str:
    """Return the first rule across fields that an edit breaks and the record did not break before."""
    known = by_number().get(number)
    if known is None or not known.record_type.rules:
        return ""
    broken = _broken(known, _Packed(known, after))
    held = _broken(known, _Packed(known, before)) if broken else []
    new = [each for each in broken if each not in held]
    return f"invalid:{new[0][0]}:{new[0][1]}" if new else ""


class _Check(Struct):
    """The compiled check of one type; it looks at the first ``known`` places, and ``least`` must be there."""

    known: int = 0
    least: int = 0
    rules: bool = False
    decode: Callable[[bytes], Any] = _decode_body


_ANYTHING: Final = _Check()
"""The check of types that only a newer program knows."""


@functools.cache
def _check(number: int) -> _Check:
    known = by_number()[number]
    members = [
        (f"p{place}", _annotation(field) if field else Any, None) for place, field in enumerate(known.fields)
    ]
    packed = msgspec.defstruct(f"Packed{number}", members, array_like=True, gc=False)
    return _Check(
        len(known.fields) if all(known.fields) else 0,
        1 + max((place for place, field in enumerate(known.fields) if field and field.required), default=-1),
        known.record_type.rules is not None,
        msgspec.msgpack.Decoder(packed).decode,
    )


@functools.cache
def _annotation(field: Field) -> Any:
    """Return the field's packed form as a type that msgspec checks."""
    checked = _LIMITS[field.kind](field)
    return checked if field.required else checked | None


def _limited(kind: Any, **limits: Any) -> Any:
    """Return a type with limits; the types are values here, made while the program runs."""
    annotated: Any = Annotated
    return annotated[kind, Meta(**limits)]


def _text(field: Field) -> Any:
    least = 1 if field.required else 0
    pattern = "^[0-9a-f]{64}$" if field.format == "sha256" else None
    return _limited(str, min_length=least, max_length=field.max, pattern=pattern)


def _choice(field: Field) -> Any:
    pattern = f"^(?!{CLASSIFIED}$)" if field.codes == "secrecy" else None
    return _limited(str, max_length=_CODE_LENGTH, pattern=pattern)


def _choices(field: Field) -> Any:
    listed: Any = list
    return _limited(listed[_choice(field)], max_length=_CODES_AT_MOST)


def _number(field: Field) -> Any:
    low, high = (limit * 10**field.places for limit in _range(field))
    return _limited(
        int,
        ge=int(low.to_integral_value(decimal.ROUND_CEILING)),
        le=int(high.to_integral_value(decimal.ROUND_FLOOR)),
    )


def _range(field: Field) -> tuple[decimal.Decimal, decimal.Decimal]:
    """Return the least and the greatest value of a number; stores count with 64 bits."""
    storable = decimal.Decimal(10) ** (18 - field.places)
    low = -storable if field.low is None else max(field.low, -storable)
    return low, storable if field.high is None else min(field.high, storable)


_LIMITS: Final[Mapping[Kind, Callable[[Field], Any]]] = {
    "text": _text,
    "note": _text,
    "choice": _choice,
    "choices": _choices,
    "money": _number,
    "number": _number,
    "day": lambda _field: dt.date,
    "ref": lambda _field: _limited(bytes, min_length=16, max_length=16),
    "flag": lambda _field: _limited(int, ge=0, le=1),
}


def _value_problem(known: WireType | None, place: int, value: Any) -> str:
    """Return the code of what is wrong with one packed value; empty: nothing."""
    field = _field(known, place)
    if field is None:
        return "" if _is_plain(value) else "not-plain"
    try:
        msgspec.convert(value, _annotation(field), builtin_types=(bytes,))
    except msgspec.ValidationError:
        return _code(field, value)
    return ""


def _misplaced(known: WireType | None, unit: int, place: int) -> str:
    """Tell whether a place is written under a unit it does not belong to: the unit decides who may."""
    if not (0 <= place < WIDEST and LIFE < unit <= FOREIGN + WIDEST):
        return "unit"
    owner = known.unit_of_place.get(place) if known else None
    return "unit" if owner and owner.number != unit else ""


def _field(known: WireType | None, place: int) -> Field | None:
    return known.fields[place] if known and 0 <= place < len(known.fields) else None


def _is_all_plain(values: list[Any]) -> bool:
    return len(values) <= WIDEST and all(map(_is_plain, values))


def _is_plain(value: Any) -> bool:
    """Tell whether a value is one that any declaration could have: a scalar or a list of scalars."""
    if isinstance(value, list):
        return all(isinstance(each, _SCALARS) for each in value)
    return isinstance(value, _SCALARS)


def _length(body: bytes) -> int:
    """Return how many places a packed body has, from its first bytes.

    Raises:
        msgspec.DecodeError: it is no array.
    """
    first = body[0] if body else 0
    if first & 0xF0 == _FIXED_ARRAY:
        return first & 0x0F
    if first == _SHORT_ARRAY and len(body) > _SHORT_HEADER:
        return int.from_bytes(body[1:_SHORT_HEADER], "big")
    raise msgspec.DecodeError("no array")


def _told(known: WireType | None, body: bytes, why: str) -> str:
    """Return the code of what the compiled check found, from the place it names."""
    named = re.search(r"\$\[(\d+)\]", why)
    field = _field(known, int(named[1])) if named else None
    try:
        value = _decode_body(body)[int(named[1])] if named else None
    except DAMAGES:
        field = value = None
    return f"invalid:{field.name}:{_code(field, value)}" if field else "invalid::malformed"


def _code(field: Field, value: Any) -> str:
    """Return the word of ``domain.problems`` for a value that is not the field's."""
    if value is None or value == "":
        return "required"
    if field.kind in ("text", "note") and isinstance(value, str):
        return "too-long" if field.max and len(value) > field.max else field.format or "malformed"
    if field.codes == "secrecy" and value == CLASSIFIED:
        return "classified"
    if field.kind in ("money", "number") and isinstance(value, int):
        low, _high = _range(field)
        return "too-low" if value < low * 10**field.places else "too-high"
    return "not-a-day" if field.kind == "day" else "malformed"


# --- rules across fields -----------------------------------------------------------------------------------


class _Values(Mapping[str, Any]):
    """A record's values by name, made from their packed form when a rule asks for them: few ever are."""

    def __init__(self, known: WireType) -> None:
        self._known = known

    def packed(self, place: int) -> Any:
        raise NotImplementedError

    def __getitem__(self, name: str) -> Any:
        place = self._known.places[name]
        field, value = self._known.record_type[name], self.packed(place)
        if value is None or isinstance(value, dt.date):
            return empty(field) if value is None else value
        return FROM_PACKED[field.kind](field, value)

    def __iter__(self) -> Iterator[str]:
        return iter(self._known.places)

    def __len__(self) -> int:
        return len(self._known.places)


class _Checked(_Values):
    """The values of a body that the compiled check has just decoded."""

    def __init__(self, known: WireType, made: Any) -> None:
        super().__init__(known)
        self._made = made

    def packed(self, place: int) -> Any:
        return getattr(self._made, f"p{place}")


class _Packed(_Values):
    """The values of a packed body."""

    def __init__(self, known: WireType, body: Sequence[Any]) -> None:
        super().__init__(known)
        self._body = body

    def packed(self, place: int) -> Any:
        return self._body[place] if place < len(self._body) else None


def _broken(known: WireType, values: _Values) -> list[tuple[str, str]]:
    """Return the fields and codes of the rules that values break; warnings stop nobody."""
    rules = known.record_type.rules
    found: Iterator[Problem] = rules(values) if rules else iter(())
    return [(problem.field, problem.code) for problem in found if not problem.warning]
