"""Does what a batch asks, within one transaction: reads and locks, judges, writes, and words the answer.

The versions of a scope are taken last, under a lock that lasts until the commit: what is visible up to a
version stays complete.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.protocol import AHEAD_MS, BatchAnswer, State, clock_at, runs
from domain.scopes import PUBLIC
from server.failpoints import failpoint
from server.records import declining, files, history, publishing, rows, stubs, versions
from server.records.batches import Birth
from server.records.judging import Judge

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from server.caller import Caller
    from server.postgres.together import Together
    from server.records.batches import Arrived, Judged
    from server.records.grants import Granted
    from server.records.rows import Key, Row
    from server.records.versions import Raised


def apply(
    writing: Together,
    caller: Caller,
    granted: Sequence[Granted],
    batch: Arrived,
    held: list[Row],
    *,
    now_ms: int,
) -> tuple[BatchAnswer, dict[str, Raised]]:
    """Judge a batch and write what stands; return the answer and what became of the scopes that moved.

    ``held`` are the records ``concerned``, locked. Births that are not among them are taken for new.

    Raises:
        psycopg.errors.UniqueViolation: a birth was not new.
    """
    connection = writing.connection
    keys = {scope.number: scope.key for scope in granted}
    held = [
        *held,
        *rows.load(connection, _public(granted), publishing.missing_copies(held, caller.organisation)),
    ]
    failpoint("push-read")
    judge = Judge(caller, granted, held, latest=clock_at(now_ms + AHEAD_MS))
    judged = judge.batch(batch)
    written = [*judged.made.values(), *judged.left.values()]
    written += declining.conflicts(connection, judged.declined, caller)
    written += _copies(judged, held, granted, caller)
    written += stubs.stubs(connection, written, caller)
    failpoint("push-judged")
    heads = versions.write(writing, written, held, judged.above)
    failpoint("push-counted")
    history.write(writing, caller, judged, written)
    files.note(connection, written, caller.organisation)
    final = {row.key: row.seq for row in judged.made.values()} | judged.held
    alike = [] if judged.verdicts or judged.moved else [n for n in heads if keys[n] != PUBLIC]
    answer = BatchAnswer(
        batch.number,
        runs([final[key] if key else 0 for key in judged.keys]),
        before={keys[number]: heads[number].before for number in alike},
        verdicts=judged.verdicts,
        after={keys[number]: heads[number].after for number in alike},
        heads={keys[number]: (raised.after, raised.mark) for number, raised in heads.items()},
    )
    return answer, {keys[number]: raised for number, raised in heads.items()}


def concerned(batch: Arrived, organisation: str, *, wary: bool) -> Iterable[Key]:
    """Yield the records of edits, of births only if ``wary``, and the public copies that they may have."""
    for action in batch.groups:
        for edit in action.ops:
            key = (edit.type, edit.pk)
            if rows.is_key(key) and (wary or not isinstance(edit, Birth)):
                yield key
                if publishing.may_have_copy(key):
                    yield publishing.copy_key(key, organisation)


def _copies(judged: Judged, held: list[Row], granted: Sequence[Granted], caller: Caller) -> list[Row]:
    made: list[Row] = []
    for public in _public(granted):
        shown = {row.key: row for row in held if row.scope == public}
        before = {row.key: row for row in held if row.scope != public and row.state != State.GONE}
        made += publishing.copies(judged, before, shown, public, caller.organisation)
    return made


def _public(granted: Sequence[Granted]) -> list[int]:
    """Return the number of the public catalogue's scope, if the caller has it."""
    return [scope.number for scope in granted if scope.key == PUBLIC]
