"""Frames exist so that the program and its inspection child speak one language over a pair of pipes.

A frame is a JSON object and any number of byte strings: length, JSON, then the strings, whose lengths the
JSON holds under ``parts``. Nothing in it can be executed, whoever wrote it.
"""

from __future__ import annotations

import json
import struct
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

BYTES_AT_MOST = 1 << 29
_HEAD_AT_MOST = 1 << 20
_LENGTH = struct.Struct(">I")


class Frame(NamedTuple):
    """One message: its ``head`` and the byte strings that go with it."""

    head: dict[str, Any]
    parts: list[bytes]


def send(pipe: BinaryIO, head: dict[str, Any], parts: Sequence[bytes] = ()) -> None:
    """Write one frame; raises OSError when the other side is gone."""
    text = json.dumps({**head, "parts": [len(part) for part in parts]}).encode()
    pipe.write(_LENGTH.pack(len(text)) + text)
    pipe.writelines(parts)
    pipe.flush()


def receive(pipe: BinaryIO) -> Frame | None:
    """Read one frame, None at the end; raises ValueError for anything but a frame of bearable size."""
    start = pipe.read(_LENGTH.size)
    if not start:
        return None
    (length,) = _LENGTH.unpack(_whole(start, _LENGTH.size))
    if length > _HEAD_AT_MOST:
        raise ValueError("the head of a frame is too long")
    head = json.loads(_whole(pipe.read(length), length))
    sizes = head.pop("parts")
    if sum(sizes) > BYTES_AT_MOST or any(size < 0 for size in sizes):
        raise ValueError("a frame is too large")
    return Frame(head, [_whole(pipe.read(size), size) for size in sizes])


def _whole(content: bytes, length: int) -> bytes:
    if len(content) != length:
        raise ValueError("a frame ends early")
    return content
