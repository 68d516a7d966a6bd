"""What the model's client keeps: records as the screen shows them, the outbox, batches in flight, pages."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from domain.wire import trimmed
from tests.sync.model_server import HOME

if TYPE_CHECKING:
    from collections.abc import Iterable

    from domain.protocol import Op

TRAVELLING: Final = -1
"""The version of a record that has left its scope for another, whose page has yet to bring it whole."""
Values = dict[int, Any]
Key = tuple[bytes, int]


class Action(enum.IntEnum):
    """What a pending edit does; the order of one record's edits within a user action."""

    BORN = 0
    BACK = 1
    EDIT = 2
    DROP = 3


@dataclass
class Pending:
    """One changed unit, waiting or in flight: its base, what its author saw, what the server has since.

    ``was`` of a DROP are the bases of units whose newer values its author could not see.
    """

    action: Action
    base: int
    clock: int
    was: Values = field(default_factory=dict)
    theirs: Values | None = None
    theirs_version: int = 0
    place: int = 0


@dataclass
class Flight:
    """A frozen batch and the edits in it."""

    number: int
    body: bytes
    units: dict[Key, Pending]


@dataclass
class Line:
    """One record as the screen shows it; ``version`` 0: the server never confirmed it."""

    type: int
    body: list[Any]
    version: int = 0
    scope: str = HOME
    dead: bool = False

    def at(self, place: int) -> Any:
        return self.body[place] if place < len(self.body) else None

    def put(self, values: Values) -> None:
        for place, value in values.items():
            self.body.extend([None] * (place + 1 - len(self.body)))
            self.body[place] = value
        self.body = trimmed(self.body)


@dataclass
class Progress:
    """How far a scope is: applied, fetched, and the pages between."""

    cursor: int = 0
    staged: int = 0
    whole: bool = True
    pages: list[bytes] = field(default_factory=list)


@dataclass
class Refused:
    """An edit the server did not take, whole."""

    pk: bytes
    op: Op
    code: str


@dataclass
class Store:
    """Everything durable; a backup of a store is a copy of it.

    ``typed`` (what people last typed into a waiting unit) and ``seen`` (all values ever shown) are what the
    invariants are checked with, not part of the design.
    """

    incarnation: int
    lines: dict[bytes, Line] = field(default_factory=dict)
    outbox: dict[Key, Pending] = field(default_factory=dict)
    flights: list[Flight] = field(default_factory=list)
    scopes: dict[str, Progress] = field(default_factory=dict)
    refused: list[Refused] = field(default_factory=list)
    sent: int = 0
    granted: int = 0
    clock: int = 0
    shift_ms: int = 0
    typed: dict[Key, Any] = field(default_factory=dict)
    seen: dict[Key, set[Any]] = field(default_factory=dict)


def shown(line: Line, places: Iterable[int]) -> tuple[Any, ...]:
    """Return a unit's value in a form that can be compared: sets have no order."""
    found = (line.at(place) for place in places)
    return tuple(frozenset(value) if isinstance(value, list) else value for value in found)
