"""Messages on the way are zstd frames, opened with a limit so that a small one cannot fill the memory."""

from __future__ import annotations

import threading
from typing import Final

import msgspec
import zstandard

from domain.protocol import LARGEST_MESSAGE

MEDIA_TYPE: Final = "application/octet-stream"
LEVEL: Final = 3
_WIDEST_WINDOW: Final = 1 << 23
DAMAGES: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What decoding raises over bytes that are no message: cut short, of another form, or nested beyond sense."""
_local = threading.local()


class FrameError(ValueError):
    """The bytes are no frame, or it holds more than it may."""


def pack(message: bytes, level: int = LEVEL) -> bytes:
    """Return the frame of a message."""
    held = getattr(_local, "packers", None)
    if held is None:
        held = _local.packers = {}
    if level not in held:
        held[level] = zstandard.ZstdCompressor(level=level)
    return bytes(held[level].compress(message))


def unpack(frame: bytes, *, limit: int = LARGEST_MESSAGE) -> bytes:
    """Return the message of a frame; no more than ``limit`` bytes are ever made of it.

    Raises:
        FrameError: the bytes are no frame, or it holds more than ``limit``.
    """
    try:
        told = zstandard.frame_content_size(frame)
        if told > limit:
            raise FrameError(f"{told} bytes")
        unpacker = getattr(_local, "unpacker", None)
        if unpacker is None:
            unpacker = _local.unpacker = zstandard.ZstdDecompressor(max_window_size=_WIDEST_WINDOW)
        message = bytes(unpacker.decompress(frame, max_output_size=limit, allow_extra_data=False))
    except zstandard.ZstdError as damaged:
        raise FrameError(str(damaged)) from damaged
    return message
