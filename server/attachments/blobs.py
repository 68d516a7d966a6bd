"""Attachments: taken in by chunks, believed when they match their SHA-256, given to who may see a record.

Every organisation has its own. That another one holds the same content cannot be found out, nor can it be had
by naming its hash: a record gives the file of the organisation that named it there. An upload goes on where
it was cut; a chunk that comes twice is once. What the store has lost is asked for again:
whoever offers the content brings the chunks that are not sound any more.
"""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from uuid import UUID, uuid4

from domain.protocol import CHUNK, BlobAnswer
from domain.scopes import PUBLIC, kind_of
from server.attachments import blob_store
from server.attachments.blob_store import DamagedChunkError, StoreFailedError, Vault
from server.denials import Denied
from server.failpoints import failpoint
from server.records import grants

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

    import psycopg
    from obstore.store import ObjectStore

    from domain.protocol import BlobOffer
    from server.accounts.server_keys import ServerKeys
    from server.caller import Caller
    from server.postgres.database import Database

logger = logging.getLogger(__name__)

LARGEST: Final = 2 << 30
"""Bytes of one attachment."""
FULL: Final = "服务器暂时存不下附件，请联系管理员检查存储空间；腾出空间后自动继续"
FULL_S: Final = 60
"""Seconds after which a device tries again."""
_HASH: Final = 32


