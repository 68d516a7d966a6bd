"""One round trip of sync: what a device sent is taken in, then it is told what it does not know yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from domain.protocol import OLDEST_CLIENT, Full, Notice, Part, ScopeGrant, SyncAnswer
from server.accounts import blocks, trust_list
from server.records import grants
from server.records.people import people
from server.records.pull import pages
from server.records.push import Pushed, demand_original, push

if TYPE_CHECKING:
    import datetime as dt

    import psycopg

    from domain.protocol import BatchAnswer, Page, Person, SyncRequest, Want
    from server.caller import Caller
    from server.postgres.database import Database
    from server.records.grants import Granted
    from server.records.snapshots import Snapshots

TOO_OLD: Final = Notice("too-old", "本程序版本过旧，修改暂不能上传，请升级；本机的修改都还在")
_SEEN: Final = """
    UPDATE device SET seen_at = %(now)s, build = %(build)s WHERE number = %(device)s
    AND (seen_at IS NULL OR seen_at < %(now)s - interval '1 minute' OR build <> %(build)s)
"""
_LONGEST_BUILD: Final = 60


def converse(
    database: Database,
    caller: Caller,
    request: SyncRequest,
    now: dt.datetime,
    snapshots: Snapshots | None = None,
) -> tuple[SyncAnswer, set[str]]:
    """Return the answer to a device, and the keys of the scopes that moved by what it sent.

    Batches are taken in first, each in a transaction of its own. A program that is too old may still read.

    Raises:
        Denied: 409 ``copied``, before anything is told: what the store says to have is another's.
        MalformedError: a batch is none.
        OverloadedError: no connection became free.
    """
    demand_original(database, caller.device, request.sent)
    now_ms = int(now.timestamp() * 1000)
    too_old = request.version < OLDEST_CLIENT
    pushed = Pushed([], set()) if too_old else push(database, caller, request.batches, now_ms)
    answer = SyncAnswer(now_ms, batches=pushed.answers, notices=[TOO_OLD] if too_old else [])
    wants = [_onward(want, pushed.answers) for want in request.wants]
    with database.reading() as connection:
        granted = grants.scopes_of(connection, caller)
        answer.grants = grants.version(granted)
        if answer.grants != request.grants:
            answer.scopes = [_told(scope, snapshots) for scope in granted]
        answer.pages, answer.mended = pages(connection, caller, granted, wants, request.rows)
        answer.people = _people(connection, answer.pages, caller.device)
        answer.trust = trust_list.version(connection)
        seen = {
            "now": now,
            "build": request.build[:_LONGEST_BUILD].replace("\0", ""),
            "device": caller.device,
        }
        connection.execute(_SEEN, seen)
    if request.blocks:
        with database.connection() as connection:
            answer.blocks = blocks.grant(connection, caller, request.blocks, now)
    return answer, pushed.moved


def _onward(want: Want, answers: list[BatchAnswer]) -> Want:
    """Move a device past its own batches, if it has everything before them."""
    for answer in answers:
        if want.since == want.cursor == answer.before.get(want.scope):
            want.cursor = want.staged = answer.after[want.scope]
    return want


def _told(scope: Granted, snapshots: Snapshots | None) -> ScopeGrant:
    """Describe a scope; whoever is told of his scopes may want a copy, so one is made if it is worth it."""
    told = ScopeGrant(scope.key, scope.writes, scope.label, scope.live)
    if snapshots:
        told.snapshot = snapshots.newest(scope)
        snapshots.wish(scope)
    return told


def _people(connection: psycopg.Connection, told: list[Page], device: int) -> list[Person]:
    """Return whose changes the pages hold; everybody knows himself."""
    devices = {row.device for page in told for row in page.rows if isinstance(row, Full | Part)}
    return list(people(connection, devices - {device}).values())
