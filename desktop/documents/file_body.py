"""The body of a PDF file is kept here so that thousands of small objects take a tenth of their room.

A structure tree is many short dictionaries that are much alike: they go into compressed object streams
(ISO 32000-1, 7.5.7), and the table of what stands where is itself a stream (7.5.8).
"""

from __future__ import annotations

import hashlib
import struct
import zlib

_HEAD = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
_PLACE = struct.Struct(">BIH")  # kind; offset or object stream; generation or place in the stream
_FREE, _PLAIN, _PACKED = 0, 1, 2
_PACKED_AT_MOST = 200


class FileBody:
    """The objects of a file as they are written; numbers count from 1 and none is left out."""

    def __init__(self) -> None:
        self._content = bytearray(_HEAD)
        self._places: dict[int, tuple[int, int, int]] = {0: (_FREE, 0, 65535)}
        self._small: list[tuple[int, bytes]] = []

    def add(self, number: int, written: bytes) -> None:
        """Add an object, ``written`` with its number."""
        self._places[number] = (_PLAIN, len(self._content), 0)
        self._content += written

    def pack(self, number: int, content: bytes) -> None:
        """Add an object that is no stream and is referred to only; it is written with others, compressed."""
        self._small.append((number, content))

    def finish(self, root: str, info: str, identifier: str) -> bytes:
        """Return the file; ``root`` and ``info`` are references, ``identifier`` 32 hexadecimal digits."""
        self._write_small()
        digest = hashlib.sha256(self._content).hexdigest()[:32]
        number, start = len(self._places), len(self._content)
        self._places[number] = (_PLAIN, start, 0)
        table = b"".join(_PLACE.pack(*self._places[place]) for place in range(number + 1))
        entries = (
            f"/Type/XRef/Size {number + 1}/W[1 4 2]/Root {root}/Info {info}/ID[<{identifier}><{digest}>]"
        )
        self._content += _stream(number, entries, table)
        self._content += f"startxref\n{start}\n%%EOF\n".encode()
        return bytes(self._content)

    def _write_small(self) -> None:
        """Write the small objects as object streams."""
        holder = len(self._places) + len(self._small)
        for start in range(0, len(self._small), _PACKED_AT_MOST):
            held = self._small[start : start + _PACKED_AT_MOST]
            head, contents = [], bytearray()
            for place, (number, content) in enumerate(held):
                self._places[number] = (_PACKED, holder, place)
                head.append(f"{number} {len(contents)}")
                contents += content + b" "
            index = " ".join(head).encode() + b"\n"
            entries = f"/Type/ObjStm/N {len(held)}/First {len(index)}"
            self.add(holder, _stream(holder, entries, index + contents))
            holder += 1


def _stream(number: int, entries: str, data: bytes) -> bytes:
    packed = zlib.compress(data)
    head = f"{number} 0 obj\n<<{entries}/Filter/FlateDecode/Length {len(packed)}>>\nstream\n"
    return head.encode() + packed + b"\r\nendstream\nendobj\n"
