"""The commands of sync, against a real server on this machine."""

from __future__ import annotations

import json

import pytest

from desktop.__main__ import main
from desktop.cli import sync as commands
from server.app import build
from server.attachments.carried import Carrier
from server.settings import Settings
from server.sync import bundles
from tests import offices
from tests.classes import PASSPHRASE


@pytest.fixture
def office(database_url, tmp_path, store_template, monkeypatch):
    """Return an agency whose server listens on a socket of this machine."""
    app = build(Settings(data_dir=tmp_path / "server", database=database_url, pool=6))
    with offices.listening(app, lifespan="on") as port:
        monkeypatch.setattr(offices, "ADDRESS", f"http://127.0.0.1:{port}")
        monkeypatch.setenv(commands.PASSWORD, offices.PASSWORD)
        monkeypatch.setenv("TRANSFER_DESK_PASSPHRASE", PASSPHRASE)
        monkeypatch.setattr("desktop.models.keys.system_keyring", lambda: None)
        monkeypatch.setattr("desktop.app.system_keyring", lambda: None)
        yield offices.Office(app, tmp_path, store_template)


@pytest.fixture
def desk(tmp_path, capsys):
    """Return a call of the command line on a workspace of a name."""

    def call(name, *arguments):
        code = main(["--data-dir", str(tmp_path / name), *map(str, arguments)])
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


@pytest.fixture
def party(tmp_path):
    path = tmp_path / "parties.csv"
    path.write_text("单位名称\n甲公司\n", "utf-8")
    return path


def invitation(office, tmp_path, **options):
    return offices.write_invitation(office.invite(**options), tmp_path / "张三.tdinvite")


@pytest.mark.loopback
def test_two_workspaces_meet_on_the_command_line(office, desk, party, tmp_path):
    code, said, _ = desk("a", "join", invitation(office, tmp_path, login="zhang"), "--label", "电脑")
    assert code == 0
    assert office.name in said
    assert desk("a", "import", party, "--as", "party")[0] == 0
    assert json.loads(desk("a", "sync", "status", "--json")[1])["waiting"] == 1
    code, said, _ = desk("a", "sync")
    assert code == 0
    assert "上传 1 处修改" in said
    assert json.loads(desk("a", "sync", "status", "--json")[1])["waiting"] == 0
    desk("b", "join", tmp_path / "张三.tdinvite", "--account", "zhang")
    assert json.loads(desk("b", "sync", "--json")[1])["received"] == 1
    assert "甲公司" in desk("b", "search", "甲公司")[1]
    code, said, _ = desk("b", "leave")
    assert code == 0
    assert "都留在本机" in said
    assert "没有加入服务器" in desk("b", "sync", "status")[1]


@pytest.mark.loopback
def test_a_device_signs_in_again_without_an_invitation(office, desk, party, tmp_path):
    assert "请用邀请文件接入" in desk("a", "join")[2]
    desk("a", "join", invitation(office, tmp_path, login="zhang"))
    desk("a", "import", party, "--as", "party")
    with office.app.state.database.connection() as connection:
        connection.execute("UPDATE sign_in SET ended_at = now()")
    code, _, refused = desk("a", "sync")
    assert code != 0
    assert "transfer-desk join" in refused
    code, said, _ = desk("a", "join")
    assert code == 0
    assert office.name in said
    assert "上传 1 处修改" in desk("a", "sync")[1]
    assert "要有邀请文件" in desk("a", "join", "--stick", tmp_path / "a.tdsync")[2]


@pytest.mark.loopback
def test_a_program_that_is_too_old_does_not_call_it_done(office, desk, party, tmp_path, monkeypatch):
    desk("a", "join", invitation(office, tmp_path))
    desk("a", "import", party, "--as", "party")
    with monkeypatch.context() as patched:
        patched.setattr("server.sync.conversation.OLDEST_CLIENT", 99)
        code, said, warned = desk("a", "sync")
    assert code != 0
    assert "同步完成" not in said
    assert "版本过旧" in warned
    assert json.loads(desk("a", "sync", "status", "--json")[1])["waiting"] == 1
    assert "上传 1 处修改" in desk("a", "sync")[1]


@pytest.mark.loopback
def test_a_bundle_goes_out_and_its_answer_comes_in(office, desk, party, tmp_path):
    desk("a", "join", invitation(office, tmp_path))
    desk("a", "import", party, "--as", "party")
    code, said, _ = desk("a", "bundle", "out", tmp_path / "out.tdsync")
    assert code == 0
    assert "已写出 1 处修改" in said
    state = office.app.state
    out, back = tmp_path / "out.tdsync", tmp_path / "in.tdsync"
    bundles.answer_file(state.database, state.keys, Carrier(state.blobs), out, back, now=offices.now())
    code, said, _ = desk("a", "bundle", "in", back)
    assert code == 0
    assert "服务器收下 1 处修改" in said


@pytest.mark.loopback
def test_a_machine_without_a_network_joins_by_stick(office, desk, tmp_path):
    out, back = tmp_path / "join.tdsync", tmp_path / "welcome.tdsync"
    code, said, _ = desk("a", "join", invitation(office, tmp_path), "--stick", out)
    assert code == 0
    assert "已写出接入请求" in said
    state = office.app.state
    bundles.answer_file(state.database, state.keys, Carrier(state.blobs), out, back, now=offices.now())
    code, said, _ = desk("a", "bundle", "in", back)
    assert code == 0
    assert "已加入" in said
    code, _, _ = desk("a", "bundle", "out", tmp_path / "first.tdsync")
    assert code == 0


@pytest.mark.loopback
def test_what_cannot_be_done_is_said_in_words(office, desk, tmp_path, monkeypatch):
    for arguments in (
        ("sync",),
        ("leave",),
        ("bundle", "out", tmp_path / "x"),
        ("bundle", "in", tmp_path / "x"),
    ):
        code, _, why = desk("a", *arguments)
        assert code == 1
        assert "没有加入服务器" in why
    code, _, why = desk("a", "join", tmp_path / "missing.tdinvite")
    assert code == 1
    assert "读不到邀请文件" in why
    monkeypatch.delenv(commands.PASSWORD)
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    code, _, why = desk("a", "join", invitation(office, tmp_path))
    assert code == 1
    assert commands.PASSWORD in why


@pytest.mark.loopback
def test_without_a_network_the_edits_stay(office, desk, party, tmp_path, monkeypatch):
    from desktop.sync.transport import Transport
    from desktop.sync.troubles import OfflineError

    desk("a", "join", invitation(office, tmp_path))
    desk("a", "import", party, "--as", "party")

    def offline(*_arguments, **_options):
        raise OfflineError("no route")

    monkeypatch.setattr(Transport, "ask", offline)
    code, _, why = desk("a", "sync")
    assert code == 1
    assert "本机的修改都还在" in why
    monkeypatch.undo()
