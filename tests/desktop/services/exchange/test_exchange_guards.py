"""Dangerous and broken files are refused with their reason before a reader opens them."""

from __future__ import annotations

import random
import zipfile
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.services.exchange import guards, tables
from desktop.services.exchange.guards import shield, unshield
from desktop.services.exchange.writing import Heading, write_table
from domain.problems import Refusal

if TYPE_CHECKING:
    from pathlib import Path

SHEET = "xl/worksheets/sheet1.xml"
NAMESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
FAR_CELLS = {
    "the last cell of the sheet": '<row r="1"><c r="A1"><v>1</v></c><c r="XFD1048576"><v>1</v></c></row>',
    "small letters": '<row r="1"><c r="A1"><v>1</v></c><c r="xfd1048576"><v>1</v></c></row>',
    "a letter in disguise": '<row r="1"><c r="&#88;FD1048576"><v>1</v></c></row>',
    "a bracket inside an attribute": '<row r="1"><c s="1>" r="XFD1048576"><v>1</v></c></row>',
    "odd spacing": "<row r='1'><c\n\tr\n=\n'XFD1048576'\n><v>1</v></c></row>",
    "the row alone": '<row r="900000000"><c r="A1"><v>1</v></c><c><v>1</v></c></row>'
    '<row r="900000000"><c><v>1</v></c></row>',
}


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    path = tmp_path / "list.xlsx"
    write_table(path, "表", [Heading("名称")], [["甲公司"], ["乙公司"]])
    return path


def noise(seed: int, size: int) -> bytes:
    return random.Random(seed).randbytes(size)  # noqa: S311 - the same noise each time, no secret


def rewrite(path: Path, **changed: bytes) -> None:
    """Write the archive again with some parts replaced or added."""
    with zipfile.ZipFile(path) as archive:
        parts = {part.filename: archive.read(part) for part in archive.infolist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {**parts, **changed}.items():
            archive.writestr(name, content)


def refused(path: Path) -> str:
    with pytest.raises(Refusal) as caught:
        tables.read_sheets(path)
    (problem,) = caught.value.problems
    assert path.name in caught.value.messages()[0]
    return problem.code


def test_a_sound_workbook_passes(workbook: Path) -> None:
    (sheet,) = tables.read_sheets(workbook)
    assert [row.cells for row in sheet.read()] == [("名称",), ("甲公司",), ("乙公司",)]


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    assert refused(tmp_path / "none.xlsx") == "file-missing"
    assert refused(tmp_path) == "file-missing"


def test_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"")
    assert refused(tmp_path / "a.csv") == "file-empty"


def test_a_file_that_is_too_large(tmp_path: Path) -> None:
    with (tmp_path / "a.csv").open("wb") as out:
        out.truncate(guards.FILE_BYTES + 1)
    assert refused(tmp_path / "a.csv") == "file-too-large"


