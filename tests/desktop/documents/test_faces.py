"""A document may be set in declared faces only; one that is missing must not change what can be printed."""

from __future__ import annotations

import hashlib
import shutil

import pylopdf_fonts_zh_cn
import pytest

from desktop.documents.faces import (
    CHAINS,
    HEI,
    HEI_BOLD,
    KAI,
    KAI_BOLD,
    SONG,
    SONG_BOLD,
    FaceBook,
    declared_faces,
    record,
)
from desktop.documents.fonts import chain, font_record
from desktop.paths import fonts_dir


@pytest.fixture(scope="module")
def kai_file():
    """The file of 楷体 on this machine; `make fonts` fetches it and `make test` does so by itself."""
    found = [face for face in declared_faces() if face.chain == KAI and (fonts_dir() / face.file).is_file()]
    assert found, "there is no 楷体 in the fonts folder: run `make fonts`"
    return fonts_dir() / found[0].file


def test_without_extra_faces_the_substitutes_stand_in(tmp_path):
    book = FaceBook(tmp_path)
    assert book.substitutions == {KAI: SONG, KAI_BOLD: SONG, SONG_BOLD: HEI, HEI_BOLD: HEI}
    for name, substitute in book.substitutions.items():
        assert book.faces(name) == book.faces(substitute)
    assert [face.postscript_name for face in book.faces(SONG)] == [
        "NotoSerifSC-Regular",
        "NotoSansSC-Regular",
    ]


def test_a_face_in_the_folder_heads_its_chain_and_ends_the_others(tmp_path, kai_file):
    shutil.copy(kai_file, tmp_path)
    book = FaceBook(tmp_path)
    assert book.substitutions == {KAI_BOLD: KAI, SONG_BOLD: HEI, HEI_BOLD: HEI}
    assert book.faces(KAI)[0] is book.faces(SONG)[-1]
    assert book.faces(KAI)[0].postscript_name == "LXGWWenKai-Regular"


def test_every_chain_has_every_regular_face_once():
    for name in CHAINS:
        faces = chain(name).faces
        assert len(set(faces)) == len(faces)
        assert set(faces) >= set(chain(SONG).faces)


@pytest.mark.parametrize("change", ["size", "version"])
def test_a_file_that_is_not_the_declared_one_is_not_used(tmp_path, kai_file, change):
    declared = next(face for face in declared_faces() if face.file == kai_file.name)
    target = tmp_path / declared.file
    if change == "size":
        target.write_bytes(kai_file.read_bytes() + b"\0")
    else:
        target.write_bytes(pylopdf_fonts_zh_cn.sans_path().read_bytes().ljust(declared.size, b"\0"))
    assert KAI in FaceBook(tmp_path).substitutions


def test_the_record_says_which_file_a_document_was_set_in():
    (song, *_) = font_record(SONG)
    content = pylopdf_fonts_zh_cn.serif_path().read_bytes()
    assert song == ("NotoSerifSC-Regular", song.version, hashlib.sha256(content).hexdigest())
    assert song.version.startswith("Version 2.")
    assert set(font_record(SONG, HEI)) == set(font_record(HEI))
    assert record(chain(HEI).faces[0]).name == "NotoSansSC-Regular"


def test_the_declaration_is_complete():
    for face in declared_faces():
        assert face.chain in CHAINS
        assert bool(face.apt) != bool(face.npm)
        assert len(face.sha256) == 64
        assert face.licence == "OFL-1.1"
    assert {face.chain for face in declared_faces() if face.apt} == {KAI, KAI_BOLD, SONG_BOLD, HEI_BOLD}
    files = [face.file for face in declared_faces()]
    assert len(set(files)) == len(files)
