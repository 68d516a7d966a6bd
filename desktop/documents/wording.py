"""Wording exists so that dates and figures look the same in every document."""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt
    import decimal
    from collections.abc import Iterable, Iterator

_NUMBERED = re.compile(r"(.*?)(\d+)")


def chinese_date(day: dt.date | None) -> str:
    """Return a date as documents print it, 2024年3月5日; nothing for no date."""
    return f"{day.year}年{day.month}月{day.day}日" if day else ""


def plain_number(value: decimal.Decimal | None, absent: str = "—") -> str:
    """Return a figure without idle zeros or an exponent, ``absent`` for none."""
    return absent if value is None else f"{value.normalize():f}"


def drawn_together(numbers: Iterable[str]) -> Iterator[str]:
    """Yield evidence numbers with each run of three or more drawn together: Z01-Z26."""
    parted = [(number, _NUMBERED.fullmatch(number)) for number in numbers]
    places = enumerate(parted)
    for _, run in groupby(places, lambda entry: _run(entry[0], entry[1][1])):
        held = [number for _, (number, _) in run]
        if len(held) > 2:  # two are as short without a dash
            yield f"{held[0]}-{held[-1]}"
        else:
            yield from held


def _run(place: int, found: re.Match[str] | None) -> tuple[str, int]:
    """Return what is the same for numbers of one prefix that follow one another."""
    return (found[1], int(found[2]) - place) if found else ("", -place)
