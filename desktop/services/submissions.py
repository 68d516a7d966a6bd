"""Handing material to the authority: a file that never changes again, and what the authority answers.

The record and its file travel in the scope of submissions, which the authority reads; nothing else of the
agency's records goes with them.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from desktop.models import file_copies, queries, sync_state
from desktop.models.tables import now_text
from desktop.models.work import new_id
from desktop.services.attachments import Upload, read_files
from desktop.services.commands import command
from desktop.services.saving import write_file
from domain.problems import refuse

if TYPE_CHECKING:
    import uuid
    from pathlib import Path

    from desktop.models.work import Work
    from desktop.services.desk import Desk

SUBMISSION: Final = "submission"
PERFORMANCE: Final = "performance"
"""The kind of material that an evaluation's papers are."""


@dataclass(frozen=True, slots=True)
class Enclosed:
    """The file of a submission: its name, its size where it is here, and where it is."""

    name: str
    sha256: str
    size: int
    place: file_copies.State


@command("报送材料")
def submit(
    work: Work,
    desk: Desk,
    *,
    submission_id: uuid.UUID | None = None,
    title: str,
    upload: Upload,
    kind: str = PERFORMANCE,
    year: int | None = None,
    agency: uuid.UUID | None = None,
) -> None:
    """Hand a file to the authority; it goes with the next sync.

    Raises:
        Refusal: the account may hand in nothing, or the same file was handed in before.
    """
    sha256 = upload.keep(desk.blobs)
    same = queries.Query(SUBMISSION, where=(("sha256", sha256),))
    held = next(iter(queries.rows(work.connection, same, limit=1)), None)
    if held:
        raise refuse(
            "sha256", "plain", why=f"同一份文件已在 {held['submitted_on']} 报送：“{held['title']}”，不必再报"
        )
    work.put(
        SUBMISSION,
        submission_id or new_id(),
        {
            "title": title,
            "kind": kind,
            "year": None if year is None else Decimal(year),
            "agency": agency,
            "submitted_on": desk.today(),
            "sha256": sha256,
            "file_name": upload.name,
            "state": "submitted",
        },
    )
    work.label = f"报送材料“{title}”"


def keep_file(desk: Desk, path: Path) -> tuple[str, str]:
    """Keep a file that is to be handed in and return its SHA-256 and name.

    Raises:
        Refusal: it is missing, empty or larger than 200 MB.
    """
    (upload,) = read_files([path])
    return upload.keep(desk.blobs), upload.name


def enclosed(desk: Desk, submission_id: uuid.UUID) -> Enclosed | None:
    """Return the file of a submission; None where none is named."""
    with desk.store.read() as connection:
        row = queries.get(connection, SUBMISSION, submission_id)
        if row is None or not row["sha256"]:
            return None
        sha256 = row["sha256"]
        joined = bool(sync_state.scopes(connection))
        place = file_copies.state(connection, desk.blobs, sha256)
    size = desk.blobs.size(sha256) if sha256 in desk.blobs else 0
    lost = place if joined or place == "here" else "missing"
    return Enclosed(row["file_name"] or row["title"], sha256, size, lost)


def fetch(desk: Desk, *, sha256: str) -> None:
    """Ask for the file of a submission; it comes with the next sync."""
    with desk.store.write(applying=True) as connection:
        file_copies.want(connection, desk.blobs, sha256, now_text(desk.clock()))


def save_file(desk: Desk, *, sha256: str, path: Path) -> Path:
    """Write the file of a submission, as it was handed in, to a place on the disk.

    Raises:
        Refusal: it cannot be written there.
        DamagedBlobError: the file is missing or was altered.
    """
    return write_file(path, desk.blobs.get(sha256))
