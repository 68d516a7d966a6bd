"""A hostile file must cost a child process, a reason and nothing else; a broken one not even that."""

from __future__ import annotations

import io
import signal
import sys
import threading
import zlib

import pikepdf
import pytest
from PIL import Image

from desktop.documents.inspection import PATIENCE_SECONDS, DamagedFileError, HostileFileError, Inspector
from desktop.documents.pdf_pages import treatment
from tests.hostile import (
    bomb_png,
    circular_pdf,
    laughing_pdf,
    launching_pdf,
    nested_pdf,
    pdf_with,
    pdf_without_its_font,
    scripted_pdf,
    swelling_pdf,
)

resource = pytest.importorskip("resource") if sys.platform != "win32" else None


@pytest.fixture(scope="module")
def shared():
    inspector = Inspector()
    yield inspector
    inspector.close()


@pytest.fixture
def own():
    """Return a function that starts an inspector of its own for a test that ends its child."""
    started: list[Inspector] = []

    def start(**options) -> Inspector:
        started.append(Inspector(**options))
        return started[-1]

    yield start
    for inspector in started:
        inspector.close()


def picture(kind: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(buffer, kind)
    return buffer.getvalue()


SOUND = pdf_with(lambda _pdf: None, b"0 0 100 100 re f")


def test_sound_files_are_prepared_by_one_child(shared):
    (sheet,) = shared.sheets(picture())
    child = shared._child.pid
    assert Image.open(io.BytesIO(sheet)).size == (40, 30)
    assert shared.pdf(SOUND) is SOUND
    assert shared._child.pid == child


@pytest.mark.parametrize(
    ("hostile", "reason"),
    [
        (launching_pdf(), "启动其他程序"),
        (nested_pdf(), "嵌套过深"),
        (circular_pdf(), "没有尽头"),
        (swelling_pdf(), "展开后过大"),
    ],
    ids=["launch", "nested", "circular", "swelling"],
)
def test_a_hostile_pdf_is_refused_and_the_child_goes_on(shared, hostile, reason):
    with pytest.raises(HostileFileError, match=reason):
        shared.pdf(hostile)
    child = shared._child.pid
    assert shared.pdf(SOUND) is SOUND
    assert shared._child.pid == child


def test_a_bomb_of_a_picture_is_refused_in_little_memory(shared):
    bomb = bomb_png(20_000)
    before = peak()
    with pytest.raises(HostileFileError, match="像素"):
        shared.sheets(bomb)
    assert peak() - before < 20 << 20  # decoded it has 400 MB


def peak() -> int:
    """Return the most memory this process ever had, in bytes, as far as the system tells."""
    if resource is None:
        return 0
    unit = 1 if sys.platform == "darwin" else 1024
    return int(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss) * unit


def test_a_page_that_never_ends_is_given_up_and_the_next_file_is_served(own):
    inspector = own(patience=1.5)
    with pytest.raises(HostileFileError, match="已停止处理"):
        inspector.pdf(laughing_pdf())
    assert inspector._child is None
    inspector._patience = PATIENCE_SECONDS  # a machine that is busy starts a child slowly
    assert len(inspector.sheets(picture())) == 1


BROKEN = {
    "cut": SOUND[:200],
    "noise": b"%PDF-1.7 " + bytes(range(256)) * 9,
    "empty": b"%PDF-1.7\n1 0 obj\n<</Type/Catalog>>\nendobj\ntrailer\n<</Root 1 0 R>>\n%%EOF",
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
def test_a_broken_pdf_is_damaged_not_hostile(shared, content):
    with pytest.raises(DamagedFileError, match="未予装订"):
        shared.pdf(content)


def test_an_encrypted_pdf_is_named(shared):
    buffer = io.BytesIO()
    with pikepdf.open(io.BytesIO(SOUND)) as pdf:
        pdf.save(buffer, encryption=pikepdf.Encryption(owner="o", user="u"))
    with pytest.raises(DamagedFileError, match="已加密"):
        shared.pdf(buffer.getvalue())


@pytest.mark.parametrize("content", [b"", b"no picture", b"\xff\xd8\xff" + bytes(99), picture("JPEG")[:300]])
def test_a_broken_picture_is_damaged(shared, content):
    with pytest.raises(DamagedFileError, match="图片无法读取"):
        shared.sheets(content)


def test_scripts_do_not_reach_the_archive_and_are_noted(shared):
    prepared = shared.pdf(scripted_pdf())
    assert b"JavaScript" not in prepared
    with pikepdf.open(io.BytesIO(prepared)) as pdf:
        assert treatment(pdf).scripted
        assert not treatment(pdf).rendered


def test_only_the_unfit_page_becomes_a_picture(shared):
    buffer = io.BytesIO()
    with pikepdf.open(io.BytesIO(SOUND)) as pdf, pikepdf.open(io.BytesIO(pdf_without_its_font())) as other:
        pdf.pages.extend(other.pages)
        pdf.save(buffer)
    prepared = shared.pdf(buffer.getvalue())
    assert prepared == shared.pdf(buffer.getvalue())
    with pikepdf.open(io.BytesIO(prepared)) as pdf:
        assert treatment(pdf).rendered == (2,)
        assert [len(page.get_images()) for page in pdf.pages] == [0, 1]


def test_a_page_with_a_stream_that_does_not_decode_is_drawn_as_far_as_it_goes(shared):
    def change(pdf: pikepdf.Pdf) -> None:
        torn = zlib.compress(b"0 0 100 100 re f " * 99)[:-20]
        pdf.pages[0].Contents.write(torn, filter=pikepdf.Name.FlateDecode)

    with pikepdf.open(io.BytesIO(shared.pdf(pdf_with(change)))) as pdf:
        done = treatment(pdf)
    assert done.mended
    assert done.rendered == (1,)


@pytest.mark.skipif(not hasattr(signal, "alarm"), reason="the child's idle clock is a signal")
def test_a_child_that_was_idle_for_too_long_is_replaced_unnoticed(own):
    inspector = own()
    inspector.sheets(picture())
    asleep = inspector._child
    asleep.send_signal(signal.SIGALRM)
    asleep.wait()
    assert len(inspector.sheets(picture())) == 1
    assert inspector._child is not asleep


def child(words: str) -> list[str]:
    """Return the command of a child that reads one request and then does as told."""
    start = "import os, signal, sys; from desktop.documents.frames import receive, send; "
    return [sys.executable, "-c", f"{start}receive(sys.stdin.buffer); {words}"]


def test_the_child_sees_no_secret_of_the_environment(own, monkeypatch):
    monkeypatch.setenv("TRANSFER_DESK_PASSPHRASE", "geheim")
    words = "send(sys.stdout.buffer, {'is': 'damaged', 'why': str('geheim' in str(os.environ))})"
    with pytest.raises(DamagedFileError, match="False"):
        own(command=child(words)).sheets(picture())


@pytest.mark.parametrize(
    "words",
    [
        "os._exit(3)",
        "os.abort()",
        "sys.stdout.write('x' * 99)",
        "sys.stdout.buffer.write(b'\\xff' * 99)",
        "sys.stdout.buffer.write(b'\\0\\0\\0\\2[]')",
        "send(sys.stdout.buffer, {})",
        "signal.alarm(1); signal.pause()" if hasattr(signal, "alarm") else "os._exit(3)",
    ],
)
def test_whatever_a_broken_child_says_only_the_file_is_refused(own, words):
    with pytest.raises(HostileFileError, match="检查程序"):
        own(command=child(words)).sheets(picture())


def test_threads_share_the_child(shared):
    found: list[int] = []
    threads = [threading.Thread(target=lambda: found.append(len(shared.sheets(picture())))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [1] * 6


def test_closing_does_not_wait_for_a_busy_child(own):
    inspector = own()
    inspector.sheets(picture())
    refused: list[HostileFileError] = []

    def ask() -> None:
        try:
            inspector.pdf(laughing_pdf())
        except HostileFileError as error:
            refused.append(error)

    asking = threading.Thread(target=ask)
    asking.start()
    while not inspector._turn.locked():
        pass
    inspector.close()
    asking.join()
    assert len(refused) == 1


def test_closing_ends_the_child(own):
    inspector = own()
    inspector.sheets(picture())
    child = inspector._child
    inspector.close()
    assert child.returncode is not None, "it ended by itself, or on a busy machine was ended"
    inspector.close()
