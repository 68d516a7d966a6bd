"""The commands about certificates: a class in one go, verdicts with their exit codes, trust lists."""

from __future__ import annotations

import json
import shutil

import pytest

from desktop import app
from desktop.__main__ import main
from tests.classes import PASSPHRASE, enrol, issued, stamps_of


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Return a workspace with a class of two."""
    folder = tmp_path_factory.mktemp("cli-certificates") / "workspace"
    opened = app.build(folder, passphrase=PASSPHRASE)
    enrol(opened.desk, ["王喆", "赵𬭳"], issuer="示例基地")
    opened.close()
    return folder


@pytest.fixture
def papers(run, tmp_path):
    """Return the papers of the class, and its trust list."""
    assert run("certificates", "初级班", "--date", "2026-03-20", "--out", tmp_path / "out")[0] == 0
    assert run("trust", "export", tmp_path / "trust.json")[0] == 0
    return sorted((tmp_path / "out").glob("JJ*.pdf"))


def test_a_class_is_certified_in_one_go_and_the_second_time_nothing_changes(run, tmp_path):
    out = tmp_path / "out"
    arguments = (
        "certificates",
        "初级班",
        "--date",
        "2026-03-20",
        "--valid-to",
        "2029-03-19",
        "--out",
        out,
        "--json",
    )
    code, said, _ = run(*arguments)
    assert (code, json.loads(said)) == (0, {"issued": 2, "made": 2, "files": 7, "left_out": 0})
    before = stamps_of(out)
    assert json.loads(run(*arguments)[1])["issued"] == 0
    assert stamps_of(out) == before


def test_those_who_did_not_pass_are_left_out_and_counted(run, workspace, tmp_path):
    opened = app.build(workspace, passphrase=PASSPHRASE)
    with opened.desk.store.write() as connection:
        connection.exec_driver_sql("UPDATE enrolment SET passed = 0 WHERE row = 1")
    opened.close()
    said = run("certificates", "初级班", "--date", "2026-03-20", "--out", tmp_path / "out")[1]
    assert "新签发 1 份，制作 1 份" in said
    assert "另有 1 人未登记为合格" in said


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("没有的班",), "找不到培训班"),
        (("初级班", "--template", "nonesuch"), "没有证书样式"),
        (("初级班", "--date", "2026-03-01"), "早于培训结束"),
    ],
)
def test_what_cannot_be_certified_says_why(run, tmp_path, arguments, words):
    code, out, errors = run("certificates", *arguments, "--out", tmp_path / "out")
    assert (code, out) == (1, "")
    assert words in errors
    assert not (tmp_path / "out").exists()


def test_a_class_without_an_issuer_asks_for_one(run, workspace, tmp_path):
    opened = app.build(workspace, passphrase=PASSPHRASE)
    enrol(opened.desk, ["李明"], name="另一班")
    opened.close()
    assert "--issuer" in run("certificates", "另一班", "--out", tmp_path / "out")[2]
    assert run("certificates", "另一班", "--issuer", "另一基地", "--out", tmp_path / "out")[0] == 0


def test_genuine_is_zero_and_anything_else_one(run, papers, tmp_path):
    code, said, _ = run("verify", papers[0])
    assert code == 0
    assert said.startswith("真实有效：由示例基地签发")
    assert "持证人：王喆" in said
    altered = tmp_path / "altered.pdf"
    altered.write_bytes(papers[0].read_bytes().replace(b"endobj", b"endobk", 1))
    code, said, _ = run("verify", altered, "--json")
    assert (code, json.loads(said)["outcome"]) == (1, "altered")


def test_with_a_trust_list_no_workspace_is_opened(papers, tmp_path, monkeypatch, capsys):
    monkeypatch.delenv("TRANSFER_DESK_PASSPHRASE")
    empty = tmp_path / "empty"
    code = main(
        [
            "--data-dir",
            str(empty),
            "verify",
            "--trust",
            str(tmp_path / "trust.json"),
            str(papers[1]),
            "--json",
        ]
    )
    told = json.loads(capsys.readouterr().out)
    assert (code, told["outcome"], told["facts"]["持证人"]) == (0, "genuine", "赵𬭳")
    assert not empty.exists()


def test_the_text_of_a_code_is_judged(run, workspace, papers):
    opened = app.build(workspace, passphrase=PASSPHRASE)
    text = issued(opened.desk)[0]["credential"]
    opened.close()
    assert run("verify", text)[0] == 0
    code, said, _ = run("verify", text[:-1] + ("0" if text[-1] != "0" else "1"))
    assert code == 1
    assert "内容被改动" in said


def test_what_is_no_paper_says_so(run, tmp_path):
    code, _, errors = run("verify", tmp_path / "none.pdf")
    assert code == 1
    assert "不是能读取的文件" in errors
    assert "读不到信任名单" in run("verify", "TD1:X", "--trust", tmp_path / "none.json")[2]


def test_a_list_of_others_comes_in(run, papers, tmp_path, workspace, made):
    shutil.rmtree(workspace)
    shutil.copytree(made, workspace)
    assert run("verify", papers[0])[0] == 1
    assert "已导入" in run("trust", "import", tmp_path / "trust.json")[1]
    assert run("verify", papers[0])[0] == 0
    (tmp_path / "broken.json").write_text("{}", "utf-8")
    assert "不是信任名单" in run("trust", "import", tmp_path / "broken.json")[2]


def test_nothing_issued_is_nothing_to_export(run, tmp_path):
    assert "没有可以交给别人的" in run("trust", "export", tmp_path / "trust.json")[2]
