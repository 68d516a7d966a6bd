"""A program killed while it writes leaves a sound store with everything that it had promised."""

from __future__ import annotations

import pytest

from tests.killing import assert_whole, kill_while_saving


@pytest.mark.parametrize(("kind", "longest_s"), [("save", 0.5), ("import", 2.0)])
def test_a_kill_leaves_whole_commands_and_loses_none(store, clock, kind, longest_s):
    folder = store.path.parent
    store.close()
    promised: list[str] = []
    for seed in range(3):
        promised += kill_while_saving(folder, kind, seed=seed, longest_s=longest_s)
        assert assert_whole(folder, promised, clock()) >= len(promised)
