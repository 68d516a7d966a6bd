"""Finds out which column of a strange table is which field, and in which unit its amounts are."""

from __future__ import annotations

import functools
import re
import unicodedata
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from domain.codes import fold
from domain.fields import RECORD_TYPES, Field
from domain.values import UNITS

if TYPE_CHECKING:
    import decimal
    from collections.abc import Iterable, Mapping, Sequence

REJECT_HEADERS: Final = ("行号", "列", "值", "原因")
"""Columns of our own rejects file; a mended one is read without them."""

IGNORED: Final = ""
"""In a mapping: this column is to be left out."""

LABEL, ALIAS, CHOSEN = 1, 2, 0
_BRACKETS: Final = re.compile(r"[(\[【]([^()\[\]【】]*)[)\]】]")
_REMARKS: Final = re.compile(r"[(\[【](?:必填|选填|可选|必填项|required)[)\]】]|^\*|\*$|:$")
_UNIT_WORDS: Final = re.compile(r"^(?:单位:?)?(?:人民币)?(百万元|千元|万元|亿元|元|万|亿)(?:人民币)?$")
_TAIL: Final = re.compile(r"^(.+?)[/,,、\-]?(百万元|千元|万元|亿元|元)$")
_SUFFIX: Final = re.compile(r"_(wan|yi|yuan)$")
_SUFFIX_UNITS: Final = {"wan": "万元", "yi": "亿元", "yuan": "元"}
_CAPTION: Final = re.compile(r"单位:(?:人民币)?(百万元|千元|万元|亿元|元)")
_MONEY_HINT: Final = re.compile(r"[元万亿千百$币¥]|usd|eur|hkd")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table: its place from 0, its header, the field it fills (None: none) and its unit."""

    index: int
    header: str
    field: str | None = None
    scale: decimal.Decimal | None = None
    quality: int = ALIAS


def key(text: str) -> str:
    """Return a header as headers are compared: width, case, blanks and 必填 marks make no difference."""
    plain = fold(text)
    while (shorter := _REMARKS.sub("", plain)) != plain:
        plain = shorter
    return plain


@functools.cache
def _names(record_type: str) -> Mapping[str, tuple[int, Field]]:
    """Return the fields of a type by every name that a header may use; labels win over aliases.

    What only the program writes has no name here: such a column is taken over by nothing.
    """
    found: dict[str, tuple[int, Field]] = {}
    fields = [field for field in RECORD_TYPES[record_type].fields if not field.kept]
    for field in fields:
        found.setdefault(key(field.label), (LABEL, field))
    for field in fields:
        for name in field.aliases:
            found.setdefault(key(name), (ALIAS, field))
            found.setdefault(_SUFFIX.sub("", key(name)), (ALIAS, field))
    for field in fields:
        found.setdefault(key(field.name), (ALIAS, field))
    return found


def recognise(record_type: str, index: int, parts: Sequence[str]) -> Column:
    """Return the column of a header, whose parts stand above one another in merged headers."""
    header = "/".join(parts)
    for text in dict.fromkeys((header, "".join(parts), parts[-1] if parts else "")):
        match = _match(record_type, text)
        if match:
            quality, field, unit = match
            unit = unit or next(filter(None, map(unit_of, reversed(parts))), None)
            scale = UNITS[unit] if unit and field.kind == "money" else None
            return Column(index, header, field.name, scale, quality)
    return Column(index, header)


def _match(record_type: str, header: str) -> tuple[int, Field, str | None] | None:
    names, plain = _names(record_type), key(header)
    unit = unit_of(header)
    bare = _BRACKETS.sub("", plain)
    tail = _TAIL.match(bare)
    for candidate in (plain, bare, _SUFFIX.sub("", bare), tail[1] if tail else ""):
        if candidate in names:
            quality, field = names[candidate]
            suspect = candidate != plain and _in_another_unit(field, plain, unit)
            return None if suspect else (quality, field, unit)
    return None


def unit_of(header: str) -> str | None:
    """Return the unit of money that a header names: 成交额（万元）, 金额/亿元, price_wan."""
    plain = key(header)
    for content in _BRACKETS.findall(plain):
        words = _UNIT_WORDS.match(content)
        if words:
            return words[1]
    suffix = _SUFFIX.search(plain)
    if suffix:
        return _SUFFIX_UNITS[suffix[1]]
    tail = _TAIL.match(_BRACKETS.sub("", plain))
    return tail[2] if tail else None


def _in_another_unit(field: Field, plain: str, unit: str | None) -> bool:
    """Tell whether brackets name a unit in which the field is not kept: 万美元, 万件.

    Such a column is left to the user: a wrong unit must never come in unseen.
    """
    hints = [content for content in _BRACKETS.findall(plain) if _MONEY_HINT.search(content)]
    if field.kind == "money":
        return bool(hints) and unit is None
    return field.kind == "number" and bool(hints)


def caption_unit(texts: Iterable[str]) -> decimal.Decimal | None:
    """Return the unit that a title above the table gives for all of it (单位：万元), if there is one."""
    found = {unit for text in texts for unit in _CAPTION.findall(fold(unicodedata.normalize("NFKC", text)))}
    return UNITS[found.pop()] if len(found) == 1 else None


def columns(
    record_type: str,
    headers: Sequence[Sequence[str]],
    mapping: Mapping[str, str] | None,
    caption: decimal.Decimal | None,
) -> tuple[Column, ...]:
    """Return the columns of a header row, each field filled by its best column.

    A mapping (header text to field name, or ``IGNORED``) wins over labels, labels over aliases. Only a
    region may have several columns: province, city and county.
    """
    found = [_column(record_type, index, parts, mapping or {}) for index, parts in enumerate(headers)]
    taken: dict[str, Column] = {}
    for column in sorted(found, key=lambda column: (column.quality, column.index)):
        if column.field:
            taken.setdefault(column.field, column)
    fields = RECORD_TYPES[record_type].by_name
    made: list[Column] = []
    for column in found:
        field = fields.get(column.field or "")
        if field and taken[field.name] is not column and field.codes != "region":
            made.append(Column(column.index, column.header))
        elif field and field.kind == "money" and column.scale is None:
            made.append(replace(column, scale=caption))
        else:
            made.append(column)
    return tuple(made)


def _column(record_type: str, index: int, parts: Sequence[str], mapping: Mapping[str, str]) -> Column:
    column = recognise(record_type, index, parts)
    chosen = mapping.get(column.header)
    if chosen is None:
        return column
    if chosen == IGNORED:
        return Column(index, column.header, IGNORED, quality=CHOSEN)
    field = RECORD_TYPES[record_type][chosen]
    if field.kept:
        return Column(index, column.header)
    unit = next(filter(None, map(unit_of, reversed(parts))), None)
    return Column(
        index, column.header, chosen, UNITS[unit] if unit and field.kind == "money" else None, CHOSEN
    )
