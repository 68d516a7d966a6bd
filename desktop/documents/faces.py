"""Faces exist as data so that a document is set in declared font files only, and says which ones.

Noto Serif SC (宋体) and Noto Sans SC (黑体) come with the program's packages and hold every character of
通用规范汉字表. Bold and 楷体 lie in the fonts folder, if at all; where one is missing a substitute takes its
place. Fonts of the system are never looked at: the same data shall give the same document everywhere.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import pylopdf_fonts_zh_cn

from desktop.documents.harfbuzz import Face
from desktop.paths import resources

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

SONG = "Song"  # 宋体: body
HEI = "Hei"  # 黑体: headings and labels
KAI = "Kai"  # 楷体: second headings, quotations, names on certificates
SONG_BOLD = "SongBold"  # 粗宋, for titles
HEI_BOLD = "HeiBold"
KAI_BOLD = "KaiBold"

CHAINS = (SONG, HEI, KAI, SONG_BOLD, HEI_BOLD, KAI_BOLD)
# What stands in for a face that is not there: the same design, else the same weight on the page.
_SUBSTITUTES = {KAI: SONG, KAI_BOLD: KAI, SONG_BOLD: HEI, HEI_BOLD: HEI}


class FaceRecord(NamedTuple):
    """What a document's record says of a face it was set in."""

    name: str
    version: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredFace:
    """A font file that the program knows (resources/fonts.toml): the chain it heads and how to recognise it.

    ``apt`` or ``npm`` is the package that holds it at ``path``, with its licence at ``licence_path``.
    """

    chain: str
    file: str
    version: str
    size: int
    sha256: str
    licence: str
    path: str
    licence_path: str
    index: int = 0
    apt: str = ""
    npm: str = ""

    def open(self, folder: Path) -> Face | None:
        """Return the face if its file lies in ``folder`` and is the declared one, by size and version."""
        path = folder / self.file
        if not path.is_file() or path.stat().st_size != self.size:
            return None
        face = Face(path, self.index)
        return face if face.version == self.version else None


def declared_faces() -> Sequence[DeclaredFace]:
    """Return the faces the program knows beside those of its packages, the preferred ones first."""
    declared = tomllib.loads((resources() / "fonts.toml").read_text("utf-8"))
    return [DeclaredFace(**entry) for entry in declared["face"]]


class FaceBook:
    """The faces at hand and which of them make up each chain; ``folder`` holds the declared faces."""

    def __init__(self, folder: Path) -> None:
        self._heads = {
            SONG: Face(pylopdf_fonts_zh_cn.serif_path()),
            HEI: Face(pylopdf_fonts_zh_cn.sans_path()),
        }
        for declared in declared_faces():
            if declared.chain not in self._heads and (face := declared.open(folder)):
                self._heads[declared.chain] = face

    def faces(self, chain: str) -> tuple[Face, ...]:
        """Return the faces of a chain in the order in which a character is looked for.

        After its own, each chain has all regular faces, so what one can print the others can, too.
        """
        head = self._head(chain)
        rest = (self._heads[name] for name in (SONG, HEI, KAI) if name in self._heads and name != head)
        return (self._heads[head], *rest)

    @property
    def substitutions(self) -> Mapping[str, str]:
        """The chains whose own face is not there, each with the chain that stands in for it."""
        return {chain: self._head(chain) for chain in CHAINS if chain not in self._heads}

    def _head(self, chain: str) -> str:
        while chain not in self._heads:
            chain = _SUBSTITUTES[chain]
        return chain


def record(face: Face) -> FaceRecord:
    """Return what a document's record says of ``face``."""
    return FaceRecord(face.postscript_name, face.version, face.sha256)
