"""The server is away while three devices work on; then it is back, and all of it arrives everywhere."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from desktop.models.outgoing import outbox
from desktop.services import conflicts
from tests.month import SHARED, Employee, Meeting, meet
from tests.sync.serving import Serving, installed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.loopback, pytest.mark.unmeasured]

SEED_COMMANDS = 240


@pytest.fixture
def serving() -> Iterator[Serving]:
    """Return a server that was started once, with two people invited."""
    with installed() as made:
        yield made


@pytest.fixture
def people(serving: Serving, store_template: Path, tmp_path: Path) -> Iterator[list[Employee]]:
    """Return the head's machine and the two of one broker, which have met once."""
    found = []
    for seed, (login, account) in enumerate((("head", ""), ("broker", ""), ("broker", "broker"))):
        shutil.copytree(store_template, tmp_path / str(seed))
        found.append(Employee(tmp_path / str(seed), f"{login}{seed}", seed))
        found[-1].workspace.join(serving.invitation(login), account)
    shared = [found[0].begin(f"共同项目{number}") for number in range(SHARED)]
    meet(serving, found)
    for person in found:
        person.shared = shared
    yield found
    for person in found:
        person.workspace.close()


def work_apart(serving: Serving, people: list[Employee], commands: int) -> tuple[Meeting, Meeting]:
    """Let all work without the server, then meet, decide what is asked, and meet again."""
    serving.stop()
    for person in people:
        person.work(commands // len(people))
    own = {deal.bytes for person in people for deal in person.own}
    serving.start()
    first = meet(serving, people)
    seen = [person.workspace.rows() for person in people]
    assert seen[0] == seen[1] == seen[2]
    assert own <= {key for record_type, key in seen[0] if record_type == "deal"}
    people[0].decide_all()
    second = meet(serving, people)
    seen = [person.workspace.rows() for person in people]
    assert seen[0] == seen[1] == seen[2]
    for person in people:
        assert conflicts.open_conflicts(person.desk) == []
        assert person.workspace.counts() == outbox.Counts(waiting=0, in_flight=0, refused=0, conflicts=0)
    return first, second


def test_what_was_done_apart_arrives_everywhere(serving: Serving, people: list[Employee]) -> None:
    first, _ = work_apart(serving, people, SEED_COMMANDS)
    assert all(person.done == SEED_COMMANDS // len(people) for person in people)
    assert first.bytes_down > 0
