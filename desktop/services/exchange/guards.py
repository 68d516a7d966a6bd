"""Keeps hostile and broken files from the readers, and formulas from the spreadsheets we write.

A two-cell workbook whose second cell is the last of the sheet makes a reader ask for 500 GB, and 200 KB of
zeros inflate to 200 MB: both are refused here before any reader opens the file.
"""

from __future__ import annotations

import copy
import functools
import re
import stat
import zipfile
import zlib
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final
from xml.parsers import expat

from domain.problems import refuse

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MEGABYTE: Final = 1024 * 1024
FILE_BYTES: Final = 64 * MEGABYTE
INFLATED_BYTES: Final = 200 * MEGABYTE
RATIO: Final = 200
FILES: Final = 5_000
CELLS: Final = 5_000_000
"""Cells of the rectangle around everything a sheet holds: readers allocate all of it."""

SMALL_BYTES: Final = 64 * 1024
CHUNK: Final = MEGABYTE
ZIP_START: Final = b"PK\x03\x04"
OLE_START: Final = bytes.fromhex("d0cf11e0a1b11ae1")
WORKBOOK_PARTS: Final = frozenset({"[Content_Types].xml", "xl/workbook.xml"})
XML_PARTS: Final = (".xml", ".rels")
DAMAGE: Final = (
    zipfile.BadZipFile,
    zlib.error,
    expat.ExpatError,
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    ValueError,
)
_ENCRYPTED: Final = 0x1
_REFERENCE: Final = re.compile(r"\$?([A-Za-z]{1,9})\$?(\d{1,12})")
_RELATIONS: Final = "xl/_rels/workbook.xml.rels"

_FORMULA: Final = re.compile(r"'*[=+\-@＝＋－＠\t\r]")


def shield(text: str) -> str:
    """Return text that no spreadsheet takes for a formula when it opens a CSV file."""
    return f"'{text}" if _FORMULA.match(text) else text


def unshield(text: str) -> str:
    """Return what ``shield`` was given; other text stays as it is."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text


def check_file(path: Path) -> None:
    """Refuse what is no file, is empty or is too large to read whole.

    Raises:
        Refusal: with the reason.
    """
    try:
        held = path.stat()
    except OSError as error:
        raise refuse("", "file-missing", name=path.name) from error
    if not stat.S_ISREG(held.st_mode):
        raise refuse("", "file-missing", name=path.name)
    if held.st_size == 0:
        raise refuse("", "file-empty", name=path.name)
    if held.st_size > FILE_BYTES:
        size, most = f"{held.st_size / MEGABYTE:.0f}", f"{FILE_BYTES // MEGABYTE}"
        raise refuse("", "file-too-large", name=path.name, size=size, max=most)


def check_workbook(path: Path) -> None:
    """Refuse a ZIP file that is no workbook, is encrypted or damaged, or would fill the memory.

    Every part is inflated once, so that a part that lies about its size is found out.

    Raises:
        Refusal: with the reason.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            _check_parts(path.name, archive.infolist())
            for part in archive.infolist():
                _inflate(path.name, archive, part)
    except DAMAGE as error:
        raise refuse("", "file-damaged", name=path.name) from error


def _check_parts(name: str, parts: list[zipfile.ZipInfo]) -> None:
    """Judge the table of contents alone, before a byte is inflated."""
    if len(parts) > FILES:
        raise refuse("", "file-bomb", name=name, why=f"内含 {len(parts)} 个文件")
    if any(part.flag_bits & _ENCRYPTED for part in parts):
        raise refuse("", "file-locked", name=name)
    if any(_goes_outside(part) for part in parts):
        raise refuse("", "file-bomb", name=name, why="内含越界的文件名")
    inflated = sum(part.file_size for part in parts)
    if inflated > INFLATED_BYTES:
        raise refuse("", "file-bomb", name=name, why=f"解压后有 {inflated // MEGABYTE} MB")
    if any(part.file_size > SMALL_BYTES and part.file_size > RATIO * part.compress_size for part in parts):
        raise refuse("", "file-bomb", name=name, why=f"压缩比超过 {RATIO}")
    if not {part.filename for part in parts} >= WORKBOOK_PARTS:
        raise refuse("", "file-not-a-table", name=name)


def _goes_outside(part: zipfile.ZipInfo) -> bool:
    where = PurePosixPath(part.filename.replace("\\", "/"))
    linked = stat.S_ISLNK(part.external_attr >> 16)
    return linked or where.is_absolute() or ".." in where.parts or ":" in where.parts[0]


def _inflate(name: str, archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """Inflate one part whatever size it claims, and measure it if it is XML."""
    if part.is_dir():
        return
    honest = copy.copy(part)
    honest.file_size = INFLATED_BYTES + 1
    extent, size = Extent(), 0
    with archive.open(honest) as source:
        chunk = b"?"
        while chunk:
            chunk = source.read(CHUNK)
            size += len(chunk)
            if size > part.file_size:
                raise refuse("", "file-bomb", name=name, why="内含文件谎报大小")
            if part.filename.lower().endswith(XML_PARTS):
                extent.add(chunk)
                if extent.cells() > CELLS:
                    raise refuse("", "file-sparse", name=name, max=f"{CELLS // 10_000}")
    if part.filename == _RELATIONS and not extent.targets_are_xml:
        raise refuse("", "file-not-a-table", name=name)


class Extent:
    """The rectangle around the cells of one worksheet part, measured while its XML streams by.

    What is not well-formed, or declares a document type, is refused: a reader might see more in it.
    """

    def __init__(self) -> None:
        self.count = self.width = self.height = 0
        self.targets_are_xml = True
        self._row = self._column = 0
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.StartElementHandler = self._start
        self._parser.StartDoctypeDeclHandler = self._refuse_document_type

    def add(self, chunk: bytes) -> None:
        """Look at the next piece of the part; the empty piece is its end.

        Raises:
            ExpatError: it is not well-formed.
        """
        self._parser.Parse(chunk, not chunk)

    def cells(self) -> int:
        """Return how many cells a reader would allocate."""
        return max(self.count, self.width * self.height)

    def _start(self, name: str, facts: dict[str, str]) -> None:
        element = name.rpartition(" ")[2]
        if element == "c":
            self._place(facts.get("r", ""))
        elif element == "row":
            row = facts.get("r", "")
            self._row = int(row) if row.isdecimal() else self._row + 1
            self._column = 0
        elif element in ("v", "is", "f"):
            self.count += 1
            self.width = max(self.width, self._column)
            self.height = max(self.height, self._row)
        elif element == "Relationship":
            self.targets_are_xml &= facts.get("Target", "").lower().endswith(".xml")

    def _place(self, reference: str) -> None:
        found = _REFERENCE.fullmatch(reference)
        if found:
            self._column, self._row = _column(found[1]), int(found[2])
        else:
            self._column += 1

    def _refuse_document_type(self, *_facts: object) -> None:
        raise expat.ExpatError("a document type in a workbook")


@functools.cache
def _column(letters: str) -> int:
    """Return the number of a column by its letters: A is 1, AA is 27."""
    number = 0
    for letter in letters.upper():
        number = 26 * number + ord(letter) - ord("A") + 1
    return number


def starts_with(path: Path) -> bytes:
    """Return the first bytes of a file, which tell what it is."""
    with path.open("rb") as source:
        return source.read(8)


def control_characters(text: str) -> Iterator[int]:
    """Yield where characters stand that no list contains: a sign of noise instead of text."""
    return (found.start() for found in re.finditer(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", text))
