"""The line to the server: the only module that knows httpx, imported in the sync thread because it is slow.

Every failure of a network is one of ``troubles``; nobody above has to know what a socket can say.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import urllib.parse
from typing import TYPE_CHECKING, Any, Final

import httpx
import msgspec

from desktop.sync import frames
from desktop.sync.pinning import PinMismatchError, PinnedContext
from desktop.sync.troubles import (
    BrokenError,
    BusyError,
    CopiedError,
    ExpiredError,
    MissingError,
    OfflineError,
    RevokedError,
    SignedOutError,
    TooOldError,
    WrongServerError,
)
from domain.protocol import Trouble

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from desktop.sync.troubles import SyncError

TIMEOUT: Final = httpx.Timeout(30.0, connect=10.0)
"""Seconds without a byte after which a line counts as broken."""
HEARING: Final = httpx.Timeout(60.0, connect=10.0)
"""The same for notices: the server says a word at least every 25 seconds."""
LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
OWN_HEADERS: Final = ("Accept", "Accept-Encoding", "Connection", "User-Agent")
"""What httpx says of itself and of HTTP/1.1; nothing here needs it, and frames are compressed."""
PATIENCE_S: Final = 5.0
"""How long to wait when a server asks for patience and does not say how much."""
CORK: Final[int | None] = getattr(socket, "TCP_CORK", None)
"""Where the system has it, what httpx writes one by one leaves in one packet: the head of a request and its
body. A second packet would be a good part of a short request."""
WRITING: Final = "http11.send_request_headers.started"
WRITTEN: Final = frozenset(
    {
        "http11.send_request_headers.failed",
        "http11.send_request_body.failed",
        "http11.send_request_body.complete",
    }
)
BYTES_OF_A_LINE: Final = 4
"""What surrounds name and value in a header line."""

PATIENCE: Final = frozenset({httpx.codes.TOO_MANY_REQUESTS, httpx.codes.SERVICE_UNAVAILABLE})
BY_CODE: Final[Mapping[str, type[SyncError]]] = {"expired": ExpiredError, "copied": CopiedError}
BY_STATUS: Final[Mapping[int, type[SyncError]]] = {
    httpx.codes.UNAUTHORIZED: SignedOutError,
    httpx.codes.FORBIDDEN: SignedOutError,
    httpx.codes.NOT_FOUND: MissingError,
    httpx.codes.GONE: MissingError,
    httpx.codes.REQUEST_TIMEOUT: OfflineError,
    httpx.codes.UPGRADE_REQUIRED: TooOldError,
}
"""What a declined request means, by the server's word or else by the status of HTTP."""


