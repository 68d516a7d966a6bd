"""Pages from the server: a scope is shown only as it was at one moment, all of it or nothing new.

Pages are kept until the one that ends with the newest version there was: then all of them are applied in
one transaction, the cursor with them. During the first load of a scope, when there is nothing old to be
consistent with, each page is shown as it comes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec

from desktop.models import search, sync_state
from desktop.models.incoming import in_bulk, restarts
from desktop.models.incoming.arrivals import Arrivals
from domain.pages import Page
from domain.protocol import encode

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

    from desktop.models.incoming.in_bulk import InBulk
    from desktop.models.sync_state import ScopeState

_decode: Final = msgspec.msgpack.Decoder(Page).decode


@dataclass(frozen=True, slots=True)
class Applied:
    """How many rows entered, the types whose lists must be read again, the conflicts among the rows."""

    rows: int = 0
    touched: frozenset[str] = frozenset()
    conflicts_new: int = 0

    def and_then(self, later: Applied) -> Applied:
        """Return what both brought."""
        conflicts = self.conflicts_new + later.conflicts_new
        return Applied(self.rows + later.rows, self.touched | later.touched, conflicts)


def take(connection: Connection, page: Page) -> Applied:
    """Keep a page, or apply it with those kept before it; a page that does not follow is left out.

    Must run in ``Store.write(applying=True)``, after the answers to batches that came with the page.
    """
    return take_all(connection, (page,))


def take_all(connection: Connection, pages: Iterable[Page]) -> Applied:
    """Do the same with several pages, one after the other, in one transaction."""
    applied = Applied()
    with in_bulk.begun(connection) as bulk:
        for page in pages:
            applied = applied.and_then(_take(connection, page, bulk))
    return applied


def catch_up(connection: Connection) -> bool:
    """Do a little of what may wait until all is shown; tell whether there is more."""
    return in_bulk.catch_up(connection) or search.catch_up(connection)


def _take(connection: Connection, page: Page, bulk: InBulk) -> Applied:
    scope = sync_state.scope(connection, page.scope)
    if scope is None:
        return Applied()
    if page.epoch != scope.epoch:
        scope = restarts.begin(connection, scope, page.epoch)
    ends = page.until >= page.head
    if page.since > scope.staged or (page.until <= scope.staged and not ends):
        return Applied()
    if ends or not scope.loaded:
        return _apply(connection, scope, page, bulk, ends=ends)
    connection.exec_driver_sql(
        "INSERT OR REPLACE INTO sync_page (scope, until, body) VALUES (?, ?, ?)",
        (scope.number, page.until, encode(page)),
    )
    connection.exec_driver_sql(
        "UPDATE sync_scope SET staged = ? WHERE number = ?", (page.until, scope.number)
    )
    sync_state.hear(connection, page.scope, page.head, page.mark)
    return Applied()


def _apply(connection: Connection, scope: ScopeState, last: Page, bulk: InBulk, *, ends: bool) -> Applied:
    granted = {one.key: one.number for one in sync_state.scopes(connection)}
    kept = connection.exec_driver_sql(
        "SELECT until FROM sync_page WHERE scope = ? ORDER BY until", (scope.number,)
    ).scalars()
    places = kept.all()
    arrivals = Arrivals(connection, scope, granted, bulk, pages=len(places) + 1)
    for place in places:  # one at a time: no index can be dropped while a question is being answered
        body = connection.exec_driver_sql(
            "SELECT body FROM sync_page WHERE scope = ? AND until = ?", (scope.number, place)
        ).scalar_one()
        arrivals.take(_decode(body))
    arrivals.take(last)
    arrivals.finish()
    until = max(last.until, scope.cursor)
    connection.exec_driver_sql("DELETE FROM sync_page WHERE scope = ?", (scope.number,))
    connection.exec_driver_sql(
        "UPDATE sync_scope SET cursor = ?, staged = ?, loaded = ? WHERE number = ?",
        (until, until, int(ends or scope.loaded), scope.number),
    )
    sync_state.hear(connection, last.scope, last.head, last.mark)
    if ends and scope.anew and not scope.loaded:
        bulk.end()  # what leaves is found by the indexes of what refers to it
        restarts.end(connection, scope)
    return Applied(arrivals.rows, frozenset(arrivals.touched), arrivals.conflicts_new)
