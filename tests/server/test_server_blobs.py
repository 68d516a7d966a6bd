"""Attachments: resumed where they were cut, believed by their hash, seen by nobody else."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from obstore.store import LocalStore

from domain.protocol import CHUNK, Back, BlobOffer, Drop, unrolled
from domain.registry import wire_types
from server.accounts import server_keys
from server.attachments import byte_ranges
from server.attachments.blob_store import DamagedChunkError
from server.attachments.blobs import LARGEST, Blob, Blobs
from server.denials import Denied
from server.records import grants
from tests.server.talking import edit

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from server.caller import Caller
    from server.postgres.database import Database
    from tests.server.talking import Device

NOON = dt.datetime(2026, 3, 2, 4, tzinfo=dt.UTC)
MONTH = dt.timedelta(days=31)
CONTENT = hashlib.shake_128(b"any content").digest(2 * CHUNK + 77)
HASH = hashlib.sha256(CONTENT).digest()


@dataclass
class Shelf:
    """The attachments of a server with what a device does to bring one."""

    database: Database
    blobs: Blobs
    folder: Path

    def offer(self, caller: Caller, content: bytes = CONTENT, now: dt.datetime = NOON) -> list[int]:
        offered = BlobOffer(hashlib.sha256(content).digest(), len(content))
        return self.blobs.offer(caller, offered, now=now).missing

    def put(self, caller: Caller, number: int, content: bytes = CONTENT) -> None:
        chunk = content[number * CHUNK : (number + 1) * CHUNK]
        self.blobs.put(caller, hashlib.sha256(content).digest(), number, chunk, now=NOON)

    def bring(self, caller: Caller, content: bytes = CONTENT) -> None:
        for number in self.offer(caller, content):
            self.put(caller, number, content)

    def name(self, caller: Caller, kind: str = "a", sha256: bytes = HASH) -> None:
        """Let a record in one of the caller's scopes name the content."""
        with self.database.connection() as connection:
            scopes = grants.scopes_of(connection, caller)
            scope = next(one.number for one in scopes if one.key.startswith(kind))
            connection.execute(
                "INSERT INTO blob_ref (scope, sha256, type, pk, organisation) VALUES (%s, %s, 1, %s, %s)",
                (scope, sha256, uuid.uuid4(), caller.organisation),
            )

    def read(self, caller: Caller, sha256: bytes = HASH) -> bytes | None:
        found = self.blobs.find(caller, sha256)
        return b"".join(self.blobs.read(found, 0, found.size - 1)) if found else None

    def files(self) -> list[Path]:
        return [path for path in self.folder.rglob("*") if path.is_file()]


@pytest.fixture
def shelf(database: Database, tmp_path: Path) -> Shelf:
    with database.connection() as connection:
        keys = server_keys.ensure(connection)
    return Shelf(database, Blobs(database, LocalStore(tmp_path / "blobs", mkdir=True), keys), tmp_path)


def denial(deed: Callable[[], object]) -> tuple[int, str]:
    with pytest.raises(Denied) as denied:
        deed()
    return denied.value.status, denied.value.trouble.code


def test_what_goes_in_comes_out_for_who_sees_a_record_that_names_it(
    shelf: Shelf, callers: Callable[..., Caller]
) -> None:
    author = callers("broker")
    shelf.bring(author)
    assert shelf.read(author) is None  # no record names it yet
    shelf.name(author)
    assert shelf.read(author) == CONTENT
    assert shelf.read(callers("staff", like=author)) == CONTENT


def test_an_upload_goes_on_where_it_was_cut(shelf: Shelf, callers: Callable[..., Caller]) -> None:
    author = callers("broker")
    assert shelf.offer(author) == [0, 1, 2]
    shelf.put(author, 1)
    shelf.put(author, 1)
    assert shelf.offer(author) == [0, 2]
    shelf.put(author, 2)
    shelf.name(author)
    assert shelf.read(author) is None
    shelf.put(author, 0)
    assert shelf.offer(author) == []
    assert shelf.read(author) == CONTENT


