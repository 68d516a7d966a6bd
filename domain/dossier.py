"""What a deal's file must hold before it can be bound, and what of it is still missing.

The list itself is data (``resources/dossier/deal.toml``, in binding order); this module decides which of
its documents a given deal needs and counts them.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

from domain.ratios import share

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

DealType = Literal["assign", "licence", "equity", "dev", "consult", "service"]
Need = Literal["required", "optional", "none"]

_NEEDS: Final[Mapping[str, Need]] = {"●": "required", "○": "optional", "-": "none"}


@dataclass(frozen=True, slots=True)
class Document:
    """One line of the checklist: a document, the deals that need it and the rule that asks for it.

    ``public_only`` documents count only when the supplier is a state institute or a public university,
    ``pricing`` names the only pricing route that calls for the document.
    """

    number: int
    title: str
    rule: str
    needs: Mapping[DealType, Need]
    public_only: bool = False
    pricing: str | None = None


@dataclass(frozen=True, slots=True)
class Checklist:
    """All documents in binding order, with what decides for whom and for how long they are kept.

    ``public_natures`` are the codes of suppliers that count as state institute or public university.
    """

    documents: tuple[Document, ...]
    public_natures: tuple[str, ...]
    retention: str


@dataclass(frozen=True, slots=True)
class ChecklistItem:
    """A document as one deal needs it."""

    number: int
    title: str
    required: bool
    rule: str


@dataclass(frozen=True, slots=True)
class Completeness:
    """How much of the required file is there; ``missing`` in binding order, each with its rule."""

    present: int
    required: int
    missing: tuple[ChecklistItem, ...]

    @property
    def complete(self) -> bool:
        return not self.missing

    @property
    def percent(self) -> Decimal | None:
        """Required documents present, in per cent to two decimals; None when none is required."""
        return share(Decimal(self.present), Decimal(self.required))


def parse_documents(data: Mapping[str, Any]) -> tuple[Document, ...]:
    """Build the checklist from its loaded TOML document.

    ``needs`` of an entry has six signs in the order of ``DealType``: ● required, ○ if it applies, - not.

    Raises:
        ValueError: an entry has not six signs or an unknown one.
    """
    return tuple(
        Document(
            number=entry["number"],
            title=entry["title"],
            rule=entry["rule"],
            needs=_needs(entry["needs"]),
            public_only=entry.get("public_only", False),
            pricing=entry.get("pricing"),
        )
        for entry in data["documents"]
    )


def parse_checklist(data: Mapping[str, Any]) -> Checklist:
    """Build the whole checklist from its loaded TOML document; raises as ``parse_documents``."""
    return Checklist(parse_documents(data), tuple(data["public_natures"]), data["retention"])


def _needs(signs: str) -> Mapping[DealType, Need]:
    types: tuple[DealType, ...] = get_args(DealType)
    if len(signs) != len(types) or set(signs) - set(_NEEDS):
        raise ValueError(f"{signs!r} is not a row of {len(types)} signs from {''.join(_NEEDS)}")
    return {kind: _NEEDS[sign] for kind, sign in zip(types, signs, strict=True)}


def deal_type(contract_type: str, *, equity: bool) -> DealType:
    """Return the checklist column of a contract type (``dev-commission`` reads as ``dev``).

    Raises:
        ValueError: the contract type is none of the five classes.
    """
    if equity:
        return "equity"
    top = contract_type.partition("-")[0]
    for kind in get_args(DealType):
        if kind == top and kind != "equity":
            return kind  # type: ignore[no-any-return]  # get_args returns the words of the Literal
    raise ValueError(f"{contract_type!r} is not a contract type")


def checklist(
    documents: Iterable[Document],
    contract_type: str,
    *,
    equity: bool = False,
    pricing_route: str | None = None,
    supplier_is_public: bool,
) -> tuple[ChecklistItem, ...]:
    """Return what a deal's file holds, in binding order, required or if it applies.

    Documents that only a state institute or public university owes are left out for other suppliers: an
    enterprise must not be told that they are missing. An unknown pricing route asks for no route's paper.

    Raises:
        ValueError: the contract type is none of the five classes.
    """
    kind = deal_type(contract_type, equity=equity)
    return tuple(
        ChecklistItem(d.number, d.title, d.needs[kind] == "required", d.rule)
        for d in documents
        if d.needs[kind] != "none"
        and (supplier_is_public or not d.public_only)
        and d.pricing in (None, pricing_route)
    )


def completeness(items: Iterable[ChecklistItem], present: Collection[int]) -> Completeness:
    """Count the required documents that are there, by their numbers."""
    required = [item for item in items if item.required]
    missing = tuple(item for item in required if item.number not in present)
    return Completeness(len(required) - len(missing), len(required), missing)
