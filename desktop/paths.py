"""Where the program's own data and the user's data live, read once, in the source tree and when built."""

from __future__ import annotations

import functools
import os
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import platformdirs

from domain.calendar_days import OFFICIAL, WorkCalendar
from domain.codes import CodeBook, CodeList, parse_code_list
from domain.dossier import Checklist, parse_checklist
from domain.policies import PolicyBook, parse_pack
from domain.schemes import Scheme, parse_scheme

APP = "transfer-desk"
EXAMPLE = ".example"


def resources() -> Path:
    """Return the folder of the program's own data: beside the source, or inside the built program."""
    bundle = getattr(sys, "_MEIPASS", None)  # set by PyInstaller's bootloader
    return Path(bundle or Path(__file__).parents[1]) / "resources"


def fonts_dir() -> Path:
    """Return the folder of the font files that pip cannot bring; ``make fonts`` fills it."""
    named = os.environ.get("TRANSFER_DESK_FONTS")
    return Path(named) if named else resources() / "fonts"


def data_dir(override: Path | None = None) -> Path:
    """Return the folder of the user's data, made if it is missing, for its owner only."""
    folder = override or Path(platformdirs.user_data_dir(APP, appauthor=False))
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


class _CodeLists(Mapping[str, CodeList]):
    """The code lists of a folder, each read when first asked for: the long ones take a tenth of a second."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._names = tuple(sorted(path.stem for path in folder.glob("*.toml")))
        self._read: dict[str, CodeList] = {}

    def __getitem__(self, name: str) -> CodeList:
        if name not in self._names:
            raise KeyError(name)
        if name not in self._read:
            self._read[name] = parse_code_list(_toml(self._folder / f"{name}.toml"))
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __contains__(self, name: object) -> bool:
        return name in self._names


@functools.cache
def code_book() -> CodeBook:
    """Return all code lists."""
    return CodeBook(_CodeLists(resources() / "codes"))


@functools.cache
def policy_book() -> PolicyBook:
    """Return all policy packs."""
    return PolicyBook(parse_pack(_toml(path)) for path in _files("policies"))


@functools.cache
def schemes() -> Mapping[str, Scheme]:
    """Return all evaluation schemes by id."""
    parsed = (parse_scheme(_toml(path)) for path in _files("schemes") if not path.stem.endswith(EXAMPLE))
    return {scheme.id: scheme for scheme in parsed}


@functools.cache
def dossier_checklist() -> Checklist:
    """Return the papers of a deal in binding order, and whom they concern."""
    return parse_checklist(_toml(resources() / "dossier" / "deal.toml"))


def sample_lists() -> Path:
    """Return the folder of real published lists that the demonstration and the tests import."""
    return resources().parent / "tests" / "data"


@functools.cache
def work_calendar() -> WorkCalendar:
    """Return the official calendar with the years that were added as data."""
    calendar = OFFICIAL
    for path in _files("calendar"):
        calendar = calendar.extended(_toml(path))
    return calendar


def _files(folder: str) -> list[Path]:
    return sorted((resources() / folder).glob("*.toml"))


def _toml(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text("utf-8"))
