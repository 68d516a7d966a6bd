"""The log a conflict keeps of its decisions: who chose what, what it changed, and how it is taken back."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from typing import TYPE_CHECKING, Any, Final, Literal

from desktop.models.work import DELETED
from desktop.services.conflicts import CONFLICT, DECIDED
from domain.fields import RECORD_TYPES
from domain.wire import FROM_WIRE, empty

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from desktop.models.work import Work
    from desktop.services.conflicts import Key, Pick

Life = Literal["none", "live", "dead"]
KEPT_EVENTS: Final = 20


def events(held: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the decisions about a conflict and their takings back, the oldest first."""
    found: list[dict[str, Any]] = json.loads(held["decision"] or "[]")
    return found


def close(
    work: Work, conflict_id: uuid.UUID, held: Mapping[str, Any], event: dict[str, Any], *, state: str
) -> None:
    """Keep an event and the state it leads to."""
    kept = [*events(held), event][-KEPT_EVENTS:]
    text = json.dumps(kept, ensure_ascii=False, separators=(",", ":"))
    by, at = (event["by"], event["at"]) if state == DECIDED else (None, None)
    work.change(CONFLICT, conflict_id, state=state, decision=text, decided_by=by, decided_at=at)


def _life(body: Mapping[str, Any] | None) -> Life:
    if body is None:
        return "none"
    return "dead" if DELETED in body else "live"


def steps(work: Work, key: tuple[str, uuid.UUID], was: dict[str, Any] | None) -> list[list[Any]]:
    """Return what a decision made of one record, as ``take_back`` reads it; nothing if it did nothing."""
    record_type, record_id = key
    now = work.wire(record_type, record_id)
    if was == now:
        return []
    names = dict.fromkeys([*(was or {}), *(now or {})])
    fields = {
        name: [(was or {}).get(name), (now or {}).get(name)]
        for name in names
        if name != DELETED and (was or {}).get(name) != (now or {}).get(name)
    }
    return [[record_type, str(record_id), [_life(was), _life(now)], fields if was else {}]]


def take_back(
    work: Work, record_type: str, record_id: uuid.UUID, lives: Sequence[Life], fields: Mapping[str, Any]
) -> None:
    """Bring one record back to what it held before a decision; what was changed since keeps its value."""
    held = work.wire(record_type, record_id)
    if held is None:
        return
    before, after = lives
    if _life(held) == after != before:
        if after == "live":
            work.remove(record_type, record_id)
        else:
            work.restore(record_type, record_id)
    known, values = RECORD_TYPES[record_type], work.get(record_type, record_id)
    if values is None:
        return
    back = {
        name: empty(known[name]) if was is None else FROM_WIRE[known[name].kind](was)
        for name, (was, now) in fields.items()
        if name in known and held.get(name) == now
    }
    if back:
        work.put(record_type, record_id, {**values, **back})


def chosen_words(row: Mapping[str, Any]) -> list[str]:
    """Return who chose what and when by local time, one sentence an event."""
    words = []
    for event in events(row):
        at = dt.datetime.fromisoformat(event["at"]).astimezone()
        did = "撤回了处理" if event["did"] != DECIDED else _choice_words(event["chose"], row)
        words.append(f"{at:%Y-%m-%d %H:%M} {event['by']}：{did}")
    return words


def last_picks(row: Mapping[str, Any]) -> dict[Key, Pick]:
    """Return what the newest decision chose, empty while there is none."""
    decided = [event for event in events(row) if event["did"] == DECIDED]
    chose = decided[-1]["chose"] if decided else ()
    return {(kind, uuid.UUID(key), name): pick for kind, key, name, pick, _ in chose}


def _choice_words(chose: Sequence[Sequence[Any]], row: Mapping[str, Any]) -> str:
    same = row["mine_by"] == row["theirs_by"]
    mine, theirs = (row[f"{side}_device" if same else f"{side}_by"] for side in ("mine", "theirs"))
    sides = {"mine": f"采用{mine or '一方'}的", "theirs": f"采用{theirs or '另一方'}的", "typed": "另填"}
    named = []
    for record_type, _, name, pick, _ in chose:
        known = RECORD_TYPES.get(record_type)
        label = known[name].label if known and name in known else known.label if known else "记录"
        named.append(f"{label}{sides[pick]}")
    return "、".join(named) or "已处理"
