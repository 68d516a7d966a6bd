"""The histories that show the planted mistakes show nothing in the program as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.sync.real_histories import stage
from tests.sync.test_mistaken_program import SCRIPTS

if TYPE_CHECKING:
    from pathlib import Path

    from server.postgres.database import Database


def test_without_the_mistake_the_history_holds(database: Database, store_template: Path) -> None:
    with stage(database, store_template) as here:
        for script in {script.dumped(): script for script in SCRIPTS.values()}.values():
            here.run(script)
