"""Takes batches in: each once, in the order of its numbers, in one transaction, with a verdict on every edit.

A batch that was heard before gets the answer it got before. What a device no longer asks for is forgotten.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

import msgspec
import psycopg
from msgspec import Struct

from domain.protocol import BatchAnswer, encode
from server.denials import Denied
from server.frames import DAMAGES
from server.records.applying import apply
from server.records.batches import read_batch

if TYPE_CHECKING:
    from server.caller import Caller
    from server.postgres.database import Database
    from server.records.batches import Arrived

_read_answer: Final = msgspec.msgpack.Decoder(BatchAnswer).decode


class MalformedError(ValueError):
    """The bytes are no batch: a fault of the program that sent them."""


class Pushed(Struct):
    """The answers to batches, and the keys of the scopes that moved."""

    answers: list[BatchAnswer]
    moved: set[str]


def demand_original(database: Database, device: int, sent: int) -> None:
    """Make sure that a device knows all the batches it is known to have sent: else it is a copy of its store.

    Raises:
        Denied: 409 ``copied``.
    """
    with database.reading() as connection:
        found = connection.execute("SELECT last FROM device_batch WHERE device = %s", (device,)).fetchone()
    if found and sent < found[0]:
        raise _copied()


def push(database: Database, caller: Caller, batches: list[bytes], now_ms: int) -> Pushed:
    """Take batches in one after the other; the first that does not follow ends it.

    Raises:
        Denied: 409 ``copied``, a number was used for other bytes.
        MalformedError: the bytes are no batch.
        OverloadedError: no connection became free.
    """
    arrived = [_read(batch) for batch in batches]
    pushed = Pushed([], set())
    for batch, body in zip(arrived, batches, strict=True):
        answer, moved = _push_one(database, caller, batch, body, now_ms, heard=arrived[0].number)
        pushed.answers.append(answer)
        pushed.moved |= moved
        if answer.expected >= 0:
            break
    return pushed


def _read(body: bytes) -> Arrived:
    try:
        return read_batch(body)
    except DAMAGES as damaged:
        raise MalformedError(str(damaged)) from damaged


def _push_one(
    database: Database, caller: Caller, batch: Arrived, body: bytes, now_ms: int, *, heard: int
) -> tuple[BatchAnswer, set[str]]:
    """Take one batch in; births are taken for new, and looked up only when one proves not to be."""
    try:
        return _transaction(database, caller, batch, body, now_ms, heard=heard, wary=False)
    except psycopg.errors.UniqueViolation:
        return _transaction(database, caller, batch, body, now_ms, heard=heard, wary=True)


def _transaction(
    database: Database, caller: Caller, batch: Arrived, body: bytes, now_ms: int, *, heard: int, wary: bool
) -> tuple[BatchAnswer, set[str]]:
    digest = hashlib.sha256(body).digest()
    with database.connection() as connection:
        last = _lock_device(connection, caller.device)
        if batch.number <= last:
            return _repeated(connection, caller.device, batch.number, digest), set()
        if batch.number != last + 1:
            return BatchAnswer(batch.number, expected=last), set()
        answer, moved = apply(connection, caller, batch, now_ms, wary=wary)
        connection.execute(
            "DELETE FROM device_answer WHERE device = %s AND number < %s", (caller.device, heard)
        )
        connection.execute(
            "INSERT INTO device_answer (device, number, hash, answer) VALUES (%s, %s, %s, %s)",
            (caller.device, batch.number, digest, encode(answer)),
        )
        connection.execute(
            "UPDATE device_batch SET last = %s WHERE device = %s", (batch.number, caller.device)
        )
    return answer, moved


def _lock_device(connection: psycopg.Connection, device: int) -> int:
    """Return the last batch of a device; others of the device wait until the transaction ends."""
    asked = "SELECT last FROM device_batch WHERE device = %s FOR UPDATE"
    found = connection.execute(asked, (device,)).fetchone()
    if found is None:
        connection.execute("INSERT INTO device_batch (device) VALUES (%s) ON CONFLICT DO NOTHING", (device,))
        found = connection.execute(asked, (device,)).fetchone()
    return int(found[0]) if found else 0


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
