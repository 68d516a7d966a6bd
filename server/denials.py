"""A request denied as a whole: who asks is not welcome, or comes too often. Content is never denied so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.protocol import Trouble

if TYPE_CHECKING:
    from domain.protocol import WipeOrder


class Denied(Exception):  # noqa: N818 - an answer, not an error of the program
    """Stops a request with a status of HTTP and the ``Trouble`` that is told as JSON.

    ``code`` is for the program at the other end, ``text`` (Chinese) for its user, ``retry_after`` the seconds
    after which another try makes sense.
    """

    def __init__(
        self, status: int, code: str, text: str = "", *, retry_after: int = 0, wipe: WipeOrder | None = None
    ) -> None:
        super().__init__(code)
        self.status = status
        self.trouble = Trouble(code, text, retry_after, wipe)
