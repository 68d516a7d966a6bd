"""One sync over the network: everything there is to send, everything there is to take, until both are done.

While the server works on a request, the next batch is frozen, the last answer is taken in and its pages are
shown.
"""

from __future__ import annotations

import contextlib
import hashlib
import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from desktop.sync import frames, sealing, snapshots, succession
from desktop.sync.clocks import Clocks
from desktop.sync.exchange import Exchange, Taken
from desktop.sync.failpoints import failpoint
from desktop.sync.line import Line
from desktop.sync.session import JSON_HEADERS
from desktop.sync.status import TOO_OLD
from desktop.sync.troubles import BrokenError, CopiedError, MissingError, SignedOutError, SyncError
from domain.protocol import PAGE_ROWS, SYNC_PATH, TRUST_PATH, SyncAnswer, encode

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import Future

    from desktop.models.outgoing.outbox import Flight
    from desktop.models.store import Store
    from desktop.sync.session import Session
    from desktop.sync.snapshots import Pending
    from domain.pages import Page
    from domain.protocol import BatchAnswer, SyncRequest

FEWEST_ROWS: Final = 500
"""A page is never asked to be shorter than this, however bad the line."""
DIGESTS_EVERY_S: Final = 3_600.0
"""How often this device compares what it holds with the server; that reads every record."""
LIVES_AT_MOST: Final = 2
"""How often one sync takes its numbering to be wrong before it takes the server to be."""
SIGNATURE: Final = "Signature"


@dataclass(frozen=True, slots=True)
class _Asked:
    """A request on its way: the batches in it, and the answer and correction of the clock to come."""

    flights: Sequence[Flight]
    coming: Future[tuple[SyncAnswer, int | None]]


