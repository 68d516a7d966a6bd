"""Scores an agency by a scheme and says for every part how it came about.

The sum of the printed parts is the printed total: points and scores are hundredths, never rounded twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from domain.problems import refuse
from domain.ratios import half_up

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from domain.schemes import AgencyKind, Dimension, Grade, Indicator, Scheme

    Facts = Mapping[str, Decimal | None]

Scorer = Literal["self", "district", "expert"]
CENTS = 2


@dataclass(frozen=True, slots=True)
class Part:
    """One indicator's share of the score.

    ``value`` is the figure that was scored, None when facts are missing; ``evidenced`` is false when
    required proof is missing, which scores zero whatever was declared.
    """

    indicator: Indicator
    points: Decimal
    value: Decimal | None
    score: Decimal
    formula: str
    evidenced: bool = True


@dataclass(frozen=True, slots=True)
class DimensionScore:
    """A dimension's score, the sum of its parts."""

    dimension: Dimension
    score: Decimal


@dataclass(frozen=True, slots=True)
class EvaluationResult:
    """A total with everything it is made of; ``bonus`` is already cut to the scheme's cap."""

    total: Decimal
    bonus: Decimal
    dimensions: tuple[DimensionScore, ...]
    parts: tuple[Part, ...]
    vetoes: tuple[str, ...]
    grade: str | None
    missing: tuple[str, ...]


def evaluate(
    scheme: Scheme, facts: Facts, kind: AgencyKind, *, evidenced: Collection[str] | None = None
) -> EvaluationResult:
    """Score facts by a scheme.

    Without ``evidenced`` the facts are scored as declared; with it, as accepted: an indicator that
    requires evidence counts only when its code is named. Self, district and expert scores are three calls
    with the facts each of them accepts.

    Raises:
        Refusal: a person gave more points than an indicator has, or fewer than none.
    """
    points = effective_points(scheme, kind)
    parts = tuple(
        _part(indicator, points[indicator.code], facts, evidenced)
        for indicator in scheme.indicators
        if indicator.applies(kind)
    )
    dimensions = tuple(
        DimensionScore(
            d, _total(p for p in parts if p.indicator.dimension == d.code and not p.indicator.bonus)
        )
        for d in scheme.dimensions
    )
    cap = half_up(Fraction(scheme.points * scheme.bonus_cap) / 100, CENTS)
    bonus = min(_total(p for p in parts if p.indicator.bonus), cap)
    total = sum((d.score for d in dimensions), bonus)
    vetoes = tuple(p.indicator.code for p in parts if _closes(p))
    return EvaluationResult(
        total=total,
        bonus=bonus,
        dimensions=dimensions,
        parts=parts,
        vetoes=vetoes,
        grade=grade_of(scheme.grades, total, vetoed=bool(vetoes)),
        missing=tuple(p.indicator.code for p in parts if p.value is None),
    )


def effective_points(scheme: Scheme, kind: AgencyKind) -> dict[str, Decimal]:
    """Return the points of each indicator that an agency of a kind fills in.

    Points of indicators that do not apply go to the others of their dimension in proportion, by largest
    remainder, so that the dimension keeps its printed points. They are never scored zero.
    """
    effective: dict[str, Decimal] = {}
    for dimension in scheme.dimensions:
        inside = [i for i in scheme.indicators if i.dimension == dimension.code and i.applies(kind)]
        based = [i for i in inside if not i.bonus]
        shares = apportion(dimension.points, [i.points for i in based])
        effective |= {i.code: i.points for i in inside}
        effective |= {i.code: share for i, share in zip(based, shares, strict=True)}
    return effective


