"""The command line: what it prints, what it refuses and with which exit code."""

from __future__ import annotations

import io
import json
from decimal import Decimal
from pathlib import Path

import pytest

from desktop import app, paths
from desktop.__main__ import CALCULATIONS, main, parser
from desktop.models.store import FILE
from desktop.models.work import new_id
from desktop.services import evaluation_papers, records
from domain.calc import KINDS
from tests.classes import PASSPHRASE


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cli") / "workspace"
    app.build(folder, passphrase=PASSPHRASE).close()
    return folder


def ask(monkeypatch, capsys, kind, *lines):
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(lines) + "\n"))
    code = main(["calc", kind])
    said = capsys.readouterr()
    return code, [json.loads(line) for line in said.out.splitlines()], said.err


def write(workspace, record_type, **values):
    opened = app.build(workspace, passphrase=PASSPHRASE)
    key = new_id()
    records.save(opened.desk, record_type=record_type, record_id=key, values=values)
    opened.close()
    return key


def csv(tmp_path, text, name="list.csv"):
    path = tmp_path / name
    path.write_text(text, "utf-8")
    return path


def test_the_calculations_named_are_those_that_exist():
    assert set(CALCULATIONS) == set(KINDS)


def test_calc_answers_each_line_and_says_which_it_could_not_read(monkeypatch, capsys):
    lines = ['{"part": 1, "whole": 3}', "nonsense", "", '{"part": 1, "whole": 0}', "[1]"]
    code, answers, errors = ask(monkeypatch, capsys, "share", *lines)
    assert code == 1
    assert answers[0] == {"pct": "33.33"}
    assert answers[2] == {"pct": None}
    assert "problems" in answers[1]
    assert "problems" in answers[3]
    assert errors.startswith("第 2 行：不是 JSON 对象")


def test_calc_keeps_a_json_number_exact(monkeypatch, capsys):
    _, answers, _ = ask(monkeypatch, capsys, "amount_in_capitals", '{"yuan": 1000000000.01}')
    assert answers == [{"text": "人民币壹拾亿元零壹分"}]


def test_wrong_usage_is_two(capsys):
    for arguments in (["nonsense"], ["calc", "nonsense"], ["import", "x.csv"], ["demo"]):
        with pytest.raises(SystemExit) as stopped:
            main(arguments)
        assert stopped.value.code == 2
    capsys.readouterr()


def test_without_a_command_the_window_opens(monkeypatch, tmp_path):
    called = []

    def run(*given, **named):
        called.append((given, named))
        return 0

    monkeypatch.setattr("desktop.ui.start.run", run)
    monkeypatch.setenv("TRANSFER_DESK_PASSPHRASE", "x")
    assert main(["--data-dir", str(tmp_path / "w")]) == 0
    assert called[0][0] == (tmp_path / "w", "x")
    assert called[0][1]["compose"]() is app


def test_import_tells_counts_that_add_up_and_a_second_time_nothing_changes(run, tmp_path):
    path = csv(tmp_path, "成果名称,意向价格（万元）\n甲,1.5\n乙,abc\n甲,1.5\n丙,\n")
    code, out, _ = run("import", path, "--as", "成果", "--json")
    told = json.loads(out.splitlines()[-1])
    assert code == 0
    assert (told["rows"], told["imported"], told["duplicates"], told["rejected"]) == (4, 2, 1, 1)
    assert "abc" in Path(told["rejects_file"]).read_text("utf-8-sig")
    _, out, _ = run("import", path, "--as", "achievement", "--json")
    again = json.loads(out.splitlines()[-1])
    assert (again["imported"], again["duplicates"], again["rejected"]) == (0, 3, 1)


def test_a_file_without_one_good_row_is_refused_with_every_reason(run, tmp_path):
    path = csv(tmp_path, "项目名称,签订日期,成交额,技术交易额\n甲,2025-09-31,,\n乙,,-5,\n丙,,100,200\n")
    code, out, errors = run("import", path, "--as", "deal", "--json")
    assert (code, json.loads(out.splitlines()[-1])["rejected"]) == (1, 3)
    assert [line[:5] for line in errors.splitlines()] == ["第 2 行", "第 3 行", "第 4 行"]
    assert "在日历上不存在" in errors
    assert "不能小于 0" in errors
    assert "技术交易额应大于 0 且不超过成交额" in errors


