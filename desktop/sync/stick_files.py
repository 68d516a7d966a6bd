"""The files of attachments on a USB stick: beside the records, the smallest first, as many as a bundle takes.

A file goes out again with each bundle until the server has said that it holds it. One that comes may come in
parts: the next bundle asks for the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from desktop.models import file_copies
from desktop.models.blobs import DamagedBlobError
from domain.bundles import BYTES_OF_FILES, Carried, Wish, array_head
from domain.protocol import CHUNK, encode

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from desktop.models.blobs import Blobs
    from desktop.models.store import Store
    from domain.bundles import Content

AT_MOST: Final = 1_000
"""Files in one bundle."""


@dataclass(frozen=True, slots=True)
class Load:
    """What a bundle takes along: a content without its files, and the names of these, which may be large."""

    content: Content
    files: Sequence[str]
    too_large: int

    def parts(self, blobs: Blobs) -> Iterator[bytes]:
        """Yield the encoded content with its files, of which one piece at a time is in memory."""
        content = self.content
        yield array_head(len(content.__struct_fields__)) + encode(content.messages)
        yield array_head(len(self.files))
        for name in self.files:
            size = blobs.size(name)
            head = b"".join(map(encode, (bytes.fromhex(name), size, 0)))
            yield array_head(len(Carried.__struct_fields__)) + head
            yield array_head(max(1, -(-size // CHUNK)))
            yield from map(encode, blobs.pieces(name))
        yield encode(content.wishes) + encode(content.stored)


def load(store: Store, blobs: Blobs, content: Content, at: str) -> Load:
    """Choose what is to be sent, and put in what is wished for."""
    with store.write(applying=True) as connection:
        file_copies.discover(connection, blobs, at)
        errands = file_copies.errands(connection, AT_MOST)
    left, files = BYTES_OF_FILES, []
    for errand in errands:
        if not errand.sends:
            start = blobs.coming(errand.sha256).count
            content.wishes.append(Wish(bytes.fromhex(errand.sha256), start))
        elif errand.size <= left and _is_sound(store, blobs, errand.sha256, at):
            files.append(errand.sha256)
            left -= errand.size
    too_large = sum(errand.sends and errand.size > BYTES_OF_FILES for errand in errands)
    return Load(content, files, too_large)


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


def _is_sound(store: Store, blobs: Blobs, sha256: str, at: str) -> bool:
    """Look through a whole file; one that is damaged is given up, another device may yet bring it."""
    try:
        for _ in blobs.pieces(sha256):
            pass
    except DamagedBlobError:
        with store.write(applying=True) as connection:
            file_copies.give_up(connection, blobs, sha256, at)
        return False
    return True


def _kept(blobs: Blobs, file: Carried) -> bool:
    """Keep the pieces that follow on those here; tell whether the file is whole, and what its name says."""
    coming = blobs.coming(file.sha256.hex())
    last = max(0, file.size - 1) // CHUNK
    for number, piece in enumerate(file.pieces, file.start):
        if number == coming.count and not coming.whole:
            coming.add(piece, last=number == last)
    return coming.whole and coming.finish()
