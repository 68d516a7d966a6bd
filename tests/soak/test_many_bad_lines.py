"""A line that is cut at every byte of a sync, and one that does whatever comes to mind.

Usage of the figures: a cut costs about a fifth of a second.
"""

from __future__ import annotations

import contextlib
import random
import secrets
from typing import TYPE_CHECKING

import pytest

from desktop.sync.troubles import SyncError
from tests.soak.lengths import many
from tests.sync.proxy import Fault, Proxy
from tests.sync.syncer import Workspace
from tests.sync.test_bad_line import through
from tests.sync.test_killed import assert_agreed

if TYPE_CHECKING:
    from pathlib import Path

    from tests.sync.serving import Serving

pytestmark = pytest.mark.loopback

BYTES = 20_000
"""A sync has a little more on the wire, in either direction."""
CUTS = many(BYTES)
SCRIPTS = many(500)
PARTS = 10
LONG = 400
"""Letters of a text, as many as one may have; nothing makes it shorter on its way."""
STATUS = (400, 403, 408, 429, 500, 502, 503, 504)


def write(desk: Workspace, number: int) -> None:
    """Change the texts of as many deals as make a sync of that size."""
    with desk.store.write() as connection:
        found = connection.exec_driver_sql("SELECT id FROM deal ORDER BY id LIMIT ?", (BYTES // LONG,)).all()
        for (pk,) in found:
            text = f"{number} {secrets.token_urlsafe(LONG)[:LONG]}"
            connection.exec_driver_sql("UPDATE deal SET remark = ? WHERE id = ?", (text, pk))


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("up", [True, False])
def test_a_cut_at_any_byte(serving: Serving, desks: list[Path], part: int, *, up: bool):
    places = range(part * BYTES // PARTS, (part + 1) * BYTES // PARTS, max(1, BYTES // CUTS))
    writer, reader = (Workspace(folder) for folder in desks)
    saved = [writer.save(number).bytes for number in range(BYTES // LONG)]
    writer.sync()
    with Proxy(serving.port) as line:
        for place in places:
            serving.forgive()
            write(writer, place)
            cut, whole = (writer, reader) if up else (reader, writer)
            if not up:
                whole.sync()
            line.add(Fault("cut", place, up))
            with contextlib.suppress(SyncError):
                cut.sync(line.address)
            line.forget()
    writer.close()
    reader.close()
    assert_agreed(desks, saved)


def some_faults(choose: random.Random) -> list[Fault]:
    """Return what happens to a few connections in turn."""
    made = []
    for _ in range(choose.randint(1, 4)):
        kind = choose.choice(("cut", "flip", "delay", "twice", "status"))
        at = choose.choice(STATUS) if kind == "status" else int(choose.expovariate(1 / 1_000))
        made.append(Fault(kind, min(at, 300) if kind == "delay" else at, choose.random() < 0.5))  # type: ignore[arg-type] # the literals above
    return made


@pytest.mark.parametrize("part", range(PARTS))
def test_whatever_a_line_does(serving: Serving, desks: list[Path], part: int):
    saved = []
    for seed in range(part, SCRIPTS, PARTS):
        choose = random.Random(seed)  # noqa: S311 - it only has to be the same each time
        serving.forgive()
        saved += through(serving, desks, some_faults(choose))
    assert_agreed(desks, saved)
