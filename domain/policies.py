"""Policy packs: rules that differ by place and year as dated data with the clause they come from.

A pack is one published document (``resources/policies/*.toml``); an entry is one number in it. A record
keeps ``Policy.key`` of the entry it was computed with, so that an old figure can always be explained.
"""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any, Literal, get_args

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Kind = Literal[
    "target",
    "subsidy",
    "award",
    "reward",
    "deadline",
    "publicity",
    "retention",
    "timer",
    "recognition",
    "tax",
]
Bound = Literal["exact", "at-least", "at-most", "more-than", "about"]
Unit = Literal["yuan", "percent", "count", "year", "month", "natural-day", "working-day", "day-of-year"]

NATION = "000000"
INHERITED = ("region", "valid_from", "valid_to", "verified")
FEN = Decimal("0.01")
HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One rule with a number.

    ``value`` (and ``high``, the upper end of a range) is in ``unit``; ``bound`` says how the document
    limits it: 不低于 is ``at-least``, 最高 ``at-most``, 超过 ``more-than``. ``cap`` is in yuan for each
    ``per``. ``base`` names the figure a percentage is taken of. ``due`` is a month and day of each year.
    ``quote`` are the words of the document as it was found; ``verified`` is false for what is common
    knowledge without a text at hand and should be checked against the current notice.
    """

    id: str
    pack: str
    kind: Kind
    measure: str
    label: str
    region: str
    unit: Unit
    section: str
    value: Decimal | None = None
    high: Decimal | None = None
    bound: Bound = "exact"
    cap: Decimal | None = None
    per: str = ""
    base: str = ""
    due: tuple[int, int] | None = None
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    quote: str = ""
    note: str = ""
    verified: bool = True

    @property
    def key(self) -> str:
        """The name under which a record remembers this entry."""
        return f"{self.pack}/{self.id}"

    def valid(self, on: dt.date) -> bool:
        """Whether the entry is in force on a day."""
        return (self.valid_from or dt.date.min) <= on <= (self.valid_to or dt.date.max)

    def overlaps(self, other: Policy) -> bool:
        """Whether some day lies in both validities."""
        return (self.valid_from or dt.date.min) <= (other.valid_to or dt.date.max) and (
            other.valid_from or dt.date.min
        ) <= (self.valid_to or dt.date.max)

    def due_date(self, year: int) -> dt.date:
        """Return the day a deadline falls on in a year.

        Raises:
            ValueError: the entry is not a deadline.
        """
        if self.due is None:
            raise ValueError(f"{self.key} has no due day")
        return dt.date(year, *self.due)

    def ceiling(self, base: Decimal) -> Decimal:
        """Return the most this percentage rule can give on a base in yuan, to the fen, half up.

        A ceiling is not an entitlement: the authority decides the grant.

        Raises:
            ValueError: the entry is not a percentage.
        """
        if self.unit != "percent" or self.value is None:
            raise ValueError(f"{self.key} is not a percentage")
        amount = (base * self.value / HUNDRED).quantize(FEN, ROUND_HALF_UP)
        return amount if self.cap is None else min(amount, self.cap)


@dataclass(frozen=True, slots=True)
class Pack:
    """One document: who issued it, under which number, for which region, and its entries."""

    id: str
    title: str
    region: str
    issued_by: str
    document_no: str
    source: str
    entries: tuple[Policy, ...]


class PolicyBook:
    """All packs; answers which rule holds for a place on a day."""

    def __init__(self, packs: Iterable[Pack]) -> None:
        self.packs = tuple(packs)
        self._entries = tuple(entry for pack in self.packs for entry in pack.entries)
        self._packs = {pack.id: pack for pack in self.packs}

    def pack_of(self, policy: Policy) -> Pack:
        """Return the document an entry stands in."""
        return self._packs[policy.pack]

    def get(self, key: str) -> Policy | None:
        """Return the entry a record was computed with, in force or not."""
        return next((entry for entry in self._entries if entry.key == key), None)

    def find(self, measure: str, region: str, on: dt.date, *, kind: Kind | None = None) -> Policy | None:
        """Return the nearest rule for a measure: the place's own, else its parents', else the nation's."""
        return next(iter(self.applicable(region, on, kind=kind, measure=measure)), None)

    def applicable(
        self, region: str, on: dt.date, *, kind: Kind | None = None, measure: str | None = None
    ) -> tuple[Policy, ...]:
        """Return every rule in force for a place, the nearest level first."""
        return tuple(
            entry
            for level in lineage(region)
            for entry in self._entries
            if entry.region == level
            and entry.valid(on)
            and kind in (None, entry.kind)
            and measure in (None, entry.measure)
        )

    def targets(self, region: str, on: dt.date) -> tuple[Policy, ...]:
        """Return the targets a place has set itself, without those of the levels above it."""
        return tuple(e for e in self.applicable(region, on, kind="target") if e.region == region)


def lineage(region: str) -> tuple[str, ...]:
    """Return a six-digit region code and the codes above it: county, city, province, nation.

    The levels are the digit pairs of GB/T 2260.
    """
    chain = (region, region[:4] + "00", region[:2] + "0000", NATION)
    return tuple(dict.fromkeys(chain))


def parse_pack(data: Mapping[str, Any]) -> Pack:
    """Build a pack from a loaded TOML document.

    Entries inherit the pack's region, and its ``valid_from`` and ``valid_to`` unless they say otherwise.

    Raises:
        ValueError: a key is missing, a word is unknown, or two entries of one id overlap in time.
    """
    try:
        entries = tuple(_entry(data, entry) for entry in data["entries"])
        pack = Pack(
            id=data["id"],
            title=data["title"],
            region=data["region"],
            issued_by=data["issued_by"],
            document_no=data["document_no"],
            source=data["source"],
            entries=entries,
        )
    except KeyError as missing:
        raise ValueError(f"policy pack {data.get('id', '?')}: {missing} is missing") from missing
    _refuse_overlaps(pack)
    return pack


def _entry(pack: Mapping[str, Any], entry: Mapping[str, Any]) -> Policy:
    inherited = {
        name: pack[name] for name in ("region", "valid_from", "valid_to", "verified") if name in pack
    }
    facts = {"bound": "exact", **inherited, **entry}
    for name in ("value", "high", "cap"):
        facts[name] = Decimal(facts[name]) if name in facts else None
    if "due" in facts:
        month, day = facts["due"].split("-")
        facts["due"] = (int(month), int(day))
    for name, allowed in (("kind", Kind), ("bound", Bound), ("unit", Unit)):
        if facts[name] not in get_args(allowed):
            raise ValueError(f"policy {pack['id']}/{facts['id']}: {facts[name]!r} is no {name}")
    return Policy(pack=pack["id"], **facts)


def _refuse_overlaps(pack: Pack) -> None:
    for one, other in itertools.combinations(pack.entries, 2):
        same = (one.id, one.region) == (other.id, other.region)
        if same and one.overlaps(other):
            raise ValueError(f"policy pack {pack.id}: the entries {one.id} overlap in time")
