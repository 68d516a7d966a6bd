"""No more syncs run side by side than a worker carries; the others wait their turn, and not for ever."""

from __future__ import annotations

import asyncio

import pytest

from server.postgres.database import OverloadedError
from server.sync.turns import Turns


def test_so_many_are_let_in_and_the_others_follow_in_their_order():
    async def story():
        turns, inside, seen, most = Turns(2), set(), [], []

        async def visit(number):
            async with turns:
                inside.add(number)
                seen.append(number)
                most.append(len(inside))
                await asyncio.sleep(0)
                inside.discard(number)

        await asyncio.gather(*(visit(number) for number in range(7)))
        return seen, max(most)

    assert asyncio.run(story()) == (list(range(7)), 2)


def test_who_waits_too_long_is_told_to_come_again():
    async def story():
        turns = Turns(1, wait=0.01)
        async with turns:
            with pytest.raises(OverloadedError):
                await turns.__aenter__()
        async with turns:  # the place of who gave up is free
            return True

    assert asyncio.run(story())


def test_a_turn_that_fails_is_given_back():
    async def story():
        turns = Turns(1, wait=0.01)
        with pytest.raises(KeyError):
            async with turns:
                raise KeyError
        async with turns:
            return True

    assert asyncio.run(story())
