"""The same as tests/desktop/services/test_killed_batch.py with a class of five hundred."""

from __future__ import annotations

from tests.killing_batch import kill_and_resume


def test_five_hundred_killed_at_two_hundred_and_fifty_come_out_whole(tmp_path):
    kill_and_resume(tmp_path, count=500, at=250)
