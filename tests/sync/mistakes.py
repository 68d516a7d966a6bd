"""Mistakes one can make with the rules of sync: the model checker must find every one of them.

A mistake is the model's server or client with one method made wrong. What finds none of these proves
nothing about the rules either.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from domain.protocol import Drop, Set, Want
from tests.sync.model_client import Client, decode_page
from tests.sync.model_server import HOME, Server

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from domain.merge import Entity, Outcome
    from domain.pages import Full, Gone, Page
    from domain.protocol import Batch, BatchAnswer, Group, SyncRequest, Verdict
    from tests.sync.model_server import Author
    from tests.sync.model_store import Action, Flight, Key, Line, Pending, Progress, Values


@dataclass(frozen=True)
class Mistake:
    """One rule made wrong, in the words of its class."""

    server: type[Server] = Server
    client: type[Client] = Client

    @property
    def words(self) -> str:
        wrong = self.server if self.server is not Server else self.client
        return (wrong.__doc__ or "").strip()


MISTAKES: dict[str, Mistake] = {}


def server_mistake(made: type[Server]) -> type[Server]:
    MISTAKES[made.__name__] = Mistake(server=made)
    return made


def client_mistake(made: type[Client]) -> type[Client]:
    MISTAKES[made.__name__] = Mistake(client=made)
    return made


# ── the server ──────────────────────────────────────────────────────────────────────────────────


@server_mistake
class TakesABatchTwice(Server):
    """A repeated batch takes effect again."""

    @override
    def _answered(self, author: Author, batch: Batch) -> BatchAnswer | None:
        return None

    @override
    def _follows(self, author: Author, batch: Batch) -> bool:
        return True


@server_mistake
class KeepsOnlyTheLastAnswer(Server):
    """Of several batches in flight only the last one's answer is kept."""

    @override
    def _forget_answers(self, author: Author, request: SyncRequest) -> None:
        for number in [number for number in author.answers if number != author.last]:
            del author.answers[number]


@server_mistake
class TearsUserActions(Server):
    """Edits of a declined user action that would stand alone do stand."""

    @override
    def _undo(self, held: Any, heads: dict[str, int], written: int) -> None:
        pass


@server_mistake
class DropsUnseenChanges(Server):
    """A deletion removes changes its author never saw."""

    @override
    def judge(self, entity: Entity | None, op: Any, *, clock: int, device: int) -> Outcome:
        if isinstance(op, Drop):
            op = Drop(op.type, op.pk, 1 << 40)
        return super().judge(entity, op, clock=clock, device=device)


@server_mistake
class LastToArriveWins(Server):
    """Of two edits the one that syncs last stands, not the one made last."""

    @override
    def clamped(self, clock: int) -> int:
        self.arrivals = getattr(self, "arrivals", 0) + 1
        return (1 << 60) + self.arrivals


@server_mistake
class ForgetsWhatAuthorsSaw(Server):
    """Protected values are judged by the record's newest version, not by the one its author saw."""

    @override
    def judge(self, entity: Entity | None, op: Any, *, clock: int, device: int) -> Outcome:
        if isinstance(op, Set):
            op = Set(op.type, op.pk, 1 << 40, op.units, op.was)
        return super().judge(entity, op, clock=clock, device=device)


@server_mistake
class TakesJoinedSetsForTheAuthors(Server):
    """A joined set is marked with the device that caused the joining, which has not seen it."""

    @override
    def judge(self, entity: Entity | None, op: Any, *, clock: int, device: int) -> Outcome:
        outcome = super().judge(entity, op, clock=clock, device=device)
        if outcome.entity is None or not isinstance(op, Set):
            return outcome
        marks = {
            unit: replace(mark, device=mark.device or device) for unit, mark in outcome.entity.marks.items()
        }
        return replace(outcome, entity=replace(outcome.entity, marks=marks))


@server_mistake
class TellsChangesSinceThePage(Server):
    """What changed is told from where the page begins, not from the last whole checkpoint."""

    @override
    def _told_up_to(self, want: Want) -> int:
        return want.since


@server_mistake
class SaysOwnInsideACheckpoint(Server):
    """The author's own change is not repeated although pages before may have shown somebody else's."""

    @override
    def own(self, author: Author, want: Want, entity: Entity, news: Sequence[int]) -> bool:
        return all(entity.mark(unit).device == author.number for unit in news)


