"""The content of a conflict: every version of every field of one declined user action, readable by people.

The server writes it with ``declined`` when it declines; screens read it with ``read_items``.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from domain.merge import FOREIGN
from domain.protocol import Back, Drop, New, Op, Set
from domain.wire import packed_to_wire

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from domain.merge import Entity, Outcome
    from domain.registry import WireType

Action = Literal["new", "set", "drop", "back", "other"]
WITH: Final = "with"
"""The code of an edit that was declined only because another edit of the same user action was."""


@dataclass(frozen=True, slots=True)
class Version:
    """The three values of one field, in the JSON form; ``unit`` is the name of its merge unit."""

    field: str
    unit: str
    was: Any
    mine: Any
    theirs: Any


@dataclass(frozen=True, slots=True)
class Item:
    """One record of the declined action: what its author did to it and why that did not stand."""

    record_type: str
    record_id: uuid.UUID
    title: str
    action: Action
    why: str
    versions: tuple[Version, ...]


def item(known: WireType, op: Op, entity: Entity | None, outcome: Outcome) -> Item:
    """Describe one edit of a declined action against the record as the server holds it."""
    body: Sequence[Any] = entity.body if entity else op.body if isinstance(op, New) else ()
    return Item(
        known.record_type.name,
        uuid.UUID(bytes=op.pk),
        title_of(known, body),
        _ACTIONS.get(type(op), "other"),
        outcome.code or WITH,
        tuple(_versions(known, op, entity)),
    )


def title_of(known: WireType, body: Sequence[Any]) -> str:
    """Return what people call the record of a packed body."""
    place = known.places[known.record_type.title]
    title = body[place] if place < len(body) else None
    return title if isinstance(title, str) and title else known.record_type.label


def _versions(known: WireType, op: Op, entity: Entity | None) -> Iterable[Version]:
    if isinstance(op, New):
        mine: Mapping[int, Any] = dict(enumerate(op.body))
        was: Mapping[int, Any] = {}
    elif isinstance(op, Set):
        mine = {place: value for values in op.units.values() for place, value in values.items()}
        was = op.was
    else:
        return
    for place, value in sorted(mine.items()):
        field = known.fields[place] if place < len(known.fields) else None
        theirs = entity.at(place) if entity else None
        if field is not None and not (value is None and theirs is None and isinstance(op, New)):
            yield Version(
                field.name,
                field.unit,
                packed_to_wire(field, was.get(place)),
                packed_to_wire(field, value),
                packed_to_wire(field, theirs),
            )
        elif field is None and value is not None:
            yield Version(f"#{place}", f"#{FOREIGN + place}", None, repr(value), repr(theirs))


_ACTIONS: Final[dict[type, Action]] = {New: "new", Set: "set", Drop: "drop", Back: "back"}


def write_items(items: Iterable[Item]) -> str:
    """Return the text that the record keeps."""
    return json.dumps(
        [
            {
                "type": one.record_type,
                "id": str(one.record_id),
                "title": one.title,
                "action": one.action,
                "why": one.why,
                "versions": [[v.field, v.unit, v.was, v.mine, v.theirs] for v in one.versions],
            }
            for one in items
        ],
        ensure_ascii=False,
        separators=(",", ":"),
    )


def read_items(text: str) -> list[Item]:
    """Return the records of a conflict.

    Raises:
        ValueError, KeyError, TypeError: the text is not what ``write_items`` writes.
    """
    return [
        Item(
            one["type"],
            uuid.UUID(one["id"]),
            one["title"],
            one["action"],
            one["why"],
            tuple(Version(*version) for version in one["versions"]),
        )
        for one in json.loads(text)
    ]
