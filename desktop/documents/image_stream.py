"""Image streams exist so that a prepared JPEG or PNG goes into a PDF byte by byte, without being decoded.

PDF knows the compression of both: DCT for a JPEG (ISO 32000-1, 7.4.8), deflate with PNG predictors for the
IDAT chunks of a PNG (7.4.4.4). Only what :mod:`pictures` makes comes here, so anything else is refused.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple

from desktop.documents.pictures import PictureError

if TYPE_CHECKING:
    from collections.abc import Iterator

_PNG = b"\x89PNG\r\n\x1a\n"
_COLOURS = {1: b"/DeviceGray", 3: b"/DeviceRGB"}
_BANDS = {0: 1, 2: 3}  # PNG colour types: grey, truecolour
# Start-of-frame markers of the JPEGs that PDF takes: baseline, extended, progressive.
_FRAMES = frozenset((0xC0, 0xC1, 0xC2))


class ImageStream(NamedTuple):
    """A picture as PDF holds it: the entries of the stream dictionary, its bytes, its size in pixels."""

    dictionary: bytes
    content: bytes
    width: int
    height: int


def image_stream(data: bytes) -> ImageStream:
    """Return a JPEG or PNG of 8 bits, grey or RGB, as an image stream; raises PictureError for others."""
    try:
        return _of_png(data) if data.startswith(_PNG) else _of_jpeg(data)
    except (struct.error, IndexError, KeyError) as error:
        raise PictureError("图片无法装订成页（格式不受支持）") from error


def _of_jpeg(data: bytes) -> ImageStream:
    place = 2
    while data[place] == 0xFF:
        marker, length = data[place + 1], struct.unpack_from(">H", data, place + 2)[0]
        if marker in _FRAMES:
            depth, height, width, bands = struct.unpack_from(">BHHB", data, place + 4)
            if depth == 8:
                filters = b"/Filter/DCTDecode"
                return ImageStream(_dictionary(width, height, bands) + filters, data, width, height)
        place += 2 + length
    raise IndexError("no frame in the JPEG")


def _of_png(data: bytes) -> ImageStream:
    width, height, depth, colour, *_, interlaced = struct.unpack_from(">IIBBBBB", data, 16)
    if depth != 8 or interlaced:
        raise KeyError(depth)
    bands = _BANDS[colour]
    content = b"".join(chunk for name, chunk in _chunks(data) if name == b"IDAT")
    filters = b"/Filter/FlateDecode/DecodeParms<</Predictor 15/Colors %d/Columns %d>>" % (bands, width)
    return ImageStream(_dictionary(width, height, bands) + filters, content, width, height)


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = len(_PNG)
    while place + 12 <= len(data):
        length, name = struct.unpack_from(">I4s", data, place)
        yield name, data[place + 8 : place + 8 + length]
        place += 12 + length


def _dictionary(width: int, height: int, bands: int) -> bytes:
    size = b"/Width %d/Height %d/BitsPerComponent 8" % (width, height)
    return b"/Type/XObject/Subtype/Image" + size + b"/ColorSpace" + _COLOURS[bands]
