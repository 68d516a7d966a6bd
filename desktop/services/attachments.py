"""Files kept with a record: taken in, listed, opened, fetched from the server, taken away."""

from __future__ import annotations

import mimetypes
import os
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from desktop.documents.inspection import INSPECTOR, DamagedFileError, HostileFileError
from desktop.models import file_copies, queries, sync_state
from desktop.models.blobs import DamagedBlobError
from desktop.models.queries import Query
from desktop.models.store_troubles import store_trouble
from desktop.models.tables import now_text
from desktop.models.work import Work, new_id
from desktop.services.commands import command
from domain.problems import Problem, Refusal, refuse

if TYPE_CHECKING:
    import uuid
    from pathlib import Path

    from desktop.models.blobs import Blobs
    from desktop.services.desk import Desk

BYTES_AT_MOST: Final = 200 * 1024 * 1024
IMAGE_PREFIX: Final = "image/"
PDF: Final = "application/pdf"
UNKNOWN_TYPE: Final = "application/octet-stream"
SIGNATURES: Final = (
    (b"%PDF-", PDF),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF8", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"BM", "image/bmp"),
)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file on its way in: its bytes, or where they lie, for what is large is read piece by piece."""

    name: str
    source: bytes | Path

    @property
    def content(self) -> bytes:
        """The whole file in memory, for whoever must look into it."""
        return self.source if isinstance(self.source, bytes) else self.source.read_bytes()

    @property
    def media_type(self) -> str:
        """What the file is by its first bytes, else by its name."""
        for start, found in SIGNATURES:
            if self._start().startswith(start):
                return found
        return mimetypes.guess_type(self.name)[0] or UNKNOWN_TYPE

    def _start(self) -> bytes:
        if isinstance(self.source, bytes):
            return self.source
        with self.source.open("rb") as file:
            return file.read(max(len(start) for start, _ in SIGNATURES))

    def keep(self, blobs: Blobs) -> str:
        """Keep the content among the files of the workspace and return its SHA-256.

        Raises:
            Refusal: it cannot be read any more.
        """
        if isinstance(self.source, bytes):
            return blobs.put(self.source)
        try:
            return blobs.put_file(self.source)
        except OSError as error:
            if store_trouble(error):
                raise  # it is the place to keep it that fails
            why = f"{self.name}：没有读完，文件可能正被修改或已移走，请稍后再试"
            raise refuse(self.name, "plain", why=why) from error


def read_files(files: list[Path]) -> list[Upload]:
    """Return files on disk as they can be kept; they are read when they are.

    Raises:
        Refusal: with every file that is missing, empty or larger than 200 MB.
    """
    problems: list[Problem] = []
    uploads: list[Upload] = []
    for path in files:
        why = _unfit(path)
        if why:
            problems.append(Problem(path.name, "plain", {"why": f"{path.name}：{why}"}))
        else:
            uploads.append(Upload(path.name, path))
    if problems:
        raise Refusal(problems)
    return uploads


def _unfit(path: Path) -> str:
    if not path.is_file():
        return "找不到这个文件"
    size = path.stat().st_size
    if size == 0:
        return "文件是空的"
    if size > BYTES_AT_MOST:
        return f"文件有 {size // 1024 // 1024} MB，最多 200 MB，请先压缩"
    return "" if os.access(path, os.R_OK) else "没有读取这个文件的权限"


@command("添加附件")
def attach(work: Work, desk: Desk, *, record_type: str, record_id: uuid.UUID, files: list[Path]) -> None:
    """Keep files with a record; the same file twice is kept once.

    Raises:
        Refusal: a file cannot be read, or there is no such record.
    """
    for upload in read_files(files):
        keep(work, desk, record_type=record_type, record_id=record_id, upload=upload)
    work.label = f"添加附件 {len(files)} 个"


@command("添加附件")
def add(work: Work, desk: Desk, *, record_type: str, record_id: uuid.UUID, uploads: list[Upload]) -> None:
    """Keep contents that are no files on disk, such as a picture from the clipboard."""
    for upload in uploads:
        keep(work, desk, record_type=record_type, record_id=record_id, upload=upload)
    work.label = f"添加附件 {len(uploads)} 个"


def keep(
    work: Work, desk: Desk, *, record_type: str, record_id: uuid.UUID, upload: Upload, kind: str | None = None
) -> uuid.UUID:
    """Keep one file inside a larger command and return its attachment record.

    A picture or PDF also gets the copy that is shown and bound: upright and smaller, or with nothing in its
    pages that an archive refuses. The original stays as it came.

    Raises:
        Refusal: there is no such record, or the file would harm whoever opens it.
    """
    if work.get(record_type, record_id) is None:
        raise refuse(record_type, "not-found", value=str(record_id))
    sha256 = upload.keep(desk.blobs)
    same = Query(
        "attachment", where=(("owner_id", str(record_id)), ("sha256", sha256), ("name", upload.name))
    )
    held = queries.rows(work.connection, same, limit=1)
    if held:
        known: uuid.UUID = held[0]["id"]
        return known
    view = _view(upload)
    attachment_id = new_id()
    work.put(
        "attachment",
        attachment_id,
        {
            "owner_type": record_type,
            "owner_id": str(record_id),
            "name": upload.name,
            "kind": kind,
            "media_type": upload.media_type,
            "size": Decimal(desk.blobs.size(sha256)),
            "sha256": sha256,
            "view_sha256": desk.blobs.put(view) if view else None,
        },
    )
    return attachment_id


def _view(upload: Upload) -> bytes | None:
    """Return the copy for showing and binding, None for a file that has none; damaged ones are just kept.

    A scan of several sheets is bound from the original: one copy cannot hold them.

    Raises:
        Refusal: the file is hostile.
    """
    try:
        if upload.media_type == PDF:
            return INSPECTOR.pdf(upload.content)
        if upload.media_type.startswith(IMAGE_PREFIX):
            sheets = INSPECTOR.sheets(upload.content)
            return sheets[0] if len(sheets) == 1 else None
    except DamagedFileError:
        return None
    except HostileFileError as error:
        raise refuse(upload.name, "plain", why=f"{upload.name}：{error}") from error
    return None


@command("删除附件")
def detach(work: Work, desk: Desk, *, ids: list[uuid.UUID]) -> None:  # noqa: ARG001 - the shape of a command
    """Move attachments to the recycle bin; the files stay until it is emptied."""
    for attachment_id in ids:
        work.remove("attachment", attachment_id)
    work.label = f"删除附件 {len(ids)} 个"


def listed(desk: Desk, record_type: str, record_id: uuid.UUID) -> list[dict[str, Any]]:
    """Return the attachments of a record, the oldest first."""
    mine = (("owner_type", record_type), ("owner_id", str(record_id)))
    with desk.store.read() as connection:
        query = Query("attachment", where=mine, order="created_at", descending=False)
        return queries.rows(connection, query)


def open_content(desk: Desk, attachment_id: uuid.UUID, *, view: bool = False) -> bytes:
    """Return a file's content; with ``view`` the copy for showing and binding where there is one.

    Raises:
        Refusal: there is no such attachment, or its file is not here: it is still on the server, or was
            damaged and is now fetched from there anew.
        DamagedBlobError: the file is missing or was altered, and there is no server that may have it.
    """
    with desk.store.read() as connection:
        row = queries.get(connection, "attachment", attachment_id)
        if row is None:
            raise refuse("attachment", "not-found", value=str(attachment_id))
        sha256 = (view and row["view_sha256"]) or row["sha256"]
        joined = bool(sync_state.scopes(connection))
    if joined and sha256 not in desk.blobs:
        raise refuse("attachment", "plain", why=f"“{row['name']}”还没有下载到本机，请先点“下载”")
    try:
        return desk.blobs.get(sha256)
    except DamagedBlobError:
        if not joined:
            raise
    with desk.store.write(applying=True) as connection:
        file_copies.give_up(connection, desk.blobs, sha256, now_text(desk.clock()))
    raise refuse("attachment", "plain", why=f"“{row['name']}”在本机的文件已损坏，正在重新下载，请稍后再打开")


# ── files that are on the server ────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Shelf:
    """The attachments of a record, where each file is, and whether all are kept here for site visits."""

    rows: list[dict[str, Any]]
    places: dict[str, file_copies.State]
    kept: bool
    held_back: frozenset[str] = frozenset()
    """Files that are here only: too large to be sent unless somebody asks."""

    def here(self, row: dict[str, Any]) -> bool:
        """Tell whether an attachment can be opened now."""
        return self.places[row["sha256"]] == "here"


def shelf(desk: Desk, record_type: str, record_id: uuid.UUID) -> Shelf:
    """Return the attachments of a record with the places of their files; without a server all are here."""
    rows = listed(desk, record_type, record_id)
    with desk.store.read() as connection:
        joined = bool(sync_state.scopes(connection))
        places: dict[str, file_copies.State] = {
            row["sha256"]: file_copies.state(connection, desk.blobs, row["sha256"]) if joined else "here"
            for row in rows
        }
        kept = file_copies.is_kept(connection, record_type, record_id)
        held_back = {
            name for name in places if joined and file_copies.is_held_back(connection, desk.blobs, name)
        }
        return Shelf(rows, places, kept, frozenset(held_back))


def fetch(desk: Desk, *, attachment_id: uuid.UUID) -> None:
    """Ask for the file of an attachment, and for its copy for showing; they travel with the next sync.

    What is not here comes, and what is here only is sent, however large.

    Raises:
        Refusal: there is no such attachment.
    """
    with desk.store.write(applying=True) as connection:
        row = queries.get(connection, "attachment", attachment_id)
        if row is None:
            raise refuse("attachment", "not-found", value=str(attachment_id))
        for sha256 in filter(None, (row["sha256"], row["view_sha256"])):
            file_copies.want(connection, desk.blobs, sha256, now_text(desk.clock()))


def keep_offline(desk: Desk, *, record_type: str, record_id: uuid.UUID, kept: bool) -> None:
    """Fetch all files of a record ahead and keep them here, those to come included; or no longer."""
    with desk.store.write(applying=True) as connection:
        file_copies.keep(connection, record_type, record_id, kept=kept, at=now_text(desk.clock()))
