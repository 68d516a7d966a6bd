"""Attachments that come and go on a USB stick, by the same rules as over the network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.bundles import BYTES_OF_FILES, Carried
from domain.protocol import CHUNK, BlobOffer
from server.attachments.blob_store import DamagedChunkError
from server.denials import Denied

if TYPE_CHECKING:
    import datetime as dt

    from domain.bundles import Wish
    from server.attachments.blobs import Blobs
    from server.caller import Caller


@dataclass(frozen=True, slots=True)
class Carrier:
    """Takes files from a stick and gives others to it."""

    blobs: Blobs

    def take(self, caller: Caller, files: list[Carried], now: dt.datetime) -> list[bytes]:
        """Keep files; return which are whole here. One that is not what it says is left out."""
        return [file.sha256 for file in files if self._kept(caller, file, now)]

    def give(self, caller: Caller, wishes: list[Wish]) -> list[Carried]:
        """Return what a stick takes of the files that the caller may have, in the order of the wishes."""
        found: list[Carried] = []
        left = BYTES_OF_FILES
        for wish in wishes:
            made = self._carried(caller, wish, left)
            if made:
                found.append(made)
                left -= sum(map(len, made.pieces))
        return found

    def _kept(self, caller: Caller, file: Carried, now: dt.datetime) -> bool:
        offer = BlobOffer(file.sha256, file.size)
        try:
            for number in self.blobs.offer(caller, offer, now=now).missing:
                if 0 <= number - file.start < len(file.pieces):
                    piece = file.pieces[number - file.start]
                    self.blobs.put(caller, file.sha256, number, piece, now=now)
            return not self.blobs.offer(caller, offer, now=now).missing
        except Denied:
            return False

    def _carried(self, caller: Caller, wish: Wish, left: int) -> Carried | None:
        blob = self.blobs.find(caller, wish.sha256)
        if blob is None or not 0 <= wish.start < blob.chunks:
            return None
        first, end = wish.start * CHUNK, min(blob.size, wish.start * CHUNK + left // CHUNK * CHUNK)
        try:
            pieces = list(self.blobs.read(blob, first, end - 1)) if end > first else []
        except DamagedChunkError:
            return None
        return Carried(blob.sha256, blob.size, wish.start, pieces) if pieces else None
