"""A text that does not fit shrinks by as little as will do, and says so when nothing helps."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.documents.fitting import STEP, TooMuchTextError, fit_box, fit_line, fit_one_line
from desktop.documents.paragraph import Style

STYLE = Style(size=20, leading=24, align="left")
LENGTHS = st.integers(1, 60)


@given(LENGTHS)
def test_one_line_is_as_large_as_it_can_be(length):
    text = "甲" * length
    try:
        fitted = fit_one_line(text, STYLE, 200)
    except TooMuchTextError:
        assert length * 5 > 200
        return
    assert len(fitted.lines(200)) == 1
    assert fitted.style.size == 20 or length * (fitted.style.size + STEP) > 200


@given(LENGTHS)
def test_two_lines_stay_in_their_room(length):
    text = "甲" * length
    fitted = fit_line(text, STYLE, 200, 40)
    assert len(fitted.lines(200)) <= 2
    assert fitted.height(200) <= 40
    assert "".join(line.text for line in fitted.lines(200)) == text


@given(LENGTHS, st.integers(60, 200))
def test_a_box_holds_all_of_it(length, room):
    fitted = fit_box("甲" * length, STYLE, 100, room)
    assert fitted.height(100) <= room
    assert fitted.style.leading / fitted.style.size == pytest.approx(24 / 20)


def test_type_is_never_smaller_than_allowed():
    for fit in (fit_one_line, fit_line):
        with pytest.raises(TooMuchTextError, match="放不下：甲甲"):
            fit("甲" * 30, STYLE, 100, smallest=15)
    with pytest.raises(TooMuchTextError):
        fit_box("甲" * 30, STYLE, 100, 50, smallest=15)


def test_two_lines_come_out_even():
    lines = fit_line("甲" * 21, STYLE, 200).lines(200)
    assert [len(line.text) for line in lines] == [11, 10]
