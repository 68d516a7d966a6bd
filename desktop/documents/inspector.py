"""The inspector is the child process that opens strangers' files, so that a hostile one harms nothing else.

It reads requests from its standard input and answers on its standard output (:mod:`frames`), with its memory,
its processor time and its files limited where the system can do that. It ends when its input does, or when
it has been idle for two minutes. The parent's side is :mod:`inspection`.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from typing import TYPE_CHECKING, BinaryIO

from desktop.documents import foreign_pdf
from desktop.documents.frames import receive, send
from desktop.documents.pictures import PictureError, PictureTooLargeError, sheets

try:
    import resource
except ImportError:  # Windows: the parent's clock is the only limit
    resource = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from desktop.documents.frames import Frame

MEMORY_BYTES = 2 << 30
CPU_SECONDS = 45  # from one beat to the next
OPEN_FILES = 16
IDLE_SECONDS = 120


def main() -> int:
    """Answer until the requests end."""
    requests, answers = _own_pipes()
    _limit()
    while True:
        _wake_after(IDLE_SECONDS)
        request = receive(requests)
        _wake_after(0)
        if request is None:
            return 0
        _answer(request, answers)


def _answer(request: Frame, answers: BinaryIO) -> None:
    def beat() -> None:
        _allow_time()
        send(answers, {"is": "working"})

    _allow_time()
    try:
        parts = TASKS[request.head["task"]](request, beat)
    except (PictureTooLargeError, foreign_pdf.HostilePdfError) as error:
        send(answers, {"is": "hostile", "why": str(error)})
    except (PictureError, foreign_pdf.DamagedPdfError) as error:
        send(answers, {"is": "damaged", "why": str(error)})
    except MemoryError:
        send(answers, {"is": "hostile", "why": "文件展开后超出内存限额"})
    except RecursionError:
        send(answers, {"is": "hostile", "why": "文件的结构嵌套过深"})
    else:
        send(answers, {"is": "done"}, parts)


def _sheets(request: Frame, beat: Callable[[], None]) -> Sequence[bytes]:
    """Return the sheets of a picture, ready for drawing."""
    found = []
    for sheet in sheets(request.parts[0], longest=request.head["longest"]):
        found.append(sheet)
        beat()
    return found


def _pdf(request: Frame, beat: Callable[[], None]) -> Sequence[bytes]:
    """Return a PDF that may be bound, nothing when the given one may be."""
    prepared = foreign_pdf.prepare(request.parts[0], beat)
    return () if prepared is request.parts[0] else (prepared,)


TASKS = {"sheets": _sheets, "pdf": _pdf}


def _own_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Return input and output of the conversation, out of reach of any library that prints."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nowhere, number)
    os.close(nowhere)
    return requests, answers


def _limit() -> None:
    """Take from this process what it will not need; a limit that a system does not know is left out."""
    foreign_pdf.limit_decoding()
    if resource is None:
        return
    for name, most in (
        ("RLIMIT_AS", MEMORY_BYTES),
        ("RLIMIT_NOFILE", OPEN_FILES),
        ("RLIMIT_FSIZE", 0),
        ("RLIMIT_NPROC", 0),
        ("RLIMIT_CORE", 0),
    ):
        with contextlib.suppress(AttributeError, ValueError, OSError):
            resource.setrlimit(getattr(resource, name), (most, most))


def _allow_time() -> None:
    """Give the work until the next beat its processor time; beyond it the system ends the process."""
    if resource is None:
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime) + CPU_SECONDS
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.RLIM_INFINITY))


def _wake_after(seconds: int) -> None:
    if hasattr(signal, "alarm"):
        signal.alarm(seconds)  # nobody catches it: the process ends


if __name__ == "__main__":
    sys.exit(main())
