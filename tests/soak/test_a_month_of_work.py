"""The server is away while three devices carry out 50,000 commands; time and bytes are told."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from tests.sync.test_a_month_away import people, serving, work_apart

if TYPE_CHECKING:
    from tests.month import Employee
    from tests.sync.serving import Serving

__all__ = ["people", "serving"]

pytestmark = pytest.mark.loopback

COMMANDS = 50_000


def test_a_month_arrives(serving: Serving, people: list[Employee]) -> None:
    started = time.perf_counter()
    first, second = work_apart(serving, people, COMMANDS)
    rows = len(people[0].workspace.rows())
    print(f"\n{COMMANDS} commands and two meetings in {time.perf_counter() - started:.0f} s, {rows} records")
    for name, met in (("the meeting", first), ("after the decisions", second)):
        print(
            f"{name}: {met.seconds:.1f} s, {met.rounds} rounds of three,"
            f" {met.bytes_up / 1000:.0f} kB up, {met.bytes_down / 1000:.0f} kB down"
        )
