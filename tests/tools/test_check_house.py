"""Plants one violation of each rule of the house and expects it found, at its line and nowhere else."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools import check_house
from tools.check_house import Module, findings, main, modules_of, project_imports, spread, summary

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Plant = Callable[..., Path]

OPENING = '"""Says why it exists."""\n'
# Spelled so that the check of this file does not find them.
UNFINISHED = "TO" + "DO"
HOME = "/" + "home"
PROFILE = "C:" + r"\\Users"


@pytest.fixture
def plant(tmp_path: Path) -> Plant:
    """Return a function that writes one module into an otherwise empty house."""
    (tmp_path / "pyproject.toml").write_text(
        '[tool.ruff.lint.per-file-ignores]\n"desktop/cli.py" = ["PLC0415"]\n"tests/**" = ["D", "PLC0415"]\n'
    )

    def write(path: str, body: str, opening: str = OPENING) -> Path:
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(opening + dedent(body), encoding="utf-8")
        return tmp_path

    return write


def found(root: Path) -> list[str]:
    return [str(finding) for finding in findings(modules_of(root))]


def repeated(line: str, times: int) -> str:
    return f"{line}\n" * times


VIOLATIONS = [
    ("domain/a.py", "x = 1\n" * 500, "domain/a.py:1: domain/a.py has 501 module lines, the limit is 500"),
    (
        "domain/a.py",
        "@staticmethod\ndef long():\n" + repeated("    print()", 60),
        "domain/a.py:3: long has 61 function lines, the limit is 60",
    ),
    (
        "domain/a.py",
        "class Long:\n" + repeated("    x = 1", 400),
        "domain/a.py:2: Long has 401 class lines, the limit is 400",
    ),
    (
        "domain/a.py",
        "class Wide:\n" + "".join(f"    def m{n}(self): ...\n" for n in range(26)),
        "domain/a.py:2: Wide has 26 public methods, the limit is 25",
    ),
    (
        "desktop/a.py",
        "".join(f"import domain.m{n}\n" for n in range(13)),
        "desktop/a.py:1: desktop/a.py has 13 project imports, the limit is 12",
    ),
    ("domain/a.py", "def f():\n    global x\n", "domain/a.py:3: global x: pass the value instead"),
    ("domain/a.py", "from os import *\n", "domain/a.py:2: star import from os: name what is used"),
    (
        "desktop/ui/a.py",
        "def f():\n    if True:\n        import os\n",
        "desktop/ui/a.py:4: import inside a function: move it to the top of the module",
    ),
    (
        "desktop/ui/a.py",
        "app.processEvents()\n",
        "desktop/ui/a.py:2: processEvents: give the work to the job runner",
    ),
    (
        "desktop/services/a.py",
        "dialog.exec()\n",
        "desktop/services/a.py:2: exec() outside desktop/ui: raise a Refusal and let the UI show it",
    ),
    ("server/a.py", f"# {UNFINISHED} later\n", f"server/a.py:2: {UNFINISHED}: finish it or leave it out"),
    ("tests/test_a.py", f"x = '{HOME}/someone'\n", f"tests/test_a.py:2: {HOME}/...: a path of one machine"),
    ("tools/a.py", f"x = '{PROFILE}'\n", f"tools/a.py:2: {PROFILE}...: a path of one machine"),
]


@pytest.mark.parametrize(("path", "body", "message"), VIOLATIONS)
def test_violation_is_found_once(plant: Plant, path: str, body: str, message: str) -> None:
    assert found(plant(path, body)) == [message]


@pytest.mark.parametrize("opening", ["", '"""Only a heading\n"""\n', "# A comment.\n"])
def test_module_must_open_with_a_sentence(plant: Plant, opening: str) -> None:
    root = plant("domain/a.py", "x = 1\n", opening=opening)
    assert found(root) == [
        "domain/a.py:1: the module does not open with a docstring sentence saying why it exists"
    ]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("desktop/models/migrations/versions/a.py", "x = 1\n" * 600),
        ("desktop/ui/deals/a.py", "dialog.exec()\n"),
        ("desktop/cli.py", "def f():\n    import os\n"),
        ("tests/laws/test_a.py", "def f():\n    import os\n    menu.exec()\n"),
        ("tests/test_a.py", "".join(f"import domain.m{n}\n" for n in range(13))),
        ("desktop/a.py", "url = 'https://example.org/home/page'\n"),
        ("domain/a.py", "class Fit:\n" + "".join(f"    def _m{n}(self): ...\n" for n in range(26))),
    ],
)
def test_what_is_allowed_is_not_found(plant: Plant, path: str, body: str) -> None:
    assert found(plant(path, body)) == []


def test_empty_init_needs_no_sentence(plant: Plant) -> None:
    assert found(plant("domain/__init__.py", "", opening="")) == []


def test_property_with_setter_is_one_method(plant: Plant) -> None:
    pairs = "".join(
        f"    @property\n    def p{n}(self): ...\n    @p{n}.setter\n    def p{n}(self, value): ...\n"
        for n in range(25)
    )
    assert found(plant("domain/a.py", f"class Record:\n{pairs}")) == []


def test_project_imports_name_modules_once_and_leave_typing_out(plant: Plant) -> None:
    plant("domain/records/deal.py", "")
    root = plant(
        "desktop/a.py",
        """\
        import os
        from typing import TYPE_CHECKING
        from domain.records import deal
        from domain.records.deal import Deal, STAGES
        from domain.money import yuan, fen
        if TYPE_CHECKING:
            from domain.codes import CodeList
        """,
    )
    assert project_imports(Module(root, "desktop/a.py")) == {"domain.records.deal", "domain.money"}


def test_package_may_list_all_its_children(plant: Plant) -> None:
    listing = "".join(f"from domain.records.m{n} import T{n}\n" for n in range(20))
    root = plant("domain/records/__init__.py", listing + "from domain.fields import text\n")
    assert project_imports(Module(root, "domain/records/__init__.py")) == {"domain.fields"}


def test_summary_measures_the_code_and_not_its_tests(plant: Plant) -> None:
    plant("domain/a.py", "def f():\n    return 1\n")
    root = plant("tests/test_a.py", "x = 1\n" * 300)
    assert summary(modules_of(root)).startswith(
        "median/p90/max: module lines 3/3/3 of 500, function lines 2/2/2"
    )


@given(st.lists(st.integers(min_value=0, max_value=1000), min_size=1))
def test_spread_is_ordered(amounts: list[int]) -> None:
    median, ninth, largest = (float(part) for part in spread(amounts).split("/"))
    assert min(amounts) <= median <= largest == max(amounts)
    assert sum(amount <= ninth for amount in amounts) >= 0.9 * (len(amounts) - 1)


def test_exit_code_tells_whether_the_house_is_tidy(plant: Plant, capsys: pytest.CaptureFixture[str]) -> None:
    root = plant("domain/a.py", "x = 1\n")
    assert main(root) == 0
    assert "house: 1 modules, 0 findings" in capsys.readouterr().out
    plant("domain/b.py", "from os import *\n")
    assert main(root) == 1
    assert "domain/b.py:2: star import" in capsys.readouterr().out


def test_this_file_names_every_rule() -> None:
    messages = " ".join(message for _, _, message in VIOLATIONS)
    assert all(kind in messages for kind in check_house.LIMITS)
