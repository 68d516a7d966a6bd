"""Checks that only a declared font file reaches the fonts folder, with its licence, from whatever has it."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import pylopdf_fonts_zh_cn
import pytest
from fontTools.ttLib import TTFont

from desktop.documents.faces import DeclaredFace
from tools import get_fonts
from tools.get_fonts import Registries, UnavailableError, provide

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

CONTENT = b"outlines"
FACE = DeclaredFace(
    chain="Kai",
    file="kai.ttf",
    version="Version 1",
    size=len(CONTENT),
    sha256=hashlib.sha256(CONTENT).hexdigest(),
    licence="OFL-1.1",
    apt="fonts-kai",
    path="fonts/kai.ttf",
    licence_path="doc/copyright",
)
SECOND = replace(FACE, file="kai-npm.ttf", apt="", npm="kai@1")


class Shelf:
    """Stands for the registries: packages that lie unpacked in a folder, by their name."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.asked = folder, list[str]()

    def put(self, package: str, content: bytes = CONTENT) -> None:
        for path, data in ((FACE.path, content), (FACE.licence_path, b"OFL")):
            file = self.folder / package / path
            file.parent.mkdir(parents=True)
            file.write_bytes(data)

    def unpacked(self, declared: DeclaredFace) -> Path:
        package = declared.apt or declared.npm
        self.asked.append(package)
        if not (self.folder / package).exists():
            raise UnavailableError(f"no {package}")
        return self.folder / package


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "shelf")


@pytest.fixture
def fonts(tmp_path: Path) -> Path:
    return tmp_path / "fonts"


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_face_arrives_with_its_licence_and_is_not_fetched_twice(shelf: Shelf, fonts: Path) -> None:
    shelf.put("fonts-kai")
    for _ in range(2):
        assert provide(["Kai"], [FACE, SECOND], fonts, shelf) == []
    assert shelf.asked == ["fonts-kai"]
    assert (fonts / "kai.ttf").read_bytes() == CONTENT
    assert names(fonts) == ["kai.licence.txt", "kai.ttf"]


def test_the_second_source_serves_where_the_first_does_not(shelf: Shelf, fonts: Path) -> None:
    shelf.put("kai@1")
    assert provide(["Kai"], [FACE, SECOND], fonts, shelf) == []
    assert names(fonts) == ["kai-npm.licence.txt", "kai-npm.ttf"]


def test_another_version_is_refused_and_nothing_stays_behind(shelf: Shelf, fonts: Path) -> None:
    shelf.put("fonts-kai", b"outlinez")
    (problem,) = provide(["Kai"], [FACE, SECOND], fonts, shelf)
    assert problem.splitlines() == [
        "no face for Kai could be had:",
        "  fonts-kai holds another version of kai.ttf than Version 1",
        "  no kai@1",
    ]
    assert names(fonts) == []


def test_a_damaged_face_is_fetched_again(shelf: Shelf, fonts: Path) -> None:
    fonts.mkdir()
    (fonts / "kai.ttf").write_bytes(b"?")
    shelf.put("fonts-kai")
    assert provide(["Kai"], [FACE], fonts, shelf) == []
    assert (fonts / "kai.ttf").read_bytes() == CONTENT


def test_a_package_without_the_file_is_refused(shelf: Shelf, fonts: Path) -> None:
    shelf.put("fonts-kai")
    (problem,) = provide(["Kai"], [replace(FACE, path="fonts/other.ttf")], fonts, shelf)
    assert "fonts-kai has no fonts/other.ttf" in problem


def test_a_web_font_is_unpacked_to_the_same_bytes_each_time(tmp_path: Path) -> None:
    woff = tmp_path / "sans.woff"
    with TTFont(pylopdf_fonts_zh_cn.sans_path(), lazy=True, recalcTimestamp=False) as font:
        font.flavor = "woff"
        font.save(woff)
    made = [tmp_path / "first.otf", tmp_path / "second.otf"]
    for target in made:
        get_fonts.unwrap(woff, target)
    assert made[0].read_bytes() == made[1].read_bytes()
    with TTFont(made[0]) as font:
        assert font.flavor is None
        assert len(font.getBestCmap()) > 20_000


class TestRegistries:
    """What is asked of the package managers; the commands themselves are noted, not run."""

    @pytest.fixture
    def commands(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        """Note each command; downloads fail without package lists of our own."""
        seen: list[str] = []

        def run(command: Sequence[object], failure: str, folder: Path | None = None) -> None:
            line = " ".join(map(str, command))
            seen.append(line)
            if "download" in line:
                if "Dir::State::lists" not in line:
                    raise UnavailableError(failure)
                assert folder
                (folder / "kai.deb").touch()

        monkeypatch.setattr(get_fonts, "run", run)
        monkeypatch.setattr(shutil, "which", lambda command: f"/bin/{command}")
        return seen

    def test_a_machine_without_lists_gets_its_own_once_and_each_package_is_fetched_once(
        self, commands: list[str], tmp_path: Path
    ) -> None:
        registries = Registries(tmp_path)
        assert registries.unpacked(FACE) == registries.unpacked(replace(FACE, file="kai-bold.ttf"))
        registries.unpacked(replace(FACE, apt="fonts-noto-cjk"))
        assert sum(" update " in command for command in commands) == 1
        assert sum(" download " in command for command in commands) == 4
        assert sum("dpkg-deb -x" in command for command in commands) == 2

    def test_a_machine_without_the_manager_says_so(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(shutil, "which", lambda _: None)
        with pytest.raises(UnavailableError, match="there is no apt-get here"):
            Registries(tmp_path).unpacked(FACE)
        with pytest.raises(UnavailableError, match="there is no npm here"):
            Registries(tmp_path).unpacked(SECOND)


def test_a_command_that_fails_is_refused_with_its_last_words() -> None:
    get_fonts.run(["true"], "unused")
    with pytest.raises(UnavailableError, match=r"^it failed: last$"):
        get_fonts.run(["sh", "-c", "echo first >&2; echo last >&2; exit 3"], "it failed")


def test_what_could_not_be_had_is_an_error_of_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TRANSFER_DESK_FONTS", str(tmp_path))
    monkeypatch.setattr(shutil, "which", lambda _: None)
    assert get_fonts.main(["Kai"]) == 1
    assert "fonts: no face for Kai could be had" in capsys.readouterr().err
    assert get_fonts.main([]) == 1
