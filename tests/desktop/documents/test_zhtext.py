"""Lines must break as GB/T 15834 asks, for any text and any width, and lose nothing."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.documents.zhtext import NO_END, NO_START, Line, Measured, break_lines, is_hanzi

EM = 10.0


def measure(text: str) -> float:
    """Widths like those of a Chinese font: full for hanzi and their marks, half for the rest."""
    return sum(EM / 2 if ord(char) < 0x2000 else EM for char in text)


PLAIN = Measured(measure, EM, gap=0.0, justify=False)
SPREAD = Measured(measure, EM)


def texts(text: str, width: float, setting: Measured = PLAIN) -> list[str]:
    return [line.text for line in break_lines(text, setting, width)]


WORDS = st.sampled_from(
    [
        *"，。（）《》“”、：/-·～％￥№ \n　①?!２𬭳",
        *("技术", "转移", "——", "……", "PEM", "TRL-6", "1,280.50万元", "80℃", "3.5%", "20 mm"),
        "https://example.org/a/b",
    ]
)
TEXT = st.lists(WORDS, max_size=40).map("".join)
WIDTH = st.floats(8.0, 200.0)


def words_of(line: Line) -> str:
    return line.text.replace(" ", "")


@given(TEXT, WIDTH, st.sampled_from([PLAIN, SPREAD]), st.floats(0.0, 20.0))
def test_nothing_is_lost(text, width, setting, indent):
    lines = break_lines(text, setting, width, indent=indent)
    assert "".join(map(words_of, lines)) == text.replace(" ", "").replace("\n", "")
    assert "".join(text[line.start : line.stop] for line in lines) == text


@given(TEXT, WIDTH, st.sampled_from([PLAIN, SPREAD]), st.booleans())
def test_no_line_is_wider_than_the_page(text, width, setting, finished):
    for line in break_lines(text, setting, width, finished=finished):
        assert line.width <= width + 0.01 or len(line.text) == 1


@given(TEXT, st.floats(60.0, 200.0))
def test_no_mark_stands_where_it_must_not(text, width):
    # Where the marks alone fill a line there is nowhere better to cut; such runs are another test.
    lines = break_lines(text, SPREAD, width)
    for before, line in pairwise(lines):
        broken = not text[: line.start].endswith("\n")
        if not broken or not before.text or not line.text or marks_only(before.text, line.text):
            continue
        if any(match.start() < line.start < match.end() for match in re.finditer("https://[!-~]+", text)):
            continue  # the one token that is longer than a line is divided after its strokes
        assert line.text[0] not in NO_START or text[line.start - 1] == "\n", (before.text, line.text)
        assert before.text[-1] not in NO_END, (before.text, line.text)


def marks_only(*lines: str) -> bool:
    return any(all(char in NO_START | NO_END or char == " " for char in line) for line in lines)


@given(TEXT, WIDTH)
def test_no_gap_is_stretched_more_than_a_quarter_em(text, width):
    natural = {line.start: line for line in break_lines(text, Measured(measure, EM, justify=False), width)}
    for line in break_lines(text, SPREAD, width):
        plain = natural[line.start]
        gaps = max(len(line.text) - 1, 1)
        assert line.width - plain.width <= gaps * EM / 4 + 0.01
        assert all(shift <= EM / 4 + EM / 4 + 0.01 for shift, _ in line.runs)


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [
        ("甲乙丙丁，戊", 40, ["甲乙丙", "丁，戊"]),  # the comma takes its hanzi along
        ("甲乙丙（丁）", 40, ["甲乙丙", "（丁）"]),  # no opening mark at the end
        ("甲乙丙，丁", 35, ["甲乙丙，", "丁"]),  # the blank half of the comma hangs
        ("甲乙丙——丁", 40, ["甲乙", "丙——丁"]),
        ("甲乙丙PEM丁", 40, ["甲乙丙", "PEM丁"]),
        ("价款1,280.50万元整", 70, ["价款", "1,280.50万元整"]),  # the amount keeps its unit
        ("温度80℃左右", 35, ["温度", "80℃左", "右"]),
        ("长20 mm的管", 30, ["长", "20 mm", "的管"]),
        ("自2026年起", 35, ["自", "2026年", "起"]),
        ("共3 万项", 35, ["共", "3 万项"]),
        ("甲乙丙/丁", 40, ["甲乙", "丙/丁"]),  # the stroke starts no line and ends none
        ("see the page", 35, ["see the", "page"]),
        ("甲\n\n乙", 40, ["甲", "", "乙"]),
        ("", 40, [""]),
    ],
)
def test_breaks(text, width, expected):
    assert texts(text, width) == expected


def test_an_over_long_token_is_cut_at_its_joints_then_between_letters():
    assert texts("https://a.example/abcdefghijkl", 50) == ["https://a.", "example/ab", "cdefghijkl"]
    assert texts("x" * 25 + "。", 50) == ["x" * 10, "x" * 10, "xxxxx。"]


def test_marks_that_fill_a_line_are_cut_anywhere():
    assert texts("，" * 9, 20) == ["，，，，", "，，，，", "，"]


def test_neighbouring_marks_share_an_em():
    (line,) = break_lines("甲（乙），（丙）", PLAIN, 500)
    assert line.width == pytest.approx(measure("甲（乙），（丙）") - 2 * EM / 2)
    (line,) = break_lines("（《甲》）", PLAIN, 500)
    assert line.width == pytest.approx(measure("（《甲》）") - 2 * EM / 2)


def test_a_quarter_em_stands_between_hanzi_and_latin():
    (line,) = break_lines("用PEM槽", Measured(measure, EM, gap=0.25, justify=False), 500)
    assert line.width == pytest.approx(measure("用PEM槽") + 2 * EM / 4)


def test_a_full_line_is_spread_and_the_last_is_not():
    first, last = break_lines("甲乙丙丁戊", SPREAD, 33)
    assert first.width == pytest.approx(33)
    assert last.width == pytest.approx(20)
    *_, unfinished = break_lines("甲乙丙丁戊", SPREAD, 23, finished=False)
    assert unfinished.text == "戊"
    first, second = break_lines("甲乙丙丁", SPREAD, 23, finished=False)
    assert second.width == pytest.approx(22.5)


def test_the_first_line_is_indented():
    first, second = break_lines("甲乙丙丁戊", PLAIN, 40, indent=20)
    assert (first.text, second.text) == ("甲乙", "丙丁戊")


def test_hanzi_are_told_from_marks():
    assert all(map(is_hanzi, "甲〇𬭳㛃\uf9d0"))
    assert not any(map(is_hanzi, "，Aａ１ あ"))


def test_spaces_after_a_line_feed_are_an_indent():
    assert texts("甲\n  乙", 100) == ["甲", "  乙"]
    assert texts("\n" + " " * 30 + "乙", 40) == ["", "", "乙"]