class Engine:
    """Syncs one store with one server; used by one thread."""

    def __init__(
        self,
        store: Store,
        session: Session,
        *,
        build: str,
        on_taken: Callable[[Taken], None],
        on_trust: Callable[[str], None],
        own_trust: Callable[[], str] = lambda: "",
        interrupted: Callable[[], bool] = lambda: False,
        wall_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    ) -> None:
        self._store = store
        self._session = session
        self._exchange = Exchange(store, build)
        self._on_taken = on_taken
        self._on_trust = on_trust
        self._own_trust = own_trust
        self._own_trust_due = True
        self._interrupted = interrupted
        self._wall_ms = wall_ms
        self._clocks = Clocks()
        self._rows = PAGE_ROWS
        self._pulled = False
        self._outdated = False
        self._pages: deque[Page] = deque()
        self._digests_at = 0.0
        self._index_due = True

    def run(self) -> Taken:
        """Sync once and return what that brought.

        Raises:
            SyncError: the line broke, or the server said no. What was done until then is kept.
        """
        total = Taken()
        try:
            with Line() as line:
                self._run(line, total)
        except SyncError:
            self._rows = max(FEWEST_ROWS, self._rows // 2)
            raise
        finally:
            self._pages.clear()
        self._rows = min(PAGE_ROWS, self._rows * 2)
        return total

    def _run(self, line: Line, total: Taken) -> None:
        self._exchange.doubt()
        try:
            self._converse(line, total)
        except CopiedError:
            succession.succeed(self._store, self._session)
            self._converse(line, total)
        if not self._interrupted():
            self._swap_trust(total)
        self._index_due |= total.received > 0
        while self._index_due and not self._interrupted():
            self._index_due = self._exchange.index()

    def _converse(self, line: Line, total: Taken) -> None:
        more, ahead = True, None
        while more and not self._interrupted():
            asked = ahead or self._begin(line, total)
            answer = self._answered(asked, total)
            self._demand_verdicts(asked.flights, answer)
            self._pages.extend(answer.pages)
            ahead = self._ask_ahead(line, asked, answer)
            taken = self._exchange.hear(answer)
            # A full answer had no room for the scopes that come after.
            taken.more |= sum(page.told for page in answer.pages) >= self._rows
            self._tell(taken, total)
            if total.renumbered > LIVES_AT_MOST:
                raise BrokenError("the server does not take the number it asked for")
            if taken.renumbered or answer.mended:
                # What the edits stand on has to be learned first.
                self._show_all(total)
                self._pulled = False
            if not taken.more:
                self._show_all(total)
                self._pulled = True
            more = taken.more or ahead is not None or (self._may_send() and self._exchange.unsent())

    def _begin(self, line: Line, total: Taken) -> _Asked:
        """Ask with everything there is to send."""
        self._take_snapshots(line, total)
        flights = []
        if self._may_send():
            self._exchange.freeze(at_most=1)
            flights = self._exchange.flights()
        # A bad line gets short messages.
        return self._ask(
            line, flights if self._rows == PAGE_ROWS else flights[:1], digests=self._digest_due()
        )

    def _may_send(self) -> bool:
        """Tell whether to send: not before this device has once seen what there is.

        Otherwise its own new records would come back to it whole.
        """
        if self._outdated or self._pulled:
            return not self._outdated
        wants = self._exchange.wants()
        return bool(wants) and all(want.cursor for want in wants)

    def _ask_ahead(self, line: Line, asked: _Asked, answer: SyncAnswer) -> _Asked | None:
        """Send the next batches before an answer is taken in, if it says nothing that they depend on."""
        news = answer.scopes is not None or answer.mended or answer.notices or answer.blocks
        lost = any(verdicts.expected >= 0 for verdicts in answer.batches)
        if not asked.flights or news or lost or self._rows != PAGE_ROWS or self._interrupted():
            return None
        last = asked.flights[-1].number
        flights = self._exchange.flights(beyond=last)
        if not flights and self._exchange.freeze():
            flights = self._exchange.flights(beyond=last)
        return self._ask(line, flights, answers=answer.batches) if flights else None

    def _ask(
        self,
        line: Line,
        flights: Sequence[Flight],
        *,
        digests: bool = False,
        answers: Sequence[BatchAnswer] = (),
    ) -> _Asked:
        request = self._exchange.request(
            flights,
            now_ms=self._wall_ms(),
            rows=self._rows,
            digests=digests,
            answers=answers,
            pages=self._pages,
        )
        made = _Asked(flights, line.call(lambda: self._send(request)))
        failpoint("sent")
        return made

    def _answered(self, asked: _Asked, total: Taken) -> SyncAnswer:
        """Return the server's answer; the time until it comes is used."""
        self._show_all(total)
        while not asked.coming.done() and self._pulled and self._exchange.freeze():
            pass
        answer, shift = asked.coming.result()
        failpoint("answered")
        if shift is not None:
            self._exchange.shift(shift)
        return answer

    def _digest_due(self) -> bool:
        due = self._pulled and time.monotonic() >= self._digests_at
        if due:
            self._digests_at = time.monotonic() + DIGESTS_EVERY_S
        return due

    def _send(self, request: SyncRequest) -> tuple[SyncAnswer, int | None]:
        """Return the answer, and by how much this machine's clock is to be corrected if that is news."""
        body = frames.pack(encode(request))
        sent_ms, started = self._wall_ms(), time.monotonic()
        reply = self._session.ask("POST", SYNC_PATH, body)  # the path says what it is: every byte counts
        way_ms = int((time.monotonic() - started) * 1000)
        answer = frames.decoded(frames.unpack(reply.content), SyncAnswer)
        return answer, self._clocks.compare(
            sent_ms=sent_ms, received_ms=self._wall_ms(), way_ms=way_ms, server_ms=answer.now_ms
        )

    def _show_all(self, total: Taken) -> None:
        """Take in the pages of the last answer."""
        while self._pages:
            self._tell(self._exchange.show(self._pages[0]), total)
            self._pages.popleft()

    def _tell(self, taken: Taken, total: Taken) -> None:
        total.add(taken)
        self._on_taken(taken)

    def _demand_verdicts(self, flights: Sequence[Flight], answer: SyncAnswer) -> None:
        """Demand that each batch was answered; one that is not taken ends it.

        A server for which this program is too old takes none.
        """
        self._outdated = any(notice.code == TOO_OLD for notice in answer.notices)
        if self._outdated or any(verdicts.expected >= 0 for verdicts in answer.batches):
            return
        answered = {verdicts.number for verdicts in answer.batches}
        if any(flight.number not in answered for flight in flights):
            raise BrokenError("the server did not answer a batch")

    def _take_snapshots(self, line: Line, total: Taken) -> None:
        """Take the prepared copies of large scopes that are new here; pages bring what came after them."""
        for copy in self._exchange.copies():
            try:
                self._take_snapshot(line, copy, total)
            except MissingError:
                snapshots.forget(self._store, copy.scope)

    def _take_snapshot(self, line: Line, copy: Pending, total: Taken) -> None:
        ahead = snapshots.Ahead(line, self._session, copy)
        while ahead.wait():
            if self._interrupted():
                return
            applied = snapshots.keep(self._store, copy, ahead.here(self._interrupted))
            self._tell(Taken(set(applied.touched), received=applied.rows), total)
            self._store.fold()
        snapshots.forget(self._store, copy.scope)

    def _swap_trust(self, total: Taken) -> None:
        """Take the server's trust list and give the own one, where either is new."""
        if total.trust and total.trust != self._exchange.trust_heard():
            self._take_trust(total.trust)
        if self._own_trust_due or total.sent:
            self._give_trust()

    def _take_trust(self, version: int) -> None:
        """Fetch the trust list; one that the server has not signed is not taken in."""
        reply = self._session.ask("GET", TRUST_PATH)
        signature = reply.headers.get(SIGNATURE, "")
        if not sealing.is_signed(self._session.credentials.server_key, reply.content, _bytes(signature)):
            raise BrokenError("the trust list is not signed by the server")
        self._on_trust(reply.text)
        self._exchange.keep_trust(version)

    def _give_trust(self) -> None:
        """Publish this workspace's own trust list where it has changed; not every role may."""
        own = self._own_trust()
        fingerprint = hashlib.sha256(own.encode()).hexdigest()
        if own and fingerprint != self._exchange.trust_given():
            with contextlib.suppress(SignedOutError):
                self._session.ask("PUT", TRUST_PATH, own.encode(), headers=JSON_HEADERS)
            self._exchange.note_trust_given(fingerprint)
        self._own_trust_due = False


def _bytes(hexadecimal: str) -> bytes:
    try:
        return bytes.fromhex(hexadecimal)
    except ValueError:
        return b""
