"""A short number by which a device and the server find out whether they hold the same records of a scope.

Each live record counts with its type, id and version; the order does not matter, so either side may keep
the sum as records come and go. Buckets go by the last byte of the id: a UUIDv7 begins with its time.
"""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass, field
from typing import Final

BUCKETS: Final = 256
_FORM: Final = struct.Struct(">H16sQ")


def row_digest(record_type: int, pk: bytes, version: int) -> int:
    """Return the 63 bits that one record adds: the first 8 bytes of a SHA-256, without the highest bit.

    The highest bit is left out so that the sum fits the signed integers of both databases.
    """
    hashed = hashlib.sha256(_FORM.pack(record_type, pk, version)).digest()
    return int.from_bytes(hashed[:8], "big") >> 1


@dataclass(frozen=True, slots=True)
class Digest:
    """How many records there are, the XOR of their row digests, and both for each bucket."""

    count: int
    total: int
    buckets: tuple[tuple[int, int], ...]


@dataclass(slots=True)
class Tally:
    """A digest while it is counted."""

    counts: list[int] = field(default_factory=lambda: [0] * BUCKETS)
    sums: list[int] = field(default_factory=lambda: [0] * BUCKETS)

    def add(self, record_type: int, pk: bytes, version: int) -> None:
        """Count one live record."""
        self.counts[pk[-1]] += 1
        self.sums[pk[-1]] ^= row_digest(record_type, pk, version)

    def digest(self) -> Digest:
        """Return what was counted."""
        total = 0
        for one in self.sums:
            total ^= one
        return Digest(sum(self.counts), total, tuple(zip(self.counts, self.sums, strict=True)))
