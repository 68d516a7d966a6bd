"""Wording exists so that dates and figures look the same in every document."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt
    import decimal


def chinese_date(day: dt.date | None) -> str:
    """Return a date as documents print it, 2024年3月5日; nothing for no date."""
    return f"{day.year}年{day.month}月{day.day}日" if day else ""


def plain_number(value: decimal.Decimal | None, absent: str = "—") -> str:
    """Return a figure without idle zeros or an exponent, ``absent`` for none."""
    return absent if value is None else f"{value.normalize():f}"
