"""What a page of a scope says: records that enter, what changed of them, and records that leave.

As in ``domain.protocol`` they are msgpack arrays: a member may be added at the end and nowhere else.
"""

from __future__ import annotations

from typing import Any

from msgspec import Raw, Struct, field


class Full(Struct, array_like=True, tag_field="kind", tag=1, gc=False):
    """A record that enters, whole. ``born`` and ``clock`` are the clocks of its birth and last change.

    They come by the thousand and hold nothing that could hold them: the garbage collector need not look.
    """

    type: int
    pk: bytes
    version: int
    body: Raw
    clock: int
    dead: bool = False
    device: int = 0
    born: int = 0


class Part(Struct, array_like=True, tag_field="kind", tag=2):
    """What changed since the device's cursor: values by place, and the units they belong to."""

    type: int
    pk: bytes
    version: int
    values: dict[int, Any]
    units: list[int]
    clock: int
    device: int
    dead: bool = False


class Own(Struct, array_like=True, tag_field="kind", tag=3):
    """The device's own change, come round: only the version is news."""

    type: int
    pk: bytes
    version: int


class Gone(Struct, array_like=True, tag_field="kind", tag=4):
    """A record that has left the scope; ``to`` is the scope it entered if the device may see that one."""

    type: int
    pk: bytes
    version: int
    to: str = ""


class Stub(Struct, array_like=True, tag_field="kind", tag=5):
    """The name of a record outside the scope that a record in it refers to."""

    type: int
    pk: bytes
    version: int
    title: str


Row = Full | Part | Own | Gone | Stub


class Sheaf(Struct, array_like=True, gc=False):
    """Many records of one type that enter, whole, column by column: the members of ``Full`` in the plural.

    A column has the records' values at one place, or nothing if none has any. ``dead`` is empty if all live.
    """

    type: int
    pks: list[bytes]
    versions: list[int]
    columns: list[list[Any]]
    clocks: list[int]
    devices: list[int]
    borns: list[int]
    dead: list[bool] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Demand as many values of everything.

        Raises:
            ValueError: a record would get another's values.
        """
        heads = (self.versions, self.clocks, self.devices, self.borns)
        if any(
            len(values) != len(self.pks) for values in (*heads, *filter(None, (*self.columns, self.dead)))
        ):
            raise ValueError("the columns of a sheaf differ in length")


class Page(Struct, array_like=True):
    """Rows of one scope above ``since`` up to ``until``; ``head`` is the newest version there is.

    A checkpoint is whole with the page whose ``until`` is its own ``head``: only then do all its pages
    together make one state of the scope, and a device shows all of them or none. ``mark`` was drawn for it.
    """

    scope: str
    epoch: int
    since: int
    until: int
    head: int
    rows: list[Row]
    sheaves: list[Sheaf] = field(default_factory=list)
    mark: int = 0

    @property
    def told(self) -> int:
        """How many records it tells of."""
        return len(self.rows) + sum(len(sheaf.pks) for sheaf in self.sheaves)
