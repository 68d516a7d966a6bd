"""Broken lines, copies and restored servers: nothing is lost, nothing takes effect twice."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest

from desktop.models import settings
from desktop.models.outgoing import outbox
from desktop.models.work import new_id
from desktop.sync import engine as engines
from desktop.sync import snapshots
from desktop.sync.exchange import Exchange
from desktop.sync.frames import pack
from desktop.sync.transport import Transport
from desktop.sync.troubles import BrokenError, MissingError, OfflineError
from domain.pages import Full, Page
from domain.protocol import SNAPSHOT_PATH, SYNC_PATH, TRUST_PATH, ScopeGrant, encode
from domain.registry import wire_types
from domain.wire import to_packed

if TYPE_CHECKING:
    import uuid


class Unsteady(Transport):
    """Loses requests, loses answers and sends requests twice, as a script says."""

    def __init__(self, client, script):
        super().__init__(client)
        self.script = list(script)
        self.requests = 0

    def ask(self, method, path, content=b"", *, headers=None):
        if path != SYNC_PATH:
            return super().ask(method, path, content, headers=headers)
        fate = self.script.pop(0) if self.script else "fine"
        self.requests += 1
        if fate == "request lost":
            raise OfflineError(fate)
        answer = super().ask(method, path, content, headers=headers)
        if fate == "twice":
            answer = super().ask(method, path, content, headers=headers)
        if fate == "answer lost":
            raise OfflineError(fate)
        return answer


def counts(desk):
    with desk.store.read() as connection:
        return outbox.counts(connection)


def sync_in_the_end(desk, script):
    """Sync over an unsteady line until a sync succeeds."""
    line = Unsteady(desk.office.line(), script)
    conversation = desk.talk(line)
    for _ in range(len(script) + 1):
        try:
            conversation.engine.run()
            break
        except OfflineError:
            continue
    else:
        pytest.fail("the line was never good enough")
    conversation.close()
    return line


FATES = ["fine", "request lost", "answer lost", "twice"]


@pytest.mark.unmeasured
@pytest.mark.parametrize("seed", range(4))
def test_an_unsteady_line_loses_nothing_and_doubles_nothing(office, seed):
    chance = random.Random(seed)  # noqa: S311 - the same script each time
    desks = [office.desk(), office.desk()]
    parties: list[uuid.UUID] = []
    for _ in range(6):
        desk = chance.choice(desks)
        for _ in range(chance.randrange(4)):
            known = [party for party in parties if desk.get("party", party)]
            what = chance.choice(["new", "new", "edit", "drop"]) if known else "new"
            if what == "new":
                parties.append(desk.put("party", name=f"公司{len(parties)}", kind="organisation"))
            elif what == "edit":
                desk.put("party", chance.choice(known), name=f"改名{chance.random()}")
            else:
                desk.drop("party", chance.choice(known))
        sync_in_the_end(desk, chance.choices(FATES, k=4))
    for _ in range(2):
        for desk in desks:
            desk.sync()
    assert desks[0].rows() == desks[1].rows()
    for desk in desks:
        assert (counts(desk).waiting, counts(desk).in_flight, counts(desk).refused) == (0, 0, 0)


def test_a_lost_answer_is_asked_for_again_with_the_very_same_bytes(office):
    desk, other = office.desk(), office.desk()
    desk.sync()
    party = desk.put("party", name="甲公司", kind="organisation")
    with pytest.raises(OfflineError):
        desk.sync(Unsteady(office.line(), ["fine", "answer lost"]))
    with desk.store.read() as connection:
        (flight,) = outbox.flights(connection)
    desk.put("party", party, name="甲股份公司")
    with desk.store.read() as connection:
        assert outbox.flights(connection) == [flight]
    desk.sync()
    other.sync()
    assert other.name(party) == "甲股份公司"
    assert counts(desk) == outbox.Counts(0, 0, 0, 0)


def fill(desk, count):
    with desk.work() as work:
        work.add(
            "party",
            [(new_id(), {"name": f"公司{number}", "kind": "organisation"}) for number in range(count)],
        )


def test_a_first_load_of_many_pages_goes_on_where_it_broke(office, monkeypatch):
    monkeypatch.setattr(engines, "PAGE_ROWS", 100)
    monkeypatch.setattr(engines, "FEWEST_ROWS", 50)
    full, new = office.desk(), office.desk()
    fill(full, 950)
    full.sync()
    line = Unsteady(office.line(), ["fine", "fine", "fine", "fine", "answer lost", "fine", "request lost"])
    conversation = new.talk(line)
    for _ in range(2):
        with pytest.raises(OfflineError):
            conversation.engine.run()
        kept = len(new.rows())
        assert 0 < kept < 950
    conversation.engine.run()
    conversation.close()
    assert new.rows() == full.rows()
    assert line.requests <= 20


def test_a_bad_line_gets_short_messages(office, monkeypatch):
    desk = office.desk()
    asked = []
    request = Exchange.request

    def noted(self, *arguments, **options):
        asked.append(options["rows"])
        return request(self, *arguments, **options)

    monkeypatch.setattr(Exchange, "request", noted)
    conversation = desk.talk(Unsteady(office.line(), ["request lost"] * 5))
    for _ in range(5):
        with pytest.raises(OfflineError):
            conversation.engine.run()
    conversation.engine.run()
    conversation.engine.run()
    conversation.close()
    assert asked[:6] == [5_000, 2_500, 1_250, 625, 500, 500]
    assert asked[-1] == 1_000


def test_a_restored_backup_becomes_a_device_of_its_own(office, tmp_path):
    desk, other = office.desk(), office.desk()
    party = desk.put("party", name="甲公司", kind="organisation")
    desk.sync()
    desk.store.backup(tmp_path / "backup.db")
    desk.put("party", party, name="备份之后改的名")
    lost = desk.put("party", name="备份之后新建", kind="organisation")
    desk.sync()
    before = desk.vault.read()
    desk.store.close()
    (tmp_path / "backup.db").replace(desk.store.path)
    for leftover in ("desk.db-wal", "desk.db-shm"):
        (desk.folder / leftover).unlink(missing_ok=True)
    desk.__post_init__()
    late = desk.put("party", name="恢复之后新建", kind="organisation")
    desk.sync()
    assert desk.mine.device != before.device
    assert desk.name(party) == "备份之后改的名"
    assert desk.get("party", lost)
    other.sync()
    assert other.get("party", late)
    assert other.rows() == desk.rows()
    assert counts(desk) == outbox.Counts(0, 0, 0, 0)


def test_a_server_that_forgets_a_batch_is_a_bug_and_not_a_loop(office):
    desk = office.desk()
    desk.sync()
    desk.put("party", name="甲公司", kind="organisation")

    class Silent(Transport):
        def ask(self, method, path, content=b"", *, headers=None):
            if path != SYNC_PATH:
                return super().ask(method, path, content, headers=headers)
            from domain.protocol import SyncAnswer

            answer = super().ask(method, path, content, headers=headers)
            answer._content = pack(encode(SyncAnswer(0)))
            return answer

    conversation = desk.talk(Silent(office.line()))
    conversation.engine._pulled = True
    with pytest.raises(BrokenError):
        conversation.engine.run()
    conversation.close()
    desk.sync()
    assert counts(desk).waiting == 0


@pytest.mark.parametrize("body", [b"", b"noise", pack(b"noise"), pack(b"\x93\x01\xc4")])
def test_an_answer_that_is_none_changes_nothing(office, body):
    desk = office.desk()
    desk.put("party", name="甲公司", kind="organisation")

    class Noisy(Transport):
        def ask(self, method, path, content=b"", *, headers=None):
            answer = super().ask(method, path, content, headers=headers)
            if path == SYNC_PATH:
                answer._content = body
            return answer

    with pytest.raises(BrokenError):
        desk.sync(Noisy(office.line()))
    assert counts(desk).waiting == 1
    desk.sync()
    assert counts(desk).waiting == 0


@pytest.mark.parametrize("offset", [-3_600_000, 0, 10 * 366 * 24 * 3_600_000])
def test_a_wrong_clock_blocks_nothing_and_the_later_edit_wins(office, offset):
    from desktop.models.store import Store, system_ms
    from tests.offices import KEY

    desk, other = office.desk(), office.desk()
    party = other.put("party", name="甲公司", kind="organisation")
    other.sync()
    desk.store.close()
    desk.store = Store.open(desk.folder, KEY, now_ms=lambda: system_ms() + offset)
    conversation = desk.talk()
    conversation.engine._wall_ms = lambda: system_ms() + offset
    conversation.engine.run()
    desk.put("party", party, name="先改的")
    conversation.engine.run()
    other.put("party", party, name="后改的")
    other.sync()
    conversation.engine.run()
    conversation.close()
    assert desk.name(party) == "后改的"


class Serving:
    """Stands for a server's prepared copy, which breaks off where a test wants."""

    def __init__(self, body, breaks=()):
        self.body, self.breaks, self.starts = body, list(breaks), []

    def pieces(self, path, *, start):
        assert path == f"{SNAPSHOT_PATH}/a%3Aorg/7"
        self.starts.append(start)
        end = self.breaks.pop(0) if self.breaks else None
        for place in range(start, len(self.body) if end is None else end, 100):
            yield self.body[place : min(place + 100, end or len(self.body))]
        if end is not None:
            raise OfflineError("cut")


