"""A million records by eight writers at once, and a reader beside them who must miss none."""

from __future__ import annotations

import datetime as dt
import threading
import uuid
from typing import TYPE_CHECKING, Any

from domain import protocol
from domain.pages import Full, Part
from domain.protocol import Batch, Group, New, SyncAnswer, SyncRequest, Want
from domain.registry import wire_types
from server.sync.conversation import converse

if TYPE_CHECKING:
    from server.caller import Caller

ROWS = 1_000_000
WRITERS = 8
BATCH = 250
PARTY = wire_types()["party"]


def test_a_reader_beside_eight_writers_misses_nothing(bench):
    reader = bench.enrol("staff")
    writers = [bench.enrol("staff", like=reader) for _ in range(WRITERS)]
    written: list[set[bytes]] = [set() for _ in writers]
    threads = [
        threading.Thread(target=write, args=(bench, writer, made))
        for writer, made in zip(writers, written, strict=True)
    ]
    for thread in threads:
        thread.start()
    seen: set[bytes] = set()
    cursor = 0
    while any(thread.is_alive() for thread in threads) or cursor < head(bench, reader, cursor):
        cursor = read(bench, reader, cursor, seen)
    for thread in threads:
        thread.join()
    cursor = read(bench, reader, cursor, seen)
    assert len(seen) == ROWS // (WRITERS * BATCH) * WRITERS * BATCH
    assert seen == set().union(*written)


def write(bench, writer: Caller, made: set[bytes]) -> None:
    body: list[Any] = [None] * len(PARTY.fields)
    body[PARTY.places["name"]], body[PARTY.places["kind"]] = "甲公司", "organisation"
    while body[-1] is None:
        body.pop()
    for number in range(1, ROWS // (WRITERS * BATCH) + 1):
        ids = [uuid.uuid4().bytes for _ in range(BATCH)]
        group = Group(protocol.clock_at(number), [New(PARTY.number, pk, body) for pk in ids])
        ask(bench, writer, batches=[protocol.encode(Batch(number, [group]))], sent=number)
        made.update(ids)


def read(bench, reader: Caller, cursor: int, seen: set[bytes]) -> int:
    """Take one page; return the cursor after it."""
    answer = ask(bench, reader, wants=[Want(f"a:{reader.organisation}", cursor)])
    for page in answer.pages:
        seen.update(row.pk for row in page.rows if isinstance(row, Full | Part))
        seen.update(pk for sheaf in page.sheaves for pk in sheaf.pks)
        cursor = page.until
    return cursor


def head(bench, reader: Caller, cursor: int) -> int:
    answer = ask(bench, reader, wants=[Want(f"a:{reader.organisation}", cursor)], rows=1)
    return max((page.head for page in answer.pages), default=cursor)


def ask(bench, caller: Caller, *, sent: int = 0, **parts) -> SyncAnswer:
    request = SyncRequest(protocol.PROTOCOL_VERSION, "test", 0, 0, sent=sent, **parts)
    with bench.database.reading() as connection:
        answer, _ = converse(connection, caller, request, dt.datetime.now(dt.UTC))
    return answer
