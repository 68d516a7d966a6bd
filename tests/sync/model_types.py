"""The record type of the model: a unit of each kind of merging, and a place that newer programs know."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from domain.fields import Field, RecordType
from domain.registry import Numbers, WireType, wire_type

FREE, SECOND, TAGS, AMOUNTS, LATER = 1, 2, 3, 4, 5
"""Units by number: two free ones, a set, a protected one of two places, and one of a newer program."""
RECORD: Final = 1
CONFLICT: Final = 2
"""The types' numbers; nobody in the model knows anything about the second but that it is a record."""

_FIELDS: Final = (
    Field("text", "名称", name="a", unit="a"),
    Field("text", "说明", name="b", unit="b"),
    Field("choices", "标签", name="tags", unit="tags", policy="set"),
    Field("text", "金额", name="amount", unit="amounts", policy="protected"),
    Field("text", "币种", name="currency", unit="amounts", policy="protected"),
    Field("text", "新增", name="z", unit="z"),
)


def _known(count: int) -> WireType:
    fields = _FIELDS[:count]
    declared = RecordType(
        name="model",
        label="模型",
        cls=object,
        fields=fields,
        group="",
        title="a",
        identity=("a",),
        dated_by="",
        aliases=(),
        rules=None,
        by_name=MappingProxyType({field.name: field for field in fields}),
    )
    names = tuple(field.name for field in fields)
    return wire_type(Numbers(RECORD, names, tuple(dict.fromkeys(field.unit for field in fields))), declared)


KNOWN: Final = _known(5)
NEWER: Final = _known(6)
