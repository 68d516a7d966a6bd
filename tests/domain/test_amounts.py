"""Amounts must be exact in every form, and the capitals must be those a bank accepts."""

import re
from decimal import Decimal

import cn2an
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.amounts import DIGITS, LARGEST, amount_in_capitals, display, fitting_unit, to_fen, to_yuan

FEN = st.integers(0, int(LARGEST * 100))


@pytest.mark.parametrize(
    ("yuan", "text"),
    [
        ("0", "零元整"),
        ("0.00", "零元整"),
        ("-0", "零元整"),
        ("0.01", "壹分"),
        ("0.10", "壹角整"),
        ("0.11", "壹角壹分"),
        ("1", "壹元整"),
        ("10", "壹拾元整"),
        ("10.05", "壹拾元零伍分"),
        ("20.50", "贰拾元伍角整"),
        ("100.00", "壹佰元整"),
        ("1001", "壹仟零壹元整"),
        ("1010.10", "壹仟零壹拾元壹角整"),
        ("325.04", "叁佰贰拾伍元零肆分"),
        ("1409.50", "壹仟肆佰零玖元伍角整"),
        ("6007.14", "陆仟零柒元壹角肆分"),
        ("16409.02", "壹万陆仟肆佰零玖元零贰分"),
        ("100010", "壹拾万零壹拾元整"),
        ("100000001", "壹亿零壹元整"),
        ("100001000", "壹亿零壹仟元整"),
        ("1000100000", "壹拾亿零壹拾万元整"),
        ("1000000000000", "壹万亿元整"),
        ("1000010000000", "壹万亿零壹仟万元整"),
        ("1.2E+4", "壹万贰仟元整"),
        ("9999999999999999.99", "玖仟玖佰玖拾玖万玖仟玖佰玖拾玖亿玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分"),
    ],
)
def test_capitals(yuan, text):
    assert amount_in_capitals(Decimal(yuan)) == "人民币" + text


@pytest.mark.parametrize("yuan", ["-0.01", "0.001", "10000000000000000", "NaN", "Infinity", "-Infinity"])
def test_an_amount_without_capitals_is_refused(yuan):
    with pytest.raises(ValueError, match=re.escape(yuan)):
        amount_in_capitals(Decimal(yuan))


def read(text: str) -> int:
    """Read capitals back, by the place each digit stands before: an independent way to the number."""
    whole, _, cents = text.removeprefix("人民币").rpartition("元")
    total = section = digit = 0
    for sign in whole:
        if sign in DIGITS:
            digit = DIGITS.index(sign)
        elif sign in "拾佰仟":
            section += digit * {"拾": 10, "佰": 100, "仟": 1000}[sign]
            digit = 0
        elif sign == "万":
            section, digit = (section + digit) * 10_000, 0
        else:
            total, section, digit = (section + digit) * 10**8, 0, 0
    found = re.search(r"(?:(.)角)?(?:零?(.)分)?整?$", cents or "")
    assert found
    jiao, fen = (DIGITS.index(part) if part else 0 for part in found.groups())
    return (total + section + digit) * 100 + jiao * 10 + fen


@given(FEN | st.integers(0, 10**7))
def test_capitals_say_the_amount_and_nothing_else(fen):
    text = amount_in_capitals(to_yuan(fen))
    assert "零零" not in text
    assert text.endswith("分") == bool(fen % 10)
    assert text.endswith("整") == (fen % 10 == 0)
    assert read(text) == fen


@given(st.integers(0, 10**8 - 1))
def test_capitals_agree_with_cn2an_where_it_is_right(yuan):
    assert amount_in_capitals(Decimal(yuan)) == f"人民币{cn2an.an2cn(yuan, 'up')}元整"


@given(st.integers(-(10**20), 10**20))
def test_fen_and_yuan_are_the_same_amount(fen):
    yuan = to_yuan(fen)
    assert to_fen(yuan) == fen
    assert yuan.as_tuple().exponent == -2


@pytest.mark.parametrize(
    ("yuan", "unit", "text"),
    [
        ("0", "元", "0.00元"),
        ("1234567.8", "元", "1,234,567.80元"),
        ("-1200.5", "元", "-1,200.50元"),
        ("1E+3", "元", "1,000.00元"),
        ("1234567.8", "万元", "123.45678万元"),
        ("300000000", "亿元", "3亿元"),
        ("0.01", "亿元", "0.0000000001亿元"),
        ("100000000", "万元", "10,000万元"),
    ],
)
def test_display_is_exact(yuan, unit, text):
    assert display(Decimal(yuan), unit) == text


@given(st.integers(-(10**18), 10**18), st.sampled_from(["元", "万元", "亿元"]))
def test_no_unit_loses_a_fen(fen, unit):
    shown = display(to_yuan(fen), unit).removesuffix(unit).replace(",", "")
    assert to_fen(Decimal(shown).scaleb({"元": 0, "万元": 4, "亿元": 8}[unit])) == fen


@pytest.mark.parametrize(
    ("yuan", "unit"),
    [
        ("0", "元"),
        ("9999.99", "元"),
        ("10000", "万元"),
        ("-10000", "万元"),
        ("99999999", "万元"),
        ("1E8", "亿元"),
    ],
)
def test_the_fitting_unit(yuan, unit):
    assert fitting_unit(Decimal(yuan)) == unit
