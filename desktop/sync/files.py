"""Carries the files of attachments, in pieces and after the records: small ones first, on any line.

A turn ends when records wait, when its time is up, or when nothing is left. What a broken line has brought
stays, but for the piece it broke in.
"""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from desktop.models import file_copies
from desktop.models.blobs import DamagedBlobError
from desktop.models.tables import now_text
from desktop.sync import frames
from desktop.sync.failpoints import failpoint
from desktop.sync.troubles import MissingError
from domain.protocol import BLOB_PATH, CHUNK, BlobAnswer, BlobOffer, encode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from desktop.models.blobs import Blobs
    from desktop.models.store import Store
    from desktop.sync.session import Session

TURN_S: Final = 5.0
"""Seconds after which a turn ends between two pieces; on a slow line that is after each piece."""
LOOK_AGAIN: Final = dt.timedelta(minutes=10)
"""A wanted file that the server did not have is asked for again after this."""
MESSAGE: Final = {"Content-Type": "application/msgpack"}


@dataclass(frozen=True, slots=True)
class Files:
    """The files of one workspace on their way to the server and back."""

    store: Store
    blobs: Blobs
    session: Session
    interrupted: Callable[[], bool]
    now: Callable[[], dt.datetime]

    def turn(self) -> bool:
        """Carry files for a while; tell whether there are more.

        Raises:
            SyncError: the line broke, or the server said no.
        """
        self._look()
        end = time.monotonic() + TURN_S
        while not self.interrupted() and time.monotonic() < end:
            with self.store.read() as connection:
                sending = file_copies.to_send(connection)
                fetching = None if sending else file_copies.to_fetch(connection)
            if sending:
                self._send(*sending, end)
            elif fetching:
                self._fetch(fetching, end)
            else:
                return False
        return True

    def _look(self) -> None:
        with self.store.write(applying=True) as connection:
            file_copies.discover(connection, self.blobs, self._stamp())
            file_copies.look_again(connection, now_text(self.now() - LOOK_AGAIN))

    def _send(self, sha256: str, size: int, end: float) -> None:
        """Send the pieces of a file that the server lacks."""
        offer = encode(BlobOffer(bytes.fromhex(sha256), size))
        answer = self.session.ask("POST", BLOB_PATH, offer, headers=MESSAGE)
        missing = frames.decoded(answer.content, BlobAnswer).missing
        try:
            content = self.blobs.get(sha256) if missing else b""
        except DamagedBlobError:
            self._note(sha256, here=0)
            return
        for number in missing:
            if self.interrupted() or time.monotonic() > end:
                return
            piece = content[number * CHUNK : (number + 1) * CHUNK]
            self.session.ask("PUT", f"{BLOB_PATH}/{sha256}/{number}", piece)
            failpoint("upload-chunk")
        self._note(sha256, there=1)
        failpoint("upload-noted")

    def _fetch(self, sha256: str, end: float) -> None:
        """Fetch the rest of a file."""
        try:
            whole = sha256 in self.blobs or self._fetch_parts(sha256, end)
        except MissingError:
            self._note(sha256, there=0)
            return
        if not whole:
            return
        sound = self.blobs.join(sha256)
        failpoint("download-joined")
        if sound:
            self._note(sha256, here=1, there=1, wanted=0, size=self.blobs.size(sha256))
        else:
            self._note(sha256, there=0)  # altered on the server: looked for again later
        failpoint("download-noted")

    def _fetch_parts(self, sha256: str, end: float) -> bool:
        """Keep the pieces as they come; tell whether the last one did."""
        number = self.blobs.parts(sha256)
        stream = self.session.pieces(f"{BLOB_PATH}/{sha256}", start=number * CHUNK)
        for piece in _in_chunks(stream):
            self.blobs.put_part(sha256, number, piece)
            failpoint("download-chunk")
            number += 1
            if len(piece) == CHUNK and (self.interrupted() or time.monotonic() > end):
                return False
        return True

    def _note(self, sha256: str, **facts: int) -> None:
        with self.store.write(applying=True) as connection:
            file_copies.note(connection, sha256, **facts, touched=self._stamp())

    def _stamp(self) -> str:
        return now_text(self.now())


def _in_chunks(stream: Iterator[bytes]) -> Iterator[bytes]:
    """Cut a stream into pieces of ``CHUNK`` bytes and a shorter rest."""
    held = bytearray()
    for piece in stream:
        held += piece
        while len(held) >= CHUNK:
            yield bytes(held[:CHUNK])
            del held[:CHUNK]
    if held:
        yield bytes(held)
