"""The doors of sync as a device knocks at them: round trips, history, and copies for new devices."""

from __future__ import annotations

import datetime as dt
import errno
import os
import shutil
import struct
import uuid

import msgspec
import pytest

from domain import sheaves
from domain.pages import Page
from domain.protocol import (
    Batch,
    BlockRequest,
    Drop,
    Group,
    Move,
    Publish,
    SyncRequest,
    Want,
    clock_at,
    decode_answer,
    encode,
    unrolled,
)
from domain.registry import wire_types
from server import frames
from server.operations import upkeep
from tests.backups import Backup
from tests.server.talking import ACHIEVEMENT, NOW, PARTY, edit, new


def post(server, device, body):
    return server.post("/v1/sync", content=body, headers=bearer(device))


def bearer(device):
    return {"Authorization": f"Bearer {device.caller.device}"}


def speak(server, device, *groups, **told):
    batches = []
    if groups:
        device.number += 1
        batches = [encode(Batch(device.number, [Group(clock_at(NOW), list(ops)) for ops in groups]))]
    request = SyncRequest(1, "0.1.0", 1, NOW, batches, sent=device.number, **told)
    answer = post(server, device, frames.pack(encode(request)))
    assert answer.status_code == 200, answer.text
    return decode_answer(frames.unpack(answer.content))


def test_one_round_trip_carries_edits_up_and_news_down(server, devices):
    me = devices()
    you = devices(like=me)
    you.born("party", PARTY)
    answer = speak(server, me, [new("party", PARTY)], wants=[Want(me.agency, 0)])
    assert unrolled(answer.batches[0].versions) == [2]
    assert [row.version for row in answer.pages[0].rows] == [1, 2]
    assert [person.name for person in answer.people] == [you.caller.name]
    assert {scope.scope: (scope.writes, scope.count) for scope in answer.scopes} == {
        me.agency: (True, 2),
        f"t:{me.caller.organisation}": (False, 0),
        f"u:{me.caller.account}": (True, 0),
        "p": (False, 0),
    }
    again = speak(server, me, wants=[Want(me.agency, 2, answer.pages[0].epoch)], grants=answer.grants)
    assert (again.scopes, again.pages, again.people) == (None, [], [])


def test_a_device_that_names_no_scope_gets_the_first_pages_with_its_scopes(server, devices):
    me = devices()
    me.send(*([new("party", PARTY)] for _ in range(3)))
    copies = server.app.state.snapshots
    copies._least = 3
    first = speak(server, me)
    assert {page.scope: len(page.rows) for page in first.pages} == {
        one.scope: one.count for one in first.scopes
    }
    copies.wait()
    second = speak(server, me)
    assert me.agency not in {page.scope for page in second.pages}, "the copy brings it"
    assert len(second.pages) == len(second.scopes) - 1
    assert speak(server, me, grants=first.grants).pages == []


def test_a_device_that_has_everything_goes_on_after_its_own_batch(server, devices):
    me = devices()
    answer = speak(server, me, [new("party", PARTY)], [new("party", PARTY)], wants=[Want(me.agency, 0)])
    assert answer.batches[0].after == {me.agency: 2}
    (page,) = answer.pages
    assert (page.since, page.until, page.rows) == (2, 2, [])
    behind = speak(server, me, [new("party", PARTY)], wants=[Want(me.agency, 1, page.epoch)])
    assert [(page.since, len(page.rows)) for page in behind.pages] == [(1, 2)]


def test_nothing_changed_is_a_small_answer(server, devices):
    me = devices()
    first = speak(server, me, [new("party", PARTY)])
    pages = speak(server, me, wants=[Want(scope.scope, 0) for scope in first.scopes]).pages
    wants = [Want(page.scope, page.until, page.epoch) for page in pages]
    assert len(wants) == 4
    request = SyncRequest(1, "0.1.0", 1, NOW, wants=wants, grants=first.grants, sent=1)
    body = frames.pack(encode(request))
    answer = post(server, me, body)
    head = sum(len(name) + len(value) + 4 for name, value in answer.headers.items())
    assert len(answer.content) < 40
    assert len(body) < 230
    assert head < 130


