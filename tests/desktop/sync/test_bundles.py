"""Sync by USB stick against the real server: twice, late, out of order, altered, for somebody else."""

from __future__ import annotations

import hashlib
import random
import tracemalloc

import pytest

from desktop.models import file_copies, sync_state
from desktop.models.outgoing import freezing, outbox
from desktop.sync import bundle_files, bundles, stick_files
from domain.bundles import read_bundle, write_bundle
from domain.problems import Refusal
from domain.protocol import CHUNK
from server.attachments import carried
from server.attachments.carried import Carrier
from server.sync import bundles as server_bundles
from tests.backups import Backup
from tests.offices import Office, now


@pytest.fixture
def stick(tmp_path):
    folder = tmp_path / "stick"
    folder.mkdir()
    return folder


def carried_out(desk, path):
    return bundles.write_out(desk.store, desk.blobs, desk.vault, path, build="test")


def carried_in(desk, path):
    return bundles.read_in(desk.store, desk.blobs, desk.vault, path, build="test")


def answer(office, path, out):
    state = office.app.state
    return server_bundles.answer_file(state.database, state.keys, Carrier(state.blobs), path, out, now=now())


def name(desk, party):
    held = desk.get("party", party)
    return held and held["name"]


def counts(desk):
    with desk.store.read() as connection:
        return outbox.counts(connection)


def test_a_whole_sync_fits_on_a_stick(office, stick):
    desk, online = office.desk(), office.desk()
    theirs = online.put("party", name="网上的公司", kind="organisation")
    online.sync()
    mine = desk.put("party", name="线下的公司", kind="organisation")
    # the first bundle brings what there is; what is here goes with it
    assert carried_out(desk, stick / "1.tdsync").edits == 1
    caller = answer(office, stick / "1.tdsync", stick / "1.answer")
    assert caller.device == desk.mine.device
    taken = carried_in(desk, stick / "1.answer")
    assert name(desk, theirs) == "网上的公司"
    assert taken.sent == 1
    assert counts(desk) == outbox.Counts(0, 0, 0, 0)
    online.sync()
    assert name(online, mine) == "线下的公司"
    assert online.rows() == desk.rows()


def test_the_sync_centre_lists_what_went_over_a_stick(office, stick):
    desk, other = office.desk(), office.desk()
    other.put("party", name="对方公司", kind="organisation")
    other.sync()
    desk.put("party", name="甲公司", kind="organisation")
    carried_out(desk, stick / "1")
    answer(office, stick / "1", stick / "1a")
    for _ in range(2):
        carried_in(desk, stick / "1a")
    with desk.store.read() as connection:
        again, came, went = sync_state.runs(connection)
    assert (went.kind, went.sent, went.bytes_up) == ("bundle-out", 1, (stick / "1").stat().st_size)
    assert (came.kind, came.received, again.kind, again.received) == ("bundle-in", 2, "bundle-in", 0)
    assert 0 < came.bytes_down < (stick / "1a").stat().st_size


def test_reading_an_answer_twice_changes_nothing(office, stick):
    desk = office.desk()
    mine = desk.put("party", name="甲公司", kind="organisation")
    carried_out(desk, stick / "1")
    answer(office, stick / "1", stick / "1a")
    carried_in(desk, stick / "1a")
    desk.put("party", mine, name="甲股份公司")
    before = desk.rows()
    again = carried_in(desk, stick / "1a")
    assert (again.sent, again.received) == (0, 0)
    assert desk.rows() == before
    assert counts(desk).waiting == 1


def test_a_bundle_that_arrives_twice_takes_effect_once(office, stick):
    desk, other = office.desk(), office.desk()
    mine = desk.put("party", name="甲公司", kind="organisation")
    carried_out(desk, stick / "1")
    answer(office, stick / "1", stick / "1a")
    other.sync()
    other.put("party", mine, name="乙改的名")
    other.sync()
    answer(office, stick / "1", stick / "1b")
    carried_in(desk, stick / "1b")
    carried_in(desk, stick / "1a")
    assert name(desk, mine) == "乙改的名"
    assert counts(desk) == outbox.Counts(0, 0, 0, 0)


