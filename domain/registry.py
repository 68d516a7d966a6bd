"""The numbers that stand for record types, fields and merge units on the wire, given once and never reused.

``wire.lock`` beside this module is the register. A body on the wire is an array in which a field's place is
its number; a newer program only ever adds places at the end, so an older one keeps what it does not know as
the tail of the array. ``python -m tools.new_numbers`` adds what the declarations have gained; the line of a
field that was removed stays.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from domain.fields import RECORD_TYPES
from domain.records import __all__ as _registered

if TYPE_CHECKING:
    from collections.abc import Mapping

    from domain.fields import Field, Policy, RecordType

assert _registered, "importing domain.records registers the record types"

LOCK: Final = Path(__file__).with_name("wire.lock")
LIFE: Final = 0
"""The unit that says whether a record is alive or in the recycle bin; every type has it."""
_STRICTNESS: Final[tuple[Policy, ...]] = ("free", "derived", "set", "protected", "authority", "sealed")


@dataclass(frozen=True, slots=True)
class Unit:
    """Fields that change together: an amount with its currency, a state with its reason and day."""

    number: int
    name: str
    policy: Policy
    fields: tuple[Field, ...]
    places: tuple[int, ...]

    @property
    def label(self) -> str:
        """Return what a person calls the unit: the labels of its fields."""
        return "、".join(field.label for field in self.fields)


@dataclass(frozen=True, slots=True)
class WireType:
    """One record type as the wire knows it.

    ``fields`` is indexed by place; None is the place of a field that this program no longer has.
    """

    number: int
    record_type: RecordType
    fields: tuple[Field | None, ...]
    places: Mapping[str, int]
    units: Mapping[int, Unit]
    unit_of_place: Mapping[int, Unit]


@dataclass(frozen=True, slots=True)
class Numbers:
    """The register's entry of one type: its number, its fields by place, its units by number less one."""

    number: int
    fields: tuple[str, ...]
    units: tuple[str, ...]


def read_lock(text: str) -> dict[str, Numbers]:
    """Return the register by type name; a line is ``number type: field ... / unit ...``."""
    found = {}
    for line in text.splitlines():
        head, _, rest = line.partition(":")
        number, name = head.split()
        fields, _, units = rest.partition("/")
        found[name] = Numbers(int(number), tuple(fields.split()), tuple(units.split()))
    return found


def write_lock(numbers: Mapping[str, Numbers]) -> str:
    """Return the register's text."""
    return "".join(
        f"{entry.number} {name}: {' '.join(entry.fields)} / {' '.join(entry.units)}\n"
        for name, entry in sorted(numbers.items(), key=lambda pair: pair[1].number)
    )


def extended(numbers: Mapping[str, Numbers], record_types: Mapping[str, RecordType]) -> dict[str, Numbers]:
    """Return the register with a number for everything declared; what is in it keeps its number."""
    made = dict(numbers)
    for name, record_type in record_types.items():
        last = max((entry.number for entry in made.values()), default=0)
        held = made.get(name, Numbers(last + 1, (), ()))
        made[name] = Numbers(
            held.number,
            _appended(held.fields, [field.name for field in record_type.fields]),
            _appended(held.units, [field.unit for field in record_type.fields]),
        )
    return made


def _appended(held: tuple[str, ...], declared: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*held, *declared]))


def wire_type(entry: Numbers, record_type: RecordType) -> WireType:
    """Return a type's wire form from its entry in the register and its declaration."""
    places = {name: place for place, name in enumerate(entry.fields) if name in record_type}
    units = {}
    for number, name in enumerate(entry.units, start=LIFE + 1):
        members = tuple(field for field in record_type.fields if field.unit == name)
        if members:
            policy = max((field.policy for field in members), key=_STRICTNESS.index)
            units[number] = Unit(number, name, policy, members, tuple(places[f.name] for f in members))
    return WireType(
        entry.number,
        record_type,
        tuple(record_type.by_name.get(name) for name in entry.fields),
        MappingProxyType(places),
        MappingProxyType(units),
        MappingProxyType({place: unit for unit in units.values() for place in unit.places}),
    )


@functools.cache
def wire_types() -> Mapping[str, WireType]:
    """Return every record type's wire form by its name."""
    entries = read_lock(LOCK.read_text(encoding="utf-8"))
    return MappingProxyType({name: wire_type(entries[name], RECORD_TYPES[name]) for name in RECORD_TYPES})


@functools.cache
def by_number() -> Mapping[int, WireType]:
    """Return every record type's wire form by its number."""
    return MappingProxyType({known.number: known for known in wire_types().values()})