def test_a_dry_run_writes_nothing(run, tmp_path):
    path = csv(tmp_path, "成果名称\n甲\n")
    code, out, _ = run("import", path, "--as", "achievement", "--dry-run")
    assert code == 0
    assert "将导入 1" in out
    assert json.loads(run("search", "甲", "--json")[1]) == {"hits": []}


def test_a_mapping_file_names_the_columns(run, tmp_path):
    path = csv(tmp_path, "东西\n甲烷催化\n")
    mapping = tmp_path / "map.json"
    mapping.write_text('{"东西": "title"}', "utf-8")
    assert run("import", path, "--as", "achievement", "--mapping", mapping)[0] == 0
    assert "甲烷催化" in run("search", "催化")[1]
    for text in ("nonsense", "[1]"):
        mapping.write_text(text, "utf-8")
        code, _, errors = run("import", path, "--as", "achievement", "--mapping", mapping)
        assert (code, "例如" in errors) == (1, True)


def test_what_cannot_be_imported_is_refused_with_reasons(run, tmp_path):
    assert run("import", tmp_path / "none.csv", "--as", "achievement")[0] == 1
    code, _, errors = run("import", csv(tmp_path, "a,b\n1,2\n"), "--as", "nonsense")
    assert code == 1
    assert "没有记录类型“nonsense”" in errors


def test_export_and_search(run, workspace, tmp_path):
    write(workspace, "party", name="浙江工业大学", kind="organisation")
    out = tmp_path / "parties.xlsx"
    assert json.loads(run("export", "party", "--out", out, "--json")[1]) == {"rows": 1, "file": str(out)}
    assert out.stat().st_size > 1000
    assert "浙江工业大学" in run("search", "工业")[1]
    assert "没有找到" in run("search", "不存在的东西")[1]


def test_papers_are_printed_by_name_number_or_alone(run, workspace, tmp_path):
    write(workspace, "deal", title="智能巢箱", contract_no="HT-1", contract_type="dev")
    write(workspace, "agency", name="示例中心", year=Decimal(2025), kind="A")
    for command, which in (
        ("dossier", "智能巢箱"),
        ("dossier", "HT-1"),
        ("dossier", None),
        ("evaluation", "示例中心"),
    ):
        out = tmp_path / "paper.pdf"
        assert run(command, *([which] if which else []), "--out", out)[0] == 0
        assert out.read_bytes().startswith(b"%PDF-")
    for paper, name in evaluation_papers.PAPERS.items():
        code, said, _ = run("evaluation", "示例中心", "--paper", paper, "--out", tmp_path / f"{paper}.pdf")
        assert code == 0
        assert name in said
        assert (tmp_path / f"{paper}.pdf").read_bytes().startswith(b"%PDF-")


def test_papers_that_cannot_be_made_say_why(run, workspace, tmp_path):
    out = tmp_path / "paper.pdf"
    assert "还没有已签发的证书" in run("certificate", "--out", out)[2]
    assert "还没有" in run("dossier", "--out", out)[2]
    write(workspace, "deal", title="甲项目")
    write(workspace, "deal", title="乙项目")
    assert "有 2 条" in run("dossier", "--out", out)[2]
    assert "找不到“丙”" in run("dossier", "丙", "--out", out)[2]
    assert not out.exists()


def test_check_counts_and_refuses_what_is_wrong(run, workspace):
    key = write(workspace, "deal", title="甲项目")
    assert "发现 0 个问题" in run("check")[1]
    assert run("check", "交易", key)[0] == 0
    assert run("check", "deal", "nonsense")[0] == 1
    opened = app.build(workspace, passphrase=PASSPHRASE)
    with opened.desk.store.write() as connection:
        connection.exec_driver_sql("UPDATE deal SET stage = 'nowhere'")
    opened.close()
    code, out, errors = run("check", "--json")
    assert code == 1
    assert json.loads(out.splitlines()[0])["title"] == "甲项目"
    assert "阶段" in errors


