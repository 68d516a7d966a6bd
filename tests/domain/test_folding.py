"""Folding: any part of a text folds to a part of the folded text, and is found in a real index."""

from __future__ import annotations

import itertools
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlcipher3 import dbapi2

from domain.folding import WORDS_AT_MOST, fold, grams, initials, match_expression, runs
from tests.samples import TEXTS

UNUSED = ("Cs", "Cn", "Co")
# All of the first two planes, and of the tens of thousands of rare ideographs beyond them every fifth.
CODES = (*range(0x20000), *range(0x20000, sys.maxunicode + 1, 5))
EVERY_CHARACTER = [c for c in map(chr, CODES) if unicodedata.category(c) not in UNUSED]


@pytest.fixture(scope="module")
def index():
    """A full-text index as the store makes it."""
    connection = dbapi2.connect(":memory:")
    connection.execute("CREATE VIRTUAL TABLE found USING fts5(grams, content='', tokenize=ascii)")
    yield connection
    connection.close()


def is_found(index, text: str, query: str) -> bool:
    index.execute("INSERT INTO found(found) VALUES ('delete-all')")
    index.execute("INSERT INTO found(rowid, grams) VALUES (1, ?)", (grams(text),))
    rows = index.execute("SELECT rowid FROM found WHERE found MATCH ?", (match_expression(query),))
    return bool(rows.fetchall() == [(1,)])


@given(left=TEXTS, right=TEXTS)
def test_parts_fold_as_in_the_whole(left, right):
    assert fold(left + right) == fold(left) + fold(right)


def test_folding_twice_changes_nothing():
    assert [c for c in EVERY_CHARACTER if fold(fold(c)) != fold(c)] == []


def test_every_letter_and_digit_is_a_term_of_its_own_in_the_index(index):
    terms = sorted({run for character in EVERY_CHARACTER for run in runs(fold(character)) if len(run) == 1})
    index.execute("INSERT INTO found(found) VALUES ('delete-all')")
    index.execute("INSERT INTO found(rowid, grams) VALUES (1, ?)", (" ".join(terms),))
    index.execute("CREATE VIRTUAL TABLE temp.term USING fts5vocab(main, found, row)")
    held = [term for (term,) in index.execute("SELECT term FROM temp.term")]
    index.execute("DROP TABLE temp.term")
    assert len(terms) > 50_000
    assert sorted(held) == terms


@given(text=TEXTS, data=st.data())
def test_any_part_of_a_text_finds_it(index, text, data):
    start = data.draw(st.integers(0, max(0, len(text) - 2)))
    part = text[start : data.draw(st.integers(start, len(text)))]
    if match_expression(part):
        assert is_found(index, text, part)


@given(text=TEXTS, query=st.text(st.sampled_from("技术转移单仇abcXYZ012ﬁ "), min_size=1, max_size=4))
def test_only_texts_that_hold_all_words_are_found(index, text, query):
    if match_expression(query):
        expected = all(any(word in run for run in runs(fold(text))) for word in runs(fold(query)))
        assert is_found(index, text, query) == expected


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("單仇曾解查區覃樂", "单仇曾解查区覃乐"),
        ("ＡＢＣ１２３", "abc123"),
        ("①㎡²ﬁ", "1m22fi"),
        ("Straße café İ", "strasse cafe i"),
        ("专利号ZL201910603565.1", "专利号zl201910603565.1"),
    ],
)
def test_folding(text, folded):
    assert fold(text) == folded


def test_grams_are_pairs_and_the_last_character_of_each_run():
    assert grams("无氯氟 A-1") == "无氯 氯氟 氟 a 1"
    assert grams("🚀 ——") == ""


def test_pairs_do_not_reach_over_a_gap(index):
    assert is_found(index, "绿色 制造", "绿色 制造")
    assert not is_found(index, "绿色 制造", "色制")
    assert not is_found(index, "甲乙 乙丙", "甲乙丙")


@pytest.mark.parametrize("query", ["", "  ", "——", "🚀", '"', "*"])
def test_a_query_may_hold_nothing_to_search_for(query):
    assert match_expression(query) == ""


def test_a_lone_character_is_the_beginning_of_a_pair():
    assert match_expression("氟") == '"氟"*'
    assert match_expression("氯氟 氯氟 a") == '"氯氟" AND "a"*'


def test_of_a_pasted_page_the_first_words_count(index):
    page = " ".join(f"词{n}" for n in range(1000))
    assert match_expression(page).count("AND") == WORDS_AT_MOST - 1
    assert is_found(index, page, page)
    assert is_found(index, "长" * 3000, "长" * 2500)


@pytest.mark.parametrize("pair", ["单shan", "仇qiu", "曾zeng", "解xie", "查zha", "区ou", "覃qin", "乐yue"])
def test_family_names_are_found_by_their_own_reading(pair):
    surname, reading = pair[0], pair[1:]
    assert f"{reading[0]}xh" in initials(f"{surname}晓华").split()


def test_initials():
    assert initials("单晓华") == initials("單曉華") == "dxh sxh"
    assert initials("浙江工业大学") == "zjgydx"
    assert initials("张A强") == "zaq"
    assert initials("John") == initials("") == ""


def test_every_two_characters_of_a_name_find_it(index):
    name = "杭州單氏精密儀器有限公司"
    assert all(is_found(index, name, a + b) for a, b in itertools.pairwise(name))
