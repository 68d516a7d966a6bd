"""Whatever is laid into an archival file, the file stays sound and holds it unchanged."""

from __future__ import annotations

import datetime as dt
import io
import zlib

import pikepdf
import pytest

from desktop.documents import binding as module
from desktop.documents.archive import Conformance, Info
from desktop.documents.binding import Binding, Box, Enclosure
from desktop.documents.fonts import DRAWING
from desktop.documents.page import flow_pages, write_pdf
from desktop.documents.paragraph import ZhParagraph
from desktop.documents.shelf import Shelf
from tests.conformance import assert_archival
from tests.hostile import pdf_with

INFO = Info("案卷", "甲", "", dt.date(2026, 1, 1))
FILE = Enclosure("数据.txt", "text/plain", "Supplement", "数据")


@pytest.fixture
def pages():
    with DRAWING:
        return write_pdf(flow_pages([ZhParagraph("正文")]), INFO, conformance=Conformance.A3B)


@pytest.fixture
def binding(pages, tmp_path):
    with Binding(pages, INFO, tmp_path) as started:
        yield started


@pytest.fixture
def saved(binding, tmp_path):
    def save():
        binding.save(tmp_path / "案卷.pdf")
        return (tmp_path / "案卷.pdf").read_bytes()

    return save


# Its compressed form ends in a carriage return, as that of one file in 256 does.
RETURN = b"\x0c"


def test_no_stream_ends_in_a_carriage_return(binding, saved):
    assert zlib.compress(RETURN).endswith(b"\r")
    binding.enclose(RETURN, FILE)
    data = saved()
    assert_archival(data, "3b")
    with pikepdf.open(io.BytesIO(data)) as pdf:
        streams = [item for item in pdf.objects if isinstance(item, pikepdf.Stream)]
        assert not any(stream.read_raw_bytes().endswith(b"\r") for stream in streams)
        assert pdf.Root.AF[0].EF.F.read_bytes() == RETURN


@pytest.mark.parametrize(
    "content", [b"", b"\r", b"\n", bytes(100_000), zlib.compress(bytes(range(256)) * 99)]
)
def test_any_content_is_enclosed_unchanged(binding, saved, content):
    binding.enclose(content, FILE)
    data = saved()
    assert_archival(data, "3b")
    with pikepdf.open(io.BytesIO(data)) as pdf:
        (held,) = pdf.Root.AF
        assert held.EF.F.read_bytes() == content
        assert int(held.EF.F.Params.Size) == len(content)


def test_a_file_that_compresses_well_is_compressed(binding, saved):
    binding.enclose(b"a" * 1_000_000, FILE)
    assert len(saved()) < 100_000


def test_what_goes_over_the_disk_is_the_same_document(binding, saved, monkeypatch, tmp_path):
    monkeypatch.setattr(module, "HELD_AT_MOST", 10)
    binding.lay_pdf(0, pdf_with(lambda _pdf: None, b"1 0 0 rg 0 0 100 100 re f"))
    for number in range(5):
        binding.enclose(f"{number}".encode() * 100, FILE)
    data = saved()
    assert_archival(data, "3b")
    with pikepdf.open(io.BytesIO(data)) as pdf:
        assert [held.EF.F.read_bytes()[:1] for held in pdf.Root.AF] == [b"0", b"1", b"2", b"3", b"4"]
        assert "/Bound" in pdf.pages[0].Resources.XObject
    assert [path.name for path in tmp_path.iterdir()] == ["案卷.pdf"]


def test_a_picture_is_laid_in_the_middle_of_its_box(binding, saved):
    grey = b"\x89PNG\r\n\x1a\n" + b"".join(
        len(data).to_bytes(4, "big") + name + data + zlib.crc32(name + data).to_bytes(4, "big")
        for name, data in (
            (b"IHDR", (2).to_bytes(4, "big") + (1).to_bytes(4, "big") + bytes((8, 0, 0, 0, 0))),
            (b"IDAT", zlib.compress(bytes(3))),
        )
    )
    binding.lay_picture(0, grey, Box(100, 100, 300, 300))
    data = saved()
    assert_archival(data, "3b")
    with pikepdf.open(io.BytesIO(data)) as pdf:
        drawn = b"".join(part.read_bytes() for part in pdf.pages[0].Contents)
    assert b"200.000 0 0 100.000 100.000 150.000 cm" in drawn


def test_the_shelf_gives_back_what_was_laid_down(tmp_path):
    with Shelf(tmp_path) as shelf:
        first, second = shelf.put(b"first"), shelf.put(b"second" * 9)
        assert (second(), first(), second()) == (b"second" * 9, b"first", b"second" * 9)