def test_a_wrong_or_missing_passphrase_is_refused(run, monkeypatch):
    monkeypatch.setenv("TRANSFER_DESK_PASSPHRASE", "falsch")
    assert "口令不对" in run("search", "x")[2]
    monkeypatch.delenv("TRANSFER_DESK_PASSPHRASE")
    monkeypatch.setattr("sys.stdin", io.StringIO())
    assert "TRANSFER_DESK_PASSPHRASE" in run("search", "x")[2]


def test_a_workspace_that_no_passphrase_opens_says_why(run, workspace):
    (workspace / "key.json").write_text('{"workspace": "elsewhere", "wrapped": null}', "utf-8")
    assert "系统密钥环" in run("search", "x")[2]


def test_a_damaged_store_is_said_to_be_damaged(run, workspace):
    file = workspace / FILE
    file.write_bytes(file.read_bytes()[:-8192])
    code, out, errors = run("search", "x")
    assert (code, out) == (1, "")
    assert "从备份恢复" in errors


def test_the_demonstration_adds_up_and_leaves_its_papers(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("TRANSFER_DESK_PASSPHRASE", PASSPHRASE)
    out = tmp_path / "out"
    assert main(["--data-dir", str(tmp_path / "w"), "demo", "--out", str(out)]) == 0
    said = capsys.readouterr().out
    assert said.count("行 = 导入") == 8
    papers = sorted((out / "证书").glob("JJ*.pdf"))
    assert len(papers) == 10
    assert {path.name for path in out.glob("*.pdf")} >= {"交易案卷.pdf", "绩效数据表.pdf"}
    assert {path.suffix for path in (out / "证书").iterdir()} == {".pdf", ".zip", ".csv", ".json"}
    for paper in papers:
        assert main(["verify", "--trust", str(out / "信任名单.json"), str(paper)]) == 0
    assert capsys.readouterr().out.count("真实有效") == 10
    for which, pages in ((None, 10), ("王喆", 1), ("nonsense", None)):
        arguments = [which] if which else []
        code = main(
            [
                "--data-dir",
                str(tmp_path / "w"),
                "certificate",
                *arguments,
                "--out",
                str(out / "c.pdf"),
                "--json",
            ]
        )
        told = capsys.readouterr().out
        assert (code, json.loads(told)["pages"] if pages else told) == ((0, pages) if pages else (1, ""))


def test_the_demonstration_leaves_a_real_workspace_alone(run, tmp_path):
    code, _, errors = run("demo", "--out", tmp_path / "out")
    assert code == 1
    assert "正式工作区" in errors


def test_the_help_names_every_command():
    words = parser().format_help()
    assert all(
        name in words for name in ("import", "export", "certificates", "verify", "trust", "calc", "demo")
    )
    assert paths.sample_lists().is_dir()


@pytest.mark.parametrize(("again", "code"), [("four quiet words", 0), ("four quite words", 1)])
def test_the_passphrase_of_a_new_workspace_is_asked_for_twice(tmp_path, monkeypatch, capsys, again, code):
    answers = ["four quiet words", again]
    monkeypatch.delenv("TRANSFER_DESK_PASSPHRASE", raising=False)
    monkeypatch.setattr("desktop.app.system_keyring", lambda: None)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("getpass.getpass", lambda _prompt: answers.pop(0))
    assert main(["--data-dir", str(tmp_path / "new"), "check"]) == code
    assert ("两次输入的口令不同" in capsys.readouterr().err) is bool(code)
    assert (tmp_path / "new" / "key.json").exists() is not bool(code)


def test_a_new_workspace_takes_no_passphrase_that_is_easy_to_guess(tmp_path, monkeypatch, capsys):
    monkeypatch.delenv("TRANSFER_DESK_PASSPHRASE", raising=False)
    monkeypatch.setattr("desktop.app.system_keyring", lambda: None)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("getpass.getpass", lambda _prompt: "1234")
    assert main(["--data-dir", str(tmp_path / "new"), "check"]) == 1
    assert "至少 10 个字符" in capsys.readouterr().err
    assert not (tmp_path / "new" / "key.json").exists()
