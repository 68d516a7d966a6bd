"""A batch of certificates killed on the way: what is left behind, and what going on makes of it."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from desktop import app as application
from desktop.documents.signature_check import Integrity, check_signature
from desktop.models import queries
from desktop.models.queries import Query
from tests.certifier import PASSPHRASE, certify, contents, kill_at, make_workspace
from tests.classes import stamps_of

if TYPE_CHECKING:
    from pathlib import Path

ELSEWHERE = {"TZ": "America/St_Johns", "LC_ALL": "C", "LANG": "C", "PYTHONHASHSEED": "7"}


def kept(workspace: Path) -> int:
    """Return how many files the workspace keeps; papers are the only ones of these classes."""
    return sum(1 for path in (workspace / "blobs").glob("*/*") if "." not in path.name)


def kill_and_resume(folder: Path, *, count: int, at: int) -> None:
    """Kill the making at paper ``at`` and the delivery at file ``at``; demand what a whole run gives."""
    workspace, out = folder / "workspace", folder / "out"
    make_workspace(workspace, count)
    kill_at(certify(workspace, out), lambda: kept(workspace) >= at)
    assert_nothing_promised_is_lost(workspace, count)
    elsewhere = shutil.copytree(workspace, folder / "copy")
    kill_at(certify(workspace, out), lambda: len(list(out.glob("JJ*.pdf"))) >= at)
    finish(workspace, out)
    files = contents(out)
    assert_whole(files, count)
    before = stamps_of(out)
    finish(workspace, out)
    assert stamps_of(out) == before
    temporary = folder / "temporary"
    temporary.mkdir()
    finish(elsewhere, folder / "there", TMPDIR=str(temporary), **ELSEWHERE)
    assert contents(folder / "there") == files


def finish(workspace: Path, out: Path, **environment: str) -> None:
    with certify(workspace, out, **environment) as process:
        said = process.stdout.read() if process.stdout else ""
    assert process.returncode == 0, said


def assert_nothing_promised_is_lost(workspace: Path, count: int) -> None:
    """Whatever the store says was made is there, and each certificate has one number of its own."""
    opened = application.build(workspace, passphrase=PASSPHRASE)
    with opened.desk.store.read() as connection:
        rows = queries.rows(connection, Query("certificate"))
    assert len({row["certificate_no"] for row in rows}) == len(rows) == count
    assert opened.desk.store.integrity_problems() == []
    for row in rows:
        if row["pdf_sha256"]:
            assert check_signature(opened.desk.blobs.get(row["pdf_sha256"])).integrity is Integrity.INTACT
    opened.close()


def assert_whole(files: dict[str, bytes], count: int) -> None:
    """There are as many distinct signed papers as people, numbered without a gap, none half written."""
    papers = {name: content for name, content in files.items() if name.startswith("JJ")}
    assert len(set(papers.values())) == len(papers) == count
    assert [name.split("_")[0][-5:] for name in papers] == [f"{number:05d}" for number in range(1, count + 1)]
    assert {check_signature(content).integrity for content in papers.values()} == {Integrity.INTACT}
    assert not [name for name in files if name.endswith(".part")]
