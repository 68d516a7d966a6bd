"""The vocabulary: what a record type says about its fields, once, for every floor of the house.

A field states facts of the business (label, limit, code list, merge unit). It never names a widget, a
callback, SQL or a permission: those are derived, each in a small dictionary keyed by the field's kind.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import decimal
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal, TypeVar, dataclass_transform, get_args

Kind = Literal["text", "note", "choice", "choices", "money", "number", "day", "ref", "flag"]
KINDS: tuple[Kind, ...] = get_args(Kind)

Format = Literal[
    "", "credit-code", "citizen-id", "patent-number", "partial-day", "phone", "email", "web", "sha256"
]
Policy = Literal["free", "set", "protected", "derived", "sealed", "authority"]
Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Field:
    """What every floor needs to know about one field.

    ``listed`` is the width of the list column in characters (0: not in lists); ``unit`` names the group of
    fields that are merged as one by sync and ``policy`` how (``domain/merge.py`` says what each means);
    ``pinyin`` marks names that are
    also found by their initials; ``personal`` fields are masked in lists,
    exports and logs; ``heading`` groups fields on a form. ``fallback`` names the text field that keeps the
    words of a list that has no code for them. ``kept`` fields are written by the program and never typed:
    shown and exported, but taken from no form and no table.
    """

    kind: Kind
    label: str
    name: str = ""
    required: bool = False
    listed: int = 0
    searched: bool = False
    pinyin: bool = False
    max: int | None = None
    low: decimal.Decimal | None = None
    high: decimal.Decimal | None = None
    places: int = 0
    codes: str = ""
    to: str = ""
    format: Format = ""
    unit_label: str = ""
    example: str = ""
    aliases: tuple[str, ...] = ()
    personal: bool = False
    heading: str = ""
    fallback: str = ""
    unit: str = ""
    policy: Policy = "free"
    kept: bool = False
    default: Any = None


def _field(kind: Kind, label: str, **facts: Any) -> Any:
    default = facts.get("default")
    for limit in ("low", "high"):
        if limit in facts:
            facts[limit] = decimal.Decimal(str(facts[limit]))
    return dataclasses.field(default=default, metadata={"field": Field(kind, label, **facts)})


def text(label: str, *, max: int = 200, **facts: Any) -> Any:  # noqa: A002 - the word of the vocabulary
    """Declare one line of text, at most ``max`` characters."""
    return _field("text", label, max=max, **facts)


def note(label: str, *, max: int = 2000, **facts: Any) -> Any:  # noqa: A002 - likewise
    """Declare several lines of text, at most ``max`` characters."""
    return _field("note", label, max=max, **facts)


def choice(label: str, codes: str, **facts: Any) -> Any:
    """Declare one code of the dated code list ``codes``."""
    return _field("choice", label, codes=codes, **facts)


def choices(label: str, codes: str, **facts: Any) -> Any:
    """Declare any number of codes of one list, a tuple in the record."""
    facts.setdefault("default", ())
    facts.setdefault("policy", "set")
    return _field("choices", label, codes=codes, **facts)


def money(label: str, **facts: Any) -> Any:
    """Declare an amount in yuan with two decimals; an integer number of fen in the store."""
    facts.setdefault("low", 0)
    return _field("money", label, places=2, **facts)


def number(label: str, *, places: int = 0, unit_label: str = "", **facts: Any) -> Any:
    """Declare a decimal number with ``places`` decimals."""
    return _field("number", label, places=places, unit_label=unit_label, **facts)


def day(label: str, **facts: Any) -> Any:
    """Declare a calendar day."""
    return _field("day", label, **facts)


def ref(label: str, to: str, **facts: Any) -> Any:
    """Declare the id of a record of type ``to``."""
    return _field("ref", label, to=to, **facts)


def flag(label: str, **facts: Any) -> Any:
    """Declare a yes or no; no when nothing is said."""
    facts.setdefault("default", False)
    return _field("flag", label, **facts)


@dataclass(frozen=True, slots=True)
class RecordType:
    """One kind of record: its names, its fields and its cross-field rules."""

    name: str
    label: str
    cls: type[Any]
    fields: tuple[Field, ...]
    group: str
    title: str
    identity: tuple[str, ...]
    dated_by: str
    aliases: tuple[str, ...]
    rules: Callable[[Values], Any] | None
    by_name: Mapping[str, Field]

    def __getitem__(self, name: str) -> Field:
        return self.by_name[name]

    def __contains__(self, name: object) -> bool:
        return name in self.by_name

    @property
    def kept(self) -> bool:
        """Tell whether only the program makes such records: what tells them apart is never typed."""
        return any(self[name].kept for name in self.identity)

    def make(self, values: Values, *, record_id: uuid.UUID) -> Any:
        """Build the frozen record from checked values; names it does not know are left out."""
        known = {f.name: values[f.name] for f in self.fields if values.get(f.name) is not None}
        return self.cls(id=record_id, **known)

    def values(self, record: Any) -> dict[str, Any]:
        """Return the record's fields by name, without its id."""
        return {f.name: getattr(record, f.name) for f in self.fields}

    def defaults(self) -> dict[str, Any]:
        """Return what a new record holds before anything is said."""
        return {f.name: f.default for f in self.fields if f.default is not None}

    def heading_of(self, values: Values) -> str:
        """Return what a person calls this record: its title text, or the type's label."""
        title = values.get(self.title)
        return title if isinstance(title, str) and title else self.label


RECORD_TYPES: dict[str, RecordType] = {}
T = TypeVar("T")


@dataclass_transform(
    field_specifiers=(text, note, choice, choices, money, number, day, ref, flag),
    kw_only_default=True,
    frozen_default=True,
)
def record(
    name: str,
    label: str,
    *,
    group: str,
    title: str = "title",
    identity: tuple[str, ...] = (),
    dated_by: str = "",
    aliases: tuple[str, ...] = (),
    rules: Callable[[Values], Any] | None = None,
) -> Callable[[type[T]], type[T]]:
    """Declare a record type over an ordinary frozen dataclass.

    ``identity`` names the fields that make two rows of an import the same record; ``dated_by`` the day
    field at which its codes must be valid; ``rules`` yields the cross-field problems of its values.
    """

    def declare(cls: type[T]) -> type[T]:
        made = dataclass(frozen=True, kw_only=True)(cls)
        fields = tuple(
            dataclasses.replace(f.metadata["field"], name=f.name, unit=f.metadata["field"].unit or f.name)
            for f in dataclasses.fields(made)  # type: ignore[arg-type]  # made is a dataclass one line up
            if "field" in f.metadata
        )
        RECORD_TYPES[name] = RecordType(
            name=name,
            label=label,
            cls=made,
            fields=fields,
            group=group,
            title=title,
            identity=identity or (title,),
            dated_by=dated_by,
            aliases=aliases,
            rules=rules,
            by_name=MappingProxyType({f.name: f for f in fields}),
        )
        return made

    return declare


PYTHON_TYPES: dict[Kind, type[Any]] = {
    "text": str,
    "note": str,
    "choice": str,
    "choices": tuple,
    "money": decimal.Decimal,
    "number": decimal.Decimal,
    "day": dt.date,
    "ref": uuid.UUID,
    "flag": bool,
}