@server_mistake
class SaysOwnForTheLastAuthor(Server):
    """A record is taken for the device's own when it was the last to change it."""

    @override
    def own(self, author: Author, want: Want, entity: Entity, news: Sequence[int]) -> bool:
        return any(
            entity.mark(unit).device == author.number
            for unit in news
            if entity.mark(unit).version == entity.version
        )


@server_mistake
class NeverTellsOfTheDead(Server):
    """A device on its first load is not told of what died while it loaded."""

    @override
    def _never_told(self, want: Want, entity: Entity) -> bool:
        return want.cursor == 0


@server_mistake
class MovesWithoutNewMarks(Server):
    """A record keeps its marks in a scope whose versions are of another series."""

    @override
    def moved(self, entity: Entity) -> Entity:
        return entity


@server_mistake
class MovesBelowTheOldVersion(Server):
    """A record enters a scope with a version below the one that devices know of it."""

    @override
    def enter(self, target: str, version: int) -> None:
        pass


@server_mistake
class TrustsACopiedStore(Server):
    """A restored store goes on under its old number, as if it had written what its former life wrote."""

    @override
    def copied(self, author: Author, request: SyncRequest) -> bool:
        return False


@server_mistake
class LetsANumberSlip(Server):
    """A batch under a number that is taken is passed over."""

    @override
    def _is_answer_to(self, author: Author, body: bytes) -> bool:
        return True


@server_mistake
class CountsBeforeItWrites(Server):
    """Pages say the head of a moment before, and leave out what is newest."""

    @override
    def page(self, device: int, author: Author, want: Want, rows: int) -> Page:
        page = super().page(device, author, want, rows)
        if len(page.rows) > 1:
            page.rows.pop()
        return page


@server_mistake
class ForgetsTheConflict(Server):
    """A declined user action is not kept anywhere."""

    @override
    def surface(self, group: Group) -> bytes:
        return b""


@server_mistake
class ServesTheStranger(Server):
    """Pages go to whoever asks, whatever the grants."""

    @override
    def page(self, device: int, author: Author, want: Want, rows: int) -> Page:
        return super().page(device, author, Want(HOME, 0), rows)


@server_mistake
class ForgetsTheBirth(Server):
    """A unit that was never changed counts as seen, whoever has seen the record's birth."""

    @override
    def row(self, device: int, author: Author, want: Want, pk: bytes) -> Any:
        row = super().row(device, author, want, pk)
        return None if type(row).__name__ == "Full" and want.cursor else row


# ── the client ──────────────────────────────────────────────────────────────────────────────────


@client_mistake
class FreezesAndKeeps(Client):
    """What was frozen stays in the outbox until its answer, newer edits with it."""

    @override
    def clear(self, keys: Iterable[Key]) -> None:
        pass

    @override
    def settle(self, answer: BatchAnswer) -> None:
        flight = next((one for one in self.d.flights if one.number == answer.number), None)
        super().settle(answer)
        for key in flight.units if flight else ():
            self.d.outbox.pop(key, None)


@client_mistake
class JumpsOverConflicts(Client):
    """The cursor jumps over a batch although the server wrote something else with it."""

    @override
    def may_jump(self, answer: BatchAnswer) -> bool:
        return True


@client_mistake
class TakesItsBaseFromThePage(Client):
    """An edit of a unit in flight stands on what a page brought meanwhile, which the screen did not show."""

    @override
    def base(self, pk: bytes, unit: int) -> int:
        return self.d.lines[pk].version


@client_mistake
class RaisesVersionsOnAnswers(Client):
    """An edit that stood counts as if the whole record had been seen at its new version."""

    @override
    def stood(
        self, flight: Flight, op: Any, mine: dict[Key, Pending], verdict: Verdict, version: int
    ) -> None:
        super().stood(flight, op, mine, verdict, version)
        if (line := self.d.lines.get(op.pk)) is not None:
            line.version = max(line.version, version)


@client_mistake
class KeepsWhatLost(Client):
    """A value over which a later one stands goes on being shown."""

    @override
    def _fall_back(self, flight: Flight, key: Key, edit: Pending) -> None:
        pass


@client_mistake
class FallsBackOverNewerEdits(Client):
    """A declined edit takes with it what was typed since."""

    @override
    def newer(self, flight: Flight, key: Key) -> list[Pending]:
        return []


