"""Joining and leaving a real server; everything a user can get wrong is said in words."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from desktop.models import settings
from desktop.models.outgoing import outbox
from desktop.sync import registration
from desktop.sync.credentials import JOINED
from desktop.sync.transport import Transport
from desktop.sync.troubles import OfflineError
from domain.problems import Refusal
from tests.offices import PASSWORD, Office, write_invitation


def why(refused):
    return "\n".join(refused.value.messages())


def test_an_invitation_makes_a_device(office: Office):
    desk = office.alone()
    desk.join(office.invite(login="gaojing"))
    held = desk.mine
    assert (held.name, held.role, held.organisation_name) == ("人员 gaojing", "broker", office.name)
    assert held.refresh
    with desk.store.read() as connection:
        assert settings.read(connection, JOINED)["device"] == held.device


def test_a_lost_answer_gives_the_same_device_again(office: Office):
    desk, invitation = office.alone(), office.invite()

    class Losing(Transport):
        def ask(self, *arguments, **options):
            super().ask(*arguments, **options)
            raise OfflineError("lost")

    with pytest.raises(Refusal):
        desk.join(invitation, connect=lambda _server, _pin: Losing(office.line()))
    assert desk.vault.read() is None
    desk.join(invitation)
    with office.app.state.database.reading() as connection:
        assert connection.execute("SELECT count(*) FROM device").fetchone() == (1,)


def test_a_second_device_logs_in(office: Office):
    first, invitation = office.alone(), office.invite(login="gaojing")
    first.join(invitation)
    second = office.alone()
    second.join(invitation, account="gaojing")
    one, other = first.mine, second.mine
    assert one.account == other.account
    assert one.device != other.device


def test_a_device_that_logs_in_again_stays_the_device_it_was(office: Office):
    desk, invitation = office.alone(), office.invite(login="gaojing")
    desk.join(invitation)
    before = desk.mine
    desk.put("party", name="甲公司", kind="organisation")
    desk.sync()
    desk.join(invitation, account="gaojing")
    after = desk.mine
    assert (after.device, after.sign_key) == (before.device, before.sign_key)
    assert after.refresh != before.refresh
    desk.put("party", name="乙公司", kind="organisation")
    assert desk.sync().sent == 1


def sign_in(desk, **words):
    asked = {"label": "电脑", "password": PASSWORD, "connect": desk.office.connect, **words}
    return registration.sign_in(desk.store, desk.vault, **asked)


def test_a_device_whose_sign_in_ran_out_needs_its_password_only(office: Office):
    desk = office.desk(office.invite(login="gaojing"))
    before = desk.mine
    assert before.login == "gaojing"
    desk.put("party", name="甲公司", kind="organisation")
    with office.app.state.database.connection() as connection:
        connection.execute("UPDATE sign_in SET expires_at = now() - interval '1 day'")
    with pytest.raises(Refusal) as refused:
        sign_in(desk, password="not the right password")
    assert "登录名或密码不对" in why(refused)
    assert desk.mine == before
    made = sign_in(desk)
    assert (made.device, made.login) == (before.device, "gaojing")
    assert desk.sync().sent == 1


def test_what_is_missing_to_sign_in_is_said_at_once_and_nobody_is_asked(office: Office):
    desk = office.desk()
    desk.vault.write(replace(desk.mine, login=""))
    with pytest.raises(Refusal) as refused:
        sign_in(desk, password="", connect=None)
    assert {problem.field for problem in refused.value.problems} == {"account", "password"}
    with pytest.raises(Refusal) as refused:
        sign_in(office.alone(), connect=None)
    assert "请用邀请文件接入" in why(refused)


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"server": "desk.example.cn"}, "https://"),
        ({"code": ""}, "邀请码"),
        ({"pin": "abc"}, "证书指纹"),
        ({"server_key": "xyz"}, "公钥"),
    ],
)
def test_a_bad_invitation_is_refused_with_an_example(office: Office, tmp_path, changes, word):
    path = write_invitation(office.invite(), tmp_path / "张三.tdinvite", **changes)
    with pytest.raises(Refusal) as refused:
        registration.read_invitation(path)
    assert word in why(refused)
    assert "例如" in why(refused)


def test_everything_wrong_with_an_invitation_is_said_at_once(office: Office, tmp_path):
    path = write_invitation(office.invite(), tmp_path / "a.tdinvite", server="x", code="", pin="1")
    with pytest.raises(Refusal) as refused:
        registration.read_invitation(path)
    assert {problem.field for problem in refused.value.problems} == {"server", "code", "pin"}


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"server": 1}', b"\xff\xfe", b"x" * 70_000])
def test_what_is_no_invitation_is_refused(tmp_path, body):
    path = tmp_path / "a.tdinvite"
    path.write_bytes(body)
    with pytest.raises(Refusal):
        registration.read_invitation(path)
    with pytest.raises(Refusal):
        registration.read_invitation(tmp_path / "missing.tdinvite")


def test_a_good_invitation_is_read_as_it_was_written(office: Office, tmp_path):
    invitation = office.invite()
    assert registration.read_invitation(write_invitation(invitation, tmp_path / "a.tdinvite")) == invitation


def test_a_short_password_is_refused_before_anything_is_sent(office: Office):
    desk = office.alone()
    with pytest.raises(Refusal) as refused:
        desk.join(office.invite(), password="short", connect=None)
    assert "至少 12 位" in why(refused)


def test_the_servers_own_words_reach_the_user(office: Office):
    desk, invitation = office.alone(), office.invite(login="gaojing")
    desk.join(invitation)
    other = office.alone()
    with pytest.raises(Refusal) as refused:
        other.join(invitation, account="gaojing", password="not the right password")
    assert "登录名或密码不对" in why(refused)
    with pytest.raises(Refusal) as refused:
        other.join(invitation)
    assert "邀请无效" in why(refused)


def test_another_organisation_is_refused_before_its_invitation_is_used_up(office: Office, server_app):
    desk = office.desk()
    elsewhere = Office(server_app, office.folder, office.template, name="另一个中心")
    invitation = elsewhere.invite(login="other")
    with pytest.raises(Refusal) as refused:
        desk.join(invitation)
    assert office.name in why(refused)
    assert "--data-dir" in why(refused)
    elsewhere.alone().join(invitation)


def test_another_server_key_than_the_invitations_is_refused(office: Office):
    desk, invitation = office.alone(), office.invite()
    invitation.server_key = "00" * 32
    with pytest.raises(Refusal) as refused:
        desk.join(invitation)
    assert "不是邀请中的服务器" in why(refused)
    assert desk.vault.read() is None


def test_leaving_keeps_every_record_and_edit(office: Office):
    desk = office.desk()
    kept = desk.put("party", name="甲公司", kind="organisation")
    desk.sync()
    desk.put("party", kept, name="甲股份公司")
    registration.leave(desk.vault, connect=office.connect)
    assert desk.vault.read() is None
    assert desk.name(kept) == "甲股份公司"
    with desk.store.read() as connection:
        assert outbox.counts(connection).waiting == 1
    with pytest.raises(Refusal):
        registration.leave(desk.vault, connect=office.connect)


def test_what_was_written_after_leaving_is_sent_after_joining_again(office: Office):
    desk, invitation = office.alone(), office.invite(login="gaojing")
    desk.join(invitation)
    kept = desk.put("party", name="甲公司", kind="organisation")
    desk.sync()
    registration.leave(desk.vault, connect=office.connect)
    desk.put("party", kept, name="甲股份公司")
    desk.join(invitation, account="gaojing", password=PASSWORD)
    desk.sync()
    other = office.desk()
    other.sync()
    assert other.name(kept) == "甲股份公司"
