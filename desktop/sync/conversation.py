"""Everything that talks to one server, put together; imported late, because httpx comes with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from desktop.sync.engine import Engine
from desktop.sync.files import Files
from desktop.sync.session import Session
from desktop.sync.transport import Transport
from domain.protocol import HEADS_PATH

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterator

    from desktop.models.blobs import Blobs
    from desktop.models.store import Store
    from desktop.sync.credentials import Credentials, Vault
    from desktop.sync.exchange import Taken


@dataclass(frozen=True, slots=True)
class Conversation:
    """One device speaking with its server until ``close``."""

    transport: Transport
    engine: Engine
    files: Files
    session: Session

    @classmethod
    def open(
        cls,
        store: Store,
        blobs: Blobs,
        vault: Vault,
        credentials: Credentials,
        *,
        build: str,
        on_taken: Callable[[Taken], None],
        on_trust: Callable[[str], None],
        own_trust: Callable[[], str] = lambda: "",
        stopped: Callable[[], bool],
        rows_wait: Callable[[], bool],
        now: Callable[[], dt.datetime],
        connect: Callable[[str, str], Transport] = Transport.to,
    ) -> Conversation:
        """Prepare a conversation; nothing is said yet.

        Raises:
            WrongServerError: the server's address is not one to speak to.
        """
        transport = connect(credentials.server, credentials.pin)
        session = Session(transport, vault, credentials)
        engine = Engine(
            store,
            session,
            build=build,
            on_taken=on_taken,
            on_trust=on_trust,
            own_trust=own_trust,
            interrupted=stopped,
        )
        return cls(transport, engine, Files(store, blobs, session, rows_wait, now), session)

    def notices(self) -> Iterator[None]:
        """Yield whenever the server says that something moved."""
        return self.session.notices(HEADS_PATH)

    def close(self) -> None:
        """End it, also what another thread is waiting for."""
        self.transport.close()
