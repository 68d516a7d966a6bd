"""The server's command line, in process, on the installation of a fresh database."""

from __future__ import annotations

import argparse
import datetime as dt
import io
import json
import os
import stat
import sys
import time
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from cryptography import x509

from domain.enrolment import Invitation
from domain.problems import Refusal
from server import __main__ as program
from server.accounts import accounts, passwords, server_keys
from server.accounts.requests import now
from server.cli import COMMANDS, installation, serving
from server.operations import certificates
from server.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from server.caller import Caller
    from server.postgres.database import Database

    Run = Callable[..., tuple[int, str, str]]

ALL = "0.0.0.0"  # noqa: S104 - nothing listens on it here


@pytest.fixture
def run(database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    def command(*words: object) -> tuple[int, str, str]:
        place = ["--data-dir", str(tmp_path), "--database", database.url]
        code = program.main([*place, *map(str, words)])
        told = capsys.readouterr()
        return code, told.out, told.err

    return command


@pytest.fixture
def house(run: Run, database: Database) -> Run:
    """Return the command line of an installation that has been started once and has one account."""
    run("organisation", "add", "某大学")
    run("account", "add", "zhang.wei", "--organisation", "某大学", "--name", "张伟", "--role", "broker")
    settings = Settings(database=database.url)
    serving.prepare(database, settings, "https://sync.example.cn", "")
    return run


def test_every_command_of_the_command_line_is_carried_out() -> None:
    assert set(commands(program.parser({}))) == set(COMMANDS)


def commands(parser: argparse.ArgumentParser) -> list[tuple[str, str | None]]:
    found: list[tuple[str, str | None]] = []
    for name, words in children(parser).items():
        actions = children(words)
        found += [(name, action) for action in actions] if actions else [(name, None)]
    return found


def children(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    actions: list[Any] = list(parser._actions)
    return next((dict(one.choices) for one in actions if one.dest in {"command", "action"}), {})


def test_organisations_and_accounts(house: Run) -> None:
    assert house("organisation", "add", "科委", "--kind", "authority")[0] == 0
    rows = [json.loads(line) for line in house("organisation", "list", "--json")[1].splitlines()]
    assert [(row["机构"], row["类别"], row["账号"]) for row in rows] == [
        ("某大学", "技术转移机构", 1),
        ("科委", "主管部门", 0),
    ]
    assert "zhang.wei" in house("account", "list")[1]
    assert house("account", "disable", "zhang.wei")[0] == 0
    assert "已停用" in house("account", "list")[1]
    assert house("account", "enable", "zhang.wei")[0] == 0
    assert "待加入" in house("account", "list")[1]


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("organisation", "add", "某大学"), "已有机构"),
        (("account", "disable", "nobody"), "没有登录名"),
        (("account", "add", "x1", "--organisation", "无", "--name", "李", "--role", "broker"), "某大学"),
        (("device", "revoke", "99"), "没有编号为 99"),
        (("block", "grant", "99", "JJ2026"), "没有这台设备"),
        (("block", "return", "7", "--from", "1"), "号段 7"),
    ],
)
def test_what_cannot_be_is_refused_with_a_reason(house: Run, words: tuple[str, ...], reason: str) -> None:
    code, out, err = house(*words)
    assert (code, out) == (1, "")
    assert reason in err


