"""A new device's first load: the prepared copy of a large scope, page by page, resumed where it broke.

The place reached in the file is kept in the same transaction as the page that ends there.
"""

from __future__ import annotations

import urllib.parse
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from desktop.models import settings
from desktop.models.incoming import intake
from desktop.sync import frames
from desktop.sync.failpoints import failpoint
from desktop.sync.troubles import BrokenError
from domain.protocol import LARGEST_MESSAGE, SNAPSHOT_PATH, Page

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy import Connection

    from desktop.models.incoming.intake import Applied
    from desktop.models.store import Store
    from desktop.sync.session import Session
    from domain.protocol import ScopeGrant, Want

PENDING: Final = "sync-snapshots"
"""The setting with the copies still to be taken: version and bytes taken so far, by scope."""
WORTH_IT: Final = 5_000
"""Records from which a prepared copy is faster than pages."""
LENGTH_BYTES: Final = 4


@dataclass(frozen=True, slots=True)
class Pending:
    """A copy to be taken, from byte ``start`` on."""

    scope: str
    version: int
    start: int

    @property
    def path(self) -> str:
        """Where the server has it."""
        return f"{SNAPSHOT_PATH}/{urllib.parse.quote(self.scope, safe='')}/{self.version}"


def note(connection: Connection, scopes: Iterable[ScopeGrant], wants: Iterable[Want]) -> None:
    """Remember the copies that are worth taking: large scopes of which nothing is here."""
    empty = {want.scope for want in wants if want.cursor == 0 and want.staged == 0}
    held: dict[str, Any] = settings.read(connection, PENDING, {})
    for scope in scopes:
        if scope.snapshot and scope.count >= WORTH_IT and scope.scope in empty:
            held.setdefault(scope.scope, [scope.snapshot, 0])
    if held:
        settings.write(connection, PENDING, held)


def pending(connection: Connection) -> list[Pending]:
    """Return the copies still to be taken."""
    held: dict[str, list[int]] = settings.read(connection, PENDING, {})
    return [Pending(scope, version, start) for scope, (version, start) in held.items()]


def forget(store: Store, scope: str) -> None:
    """Take pages instead, or: the copy is taken."""
    with store.write(applying=True) as connection:
        held = settings.read(connection, PENDING, {})
        held.pop(scope, None)
        settings.write(connection, PENDING, held)


def keep(store: Store, copy: Pending, page: Page, end: int) -> Applied:
    """Keep one page of a copy and the place in the file behind it."""
    with store.write(applying=True) as connection:
        applied = intake.take(connection, page)
        held = settings.read(connection, PENDING, {})
        held[copy.scope] = [copy.version, end]
        settings.write(connection, PENDING, held)
    failpoint("snapshot-part")
    return applied


def pages(session: Session, copy: Pending) -> Iterator[tuple[Page, int]]:
    """Yield the pages of a copy, each with the place in the file behind it.

    Raises:
        SyncError: the line broke, or the copy is no longer there (MissingError).
    """
    held, place = bytearray(), copy.start
    for piece in session.pieces(copy.path, start=copy.start):
        held += piece
        while (size := _record(held)) is not None:
            place += LENGTH_BYTES + size
            frame = bytes(held[LENGTH_BYTES : LENGTH_BYTES + size])
            yield frames.decoded(frames.unpack(frame), Page), place
            del held[: LENGTH_BYTES + size]
    if held:
        raise BrokenError("the prepared copy ends in the middle of a page")


def _record(held: bytearray) -> int | None:
    """Return the size of the page at the front, once it is whole."""
    if len(held) < LENGTH_BYTES:
        return None
    size = int.from_bytes(held[:LENGTH_BYTES], "big")
    if size > LARGEST_MESSAGE:
        raise BrokenError("a page of the prepared copy is too long")
    return size if len(held) >= LENGTH_BYTES + size else None
