"""One sync from beginning to end in the caller's thread: for the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop.models import sync_state
from desktop.models.tables import now_text
from desktop.sync.conversation import Conversation

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    from desktop.models.blobs import Blobs
    from desktop.models.store import Store
    from desktop.sync.credentials import Credentials, Vault
    from desktop.sync.exchange import Taken


def sync_once(
    store: Store,
    blobs: Blobs,
    vault: Vault,
    credentials: Credentials,
    *,
    build: str,
    on_trust: Callable[[str], None],
    own_trust: Callable[[], str],
    now: Callable[[], dt.datetime],
) -> Taken:
    """Send and take everything there is, records first, then files.

    Raises:
        SyncError: the line broke, or the server said no. What was done until then is kept.
    """
    conversation = Conversation.open(
        store,
        blobs,
        vault,
        credentials,
        build=build,
        on_taken=lambda _taken: None,
        on_trust=on_trust,
        own_trust=own_trust,
        stopped=lambda: False,
        rows_wait=lambda: False,
        now=now,
    )
    try:
        taken = conversation.engine.run()
        while conversation.files.turn():
            pass
    finally:
        conversation.close()
    line = conversation.transport
    with store.write(applying=True) as connection:
        sync_state.log_run(
            connection,
            at=now_text(now()),
            kind="sync",
            sent=taken.sent,
            received=taken.received,
            bytes_up=line.bytes_up,
            bytes_down=line.bytes_down,
        )
    return taken
