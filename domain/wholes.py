"""Which records are parts of another: they go with it, or its parts would show what one keeps to oneself."""

from __future__ import annotations

from collections import defaultdict
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from domain.fields import RECORD_TYPES
from domain.registry import wire_types

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ATTACHMENT: Final = "attachment"
"""The one type of part whose whole may be of any type: ``OWNER_TYPE`` and ``OWNER_ID`` name it."""
OWNER_TYPE: Final = "owner_type"
OWNER_ID: Final = "owner_id"

WHOLES: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        name: (references[0].name, references[0].to)
        for name in wire_types()
        if RECORD_TYPES[name].group == "parts" and name != ATTACHMENT
        if (references := [field for field in RECORD_TYPES[name].fields if field.kind == "ref"])
    }
)
"""The field of a part that names its whole, its first reference, and the type of that, by the part's type."""


def _parts() -> dict[str, tuple[tuple[str, str], ...]]:
    found: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for part, (field, whole) in WHOLES.items():
        found[whole].append((part, field))
    return {whole: tuple(parts) for whole, parts in found.items()}


PARTS: Final[Mapping[str, Sequence[tuple[str, str]]]] = MappingProxyType(_parts())
"""The types of a whole's parts but attachments, each with the field that names the whole."""


def is_part(record_type: str) -> bool:
    """Tell whether records of a type belong to others and go where those go."""
    return record_type in WHOLES or record_type == ATTACHMENT
