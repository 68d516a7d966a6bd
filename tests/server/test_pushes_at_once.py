"""Several devices write at the same time: no gap in the feed, and no edit judged by an old state."""

from __future__ import annotations

import contextlib
import threading
from decimal import Decimal
from typing import TYPE_CHECKING

from domain.protocol import New, Publish
from domain.registry import wire_types
from server.records import push
from tests.server.talking import ACHIEVEMENT, DEAL, PARTY, edit, new

if TYPE_CHECKING:
    from domain.protocol import BatchAnswer


def test_writers_at_the_same_time_leave_no_gap_in_the_feed(devices):
    first = devices()
    writers = [first, *(devices(like=first) for _ in range(3))]
    seen: list[int] = []
    wrong: list[BatchAnswer] = []
    done = threading.Event()

    def write(device):
        for _ in range(10):
            answer = device.send([new("party", PARTY), new("party", PARTY)])
            if answer.verdicts:
                wrong.append(answer)

    def read():
        reader, cursor = first, 0
        while not (done.is_set() and cursor == 80):
            page = reader.page(cursor=0, staged=cursor)
            if page:
                seen.extend(row.version for row in page.rows)
                cursor = page.until

    threads = [threading.Thread(target=write, args=(device,)) for device in writers]
    reading = threading.Thread(target=read)
    reading.start()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    done.set()
    reading.join(20)
    assert (wrong, seen) == ([], list(range(1, 81)))


def test_edits_of_one_record_at_the_same_time_are_all_judged(devices):
    me = devices()
    pk, version = me.born("deal", DEAL)
    others = [devices(like=me) for _ in range(3)]
    answers = []

    def write(device, amount):
        answers.append(device.send([edit("deal", pk, version, was={}, deal_amount=Decimal(amount))]))

    threads = [threading.Thread(target=write, args=(d, 10 * n + 10)) for n, d in enumerate(others)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(len(answer.verdicts) for answer in answers) == [0, 1, 1]


def test_an_edit_that_waits_for_a_publication_is_in_the_copy(devices, database, monkeypatch):
    me = devices()
    stranger, colleague = devices(), devices(like=me)
    pk, version = me.born("achievement", ACHIEVEMENT)
    with meanwhile(
        lambda: colleague.send([edit("achievement", pk, version, summary="新")]), database, monkeypatch
    ):
        me.send([Publish(wire_types()["achievement"].number, pk, True)])
    copy = stranger.rows("p")[0].pk
    assert stranger.record("achievement", copy, "p")["summary"] == "新"


def test_of_two_who_send_a_record_again_the_second_finds_it(devices, database, monkeypatch):
    me = devices()
    colleague = devices(like=me)
    op = new("party", PARTY)
    heard = []
    with meanwhile(lambda: heard.append(colleague.send([op], told_before=True)), database, monkeypatch):
        me.send([New(op.type, op.pk, op.body, me.own)], told_before=True)
    assert [verdict.code for verdict in heard[0].verdicts] == ["moved"]
    assert (len(me.rows(me.own)), me.rows()) == (1, [])


@contextlib.contextmanager
def meanwhile(act, database, monkeypatch):
    """Let another act while the first push in the block has written and not committed, and wait for it."""
    first, others_wait = threading.current_thread(), threading.Event()

    def pause(name):
        if name == "push-written" and threading.current_thread() is first:
            others_wait.set()
            until_waiting(database)

    def follow():
        others_wait.wait(20)
        act()

    monkeypatch.setattr(push, "failpoint", pause)
    following = threading.Thread(target=follow)
    following.start()
    yield
    following.join(20)


def until_waiting(database):
    """Return when a transaction waits for a lock of another."""
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    with database.reading() as connection:
        for _ in range(2_000):
            if connection.execute(waiting).fetchone()[0]:
                return
            connection.execute("SELECT pg_sleep(0.01)")
    raise AssertionError("nobody waits")