def test_an_invitation_is_a_private_file(house: Run, tmp_path: Path, database: Database) -> None:
    path = tmp_path / "zhang.tdinvite"
    assert house("invite", "zhang.wei", "--out", path, "--days", "3")[0] == 0
    invitation = msgspec.json.decode(path.read_bytes(), type=Invitation)
    assert (invitation.server, invitation.organisation) == ("https://sync.example.cn", "某大学")
    with database.connection() as connection:
        assert invitation.server_key == server_keys.ensure(connection).public_sign
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("days", ["0", "-3", "七"])
def test_an_invitation_is_good_for_a_day_at_least(
    house: Run, tmp_path: Path, days: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        house("invite", "zhang.wei", "--out", tmp_path / "x.tdinvite", f"--days={days}")
    assert "有效天数" in capsys.readouterr().err
    assert not (tmp_path / "x.tdinvite").exists()


def test_an_invitation_needs_to_know_the_servers_address(run: Run, tmp_path: Path) -> None:
    run("organisation", "add", "某大学")
    run("account", "add", "li.na", "--organisation", "某大学", "--name", "李娜", "--role", "broker")
    code, _, err = run("invite", "li.na", "--out", tmp_path / "x.tdinvite")
    assert code == 1
    assert "serve" in err


def test_a_password_is_read_and_never_an_argument(
    house: Run, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("correct horse battery\n"))
    assert house("account", "password", "zhang.wei")[0] == 0
    with database.reading() as connection:
        account = accounts.with_login(connection, "zhang.wei")
    assert passwords.matches(account.password, "correct horse battery")
    monkeypatch.setattr(sys, "stdin", io.StringIO("short\n"))
    assert house("account", "password", "zhang.wei")[0] == 1


def test_devices_and_blocks(house: Run, callers: Callable[..., Caller]) -> None:
    number = callers("certifier").device
    assert "1 至 500" in house("block", "grant", number, "JJ2026")[1]
    assert house("block", "return", "1", "--from", "40")[0] == 0
    assert "40 至 500" in house("block", "grant", number, "JJ2026")[1]
    assert "擦除" in house("device", "revoke", number, "--wipe")[1]
    rows = [json.loads(line) for line in house("device", "list", "--json")[1].splitlines()]
    assert rows[0]["擦除送达"] == "待送达"
    states = [json.loads(line)["状态"] for line in house("block", "list", "--json")[1].splitlines()]
    assert sorted(states) == ["作废", "已交回"]


def test_a_server_from_a_backup_skips_what_may_have_been_given_out(
    house: Run, callers: Callable[..., Caller], database: Database
) -> None:
    number = callers("certifier").device
    house("block", "grant", number, "JJ2026")
    house("block", "return", "1", "--from", "40")  # 40 to 500 may have been given out again since
    with database.connection() as connection:
        connection.execute("INSERT INTO scope (key, epoch) VALUES ('p', 5)")
    assert house("restored")[0] == 0
    with database.reading() as connection:
        epoch = connection.execute("SELECT epoch FROM scope WHERE key = 'p'").fetchone()
    assert epoch is not None
    assert epoch[0] > 5
    assert "10501 至 11000" in house("block", "grant", number, "JJ2026")[1]
    assert callers("broker").device > number + 900


def test_status_and_prune(house: Run) -> None:
    rows = {row["项目"]: row["数值"] for row in map(json.loads, house("status", "--json")[1].splitlines())}
    assert rows["账号（未停用）"] == "1"
    assert "0 个" in house("prune")[1]


def test_columns_line_up_under_chinese_titles(house: Run) -> None:
    house("organisation", "add", "Institute")
    lines = house("organisation", "list")[1].splitlines()
    at = [
        len(line[: line.index(word)].encode("gb18030"))
        for line, word in zip(lines, ("类别", "技", "技"), strict=True)
    ]
    assert len(set(at)) == 1


def test_times_are_those_of_the_machine(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    noon = dt.datetime(2026, 3, 2, 4, tzinfo=dt.UTC)
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("TZ", "CST-8")
        time.tzset()
        installation.show(argparse.Namespace(json=False), ["时间"], [[noon], [None]])
    time.tzset()
    assert capsys.readouterr().out == "时间\n2026-03-02 12:00\n—\n"


def test_a_mistyped_folder_does_not_become_a_server(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert program.main(["--data-dir", str(tmp_path / "typo"), "account", "list"]) == 1
    assert "serve" in capsys.readouterr().err
    assert not (tmp_path / "typo").exists()


def test_a_database_that_is_not_there(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    nowhere = f"postgresql:///x?host={tmp_path}"
    assert program.main(["--database", nowhere, "status"]) == 1
    assert "连不上数据库" in capsys.readouterr().err


# --- serve -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", [ALL, "::", "192.0.2.1", "server.example"])
def test_the_server_does_not_speak_in_the_clear_to_other_machines(host: str, tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="明文"):
        serving.demand_privacy(Settings(host=host))
    with pytest.raises(Refusal, match="一起"):
        serving.demand_privacy(Settings(host=host, tls_cert=tmp_path / "x"))
    serving.demand_privacy(Settings(host=host, behind_proxy=True))
    serving.demand_privacy(Settings(host=host, tls_cert=tmp_path / "x", tls_key=tmp_path / "y"))


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "127.9.9.9"])
def test_this_machine_needs_no_certificate(host: str) -> None:
    serving.demand_privacy(Settings(host=host))


def test_serve_refuses_before_it_touches_anything(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert program.main(["--data-dir", str(tmp_path / "new"), "serve", "--host", ALL]) == 1
    assert "--tls-cert" in capsys.readouterr().err
    assert not (tmp_path / "new").exists()


def test_make_server_takes_the_folder_behind_the_command() -> None:
    for words in (["--data-dir", "here", "serve"], ["serve", "--data-dir", "here"]):
        assert str(program.parser({}).parse_args(words).data_dir) == "here"
    environment = {"TRANSFER_DESK_SERVER_BLOBS": "s3://b"}
    told = program.parser(environment).parse_args(["serve", "--database", "postgresql:///d"])
    assert (told.blobs, told.database) == ("s3://b", "postgresql:///d")


def test_the_address_in_invitations(tmp_path: Path) -> None:
    assert serving.own_url(Settings()) == "http://127.0.0.1:8440"
    assert serving.own_url(Settings(host="::1", port=1)) == "http://[::1]:1"
    secure = Settings(host="192.0.2.1", tls_cert=tmp_path / "x", tls_key=tmp_path / "y")
    assert serving.own_url(secure) == "https://192.0.2.1:8440"
    for unclear in (Settings(host=ALL), Settings(behind_proxy=True)):
        with pytest.raises(Refusal, match="--url"):
            serving.own_url(unclear)


def test_the_first_start_makes_all_a_newcomer_needs_once(database: Database, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    lines = serving.prepare(database, settings, "http://127.0.0.1:8440", "某大学")
    folder = tmp_path / "invitations"
    assert sorted(path.name for path in folder.iterdir()) == [
        "administrator.txt",
        "broker.tdinvite",
        "head.tdinvite",
    ]
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in folder.iterdir())
    assert any("head.tdinvite" in line for line in lines)
    told = (folder / "administrator.txt").read_text("utf-8")
    with database.reading() as connection:
        administrator = accounts.with_login(connection, "admin")
    assert passwords.matches(administrator.password, told.split("密码：")[1].strip())
    assert str(administrator.password) not in told
    assert serving.prepare(database, settings, "http://127.0.0.1:8440", "某大学") == []


def test_a_database_of_ones_own_is_left_empty(database: Database, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, database=database.url)
    assert "organisation add" in "".join(serving.prepare(database, settings, "http://x", "某大学"))
    with database.reading() as connection:
        assert accounts.listed(connection) == []


def test_workers_share_a_fresh_folder_for_their_figures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PROMETHEUS_MULTIPROC_DIR", raising=False)
    (tmp_path / "metrics").mkdir()
    (tmp_path / "metrics" / "counter_1.db").write_bytes(b"of the last run")
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", "")
    told = serving.options(Settings(data_dir=tmp_path, workers=2))
    assert (told["workers"], told["server_header"], told["access_log"]) == (2, False, False)
    assert list((tmp_path / "metrics").iterdir()) == []
    assert os.environ["PROMETHEUS_MULTIPROC_DIR"] == str(tmp_path / "metrics")


def test_a_self_signed_certificate_names_the_server_and_its_pin(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert program.main(["certificate", "desk.local", "192.0.2.1", "--out", str(tmp_path)]) == 0
    certificate = x509.load_pem_x509_certificate((tmp_path / "server.crt").read_bytes())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["desk.local"]
    assert [str(one) for one in names.get_values_for_type(x509.IPAddress)] == ["192.0.2.1"]
    assert certificate.not_valid_before_utc < now() < certificate.not_valid_after_utc
    assert certificates.pin(tmp_path / "server.crt") in capsys.readouterr().out
    assert stat.S_IMODE((tmp_path / "server.key").stat().st_mode) == 0o600
    with pytest.raises(Refusal, match="PEM"):
        certificates.pin(tmp_path / "server.key")
