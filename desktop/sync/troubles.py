"""The few ways in which a talk with the server can fail, each with what the engine does about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from domain.protocol import WipeOrder


class SyncError(Exception):
    """The request as a whole did not succeed; nothing that was to be sent is lost.

    ``words`` is what the server says to the user about it, in Chinese; often nothing.
    """

    def __init__(self, detail: str = "", *, words: str = "") -> None:
        super().__init__(detail)
        self.words = words


class OfflineError(SyncError):
    """There is no way to the server, or the line broke: try again later."""


class BusyError(SyncError):
    """The server asks for patience."""

    def __init__(self, detail: str, retry_after: float, *, words: str = "") -> None:
        super().__init__(detail, words=words)
        self.retry_after = retry_after
        """Seconds until another try makes sense."""


class SignedOutError(SyncError):
    """The device is not signed in any more: somebody must log in again. Edits stay."""


class RevokedError(SyncError):
    """The device was locked out; with an order if its key is to be destroyed."""

    def __init__(self, detail: str, wipe: WipeOrder | None, *, words: str = "") -> None:
        super().__init__(detail, words=words)
        self.wipe = wipe


class TooOldError(SyncError):
    """The server no longer speaks with this version of the program; edits stay until it is renewed."""


class WrongServerError(SyncError):
    """Who answers is not the server of the invitation: its certificate's key is another."""


class BrokenError(SyncError):
    """An answer that no sound server gives to a sound client: a bug of one of the two."""


class MissingError(SyncError):
    """The server does not have what was asked for (any more)."""


class CopiedError(SyncError):
    """This store was copied or restored: its twin has sent batches that it does not know of."""


class ExpiredError(SyncError):
    """The access token has run out; the session gets another one and asks again."""
