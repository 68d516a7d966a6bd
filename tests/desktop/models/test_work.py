"""The unit of work and its log: what changed, how it was before, and every way back and forth."""

from __future__ import annotations

import atexit
import datetime as dt
import functools
import itertools
import shutil
import tempfile
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from desktop import paths
from desktop.models import history, queries
from desktop.models.blobs import Blobs
from desktop.models.queries import Query
from desktop.models.store import Store
from desktop.models.work import Touch, Work, new_id
from desktop.services import records
from desktop.services.desk import Desk
from domain.fields import RECORD_TYPES
from domain.folding import fold, runs
from domain.wire import exact
from tests.conftest import CHINA
from tests.samples import draw_values

if TYPE_CHECKING:
    from collections.abc import Callable

ACHIEVEMENT = {"title": "成果甲", "secrecy": "public", "asking_price": Decimal(1000)}


@pytest.fixture
def work(store, clock):
    with store.write() as connection:
        yield Work(connection, clock(), "高璟", "device", "测试")


def log_of(work: Work) -> list[tuple[Any, ...]]:
    return list(map(tuple, work.connection.exec_driver_sql("SELECT * FROM change")))


def test_ids_grow_with_time():
    ids = [new_id() for _ in range(1000)]
    assert ids == sorted(ids)
    assert {key.version for key in ids} == {7}


def test_a_new_record_is_written_with_its_empty_values_and_logged(work):
    key = new_id()
    work.put("achievement", key, {**ACHIEVEMENT, "summary": ""})
    changes = work.finish()
    assert changes.touched == (Touch("achievement", key, "created"),)
    assert changes.types() == {"achievement"}
    assert changes.ids("achievement") == [key]
    assert changes.ids("party") == []
    held = work.get("achievement", key)
    assert held is not None
    assert held["asking_price"] == Decimal("1000.00")
    assert (held["summary"], held["cooperation_modes"], held["is_interim"]) == (None, (), False)
    (step,) = history.steps(work.connection, 1)
    assert step.before is None
    assert step.after == {"title": "成果甲", "secrecy": "public", "asking_price": "1000.00"}


def test_a_change_names_before_and_after(work):
    key = new_id()
    work.put("achievement", key, ACHIEVEMENT)
    work.finish()
    second = Work(work.connection, work.at, "高璟", "device", "改名")
    second.change("achievement", key, title="成果乙")
    assert second.finish().touched == (Touch("achievement", key, "changed"),)
    (step,) = history.steps(work.connection, 2)
    assert step.before is not None
    assert step.after is not None
    assert (step.before["title"], step.after["title"]) == ("成果甲", "成果乙")
    newest, oldest = history.of_record(work.connection, key)
    assert (newest.label, newest.user, oldest.before) == ("改名", "高璟", None)
    assert newest.at == work.at


@pytest.mark.parametrize("price", [Decimal(1000), Decimal("1E+3"), Decimal("1000.00"), 1000])
def test_writing_what_is_there_leaves_no_trace(work, price):
    key = new_id()
    work.put("achievement", key, ACHIEVEMENT)
    work.finish()
    again = Work(work.connection, work.at, "高璟", "device", "无变化")
    again.put("achievement", key, {**ACHIEVEMENT, "asking_price": price, "summary": None})
    assert again.finish().touched == ()
    assert len(log_of(work)) == 1
    assert work.connection.exec_driver_sql("SELECT count(*) FROM command").scalar() == 1


def test_what_ends_as_it_began_leaves_no_trace(work):
    key = new_id()
    work.put("achievement", key, ACHIEVEMENT)
    work.finish()
    again = Work(work.connection, work.at, "高璟", "device", "来回")
    again.change("achievement", key, title="别名")
    again.remove("achievement", key)
    again.restore("achievement", key)
    again.change("achievement", key, title="成果甲")
    assert again.finish().touched == ()


def test_several_writes_of_one_record_are_one_change(work):
    key = new_id()
    work.put("achievement", key, ACHIEVEMENT)
    work.change("achievement", key, title="成果乙")
    assert work.finish().touched == (Touch("achievement", key, "created"),)
    (step,) = history.steps(work.connection, 1)
    assert step.after is not None
    assert step.after["title"] == "成果乙"


