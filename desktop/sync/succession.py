"""A store that was copied or restored from a backup becomes a device of its own.

The server recognises it by its batch numbers before it gives it anything. Both lives keep what they have;
what the copy has not sent is sent by the new device.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final

from desktop.models import settings, sync_state
from desktop.models.outgoing import outbox
from desktop.sync.failpoints import failpoint

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from desktop.models.store import Store
    from desktop.sync.session import Session

INCARNATION: Final = "sync-incarnation"
"""The setting with the number of this life; a store that was never copied has none."""
COMING: Final = "sync-successor"
"""The setting with the number of the life that was asked for and not yet begun."""


def incarnation_of(connection: Connection) -> int:
    """Return the number of this life."""
    return int(settings.read(connection, INCARNATION, 0))


def succeed(store: Store, session: Session) -> None:
    """Begin a new life as another device of the same account; asking twice for the same life is harmless.

    Raises:
        SyncError: the server cannot be reached or declines.
    """
    with store.write(applying=True) as connection:
        incarnation = settings.read(connection, COMING) or secrets.randbits(53)
        settings.write(connection, COMING, incarnation)
    failpoint("successor-chosen")
    session.succeed(incarnation)
    failpoint("successor-kept")
    with store.write(applying=True) as connection:
        outbox.renumber(connection, 0)
        sync_state.forget_blocks(connection)  # they belong to the other life, which may go on using them
        settings.write(connection, INCARNATION, incarnation)
        settings.write(connection, COMING, None)
    failpoint("renumbered")
