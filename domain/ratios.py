"""Percentages and sums as the trade publishes them, so that a check can say by how much a figure is off.

Nothing here corrects a published figure: both are shown. Percentages are rounded half up to two decimals.
"""

from __future__ import annotations

import decimal
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

PLACES: Final = 2
EXACT: Final = decimal.Context(prec=decimal.MAX_PREC, Emax=decimal.MAX_EMAX, Emin=decimal.MIN_EMIN)


def half_up(value: Fraction, places: int) -> Decimal:
    """Round an exact number half up, away from zero, to a number of decimals."""
    scaled = abs(value) * 10**places
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return Decimal(whole if value >= 0 else -whole).scaleb(-places, EXACT)


def share(part: Decimal, whole: Decimal) -> Decimal | None:
    """Return part of whole in per cent; None when the whole is zero."""
    return half_up(100 * Fraction(part) / Fraction(whole), PLACES) if whole else None


def growth(previous: Decimal, now: Decimal) -> Decimal | None:
    """Return the growth from previous to now in per cent; None unless there was something before."""
    if previous <= 0:
        return None
    return half_up(100 * (Fraction(now) - Fraction(previous)) / Fraction(previous), PLACES)


def premium(start: Decimal, deal: Decimal) -> Decimal | None:
    """Return by how much a price lies above its starting price (溢价率); None unless there was a start."""
    return growth(start, deal)


@dataclass(frozen=True, slots=True)
class SumCheck:
    """The sum of the rows, and published minus sum when a total was published."""

    total: Decimal
    difference: Decimal | None


def sum_check(values: Iterable[Decimal], published: Decimal | None) -> SumCheck:
    """Add up rows exactly and compare with the published total."""
    total = Decimal(0)
    for value in values:
        total = EXACT.add(total, value)
    return SumCheck(total, None if published is None else EXACT.subtract(published, total))


@dataclass(frozen=True, slots=True)
class Reachable:
    """Whether a published growth can come from whole numbers, and the two nearest ones that can.

    ``nearest`` ascends. It holds one value on either side of the published one where both exist, and the
    published one itself when it is reachable. A single value stands when no other growth is possible.
    """

    reachable: bool
    nearest: tuple[Decimal, ...]


def growth_reachable(now: int, percent: Decimal, places: int) -> Reachable:
    """Tell whether a count of ``now`` can have grown by ``percent``, printed with ``places`` decimals.

    The count before must be a whole number of at least one; the printed growth is rounded half up.

    Raises:
        ValueError: the count or the number of decimals is negative.
    """
    if now < 0 or places < 0:
        raise ValueError("a count and its decimals cannot be negative")

    def printed(previous: int) -> Decimal:
        return half_up(Fraction(100 * (now - previous), previous), places)

    def next_below(value: Decimal) -> list[Decimal]:
        previous = _first(lambda count: printed(count) < value, last)
        return [] if previous is None else [printed(previous)]

    def next_above(value: Decimal) -> list[Decimal]:
        reached = _first(lambda count: printed(count) <= value, last) or last + 1
        return [printed(reached - 1)] if reached > 1 else []

    last = 200 * now * 10**places + 1  # every count before it or larger prints as -100 %
    at = _first(lambda count: printed(count) <= percent, last)
    below, above = next_below(percent), next_above(percent)
    if at is not None and printed(at) == percent:
        closest = sorted(below + above, key=lambda value: abs(value - percent))[:1]
        return Reachable(reachable=True, nearest=tuple(sorted([printed(at), *closest])))
    if below and not above:
        below += next_below(below[0])
    if above and not below:
        above += next_above(above[0])
    return Reachable(reachable=False, nearest=tuple(sorted(below + above)))


def _first(holds: Callable[[int], bool], last: int) -> int | None:
    """Return the smallest number from 1 to last from which on a monotone condition holds."""
    if not holds(last):
        return None
    low, high = 1, last
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle + 1, high)
    return low