def test_the_bin_and_back(work):
    key = new_id()
    work.put("achievement", key, ACHIEVEMENT)
    work.finish()
    acts: dict[str, Literal["deleted", "restored"]] = {"remove": "deleted", "restore": "restored"}
    for act, action in acts.items():
        unit = Work(work.connection, work.at, "高璟", "device", act)
        getattr(unit, act)("achievement", key)
        assert unit.finish().touched == (Touch("achievement", key, action),)
        assert (unit.get("achievement", key) is None) == (act == "remove")


def test_what_is_not_there_cannot_be_changed(work):
    for act in (work.change, work.remove, work.restore):
        with pytest.raises(LookupError):
            act("achievement", new_id())


def test_many_new_records_are_added_as_if_each_were_put(work):
    keys = [new_id(), new_id()]
    work.add("achievement", [(key, {**ACHIEVEMENT, "title": f"成果{n}"}) for n, key in enumerate(keys)])
    work.add("achievement", [])
    assert work.finish().touched == tuple(Touch("achievement", key, "created") for key in keys)
    again = Work(work.connection, work.at, "高璟", "device", "再存")
    again.put("achievement", keys[1], {**ACHIEVEMENT, "title": "成果1"})
    assert again.finish().touched == ()
    assert [step.after for step in history.steps(work.connection, 1)] == [
        {"title": f"成果{n}", "secrecy": "public", "asking_price": "1000.00"} for n in range(2)
    ]
    assert again.wire("achievement", keys[0]) == history.steps(work.connection, 1)[0].after
    (found,) = queries.rows(work.connection, Query("achievement", words="成果1"))
    assert (found["id"], found["created_at"]) == (keys[1], found["updated_at"])


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"asking_price": 1.5}, TypeError),
        ({"asking_price": Decimal("0.001")}, ValueError),
        ({"holder": "某单位"}, TypeError),
        ({"cooperation_modes": "transfer"}, TypeError),
    ],
)
def test_a_value_the_store_cannot_hold_exactly_is_not_written(work, values, error):
    with pytest.raises(error):
        work.put("achievement", new_id(), {**ACHIEVEMENT, **values})
    assert work.finish().touched == ()


@pytest.mark.parametrize("name", RECORD_TYPES)
@pytest.mark.parametrize("seed", range(3))
def test_every_record_type_comes_back_from_the_store_as_it_went_in(store, clock, name, seed):
    known, key = RECORD_TYPES[name], new_id()
    drawn = draw_values(known, seed)
    with store.write() as connection:
        connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        work = Work(connection, clock(), "高璟", "device", "往返")
        for field in known.fields:  # what it refers to must be there
            if field.kind == "ref" and field.name in drawn:
                other = RECORD_TYPES[field.to]
                bare = {n: v for n, v in draw_values(other, seed).items() if other[n].kind != "ref"}
                work.put(field.to, drawn[field.name], bare)
        work.put(name, key, drawn)
        held = work.get(name, key)
        assert held == {f.name: exact(f, drawn.get(f.name)) for f in known.fields}
        again = Work(connection, clock(), "高璟", "device", "再存")
        again.put(name, key, held)
        assert again.finish().touched == ()


# ── any sequence of commands ────────────────────────────────────────────────────────────────────

TITLES = st.text(st.sampled_from("技术转移單单曾乐AＢc1 ①-"), min_size=1, max_size=8).filter(str.strip)
WORDS = ("技术", "单", "單曾", "ab", "c1", "移技")


