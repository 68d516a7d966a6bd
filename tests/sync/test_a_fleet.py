"""Many devices lose nothing and wait for nobody, though workers and the database die under them."""

from __future__ import annotations

import asyncio

import pytest

from tests.sync.fleet import Fleet, through_everything
from tests.sync.serving import installed

DEVICES = 12
SYNCS = 400


@pytest.mark.loopback
def test_a_fleet_outlives_what_serves_it() -> None:
    with installed(workers=2) as serving:
        fleet = Fleet(serving, DEVICES)
        asyncio.run(through_everything(fleet, SYNCS))
        assert fleet.wrong() == []