class Transport:
    """A kept-alive connection to one server; safe to use from several threads."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client
        self._sockets: list[socket.socket] = []
        self._closing = threading.Event()
        self._traced = {"trace": self._trace}
        self.bytes_up = 0
        self.bytes_down = 0

    @classmethod
    def to(cls, server: str, pin: str) -> Transport:
        """Return a line to the server of an invitation.

        Raises:
            WrongServerError: the address is neither https nor plain http on this machine.
        """
        address = urllib.parse.urlsplit(server)
        here = address.hostname in LOOPBACK
        if address.scheme != "https" and not (address.scheme == "http" and here):
            raise WrongServerError(f"{server}: https is needed")
        client = httpx.Client(
            base_url=server,
            verify=PinnedContext.of(pin) if pin else ssl.create_default_context(),
            timeout=TIMEOUT,
            trust_env=not here,
            follow_redirects=False,
        )
        for name in OWN_HEADERS:
            del client.headers[name]
        return cls(client)

    def ask(
        self, method: str, path: str, content: bytes = b"", *, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """Return the server's answer to one request.

        Raises:
            SyncError: there was none, or it was no.
        """
        told = dict(headers or {})
        if content:
            told["Content-Length"] = str(len(content))
        with self._named():
            # Handed over by an iterator: httpx would keep the bytes until the garbage collector comes round.
            request = self._client.build_request(
                method,
                path,
                content=iter((content,)) if content else None,
                headers=told,
                extensions=self._traced,
            )
            self.bytes_up += len(f"{method} {path}") + _size(request.headers) + len(content)
            answer = self._client.send(request)
        self.bytes_down += len(answer.reason_phrase) + _size(answer.headers) + len(answer.content)
        if answer.is_error:
            raise trouble(answer)
        return answer

    def pieces(self, path: str, *, headers: Mapping[str, str], start: int) -> Iterator[bytes]:
        """Yield what the server has under a path from byte ``start`` on, as it comes in.

        Raises:
            SyncError: it has nothing there, or the line broke on the way.
        """
        asked = {**headers, "Range": f"bytes={start}-"} if start else dict(headers)
        with (
            self._named(),
            self._client.stream("GET", path, headers=asked, extensions=self._traced) as answer,
        ):
            if answer.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
                return
            if answer.is_error:
                answer.read()
                raise trouble(answer)
            skip = start if answer.status_code == httpx.codes.OK else 0
            for piece in answer.iter_raw():
                self.bytes_down += len(piece)
                kept = piece[skip:]
                skip = max(0, skip - len(piece))
                if kept:
                    yield kept

    def notices(self, path: str, *, headers: Mapping[str, str]) -> Iterator[None]:
        """Yield whenever the server says that something moved, until the line ends or ``close``.

        Raises:
            SyncError: the server does not tell, or the line broke.
        """
        with (
            self._named(),
            self._client.stream(
                "GET", path, headers=headers, timeout=HEARING, extensions=self._traced
            ) as answer,
        ):
            if answer.is_error:
                answer.read()
                raise trouble(answer)
            for line in answer.iter_lines():
                if self._closing.is_set():
                    return
                if line.startswith("data:"):
                    yield

    def close(self) -> None:
        """End every conversation, also one that another thread is listening to."""
        self._closing.set()
        for line in self._sockets:
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)  # wakes whoever waits for a byte
        self._client.close()

    def _trace(self, event: str, facts: dict[str, Any]) -> None:
        """Remember the sockets in use: only a shutdown wakes a thread that waits on one."""
        if event in {"connection.connect_tcp.complete", "connection.start_tls.complete"}:
            line = facts["return_value"].get_extra_info("socket")
            self._sockets = [*(held for held in self._sockets if held.fileno() >= 0), line]
        elif event == WRITING or event in WRITTEN:
            self._cork(held=event == WRITING)

    def _cork(self, *, held: bool) -> None:
        """Hold back what is written, or let it go; of which line is not told, and the others do not mind."""
        if CORK is None:
            return
        for line in self._sockets:
            with contextlib.suppress(OSError):
                line.setsockopt(socket.IPPROTO_TCP, CORK, held)

    @contextlib.contextmanager
    def _named(self) -> Iterator[None]:
        """Turn what httpx says into one of the troubles."""
        try:
            yield
        except (httpx.HTTPError, httpx.StreamError, ssl.SSLError) as error:
            if _is_pin(error):
                raise WrongServerError(str(error)) from error
            raise OfflineError(f"{type(error).__name__}: {error}") from error
        except RuntimeError as error:
            if self._closing.is_set():  # the line was closed in the middle of a conversation
                raise OfflineError("closed") from error
            raise


def _is_pin(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, PinMismatchError | ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False


def trouble(answer: httpx.Response) -> SyncError:
    """Return what a declined request means."""
    told, code = _told(answer), answer.status_code
    detail = f"{code} {told.code}"
    if told.code == "revoked":
        return RevokedError(detail, told.wipe, words=told.text)
    if code in PATIENCE:
        patience = told.retry_after or _seconds(answer.headers.get("Retry-After")) or PATIENCE_S
        return BusyError(detail, float(patience), words=told.text)
    kind = BY_CODE.get(told.code) or BY_STATUS.get(code)
    if kind is None:  # 502, 504: a proxy whose server is away
        kind = OfflineError if code >= httpx.codes.INTERNAL_SERVER_ERROR else BrokenError
    return kind(detail, words=told.text)


def _told(answer: httpx.Response) -> Trouble:
    """Return the words of a declined request; a proxy between has words of its own."""
    try:
        return msgspec.json.decode(answer.content, type=Trouble)
    except frames.MALFORMED:
        return Trouble(code="")


def _seconds(text: str | None) -> int:
    return int(text) if text and text.isdecimal() else 0


def _size(headers: httpx.Headers) -> int:
    """Return the bytes of the header lines, and of what is always in the line before them."""
    lines = sum(len(name) + len(value) + BYTES_OF_A_LINE for name, value in headers.raw)
    return lines + len("HTTP/1.1 200 \r\n\r\n")
