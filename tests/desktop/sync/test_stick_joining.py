"""Joining by USB stick against the real server: a machine without any network becomes one of its devices."""

from __future__ import annotations

import pytest

from desktop.sync import bundles, stick_joining
from domain.problems import Refusal
from server.accounts import devices
from server.attachments.carried import Carrier
from server.sync import bundles as server_bundles
from tests.offices import PASSWORD, now


@pytest.fixture
def stick(tmp_path):
    folder = tmp_path / "stick"
    folder.mkdir()
    return folder


def ask(desk, invitation, path, *, password=PASSWORD, account=""):
    told = {"label": "内网机", "password": password, "account": account}
    stick_joining.ask(desk.store, desk.vault, invitation, path, **told)


def answer(office, path, out):
    state = office.app.state
    return server_bundles.answer_file(state.database, state.keys, Carrier(state.blobs), path, out, now=now())


def welcome(desk, path):
    return stick_joining.read_welcome(desk.store, desk.vault, path)


def joined(office, stick, name="join", login=""):
    desk = office.alone()
    ask(desk, office.invite(login=login), stick / name)
    answer(office, stick / name, stick / f"{name}.answer")
    welcome(desk, stick / f"{name}.answer")
    return desk


def test_a_machine_without_a_network_joins_and_syncs(office, stick):
    online, desk = office.desk(), joined(office, stick)
    theirs = online.put("party", name="网上的公司", kind="organisation")
    online.sync()
    mine = desk.put("party", name="内网的公司", kind="organisation")
    bundles.write_out(desk.store, desk.blobs, desk.vault, stick / "1", build="test")
    assert answer(office, stick / "1", stick / "1a").label == "内网机"
    bundles.read_in(desk.store, desk.blobs, desk.vault, stick / "1a", build="test")
    online.sync()
    assert desk.name(theirs) == "网上的公司"
    assert online.name(mine) == "内网的公司"


def test_it_may_come_to_the_network_later(office, stick):
    desk, other = joined(office, stick), office.desk()
    mine = desk.put("party", name="内网的公司", kind="organisation")
    desk.sync()
    other.sync()
    assert other.name(mine) == "内网的公司"


def test_nothing_of_the_password_can_be_read_on_the_stick(office, stick):
    desk, invitation = office.alone(), office.invite()
    ask(desk, invitation, stick / "join")
    body = (stick / "join").read_bytes()
    assert PASSWORD.encode() not in body
    assert invitation.code.encode() not in body
    assert desk.vault.read() is None, "it belongs to nobody before the answer"


def test_asking_and_answering_twice_gives_one_device(office, stick):
    desk, invitation = office.alone(), office.invite()
    for name in "ab":
        ask(desk, invitation, stick / name)
    numbers = {answer(office, stick / name, stick / f"{name}.answer").device for name in "ab"}
    assert len(numbers) == 1
    first = welcome(desk, stick / "b.answer")
    desk.sync()  # the refresh token of the answer is used up by this
    renewed = desk.mine.refresh
    assert renewed != first.refresh
    assert welcome(desk, stick / "b.answer").refresh == renewed
    desk.sync()


def test_a_second_machine_of_an_account_joins_with_its_password(office, stick):
    first = joined(office, stick, login="li.na")
    second = office.alone()
    ask(second, office.invite(), stick / "second", account="li.na")
    answer(office, stick / "second", stick / "second.answer")
    welcome(second, stick / "second.answer")
    assert second.mine.account == first.mine.account
    assert second.mine.device != first.mine.device


@pytest.mark.parametrize("place", [-1, -200, 40])
def test_an_altered_request_uses_up_no_invitation(office, stick, place):
    desk, invitation = office.alone(), office.invite()
    ask(desk, invitation, stick / "join")
    body = bytearray((stick / "join").read_bytes())
    body[place] ^= 1
    (stick / "bad").write_bytes(body)
    with pytest.raises(Refusal):
        answer(office, stick / "bad", stick / "bad.answer")
    assert not (stick / "bad.answer").exists()
    with office.app.state.database.connection() as connection:
        assert devices.listed(connection) == []
    answer(office, stick / "join", stick / "good.answer")
    assert welcome(desk, stick / "good.answer").device


@pytest.mark.parametrize("place", [-1, -200])
def test_an_altered_answer_is_not_believed(office, stick, place):
    desk = office.alone()
    ask(desk, office.invite(), stick / "join")
    answer(office, stick / "join", stick / "answer")
    body = bytearray((stick / "answer").read_bytes())
    body[place] ^= 1
    (stick / "bad").write_bytes(body)
    with pytest.raises(Refusal):
        welcome(desk, stick / "bad")
    assert desk.vault.read() is None
    assert welcome(desk, stick / "answer").device


def test_an_answer_for_somebody_else_is_refused(office, stick):
    asking, other = office.alone(), office.alone()
    ask(asking, office.invite(), stick / "join")
    ask(other, office.invite(), stick / "other")
    answer(office, stick / "other", stick / "answer")
    with pytest.raises(Refusal, match="另一台设备"):
        welcome(asking, stick / "answer")


def test_who_did_not_ask_is_told_so(office, stick):
    joined(office, stick)
    with pytest.raises(Refusal, match="没有写出过接入请求"):
        welcome(office.alone(), stick / "join.answer")


def test_an_answer_of_another_kind_is_no_welcome(office, stick):
    desk = joined(office, stick)
    bundles.write_out(desk.store, desk.blobs, desk.vault, stick / "1", build="test")
    answer(office, stick / "1", stick / "1a")
    assert not stick_joining.is_welcome(stick / "1a")
    assert not stick_joining.is_welcome(stick / "missing")
    assert stick_joining.is_welcome(stick / "join.answer")
    with pytest.raises(Refusal, match="不是对接入请求的回复"):
        welcome(desk, stick / "1a")
    with pytest.raises(Refusal, match="应读入服务器的应答包"):
        bundles.read_in(desk.store, desk.blobs, desk.vault, stick / "join.answer", build="test")


def test_a_weak_password_is_refused_here_and_a_wrong_one_there(office, stick):
    desk = office.alone()
    with pytest.raises(Refusal, match="至少 12 位"):
        ask(desk, office.invite(), stick / "join", password="short")
    joined(office, stick, login="wang.fang")
    ask(desk, office.invite(), stick / "join", password="not the right password", account="wang.fang")
    with pytest.raises(Refusal, match="登录名或密码不对"):
        answer(office, stick / "join", stick / "answer")


def test_an_invitation_that_names_no_key_cannot_be_used(office, stick):
    invitation = office.invite()
    invitation.seal_key = ""
    with pytest.raises(Refusal, match="没有服务器的公钥"):
        ask(office.alone(), invitation, stick / "join")


def test_keys_that_are_gone_from_the_keyring_are_told_of(office, stick):
    desk = office.alone()
    ask(desk, office.invite(), stick / "join")
    answer(office, stick / "join", stick / "answer")
    desk.keyring.held.clear()
    with pytest.raises(Refusal, match="不在系统钥匙串"):
        welcome(desk, stick / "answer")
