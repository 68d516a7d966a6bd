"""A new device's first load: the prepared copy of a large scope, page by page, resumed where it broke.

The place reached in the file is kept in the same transaction as the pages that end there. A transaction takes
the pages that are here, and never waits for the line.
"""

from __future__ import annotations

import urllib.parse
from concurrent.futures import wait
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from desktop.models import settings
from desktop.models.incoming import intake
from desktop.sync import frames
from desktop.sync.failpoints import failpoint
from desktop.sync.troubles import BrokenError
from domain.pages import Page
from domain.protocol import LARGEST_MESSAGE, SNAPSHOT_PATH

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Future

    from sqlalchemy import Connection

    from desktop.models.incoming.intake import Applied
    from desktop.models.store import Store
    from desktop.sync.line import Line
    from desktop.sync.session import Session
    from domain.protocol import ScopeGrant, Want

PENDING: Final = "sync-snapshots"
"""The setting with the copies still to be taken: version and bytes taken so far, by scope."""
WORTH_IT: Final = 5_000
"""Records from which a prepared copy is faster than pages."""
ROWS_AT_ONCE: Final = 50_000
"""Rows after which a transaction ends: a user who writes meanwhile waits for it."""
MOMENT_S: Final = 0.1
"""How long a transaction stays for a page that is just being unpacked."""
LENGTH_BYTES: Final = 4
Found = tuple[Page, int]
"""A page of a copy, and the place in the file behind it."""


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


class Ahead:
    """The pages of a copy, each fetched and unpacked while the one before is taken in."""

    def __init__(self, line: Line, session: Session, copy: Pending) -> None:
        found = pages(session, copy)
        self._fetch: Callable[[], Future[Found | None]] = lambda: line.call(lambda: next(found, None))
        self._coming = self._fetch()

    def wait(self) -> bool:
        """Wait for a page; False if there are no more.

        Raises:
            SyncError: the line broke, or the copy is no longer there (MissingError).
        """
        return self._coming.result() is not None

    def here(self, interrupted: Callable[[], bool]) -> Iterator[Found]:
        """Yield the pages that are here or just coming, of so many rows as one transaction takes."""
        room = ROWS_AT_ONCE
        while room > 0 and not interrupted() and (found := self._arrived()) is not None:
            room -= found[0].told
            self._coming = self._fetch()
            yield found

    def _arrived(self) -> Found | None:
        """Return the next page if it is here; what went wrong is for ``wait`` to say."""
        wait((self._coming,), MOMENT_S)
        return self._coming.result() if self._coming.done() and not self._coming.exception() else None


def keep(store: Store, copy: Pending, found: Iterable[Found]) -> Applied:
    """Keep pages of a copy and the place in the file behind them, all in one transaction."""
    place = copy.start

    def kept() -> Iterator[Page]:
        nonlocal place
        for page, place in found:  # noqa: B007 - the last one counts
            yield page
            failpoint("snapshot-page")

    with store.write(applying=True, lasting=False) as connection:
        applied = intake.take_all(connection, kept())
        if place > copy.start:
            held = settings.read(connection, PENDING, {})
            held[copy.scope] = [copy.version, place]
            settings.write(connection, PENDING, held)
    failpoint("snapshot-part")
    return applied


def pages(session: Session, copy: Pending) -> Iterator[Found]:
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
