"""Files between two desks, over lines that break: nothing is sent twice but the broken piece."""

from __future__ import annotations

import hashlib
import random

import pytest

from desktop.models import file_copies
from desktop.models.tables import now_text
from desktop.sync.transport import Transport
from desktop.sync.troubles import OfflineError
from domain.protocol import CHUNK
from tests.offices import now


def content(size, seed=1):
    return random.Random(seed).randbytes(size)  # noqa: S311 - the same bytes each time


def attach(desk, body, **values):
    sha256 = desk.blobs.put(body)
    desk.put("attachment", name="合同.pdf", sha256=sha256, size=len(body), **values)
    return sha256


def state(desk, sha256):
    with desk.store.read() as connection:
        return file_copies.state(connection, desk.blobs, sha256)


def want(desk, sha256):
    with desk.store.write() as connection:
        file_copies.want(connection, sha256, now_text(now()))


class Cutting(Transport):
    """Breaks after so many pieces of files up or down, and counts them."""

    left = 1 << 30
    up = down = 0

    def ask(self, method, path, content=b"", *, headers=None):
        answer = super().ask(method, path, content, headers=headers)
        if method == "PUT":
            self.up += 1
            self._cut()
        return answer

    def pieces(self, path, *, headers, start):
        for piece in super().pieces(path, headers=headers, start=start):
            self.down += len(piece)
            yield piece
            if self.down >= CHUNK:
                self._cut()

    def _cut(self):
        self.left -= 1
        if self.left <= 0:
            raise OfflineError("cut")


def cutting(desk, pieces):
    line = Cutting(desk.office.line())
    line.left = pieces
    return line


@pytest.fixture
def desks(office):
    return office.desk(), office.desk()


@pytest.mark.parametrize("size", [1, 100, CHUNK, CHUNK + 1, 2 * CHUNK])
def test_a_file_reaches_whoever_wants_it(desks, size):
    first, second = desks
    body = content(size)
    sha256 = attach(first, body)
    first.sync()
    first.carry_files()
    second.sync()
    second.carry_files()
    assert state(second, sha256) == "there"  # nobody has asked for it
    want(second, sha256)
    assert state(second, sha256) == "coming"
    second.carry_files()
    assert state(second, sha256) == "here"
    assert second.blobs.get(sha256) == body
    assert second.blobs.parts(sha256) == 0


def test_a_file_that_is_not_there_yet_is_missing_and_comes_later(desks):
    first, second = desks
    sha256 = attach(first, content(100))
    first.sync()
    second.sync()
    want(second, sha256)
    second.carry_files()
    assert state(second, sha256) == "missing"
    first.carry_files()
    want(second, sha256)
    second.carry_files()
    assert state(second, sha256) == "here"


def test_a_broken_upload_sends_only_what_is_missing(desks):
    first, second = desks
    body = content(5 * CHUNK)
    sha256 = attach(first, body)
    first.sync()
    line = cutting(first, 3)
    with pytest.raises(OfflineError):
        first.carry_files(line)
    rest = cutting(first, 1 << 30)
    first.carry_files(rest)
    assert line.up + rest.up == 5
    second.sync()
    want(second, sha256)
    second.carry_files()
    assert second.blobs.get(sha256) == body


def test_a_broken_download_keeps_every_whole_piece(desks):
    first, second = desks
    body = content(5 * CHUNK + 17)
    sha256 = attach(first, body)
    first.sync()
    first.carry_files()
    second.sync()
    want(second, sha256)
    first_try = cutting(second, 3)
    with pytest.raises(OfflineError):
        second.carry_files(first_try)
    kept = second.blobs.parts(sha256)
    assert kept >= 2
    rest = cutting(second, 1 << 30)
    second.carry_files(rest)
    assert second.blobs.get(sha256) == body
    assert rest.down == len(body) - kept * CHUNK
    assert first_try.down + rest.down <= len(body) + CHUNK


def test_the_pieces_of_a_file_are_sealed_on_disk(desks):
    first, second = desks
    body = bytes(3 * CHUNK)
    sha256 = attach(first, body)
    first.sync()
    first.carry_files()
    second.sync()
    want(second, sha256)
    line = cutting(second, 3)
    with pytest.raises(OfflineError):
        second.carry_files(line)
    parts = list(second.blobs.folder.rglob(f"{sha256}.part*"))
    assert parts
    assert all(bytes(64) not in part.read_bytes() for part in parts)


def test_the_second_copy_of_a_content_costs_nothing(desks):
    first, second = desks
    body = content(3 * CHUNK)
    attach(first, body)
    first.sync()
    first.carry_files()
    attach(second, body)
    second.sync()
    line = cutting(second, 1 << 30)
    second.carry_files(line)
    assert line.up == 0


def test_small_files_go_first(desks):
    first, _ = desks
    large, small = attach(first, content(3 * CHUNK)), attach(first, content(10, seed=2))
    first.sync()
    with pytest.raises(OfflineError):
        first.carry_files(cutting(first, 2))
    with first.store.read() as connection:
        assert file_copies.to_send(connection) == (large, 3 * CHUNK)
    assert state(first, small) == "here"


def test_files_of_a_kept_record_come_by_themselves(desks):
    first, second = desks
    party = first.put("party", name="甲公司", kind="organisation")
    owner = {"owner_type": "party", "owner_id": str(party)}
    early = attach(first, content(10), **owner)
    first.sync()
    first.carry_files()
    second.sync()
    with second.store.write() as connection:
        file_copies.keep(connection, "party", party, kept=True, at=now_text(now()))
        assert file_copies.is_kept(connection, "party", party)
    late = attach(first, content(20), **owner)
    other = attach(first, content(30))
    first.sync()
    first.carry_files()
    second.sync()
    second.carry_files()
    assert [state(second, one) for one in (early, late, other)] == ["here", "here", "there"]


def test_an_altered_part_is_fetched_again_and_never_shown(desks):
    first, second = desks
    body = content(2 * CHUNK)
    sha256 = attach(first, body)
    first.sync()
    first.carry_files()
    second.sync()
    want(second, sha256)
    second.blobs.put_part(sha256, 0, content(CHUNK, seed=9))
    second.carry_files()
    assert state(second, sha256) == "missing"
    assert sha256 not in second.blobs
    want(second, sha256)
    second.carry_files()
    assert second.blobs.get(sha256) == body
    assert hashlib.sha256(second.blobs.get(sha256)).hexdigest() == sha256


def test_a_file_lost_on_this_device_stops_nothing(desks):
    first, _ = desks
    lost, kept = attach(first, content(10)), attach(first, content(20))
    first.sync()
    with first.store.write(applying=True) as connection:
        file_copies.discover(connection, first.blobs, now_text(now()))
    first.blobs._path(lost).unlink()
    first.carry_files()
    with first.store.read() as connection:
        assert file_copies.waiting(connection) == (0, 0)
    assert state(first, kept) == "here"


def test_records_go_before_files(desks):
    first, _ = desks
    attach(first, content(4 * CHUNK))
    first.sync()
    conversation = first.talk(cutting(first, 1 << 30))
    waits = iter([False, False, True, True, True, True])
    object.__setattr__(conversation.files, "interrupted", lambda: next(waits, True))
    assert conversation.files.turn() is True
    conversation.close()
    assert conversation.transport.up == 1
