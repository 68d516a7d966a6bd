"""Kept files as the documents want them: each is read when it is its turn, so that one at a time is held."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from desktop.documents.dossier_data import DossierFile
from desktop.models.blobs import DamagedBlobError

if TYPE_CHECKING:
    from collections.abc import Callable

    from desktop.services.desk import Desk


def kept_file(desk: Desk, attachment: dict[str, Any], **line: Any) -> DossierFile:
    """Return a file kept with a record, ready to be bound; ``line`` is what the contents list says of it."""
    prepared = attachment["view_sha256"]
    return DossierFile(
        name=attachment["name"],
        media_type=attachment["media_type"],
        read=reader(desk, attachment["sha256"]),
        prepared=reader(desk, prepared) if prepared else None,
        sha256=attachment["sha256"],
        **line,
    )


def reader(desk: Desk, name: str) -> Callable[[], bytes]:
    """Return what opens a kept file; it raises OSError when the file is missing or was altered."""

    def read() -> bytes:
        try:
            return desk.blobs.get(name)
        except DamagedBlobError as error:
            raise OSError(name) from error

    return read
