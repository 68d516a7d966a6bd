"""What an evaluation scheme says: dimensions, indicators, curves and grades, read from data.

A new year or a new city is a new file in ``resources/schemes/``; ``domain/evaluation.py`` scores it.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, get_args

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

AgencyKind = Literal["A", "B"]
Applies = Literal["A", "B", "all"]
IndicatorKind = Literal["count", "sum", "ratio", "per100", "boolean", "grade", "text", "manual"]
Curve = Literal["linear", "step", "table", "manual"]


@dataclass(frozen=True, slots=True)
class Dimension:
    """A first-level heading and its printed points."""

    code: str
    label: str
    points: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """A second-level indicator: what is measured and how a value becomes points.

    ``of`` names the two facts of a ratio (in per cent) or of a figure per 100 staff; other kinds read the
    fact of their own code. ``full`` is the value that earns all points on a linear curve from zero;
    ``steps`` are (at least, share) pairs of a step curve or (value, share) pairs of a table. A manual curve
    takes the points a person gives. ``bonus`` indicators stand outside their dimension's points; a ``veto``
    is a yes-or-no fact that closes the better grades when it is no.
    """

    code: str
    label: str
    dimension: str
    kind: IndicatorKind
    unit: str
    points: Decimal
    curve: Curve
    of: tuple[str, str] | None = None
    full: Decimal | None = None
    steps: tuple[tuple[Decimal, Decimal], ...] = ()
    applies_to: Applies = "all"
    evidence: tuple[str, ...] = ()
    veto: bool = False
    bonus: bool = False
    verified: bool = True

    def applies(self, kind: AgencyKind) -> bool:
        """Whether an agency of this kind fills the indicator in."""
        return self.applies_to in ("all", kind)


@dataclass(frozen=True, slots=True)
class Grade:
    """A grade (a code of the list ``grade``), the score it begins at, and whether a veto closes it."""

    code: str
    low: Decimal
    closed_by_veto: bool = False


@dataclass(frozen=True, slots=True)
class Scheme:
    """One published way to score agencies; ``bonus_cap`` is in per cent of all points."""

    id: str
    label: str
    region: str
    source: str
    dimensions: tuple[Dimension, ...]
    indicators: tuple[Indicator, ...]
    grades: tuple[Grade, ...]
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    bonus_cap: Decimal = Decimal(0)
    verified: bool = True

    @property
    def points(self) -> Decimal:
        """All points without bonuses."""
        return sum((d.points for d in self.dimensions), Decimal(0))

    def facts(self) -> tuple[str, ...]:
        """Return the names of all facts the scheme reads, in the order of its indicators."""
        return tuple(dict.fromkeys(name for i in self.indicators for name in i.of or (i.code,)))


def parse_scheme(data: Mapping[str, Any]) -> Scheme:
    """Build a scheme from a loaded TOML document.

    Raises:
        ValueError: a key is missing, a word is unknown, an indicator lacks what its curve needs, or the
            points of a dimension's indicators do not add up to its own.
    """
    try:
        scheme = Scheme(
            id=data["id"],
            label=data["label"],
            region=data["region"],
            source=data["source"],
            dimensions=tuple(
                Dimension(d["code"], d["label"], Decimal(d["points"])) for d in data["dimensions"]
            ),
            indicators=tuple(_indicator(entry) for entry in data["indicators"]),
            grades=tuple(
                Grade(g["code"], Decimal(g["low"]), g.get("closed_by_veto", False)) for g in data["grades"]
            ),
            valid_from=data.get("valid_from"),
            valid_to=data.get("valid_to"),
            bonus_cap=Decimal(data.get("bonus_cap", "0")),
            verified=data.get("verified", True),
        )
    except KeyError as missing:
        raise ValueError(f"scheme {data.get('id', '?')}: {missing} is missing") from missing
    _check(scheme)
    return scheme


def _indicator(entry: Mapping[str, Any]) -> Indicator:
    facts = dict(entry)
    facts["points"] = Decimal(facts["points"])
    if "full" in facts:
        facts["full"] = Decimal(facts["full"])
    facts["steps"] = tuple((Decimal(at), Decimal(part)) for at, part in facts.get("steps", ()))
    facts["evidence"] = tuple(facts.get("evidence", ()))
    if "of" in facts:
        part, whole = facts["of"]
        facts["of"] = (part, whole)
    made = Indicator(**facts)
    words = ((made.kind, IndicatorKind), (made.curve, Curve), (made.applies_to, Applies))
    if any(word not in get_args(allowed) for word, allowed in words):
        raise ValueError(f"indicator {made.code}: unknown word in {words}")
    if (made.kind in ("ratio", "per100")) != (made.of is not None):
        raise ValueError(f"indicator {made.code}: a {made.kind} needs two facts and no other kind does")
    if made.curve == "linear" and not (made.full and made.full > 0):
        raise ValueError(f"indicator {made.code}: a linear curve needs a full value")
    if (made.curve in ("step", "table")) != bool(made.steps):
        raise ValueError(f"indicator {made.code}: step and table curves have steps and no others do")
    return made


def _check(scheme: Scheme) -> None:
    for dimension in scheme.dimensions:
        inside = [i for i in scheme.indicators if i.dimension == dimension.code and not i.bonus]
        if sum(i.points for i in inside) != dimension.points:
            raise ValueError(f"scheme {scheme.id}: the points of {dimension.code} do not add up")
        for kind in get_args(AgencyKind):
            if not sum(i.points for i in inside if i.applies(kind)):
                raise ValueError(f"scheme {scheme.id}: {dimension.code} has no points for {kind}")
    known = {d.code for d in scheme.dimensions}
    strangers = [i.code for i in scheme.indicators if i.dimension not in known]
    if strangers:
        raise ValueError(f"scheme {scheme.id}: {strangers} stand in no dimension")
