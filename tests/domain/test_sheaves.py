"""A sheaf says the same as its records one by one, and can never give one record another's values."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import protocol as p
from domain import sheaves
from domain.pages import Full, Own, Page, Row

NUMBER = st.integers(0, 2**63 - 1)
VALUE = st.none() | st.integers(-5, 2**40) | st.text(max_size=3) | st.lists(st.text(max_size=2), max_size=2)
BODY = st.lists(VALUE, max_size=5).map(lambda body: body if body and body[-1] is not None else [*body, 1])
FULL = st.builds(
    Full,
    st.just(3),
    st.binary(min_size=16, max_size=16),
    NUMBER,
    BODY.map(lambda body: msgspec.Raw(p.encode(body))),
    NUMBER,
    st.booleans(),
    NUMBER,
    NUMBER,
)


def said(rows):
    """Return the records as they would travel: two ``Raw`` are never equal."""
    return [p.encode(row) for row in rows]


def sent(message: Any) -> Any:
    return msgspec.msgpack.decode(p.encode(message), type=type(message))


@given(st.lists(FULL, min_size=1, max_size=6))
def test_a_sheaf_says_what_its_records_said(rows):
    assert said(sheaves.loosened(sent(sheaves.bound(rows)))) == said(rows)


@given(st.lists(FULL, min_size=1, max_size=6), st.integers(0, 6))
def test_the_values_from_a_place_on_are_those_of_each_record(rows, start):
    whole = [msgspec.msgpack.decode(row.body) for row in rows]
    found = list(sheaves.bodies(sheaves.bound(rows), start))
    assert found == [body[start:] for body in whole]


def test_only_the_many_whole_records_of_a_type_are_gathered(monkeypatch):
    monkeypatch.setattr(sheaves, "FEWEST", 2)
    body = msgspec.Raw(p.encode(["名"]))
    many: list[Row] = [Full(3, bytes([place]) * 16, place, body, 9) for place in range(3)]
    few: list[Row] = [Full(4, b"f" * 16, 7, body, 9), Own(3, b"o" * 16, 8), Own(3, b"p" * 16, 9)]
    page = Page("a:org", 1, 0, 9, 9, [many[0], few[0], *many[1:], *few[1:]])
    made = sent(sheaves.gathered(page))
    assert said(made.rows) == said(few)
    assert [said(sheaves.loosened(sheaf)) for sheaf in made.sheaves] == [said(many)]
    assert (made.told, page.told) == (6, 6)
    assert sheaves.gathered(page).until == page.until
    monkeypatch.setattr(sheaves, "FEWEST", 4)
    assert sheaves.gathered(page) is page


@pytest.mark.parametrize("member", ["versions", "clocks", "devices", "borns", "columns", "dead"])
def test_columns_of_different_length_are_no_sheaf(member):
    row = Full(3, b"1" * 16, 1, msgspec.Raw(p.encode(["名"])), 9, dead=True)
    sheaf = sheaves.bound([row, row])
    setattr(sheaf, member, [["名"]] if member == "columns" else getattr(sheaf, member)[:1])
    with pytest.raises(msgspec.ValidationError, match="differ in length"):
        sent(sheaf)
