"""A program that saves records for ever, for tests that kill it: `python -m tests.saver FOLDER import|save`.

It prints the id of each command on a line of its own once the command has returned; what was printed was
promised, and must be there after any kill.
"""

from __future__ import annotations

import datetime as dt
import random
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from desktop import paths
from desktop.models.blobs import Blobs
from desktop.models.store import Store
from desktop.models.work import new_id
from desktop.services import records
from desktop.services.desk import Desk
from desktop.services.exchange import importing
from domain.fields import RECORD_TYPES
from tests.samples import draw_values

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterator

KEY = b"k" * 32
TYPES = ("party", "achievement", "task")


def open_desk(folder: Path) -> Desk:
    return Desk(
        store=Store.open(folder, KEY),
        blobs=Blobs.open(folder, KEY),
        codes=paths.code_book(),
        policies=paths.policy_book(),
        schemes=paths.schemes(),
        checklist=paths.dossier_checklist(),
        clock=lambda: dt.datetime.now(dt.UTC),
        user="killed",
        device="device",
    )


def sound_values(record_type: str, seed: int) -> dict[str, Any]:
    """Draw values that no check refuses."""
    known = RECORD_TYPES[record_type]
    plain = {"text", "note", "money", "flag"}
    drawn = draw_values(known, seed).items()
    values = {name: value for name, value in drawn if known[name].kind in plain and not known[name].format}
    required = {f.name: f.default for f in known.fields if f.required and f.kind == "choice"}
    return {**values, **required, known.title: f"记录{seed}", "keywords": "词"}


def batch(chance: random.Random, size: int) -> list[tuple[str, uuid.UUID, dict[str, Any]]]:
    names = chance.choices(TYPES, k=size)
    return [(name, new_id(), sound_values(name, chance.getrandbits(32))) for name in names]


def save_on(desk: Desk, chance: random.Random) -> Iterator[uuid.UUID]:
    """Save single records and small batches, change some again, and take some back."""
    known: list[tuple[str, uuid.UUID]] = []
    while True:
        rows = batch(chance, chance.choice((1, 1, 40)))
        if known and chance.random() < 0.3:
            name, key = chance.choice(known)
            rows = [(name, key, sound_values(name, chance.getrandbits(32)))]
        known += [(name, key) for name, key, _ in rows]
        yield records.save_all(desk, records=rows).command_id
        if chance.random() < 0.2:
            yield records.undo(desk).command_id


def import_on(desk: Desk, chance: random.Random) -> Iterator[uuid.UUID]:
    """Import one list of two thousand parties after another."""
    path = desk.store.path.with_name("list.csv")
    while True:
        batch_no = chance.getrandbits(40)
        names = (f"记录{batch_no}第{n}号单位,单位" for n in range(2_000))
        path.write_text("\n".join(["名称,类别", *names]), "utf-8")
        changes = importing.apply(desk, importing.plan(desk, path, "party")).changes
        assert changes is not None
        assert len(changes.touched) == 2_000
        yield changes.command_id


def main(folder: Path, kind: str) -> None:
    desk = open_desk(folder)
    chance = random.Random()  # noqa: S311 - each life of the program does something else
    print("ready", flush=True)
    for command in (import_on if kind == "import" else save_on)(desk, chance):
        print(command, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
