"""Anki's own client against Anki's own server; run by the Python that has Anki, not by ours.

A note carries the eighteen fields; Anki keeps a card for each note, so a note is two objects on the way.

Usage: python -m benchmarks._sync_anki STEP FOLDER URL ROWS COUNT
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from anki.collection import (  # type: ignore[import-not-found] # it is in an environment of its own
    AddNoteRequest,
    Collection,
)

from benchmarks._sync_meter import Meter

CHANGED = "改"


def add(collection: Any, rows: str, count: int) -> None:
    kind = collection.models.by_name("Basic")
    requests = []
    with Path(rows).open(encoding="utf-8") as lines:
        for line, _ in zip(lines, range(count), strict=False):
            record = json.loads(line)
            note = collection.new_note(kind)
            note.fields = [record.pop("title"), "\t".join(map(str, record.values()))]
            requests.append(AddNoteRequest(note=note, deck_id=1))
    for start in range(0, count, 5000):
        collection.add_notes(requests[start : start + 5000])


def change(collection: Any, count: int) -> None:
    ids = list(collection.find_notes(""))
    notes = [collection.get_note(key) for key in ids[:: max(1, len(ids) // count)][:count]]
    for note in notes:
        note.fields[0] += CHANGED
    collection.update_notes(notes)


def whole(collection: Any, auth: Any, *, upload: bool) -> None:
    """Send or take the collection as one file."""
    collection.sync_collection(auth, sync_media=False)
    collection.close_for_full_sync()
    collection.full_upload_or_download(auth=auth, server_usn=None, upload=upload)
    collection.reopen(after_full_sync=True)


def main() -> None:
    step, folder, url, rows, count = sys.argv[1:]
    Path(folder).mkdir(parents=True, exist_ok=True)
    collection = Collection(str(Path(folder) / "collection.anki2"))
    auth = collection.sync_login("u", "p", url)
    with Meter() as meter:
        match step:
            case "add":
                add(collection, rows, int(count))
            case "change":
                change(collection, int(count))
            case "upload" | "download":
                whole(collection, auth, upload=step == "upload")
            case "sync":
                collection.sync_collection(auth, sync_media=False)
    meter.tell(notes=collection.note_count())
    collection.close()


if __name__ == "__main__":
    main()
