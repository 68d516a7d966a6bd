"""Deciding a conflict, so that the choice, its consequence and who made it are written in one user action.

Before a decision every device shows what stands at the server (对方). A decision is an ordinary edit on top
of it: it can be undone, and it can itself meet an edit nobody here has seen. The conflict keeps a log of
events: who chose what, and what the records held before, so that it can be taken back for 30 days.
"""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from desktop.models.outgoing import refused
from desktop.models.recounting import miscounted_deals
from desktop.models.tables import now_text
from desktop.models.work import DELETED, Work, new_id
from desktop.services.commands import command
from desktop.services.conflict_log import close, events, steps, take_back
from desktop.services.conflicts import (
    CONFLICT,
    DECIDED,
    OPEN,
    REMARK,
    UNDO_DAYS,
    Key,
    Pick,
    asked,
    has_remark,
    items_of,
    shown,
)
from domain.fields import RECORD_TYPES
from domain.problems import Refusal, problems, refuse
from domain.wire import FROM_WIRE, TO_WIRE, empty, from_wire

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from desktop.services.desk import Desk
    from domain.conflicts import Item, Version


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person chose for one field or record; ``value`` is what was typed, as a record holds it."""

    pick: Pick
    value: Any = None


MINE: Final = Choice("mine")
THEIRS: Final = Choice("theirs")


@command("处理冲突")
def decide(
    work: Work,
    desk: Desk,
    *,
    conflict_id: uuid.UUID,
    choices: Mapping[Key, Choice],
    keep_both_as_note: bool = False,
) -> None:
    """Write what was chosen and close the conflict.

    What only one side wrote goes along as that side wrote it, unless ``choices`` says otherwise. With
    ``keep_both_as_note`` the versions not chosen are written into the remark of their record.

    Raises:
        Refusal: the conflict is closed, something is not chosen, or a chosen value is not sound.
    """
    held = _demand(work, conflict_id, OPEN)
    items = items_of(held)
    _demand_choices(items, choices)
    before = {
        (item.record_type, item.record_id): work.wire(item.record_type, item.record_id) for item in items
    }
    for item in items:
        _ACTIONS[item.action](work, desk, item, choices)
    if keep_both_as_note:
        for item in items:
            _note(work, desk, item, choices, held)
    _recount(work, items)
    for waiting in refused.listed(work.connection):
        if waiting.conflict == conflict_id:
            refused.forget(work.connection, waiting.id)
    event = {
        "did": DECIDED,
        "by": desk.user,
        "at": now_text(work.at),
        "chose": _chosen(items, choices),
        "undo": [step for key, was in before.items() for step in steps(work, key, was)],
    }
    close(work, conflict_id, held, event, state=DECIDED)
    work.label = f"处理冲突“{held['title']}”"


@command("撤回冲突处理")
def reopen(work: Work, desk: Desk, *, conflict_id: uuid.UUID) -> None:
    """Take a decision back: the records hold again what they held before, and the conflict is open again.

    A field that was changed after the decision keeps that later value.

    Raises:
        Refusal: the conflict is open, or was decided more than 30 days ago.
    """
    held = _demand(work, conflict_id, DECIDED)
    if held["decided_at"] < now_text(work.at - dt.timedelta(days=UNDO_DAYS)):
        raise refuse("", "plain", why=f"这项处理已超过 {UNDO_DAYS} 天，不能撤回；请直接修改记录")
    for record_type, record_id, lives, fields in reversed(events(held)[-1]["undo"]):
        take_back(work, record_type, uuid.UUID(record_id), lives, fields)
    event = {"did": "reopened", "by": desk.user, "at": now_text(work.at)}
    close(work, conflict_id, held, event, state=OPEN)
    work.label = f"撤回冲突处理“{held['title']}”"


# ── choices ─────────────────────────────────────────────────────────────────────────────────────────


def _demand(work: Work, conflict_id: uuid.UUID, state: str) -> dict[str, Any]:
    held = work.get(CONFLICT, conflict_id)
    if held is None:
        raise refuse(CONFLICT, "not-found", value=str(conflict_id))
    if held["state"] != state:
        who = f"{held['decided_by']}已处理" if state == OPEN else "还没有处理"
        raise refuse("", "plain", why=f"冲突“{held['title']}”{who}")
    return held


def _demand_choices(items: Sequence[Item], choices: Mapping[Key, Choice]) -> None:
    missing = [key for key in asked(items) if key not in choices]
    if missing:
        names = "、".join(dict.fromkeys(_name(key) for key in missing))
        raise refuse("", "plain", why=f"还有 {len(missing)} 处没有选择：{names}")


def _name(key: Key) -> str:
    known = RECORD_TYPES[key[0]]
    return known[key[2]].label if key[2] in known else known.label


def _pick(item: Item, choices: Mapping[Key, Choice], field: str = "") -> Choice:
    return choices.get((item.record_type, item.record_id, field), MINE)


def _chosen(items: Sequence[Item], choices: Mapping[Key, Choice]) -> list[list[Any]]:
    """Return the choices that were made by a person, as the event keeps them."""
    made = []
    for record_type, record_id, name in dict.fromkeys([*asked(items), *choices]):
        choice = choices[record_type, record_id, name]
        field = RECORD_TYPES[record_type].by_name.get(name)
        typed = choice.value if choice.pick == "typed" else None
        value = None if field is None or typed in (None, "", ()) else TO_WIRE[field.kind](field, typed)
        made.append([record_type, str(record_id), name, choice.pick, value])
    return made


# ── what a choice does ──────────────────────────────────────────────────────────────────────────────


def _apply_new(work: Work, _desk: Desk, item: Item, choices: Mapping[Key, Choice]) -> None:
    """Keep the new record of a declined action, or put it away.

    On its author's device it is there and waits; anywhere else it is made from the conflict. Where somebody
    has deleted it by that id it becomes a record of its own.
    """
    waiting = [held.id for held in refused.listed(work.connection) if held.record_id == item.record_id]
    keep = _pick(item, choices).pick != "theirs"
    here = work.has(item.record_type, item.record_id)
    if keep and item.why != "gone" and here:
        for refused_id in waiting:
            refused.retry(work, refused_id)
        return
    if here and (waiting or item.why == "gone"):
        work.remove(item.record_type, item.record_id)
    if keep:
        known = RECORD_TYPES[item.record_type]
        record_id = new_id() if item.why == "gone" else item.record_id
        body = {version.field: version.mine for version in item.versions}
        work.put(item.record_type, record_id, from_wire(known, body))


def _apply_drop(work: Work, _desk: Desk, item: Item, choices: Mapping[Key, Choice]) -> None:
    if _pick(item, choices).pick != "theirs" and work.has(item.record_type, item.record_id):
        work.remove(item.record_type, item.record_id)


def _apply_back(work: Work, _desk: Desk, item: Item, choices: Mapping[Key, Choice]) -> None:
    gone = work.wire(item.record_type, item.record_id)
    if _pick(item, choices).pick != "theirs" and gone and DELETED in gone:
        work.restore(item.record_type, item.record_id)


def _apply_set(work: Work, desk: Desk, item: Item, choices: Mapping[Key, Choice]) -> None:
    """Write the chosen values on top of what stands; a record in the bin is taken out first if so chosen."""
    known = RECORD_TYPES[item.record_type]
    changes = {
        version.field: _value(version, item, choices)
        for version in item.versions
        if version.field in known
        and version.mine != version.theirs
        and _pick(item, choices, version.field).pick != "theirs"
    }
    if item.why == "gone" and _pick(item, choices).pick == "theirs":
        return
    held = work.wire(item.record_type, item.record_id)
    if held and DELETED in held and item.why == "gone":
        work.restore(item.record_type, item.record_id)
    values = work.get(item.record_type, item.record_id)
    if not changes or (values is None and item.why != "gone"):
        return
    if values is None:
        raise refuse("", "plain", why=f"“{item.title}”已被删除，本机没有它的内容；请在有它的电脑上处理")
    _demand_sound(desk, item, values, {**values, **changes})
    work.put(item.record_type, item.record_id, {**values, **changes})


def _apply_other(_work: Work, _desk: Desk, _item: Item, _choices: Mapping[Key, Choice]) -> None:
    """Leave a hand-over or a publication that was declined: it is asked for again on the record's page."""


