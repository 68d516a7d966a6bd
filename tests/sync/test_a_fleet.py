"""Many devices lose nothing and wait for nobody, though workers and the database die under them."""

from __future__ import annotations

import pytest

from tests.sync.fleet import sail

DEVICES = 12
SYNCS = 400


@pytest.mark.loopback
def test_a_fleet_outlives_what_serves_it() -> None:
    assert len(sail(DEVICES, SYNCS).times) >= SYNCS
