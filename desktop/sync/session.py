"""Speaking as this device: access tokens are fetched, kept, and renewed when they run out."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Final

import msgspec
from msgspec.structs import replace

from desktop.sync import frames, sealing
from desktop.sync.failpoints import failpoint
from desktop.sync.troubles import BrokenError, ExpiredError, SignedOutError
from domain.enrolment import Registered, Succession, TokenRequest, Tokens
from domain.protocol import SUCCESSOR_PATH, TOKEN_PATH

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import httpx

    from desktop.sync.credentials import Credentials, Vault
    from desktop.sync.transport import Transport

JSON_HEADERS: Final = {"Content-Type": "application/json"}
EARLY_S: Final = 20.0
"""An access token is renewed this long before it runs out."""
LONGEST_S: Final = 3_600.0
"""What is said to be good for longer was kept by another clock, and is not used."""


class Session:
    """One device's conversation with its server; safe to use from several threads."""

    def __init__(
        self,
        transport: Transport,
        vault: Vault,
        credentials: Credentials,
        *,
        seconds: Callable[[], float] = time.time,
    ) -> None:
        self.transport = transport
        self.credentials = credentials
        self._vault = vault
        self._seconds = seconds
        self._lock = threading.Lock()
        left = credentials.access_until - seconds()
        self._access = credentials.access if EARLY_S < left < LONGEST_S else ""
        self._until = time.monotonic() + left - EARLY_S

    def ask(
        self, method: str, path: str, content: bytes = b"", *, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """Return the server's answer, with a new access token where the old one has run out.

        Raises:
            SyncError: there was no answer, or it was no.
        """
        access = self.access()
        try:
            return self.transport.ask(method, path, content, headers=_bearing(access, headers))
        except ExpiredError:
            access = self.access(instead_of=access)
        try:
            return self.transport.ask(method, path, content, headers=_bearing(access, headers))
        except ExpiredError as error:
            raise BrokenError("a new access token was not taken") from error

    def pieces(self, path: str, *, start: int) -> Iterator[bytes]:
        """Yield what the server has under a path from byte ``start`` on."""
        return self.transport.pieces(path, headers=_bearing(self.access()), start=start)

    def notices(self, path: str) -> Iterator[None]:
        """Yield whenever the server says that something moved."""
        return self.transport.notices(path, headers=_bearing(self.access()))

    def access(self, *, instead_of: str = "") -> str:
        """Return an access token that is good now and is not ``instead_of``.

        Raises:
            SyncError: the server gives none.
        """
        with self._lock:
            if not self._access or self._access == instead_of or time.monotonic() > self._until:
                self._renew()
            return self._access

    def succeed(self, incarnation: int) -> None:
        """Become another device of the same account; its credentials get a place of their own.

        Raises:
            SyncError: the server cannot be reached or declines.
        """
        words = msgspec.json.encode(Succession(incarnation))
        told = registered(self.ask("POST", SUCCESSOR_PATH, words, headers=JSON_HEADERS).content)
        with self._lock:
            self.credentials = replace(
                self.credentials,
                device=told.device,
                refresh=told.refresh,
                previous="",
                access=told.access,
                access_until=self._seconds() + told.access_seconds,
            )
            self._vault.write(self.credentials, fresh=True)
            self._take(told.access, told.access_seconds)

    def _renew(self) -> None:
        """Trade the refresh token; its successor is kept before anything is asked with it."""
        held = self._vault.read()  # another process of this workspace may have traded since
        if held is None:
            raise SignedOutError("this workspace has left the server")
        try:
            tokens = self._trade(held.refresh)
        except SignedOutError:
            if not held.previous:
                raise
            tokens = self._trade(held.previous)
        failpoint("refresh-sent")
        self.credentials = replace(
            held,
            refresh=tokens.refresh,
            previous=held.refresh,
            access=tokens.access,
            access_until=self._seconds() + tokens.access_seconds,
        )
        self._vault.write(self.credentials)
        failpoint("refresh-kept")
        self._take(tokens.access, tokens.access_seconds)

    def _take(self, access: str, seconds: int) -> None:
        self._access = access
        self._until = time.monotonic() + max(EARLY_S, seconds - EARLY_S)

    def _trade(self, refresh: str) -> Tokens:
        now = int(self._seconds())
        words = f"{self.credentials.device} {refresh} {now}".encode()
        signature = sealing.sign(self.credentials.sign_key, words).hex()
        request = TokenRequest(self.credentials.device, refresh, now, signature)
        answer = self.transport.ask("POST", TOKEN_PATH, msgspec.json.encode(request), headers=JSON_HEADERS)
        try:
            return msgspec.json.decode(answer.content, type=Tokens)
        except frames.MALFORMED as error:
            raise BrokenError(f"token: {error}") from error


def registered(body: bytes) -> Registered:
    """Read who a device is from now on.

    Raises:
        BrokenError: that is not what the server says.
    """
    try:
        return msgspec.json.decode(body, type=Registered)
    except frames.MALFORMED as error:
        raise BrokenError(f"registration: {error}") from error


def _bearing(access: str, headers: Mapping[str, str] | None = None) -> dict[str, str]:
    return {"Authorization": f"Bearer {access}", **(headers or {})}
