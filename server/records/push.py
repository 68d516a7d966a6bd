"""Takes batches in: each once, in the order of its numbers, in one transaction, with a verdict on every edit.

A batch that was heard before gets the answer it got before. What a device no longer asks for is forgotten.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec
import psycopg
from msgspec import Struct

from domain.protocol import FLIGHTS_AT_MOST, BatchAnswer, encode
from server.denials import Denied
from server.failpoints import failpoint
from server.frames import DAMAGES
from server.postgres.together import Together
from server.records import grants
from server.records.applying import apply, concerned
from server.records.batches import read_batch
from server.records.rows import load_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from server.caller import Caller
    from server.records.batches import Arrived
    from server.records.grants import Granted
    from server.records.versions import Raised

_FORGET: Final = "DELETE FROM device_answer WHERE device = %s AND number < %s"
_KEEP: Final = "INSERT INTO device_answer (device, number, hash, answer) VALUES (%s, %s, %s, %s)"
_COUNT: Final = """
    INSERT INTO device_batch (last, device) VALUES (%s, %s)
    ON CONFLICT (device) DO UPDATE SET last = excluded.last
"""
_GREATEST: Final = 1 << 53
"""A greater number of a batch no program has counted to."""
_read_answer: Final = msgspec.msgpack.Decoder(BatchAnswer).decode


class MalformedError(ValueError):
    """The bytes are no batch: a fault of the program that sent them."""


class Pushed(Struct):
    """The answers to batches, and what became of the scopes that moved, by their keys."""

    answers: list[BatchAnswer]
    heads: dict[str, Raised]


def demand_original(last: int, sent: int) -> None:
    """Make sure that a device knows all the batches it is known to have sent: else it is a copy of its store.

    Raises:
        Denied: 409 ``copied``.
    """
    if sent < last:
        raise _copied()


def push(
    connection: psycopg.Connection,
    caller: Caller,
    granted: Sequence[Granted],
    batches: list[bytes],
    now_ms: int,
    *,
    astray: bool = False,
    again: bool = False,
) -> Pushed:
    """Take batches in one after the other; the first that does not follow ends it.

    Of a device that is ``astray`` none is taken: it has seen what this server does not have, so what its
    edits stand on means something else here. It hears what became of those that were taken before.

    What is sent ``again`` is looked for in all scopes of his organisation: whoever was told of it may
    have handed it on, to where its author does not see it.

    Raises:
        Denied: 409 ``copied``, a number was used for other bytes.
        MalformedError: the bytes are no batch.
    """
    arrived = [_read(batch) for batch in batches]
    heard = arrived[0].number - FLIGHTS_AT_MOST if arrived else 0
    pushed = Pushed([], {})
    for batch, body in zip(arrived, batches, strict=True):
        transaction = _Transaction(connection, caller, granted, batch, body, now_ms, heard, astray, again)
        answer, heads = transaction.run()
        pushed.answers.append(answer)
        pushed.heads |= heads
        if answer.expected >= 0:
            break
    return pushed


def _read(body: bytes) -> Arrived:
    try:
        batch = read_batch(body)
    except DAMAGES as damaged:
        raise MalformedError(str(damaged)) from damaged
    if batch.number > _GREATEST:
        raise MalformedError(str(batch.number))
    return batch


@dataclass(frozen=True, slots=True)
class _Transaction:
    """One batch on its way in; ``heard`` is the lowest number whose answer its device may still ask for.

    Of a device that is ``astray`` it is only looked up. What is sent ``again`` is looked for everywhere.
    """

    connection: psycopg.Connection
    caller: Caller
    granted: Sequence[Granted]
    batch: Arrived
    body: bytes
    now_ms: int
    heard: int
    astray: bool
    again: bool

    def run(self) -> tuple[BatchAnswer, dict[str, Raised]]:
        """Take the batch in; births are taken for new, and looked up only when one proves not to be.

        So is a device's first batch: of two that come at once the second finds the answer of the first.
        """
        if self.again:
            return self._attempt(wary=True)
        try:
            return self._attempt(wary=False)
        except psycopg.errors.UniqueViolation:
            return self._attempt(wary=True)

    def _attempt(self, *, wary: bool) -> tuple[BatchAnswer, dict[str, Raised]]:
        digest = hashlib.sha256(self.body).digest()
        connection, batch, device = self.connection, self.batch, self.caller.device
        scopes = {scope.number for scope in self.granted}
        with connection.transaction():
            if self.again:
                scopes |= grants.scopes_of_organisation(connection, self.caller)
            wanted = concerned(batch, self.caller.organisation, wary=wary)
            last, held = load_for(connection, device, batch.before, sorted(scopes), wanted)
            if batch.number <= last:
                return _repeated(connection, device, batch.number, digest), {}
            if batch.before != last or self.astray:
                return BatchAnswer(batch.number, expected=last), {}
            writing = Together(connection)
            answer, heads = apply(writing, self.caller, self.granted, batch, held, now_ms=self.now_ms)
            writing.add(_FORGET, [device, self.heard])
            writing.add(_KEEP, [device, batch.number, digest, encode(answer)])
            writing.add(_COUNT, [batch.number, device])
            writing.run()
            failpoint("push-written")
        failpoint("push-committed")
        return answer, heads


def _repeated(connection: psycopg.Connection, device: int, number: int, digest: bytes) -> BatchAnswer:
    """Return the answer to a batch that was heard; other bytes under its number are another store's."""
    found = connection.execute(
        "SELECT answer FROM device_answer WHERE device = %s AND number = %s AND hash = %s",
        (device, number, digest),
    ).fetchone()
    if found is None:
        raise _copied()
    return _read_answer(found[0])


def _copied() -> Denied:
    return Denied(409, "copied", "本机数据是从备份恢复或复制来的，将作为一台新设备继续同步；修改都还在")
