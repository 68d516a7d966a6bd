"""The next release on the server serves the older program and its own as well as this release does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.sync import newer_tree
from tests.sync.serving import installed
from tests.sync.test_two_builds import work_together

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.loopback
def test_on_a_server_of_the_next_release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tree = newer_tree.make(tmp_path / "newer")
    monkeypatch.chdir(tree)  # the server is the program of the folder in which it starts
    with installed() as serving:
        work_together(serving, tree, tmp_path)
