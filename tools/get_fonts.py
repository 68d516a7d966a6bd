"""Brings the font faces that pip cannot, from packages of Debian or npm, as resources/fonts.toml says.

Whichever of the two this machine has will do; what is in the fonts folder already is left alone.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from fontTools.ttLib import TTFont

from desktop.documents.faces import DeclaredFace, declared_faces
from desktop.paths import fonts_dir

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class UnavailableError(Exception):
    """A package cannot be had here; the message says why and what the user can do."""


class Packages(Protocol):
    """Where packages come from."""

    def unpacked(self, declared: DeclaredFace) -> Path:
        """Return the folder that holds the package of a face; raise UnavailableError."""


def main(arguments: Sequence[str] | None = None) -> int:
    declared = declared_faces()
    chains = list(dict.fromkeys(face.chain for face in declared))
    parser = argparse.ArgumentParser(description="Fetch the font faces that pip cannot bring.")
    parser.add_argument("chains", nargs="*", default=chains, help=f"some of {' '.join(chains)}; else all")
    wanted = parser.parse_args(arguments).chains
    with tempfile.TemporaryDirectory() as scratch:
        problems = provide(wanted, declared, fonts_dir(), Registries(Path(scratch)))
    for problem in problems:
        print(f"fonts: {problem}", file=sys.stderr)
    return 1 if problems else 0


def provide(
    chains: Iterable[str], declared: Sequence[DeclaredFace], folder: Path, packages: Packages
) -> list[str]:
    """Put a face for each of ``chains`` into ``folder``; return what went wrong, nothing if all is well."""
    problems: list[str] = []
    for chain in chains:
        faces = [face for face in declared if face.chain == chain]
        if any(is_genuine(folder / face.file, face) for face in faces):
            continue
        reasons: list[str] = []
        for face in faces:
            try:
                install(face, packages.unpacked(face), folder)
            except UnavailableError as reason:
                reasons.append(f"  {reason}")
            else:
                print(f"fonts: {chain} is {face.file}", flush=True)
                break
        else:
            problems.append("\n".join([f"no face for {chain} could be had:", *reasons]))
    return problems


def install(face: DeclaredFace, package: Path, folder: Path) -> None:
    """Copy a face and its licence out of an unpacked package; refuse a file that is not the declared one."""
    source = package / face.path
    if not source.is_file():
        raise UnavailableError(f"{face.apt or face.npm} has no {face.path}")
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / face.file
    fresh = target.with_suffix(".new")
    unwrap(source, fresh)
    if not is_genuine(fresh, face):
        fresh.unlink()
        raise UnavailableError(
            f"{face.apt or face.npm} holds another version of {face.file} than {face.version}"
        )
    shutil.copyfile(package / face.licence_path, target.with_suffix(".licence.txt"))
    fresh.replace(target)  # last: a face that is there is whole and has its licence


def unwrap(source: Path, target: Path) -> None:
    """Copy a font file; a web font (.woff) becomes the plain file that is packed in it."""
    if source.suffix == ".woff":
        with TTFont(source, lazy=True, recalcTimestamp=False, recalcBBoxes=False) as font:
            font.flavor = None
            font.save(target, reorderTables=False)
    else:
        shutil.copyfile(source, target)


def is_genuine(path: Path, face: DeclaredFace) -> bool:
    """Tell whether the file at ``path`` is the declared one, to the last bit."""
    if not path.is_file() or path.stat().st_size != face.size:
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == face.sha256


class Registries:
    """The package managers of this machine; nothing is installed, only unpacked into a scratch folder."""

    def __init__(self, scratch: Path) -> None:
        self._scratch = scratch
        self._unpack = cache(self._unpack_once)

    def unpacked(self, declared: DeclaredFace) -> Path:
        """Return the folder that holds the package of a face."""
        return self._unpack(declared.apt, declared.npm)

    def _unpack_once(self, apt: str, npm: str) -> Path:
        folder = Path(tempfile.mkdtemp(dir=self._scratch))
        if apt:
            self._download(apt, folder)
            (archive,) = folder.glob("*.deb")
            run(["dpkg-deb", "-x", archive, folder], f"{archive.name} could not be unpacked")
        else:
            need("npm", npm)
            run(["npm", "pack", npm, "--silent", "--pack-destination", folder], f"npm could not fetch {npm}")
            (archive,) = folder.glob("*.tgz")
            with tarfile.open(archive) as tar:
                tar.extractall(folder, filter="data")
        return folder

    def _download(self, package: str, folder: Path) -> None:
        need("apt-get", package)
        # Without the option apt warns that its own user may not write here.
        download = ["apt-get", "-o", "APT::Sandbox::User=root", "download", package]
        try:
            run(download, "", folder)
        except UnavailableError:
            own = self._own_lists()
            run([*download, *own], f"apt-get could not fetch {package}", folder)

    def _own_lists(self) -> list[str]:
        """Return the options by which apt uses package lists of our own, fetched now.

        A machine may have none, or old ones, and only an administrator may renew them.
        """
        lists = self._scratch / "lists"
        options = ["-o", f"Dir::State::lists={lists}", "-o", f"Dir::Cache={self._scratch / 'cache'}"]
        if not lists.is_dir():
            lists.mkdir()
            run(["apt-get", "-o", "APT::Sandbox::User=root", "update", *options], "apt-get update failed")
        return options


def need(command: str, package: str) -> None:
    """Refuse when a command is not on this machine."""
    if shutil.which(command) is None:
        raise UnavailableError(f"{package}: there is no {command} here")


def run(command: Sequence[str | Path], failure: str, folder: Path | None = None) -> None:
    """Run a command in silence; raise UnavailableError with ``failure`` and its last words."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip()).rpartition("\n")[2]
        raise UnavailableError(f"{failure}: {last}")


if __name__ == "__main__":
    sys.exit(main())
