"""What becomes of one edit on one record: each policy, each hit, and the laws behind them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.merge import BIRTH, FOREIGN, NOBODY, NOW, Entity, Mark, Outcome, judge, moved
from domain.protocol import Back, Drop, Move, New, Op, Set, Status
from domain.registry import LIFE
from tests.sync.model_types import AMOUNTS, FREE, KNOWN, LATER, RECORD, SECOND, TAGS

ME, OTHER = 7, 8
PK = b"k" * 16
BODY = ["甲", "说明", ["a", "b"], 100, "CNY"]


def entity(*, dead: bool = False, version: int = 5, **marks: Mark) -> Entity:
    """Return a record born by somebody else at version 1; marks by the name of their unit."""
    named = {"free": FREE, "second": SECOND, "tags": TAGS, "amounts": AMOUNTS, "life": LIFE, "later": LATER}
    held = {BIRTH: Mark(1, 10, OTHER), **{named[name]: mark for name, mark in marks.items()}}
    return Entity(dead=dead, version=version, body=list(BODY), marks=held)


def setting(values: dict[int, dict[int, Any]], *, base: int = 5, **more: Any) -> Set:
    return Set(RECORD, PK, base, values, **more)


def judged(held: Entity | None, op: Op, *, clock: int = 50, answers: bool = False) -> Outcome:
    return judge(KNOWN, held, op, clock=clock, device=ME, answers=answers)


def after(outcome: Outcome) -> Entity:
    assert outcome.entity is not None
    return outcome.entity


def test_a_birth_stands_and_marks_all_units_at_once():
    outcome = judged(None, New(RECORD, PK, BODY))
    assert outcome.status == Status.OK
    assert after(outcome).marks == {BIRTH: Mark(NOW, 50, ME)}
    assert after(outcome).body == BODY


def test_an_edit_by_one_who_saw_the_newest_stands_whatever_the_clocks():
    held = entity(free=Mark(5, 900, OTHER))
    made = after(judged(held, setting({FREE: {0: "乙"}}), clock=1))
    assert made.body[0] == "乙"
    assert made.marks[FREE] == Mark(NOW, 1, ME)


@pytest.mark.parametrize(("clock", "stands"), [(50, True), (20, False)])
def test_of_two_free_edits_that_did_not_see_each_other_the_later_stands(clock, stands):
    outcome = judged(entity(free=Mark(4, 30, OTHER)), setting({FREE: {0: "乙"}}, base=3), clock=clock)
    assert (outcome.status == Status.OK) is stands
    assert outcome.lost == (() if stands else (FREE,))
    assert (outcome.entity is not None) is stands


def test_what_loses_does_not_take_the_other_units_with_it():
    held = entity(free=Mark(4, 30, OTHER))
    outcome = judged(held, setting({FREE: {0: "乙"}, SECOND: {1: "新"}}, base=3), clock=20)
    assert outcome.status == Status.MERGED
    assert after(outcome).body[:2] == ["甲", "新"]


def test_a_protected_value_that_was_not_seen_is_never_replaced():
    held = entity(amounts=Mark(4, 1, OTHER))
    outcome = judged(held, setting({AMOUNTS: {3: 200, 4: "CNY"}}, base=3), clock=10**9)
    assert (outcome.status, outcome.code, outcome.entity) == (Status.CONFLICT, "changed", None)
    (clash,) = outcome.clashes
    assert (clash.unit, clash.met) == (AMOUNTS, Mark(4, 1, OTHER))
    assert (clash.mine, clash.theirs) == ({3: 200, 4: "CNY"}, {3: 100, 4: "CNY"})


def test_a_protected_value_that_is_what_the_author_saw_may_be_replaced_whoever_wrote_it():
    held = entity(amounts=Mark(4, 1, OTHER))
    op = setting({AMOUNTS: {3: 200, 4: "CNY"}}, base=3, was={3: 100, 4: "CNY"})
    assert judged(held, op).status == Status.OK
    half = setting({AMOUNTS: {3: 200, 4: "CNY"}}, base=3, was={3: 100})
    assert judged(held, half).status == Status.CONFLICT


def test_ones_own_earlier_change_is_no_hit():
    held = entity(amounts=Mark(4, 1, ME))
    assert judged(held, setting({AMOUNTS: {3: 200, 4: "CNY"}}, base=1)).status == Status.OK


def test_both_having_written_the_same_is_nobodys_business():
    held = entity(amounts=Mark(4, 1, OTHER))
    outcome = judged(held, setting({AMOUNTS: {3: 100, 4: "CNY"}}, base=1))
    assert (outcome.status, outcome.entity) == (Status.OK, None)


def test_each_unit_is_judged_by_its_own_base():
    held = entity(free=Mark(4, 90, OTHER), amounts=Mark(4, 90, OTHER))
    op = setting({FREE: {0: "乙"}, AMOUNTS: {3: 1, 4: "CNY"}}, base=4, bases={FREE: 3})
    assert judged(held, op).lost == (FREE,)
    op = setting({FREE: {0: "乙"}, AMOUNTS: {3: 1, 4: "CNY"}}, base=4, bases={AMOUNTS: 3})
    assert judged(held, op).status == Status.CONFLICT


def test_a_set_gets_what_both_added_and_loses_what_either_took_away():
    held = Entity(
        dead=False,
        version=5,
        body=["甲", None, ["b", "x"]],
        marks={BIRTH: Mark(1, 1, OTHER), TAGS: Mark(5, 1, OTHER)},
    )
    op = setting({TAGS: {2: ["a", "b", "c"]}}, base=3, was={2: ["a", "b"]})
    outcome = judged(held, op)
    assert (outcome.status, outcome.lost) == (Status.MERGED, ())
    assert set(after(outcome).body[2]) == {"b", "x", "c"}
    assert after(outcome).marks[TAGS].device == NOBODY


def test_a_set_that_nobody_else_touched_is_taken_as_its_author_ordered_it():
    op = setting({TAGS: {2: ["c", "b", "a"]}}, was={2: ["a", "b"]})
    outcome = judged(entity(), op)
    assert outcome.status == Status.OK
    assert after(outcome).body[2] == ["c", "b", "a"]
    assert after(outcome).marks[TAGS].device == ME


def test_an_emptied_set_is_nothing():
    outcome = judged(entity(), setting({TAGS: {2: None}}, was={2: ["a", "b"]}))
    assert after(outcome).body[2] is None


def test_an_edit_of_what_is_in_the_bin_is_surfaced():
    assert judged(entity(dead=True), setting({FREE: {0: "乙"}})).code == "gone"
    assert judged(entity(dead=True), New(RECORD, PK, BODY)).code == "gone"


def test_a_deletion_stands_unless_something_was_not_seen():
    outcome = judged(entity(free=Mark(5, 1, OTHER)), Drop(RECORD, PK, 5))
    assert after(outcome).dead
    assert after(outcome).marks[LIFE] == Mark(NOW, 50, ME)
    unseen = judged(entity(free=Mark(5, 1, OTHER)), Drop(RECORD, PK, 4))
    assert (unseen.status, [clash.unit for clash in unseen.clashes]) == (Status.CONFLICT, [FREE])
    by_unit = judged(entity(free=Mark(5, 1, OTHER)), Drop(RECORD, PK, 5, {FREE: 4}))
    assert by_unit.status == Status.CONFLICT
    own = judged(entity(free=Mark(5, 1, ME)), Drop(RECORD, PK, 4))
    assert own.status == Status.OK


def test_deleting_twice_and_restoring_twice_changes_nothing():
    assert judged(entity(dead=True), Drop(RECORD, PK, 1)) == Outcome(Status.OK)
    assert judged(entity(), Back(RECORD, PK, 1)) == Outcome(Status.OK)
    assert not after(judged(entity(dead=True), Back(RECORD, PK, 1))).dead


def test_what_is_not_there_cannot_be_edited_and_need_not_be_deleted():
    assert judged(None, setting({FREE: {0: "乙"}})).code == "no-record"
    assert judged(None, Back(RECORD, PK, 1)).code == "no-record"
    assert judged(None, Drop(RECORD, PK, 1)) == Outcome(Status.OK)


def test_a_move_is_not_judged_here():
    assert judged(entity(), Move(RECORD, PK, 1, "u:x")).code == "not-here"


def test_a_birth_sent_again_is_an_edit_by_one_who_saw_nothing():
    assert judged(entity(), New(RECORD, PK, BODY)) == Outcome(Status.OK)
    changed = judged(entity(), New(RECORD, PK, ["乙", *BODY[1:]]))
    assert after(changed).body[0] == "乙"
    amount = judged(entity(), New(RECORD, PK, [*BODY[:3], 200, "CNY"]))
    assert amount.status == Status.CONFLICT
    longer = judged(entity(), New(RECORD, PK, [*BODY, "新"]))
    assert after(longer).body[5] == "新"
    assert FOREIGN + 5 in after(longer).marks


def test_a_birth_by_an_older_program_empties_nothing_it_does_not_know():
    held = Entity(dead=False, version=5, body=[*BODY, "新"], marks={BIRTH: Mark(1, 10, OTHER)})
    outcome = judged(held, New(RECORD, PK, BODY))
    assert outcome == Outcome(Status.MERGED)
    changed = judged(held, New(RECORD, PK, ["乙", *BODY[1:]]))
    assert changed.status == Status.MERGED
    assert after(changed).body == ["乙", *BODY[1:], "新"]


def test_units_of_a_newer_program_are_free_and_kept():
    made = after(judged(entity(), setting({LATER: {5: "新"}})))
    assert made.body[5] == "新"
    assert made.marks[LATER] == Mark(NOW, 50, ME)
    unknown = judge(None, entity(), setting({AMOUNTS: {3: 1, 4: "CNY"}}, base=1), clock=50, device=ME)
    assert unknown.status == Status.OK


def test_a_version_made_now_is_the_records_own_until_the_next():
    held = Entity(dead=False, version=9, body=list(BODY), marks={BIRTH: Mark(NOW, 1, OTHER)})
    assert held.mark(AMOUNTS).version == 9
    made = after(judged(held, setting({FREE: {0: "乙"}}, base=9)))
    assert made.marks[BIRTH].version == 9
    assert made.marks[FREE].version == NOW


def test_in_another_scope_a_record_is_new_to_all():
    held = moved(entity(amounts=Mark(4, 30, ME)))
    assert {mark.device for mark in held.marks.values()} == {NOBODY}
    assert {mark.version for mark in held.marks.values()} == {NOW}
    assert held.marks[AMOUNTS].clock == 30


VALUES = st.integers(0, 3)
UNITS = st.sampled_from([FREE, SECOND])


@given(st.permutations(range(4)), st.lists(st.tuples(UNITS, VALUES), min_size=4, max_size=4))
def test_free_edits_that_saw_the_same_come_out_alike_in_whatever_order_they_arrive(order, edits):
    ends = []
    for sequence in (range(4), order):
        held = entity(version=1)
        for number in sequence:
            unit, value = edits[number]
            op = setting({unit: {unit - 1: f"{number}-{value}"}}, base=1)
            outcome = judge(KNOWN, held, op, clock=100 + number, device=10 + number)
            if outcome.entity is not None:
                made = outcome.entity
                held = Entity(made.dead, held.version + 1, made.body, made.marks)
        ends.append(held.body)
    assert ends[0] == ends[1]


SETS = st.sets(st.sampled_from("abcdef")).map(sorted)


@given(was=SETS, mine=SETS, theirs=SETS)
def test_joined_sets_do_not_depend_on_who_came_first(was, mine, theirs):
    def both(first: list[str], second: list[str]) -> set[str]:
        held = Entity(dead=False, version=1, body=[None, None, was], marks={BIRTH: Mark(1, 1, OTHER)})
        for device, wanted in ((21, first), (22, second)):
            op = setting({TAGS: {2: wanted or None}}, base=1, was={2: was})
            outcome = judge(KNOWN, held, op, clock=device, device=device)
            if outcome.entity is not None:
                made = outcome.entity
                held = Entity(made.dead, held.version + 1, made.body, made.marks)
        return set(held.at(2) or ())

    ours = both(mine, theirs)
    assert ours == both(theirs, mine)
    assert ours == (set(was) & set(mine) & set(theirs)) | (set(mine) - set(was)) | (set(theirs) - set(was))