@pytest.mark.parametrize("order", [(1, 2), (2, 1), (2,), (2, 1, 2, 1)])
def test_answers_may_come_in_any_order(office, stick, order):
    desk, other = office.desk(), office.desk()
    parties = []
    for number in (1, 2):
        parties.append(desk.put("party", name=f"第{number}公司", kind="organisation"))
        theirs = other.put("party", name=f"对方第{number}公司", kind="organisation")
        other.sync()
        parties.append(theirs)
        carried_out(desk, stick / f"{number}")
        answer(office, stick / f"{number}", stick / f"{number}a")
    for number in order:
        carried_in(desk, stick / f"{number}a")
    assert counts(desk) == outbox.Counts(0, 0, 0, 0)
    assert all(desk.get("party", party) for party in parties)
    other.sync()
    assert other.rows() == desk.rows()
    desk.put("party", parties[0], name="还能继续")
    desk.sync()
    other.sync()
    assert other.rows() == desk.rows()


def test_bundles_reach_the_server_out_of_order(office, stick):
    desk, other = office.desk(), office.desk()
    for number in (1, 2):
        desk.put("party", name=f"第{number}公司", kind="organisation")
        carried_out(desk, stick / f"{number}")
    answer(office, stick / "2", stick / "2a")
    with pytest.raises(Refusal) as refused:
        answer(office, stick / "1", stick / "1a")
    assert "不再需要" in refused.value.messages()[0]
    carried_in(desk, stick / "2a")
    assert counts(desk) == outbox.Counts(0, 0, 0, 0)
    other.sync()
    assert len(other.rows()) == 2
    assert other.rows() == desk.rows()


def test_the_network_may_come_back_in_between(office, stick):
    desk, other = office.desk(), office.desk()
    desk.put("party", name="甲公司", kind="organisation")
    carried_out(desk, stick / "1")
    answer(office, stick / "1", stick / "1a")
    desk.sync()
    desk.put("party", name="乙公司", kind="organisation")
    carried_in(desk, stick / "1a")
    desk.sync()
    other.sync()
    assert other.rows() == desk.rows()
    assert counts(desk) == outbox.Counts(0, 0, 0, 0)


def test_a_gap_is_refused_with_what_to_do(office, stick, tmp_path):
    desk, other = office.desk(), office.desk()
    desk.store.backup(tmp_path / "older.db")
    for number in (1, 2):
        other.put("party", name=f"第{number}公司", kind="organisation")
        other.sync()
        carried_out(desk, stick / f"{number}")
        answer(office, stick / f"{number}", stick / f"{number}a")
        if number == 1:
            carried_in(desk, stick / "1a")
    desk.store.close()
    (tmp_path / "older.db").replace(desk.store.path)
    for leftover in ("desk.db-wal", "desk.db-shm"):
        (desk.folder / leftover).unlink(missing_ok=True)
    desk.__post_init__()
    with pytest.raises(Refusal) as refused:
        carried_in(desk, stick / "2a")
    assert "bundle out" in refused.value.messages()[0]
    carried_in(desk, stick / "1a")
    carried_in(desk, stick / "2a")
    assert len(desk.rows()) == 2


