"""Histories in which desks once ended differently, kept so that they never do again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from desktop.sync import engine
from desktop.sync.troubles import OfflineError
from tests.sync.bench import make_small
from tests.sync.ending import Ending
from tests.sync.engine_mistakes import MISTAKES
from tests.sync.replicas import DESKS, History

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.sync.bench import Bench, Replica

SHORT, LONG = 3, 6
"""Rows of a page on a bad line and on a good one."""


@pytest.fixture
def history(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Iterator[History]:
    """Return three desks with four parties, on lines that may be bad."""
    make_small(monkeypatch)
    monkeypatch.setattr(engine, "PAGE_ROWS", LONG)
    monkeypatch.setattr(engine, "FEWEST_ROWS", SHORT)
    made = History(bench)
    for desk in made.desks:
        restart(desk)
    made.act(0, [("party", 0)] * 4)
    for number in (0, 1, 2, 0):
        made.sync(number)
    yield made
    made.close()


def restart(desk: Replica, rows: int = LONG) -> None:
    """Start the program anew on a line for pages of so many rows."""
    desk.start()
    desk.engine._rows = rows
    desk.engine._pulled = True


def put(desk: Replica, pk: bytes, column: str, value: str) -> None:
    desk.bench.now_ms += 5
    with desk.store.write() as connection:
        connection.exec_driver_sql(f"UPDATE party SET {column} = ? WHERE id = ?", (value, pk))


def parties(desk: Replica) -> list[bytes]:
    with desk.store.read() as connection:
        return [bytes(row[0]) for row in connection.exec_driver_sql("SELECT id FROM party ORDER BY id")]


def test_an_image_is_compared_by_its_own_version(history, monkeypatch):
    compare_images(history, monkeypatch)


def test_an_image_compared_by_the_records_version_is_found(history, monkeypatch):
    MISTAKES["images_are_compared_by_the_records_version"](monkeypatch)
    with pytest.raises(AssertionError):
        compare_images(history, monkeypatch)


def compare_images(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    """A desk has four batches in flight on a bad line; the last is of a name that another desk changed too.

    By the time its answer is heard, the record's version has been raised by a change of something else: the
    older name that a page had told must not come back.
    """
    mine, other, _ = history.desks
    first, second, third, named = parties(mine)
    put(other, named, "name", "别人的名称")
    history.sync(1)
    edits = [
        (first, "remark", "一"),
        (second, "remark", "二"),
        (third, "remark", "三"),
        (named, "name", "我的"),
    ]
    for pk, column, value in edits:
        put(mine, pk, column, value)
        assert mine.engine._exchange.freeze()

    restart(mine, SHORT)
    asks = ask_through(mine, monkeypatch)
    asks["fails at"] = 2
    history.sync(0)  # only the first batch is answered, and a page tells the other name
    restart(mine)
    asks["fails at"] = 0
    history.sync(0, "answer lost")  # all were taken, nothing was heard
    mine.engine._pulled = True

    def meanwhile() -> None:
        put(other, named, "remark", "别的")
        history.sync(1)

    asks["then"] = meanwhile
    history.sync(0)  # one batch after the other; between them the record changes
    for _ in range(2):
        for number in range(DESKS):
            history.sync(number)
    assert [desk.value("party", named, "name") for desk in history.desks] == ["我的"] * DESKS
    Ending(history).check()


def ask_through(desk: Replica, patch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Let the line fail at one of the next requests, or something happen after the next answer."""
    plan: dict[str, Any] = {"asks": 0, "fails at": 0, "then": None}
    ask = desk.wire.ask

    def asking(method: str, path: str, content: bytes = b"", **options: Any) -> Any:
        plan["asks"] += 1
        if plan["asks"] == plan["fails at"]:
            raise OfflineError
        answer = ask(method, path, content, **options)
        if (then := plan["then"]) is not None:
            plan["then"] = None
            then()
        return answer

    patch.setattr(desk.wire, "ask", asking)
    return plan


def test_a_record_on_its_way_to_another_scope_is_in_no_digest(history):
    """A desk that has heard of a record's leaving and not yet of its arrival has nothing to compare."""
    for _ in range(3):
        history.act(1, [("move", 2)])
        for number in (1, 1, 0, 2):
            history.sync(number)
    Ending(history).check()