class Commands(RuleBasedStateMachine):
    """Create, change, delete, restore, undo and redo in any order, against a plain model of the store."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp()) / "workspace"
        shutil.copytree(empty_store(), self.folder)
        self.now = hypothesis_clock()
        self.desk = self.opened()
        self.states: list[dict[Any, Any]] = [{}]  # what the records were after each standing command
        self.undone: list[dict[Any, Any]] = []

    def opened(self) -> Desk:
        return Desk(
            store=Store.open(self.folder, b"k" * 32),
            blobs=Blobs.open(self.folder, b"k" * 32),
            codes=paths.code_book(),
            policies=paths.policy_book(),
            schemes=paths.schemes(),
            checklist=paths.dossier_checklist(),
            clock=self.now,
            user="高璟",
            device="device",
        )

    def teardown(self) -> None:
        self.desk.store.close()
        shutil.rmtree(self.folder.parent)

    def living(self) -> dict[Any, Any]:
        with self.desk.store.read() as connection:
            rows = queries.rows(connection, Query("achievement"))
        return {row["id"]: (row["title"], row["summary"]) for row in rows}

    def did(self, touched: int) -> None:
        if touched:
            self.states.append(self.living())
            self.undone.clear()

    @initialize(titles=st.lists(TITLES, min_size=1, max_size=3))
    def begin(self, titles: list[str]) -> None:
        rows = [("achievement", new_id(), {"title": title, "secrecy": "public"}) for title in titles]
        self.did(len(records.save_all(self.desk, records=rows).touched))

    @rule(title=TITLES, summary=TITLES)
    def create(self, title: str, summary: str) -> None:
        values = {"title": title, "summary": summary, "secrecy": "public"}
        saved = records.save(self.desk, record_type="achievement", record_id=new_id(), values=values)
        self.did(len(saved.touched))

    @precondition(lambda self: self.living())
    @rule(title=TITLES, pick=st.integers(0))
    def rename(self, title: str, pick: int) -> None:
        key = sorted(self.living())[pick % len(self.living())]
        values = {"title": title, "secrecy": "public"}
        saved = records.save(self.desk, record_type="achievement", record_id=key, values=values)
        self.did(len(saved.touched))

    @precondition(lambda self: self.living())
    @rule(pick=st.integers(0))
    def delete(self, pick: int) -> None:
        key = sorted(self.living())[pick % len(self.living())]
        self.did(len(records.remove(self.desk, record_type="achievement", ids=[key]).touched))

    @precondition(lambda self: self.binned())
    @rule(pick=st.integers(0))
    def restore(self, pick: int) -> None:
        key = self.binned()[pick % len(self.binned())]
        self.did(len(records.restore(self.desk, record_type="achievement", ids=[key]).touched))

    def binned(self) -> list[Any]:
        with self.desk.store.read() as connection:
            return sorted(row["id"] for row in queries.rows(connection, Query("achievement", binned=True)))

    @precondition(lambda self: len(self.states) > 1)
    @rule()
    def undo(self) -> None:
        records.undo(self.desk)
        self.undone.append(self.states.pop())
        assert self.living() == self.states[-1]

    @precondition(lambda self: self.undone)
    @rule()
    def redo(self) -> None:
        records.redo(self.desk)
        self.states.append(self.undone.pop())
        assert self.living() == self.states[-1]

    @rule()
    def undo_all_and_redo_all(self) -> None:
        steps = len(self.states) - 1
        for _ in range(steps):
            records.undo(self.desk)
        assert self.living() == {}
        for _ in range(steps):
            records.redo(self.desk)
        assert self.living() == self.states[-1]

    @rule()
    def open_again(self) -> None:
        self.desk.store.close()
        self.desk = self.opened()

    @invariant()
    def search_is_exact(self) -> None:
        held = self.living()
        with self.desk.store.read() as connection:
            for word in WORDS:
                found = {row["id"] for row in queries.rows(connection, Query("achievement", words=word))}
                assert found == {key for key, texts in held.items() if holds(texts, word)}, word


def holds(texts: tuple[str | None, ...], word: str) -> bool:
    """Say plainly whether a record holds a word, without any index."""
    return any(fold(word) in run for text in texts if text for run in runs(fold(text)))


@functools.cache
def empty_store() -> Path:
    """Return a new store to copy: to make its tables takes longer than a whole example."""
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder)
    Store.open(folder, b"k" * 32).close()
    return folder


def hypothesis_clock() -> Callable[[], dt.datetime]:
    start = dt.datetime(2026, 3, 2, 9, tzinfo=CHINA)
    return (start + dt.timedelta(seconds=n) for n in itertools.count()).__next__


TestCommands = pytest.mark.unmeasured(Commands.TestCase)
TestCommands.settings = hypothesis_settings(max_examples=5, stateful_step_count=12)
