"""Inspection exists so that a hostile picture or PDF is refused with a reason and the program goes on.

Strangers' files are opened in a child process with limits (:mod:`inspector`). One child serves many requests,
since starting it costs as much as a hundred of them; it is replaced after a crash, a limit or a timeout, and
ends with the program.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Self, cast

from desktop.documents.frames import receive, send
from desktop.documents.pictures import LONGEST

if TYPE_CHECKING:
    from collections.abc import Sequence

    from desktop.documents.frames import Frame

PATIENCE_SECONDS = 60.0
"""The longest silence of the child; it speaks after every page."""
COMMAND = (sys.executable, "-m", "desktop.documents.inspector")
_HOME = Path(__file__).parents[2]
_PRIVATE = "TRANSFER_DESK_"  # what the environment tells this program only, such as the passphrase
_BROKEN_OFF = (OSError, EOFError, ValueError, LookupError, TypeError)
_ENDED_BY = {"SIGXCPU": "处理时间超出限额", "SIGKILL": "占用资源超出限额", "SIGXFSZ": "试图写出文件"}


class UnfitFileError(ValueError):
    """A file was not prepared; the message says why, in Chinese."""


class DamagedFileError(UnfitFileError):
    """The file cannot be read, but does no harm: broken, encrypted, empty, not what its name says."""


class HostileFileError(UnfitFileError):
    """The file exhausted or crashed its reader, or holds what only a harmful file holds."""


class _AsleepError(HostileFileError):
    """The child had been idle for too long; for a new child that is no excuse."""


class Inspector:
    """The conversation with one child at a time; threads wait for one another."""

    def __init__(self, patience: float = PATIENCE_SECONDS, command: Sequence[str] = COMMAND) -> None:
        self._patience = patience
        self._command = command
        self._child: subprocess.Popen[bytes] | None = None
        self._turn = threading.Lock()

    def sheets(self, picture: bytes, *, longest: int = LONGEST) -> list[bytes]:
        """Return each sheet of a picture as :func:`pictures.sheets` makes it; raises UnfitFileError."""
        return self._ask({"task": "sheets", "longest": longest}, picture)

    def pdf(self, content: bytes) -> bytes:
        """Return a PDF whose pages may be bound as they are, ``content`` itself where its own may be.

        Raises UnfitFileError. What was done is in the file: :func:`foreign_pdf.treatment`.
        """
        prepared = self._ask({"task": "pdf"}, content)
        return prepared[0] if prepared else content

    def close(self) -> None:
        """End the child, whatever it is busy with; the next request starts another."""
        busy = self._child if self._turn.locked() else None
        if busy is not None:
            busy.kill()
        with self._turn:
            self._dismiss()

    def _ask(self, head: dict[str, Any], content: bytes) -> list[bytes]:
        with self._turn:
            try:
                answer = self._exchange(head, content)
            except _AsleepError:  # it went idle just then: no fault of the file
                answer = self._exchange(head, content)
        if answer.head["is"] == "done":
            return answer.parts
        kind = DamagedFileError if answer.head["is"] == "damaged" else HostileFileError
        raise kind(str(answer.head["why"]))

    def _exchange(self, head: dict[str, Any], content: bytes) -> Frame:
        """Return the child's last word; a child that breaks off is dismissed and the file blamed."""
        child = self._ready()
        with _Deadline(child, self._patience) as deadline:
            try:
                return _converse(child, deadline, head, content)
            except _BROKEN_OFF as error:
                ended = self._dismiss()
                if deadline.passed:
                    why = f"检查超过 {self._patience:g} 秒没有进展"
                elif ended == "SIGALRM":
                    raise _AsleepError("检查程序提前结束") from error
                else:
                    why = _ENDED_BY.get(ended, "使检查程序崩溃")
                raise HostileFileError(f"{why}，已停止处理") from error

    def _ready(self) -> subprocess.Popen[bytes]:
        """Return the child, a new one if there is none or it went to sleep."""
        if self._child is not None and self._child.poll() is not None:
            self._dismiss()
        if self._child is None:
            self._child = subprocess.Popen(  # noqa: S603 - our own module, by our own interpreter
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=_HOME,
                env={name: value for name, value in os.environ.items() if not name.startswith(_PRIVATE)},
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        return self._child

    def _dismiss(self) -> str:
        """End the child and return the name of the signal that had ended it, nothing for any other end."""
        child, self._child = self._child, None
        if child is None:
            return ""
        for pipe in _pipes(child):
            with contextlib.suppress(OSError):  # what was not sent yet is of no use to the dead
                pipe.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(1)
        child.kill()
        code = child.wait()
        return signal.Signals(-code).name if code < 0 else ""


class _Deadline:
    """A clock that ends the child when it has been silent for too long; a read from a pipe has no timeout."""

    def __init__(self, child: subprocess.Popen[bytes], seconds: float) -> None:
        self._child = child
        self._seconds = seconds
        self.passed = False
        self._timer = threading.Timer(seconds, self._strike)

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._timer.cancel()
        self._timer.join()

    def put_off(self) -> None:
        """Start counting anew: the child has shown that it gets on."""
        self._timer.cancel()
        self._timer = threading.Timer(self._seconds, self._strike)
        self._timer.start()

    def _strike(self) -> None:
        self.passed = True
        self._child.kill()


def _converse(
    child: subprocess.Popen[bytes], deadline: _Deadline, head: dict[str, Any], content: bytes
) -> Frame:
    requests, answers = _pipes(child)
    send(requests, head, (content,))
    while answer := receive(answers):
        if answer.head["is"] != "working":
            return answer
        deadline.put_off()
    raise EOFError("the child is gone")


def _pipes(child: subprocess.Popen[bytes]) -> tuple[BinaryIO, BinaryIO]:
    if child.stdin is None or child.stdout is None:
        raise OSError("the child has no pipes")
    return cast("BinaryIO", child.stdin), cast("BinaryIO", child.stdout)


INSPECTOR = Inspector()
"""The one the program uses; its child starts with the first file."""
atexit.register(INSPECTOR.close)
