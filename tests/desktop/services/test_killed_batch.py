"""A killed batch of certificates goes on where it was, and comes out as if nothing had happened."""

from __future__ import annotations

from tests.killing_batch import kill_and_resume


def test_a_small_batch_killed_twice_comes_out_whole(tmp_path):
    kill_and_resume(tmp_path, count=12, at=8)
