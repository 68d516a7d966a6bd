"""The files of attachments on a USB stick: beside the records, the smallest first, as many as a bundle takes.

A file goes out again with each bundle until the server has said that it holds it. One that comes may come in
parts: the next bundle asks for the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from desktop.models import file_copies
from desktop.models.blobs import DamagedBlobError
from domain.bundles import BYTES_OF_FILES, Carried, Wish
from domain.protocol import CHUNK

if TYPE_CHECKING:
    from desktop.models.blobs import Blobs
    from desktop.models.store import Store
    from domain.bundles import Content

AT_MOST: Final = 1_000
"""Files in one bundle."""


def put_in(store: Store, blobs: Blobs, content: Content, at: str) -> int:
    """Put in what is to be sent and what is wished for; return how many files are too large for a stick."""
    with store.write(applying=True) as connection:
        file_copies.discover(connection, blobs, at)
        errands = file_copies.errands(connection, AT_MOST)
    left = BYTES_OF_FILES
    for errand in errands:
        if not errand.sends:
            start = blobs.coming(errand.sha256).count
            content.wishes.append(Wish(bytes.fromhex(errand.sha256), start))
        elif errand.size <= left and (made := _carried(store, blobs, errand.sha256, at)):
            content.files.append(made)
            left -= errand.size
    return sum(errand.sends and errand.size > BYTES_OF_FILES for errand in errands)


def take_out(store: Store, blobs: Blobs, content: Content, at: str) -> int:
    """Keep what came and note what the server has; return how many files are whole now."""
    with store.write(applying=True) as connection:
        for sha256 in content.stored:
            file_copies.note(connection, sha256.hex(), there=1, wanted=0, touched=at)
    came = 0
    for file in content.files:
        name = file.sha256.hex()
        if name not in blobs and _kept(blobs, file):
            facts = {"here": 1, "there": 1, "wanted": 0, "size": file.size}
            with store.write(applying=True) as connection:
                file_copies.note(connection, name, touched=at, **facts)
            came += 1
    return came


def _carried(store: Store, blobs: Blobs, sha256: str, at: str) -> Carried | None:
    """Return a whole file; one that is damaged here is given up, another device may yet bring it."""
    size = blobs.size(sha256)
    try:
        pieces = list(blobs.pieces(sha256))
    except DamagedBlobError:
        with store.write(applying=True) as connection:
            file_copies.give_up(connection, blobs, sha256, at)
        return None
    return Carried(bytes.fromhex(sha256), size, 0, pieces)


def _kept(blobs: Blobs, file: Carried) -> bool:
    """Keep the pieces that follow on those here; tell whether the file is whole, and what its name says."""
    coming = blobs.coming(file.sha256.hex())
    last = max(0, file.size - 1) // CHUNK
    for number, piece in enumerate(file.pieces, file.start):
        if number == coming.count and not coming.whole:
            coming.add(piece, last=number == last)
    return coming.whole and coming.finish()
