"""An agency hands its yearly form to the authority and shows an achievement to everybody.

The authority gets the file itself and answers; the agency sees the answer, and can change neither what it
handed in nor what it was told. Colleagues see that the achievement is public.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from desktop import paths
from desktop.models import queries
from desktop.models.outgoing import marks
from desktop.models.queries import Query
from desktop.models.work import new_id
from desktop.services import records, sharing, submissions, writable
from desktop.services.attachments import Upload
from desktop.services.desk import Desk
from domain.problems import Refusal
from tests import offices

if TYPE_CHECKING:
    import uuid

    from tests.offices import Office

PAPER = b"%PDF-1.4\n% the form of 2025\n%%EOF\n"


def desk_of(machine: offices.Desk, name: str) -> Desk:
    return Desk(
        store=machine.store,
        blobs=machine.blobs,
        codes=paths.code_book(),
        policies=paths.policy_book(),
        schemes=paths.schemes(),
        checklist=paths.dossier_checklist(),
        clock=offices.now,
        user=name,
        device=name,
    )


class Person:
    """Somebody at a machine that syncs when told to."""

    def __init__(self, office: Office, role: str, name: str) -> None:
        self.machine = office.desk(office.invite(role))
        self.desk, self.role = desk_of(self.machine, name), role

    def sync(self) -> None:
        self.machine.sync()
        self.machine.carry_files()
        self.machine.sync()

    def only(self, record_type: str) -> dict[str, Any]:
        with self.desk.store.read() as connection:
            (row,) = queries.rows(connection, Query(record_type))
            return row

    def closed(self, record_type: str, record_id: uuid.UUID) -> writable.Closure:
        with self.desk.store.read() as connection:
            return writable.closure(connection, record_type, record_id, self.role)

    def publicity(self, record_id: uuid.UUID) -> str:
        with self.desk.store.read() as connection:
            return marks.publicity(connection, "achievement", record_id)

    def make(self, record_type: str, **values: Any) -> uuid.UUID:
        record_id = new_id()
        records.save(self.desk, record_type=record_type, record_id=record_id, values=values)
        return record_id

    def save(self, record_type: str, held: dict[str, Any], **changes: Any) -> None:
        records.save(self.desk, record_type=record_type, record_id=held["id"], values={**held, **changes})


@pytest.fixture
def staff(office: Office) -> Person:
    return Person(office, "staff", "张敏")


@pytest.fixture
def authority(office: Office) -> Person:
    return Person(office, "authority", "科技局")


def test_a_submission_reaches_the_authority_and_its_answer_comes_back(
    staff: Person, authority: Person
) -> None:
    agency = staff.make("agency", name="示例技术转移中心", year=Decimal(2025), kind="A")
    upload = Upload("绩效数据表.pdf", PAPER)
    submissions.submit(staff.desk, title="2025年绩效数据表", upload=upload, year=2025, agency=agency)
    with pytest.raises(Refusal, match="不必再报"):
        submissions.submit(staff.desk, title="又一次", upload=upload)
    staff.sync()

    authority.sync()
    received = authority.only("submission")
    assert (received["title"], received["state"]) == ("2025年绩效数据表", "submitted")
    with authority.desk.store.read() as connection:
        assert queries.titles(connection, "agency", [agency]) == {agency: "示例技术转移中心"}
        assert queries.count(connection, Query("agency")) == 0
    file = submissions.enclosed(authority.desk, received["id"])
    assert file is not None
    assert (file.name, file.place) == ("绩效数据表.pdf", "there")
    submissions.fetch(authority.desk, sha256=file.sha256)
    authority.sync()
    assert authority.desk.blobs.get(file.sha256) == PAPER
    assert authority.closed("submission", received["id"]).fields == {
        "title", "kind", "year", "agency", "submitted_on", "sha256", "file_name",
    }  # fmt: skip
    day = dt.date(2026, 4, 2)
    authority.save("submission", received, state="returned", answered_on=day, answer="第 3 项缺证明")
    authority.sync()

    staff.sync()
    told = staff.only("submission")
    assert (told["state"], told["answered_on"], told["answer"]) == ("returned", day, "第 3 项缺证明")
    assert {"state", "answer", "title"} <= staff.closed("submission", told["id"]).fields


def test_a_broker_hands_in_nothing(office: Office) -> None:
    broker = Person(office, "broker", "王芳")
    broker.sync()
    with pytest.raises(Refusal, match="不能新建报送材料"):
        submissions.submit(broker.desk, title="表", upload=Upload("表.pdf", PAPER))


def test_colleagues_see_that_an_achievement_is_public_and_that_it_is_no_more(
    office: Office, staff: Person
) -> None:
    colleague = Person(office, "broker", "王芳")
    key = staff.make("achievement", title="无氯氟发泡剂", summary="摘要")
    for person in (staff, colleague):
        person.sync()
    asked = {"record_type": "achievement", "record_id": key}
    sharing.publish(staff.desk, **asked, shown=True)  # type: ignore[arg-type]  # a record's type and id
    assert (staff.publicity(key), colleague.publicity(key)) == ("asked", "private")
    for person in (staff, colleague):
        person.sync()
    assert (staff.publicity(key), colleague.publicity(key)) == ("public", "public")
    assert colleague.only("achievement")["id"] == key  # the copy does not stand beside the record
    assert sharing.standing(colleague.desk, "achievement", key).publicity == "public"
    newcomer = Person(office, "staff", "李强")
    newcomer.sync()
    assert newcomer.publicity(key) == "public"

    sharing.publish(colleague.desk, **asked, shown=False)  # type: ignore[arg-type]  # likewise
    for person in (colleague, staff):
        person.sync()
    assert (staff.publicity(key), colleague.publicity(key)) == ("private", "private")
