"""The correction of a wrong clock: the best of the last comparisons, whatever the clock says."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from desktop.sync.clocks import SAMPLES, WORTH_KEEPING_MS, Clocks

YEARS = 10 * 366 * 24 * 3600 * 1000


def compared(clocks, *, off, up, down, at=1_800_000_000_000):
    """Compare with a server that is ``off`` ms ahead, over a way of ``up`` and ``down`` ms."""
    return clocks.compare(sent_ms=at, received_ms=at + up + down, way_ms=up + down, server_ms=at + up + off)


@given(off=st.integers(-YEARS, YEARS), way=st.integers(0, 5_000))
def test_an_even_way_shows_the_exact_difference(off, way):
    assert compared(Clocks(), off=off, up=way, down=way) == off


@given(
    off=st.integers(-YEARS, YEARS),
    ways=st.lists(st.tuples(st.integers(0, 9_000), st.integers(0, 9_000)), min_size=1, max_size=SAMPLES),
)
def test_the_error_is_at_most_half_the_shortest_way(off, ways):
    clocks = Clocks()
    for up, down in ways:
        compared(clocks, off=off, up=up, down=down)
    shortest = min(up + down for up, down in ways)
    assert abs(clocks.kept_ms - off) <= shortest / 2 + WORTH_KEEPING_MS + 1


def test_a_clock_that_was_set_is_followed_after_the_last_samples():
    clocks = Clocks()
    compared(clocks, off=0, up=1, down=1)
    for _ in range(SAMPLES):
        compared(clocks, off=3_600_000, up=40, down=40)
    assert clocks.kept_ms == 3_600_000


def test_noise_is_no_news():
    clocks = Clocks()
    assert compared(clocks, off=1_000, up=5, down=5) == 1_000
    assert compared(clocks, off=1_010, up=4, down=4) is None
