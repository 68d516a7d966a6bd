"""One round trip of sync: what a device sent is taken in, then it is told what it does not know yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from domain.pages import Full, Part
from domain.protocol import OLDEST_CLIENT, BatchAnswer, Notice, ScopeGrant, SyncAnswer, Want
from domain.scopes import PUBLIC
from server.accounts import blocks
from server.failpoints import failpoint
from server.records import grants, lineage
from server.records.people import people
from server.records.publishing import shows_any
from server.records.pull import pages
from server.records.push import demand_original, push
from server.sync import standing

if TYPE_CHECKING:
    import datetime as dt

    import psycopg

    from domain.pages import Page
    from domain.protocol import Person, SyncRequest
    from server.caller import Caller
    from server.records.grants import Granted
    from server.records.snapshots import Snapshots

TOO_OLD: Final = Notice("too-old", "本程序版本过旧，修改暂不能上传，请升级；本机的修改都还在")


def converse(
    connection: psycopg.Connection,
    caller: Caller,
    request: SyncRequest,
    now: dt.datetime,
    snapshots: Snapshots | None = None,
) -> tuple[SyncAnswer, dict[str, int]]:
    """Return the answer to a device, and the heads of the scopes that moved by what it sent.

    The connection is in no transaction.

    Batches are taken in first, each in a transaction of its own. A program that is too old may still read. Of
    a device that has seen what this server does not have, none is taken before it has heard of that: it is
    told which number comes next.

    Raises:
        Denied: 409 ``copied``, before anything is told: what the store says to have is another's.
        MalformedError: a batch is none.
    """
    known = standing.look(connection, caller)
    demand_original(known.last, request.sent)
    standing.note(connection, caller, known, request.build, now)
    granted = known.scopes
    now_ms = int(now.timestamp() * 1000)
    too_old = request.version < OLDEST_CLIENT
    batches = [] if too_old else request.batches
    lost = lineage.lost(connection, granted, request.wants)
    astray = bool(lost) or lineage.knows_another_epoch(granted, request.wants)
    pushed = push(connection, caller, granted, batches, now_ms, astray=astray, again=request.again)
    if astray and not any(one.expected >= 0 for one in pushed.answers):
        pushed.answers.append(BatchAnswer(known.last + 1, expected=known.last))
    notices = [TOO_OLD] if too_old else []
    answer = SyncAnswer(now_ms, batches=pushed.answers, notices=notices, trust=known.trust)
    answer.grants = grants.version(granted)
    if pushed.heads:
        counted = answer.grants != request.grants or any(want.count >= 0 for want in request.wants)
        granted = grants.scopes_of(connection, caller) if counted else grants.moved(granted, pushed.heads)
    wants = [_onward(want, pushed.answers) for want in request.wants]
    if answer.grants != request.grants:
        answer.scopes = [_told(connection, caller, scope, snapshots) for scope in granted]
        wants = wants or _first_wants(answer.scopes)
    answer.pages, answer.mended = pages(connection, caller, granted, wants, request.rows, lost=lost)
    answer.people = _people(connection, answer.pages, caller.device)
    if request.blocks:
        with connection.transaction():
            answer.blocks = blocks.grant(connection, caller, request.blocks, now)
            failpoint("blocks-given")
    failpoint("answered")
    return answer, {key: raised.after for key, raised in pushed.heads.items()}


def _onward(want: Want, answers: list[BatchAnswer]) -> Want:
    """Move a device past its own batches, if it has everything before them."""
    for answer in answers:
        if want.since == want.cursor == answer.before.get(want.scope):
            want.cursor = want.staged = answer.after[want.scope]
    return want


def _first_wants(told: list[ScopeGrant]) -> list[Want]:
    """Return what a device that has nothing would ask for next; a prepared copy it fetches by itself."""
    return [Want(one.scope, 0) for one in told if not one.snapshot]


def _told(
    connection: psycopg.Connection, caller: Caller, scope: Granted, snapshots: Snapshots | None
) -> ScopeGrant:
    """Describe a scope; whoever is told of his scopes may want a copy, so one is made if it is worth it.

    A copy is the same for everybody. An organisation with records of its own in the public catalogue is told
    of them in another way, so it takes pages.
    """
    told = ScopeGrant(scope.key, scope.writes, scope.label, scope.live)
    if snapshots:
        snapshots.wish(scope)
        shown = scope.key == PUBLIC and shows_any(connection, scope.number, caller.organisation)
        told.snapshot = 0 if shown else snapshots.newest(scope)
    return told


def _people(connection: psycopg.Connection, told: list[Page], device: int) -> list[Person]:
    """Return whose changes the pages hold; everybody knows himself."""
    devices = {row.device for page in told for row in page.rows if isinstance(row, Full | Part)}
    return list(people(connection, devices - {device}).values())