@pytest.mark.parametrize("direction", ["out", "in"])
def test_one_altered_byte_anywhere_is_refused(office, stick, direction):
    desk = office.desk()
    desk.put("party", name="甲公司", kind="organisation")
    carried_out(desk, stick / "1")
    answer(office, stick / "1", stick / "1a")
    path = stick / ("1" if direction == "out" else "1a")
    sound = path.read_bytes()
    chosen = random.Random(7)  # noqa: S311 - the same places each time
    places = {*range(24), len(sound) - 1, *(chosen.randrange(len(sound)) for _ in range(40))}
    before = desk.rows()

    def read():
        return answer(office, path, stick / "never") if direction == "out" else carried_in(desk, path)

    for place in places:
        altered = bytearray(sound)
        altered[place] ^= 1 << chosen.randrange(8)
        path.write_bytes(altered)
        with pytest.raises(Refusal):
            read()
    for length in (0, 5, 20, len(sound) // 2, len(sound) - 1):
        path.write_bytes(sound[:length])
        with pytest.raises(Refusal):
            read()
    assert desk.rows() == before
    assert not (stick / "never").exists()


def test_an_answer_is_for_one_device(office, stick):
    desk, other = office.desk(), office.desk()
    carried_out(desk, stick / "1")
    answer(office, stick / "1", stick / "1a")
    with pytest.raises(Refusal) as refused:
        carried_in(other, stick / "1a")
    assert "另一台设备" in refused.value.messages()[0]
    with pytest.raises(Refusal) as refused:
        carried_in(desk, stick / "1")
    assert "应答包" in refused.value.messages()[0]
    with pytest.raises(Refusal):
        answer(office, stick / "1a", stick / "2a")


def test_nobody_on_the_way_reads_a_bundle(office, stick):
    desk = office.desk()
    desk.put("party", name="SECRET PARTNER LTD", kind="organisation")
    carried_out(desk, stick / "1")
    answer(office, stick / "1", stick / "1a")
    for path in stick.iterdir():
        assert b"SECRET PARTNER" not in path.read_bytes()


def test_a_revoked_device_is_not_answered(office, stick):
    from server.accounts import devices

    desk = office.desk()
    carried_out(desk, stick / "1")
    with office.app.state.database.connection() as connection:
        devices.revoke(connection, desk.mine.device, now=now())
    with pytest.raises(Refusal) as refused:
        answer(office, stick / "1", stick / "1a")
    assert "已停用" in refused.value.messages()[0]


def test_where_nothing_was_joined_nothing_is_written(office, stick):
    desk = office.alone()
    with pytest.raises(Refusal):
        carried_out(desk, stick / "1")
    assert not list(stick.iterdir())


def test_a_bundle_that_cannot_be_written_leaves_no_torn_file(office, stick):
    desk = office.desk()
    with pytest.raises(Refusal):
        carried_out(desk, stick / "no" / "such" / "folder")
    with pytest.raises(Refusal):
        carried_in(desk, stick / "missing")
    assert not list(stick.iterdir())


def test_much_is_left_for_the_next_bundle(office, stick, monkeypatch):
    desk = office.desk()
    monkeypatch.setattr(bundles, "BYTES_OF_BATCHES", 1)
    monkeypatch.setitem(freezing.freeze.__kwdefaults__, "ops", 20)
    for number in range(3):
        with desk.work() as work:
            for one in range(9):
                from desktop.models.work import new_id

                work.put("party", new_id(), {"name": f"公司{number}-{one}", "kind": "organisation"})
    out = carried_out(desk, stick / "1")
    assert (out.batches, out.edits, out.left) == (1, 18, 9)
    answer(office, stick / "1", stick / "1a")
    carried_in(desk, stick / "1a")
    assert carried_out(desk, stick / "2").edits == 9


PHOTOGRAPH = bytes(range(256)) * 12_000  # three pieces


def attach(desk, content, name="现场.jpg"):
    sha256 = desk.blobs.put(content)
    deal = desk.put("deal", title="专利转让", stage="lead")
    desk.put(
        "attachment",
        owner_type="deal",
        owner_id=str(deal),
        name=name,
        sha256=sha256,
        size=len(content),
        kind="other",
    )
    return sha256, deal


def wish(desk, sha256):
    with desk.store.write(applying=True) as connection:
        file_copies.want(connection, desk.blobs, sha256, "2026-03-02T09:00:00+08:00")


def carry(office, desk, stick):
    out = carried_out(desk, stick / "out")
    answer(office, stick / "out", stick / "back")
    carried_in(desk, stick / "back")
    return out


@pytest.mark.parametrize("told", [True, False])
def test_a_restored_server_is_filled_again_by_sticks(office, stick, told):
    desk, other = office.desk(), office.desk()
    parties = [desk.put("party", name="早有的公司", kind="organisation")]
    carry(office, desk, stick)
    backup = Backup(office.app.state.database)
    for moment in ("备份之后的公司", "再后的公司"):
        parties.append(desk.put("party", name=moment, kind="organisation"))
        carry(office, desk, stick)
    backup.restore(told=told)
    parties.append(desk.put("party", name="还没有送出的公司", kind="organisation"))
    for _ in range(4):
        carry(office, desk, stick)
    other.sync()
    assert {row_id for kind, row_id in other.rows() if kind == "party"} == {*parties}
    assert other.rows() == desk.rows()
    assert counts(desk) == outbox.Counts(0, 0, 0, 0)


def test_a_photograph_travels_on_the_stick_and_only_once(office, stick):
    desk, online = office.desk(), office.desk()
    sha256, _ = attach(desk, PHOTOGRAPH)
    assert carry(office, desk, stick).files == 1
    assert carry(office, desk, stick).files == 0, "the server has said that it holds it"
    online.sync()
    wish(online, sha256)
    online.carry_files()
    assert online.blobs.get(sha256) == PHOTOGRAPH


def test_of_what_a_stick_carries_there_are_never_more_than_two_copies_in_memory(office, stick):
    desk = office.desk()
    attach(desk, PHOTOGRAPH, "开会.jpg")
    carry(office, desk, stick)
    content = b"".join(hashlib.shake_128(bytes([number])).digest(CHUNK) for number in range(16))
    sha256, _ = attach(desk, content, "录像.mp4")
    size = len(content)
    del content
    tracemalloc.start()
    try:
        assert carried_out(desk, stick / "out").files == 1
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 2.5 * size
    answer(office, stick / "out", stick / "back")
    carried_in(desk, stick / "back")
    online = office.desk()
    online.sync()
    wish(online, sha256)
    online.carry_files()
    assert online.blobs.size(sha256) == size


def test_a_file_that_is_wished_for_comes_with_the_answer(office, stick):
    desk, online = office.desk(), office.desk()
    sha256, _ = attach(online, PHOTOGRAPH)
    online.sync()
    online.carry_files()
    carry(office, desk, stick)
    wish(desk, sha256)
    carry(office, desk, stick)
    assert desk.blobs.get(sha256) == PHOTOGRAPH


def test_a_file_larger_than_a_bundle_comes_in_parts(office, stick, monkeypatch):
    monkeypatch.setattr(carried, "BYTES_OF_FILES", 1 << 20)
    desk, online = office.desk(), office.desk()
    sha256, _ = attach(online, PHOTOGRAPH)
    online.sync()
    online.carry_files()
    carry(office, desk, stick)
    wish(desk, sha256)
    for _ in range(2):
        carry(office, desk, stick)
        assert sha256 not in desk.blobs
    carried_in(desk, stick / "back")  # the same part again
    carry(office, desk, stick)
    assert desk.blobs.get(sha256) == PHOTOGRAPH


def test_a_file_too_large_for_a_stick_is_told_of_and_waits(office, stick, monkeypatch):
    monkeypatch.setattr(stick_files, "BYTES_OF_FILES", 1 << 20)
    desk = office.desk()
    attach(desk, PHOTOGRAPH)
    small, _ = attach(desk, b"small", name="小.txt")
    out = carry(office, desk, stick)
    assert (out.files, out.too_large) == (1, 1)
    assert carry(office, desk, stick).files == 0, "the small one has arrived"
    with desk.store.read() as connection:
        assert file_copies.waiting(connection) == (1, 0)
    assert small in desk.blobs


def test_a_file_of_another_organisation_is_not_given(office, stick):
    stranger, desk = office.desk(), office.desk()
    other = Office(office.app, stick, office.template, "另一机构")
    elsewhere = other.desk(other.invite(login="elsewhere"))
    sha256, _ = attach(stranger, PHOTOGRAPH)
    stranger.sync()
    stranger.carry_files()
    for one in (elsewhere, desk):
        carry(office, one, stick)
        wish(one, sha256)
        carry(office, one, stick)
    assert sha256 not in elsewhere.blobs
    assert sha256 in desk.blobs


def test_a_file_that_is_damaged_here_does_not_go_out(office, stick):
    desk = office.desk()
    sha256, _ = attach(desk, PHOTOGRAPH)
    (desk.blobs.folder / sha256[:2] / sha256).write_bytes(b"damaged")
    assert carry(office, desk, stick).files == 0
    assert sha256 not in desk.blobs, "it is put aside, another device may bring it"


def test_a_file_of_a_newer_program_or_too_large_a_file_is_no_bundle(office, stick, monkeypatch):
    desk = office.desk()
    carried_out(desk, stick / "1")
    answer(office, stick / "1", stick / "1a")
    bundle = read_bundle((stick / "1a").read_bytes())
    assert bundle is not None
    bundle.version += 1
    (stick / "newer").write_bytes(write_bundle(bundle))
    with pytest.raises(Refusal, match="请先升级程序"):
        carried_in(desk, stick / "newer")
    monkeypatch.setattr(bundle_files, "BYTES_AT_MOST", 10)
    with pytest.raises(Refusal, match="太大"):
        carried_in(desk, stick / "1a")