_ACTIONS: Final = {
    "new": _apply_new,
    "set": _apply_set,
    "drop": _apply_drop,
    "back": _apply_back,
    "other": _apply_other,
}


def _recount(work: Work, items: Sequence[Item]) -> None:
    """Count again what is counted from payments: one that waited here was not counted until now."""
    if any(item.record_type == "payment" for item in items):
        for deal, right in miscounted_deals(work.connection).items():
            work.change("deal", deal, paid_amount=right)


def _value(version: Version, item: Item, choices: Mapping[Key, Choice]) -> Any:
    choice = _pick(item, choices, version.field)
    field = RECORD_TYPES[item.record_type][version.field]
    if choice.pick == "typed":
        return choice.value
    return empty(field) if version.mine is None else FROM_WIRE[field.kind](version.mine)


def _demand_sound(desk: Desk, item: Item, held: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    """Refuse what a choice makes wrong; what was wrong before does not keep anybody from deciding."""
    known, day = RECORD_TYPES[item.record_type], desk.today()
    before = problems(known, held, desk.codes, on=day)
    hard = [p for p in problems(known, wanted, desk.codes, on=day) if not p.warning and p not in before]
    if hard:
        raise Refusal(hard, record_type=known)


def _note(
    work: Work, desk: Desk, item: Item, choices: Mapping[Key, Choice], conflict: Mapping[str, Any]
) -> None:
    """Write the versions that were not chosen into the remark; personal data stay in the conflict alone."""
    known = RECORD_TYPES[item.record_type]
    values = work.get(item.record_type, item.record_id)
    wanted = {key[2] for key in asked([item]) if key[2] in known and not known[key[2]].personal}
    if values is None or not wanted or not has_remark(item.record_type):
        return
    lines = []
    for version in (v for v in item.versions if v.field in wanted):
        pick = _pick(item, choices, version.field).pick
        sides = [("mine_by", version.mine), ("theirs_by", version.theirs)]
        lost = [side for side, name in zip(sides, ("mine", "theirs"), strict=True) if name != pick]
        field = known[version.field]
        for who, value in lost:
            words = shown(desk, work.connection, field, value)
            lines.append(f"{field.label}：{conflict[who] or '另一方'}填“{words}”，未采用")
    remark = "\n".join(filter(None, [values[REMARK], f"【冲突 {desk.today()}】" + "；".join(lines)]))
    most = known[REMARK].max or len(remark)
    if len(remark) > most:
        why = f"{known[REMARK].label}放不下未采用的内容（最多 {most} 字），请先删减备注"
        raise refuse("", "plain", why=why)
    work.change(item.record_type, item.record_id, remark=remark)
