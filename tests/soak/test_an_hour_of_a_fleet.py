"""What two hundred devices say in an hour, as fast as two workers take it; the waiting times are told."""

from __future__ import annotations

import pytest

from tests.soak.lengths import many
from tests.sync.fleet import sail

DEVICES = 200
SYNCS = many(120 * 3_600)


@pytest.mark.loopback
def test_an_hour_of_a_fleet() -> None:
    fleet = sail(DEVICES, SYNCS)
    times = sorted(fleet.times)
    told = (f"p{share} {1000 * times[len(times) * share // 100]:.0f} ms" for share in (50, 95, 99))
    print(f"\n{len(times)} syncs: {', '.join(told)}")
    print(f"{fleet.broken()} lines broken, {fleet.declined()} answers to wait a moment")
