"""Carries the files of attachments, in pieces and after the records: small ones first, on any line.

A turn ends when records wait, when its time is up, or when nothing is left. What a broken line has brought
stays, but for the piece it broke in; of a file of any size no more than a few pieces are in memory.
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

    from desktop.models.blobs import Blobs, Coming
    from desktop.models.store import Store
    from desktop.sync.session import Session

TURN_S: Final = 5.0
"""Seconds after which a turn ends between two pieces; on a slow line that is after each piece."""
LOOK_AGAIN: Final = dt.timedelta(minutes=10)
"""A wanted file that the server did not have is asked for again after this."""
ASK_AGAIN: Final = dt.timedelta(days=20)
"""That the server still has a file is asked after this; it keeps one that no record names for 30 days."""
MESSAGE: Final = {"Content-Type": "application/msgpack"}


@dataclass(slots=True)
class Files:
    """The files of one workspace on their way; ``sent`` and ``received`` count those that are through."""

    store: Store
    blobs: Blobs
    session: Session
    interrupted: Callable[[], bool]
    now: Callable[[], dt.datetime]
    sent: int = 0
    received: int = 0

    def turn(self) -> bool:
        """Carry files for a while; tell whether there are more.

        Raises:
            SyncError: the line broke, or the server said no.
        """
        self._look()
        end = time.monotonic() + TURN_S
        while not self.interrupted() and time.monotonic() < end:
            with self.store.read() as connection:
                errand = file_copies.next_errand(connection)
            if errand is None:
                return False
            if errand.sends:
                self._send(errand.sha256, errand.size, end)
            else:
                self._fetch(errand.sha256, end)
        return True

    def _look(self) -> None:
        with self.store.write(applying=True) as connection:
            file_copies.discover(connection, self.blobs, self._stamp())
            file_copies.look_again(connection, now_text(self.now() - LOOK_AGAIN))
            file_copies.ask_again(connection, now_text(self.now() - ASK_AGAIN))

    def _send(self, sha256: str, size: int, end: float) -> None:
        """Send the pieces of a file that the server lacks."""
        offer = encode(BlobOffer(bytes.fromhex(sha256), size))
        answer = self.session.ask("POST", BLOB_PATH, offer, headers=MESSAGE)
        missing = frames.decoded(answer.content, BlobAnswer).missing
        for number in missing:
            if self.interrupted() or time.monotonic() > end:
                return
            try:
                piece = self.blobs.piece(sha256, number)
            except DamagedBlobError:
                self._lost(sha256)
                return
            self.session.ask("PUT", f"{BLOB_PATH}/{sha256}/{number}", piece)
            failpoint("upload-chunk")
        self._note(sha256, there=1, wanted=0)
        self.sent += bool(missing)
        failpoint("upload-noted")

    def _fetch(self, sha256: str, end: float) -> None:
        """Fetch the rest of a file."""
        try:
            sound = sha256 in self.blobs or self._fetched(self.blobs.coming(sha256), sha256, end)
        except MissingError:
            self._note(sha256, there=0)
            return
        failpoint("download-joined")
        if sound:
            self.received += 1
            self._note(sha256, here=1, there=1, wanted=0, size=self.blobs.size(sha256))
        elif sound is not None:
            self._note(sha256, there=0)  # altered on the server: looked for again later
        failpoint("download-noted")

    def _fetched(self, coming: Coming, sha256: str, end: float) -> bool | None:
        """Keep the pieces as they come; tell whether they are what was asked for, None while some are out."""
        if not coming.whole:
            stream = self.session.pieces(f"{BLOB_PATH}/{sha256}", start=coming.count * CHUNK)
            for piece, last in _in_chunks(stream):
                coming.add(piece, last=last)
                failpoint("download-chunk")
                if not last and (self.interrupted() or time.monotonic() > end):
                    return None
        return coming.finish()

    def _lost(self, sha256: str) -> None:
        """Take note that the file here is damaged, before anybody had it: another device may yet bring it."""
        with self.store.write(applying=True) as connection:
            file_copies.give_up(connection, self.blobs, sha256, self._stamp())

    def _note(self, sha256: str, **facts: int) -> None:
        with self.store.write(applying=True) as connection:
            file_copies.note(connection, sha256, **facts, touched=self._stamp())

    def _stamp(self) -> str:
        return now_text(self.now())


def _in_chunks(stream: Iterator[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Cut a stream into pieces of ``CHUNK`` bytes and a rest, the last; one ends where the next begins."""
    held = bytearray()
    for piece in stream:
        held += piece
        while len(held) > CHUNK:
            yield bytes(held[:CHUNK]), False
            del held[:CHUNK]
    yield bytes(held), True
