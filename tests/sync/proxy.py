"""A bad line: a relay on this machine that breaks connections in every way a network can.

Each connection is treated by the next ``Fault`` of a list, and plainly once the list is used up.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final, Literal, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Kind = Literal["cut", "flip", "delay", "twice", "status", "stall"]
PIECE: Final = 16_384
STALL_S: Final = 60.0


@dataclass(frozen=True)
class Fault:
    """What happens to one connection.

    ``cut`` ends it after ``at`` bytes of the request (``up``) or of the answer, ``flip`` changes one bit of
    that byte, ``stall`` stops there without a word. ``delay`` waits ``at`` milliseconds before the answer.
    ``twice`` delivers the request a second time and drops that answer. ``status`` answers ``at`` by itself.
    """

    kind: Kind
    at: int = 0
    up: bool = True


class Proxy:
    """Relays to a port of this machine, in threads of its own; use as a context manager."""

    def __init__(self, target: int, faults: Iterable[Fault] = ()) -> None:
        self._target = target
        self._faults = list(faults)
        self._open: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._over = threading.Event()
        self.bytes_up = self.bytes_down = 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def add(self, *faults: Fault) -> None:
        """Put faults behind those that wait."""
        self._faults += faults

    def forget(self) -> None:
        """Treat connections plainly from now on."""
        self._faults.clear()

    def __enter__(self) -> Self:
        self._listener = self._kept(socket.create_server(("127.0.0.1", 0)))
        self.port = self._listener.getsockname()[1]
        self._start(self._accept)
        return self

    def __exit__(self, *_error: object) -> None:
        self._over.set()
        for held in self._open:
            _end(held)
        for thread in self._threads:
            thread.join()

    def _kept(self, held: socket.socket) -> socket.socket:
        self._open.append(held)
        return held

    def _start(self, work: Callable[[], None]) -> threading.Thread:
        thread = threading.Thread(target=work, daemon=True)
        self._threads.append(thread)
        thread.start()
        return thread

    def _accept(self) -> None:
        while not self._over.is_set():
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            self._kept(near)
            fault = self._faults.pop(0) if self._faults else None
            self._start(partial(self._connected, near, fault))

    def _connected(self, near: socket.socket, fault: Fault | None) -> None:
        with contextlib.suppress(OSError):
            if fault is not None and fault.kind == "status":
                near.recv(PIECE)
                words = b"HTTP/1.1 %d Trouble\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                near.sendall(words % fault.at)
            else:
                self._between(near, fault)
        _end(near)

    def _between(self, near: socket.socket, fault: Fault | None) -> None:
        far = self._kept(socket.create_connection(("127.0.0.1", self._target)))
        copy = bytearray()
        up = self._start(partial(self._relay, near, far, fault, up=True, copy=copy))
        self._relay(far, near, fault, up=False)
        up.join()
        if fault is not None and fault.kind == "twice":
            self._again(bytes(copy))

    def _again(self, request: bytes) -> None:
        far = self._kept(socket.create_connection(("127.0.0.1", self._target)))
        far.sendall(request)
        far.settimeout(5)
        with contextlib.suppress(TimeoutError):
            far.recv(PIECE)
        _end(far)

    def _relay(
        self,
        source: socket.socket,
        target: socket.socket,
        fault: Fault | None,
        *,
        up: bool,
        copy: bytearray | None = None,
    ) -> None:
        """Hand bytes over until the end, or until the fault of this direction strikes."""
        passed = 0
        here = fault if fault is not None and fault.up == up else None
        with contextlib.suppress(OSError):
            while piece := source.recv(PIECE):
                if copy is not None:
                    copy += piece
                if here is not None and here.kind == "delay" and not passed:
                    time.sleep(here.at / 1000)
                struck = here is not None and passed <= here.at < passed + len(piece)
                passed += len(piece)
                self.bytes_up += len(piece) if up else 0
                self.bytes_down += 0 if up else len(piece)
                if here is None or not struck or not self._strike(here, piece, len(piece) - passed, target):
                    target.sendall(piece)
                elif here.kind != "flip":
                    break
        _end(source)
        _end(target)

    def _strike(self, fault: Fault, piece: bytes, before: int, target: socket.socket) -> bool:
        """Do what the fault does to a piece; tell whether the piece has been dealt with."""
        place = fault.at + before
        if fault.kind == "flip":
            target.sendall(piece[:place] + bytes([piece[place] ^ 1]) + piece[place + 1 :])
        elif fault.kind in {"cut", "stall"}:
            target.sendall(piece[:place])
            if fault.kind == "stall":
                self._over.wait(STALL_S)
        else:
            return False
        return True


def _end(held: socket.socket) -> None:
    """Close for both sides at once, also for a thread that waits on it."""
    with contextlib.suppress(OSError):
        held.shutdown(socket.SHUT_RDWR)
    held.close()
