"""The doors to httpx, which takes a tenth of a second to import: only who uses a network pays for it."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from desktop.sync.conversation import Conversation
    from desktop.sync.transport import Transport


def connect(server: str, pin: str) -> Transport:
    """Return a line to a server.

    Raises:
        WrongServerError: its address is not one to speak to.
    """
    made = importlib.import_module("desktop.sync.transport").Transport.to(server, pin)
    return cast("Transport", made)


def conversation() -> type[Conversation]:
    """Return the class that puts everything together which talks to a server."""
    found = importlib.import_module("desktop.sync.conversation").Conversation
    return cast("type[Conversation]", found)
