"""Who was told what the server has lost is found out, whatever has been written since; nobody else is."""

from __future__ import annotations

import datetime as dt

from domain.protocol import Batch, Group, SyncRequest, Want, clock_at, encode
from server.records import grants, lineage
from server.sync.conversation import converse
from tests.backups import Backup
from tests.server.talking import NOW, PARTY, new


def lost(me, *wants):
    with me.database.reading() as connection:
        return lineage.lost(connection, grants.scopes_of(connection, me.caller), wants)


def told(me):
    """Return what a device that has heard everything would show of its agency's scope."""
    page = me.page()
    return Want(me.agency, page.until, page.epoch, heard=page.head, mark=page.mark)


def test_every_head_has_a_mark_of_its_own(devices):
    me = devices()
    heads = [me.send([new("party", PARTY)]).heads[me.agency] for _ in range(3)]
    assert [head for head, _ in heads] == [1, 2, 3]
    assert len({mark for _, mark in heads}) == 3
    assert told(me).mark == heads[-1][1]


def test_who_has_heard_nothing_but_what_is_here_is_not_astray(devices):
    me = devices()
    me.send([new("party", PARTY)])
    early = told(me)
    me.send([new("party", PARTY)])
    assert lost(me, early, told(me), Want(me.agency, 0), Want("a:others", 9, heard=9)) == set()


def test_what_was_never_said_here_is_found(devices):
    me = devices()
    me.send([new("party", PARTY)])
    early = told(me)
    me.send([new("party", PARTY)])
    now = told(me)
    wrong = [
        Want(me.agency, 3, now.epoch),
        Want(me.agency, 2, now.epoch, heard=1 << 70, mark=1),
        Want(me.agency, 2, now.epoch, heard=2, mark=now.mark + 1),
        Want(me.agency, 1, now.epoch, heard=1, mark=1 << 70),
        Want(me.agency, 1, now.epoch, heard=1, mark=early.mark + 1),
    ]
    assert [lost(me, want) for want in wrong] == [{me.agency}] * len(wrong)
    assert lost(me, Want(me.agency, 9, now.epoch - 1)) == set(), "it begins anew in any case"


def test_a_lost_life_is_found_although_as_much_was_written_since(database, devices):
    me, other = devices(), devices()
    me.send([new("party", PARTY)])
    before = told(me)
    backup = Backup(database)
    me.send([new("party", PARTY)])
    after = told(me)
    backup.restore(told=False)
    me.number = 1
    for _ in range(3):
        me.send([new("party", PARTY)])
    assert lost(me, before) == set()
    assert lost(me, after) == {me.agency}
    assert lost(other, told(other)) == set()


def ask(me, want, *batches):
    request = SyncRequest(1, "test", 0, NOW, [*batches], [want], sent=me.number)
    with me.database.reading() as connection:
        now = dt.datetime.fromtimestamp(NOW / 1000, dt.UTC)
        return converse(connection, me.caller, request, now)[0]


def test_of_who_is_astray_nothing_new_is_taken_and_what_was_taken_is_answered(database, devices):
    me = devices()
    backup = Backup(database)
    kept = encode(Batch(1, [Group(clock_at(NOW), [new("party", PARTY)])]))
    first = me.again(kept)
    backup.restore(told=False)
    me.number = 2
    later = encode(Batch(2, [Group(clock_at(NOW), [new("party", PARTY)])]))
    head, mark = first.heads[me.agency]
    seen = Want(me.agency, head, me.page().epoch, heard=head, mark=mark)
    answer = ask(me, seen, kept, later)
    assert [(one.number, one.expected) for one in answer.batches] == [(1, 0)]
    assert (answer.mended, me.rows()) == ([me.agency], [])
    taken = me.again(kept)
    answer = ask(me, seen, kept, later)
    assert answer.batches[0] == taken
    assert [(one.number, one.expected) for one in answer.batches[1:]] == [(2, 1)]
    assert [(one.number, one.expected) for one in ask(me, seen).batches] == [(2, 1)]
    assert len(me.rows()) == 1
