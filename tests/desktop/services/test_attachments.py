"""Files are kept once, sealed, upright where they are pictures, and refused with a reason."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from desktop.documents import pictures
from desktop.models import file_copies
from desktop.models.blobs import DamagedBlobError
from desktop.models.work import new_id
from desktop.services import attachments, records, syncing
from domain.problems import Refusal
from tests.hostile import bomb_png, launching_pdf, pdf_with, pdf_without_its_font
from tests.linked import grant


@pytest.fixture
def party(desk):
    key = new_id()
    records.save(
        desk, record_type="party", record_id=key, values={"name": "示例企业", "kind": "organisation"}
    )
    return key


def sideways(mode="RGB", form="JPEG"):
    exif = Image.Exif()
    exif[0x0112] = 6
    out = io.BytesIO()
    Image.new(mode, (40, 20), 128 if mode == "L" else None).save(out, form, exif=exif)
    return out.getvalue()


def test_a_file_comes_back_as_it_went_in(desk, party, tmp_path):
    path = tmp_path / "合同.pdf"
    path.write_bytes(b"%PDF-1.7 secret words")
    attachments.attach(desk, record_type="party", record_id=party, files=[path])
    (row,) = attachments.listed(desk, "party", party)
    assert (row["name"], row["media_type"]) == ("合同.pdf", "application/pdf")
    assert attachments.open_content(desk, row["id"]) == path.read_bytes()
    stored = [f.read_bytes() for f in desk.blobs.folder.rglob("*") if f.is_file()]
    assert stored
    assert all(b"secret words" not in content for content in stored)


def test_the_same_file_is_kept_once(desk, party, tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("same", "utf-8")
    attachments.attach(desk, record_type="party", record_id=party, files=[path, path])
    attachments.attach(desk, record_type="party", record_id=party, files=[path])
    assert len(attachments.listed(desk, "party", party)) == 1


def test_pictures_get_an_upright_copy_and_keep_the_original(desk, party):
    upload = attachments.Upload("photo.jpg", sideways())
    attachments.add(desk, record_type="party", record_id=party, uploads=[upload])
    (row,) = attachments.listed(desk, "party", party)
    assert attachments.open_content(desk, row["id"]) == upload.content
    with Image.open(io.BytesIO(attachments.open_content(desk, row["id"], view=True))) as view:
        assert view.size == (20, 40)


def test_detached_files_are_no_longer_listed_and_can_be_undone(desk, party, tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("x", "utf-8")
    attachments.attach(desk, record_type="party", record_id=party, files=[path])
    (row,) = attachments.listed(desk, "party", party)
    attachments.detach(desk, ids=[row["id"]])
    assert attachments.listed(desk, "party", party) == []
    records.undo(desk)
    assert len(attachments.listed(desk, "party", party)) == 1


def test_all_unfit_files_are_named_at_once_and_nothing_is_kept(desk, party, tmp_path):
    empty = tmp_path / "空.txt"
    empty.write_bytes(b"")
    with pytest.raises(Refusal) as refused:
        attachments.attach(desk, record_type="party", record_id=party, files=[empty, tmp_path / "无.txt"])
    assert refused.value.messages() == ["空.txt：文件是空的", "无.txt：找不到这个文件"]
    assert attachments.listed(desk, "party", party) == []


def test_a_file_too_large_is_refused(desk, party, tmp_path, monkeypatch):
    monkeypatch.setattr(attachments, "BYTES_AT_MOST", 3)
    path = tmp_path / "big.bin"
    path.write_bytes(b"1234")
    with pytest.raises(Refusal, match="最多 200 MB"):
        attachments.attach(desk, record_type="party", record_id=party, files=[path])


def test_a_file_that_goes_away_while_it_is_added_is_refused_by_name(desk, party, tmp_path):
    path = tmp_path / "照片.bin"
    path.write_bytes(b"x")
    (upload,) = attachments.read_files([path])
    path.unlink()
    with pytest.raises(Refusal, match=r"照片\.bin：没有读完"):
        attachments.add(desk, record_type="party", record_id=party, uploads=[upload])
    assert attachments.listed(desk, "party", party) == []


def test_a_record_that_is_not_there_takes_no_file(desk, tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("x", "utf-8")
    with pytest.raises(Refusal):
        attachments.attach(desk, record_type="party", record_id=new_id(), files=[path])


def test_an_altered_file_is_found(desk, party, tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("x", "utf-8")
    attachments.attach(desk, record_type="party", record_id=party, files=[path])
    (row,) = attachments.listed(desk, "party", party)
    (sealed,) = (f for f in desk.blobs.folder.rglob("*") if f.is_file())
    content = bytearray(sealed.read_bytes())
    content[-1] ^= 1
    sealed.write_bytes(content)
    with pytest.raises(DamagedBlobError):
        attachments.open_content(desk, row["id"])
    with pytest.raises(Refusal):
        attachments.open_content(desk, new_id())


def add(desk, party, name, content):
    attachments.add(desk, record_type="party", record_id=party, uploads=[attachments.Upload(name, content)])


@pytest.mark.parametrize(("mode", "form"), [("L", "JPEG"), ("CMYK", "JPEG"), ("RGBA", "PNG"), ("P", "PNG")])
def test_every_colour_mode_becomes_plain(desk, party, mode, form):
    out = io.BytesIO()
    Image.new(mode, (3000, 20)).save(out, form)
    add(desk, party, "图.jpg", out.getvalue())
    (row,) = attachments.listed(desk, "party", party)
    with Image.open(io.BytesIO(attachments.open_content(desk, row["id"], view=True))) as view:
        assert view.mode in ("L", "RGB")
        assert view.width == pictures.LONGEST


@pytest.mark.parametrize(
    ("name", "content"),
    [("坏.jpg", b"\xff\xd8\xff broken"), ("坏.pdf", b"%PDF-1.7 broken"), ("图.png", b"no picture at all")],
)
def test_a_damaged_file_is_kept_as_it_is(desk, party, name, content):
    add(desk, party, name, content)
    (row,) = attachments.listed(desk, "party", party)
    assert row["view_sha256"] is None
    assert attachments.open_content(desk, row["id"], view=True) == content


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [("弹.png", bomb_png(), "像素"), ("合同.pdf", launching_pdf(), "启动其他程序")],
    ids=["bomb", "launch"],
)
def test_a_hostile_file_is_refused_by_name_and_reason_and_nothing_is_kept(desk, party, name, content, reason):
    with pytest.raises(Refusal, match=reason) as refused:
        add(desk, party, name, content)
    assert refused.value.messages()[0].startswith(f"{name}：")
    assert attachments.listed(desk, "party", party) == []


def test_a_sound_pdf_is_its_own_copy_and_an_unfit_one_gets_another(desk, party):
    sound = pdf_with(lambda _pdf: None)
    add(desk, party, "合同.pdf", sound)
    add(desk, party, "发票.pdf", pdf_without_its_font())
    first, second = attachments.listed(desk, "party", party)
    assert first["view_sha256"] == first["sha256"]
    assert second["view_sha256"] not in (None, second["sha256"])


def test_a_scan_of_several_sheets_is_bound_from_the_original(desk, party):
    out = io.BytesIO()
    Image.new("L", (30, 20)).save(out, "TIFF", save_all=True, append_images=[Image.new("L", (20, 30))])
    add(desk, party, "扫描.tif", out.getvalue())
    (row,) = attachments.listed(desk, "party", party)
    assert row["view_sha256"] is None


def test_a_file_above_the_size_that_travels_by_itself_is_told_of(desk, party, tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("xyz", "utf-8")
    attachments.attach(desk, record_type="party", record_id=party, files=[path])
    (row,) = attachments.listed(desk, "party", party)

    def held_back():
        return attachments.shelf(desk, "party", party).held_back

    syncing.let_travel(desk, largest=2)
    assert held_back() == frozenset(), "without a server nothing travels"
    grant(desk)
    assert held_back() == {row["sha256"]}
    with desk.store.write(applying=True) as connection:
        file_copies.discover(connection, desk.blobs, "2026-03-02")
    assert held_back() == {row["sha256"]}
    for largest, told in ((3, frozenset()), (0, {row["sha256"]}), (None, frozenset()), (0, {row["sha256"]})):
        syncing.let_travel(desk, largest=largest)
        assert syncing.centre(desk).largest == largest
        assert held_back() == told
    attachments.fetch(desk, attachment_id=row["id"])
    assert held_back() == frozenset(), "somebody has asked for it"


def test_a_damaged_file_is_asked_for_anew_where_there_is_a_server(desk, party, tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("x", "utf-8")
    attachments.attach(desk, record_type="party", record_id=party, files=[path])
    (row,) = attachments.listed(desk, "party", party)
    grant(desk)
    assert attachments.open_content(desk, row["id"]) == b"x"
    (sealed,) = (f for f in desk.blobs.folder.rglob("*") if f.is_file())
    sealed.write_bytes(b"damaged")
    with pytest.raises(Refusal, match="已损坏，正在重新下载"):
        attachments.open_content(desk, row["id"])
    assert attachments.shelf(desk, "party", party).places == {row["sha256"]: "coming"}
    with pytest.raises(Refusal, match="还没有下载到本机"):
        attachments.open_content(desk, row["id"])
