"""What a device says in a sync and what it makes of the answer, however the two travel: by network or USB.

Every step that is kept is one transaction, so that the program may die between any two of them: the very
same bytes are sent again, and an answer that comes twice changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from desktop.models import sync_state
from desktop.models.incoming import grants, intake, restarts
from desktop.models.outgoing import freezing, outbox, settling
from desktop.sync import snapshots, succession
from desktop.sync.failpoints import failpoint
from domain.protocol import FLIGHTS_AT_MOST, PAGE_ROWS, PROTOCOL_VERSION, SyncRequest

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from desktop.models.outgoing.outbox import Flight
    from desktop.models.store import Store
    from desktop.sync.snapshots import Pending
    from domain.pages import Page
    from domain.protocol import BatchAnswer, Notice, SyncAnswer, Want

FEW_NUMBERS: Final = 100
"""A series of which fewer numbers are left is asked for more."""


@dataclass(slots=True)
class Taken:
    """What an answer brought. ``more`` says that the conversation is not at its end."""

    touched: set[str] = field(default_factory=set)
    sent: int = 0
    received: int = 0
    conflicts: int = 0
    trust: int = 0
    renumbered: int = 0
    more: bool = False
    notices: list[Notice] = field(default_factory=list)

    def add(self, other: Taken) -> None:
        """Take in what a later answer of the same conversation brought."""
        self.touched |= other.touched
        self.sent += other.sent
        self.received += other.received
        self.conflicts += other.conflicts
        self.trust = other.trust or self.trust
        self.renumbered += other.renumbered
        self.more = other.more
        self.notices = other.notices or self.notices


@dataclass(frozen=True, slots=True)
class Exchange:
    """The conversation of one store."""

    store: Store
    build: str

    def freeze(self, at_most: int = FLIGHTS_AT_MOST) -> bool:
        """Put one more batch in flight; tell whether there was one to put."""
        with self.store.read() as connection:
            if outbox.flying(connection) >= at_most or not outbox.unfrozen(connection):
                return False
        with self.store.write(applying=True) as connection:
            frozen = freezing.freeze(connection) is not None
        failpoint("frozen")
        return frozen

    def doubt(self) -> None:
        """Reckon with a server that has been told what is in flight: perhaps only its answer was lost."""
        with self.store.read() as connection:
            if not outbox.flying(connection):
                return
        with self.store.write(applying=True) as connection:
            outbox.doubt(connection)

    def flights(self, *, beyond: int = 0) -> list[Flight]:
        """Return the batches in flight with higher numbers, in the order in which they must be sent."""
        with self.store.read() as connection:
            return outbox.flights(connection, beyond=beyond)

    def unsent(self) -> bool:
        """Tell whether anything waits to be sent or to be answered."""
        with self.store.read() as connection:
            return outbox.flying(connection) > 0 or outbox.unfrozen(connection)

    def wants(self) -> list[Want]:
        """Return how far this device is in each of its scopes."""
        with self.store.read() as connection:
            return sync_state.wants(connection)

    def request(
        self,
        flights: Sequence[Flight],
        *,
        now_ms: int,
        rows: int = PAGE_ROWS,
        digests: bool = False,
        answers: Iterable[BatchAnswer] = (),
        pages: Iterable[Page] = (),
    ) -> SyncRequest:
        """Return what to say now.

        With ``digests`` also what is here is told, for comparison. ``answers`` and ``pages`` are here and not
        kept yet: the request is made as if they were.
        """
        with self.store.read() as connection:
            heard = sync_state.heard(connection)
            return SyncRequest(
                version=PROTOCOL_VERSION,
                build=self.build,
                incarnation=succession.incarnation_of(connection),
                now_ms=now_ms,
                batches=[flight.body for flight in flights],
                wants=_beyond(sync_state.wants(connection, digests=digests), answers, pages),
                grants=heard.get("grants", 0),
                trust=heard.get("trust", 0),
                rows=rows,
                blocks=[one for one in sync_state.blocks(connection) if one.left < FEW_NUMBERS],
                sent=outbox.sent(connection),
                again=any(flight.again for flight in flights),
            )

    def hear(self, answer: SyncAnswer, *, numbered: bool = True) -> Taken:
        """Keep everything an answer says but its pages: ``show`` takes those.

        ``numbered`` says that the answer is to the newest request. An older one tells of the server as it
        was: then only a batch that still waits for its answer can have met another number than expected.
        """
        taken = Taken(trust=answer.trust, notices=answer.notices)
        for verdicts in answer.batches:
            self._settle(verdicts, taken, numbered=numbered)
        self._keep_words(answer, taken)
        for scope in answer.mended:
            with self.store.write(applying=True) as connection:
                restarts.rewind(connection, scope)
            failpoint("compared")
        taken.more |= bool(answer.mended) or any(page.until < page.head for page in answer.pages)
        return taken

    def show(self, page: Page) -> Taken:
        """Keep a page; it is seen when the state of its scope that it belongs to is whole."""
        with self.store.write(applying=True) as connection:
            applied = intake.take(connection, page)
        failpoint("applied" if applied.rows else "staged")
        return Taken(set(applied.touched), received=applied.rows, conflicts=applied.conflicts_new)

    def index(self) -> bool:
        """Make an index that is missing, or a few of the new records findable; tell whether there is more."""
        with self.store.write(applying=True) as connection:
            return intake.catch_up(connection)

    def copies(self) -> list[Pending]:
        """Return the prepared copies that are still to be taken."""
        with self.store.read() as connection:
            return snapshots.pending(connection)

    def shift(self, ms: int) -> None:
        """Correct this machine's time by so many milliseconds."""
        with self.store.write(applying=True) as connection:
            sync_state.set_shift(connection, ms)

    def trust_heard(self) -> int:
        """Return the version of the trust list that is here."""
        with self.store.read() as connection:
            version: int = sync_state.heard(connection).get("trust", 0)
        return version

    def keep_trust(self, version: int) -> None:
        """Note which trust list is here, after it was taken in."""
        with self.store.write(applying=True) as connection:
            sync_state.note_heard(connection, trust=version)

    def trust_given(self) -> str:
        """Return the SHA-256 of the own trust list as it was last published."""
        with self.store.read() as connection:
            fingerprint: str = sync_state.heard(connection).get("given", "")
        return fingerprint

    def note_trust_given(self, fingerprint: str) -> None:
        """Note which own trust list the server has."""
        with self.store.write(applying=True) as connection:
            sync_state.note_heard(connection, given=fingerprint)

    def _settle(self, verdicts: BatchAnswer, taken: Taken, *, numbered: bool) -> None:
        if verdicts.expected >= 0:
            if numbered or self._flies(verdicts.number):
                self._renumber(verdicts.expected)
                taken.renumbered += 1
                taken.more = True
            return
        with self.store.write(applying=True) as connection:
            settled = settling.settle(connection, verdicts)
        failpoint("settled")
        taken.touched |= settled.touched
        taken.sent += settled.ok + settled.merged + settled.conflicts + settled.refused

    def _flies(self, number: int) -> bool:
        return any(flight.number == number for flight in self.flights())

    def _renumber(self, last: int) -> None:
        """Follow a server that has not taken what is in flight: it is sent anew, on what there is now."""
        with self.store.write(applying=True) as connection:
            outbox.renumber(connection, last)
        failpoint("renumbered")

    def _keep_words(self, answer: SyncAnswer, taken: Taken) -> None:
        """Keep scopes, people and numbers, if there is news of any."""
        if answer.scopes is None and not answer.people and not answer.blocks:
            return
        with self.store.write(applying=True) as connection:
            if answer.scopes is not None:
                dropped = grants.grant(connection, answer.scopes)
                taken.touched |= dropped.touched
                taken.more = True
                snapshots.note(connection, answer.scopes, sync_state.wants(connection))
                sync_state.note_heard(connection, grants=answer.grants)
            sync_state.learn_people(connection, answer.people)
            sync_state.take_blocks(connection, answer.blocks)
        failpoint("granted")


def _beyond(wants: list[Want], answers: Iterable[BatchAnswer], pages: Iterable[Page]) -> list[Want]:
    """Return how far this device will be when it has kept the answers and the pages."""
    for answer in answers:
        for want in wants:
            if want.cursor == want.since == answer.before.get(want.scope):
                want.cursor = want.staged = answer.after[want.scope]
            head, mark = answer.heads.get(want.scope, (0, 0))
            _hear_head(want, head, mark)
    by_scope = {want.scope: want for want in wants}
    for page in pages:
        want = by_scope[page.scope]
        if want.epoch != page.epoch:  # a scope that begins anew
            want.cursor = want.staged = want.heard = want.mark = 0
            want.anew = want.epoch != 0
        want.epoch, want.count = page.epoch, -1
        if page.until >= page.head:
            want.cursor, want.staged = page.until, 0
        else:
            want.staged = page.until
        _hear_head(want, page.head, page.mark)
    return wants


def _hear_head(want: Want, head: int, mark: int) -> None:
    if head >= want.heard:
        want.heard, want.mark = head, mark