@pytest.mark.parametrize("name", ["noise.xlsx", "noise.csv"])
def test_ten_megabytes_of_noise(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(noise(1, 10 * guards.MEGABYTE))
    assert refused(tmp_path / name) in ("file-not-a-table", "file-binary")


def test_text_that_calls_itself_a_workbook(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_text("名称\n甲\n", encoding="utf-8")
    assert refused(tmp_path / "a.xlsx") == "file-not-a-table"


def test_an_encrypted_workbook_is_an_ole_file(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(guards.OLE_START + bytes(4096))
    assert refused(tmp_path / "a.xlsx") == "file-locked"


def test_an_encrypted_archive(workbook: Path) -> None:
    content = bytearray(workbook.read_bytes())
    entry = content.index(b"PK\x01\x02")
    content[entry + 8] |= 1
    workbook.write_bytes(bytes(content))
    assert refused(workbook) == "file-locked"


def test_another_kind_of_archive(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
        archive.writestr("word/document.xml", "<a/>")
    assert refused(tmp_path / "a.xlsx") == "file-not-a-table"


def test_a_cut_workbook(workbook: Path) -> None:
    workbook.write_bytes(workbook.read_bytes()[:-200])
    assert refused(workbook) == "file-damaged"


def test_a_flipped_bit_in_a_part(workbook: Path) -> None:
    content = bytearray(workbook.read_bytes())
    content[60] ^= 0xFF
    workbook.write_bytes(bytes(content))
    assert refused(workbook) == "file-damaged"


def test_a_bomb_by_its_ratio_is_not_inflated(workbook: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rewrite(workbook, **{SHEET: b"<a>" + bytes(20 * guards.MEGABYTE)})
    monkeypatch.setattr(guards, "_inflate", lambda *_: pytest.fail("the bomb was opened"))
    assert refused(workbook) == "file-bomb"


def test_a_bomb_by_its_total(workbook: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guards, "INFLATED_BYTES", 2 * guards.MEGABYTE)
    half = b"".join(noise(n, 1000) + bytes(150_000) for n in range(8))
    rewrite(workbook, **{f"xl/media/{n}.bin": half for n in range(2)})
    assert refused(workbook) == "file-bomb"


def test_too_many_parts(workbook: Path) -> None:
    rewrite(workbook, **{f"xl/{n}": b"" for n in range(guards.FILES)})
    assert refused(workbook) == "file-bomb"


@pytest.mark.parametrize("name", ["../a.xml", "/etc/a.xml", "C:/a.xml", "xl\\..\\..\\a.xml"])
def test_names_that_lead_outside(workbook: Path, name: str) -> None:
    rewrite(workbook, **{name: b"<a/>"})
    assert refused(workbook) == "file-bomb"


def test_a_part_that_lies_about_its_size(workbook: Path) -> None:
    rewrite(workbook, **{SHEET: b"<a>" + b" " * 50_000 + b"</a>"})
    content = workbook.read_bytes()
    true, told = (50_007).to_bytes(4, "little"), (107).to_bytes(4, "little")
    assert true in content
    workbook.write_bytes(content.replace(true, told))
    assert refused(workbook) in ("file-bomb", "file-damaged")


@pytest.mark.parametrize("cells", FAR_CELLS.values(), ids=list(FAR_CELLS))
def test_cells_so_far_apart_that_a_reader_would_fill_the_memory(workbook: Path, cells: str) -> None:
    sheet = f'<worksheet xmlns="{NAMESPACE}"><sheetData>{cells}</sheetData></worksheet>'
    rewrite(workbook, **{SHEET: sheet.encode()})
    assert refused(workbook) in ("file-sparse", "file-damaged")


def test_far_cells_that_hold_nothing_do_no_harm(workbook: Path) -> None:
    cells = (
        '<row r="1"><c r="A1" t="str"><v>名称</v></c></row><row r="1048576"><c r="XFD1048576" s="1"/></row>'
    )
    sheet = f'<worksheet xmlns="{NAMESPACE}"><sheetData>{cells}</sheetData></worksheet>'
    rewrite(workbook, **{SHEET: sheet.encode()})
    (found,) = tables.read_sheets(workbook)
    assert [row.cells for row in found.read()] == [("名称",)]


def test_a_document_type_is_refused(workbook: Path) -> None:
    rewrite(workbook, **{SHEET: b'<!DOCTYPE a [<!ENTITY b "c">]><worksheet>&b;</worksheet>'})
    assert refused(workbook) == "file-damaged"


def test_a_sheet_may_not_hide_from_the_guard_by_its_name(workbook: Path) -> None:
    with zipfile.ZipFile(workbook) as archive:
        relations = archive.read("xl/_rels/workbook.xml.rels")
    rewrite(workbook, **{"xl/_rels/workbook.xml.rels": relations.replace(b"sheet1.xml", b"sheet1.png")})
    assert refused(workbook) == "file-not-a-table"


@given(data=st.data())
def test_no_change_inside_a_workbook_does_more_than_a_refusal(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("changed") / "list.xlsx"
    write_table(path, "表", [Heading("名称")], [["甲公司"]])
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if name.startswith("xl/")]
        name = data.draw(st.sampled_from(names))
        content = bytearray(archive.read(name))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content)))
        content[place : place + data.draw(st.integers(0, 9))] = data.draw(
            st.sampled_from([b"", b"<", b'"', b"A0", b"99999999999", b"&#x110000;"]) | st.binary(max_size=4)
        )
    rewrite(path, **{name: bytes(content)})
    codes: list[str] = []
    try:
        sheets = tables.read_sheets(path)
    except Refusal as refusal:
        sheets, codes = [], [problem.code for problem in refusal.problems]
    assert all(code.startswith("file-") for code in codes)
    assert all(row.number >= 1 for sheet in sheets for row in sheet.read())


@given(st.text(alphabet="'=+-@＝＋－＠\t\r甲a1", max_size=6))
def test_shielding_hides_every_formula_and_loses_nothing(text: str) -> None:
    assert not shield(text).startswith(tuple("=+-@＝＋－＠\t\r"))
    assert unshield(shield(text)) == text