@pytest.mark.parametrize("body", [b"", b"x" * 50, frames.pack(b"x"), frames.pack(b"\x91" * 200_000)])
def test_bytes_that_are_no_request_are_turned_away(server, devices, body):
    answer = post(server, devices(), body)
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")


def test_a_batch_that_is_none_is_turned_away(server, devices):
    me = devices()
    answer = post(server, me, frames.pack(encode(SyncRequest(1, "x", 1, NOW, [b"\xc1"]))))
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")


def test_a_bomb_is_turned_away_before_it_is_opened(server, devices):
    bomb = frames.pack(bytes(65 << 20))
    assert len(bomb) < 10_000
    assert post(server, devices(), bomb).status_code == 400


def test_a_copied_store_is_told_before_anything_else(server, devices):
    me = devices()
    speak(server, me, [new("party", PARTY)])
    answer = post(server, me, frames.pack(encode(SyncRequest(1, "x", 1, NOW, wants=[Want(me.agency, 0)]))))
    assert (answer.status_code, answer.json()["code"]) == (409, "copied")


def test_a_stranger_is_turned_away(server):
    answer = server.post("/v1/sync", content=b"")
    assert (answer.status_code, answer.json()["code"]) == (401, "signed-out")


def test_a_program_that_is_too_old_may_still_read(server, devices):
    me = devices()
    me.born("party", PARTY)
    request = SyncRequest(0, "x", 1, NOW, [b"\xc1"], [Want(me.agency, 0)], sent=1)
    answer = decode_answer(frames.unpack(post(server, me, frames.pack(encode(request))).content))
    assert ([notice.code for notice in answer.notices], answer.batches) == (["too-old"], [])
    assert len(answer.pages[0].rows) == 1


def test_numbers_are_given_with_the_answer(server, devices):
    me = devices("staff")
    answer = speak(server, me, blocks=[BlockRequest("JJ2026", 0)])
    assert [block.series for block in answer.blocks] == ["JJ2026"]


def test_when_it_was_seen_and_with_what_is_kept_of_a_device(server, database, devices):
    me = devices()
    speak(server, me)
    with database.reading() as connection:
        row = connection.execute(
            "SELECT build, seen_at IS NOT NULL FROM device WHERE number = %s", (me.caller.device,)
        ).fetchone()
    assert row == ("0.1.0", True)


def test_a_busy_server_asks_to_come_again(server, database, devices):
    me = devices()
    with database.reading(), database.reading(), database.reading(), database.reading():
        database._pool.timeout = 0.05
        answer = post(server, me, b"")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert answer.json()["code"] == "busy"


@pytest.mark.expects_warning("discarding closed connection")
def test_a_database_that_is_just_not_there_asks_to_come_again(server, database, devices):
    me = devices()
    with database.reading() as connection:
        connection.execute("SELECT set_config('x.y', 'z', false)")
        with database.reading() as other:
            other.execute("SELECT pg_terminate_backend(%s)", (connection.info.backend_pid,))
    states = {post(server, me, b"").status_code for _ in range(6)}
    assert states <= {400, 503}
    assert post(server, me, b"").status_code == 400


def test_health(server, database):
    assert server.get("/healthz").text == "ok"
    assert server.get("/readyz").status_code == 200
    with database.reading(), database.reading(), database.reading(), database.reading():
        database._pool.timeout = 0.05
        assert server.get("/readyz").status_code == 503


# ── history ─────────────────────────────────────────────────────────────────────────────────────


def history(server, device, record_type, pk):
    return server.get(f"/v1/history/{record_type}/{uuid.UUID(bytes=pk)}", headers=bearer(device))


