"""What a list shows of a record type: its columns, and what is painted of a cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from PySide6.QtCore import Qt

from desktop.ui.widgets import formats
from domain.fields import RECORD_TYPES, Field

if TYPE_CHECKING:
    from collections.abc import Iterable

    from desktop.models.outgoing.marks import Mark
    from desktop.ui import theme

STATES: Final = frozenset({"stage", "state", "status", "registration_state"})
UNSORTED: Final = frozenset({"ref", "choices", "note"})


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a list; without a field it is a system column."""

    name: str
    heading: str
    field: Field | None = None

    @property
    def sortable(self) -> bool:
        """Whether the store orders by it; an order of ids or of lists would mean nothing."""
        return self.field is None or self.field.kind not in UNSORTED


def columns_of(record_type: str, names: Iterable[str] = ()) -> tuple[Column, ...]:
    """Return the columns a list of this type shows: the named fields, or those its declaration lists.

    A type that lists no day of its own shows when it was changed last.
    """
    known = RECORD_TYPES[record_type]
    fields = [known[name] for name in names] or [field for field in known.fields if field.listed]
    shown = [Column(field.name, formats.heading(field), field) for field in fields]
    dated = any(field.kind == "day" for field in fields)
    return tuple(shown) if dated else (*shown, Column("updated_at", "最近修改"))


class Cell(NamedTuple):
    """What is painted of a cell: its words, the tone if they are a state, how its record stands."""

    words: str
    tone: theme.Tone | None
    mark: Mark | None = None


def alignment_of(shown: Field | None) -> Qt.AlignmentFlag:
    """Return at which side of a column the words of a field stand."""
    right = shown is not None and shown.kind in formats.RIGHT_ALIGNED
    side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter
