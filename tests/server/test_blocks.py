"""Laws of number blocks: exclusive, complete in their series, and safe when an answer is lost."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from domain.problems import Refusal
from domain.protocol import BlockRequest
from server.accounts import blocks, devices

if TYPE_CHECKING:
    from collections.abc import Callable

    from domain.protocol import Block
    from server.caller import Caller
    from server.postgres.database import Database

NOON = dt.datetime(2026, 3, 2, 4, tzinfo=dt.UTC)


@pytest.fixture
def ask(database: Database) -> Callable[..., list[Block]]:
    def asked(caller: Caller, left: int = 0, known: int = 0, series: str = "JJ2026") -> list[Block]:
        with database.connection() as connection:
            return blocks.grant(connection, caller, [BlockRequest(series, left, known)], NOON)

    return asked


def test_devices_of_an_organisation_never_share_a_number(
    callers: Callable[..., Caller], ask: Callable[..., list[Block]]
) -> None:
    first = callers("certifier")
    second = callers("trainer", like=first)
    given = []
    known = {first.device: 0, second.device: 0}
    for caller in (first, second, first, second):
        block = ask(caller, known=known[caller.device])[-1]
        known[caller.device] = block.id
        given.append(block)
    given.sort(key=lambda block: block.first)
    assert given[0].first == 1
    for before, after in pairwise(given):
        assert after.first == before.last + 1
    assert all(block.last - block.first + 1 == blocks.SIZE for block in given)


def test_a_lost_answer_brings_the_same_block_again(
    callers: Callable[..., Caller], ask: Callable[..., list[Block]]
) -> None:
    caller = callers("certifier")
    lost = ask(caller)
    assert ask(caller) == lost
    assert ask(caller, left=blocks.LOW, known=lost[0].id) == []
    assert ask(caller, left=blocks.LOW - 1, known=lost[0].id)[0].first == lost[0].last + 1


def test_devices_that_ask_at_the_same_time_share_nothing(
    callers: Callable[..., Caller], ask: Callable[..., list[Block]]
) -> None:
    first = callers("certifier")
    team = [first, *(callers("certifier", like=first) for _ in range(7))]
    with ThreadPoolExecutor(4) as together:
        given = sorted(block.first for blocks_of_one in together.map(ask, team) for block in blocks_of_one)
    assert given == [1 + blocks.SIZE * n for n in range(8)]


def test_every_organisation_and_series_counts_for_itself(
    callers: Callable[..., Caller], ask: Callable[..., list[Block]]
) -> None:
    first, other = callers("certifier"), callers("certifier")
    assert [ask(first)[0].first, ask(other)[0].first, ask(first, series="JJ2027")[0].first] == [1, 1, 1]


@pytest.mark.parametrize("role", ["broker", "authority", "administrator", "auditor"])
def test_who_issues_nothing_has_no_numbers(
    callers: Callable[..., Caller], ask: Callable[..., list[Block]], role: str
) -> None:
    assert ask(callers(role)) == []


@pytest.mark.parametrize("series", ["", "JJ 2026", "x" * 41, "'; --"])
def test_series_of_another_form_are_passed_over(
    callers: Callable[..., Caller], ask: Callable[..., list[Block]], series: str
) -> None:
    assert ask(callers("certifier"), series=series) == []


def test_what_was_returned_is_given_out_first_and_once(
    database: Database, callers: Callable[..., Caller], ask: Callable[..., list[Block]]
) -> None:
    first = callers("certifier")
    second = callers("certifier", like=first)
    held = ask(first)[0]
    with database.connection() as connection:
        blocks.take_back(connection, held.id, 12, now=NOON)
    again = ask(second)[0]
    assert (again.first, again.last) == (12, held.last)
    fresh = ask(second, known=again.id)[0]
    assert fresh.first == held.last + 1
    assert ask(first)[0].first == fresh.last + 1


def test_a_block_cannot_be_returned_twice_or_beyond_its_ends(
    database: Database, callers: Callable[..., Caller], ask: Callable[..., list[Block]]
) -> None:
    held = ask(callers("certifier"))[0]
    for number in (0, held.last + 2):
        with database.connection() as connection, pytest.raises(Refusal):
            blocks.take_back(connection, held.id, number, now=NOON)
    with database.connection() as connection:
        blocks.take_back(connection, held.id, 1, now=NOON)
    with database.connection() as connection, pytest.raises(Refusal):
        blocks.take_back(connection, held.id, 1, now=NOON)


def test_numbers_of_a_revoked_device_are_void(
    database: Database, callers: Callable[..., Caller], ask: Callable[..., list[Block]]
) -> None:
    lost = callers("certifier")
    other = callers("certifier", like=lost)
    held = ask(lost)[0]
    with database.connection() as connection:
        devices.revoke(connection, lost.device, now=NOON)
        assert blocks.listed(connection)[0].state == "void"
    assert ask(other)[0].first == held.last + 1