def test_the_history_of_a_record(server, devices):
    me = devices()
    you = devices(like=me)
    me.born("party", PARTY)
    pk, version = me.born("party", PARTY)
    you.send([edit("party", pk, version, address="乙地")])
    me.send([edit("party", pk, 3, address="甲地")], [Drop(new("party", PARTY).type, pk, 4)])
    lines = history(server, me, "party", pk).json()
    assert [(line["action"], line["by"], line["device"]) for line in lines] == [
        ("birth", me.caller.name, me.caller.label),
        ("set", you.caller.name, you.caller.label),
        ("set", me.caller.name, me.caller.label),
        ("drop", me.caller.name, me.caller.label),
    ]
    assert [(line["before"], line["after"]) for line in lines[1:3]] == [
        ({"address": None}, {"address": "乙地"}),
        ({"address": "乙地"}, {"address": "甲地"}),
    ]


def test_the_history_tells_what_was_shown_and_moved(server, devices):
    me = devices()
    pk, _ = me.born("achievement", ACHIEVEMENT)
    kind, mine = new("achievement", ACHIEVEMENT).type, f"u:{me.caller.account}"
    me.send([Publish(kind, pk, True)], [Publish(kind, pk, False)], [Move(kind, pk, 1, mine)])
    lines = history(server, me, "achievement", pk).json()
    # The birth is told in the scope that the record has left.
    assert [line["action"] for line in lines] == ["publish", "hide", "move"]


def test_the_history_is_for_those_who_may_read_the_record(server, devices):
    me, stranger = devices(), devices()
    pk, _ = me.born("party", PARTY)
    assert history(server, stranger, "party", pk).status_code == 404
    assert history(server, me, "nothing", pk).status_code == 404
    assert server.get("/v1/history/party/xyz", headers=bearer(me)).status_code == 404


# ── copies for new devices ──────────────────────────────────────────────────────────────────────


def read_copy(content):
    pages = []
    while content:
        (length,) = struct.unpack_from(">I", content)
        pages.append(msgspec.msgpack.decode(frames.unpack(content[4 : 4 + length]), type=Page))
        content = content[4 + length :]
    return pages


def test_a_new_device_takes_a_copy_and_goes_on_from_there(server, devices, monkeypatch):
    me = devices()
    me.send(*([new("party", PARTY)] for _ in range(7)))
    copies = server.app.state.snapshots
    copies._least = 5
    monkeypatch.setattr("server.records.snapshots.PAGE_ROWS", 3)
    monkeypatch.setattr(sheaves, "FEWEST", 3)
    speak(server, me)
    copies.wait()
    (told,) = [scope for scope in speak(server, me).scopes if scope.scope == me.agency]
    assert told.snapshot == 7
    url = f"/v1/snapshots/{me.agency}/7"
    whole = server.get(url, headers=bearer(me))
    pages = read_copy(whole.content)
    assert [[sheaf.versions for sheaf in page.sheaves] for page in pages] == [[[1, 2, 3]], [[4, 5, 6]], []]
    assert [[row.version for row in page.rows] for page in pages] == [[], [], [7]]
    part = server.get(url, headers={**bearer(me), "Range": "bytes=10-"})
    assert (part.status_code, part.content) == (206, whole.content[10:])
    assert server.get(url, headers=bearer(devices())).status_code == 404
    assert server.get(f"/v1/snapshots/{me.agency}/6", headers=bearer(me)).status_code == 404


def test_a_copy_is_made_anew_when_much_has_changed_and_old_ones_go(server, devices):
    me = devices()
    copies = server.app.state.snapshots
    copies._least = 1
    made = []
    for count in (10, 1, 3, 4):
        me.send(*([new("party", PARTY)] for _ in range(count)))
        speak(server, me)
        copies.wait()
        (told,) = [scope for scope in speak(server, me).scopes if scope.scope == me.agency]
        made.append(told.snapshot)
    assert made == [10, 10, 14, 18]
    assert len(list(copies._folder.iterdir())) == 2


