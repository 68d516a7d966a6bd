"""Two sides that hold the same records find the same number, and a difference shows where it is."""

from __future__ import annotations

import functools
import operator

from hypothesis import given
from hypothesis import strategies as st

from domain.digest import BUCKETS, Tally, row_digest

ROWS = st.lists(
    st.tuples(st.integers(1, 40), st.binary(min_size=16, max_size=16), st.integers(1, 2**40)), unique=True
)


def test_a_record_adds_what_the_protocol_says():
    # SHA-256 of 0x000a, sixteen 0x01 bytes and the version in eight bytes, computed with sha256sum.
    assert row_digest(10, b"\1" * 16, 7) == 0x439C5CC6C0257F3D >> 1


@given(rows=ROWS, seed=st.randoms())
def test_the_order_does_not_matter(rows, seed):
    first, second = Tally(), Tally()
    for row in rows:
        first.add(*row)
    seed.shuffle(rows)
    for row in rows:
        second.add(*row)
    digest = first.digest()
    assert digest == second.digest()
    assert digest.count == len(rows)
    assert digest.total == functools.reduce(operator.xor, (row_digest(*row) for row in rows), 0)
    assert 0 <= digest.total < 2**63


@given(rows=ROWS.filter(bool))
def test_a_difference_shows_in_its_bucket_alone(rows):
    whole, less = Tally(), Tally()
    for row in rows:
        whole.add(*row)
    for row in rows[1:]:
        less.add(*row)
    pairs = list(zip(whole.digest().buckets, less.digest().buckets, strict=True))
    assert len(pairs) == BUCKETS
    assert [number for number, (one, other) in enumerate(pairs) if one != other] == [rows[0][1][-1]]
