"""Files between two desks, over lines that break: nothing is sent twice but the broken piece."""

from __future__ import annotations

import datetime as dt
import hashlib
import random
import tracemalloc

import pytest

from desktop.models import file_copies, sync_state
from desktop.models.file_copies import Errand
from desktop.models.incoming import restarts
from desktop.models.tables import now_text
from desktop.sync.files import ASK_AGAIN
from desktop.sync.transport import Transport
from desktop.sync.troubles import OfflineError
from domain.protocol import CHUNK
from tests import offices
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
        file_copies.want(connection, desk.blobs, sha256, now_text(now()))


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
    assert [path.name for path in second.blobs.folder.glob("*/*")] == [sha256]


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
    kept = second.blobs.coming(sha256).count
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
        assert file_copies.next_errand(connection) == Errand(large, 3 * CHUNK, sends=True)
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
    second.blobs.coming(sha256).add(content(CHUNK, seed=9), last=False)
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


def sent(desk):
    """Carry what there is to carry; return how many pieces went up."""
    line = cutting(desk, 1 << 30)
    desk.carry_files(line)
    return line.up


def next_errand(desk):
    with desk.store.read() as connection:
        return file_copies.next_errand(connection)


def test_a_small_file_to_fetch_goes_before_a_large_one_to_send(desks):
    first, second = desks
    small = attach(first, content(10))
    first.sync()
    first.carry_files()
    second.sync()
    large = attach(second, content(2 * CHUNK, seed=2))
    want(second, small)
    second.carry_files(cutting(second, 1 << 30))
    with second.store.write(applying=True) as connection:
        file_copies.note(connection, small, here=0, there=1, wanted=file_copies.ASKED, size=10)
        file_copies.note(connection, large, there=0)
    assert next_errand(second) == Errand(small, 10, sends=False)


def test_above_a_size_files_travel_only_when_they_are_asked_for(desks):
    first, second = desks
    party = first.put("party", name="甲公司", kind="organisation")
    owner = {"owner_type": "party", "owner_id": str(party)}
    small, large = attach(first, content(10), **owner), attach(first, content(1000, seed=2), **owner)
    for desk in desks:
        with desk.store.write() as connection:
            file_copies.set_largest(connection, 999)
    first.sync()
    assert sent(first) == 1
    want(first, large)
    assert sent(first) == 1
    second.sync()
    with second.store.write() as connection:
        file_copies.keep(connection, "party", party, kept=True, at=now_text(now()))
    assert [state(second, one) for one in (small, large)] == ["coming", "there"]
    second.carry_files()
    assert [state(second, one) for one in (small, large)] == ["here", "there"]
    want(second, large)
    assert state(second, large) == "coming"
    second.carry_files()
    assert state(second, large) == "here"
    with first.store.write() as connection:
        file_copies.set_largest(connection, None)
        assert file_copies.largest(connection) is None


def test_a_damaged_file_is_fetched_anew(desks):
    first, _ = desks
    body = content(CHUNK + 5)
    sha256 = attach(first, body)
    first.sync()
    first.carry_files()
    first.blobs._path(sha256).write_bytes(b"damaged")
    with first.store.write() as connection:
        file_copies.give_up(connection, first.blobs, sha256, now_text(now()))
    assert state(first, sha256) == "coming"
    first.carry_files()
    assert first.blobs.get(sha256) == body


def test_a_file_damaged_before_it_was_sent_comes_back_from_another_device(desks):
    first, second = desks
    body = content(2 * CHUNK)
    sha256 = attach(first, body)
    first.sync()
    first.blobs._path(sha256).write_bytes(b"damaged")
    first.carry_files()
    assert state(first, sha256) == "missing"
    second.sync()
    attach(second, body)
    second.carry_files()
    want(first, sha256)
    first.carry_files()
    assert first.blobs.get(sha256) == body


def test_the_server_is_asked_now_and_then_whether_it_still_has_a_file(desks):
    first, _ = desks
    kept, gone = attach(first, content(10)), attach(first, content(20, seed=2))
    first.sync()
    first.carry_files()
    with first.office.app.state.database.connection() as connection:
        connection.execute("DELETE FROM blob WHERE sha256 = %s", (bytes.fromhex(gone),))
    assert sent(first) == 0
    with first.store.write(applying=True) as connection:
        long_ago = now_text(now() - ASK_AGAIN - dt.timedelta(hours=1))
        for sha256 in (kept, gone):
            file_copies.note(connection, sha256, touched=long_ago)
    assert sent(first) == 1
    assert next_errand(first) is None


def test_a_server_restored_from_a_backup_is_given_the_files_again(desks):
    first, _ = desks
    sha256 = attach(first, content(10))
    first.sync()
    first.carry_files()
    with first.office.app.state.database.connection() as connection:
        connection.execute("DELETE FROM blob")
    with first.store.write(applying=True) as connection:
        scope = sync_state.scopes(connection)[0]
        restarts.begin(connection, scope, scope.epoch + 1)
    assert next_errand(first) == Errand(sha256, 10, sends=True)
    assert sent(first) == 1


@pytest.mark.loopback
def test_of_a_large_file_no_more_than_some_pieces_are_in_memory_on_either_side(desks):
    first, second = desks
    sha256 = attach(first, content(24 * CHUNK))
    first.sync()
    second.sync()
    want(second, sha256)
    with offices.listening(first.office.app, lifespan="off") as port:
        for desk in desks:
            tracemalloc.start()
            desk.carry_files(Transport.to(f"http://127.0.0.1:{port}", ""))
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            assert peak < 12 * CHUNK
    assert state(second, sha256) == "here"
