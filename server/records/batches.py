"""What a batch is on its way through the server: as it arrives, and what has been made of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec
from msgspec import Raw, Struct, field

from domain.protocol import Back, Batch, Drop, Group, Move, New, Publish, Set, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable

    from domain.merge import Entity, Outcome
    from server.records.rows import Key, Row


class Birth(New, array_like=True, tag_field="kind", tag=1, gc=False):
    """A record's birth whose body is checked and kept without being opened."""

    body: Raw  # type: ignore[assignment]  # the same bytes, not decoded

    def opened(self) -> New:
        """Return the birth with its body decoded."""
        return New(self.type, self.pk, msgspec.msgpack.decode(self.body), self.scope)


Edit = Birth | Set | Drop | Back | Move | Publish


class Action(Group, array_like=True):
    """One user action."""

    ops: list[Edit]  # type: ignore[assignment]  # the same, births unopened


class Arrived(Batch, array_like=True):
    """A batch as it arrives."""

    groups: list[Action]  # type: ignore[assignment]  # the same, births unopened


read_batch: Final[Callable[[bytes], Arrived]] = msgspec.msgpack.Decoder(Arrived).decode
ACTIONS: Final[dict[type[Edit], int]] = {Birth: 1, Set: 2, Drop: 3, Back: 4, Move: 5, Publish: 6}
"""The numbers of edits in the history: those of the wire."""
HIDE: Final = 7
"""The number of a ``Publish`` that takes a record out of the public catalogue."""


class Change(Struct):
    """One edit that stood, for the history; births are told by their rows. Values are by place."""

    scope: int
    key: Key
    clock: int
    action: int
    units: list[int] = field(default_factory=list)
    before: dict[int, Any] = field(default_factory=dict)
    after: dict[int, Any] = field(default_factory=dict)


class Ruling(Struct):
    """What was said of one edit, and the record as the edit met it."""

    edit: Edit
    outcome: Outcome
    met: Entity | None = None
    scope: int = 0


class Declined(Struct):
    """One user action that became a conflict; ``pk`` is the id of the record that keeps it."""

    pk: bytes
    scope: int
    clock: int
    rulings: list[Ruling]


class Judged(Struct):
    """What a batch makes of the records: everything that remains to be written.

    ``keys`` tells the record of each edit in the order of the batch, None where nothing was written. ``left``
    are the traces of records in scopes they have left, ``shown`` what people want to see in the public
    catalogue or no longer. ``above`` holds for a scope a version that its next ones must exceed. ``moved``
    says that a record changed its scope. ``held`` are the versions of records that were sent again and are as
    they were.
    """

    keys: list[Key | None] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    made: dict[Key, Row] = field(default_factory=dict)
    left: dict[tuple[int, Key], Row] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    declined: list[Declined] = field(default_factory=list)
    shown: dict[Key, bool] = field(default_factory=dict)
    above: dict[int, int] = field(default_factory=dict)
    moved: bool = False
    held: dict[Key, int] = field(default_factory=dict)
