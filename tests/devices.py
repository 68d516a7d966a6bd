"""Desktops with real encrypted stores that sync with a server in memory, step by step."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from desktop.models import sync_state
from desktop.models.images import places, read_tail, to_packed
from desktop.models.incoming import grants, intake
from desktop.models.outgoing import freezing, outbox, settling
from desktop.models.work import Work
from domain.registry import by_number, wire_types
from domain.wire import trimmed
from tests.tiny_server import GRANT, TinyServer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from desktop.models.store import Store
    from domain.protocol import BatchAnswer, Want
    from domain.registry import WireType

Content = dict[tuple[str, bytes], list[Any]]
AT = dt.datetime(2026, 3, 2, 1, tzinfo=dt.UTC)


@dataclass
class Device:
    """One desktop: what its user does, and each step of sync by itself."""

    store: Store
    number: int
    server: TinyServer
    answers: list[BatchAnswer] = field(default_factory=list)

    def __post_init__(self) -> None:
        with self.store.write(applying=True) as connection:
            grants.grant(connection, [GRANT])

    def do(self, act: Callable[[Work], None]) -> None:
        """Carry out one command of the user."""
        with self.store.write() as connection:
            work = Work(connection, AT, f"用户{self.number}", f"d{self.number}", "操作")
            act(work)
            work.finish()

    def sql(self, statement: str, *parameters: Any) -> None:
        """Write past everything, as a repair by hand would."""
        with self.store.write() as connection:
            connection.exec_driver_sql(statement, *parameters)

    def asked(self, statement: str, parameters: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        """Return what the store holds."""
        with self.store.read() as connection:
            return [tuple(row) for row in connection.exec_driver_sql(statement, parameters)]

    def freeze(self) -> None:
        """Freeze a batch."""
        with self.store.write(applying=True) as connection:
            freezing.freeze(connection)

    def send(self) -> None:
        """Let everything in flight reach the server; the answers are on their way back."""
        with self.store.read() as connection:
            flights = outbox.flights(connection)
        self.answers += [self.server.push(self.number, flight.body) for flight in flights]

    def hear(self, which: int = 0) -> settling.Settled | None:
        """Let one answer arrive, in whatever order."""
        if not self.answers:
            return None
        answer = self.answers[which % len(self.answers)]
        with self.store.read() as connection:
            first = outbox.flights(connection)
        if first and answer.number > first[0].number:
            return None  # answers are heard in the order of the batches
        with self.store.write(applying=True) as connection:
            return settling.settle(connection, answer)

    def pull(self, limit: int = 1000) -> intake.Applied:
        """Fetch one page."""
        page = self.server.page(self.number, self.want(), limit)
        with self.store.write(applying=True) as connection:
            return intake.take(connection, page)

    def push(self) -> settling.Settled:
        """Freeze, send and hear."""
        self.freeze()
        self.send()
        answer = self.answers[-1]
        self.hear(-1)
        self.answers.clear()
        with self.store.write(applying=True) as connection:
            return settling.settle(connection, answer)

    def sync(self) -> None:
        """Do all there is to do."""
        while True:
            self.freeze()
            with self.store.read() as connection:
                flights = outbox.flights(connection)
            if not flights:
                break
            for flight in flights:
                answer = self.server.push(self.number, flight.body)
                with self.store.write(applying=True) as connection:
                    settling.settle(connection, answer)
        self.pull(3)
        while self.want().since < self.server.head or not self.loaded():
            self.pull(3)

    def want(self) -> Want:
        """Return how far the device is."""
        with self.store.read() as connection:
            (want,) = sync_state.wants(connection)
        return want

    def loaded(self) -> bool:
        """Tell whether the first load is complete."""
        return self.asked("SELECT loaded FROM sync_scope") == [(1,)]

    def content(self) -> Content:
        """Return every live record in its packed form."""
        found: Content = {}
        for name, known in wire_types().items():
            rows = self.asked(
                f"SELECT t.id, t.extra, {', '.join(places(known))} FROM {name} AS t WHERE deleted_at IS NULL"
            )
            for pk, extra, *columns in rows:
                pairs = zip(known.fields, columns, strict=True)
                body = [to_packed(one, value) if one else None for one, value in pairs]
                start, tail = read_tail(extra)
                body[start or len(body) :] = tail
                found[name, pk] = plain(known, body)
        return found


def plain(known: WireType, body: Sequence[Any]) -> list[Any]:
    """Return a packed body in which a flag that was never set is no."""
    flags = {place for place, one in enumerate(known.fields) if one and one.kind == "flag"}
    return trimmed([None if value == 0 and place in flags else value for place, value in enumerate(body)])


def server_content(server: TinyServer) -> Content:
    """Return every live record of the server."""
    return {
        (by_number()[number].record_type.name, pk): plain(by_number()[number], held.entity.body)
        for (number, pk), held in server.held.items()
        if not held.entity.dead and not held.gone
    }


def new_pk(number: int) -> uuid.UUID:
    """Return an id that is always the same for the same number."""
    return uuid.UUID(int=(7 << 76) | (2 << 62) | number)
