"""Columns of values in the form PostgreSQL reads them: the driver looks at every value of a list by itself.

Values of one kind are joined at once into a binary array (``array_recv`` of PostgreSQL: number of dimensions,
whether there are NULLs, type of the elements, their number, index of the first; then length and bytes of
each).
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

import psycopg
from psycopg.adapt import Dumper
from psycopg.pq import Format

if TYPE_CHECKING:
    from collections.abc import Sequence

_HEAD: Final = struct.Struct("!iiIii")
_NULL: Final = struct.pack("!i", -1)
_ID_LENGTH: Final = struct.pack("!i", 16)


class _Array:
    """One parameter of a statement, ready to be sent."""

    __slots__ = ("wire",)
    element: int = 0
    """The number PostgreSQL knows the elements' type by."""

    def __init__(self, count: int, elements: bytes, *, nulls: bool) -> None:
        self.wire = _HEAD.pack(1, nulls, self.element, count, 1) + elements


class _Integers(_Array):
    __slots__ = ()
    code: str = ""
    size: int = 0

    def __init__(self, values: Sequence[int | None]) -> None:
        nulls = None in values
        if nulls:
            one = struct.Struct("!i" + self.code)
            elements = b"".join([_NULL if value is None else one.pack(self.size, value) for value in values])
        else:
            flat: list[int | None] = [self.size] * (2 * len(values))
            flat[1::2] = values
            elements = struct.pack("!" + ("i" + self.code) * len(values), *flat)
        super().__init__(len(values), elements, nulls=nulls)


class Int2s(_Integers):
    """A ``smallint[]``."""

    __slots__ = ()
    element, code, size = 21, "h", 2


class Int4s(_Integers):
    """An ``integer[]``."""

    __slots__ = ()
    element, code, size = 23, "i", 4


class Int8s(_Integers):
    """A ``bigint[]``."""

    __slots__ = ()
    element, code, size = 20, "q", 8


class Ids(_Array):
    """A ``uuid[]`` of ids of 16 bytes."""

    __slots__ = ()
    element = 2950

    def __init__(self, values: Sequence[bytes | None]) -> None:
        parts = [_NULL if value is None else _ID_LENGTH + value for value in values]
        super().__init__(len(values), b"".join(parts), nulls=None in values)


class Blobs(_Array):
    """A ``bytea[]``."""

    __slots__ = ()
    element = 17

    def __init__(self, values: Sequence[bytes | None]) -> None:
        length = struct.Struct("!i").pack
        parts = [_NULL if value is None else length(len(value)) + value for value in values]
        super().__init__(len(values), b"".join(parts), nulls=None in values)


class Texts(Blobs):
    """A ``text[]``."""

    __slots__ = ()
    element = 25

    def __init__(self, values: Sequence[str]) -> None:
        super().__init__([value.encode() for value in values])


class _Dumper(Dumper):
    """Hands an array over as it is."""

    format = Format.BINARY

    def dump(self, obj: _Array) -> bytes:
        return obj.wire


for _kind, _oid in ((Int2s, 1005), (Int4s, 1007), (Int8s, 1016), (Ids, 2951), (Blobs, 1001), (Texts, 1009)):
    psycopg.adapters.register_dumper(_kind, type(f"{_kind.__name__}Dumper", (_Dumper,), {"oid": _oid}))