def prepared(pages):
    known, frames = wire_types()["party"], b""
    for number in range(1, pages + 1):
        body = to_packed(known, {"name": f"公司{number}", "kind": "organisation"})
        row = Full(known.number, new_id().bytes, number, _raw(body), clock=number)
        frame = pack(encode(Page("a:org", 1, number - 1, number, pages, [row])))
        frames += len(frame).to_bytes(4, "big") + frame
    return frames


def _raw(body):
    from msgspec import Raw

    return Raw(encode(body))


def take(store, session):
    with store.read() as connection:
        copies = snapshots.pending(connection)
    for copy in copies:
        for found in snapshots.pages(session, copy):
            snapshots.keep(store, copy, [found])
        snapshots.forget(store, copy.scope)


def test_a_prepared_copy_is_taken_from_the_page_where_it_broke(store):
    from desktop.models import queries, sync_state
    from desktop.models.incoming import grants
    from desktop.models.queries import Query

    offered = [ScopeGrant("a:org", writes=True, label="本机构", count=6_000, snapshot=7)]
    with store.write(applying=True) as connection:
        grants.grant(connection, offered)
        snapshots.note(connection, offered, sync_state.wants(connection))
    body = prepared(7)
    session = Serving(body, [len(body) // 3, 2 * len(body) // 3])
    for _ in range(2):
        with pytest.raises(OfflineError):
            take(store, session)
    take(store, session)
    assert session.starts[0] == 0 < session.starts[1] < session.starts[2]
    assert session.starts[1] > len(body) // 3 - len(body) // 7 - 10
    with store.read() as connection:
        assert len(queries.row_ids(connection, Query("party"))) == 7
        assert snapshots.pending(connection) == []
        (want,) = sync_state.wants(connection)
    assert want.cursor == 7


@pytest.mark.parametrize("count", [0, 4_999])
def test_a_small_scope_is_taken_by_pages(store, count):
    from desktop.models import sync_state
    from desktop.models.incoming import grants

    offered = [ScopeGrant("a:org", writes=True, label="本机构", count=count, snapshot=7)]
    with store.write(applying=True) as connection:
        grants.grant(connection, offered)
        snapshots.note(connection, offered, sync_state.wants(connection))
        assert snapshots.pending(connection) == []


def taken(session: Any, copy: snapshots.Pending) -> list[Any]:
    return list(snapshots.pages(session, copy))


def test_a_torn_copy_is_a_bug_of_the_server(store):
    copy = snapshots.Pending("a:org", 7, 0)
    with pytest.raises(BrokenError):
        taken(Serving(prepared(2)[:-3]), copy)
    with pytest.raises(BrokenError):
        taken(Serving(b"\xff" * 300), copy)


def test_a_copy_that_is_gone_is_replaced_by_pages(office):
    full, new = office.desk(), office.desk()
    fill(full, 30)
    full.sync()
    new.sync()
    with new.store.write(applying=True) as connection:
        settings.write(connection, snapshots.PENDING, {"a:org": [7, 0]})
    fill(full, 5)
    full.sync()

    class Without(Transport):
        def pieces(self, path, **_options):
            raise MissingError(path)

    new.sync(Without(office.line()))
    assert new.rows() == full.rows()
    with new.store.read() as connection:
        assert snapshots.pending(connection) == []


def test_the_trust_list_comes_when_it_is_new_and_only_signed(office):
    import datetime as dt

    from domain.trust import Issuer, TrustList, read_trust_list
    from server.accounts import trust_list
    from tests.offices import now

    desk, head = office.desk(), office.desk(office.invite(role="trainer"))
    issuer = Issuer("示例基地", "ab" * 32, (), dt.date(2026, 1, 1), now().date())
    body = TrustList(now().date(), (issuer,)).to_json()
    head.own_trust = body
    head.sync()
    head.sync()
    with office.app.state.database.reading() as connection:
        assert trust_list.version(connection)

    class Forging(Transport):
        def ask(self, method, path, content=b"", *, headers=None):
            answer = super().ask(method, path, content, headers=headers)
            if path == TRUST_PATH:
                answer._content = answer.content.replace(b"ab", b"ba")
            return answer

    with pytest.raises(BrokenError):
        desk.sync(Forging(office.line()))
    assert desk.trust == []
    desk.sync()
    desk.sync()
    (text,) = desk.trust
    desk.own_trust = body  # not this role's business: told once, and no trouble
    desk.sync()
    assert [one.name for one in read_trust_list(text).issuers] == [f"示例基地（{office.name}）"]