def apportion(total: Decimal, weights: Sequence[Decimal]) -> list[Decimal]:
    """Split a total of whole hundredths by weights into hundredths that add up, by largest remainder."""
    whole = int(total.scaleb(CENTS))
    exact = [Fraction(whole) * Fraction(w) / Fraction(sum(weights)) for w in weights]
    parts = [int(share) for share in exact]
    by_remainder = sorted(range(len(exact)), key=lambda i: parts[i] - exact[i])
    for i in by_remainder[: whole - sum(parts)]:
        parts[i] += 1
    return [Decimal(part).scaleb(-CENTS) for part in parts]


def grade_of(grades: Sequence[Grade], total: Decimal, *, vetoed: bool) -> str | None:
    """Return the best grade a total reaches; a veto closes the grades that say so."""
    open_grades = [g for g in grades if g.low <= total and not (vetoed and g.closed_by_veto)]
    return max(open_grades, key=lambda g: g.low).code if open_grades else None


def final(scores: Mapping[Scorer, EvaluationResult]) -> EvaluationResult | None:
    """Return the score that stands: the experts', else the district's, else the agency's own."""
    ladder: tuple[Scorer, ...] = ("expert", "district", "self")
    return next((scores[scorer] for scorer in ladder if scorer in scores), None)


def _total(parts: Iterable[Part]) -> Decimal:
    return sum((part.score for part in parts), Decimal(0))


def _closes(part: Part) -> bool:
    return part.indicator.veto and part.value is not None and not (part.value and part.evidenced)


def _part(indicator: Indicator, points: Decimal, facts: Facts, evidenced: Collection[str] | None) -> Part:
    value, how = _measure(indicator, facts)
    proven = evidenced is None or not indicator.evidence or indicator.code in evidenced
    if value is None:
        return Part(indicator, points, None, Decimal(0), f"{how} → 0.00 分", proven)
    share, curve = _share(indicator, value, points)
    if not proven:
        return Part(indicator, points, value, Decimal(0), f"{how}；缺少佐证材料 → 0.00 分", proven)
    score = half_up(Fraction(points) * share, CENTS)
    return Part(indicator, points, value, score, f"{how}；{curve} → {score} 分", proven)


def _measure(indicator: Indicator, facts: Facts) -> tuple[Decimal | None, str]:
    if indicator.of is None:
        value = facts.get(indicator.code)
        return value, f"{indicator.label} {_plain(value)}{indicator.unit}" if value is not None else "未填报"
    part, whole = (facts.get(name) for name in indicator.of)
    if part is None or whole is None:
        return None, "未填报"
    if not whole:
        return None, f"{indicator.label}：分母为 0，不计算"
    value = half_up(100 * Fraction(part) / Fraction(whole), CENTS)
    return value, f"{indicator.label} {_plain(part)} ÷ {_plain(whole)} × 100 = {value}{indicator.unit}"


def _share(indicator: Indicator, value: Decimal, points: Decimal) -> tuple[Fraction, str]:
    """Return the part of the points a value earns, from 0 to 1, and how."""
    if indicator.curve == "manual":
        if not 0 <= value <= points:
            why = f"{indicator.label}：评分应为 0 至 {points} 分，现为 {_plain(value)}"
            raise refuse(indicator.code, "plain", why=why)
        return Fraction(value) / Fraction(points) if points else Fraction(0), "按评分"
    if indicator.curve == "linear":
        full = indicator.full or Decimal(1)
        share = min(max(Fraction(value) / Fraction(full), Fraction(0)), Fraction(1))
        top = f"满分值 {_plain(full)}{indicator.unit}，"
        return share, top + ("达到满分" if share == 1 else f"{_plain(value)} ÷ {_plain(full)} × {points} 分")
    if indicator.curve == "step":
        reached = [part for at, part in sorted(indicator.steps) if at <= value]
        earned = reached[-1] if reached else Decimal(0)
    else:
        earned = dict(indicator.steps).get(value, Decimal(0))
    return Fraction(earned), f"得分比例 {_plain(earned * 100)}% × {points} 分"


def _plain(value: Decimal) -> str:
    shown = f"{value:f}"
    return shown.rstrip("0").rstrip(".") if "." in shown else shown