def test_a_second_copy_costs_nothing(shelf: Shelf, callers: Callable[..., Caller]) -> None:
    author = callers("broker")
    shelf.bring(author)
    files = shelf.files()
    assert shelf.offer(callers("broker", like=author)) == []
    shelf.put(author, 0)
    assert shelf.files() == files


def test_another_organisation_can_neither_find_out_nor_claim(
    shelf: Shelf, callers: Callable[..., Caller]
) -> None:
    author, stranger = callers("broker"), callers("broker")
    shelf.bring(author)
    shelf.name(author)
    assert shelf.offer(stranger) == [0, 1, 2]  # as if it had never been here
    shelf.name(stranger)  # it claims the content by its hash
    assert shelf.read(stranger) is None
    assert shelf.read(author) == CONTENT


def test_no_role_reads_what_its_scopes_do_not_name(shelf: Shelf, callers: Callable[..., Caller]) -> None:
    author = callers("broker")
    shelf.bring(author)
    shelf.name(author, "u")  # kept to himself
    colleagues = [callers(role, like=author) for role in ("head", "staff", "administrator", "auditor")]
    outsiders = [callers(role) for role in ("broker", "authority", "administrator")]
    assert [shelf.read(one) for one in (*colleagues, *outsiders)] == [None] * 7
    assert shelf.read(author) == CONTENT


def test_a_submission_carries_files_of_both_sides(shelf: Shelf, callers: Callable[..., Caller]) -> None:
    staff, authority, other = callers("staff"), callers("authority"), callers("staff")
    shelf.bring(staff)
    shelf.name(staff, "s")
    assert shelf.read(authority) == CONTENT
    reply = b"approved"
    digest = hashlib.sha256(reply).digest()
    shelf.bring(authority, reply)
    with shelf.database.connection() as connection:
        connection.execute(
            "INSERT INTO blob_ref (scope, sha256, type, pk, organisation)"
            " SELECT number, %s, 2, %s, %s FROM scope WHERE key = %s",
            (digest, uuid.uuid4(), authority.organisation, f"s:{staff.organisation}"),
        )
    assert shelf.read(staff, digest) == reply
    assert shelf.read(other, digest) is None


def test_naming_a_hash_gives_nobody_the_authoritys_file(shelf: Shelf, devices: Callable[..., Device]) -> None:
    staff, authority = devices("staff"), devices("authority")
    theirs, ours = f"s:{staff.caller.organisation}", staff.agency
    shelf.bring(authority.caller)
    for scope in (theirs, ours):
        staff.born("attachment", {"name": "猜到的文件", "sha256": HASH.hex()}, scope=scope)
    assert shelf.read(staff.caller) is None
    assert shelf.read(authority.caller) is None, "what the agency named it would have had to bring"
    pk, version = authority.born("attachment", {"name": "批复", "sha256": HASH.hex()}, scope=theirs)
    assert shelf.read(staff.caller) == shelf.read(authority.caller) == CONTENT
    assert staff.send([edit("attachment", pk, version, name="批复（已阅）")]).verdicts == []
    assert shelf.read(staff.caller) == CONTENT, "an edit of the rest does not change whose file it is"
    staff.send([Drop(wire_types()["attachment"].number, pk, version + 1)])
    assert shelf.read(staff.caller) == CONTENT, "it can be taken out of the bin"
    changed = staff.send([Back(wire_types()["attachment"].number, pk, version + 2)])
    staff.send([edit("attachment", pk, unrolled(changed.versions)[0], sha256="0" * 64)])
    assert shelf.read(staff.caller) is None
    staff.send([edit("attachment", pk, staff.page(theirs).head, sha256=HASH.hex())])  # type: ignore[union-attr]
    assert shelf.read(staff.caller) is None, "now the agency names it"


