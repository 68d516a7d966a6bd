"""No more syncs run side by side than a worker carries; the others wait their turn, and not for ever."""

from __future__ import annotations

import asyncio
import threading

import pytest

from server.postgres.database import OverloadedError
from server.sync import turns as lines
from server.sync.turns import Turns


def test_so_many_are_let_in_and_the_others_follow_in_their_order():
    inside, seen, most = set(), [], []
    full = threading.Barrier(2)

    def visit(number):
        inside.add(number)
        full.wait(20)  # nobody goes on before a second one is inside
        seen.append(number // 2)
        most.append(len(inside))
        full.wait(20)  # and nobody leaves before both have looked
        inside.discard(number)

    async def story():
        with Turns(2) as turns:
            await asyncio.gather(*(turns.run(visit, number) for number in range(6)))

    asyncio.run(story())
    assert (seen, max(most)) == ([0, 0, 1, 1, 2, 2], 2)


def test_who_waits_too_long_is_told_to_come_again():
    async def story():
        with Turns(1, wait=0.01) as turns:
            leave = threading.Event()
            inside = asyncio.create_task(turns.run(leave.wait, 20))
            await asyncio.sleep(0)
            with pytest.raises(OverloadedError):
                await turns.run(int)
            leave.set()
            await inside
            return await turns.run(int, "7")  # the place of who gave up is free

    assert asyncio.run(story()) == 7


def test_a_turn_that_fails_is_given_back():
    async def story():
        with Turns(1, wait=0.01) as turns:
            with pytest.raises(ValueError, match="invalid literal"):
                await turns.run(int, "no number")
            return await turns.run(int, "7")

    assert asyncio.run(story()) == 7


def test_who_does_not_come_out_does_not_hold_up_the_end(monkeypatch):
    monkeypatch.setattr(lines, "_LEAVE_S", 0.01)
    inside, ended = threading.Event(), threading.Event()

    def work():
        inside.set()
        return ended.wait(20)

    async def story():
        with Turns(1) as turns:
            visit = asyncio.create_task(turns.run(work))
            await asyncio.to_thread(inside.wait, 20)
        ended.set()
        return await visit

    assert asyncio.run(story())
