"""Money: exact between yuan and fen, as people read it, and in the capitals that paper demands.

Amounts are ``Decimal`` yuan in rules and an integer number of fen in the store; never a binary float.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final, Literal

from domain.ratios import EXACT

Unit = Literal["元", "万元", "亿元"]
UNITS: Final[dict[Unit, int]] = {"元": 0, "万元": 4, "亿元": 8}
FEN_PLACES: Final = 2
DIGITS: Final = "零壹贰叁肆伍陆柒捌玖"
PLACES: Final = {10**8: "亿", 10**4: "万", 1000: "仟", 100: "佰", 10: "拾"}
LARGEST: Final = Decimal("9999999999999999.99")
"""The largest amount in capitals: sixteen digits of yuan, as far as 万亿 reads without doubt."""


def to_fen(yuan: Decimal) -> int:
    """Return an amount as whole fen.

    Raises:
        ValueError: the amount is not a number or has a part smaller than a fen.
    """
    if not yuan.is_finite():
        raise ValueError(f"{yuan} is not an amount")
    fen = yuan.scaleb(FEN_PLACES, EXACT)
    if fen != fen.to_integral_value():
        raise ValueError(f"{yuan} is finer than a fen")
    return int(fen)


def to_yuan(fen: int) -> Decimal:
    """Return whole fen as yuan with two decimals."""
    return Decimal(fen).scaleb(-FEN_PLACES, EXACT)


def display(yuan: Decimal, unit: Unit = "元") -> str:
    """Return an amount for reading, exact: grouped, with two decimals in 元, as many as needed otherwise.

    >>> display(Decimal("1234567.8"), "万元")
    '123.45678万元'
    """
    shown = f"{yuan.scaleb(-UNITS[unit], EXACT):,f}"
    whole, _, decimals = shown.partition(".")
    decimals = decimals.rstrip("0")
    if unit == "元":
        decimals = decimals.ljust(FEN_PLACES, "0")
    return f"{whole}.{decimals}{unit}" if decimals else f"{whole}{unit}"


def fitting_unit(yuan: Decimal) -> Unit:
    """Return the unit a list shows an amount in: 亿元 from 100 million, 万元 from ten thousand, else 元."""
    fitting: Unit = "元"
    for unit, power in UNITS.items():
        if abs(yuan) >= 10**power:
            fitting = unit
    return fitting


def amount_in_capitals(yuan: Decimal) -> str:
    """Return an amount in capitals for contracts, receipts and vouchers.

    The rules of 《支付结算办法》附一《正确填写票据和结算凭证的基本规定》: 人民币 stands before without a
    gap; 整 follows 元 or 角 and never 分; inner zeros are one 零; 角 0 and 分 not 0 read 元零X分; an amount
    below one yuan starts with 角 or 分.

    Raises:
        ValueError: the amount is not a number, negative, finer than a fen or above ``LARGEST``.
    """
    fen = to_fen(yuan)
    if not 0 <= yuan <= LARGEST:
        raise ValueError(f"{yuan} is not from 0 to {LARGEST}")
    whole, cents = divmod(fen, 100)
    if not cents:
        return f"人民币{_integer(whole)}元整"
    return "人民币" + (f"{_integer(whole)}元" if whole else "") + _decimals(whole, cents)


def _integer(number: int) -> str:
    """Read a whole number; a skipped place, or a skipped group of four, is one 零.

    cn2an reads the same up to 亿 but loses the 零 of a skipped group (100001000) and takes a quarter of a
    second to import; the tests hold this reading against it.
    """
    for size, unit in PLACES.items():
        if number >= size:
            high, low = divmod(number, size)
            gap = "零" if low and (low < size // 10 or high % 10**4 == 0) else ""
            return _integer(high) + unit + gap + (_integer(low) if low else "")
    return DIGITS[number]


def _decimals(whole: int, cents: int) -> str:
    jiao, fen = divmod(cents, 10)
    tenth = f"{DIGITS[jiao]}角" if jiao else "零" * bool(whole)
    return tenth + (f"{DIGITS[fen]}分" if fen else "整")