def test_content_that_is_not_what_was_offered_is_thrown_away(
    shelf: Shelf, callers: Callable[..., Caller]
) -> None:
    author = callers("broker")
    shelf.offer(author)
    for number in (0, 1):
        shelf.put(author, number)
    wrong = bytes(77)
    assert denial(lambda: shelf.blobs.put(author, HASH, 2, wrong, now=NOON)) == (400, "wrong-hash")
    assert shelf.files() == []
    assert shelf.offer(author) == [0, 1, 2]


def test_a_chunk_that_comes_late_does_not_take_the_place_of_a_sound_one(
    shelf: Shelf, callers: Callable[..., Caller], monkeypatch: pytest.MonkeyPatch
) -> None:
    author = callers("broker")
    shelf.offer(author)
    for number in (0, 1):
        shelf.put(author, number)
    finish = shelf.blobs._finish

    def interrupted(held: Blob, now: dt.datetime) -> None:
        monkeypatch.setattr(shelf.blobs, "_finish", finish)
        shelf.blobs.put(author, HASH, 0, bytes(CHUNK), now=NOON)  # as long, but not what was sent
        finish(held, now)

    monkeypatch.setattr(shelf.blobs, "_finish", interrupted)
    shelf.put(author, 2)
    shelf.name(author)
    assert shelf.read(author) == CONTENT


def test_chunks_of_another_size_or_number_are_refused(shelf: Shelf, callers: Callable[..., Caller]) -> None:
    author = callers("broker")
    shelf.offer(author)
    for number, length in ((0, CHUNK - 1), (2, 78), (3, 1), (-1, CHUNK), (1 << 40, CHUNK)):
        chunk = bytes(length)
        refused = denial(partial(shelf.blobs.put, author, HASH, number, chunk, now=NOON))
        assert refused == (400, "malformed")
    unknown = hashlib.sha256(b"never offered").digest()
    assert denial(lambda: shelf.blobs.put(author, unknown, 0, b"x", now=NOON)) == (404, "unknown-blob")


def test_offers_that_cannot_be(shelf: Shelf, callers: Callable[..., Caller]) -> None:
    author = callers("broker")
    offers = (
        (BlobOffer(b"short", 1), (400, "malformed")),
        (BlobOffer(HASH, -1), (400, "malformed")),
        (BlobOffer(HASH, LARGEST + 1), (413, "too-large")),
    )
    for offered, answer in offers:
        assert denial(partial(shelf.blobs.offer, author, offered, now=NOON)) == answer
    shelf.offer(author)
    other_size = BlobOffer(HASH, 5)
    assert denial(lambda: shelf.blobs.offer(author, other_size, now=NOON)) == (400, "malformed")


def test_an_empty_file_is_whole_at_once(shelf: Shelf, callers: Callable[..., Caller]) -> None:
    author = callers("broker")
    assert shelf.offer(author, b"") == []
    shelf.name(author, sha256=hashlib.sha256(b"").digest())
    assert shelf.read(author, hashlib.sha256(b"").digest()) == b""


@pytest.mark.expects_warning("is damaged in the store")
def test_the_store_holds_nothing_readable_and_notices_exchanges(
    shelf: Shelf, callers: Callable[..., Caller]
) -> None:
    author = callers("broker")
    content = b"\x00" * CHUNK + b"\x01" * CHUNK
    shelf.bring(author, content)
    digest = hashlib.sha256(content).digest()
    shelf.name(author, sha256=digest)
    first, second = sorted(shelf.files(), key=lambda path: path.name)
    assert b"\x00" * 64 not in first.read_bytes()
    sealed = first.read_bytes()
    for wrong in (second.read_bytes(), sealed[:-1] + bytes([sealed[-1] ^ 1]), sealed[:-1], b""):
        first.write_bytes(wrong)
        with pytest.raises(DamagedChunkError):
            shelf.read(author, digest)
    first.write_bytes(sealed)
    assert shelf.read(author, digest) == content