@client_mistake
class PagesOverwriteEdits(Client):
    """A page replaces what was typed and not yet sent."""

    @override
    def pending(self, key: Key) -> list[Pending]:
        return []


@client_mistake
class ForgetsWhoseImageIsNewer(Client):
    """What a page told before an edit stood is shown again after it."""

    @override
    def _is_later(self, edit: Pending, version: int) -> bool:
        return True


@client_mistake
class NeverShowsTheLaterImage(Client):
    """What a page told after an edit stood is not shown when its answer comes late."""

    @override
    def _is_later(self, edit: Pending, version: int) -> bool:
        return False


@client_mistake
class NeverShowsWhatWasJoined(Client):
    """The joined set a page told of before the answer is taken for what had been there before."""

    @override
    def _is_later(self, edit: Pending, version: int) -> bool:
        return edit.theirs_version > version


@client_mistake
class KeepsOldImages(Client):
    """An edit that stood leaves newer ones with what the server had before it."""

    @override
    def _forget_older_image(self, later: Pending, version: int) -> None:
        pass


@client_mistake
class SeesEverythingWhenItDrops(Client):
    """A deletion claims to have seen what the screen was not showing."""

    @override
    def hidden(self, pk: bytes) -> dict[int, int]:
        return {}


@client_mistake
class ShowsHalfACheckpoint(Client):
    """Pages are shown as they come."""

    @override
    def is_whole(self, _progress: Progress, page: Page) -> bool:
        return True


@client_mistake
class StopsAtTheFirstHead(Client):
    """A checkpoint ends at the head that its first page told."""

    @override
    def is_whole(self, _progress: Progress, page: Page) -> bool:
        return page.until >= decode_page(_progress.pages[0]).head


@client_mistake
class StagesWhatDoesNotFollow(Client):
    """The cursor is moved before the page is kept."""

    @override
    def stage(self, page: Page) -> None:
        super().stage(page)
        if page.scope in self.d.scopes:
            self.d.scopes[page.scope].cursor = page.until


@client_mistake
class LeavesWithItsEdits(Client):
    """A record that leaves its scope takes unsent edits with it."""

    @override
    def _keep_unsent(self, pk: bytes, waiting: list[tuple[Key, Pending]]) -> None:
        pass


@client_mistake
class ForgetsTheFlightOfTheReturned(Client):
    """A record that comes back is shown without what is still in flight for it."""

    @override
    def _overlay(self, pk: bytes, line: Line) -> None:
        pass


@client_mistake
class LeavesAWrongScope(Client):
    """A record is removed by the scope it has left long ago."""

    @override
    def leave(self, scope: str, row: Gone, line: Line | None) -> None:
        if line is not None:
            self.evict(row.pk)


@client_mistake
class KeepsWithdrawnScopes(Client):
    """Records of a scope that was withdrawn stay."""

    @override
    def forget_scope(self, scope: str) -> None:
        del self.d.scopes[scope]


@client_mistake
class OverwritesTheRestored(Client):
    """What a restored store was about to send as new is overwritten by what its former life sent."""

    @override
    def _split_birth(self, pk: bytes, line: Line, values: Values, version: int) -> None:
        pass


@client_mistake
class EditsTheUnborn(Client):
    """Edits of a record whose birth was declined are sent as edits of a record nobody knows."""

    @override
    def _rebirth(self, pk: bytes) -> None:
        pass


@client_mistake
class ListsNothing(Client):
    """What the server did not take is not kept for people."""

    @override
    def keep(self, op: Any, verdict: Verdict) -> None:
        pass


@client_mistake
class SendsOneBaseForAll(Client):
    """All units of an edit are said to stand on the newest version any of them stands on."""

    @override
    def _op(self, kind: Action, pk: bytes, edits: dict[int, Pending]) -> Any:
        op = super()._op(kind, pk, edits)
        if isinstance(op, Set):
            op.bases = {}
        return op


@client_mistake
class DropsTheTail(Client):
    """Values that only a newer program knows are lost on the way through an older one."""

    @override
    def take_full(self, scope: str, row: Full, line: Line | None) -> None:
        super().take_full(scope, row, line)
        held = self.d.lines[row.pk]
        if held.type == 1:
            held.body = held.body[: len(self.known.fields)]
