"""What can be done with any record: save, delete, restore; undo and redo of the user's own commands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from desktop.models import drafts, history, queries
from desktop.models.work import DELETED, Changes, Work
from desktop.services.commands import command
from desktop.services.writable import demand_writable
from desktop.services.writing import writing
from domain.fields import RECORD_TYPES
from domain.problems import Problem, Refusal, demand_sound, refuse

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterator

    from desktop.services.desk import Desk
    from domain.fields import Values


@command("保存")
def save(
    work: Work,
    desk: Desk,
    *,
    record_type: str,
    record_id: uuid.UUID,
    values: dict[str, Any],
) -> None:
    """Save all values of one record, new or known, and drop its draft.

    Raises:
        Refusal: with every problem of the values at once.
    """
    _write_typed(work, desk, record_type, record_id, values)
    drafts.drop(work.connection, record_id)


@command("批量保存")
def save_all(work: Work, desk: Desk, *, records: list[tuple[str, uuid.UUID, dict[str, Any]]]) -> None:
    """Save several records as one step of undo; all or none."""
    for record_type, record_id, values in records:
        _write_typed(work, desk, record_type, record_id, values)
    if len(records) > 1:
        work.label = f"保存 {len(records)} 条记录"


def _write_typed(
    work: Work, desk: Desk, record_type: str, record_id: uuid.UUID, values: dict[str, Any]
) -> None:
    """Write what a user says of a record; what only the program writes stays as it is.

    Raises:
        Refusal: the values say otherwise, or it is for the program to make such a record.
    """
    known = RECORD_TYPES[record_type]
    kept = [field for field in known.fields if field.kept]
    if kept:
        held = queries.get(work.connection, record_type, record_id)
        if held is None and known.kept:
            raise refuse("", "plain", why=f"{known.label}由程序登记，不能在这里新建")
        stays = {field.name: held[field.name] if held else None for field in kept}
        wrong = [field for field in kept if values.get(field.name, stays[field.name]) != stays[field.name]]
        if wrong:
            raise Refusal(
                [Problem(field.name, "plain", {"why": _KEPT.format(field.label)}) for field in wrong]
            )
        values = {**values, **stays}
    write(work, desk, record_type=record_type, record_id=record_id, values=values)


_KEPT: Final = "{}：由程序填写，不能修改"


def write(work: Work, desk: Desk, *, record_type: str, record_id: uuid.UUID, values: dict[str, Any]) -> None:
    """Check and put one record inside a larger command, and name the command after it.

    What a new record does not say takes the defaults of its declaration.
    """
    known = RECORD_TYPES[record_type]
    is_new = not work.has(record_type, record_id)
    if is_new:
        values = {**known.defaults(), **values}
    demand_sound(known, values, desk.codes, on=desk.today())
    held = None if is_new else work.get(record_type, record_id)
    _demand_references(work, record_type, values, stands=held or {})
    work.put(record_type, record_id, values)
    title = _title(work, record_type, record_id, values)
    work.label = f"{'新建' if is_new else '修改'}{known.label}“{title}”"


def _title(work: Work, record_type: str, record_id: uuid.UUID, values: Values | None = None) -> str:
    """Return what people call a record; a query is needed only when it is called after another one."""
    known = RECORD_TYPES[record_type]
    if values and known[known.title].kind != "ref":
        return known.heading_of(values)
    return queries.titles(work.connection, record_type, [record_id])[record_id]


def _demand_references(
    work: Work, record_type: str, values: dict[str, Any], *, stands: dict[str, Any]
) -> None:
    """Refuse a reference to a record that is not there, or only in the recycle bin.

    One that stands already is let be: another device may have deleted what it points to.
    """
    known = RECORD_TYPES[record_type]
    missing = [
        Problem(field.name, "unknown-record", {"value": str(values[field.name])})
        for field in known.fields
        if field.kind == "ref"
        and values.get(field.name) not in (None, stands.get(field.name))
        and not work.names(field.to, values[field.name])
    ]
    if missing:
        raise Refusal(missing, record_type=known)


@command("删除")
def remove(work: Work, desk: Desk, *, record_type: str, ids: list[uuid.UUID]) -> None:  # noqa: ARG001 - the shape of a command
    """Move records to the recycle bin; what other records point at stays where it is.

    Raises:
        Refusal: a record is gone already, or live records other than these refer to it.
    """
    _demand_there(work, record_type, ids, deleted=False)
    for record_id in ids:
        work.remove(record_type, record_id)
    used = [problem for record_id in ids for problem in _uses(work, record_type, record_id)]
    if used:
        raise Refusal(used)
    work.label = _label(work, "删除", record_type, ids)


def _uses(work: Work, record_type: str, record_id: uuid.UUID) -> Iterator[Problem]:
    """Yield the problem of a removed record that live ones still refer to."""
    used = queries.referring(work.connection, record_type, record_id)
    if used:
        others = "、".join(f"{RECORD_TYPES[kind].label} {number} 条" for (kind, _), number in used.items())
        label = _title(work, record_type, record_id)
        yield Problem("", "in-use", {"label": label, "count": str(sum(used.values())), "others": others})


@command("恢复")
def restore(work: Work, desk: Desk, *, record_type: str, ids: list[uuid.UUID]) -> None:  # noqa: ARG001 - the shape of a command
    """Take records out of the recycle bin.

    Raises:
        Refusal: a record is not in the bin, or what it refers to is in the bin itself.
    """
    _demand_there(work, record_type, ids, deleted=True)
    for record_id in ids:
        work.restore(record_type, record_id)
    for record_id in ids:
        _demand_references(work, record_type, work.get(record_type, record_id) or {}, stands={})
    work.label = _label(work, "恢复", record_type, ids)


def _demand_there(work: Work, record_type: str, ids: list[uuid.UUID], *, deleted: bool) -> None:
    """Refuse records that are gone, or that someone has moved into or out of the bin meanwhile."""
    known = RECORD_TYPES[record_type]
    held = {record_id: queries.get(work.connection, record_type, record_id) for record_id in ids}
    missing = [
        Problem("", "not-found", {"label": known.label, "value": known.heading_of(row) if row else str(key)})
        for key, row in held.items()
        if row is None or (row["deleted_at"] is not None) is not deleted
    ]
    if missing:
        raise Refusal(missing)


def _label(work: Work, verb: str, record_type: str, ids: list[uuid.UUID]) -> str:
    label = RECORD_TYPES[record_type].label
    if len(ids) == 1:
        return f"{verb}{label}“{_title(work, record_type, ids[0])}”"
    return f"{verb} {len(ids)} 条{label}"


def undo(desk: Desk) -> Changes:
    """Take back the user's newest command of this device; the taking back is itself in the log.

    Raises:
        Refusal: there is nothing to undo, or a record was changed since by someone else.
    """
    with writing(desk.store) as connection:
        target = history.undoable(connection, desk.user, desk.device)
        if target is None:
            raise Refusal([Problem("", "nothing-to-undo")])
        work = Work(
            connection,
            desk.clock(),
            desk.user,
            desk.device,
            f"撤销：{target.label}",
            kind="undo",
            target=target.seq,
        )
        for step in reversed(history.steps(connection, target.seq)):
            _demand_unchanged(work, step, step.after)
            work.put_wire(step.record_type, step.record, step.before)
        return _finished(work)


def redo(desk: Desk) -> Changes:
    """Give again the command that was undone last.

    Raises:
        Refusal: there is nothing to redo, or a record was changed since.
    """
    with writing(desk.store) as connection:
        target = history.redoable(connection, desk.user, desk.device)
        if target is None:
            raise Refusal([Problem("", "nothing-to-redo")])
        work = Work(
            connection,
            desk.clock(),
            desk.user,
            desk.device,
            f"重做：{target.label}",
            kind="redo",
            target=target.seq,
        )
        for step in history.steps(connection, target.seq):
            _demand_unchanged(work, step, step.before)
            work.put_wire(step.record_type, step.record, step.after)
        return _finished(work)


def _finished(work: Work) -> Changes:
    """Write the log of a step back or forth; records that are read only by now stay as they are."""
    changes = work.finish()
    demand_writable(work.connection, changes)
    return changes


def _demand_unchanged(work: Work, step: history.Step, expected: dict[str, Any] | None) -> None:
    """Refuse to step over somebody's later change; a record not yet born counts as one in the bin."""
    held = work.wire(step.record_type, step.record)
    absent = held is None or DELETED in held
    if held == expected or (expected is None and absent):
        return
    known = RECORD_TYPES[step.record_type]
    label = known.heading_of(held or expected or {})
    raise Refusal([Problem("", "changed-since", {"label": label})])


def keep_draft(desk: Desk, *, record_type: str, record_id: uuid.UUID, body: dict[str, Any]) -> None:
    """Keep what stands in a form, valid or not; no command, no step of undo."""
    with writing(desk.store) as connection:
        drafts.keep(connection, record=record_id, record_type=record_type, body=body, at=desk.clock())


def drop_draft(desk: Desk, *, record_id: uuid.UUID) -> None:
    """Give up a draft."""
    with writing(desk.store) as connection:
        drafts.drop(connection, record_id)