@pytest.mark.expects_warning("is damaged in the store")
def test_what_the_store_lost_is_asked_for_again_and_no_more_than_that(
    shelf: Shelf, callers: Callable[..., Caller]
) -> None:
    author = callers("broker")
    shelf.bring(author)
    shelf.name(author)
    next(path for path in shelf.files() if path.name == "1").unlink()
    assert shelf.offer(author) == []  # nobody has noticed
    with pytest.raises(DamagedChunkError):
        shelf.read(author)
    damaged = shelf.blobs.find(author, HASH)
    assert damaged is not None
    assert [shelf.blobs.readable(damaged, at, at) for at in (0, CHUNK, 2 * CHUNK)] == [True, False, True]
    assert shelf.offer(callers("broker", like=author)) == [1]
    assert shelf.read(author) is None
    shelf.put(author, 1)
    assert shelf.read(author) == CONTENT
    assert shelf.offer(author) == []


@pytest.mark.expects_warning("is damaged in the store")
def test_a_store_that_was_away_for_a_while_has_lost_nothing(
    shelf: Shelf, callers: Callable[..., Caller], tmp_path: Path
) -> None:
    author = callers("broker")
    shelf.bring(author)
    shelf.name(author)
    (tmp_path / "blobs").rename(tmp_path / "away")
    with pytest.raises(DamagedChunkError):
        shelf.read(author)
    (tmp_path / "away").rename(tmp_path / "blobs")
    assert shelf.read(author) == CONTENT
    assert shelf.offer(author) == []
    assert shelf.read(author) == CONTENT


def test_pruning_takes_what_nothing_names_and_leaves_the_rest(
    shelf: Shelf, callers: Callable[..., Caller]
) -> None:
    author = callers("broker")
    shelf.bring(author)
    shelf.name(author)
    shelf.bring(author, b"nobody names this")
    shelf.offer(author, b"half done" * CHUNK)
    shelf.put(author, 0, b"half done" * CHUNK)
    assert shelf.blobs.prune(NOON) == []
    assert len(shelf.blobs.prune(NOON + MONTH)) == 2
    assert shelf.read(author) == CONTENT
    assert len(shelf.files()) == 3


def test_what_is_offered_again_is_kept_once_more_until_its_record_comes(
    shelf: Shelf, callers: Callable[..., Caller]
) -> None:
    author = callers("broker")
    shelf.bring(author)
    assert shelf.offer(author, now=NOON + MONTH) == []
    assert shelf.blobs.prune(NOON + MONTH) == []
    assert len(shelf.blobs.prune(NOON + 2 * MONTH)) == 1


@given(size=st.integers(1, 5_000), first=st.integers(0, 6_000), length=st.integers(0, 6_000))
def test_ranges_are_what_a_slice_is(size: int, first: int, length: int) -> None:
    content = bytes(index % 251 for index in range(size))
    header = f"bytes={first}-{first + length}"
    if first >= size:
        with pytest.raises(byte_ranges.RangeError):
            byte_ranges.asked(header, size)
        return
    told = byte_ranges.asked(header, size)
    assert told is not None
    assert content[told[0] : told[1] + 1] == content[first : first + length + 1]
    assert byte_ranges.asked(f"bytes={first}-", size) == (first, size - 1)
    tail = byte_ranges.asked(f"bytes=-{length + 1}", size)
    assert tail is not None
    assert content[tail[0] : tail[1] + 1] == content[-(length + 1) :]


@pytest.mark.parametrize("header", ["", "bytes=-", "bytes=5-2", "bytes=1-2,4-5", "items=0-1", "bytes=x-"])
def test_ranges_of_other_forms_mean_the_whole(header: str) -> None:
    assert byte_ranges.asked(header, 100) is None