def test_copies_from_before_a_restore_are_not_handed_out(server, devices, database):
    me = devices()
    copies = server.app.state.snapshots
    copies._least = 1
    me.born("party", PARTY)
    backup = Backup(database)
    for _ in range(2):
        me.born("party", PARTY)
    speak(server, me)
    copies.wait()
    (old,) = copies._folder.iterdir()
    assert [one.snapshot for one in speak(server, me).scopes if one.scope == me.agency] == [3]
    shutil.copy(old, old.with_name(old.name.replace("-3.", "-2.")))
    backup.restore(told=False)
    me.number = 1
    assert [one.snapshot for one in speak(server, me).scopes if one.scope == me.agency] == [0]
    copies.wait()
    assert [one.snapshot for one in speak(server, me).scopes if one.scope == me.agency] == [1]
    with database.connection() as connection:
        upkeep.restored(connection, now=dt.datetime.now(dt.UTC))
    speak(server, me)
    copies.wait()
    (left,) = copies._folder.iterdir()
    assert left.name.split("-")[1] != old.name.split("-")[1]


@pytest.mark.expects_warning("could not be made")
def test_a_fault_in_one_copy_stops_no_other(server, devices, monkeypatch):
    me = devices()
    copies = server.app.state.snapshots
    copies._least = 1
    me.born("party", PARTY)
    with monkeypatch.context() as broken:
        broken.setattr(copies, "make", lambda scope: {}[scope.key])
        speak(server, me)
        copies.wait()
    speak(server, me)
    copies.wait()
    assert [one.snapshot for one in speak(server, me).scopes if one.scope == me.agency] == [1]


@pytest.mark.expects_warning("could not be made")
def test_a_copy_for_which_the_disk_has_no_room_leaves_no_half(server, devices, monkeypatch):
    me = devices()
    copies = server.app.state.snapshots
    copies._least = 1
    me.born("party", PARTY)
    whole = copies._frames

    def full(scope):
        yield next(whole(scope))
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(copies, "_frames", full)
    speak(server, me)
    copies.wait()
    assert list(copies._folder.iterdir()) == []
    monkeypatch.setattr(copies, "_frames", whole)
    speak(server, me)
    copies.wait()
    assert [path.suffix for path in copies._folder.iterdir()] == [".pages"]


def test_half_a_copy_of_a_worker_that_died_goes_and_one_in_the_making_stays(server, devices):
    me = devices()
    copies = server.app.state.snapshots
    copies._least = 1
    dead, alive = copies._folder / "dead.new", copies._folder / "alive.new"
    for half in (dead, alive):
        half.write_bytes(b"half")
    os.utime(dead, (0, 0))
    me.born("party", PARTY)
    speak(server, me)
    copies.wait()
    assert (dead.exists(), alive.exists()) == (False, True)


def test_of_the_catalogue_there_is_a_copy_for_those_who_show_nothing_in_it(server, devices):
    me, stranger = devices(), devices()
    copies = server.app.state.snapshots
    copies._least = 1
    known = wire_types()["achievement"].number
    for _ in range(3):
        pk, _version = me.born("achievement", ACHIEVEMENT)
        me.send([Publish(known, pk, True)])
    speak(server, stranger)
    copies.wait()
    told = ({one.scope: one.snapshot for one in speak(server, who).scopes} for who in (me, stranger))
    assert [copies_of["p"] for copies_of in told] == [0, 3]
    (page,) = read_copy(server.get("/v1/snapshots/p/3", headers=bearer(stranger)).content)
    assert [row.pk for row in page.rows] == [row.pk for row in stranger.rows("p")]


@pytest.mark.expects_warning("a copy of scope")
def test_a_copy_that_cannot_be_made_harms_nobody(server, devices, monkeypatch):
    me = devices()
    me.born("party", PARTY)
    copies = server.app.state.snapshots
    copies._least = 1

    def fails(*_told, **_more):
        raise OSError("no room")

    monkeypatch.setattr(copies, "make", fails)
    speak(server, me)
    copies.wait()
    assert all(scope.snapshot == 0 for scope in speak(server, me).scopes)
    copies.wait()