@dataclass(frozen=True, slots=True)
class Blob:
    """One content of one organisation; ``place`` is where its chunks lie."""

    organisation: UUID
    sha256: bytes
    size: int
    place: UUID
    complete: bool
    suspect: bool

    @property
    def chunks(self) -> int:
        """Return how many chunks the content has."""
        return -(-self.size // CHUNK)

    def length(self, number: int) -> int:
        """Return the bytes of a chunk: the last one is what remains."""
        return min(CHUNK, self.size - number * CHUNK)


class Blobs:
    """The attachments of a server; every method takes its own short transactions."""

    def __init__(self, database: Database, store: ObjectStore, keys: ServerKeys) -> None:
        self._database = database
        self._store = store
        self._keys = keys

    def offer(self, caller: Caller, offered: BlobOffer, *, now: dt.datetime) -> BlobAnswer:
        """Begin an upload, or go on with one: return the chunks that are missing.

        Raises:
            Denied: 400 the hash or the size cannot be, 413 it is too large.
        """
        if len(offered.sha256) != _HASH or offered.size < 0:
            raise Denied(400, "malformed", "附件的摘要或大小不正确")
        if offered.size > LARGEST:
            raise Denied(413, "too-large", f"附件最大 {LARGEST >> 30} GiB")
        with self._database.connection() as connection:
            connection.execute(
                "INSERT INTO blob (organisation, sha256, size, place, created_at) VALUES (%s, %s, %s, %s, %s)"
                " ON CONFLICT DO NOTHING",
                (caller.organisation, offered.sha256, offered.size, uuid4(), now),
            )
            held = _find(connection, caller.organisation, offered.sha256)
            if held is None or held.size != offered.size:
                raise Denied(400, "malformed", "同一摘要的附件大小不同，请重新计算摘要")
            here = set() if held.complete else _here(connection, held)
        if held.suspect:
            here = self._examine(held)
        elif held.complete:
            self._keep(held, now)
            return BlobAnswer(held.sha256, [])
        missing = [number for number in range(held.chunks) if number not in here]
        if not missing:
            self._finish(held, now)
        return BlobAnswer(held.sha256, missing)

    def put(self, caller: Caller, sha256: bytes, number: int, chunk: bytes, *, now: dt.datetime) -> None:
        """Keep one chunk; with the last one the whole is checked.

        Raises:
            Denied: 404 it was not offered, 400 the chunk or the whole is not what was offered, 503 the store
                takes nothing at the moment.
        """
        with self._database.reading() as connection:
            held = _find(connection, caller.organisation, sha256)
            here = _here(connection, held) if held else set()
        if held is None:
            raise Denied(404, "unknown-blob", "附件没有登记，请重新上传")
        if not 0 <= number < held.chunks or len(chunk) != held.length(number):
            raise Denied(400, "malformed", "附件分块的序号或大小不正确")
        if held.complete:
            return
        if number not in here:  # else it came twice: what is being checked already is not written again
            self._keep_chunk(held, number, chunk)
        with self._database.reading() as connection:
            whole = len(_here(connection, held)) == held.chunks
        failpoint("chunk-noted")
        if whole:
            self._finish(held, now)

    def _keep_chunk(self, held: Blob, number: int, chunk: bytes) -> None:
        try:
            self._vault(held).put(held.place, number, held.size, chunk)
        except StoreFailedError as error:
            logger.exception("the store of attachments takes nothing")
            raise Denied(503, "busy", FULL, retry_after=FULL_S) from error
        failpoint("chunk-stored")
        with self._database.connection() as connection:
            connection.execute(
                "INSERT INTO blob_chunk (place, number) VALUES (%s, %s) ON CONFLICT DO NOTHING",
                (held.place, number),
            )

    def find(self, caller: Caller, sha256: bytes) -> Blob | None:
        """Return a whole attachment that a record in one of the caller's scopes names; None otherwise.

        In submissions two organisations write: each one's records give its own files, to both.
        """
        with self._database.reading() as connection:
            scopes = [
                one.number for one in grants.scopes_of(connection, caller) if kind_of(one.key) != PUBLIC
            ]
            row = connection.execute(
                "SELECT b.organisation, b.sha256, b.size, b.place, true, b.suspect FROM blob_ref r"
                " JOIN blob b ON (b.organisation, b.sha256) = (r.organisation, r.sha256)"
                " WHERE r.sha256 = %s AND r.scope = ANY(%s) AND b.complete_at IS NOT NULL LIMIT 1",
                (sha256, scopes),
            ).fetchone()
        return Blob(*row) if row else None

    def read(self, blob: Blob, first: int, last: int) -> Iterator[bytes]:
        """Yield the bytes from ``first`` to ``last``, both included, never more than a chunk at a time.

        Raises:
            DamagedChunkError: the store lost or changed a chunk; from now on the whole is suspect.
        """
        vault = self._vault(blob)
        for number in range(first // CHUNK, last // CHUNK + 1):
            start = number * CHUNK
            try:
                chunk = vault.get(blob.place, number, blob.size)
            except DamagedChunkError:
                logger.exception("attachment %s is damaged in the store", blob.sha256.hex())
                with self._database.connection() as connection:
                    connection.execute("UPDATE blob SET suspect = true WHERE place = %s", (blob.place,))
                raise
            yield chunk[max(0, first - start) : last + 1 - start]

    def readable(self, blob: Blob, first: int, last: int) -> bool:
        """Tell whether ``read`` would give these bytes; only what is suspect is looked through."""
        chunks = range(first // CHUNK, last // CHUNK + 1) if blob.suspect else ()
        return all(self._is_sound(blob, number) for number in chunks)

    def prune(self, before: dt.datetime) -> list[Blob]:
        """Delete what no record names, whole or half uploaded, if it came before ``before``."""
        with self._database.connection() as connection:
            rows = connection.execute(
                "DELETE FROM blob WHERE coalesce(complete_at, created_at) < %s AND NOT EXISTS"
                " (SELECT 1 FROM blob_ref WHERE blob_ref.sha256 = blob.sha256)"
                " RETURNING organisation, sha256, size, place, complete_at IS NOT NULL, suspect",
                (before,),
            ).fetchall()
            gone = [Blob(*row) for row in rows]
            connection.execute("DELETE FROM blob_chunk WHERE place = ANY(%s)", ([one.place for one in gone],))
        for one in gone:
            blob_store.remove(self._store, one.place, one.chunks)
        return gone

    def _examine(self, held: Blob) -> set[int]:
        """Make a suspect content an upload that was cut: return its sound chunks, the others are missing."""
        sound = {number for number in range(held.chunks) if self._is_sound(held, number)}
        with self._database.connection() as connection:
            connection.execute(
                "UPDATE blob SET complete_at = NULL, suspect = false WHERE place = %s", (held.place,)
            )
            connection.execute(
                "INSERT INTO blob_chunk (place, number) SELECT %s, unnest(%s::int[]) ON CONFLICT DO NOTHING",
                (held.place, sorted(sound)),
            )
        return sound

    def _keep(self, held: Blob, now: dt.datetime) -> None:
        """Count the days of a content anew: the record of whoever offers it again is still on its way."""
        with self._database.connection() as connection:
            connection.execute("UPDATE blob SET complete_at = %s WHERE place = %s", (now, held.place))

    def _is_sound(self, blob: Blob, number: int) -> bool:
        try:
            return len(self._vault(blob).get(blob.place, number, blob.size)) == blob.length(number)
        except DamagedChunkError:
            return False

    def _vault(self, blob: Blob) -> Vault:
        return Vault(self._store, self._keys.blob_key(blob.organisation.bytes))

    def _finish(self, held: Blob, now: dt.datetime) -> None:
        """Check the whole; what does not match its hash is thrown away, and may be uploaded anew."""
        digest = hashlib.sha256()
        for part in self.read(held, 0, held.size - 1) if held.size else ():
            digest.update(part)
        sound = digest.digest() == held.sha256
        failpoint("blob-checked")
        with self._database.connection() as connection:
            if sound:
                connection.execute("UPDATE blob SET complete_at = %s WHERE place = %s", (now, held.place))
            else:
                connection.execute("DELETE FROM blob WHERE place = %s", (held.place,))
            connection.execute("DELETE FROM blob_chunk WHERE place = %s", (held.place,))
        failpoint("blob-noted")
        if not sound:
            blob_store.remove(self._store, held.place, held.chunks)
            raise Denied(400, "wrong-hash", "附件内容与摘要不符，请重新上传")


def _find(connection: psycopg.Connection, organisation: str, sha256: bytes) -> Blob | None:
    row = connection.execute(
        "SELECT organisation, sha256, size, place, complete_at IS NOT NULL, suspect FROM blob"
        " WHERE organisation = %s AND sha256 = %s",
        (organisation, sha256),
    ).fetchone()
    return Blob(*row) if row else None


def _here(connection: psycopg.Connection, blob: Blob) -> set[int]:
    rows = connection.execute("SELECT number FROM blob_chunk WHERE place = %s", (blob.place,))
    return {number for (number,) in rows}
