"""Objects of a PDF file as bytes, for the writer that does without ReportLab."""

from __future__ import annotations

import re
import struct
import zlib
from typing import TYPE_CHECKING

from desktop.documents.archive import CREATOR, PRODUCER, Info
from desktop.documents.tags import pdf_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Places = dict[int, tuple[int, int, int]]
"""Of each object how it is kept, then offset and 0, or the number of its object stream and its place."""

_PLACE = struct.Struct(">BIH")
_FREE, _PLAIN, _PACKED = 0, 1, 2
_HOLE = re.compile(rb"@@(\d+)@@")
_FASTEST_GOOD = 6  # level of deflate for what is made for each document


def hole(place: int) -> str:
    """Return the reference to object ``place`` of a group that has no numbers yet."""
    return f"@@{place}@@ 0 R"


def numbered(group: Sequence[bytes], first: int) -> dict[int, bytes]:
    """Return a ``group`` of objects under the numbers from ``first`` on, with its holes filled."""

    def fill(found: re.Match[bytes]) -> bytes:
        return b"%d" % (first + int(found[1]))

    result = {}
    for place, body in enumerate(group):
        head, stream, data = body.partition(b"stream")
        result[first + place] = _HOLE.sub(fill, head) + stream + data
    return result


def raw_stream(data: bytes, entries: str) -> bytes:
    """Return a stream object; two bytes end the data, which may itself end in a carriage return."""
    return b"<<%b/Length %d>>\nstream\n%b\r\nendstream" % (entries.encode(), len(data), data)


def stream(data: bytes, entries: str = "", level: int = _FASTEST_GOOD) -> bytes:
    """Return a stream object, deflated."""
    return raw_stream(zlib.compress(data, level), f"{entries}/Filter/FlateDecode")


def information(info: Info) -> bytes:
    """Return the information dictionary, which says no more and no less than the XMP packet."""
    texts = {"Title": info.title, "Author": info.author, "Subject": info.subject}
    texts |= {"Creator": CREATOR, "Producer": PRODUCER}
    if info.keywords:
        texts["Keywords"] = info.keywords
    entries = "".join(f"/{name} {pdf_text(text)}" for name, text in texts.items())
    return f"<<{entries}/CreationDate({info.pdf_date})/ModDate({info.pdf_date})>>".encode()


def append_objects(content: bytearray, objects: Mapping[int, bytes]) -> Places:
    """Write ``objects`` at the end of ``content``; return where each of them stands."""
    places = {}
    for number, body in objects.items():
        places[number] = (_PLAIN, len(content), 0)
        content += b"%d 0 obj\n" % number
        content += body
        content += b"\nendobj\n"
    return places


def append_packed(content: bytearray, objects: Mapping[int, bytes], holder: int) -> Places:
    """Write ``objects``, none of them a stream, as one compressed object stream (ISO 32000-1, 7.5.7).

    ``holder`` is the number of that stream.
    """
    index, bodies = [], bytearray()
    for number, body in objects.items():
        index.append(f"{number} {len(bodies)}")
        bodies += body + b" "
    head = " ".join(index).encode() + b"\n"
    entries = f"/Type/ObjStm/N {len(objects)}/First {len(head)}"
    places = append_objects(content, {holder: stream(head + bodies, entries)})
    return places | {number: (_PACKED, holder, place) for place, number in enumerate(objects)}


def append_ending(content: bytearray, places: Places, entries: str, identifiers: tuple[str, str]) -> None:
    """Write the table of what stands where (7.5.8); ``places`` has every number from 1 on."""
    number, start = len(places) + 1, len(content)
    known = {0: (_FREE, 0, 65535), **places, number: (_PLAIN, start, 0)}
    table = b"".join([_PLACE.pack(*known[place]) for place in range(number + 1)])
    own, changed = identifiers
    entries = f"/Type/XRef/Size {number + 1}/W[1 4 2]{entries}/ID[<{own}><{changed}>]"
    append_objects(content, {number: stream(table, entries)})
    content += b"startxref\n%d\n%%%%EOF\n" % start
