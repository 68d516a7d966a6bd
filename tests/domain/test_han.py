"""A name must come out the same from whatever system it came, and nothing else may be changed."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.han import standard

# Runs of private code points, each with the bytes it stands for in GBK (GB 18030-2005, tables 2 to 9).
RUNS = {
    0xE76C: [0xA2E3],
    0xE78D: [*range(0xA6D9, 0xA6E0), 0xA6EC, 0xA6ED, 0xA6F3],
    0xE7C7: [0xA8BC, 0xA8BF],
    0xE7E7: [*range(0xA989, 0xA996)],
    0xE815: [*range(0xFE50, 0xFE7F), *range(0xFE80, 0xFEA1)],
}
PRIVATE = {
    chr(first + i): code.to_bytes(2, "big") for first, codes in RUNS.items() for i, code in enumerate(codes)
}
# What the codec of the standard library, made for the edition of 2000, leaves private.
SINCE_2005 = dict(
    zip(
        "\ue78d\ue78e\ue78f\ue790\ue791\ue792\ue793\ue794\ue795\ue796\ue7c7\ue816\ue817\ue818\ue81e"
        "\ue826\ue82b\ue82c\ue831\ue832\ue83b\ue843\ue854\ue855\ue864",
        "\ufe10\ufe12\ufe11\ufe13\ufe14\ufe15\ufe16\ufe17\ufe18\ufe19\u1e3f\U00020087\U00020089\U000200cc"
        "\u9fb4\u9fb5\u9fb6\u9fb7\U000215d7\u9fb8\U0002298f\u9fb9\u9fba\U000241fe\u9fbb",
        strict=True,
    )
)


@pytest.mark.parametrize("private", PRIVATE)
def test_a_private_character_becomes_the_one_at_its_bytes(private):
    decoded = PRIVATE[private].decode("gb18030")
    expected = SINCE_2005[private] if decoded == private else decoded
    assert standard(f"甲{private}乙") == f"甲{expected}乙"
    assert unicodedata.category(expected) != "Co"


def test_the_surname_of_an_old_export_is_found():
    assert standard("王\ue863") == "王䶮"


@given(st.text(st.characters(exclude_characters=[*PRIVATE, "\ufe0e", "\ufe0f"], exclude_categories=["Cs"])))
def test_everything_else_is_only_composed(text):
    assert standard(text) == unicodedata.normalize("NFC", text)


@given(st.text())
def test_twice_is_the_same_as_once(text):
    assert standard(standard(text)) == standard(text)


def test_accents_are_composed_and_compatibility_forms_of_hanzi_unified():
    assert standard("Zu\u0308rich") == "Zürich"
    assert standard("\uf9d0") == "類"


def test_a_selector_of_a_form_stays_and_one_of_a_picture_goes():
    assert standard("葛\U000e0100") == "葛\U000e0100"
    assert standard("葛\ufe00") == "葛\ufe00"
    assert standard("☑\ufe0f 已验收\u2733\ufe0e") == "☑ 已验收\u2733"
