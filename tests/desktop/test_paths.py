"""The program's data must be found in the source tree and inside a built program."""

import shutil
import stat
import sys

import platformdirs
import pytest

from desktop import paths

CACHED = [
    paths.code_book, paths.policy_book, paths.schemes, paths.dossier_checklist, paths.work_calendar,
]  # fmt: skip


@pytest.fixture
def built(tmp_path, monkeypatch):
    """A built program's folder with a copy of the data; nothing read before or after is mixed in."""
    shutil.copytree(paths.resources(), tmp_path / "resources")
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path), raising=False)
    for read in CACHED:
        read.cache_clear()
    yield tmp_path / "resources"
    for read in CACHED:
        read.cache_clear()


def test_everything_is_read_once():
    for read in CACHED:
        assert read() is read()


def test_a_built_program_finds_its_data(built):
    assert paths.resources() == built
    assert paths.code_book()["sex"].label_of("1") == "男性"
    assert len(paths.policy_book().packs) >= 6
    assert "agency-national-pattern" in paths.schemes()
    assert len(paths.dossier_checklist().documents) == 27


def test_lists_are_read_when_asked_for(built):
    book = paths.code_book()
    assert "region" in book
    assert len(book) == len(list(book)) > 50
    (built / "codes" / "sex.toml").write_text("broken", "utf-8")
    assert book["grade"].valid("excellent")
    with pytest.raises(ValueError, match="Expected"):
        book["sex"]
    with pytest.raises(KeyError):
        book["nothing"]
    assert "nothing" not in book


def test_a_new_years_calendar_is_a_file(built):
    folder = built / "calendar"
    folder.mkdir(exist_ok=True)
    (folder / "2031.toml").write_text(
        'year = 2031\nsource = "测试"\ndays_off = [2031-01-01]\nworking = [2031-01-04]\n', "utf-8"
    )
    assert 2031 in paths.work_calendar().years


def test_the_users_folder_is_made_for_its_owner_only(tmp_path, monkeypatch):
    folder = paths.data_dir(tmp_path / "a" / "b")
    assert folder.is_dir()
    if sys.platform != "win32":
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert paths.data_dir(folder) == folder
    monkeypatch.setattr(platformdirs, "user_data_dir", lambda app, **_: str(tmp_path / app))
    assert paths.data_dir() == tmp_path / "transfer-desk"
