"""Sample certificates: one in each design, and one whose name shows what the fitting can do."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from desktop.demo import samples
from desktop.models import queries
from desktop.models.queries import Query
from desktop.models.work import new_id
from desktop.services import (
    attachments,
    certificate_delivery,
    certificate_papers,
    certificates,
    records,
)
from desktop.services.certificate_templates import templates
from desktop.services.saving import write_file

if TYPE_CHECKING:
    import uuid
    from pathlib import Path

    from desktop.services.desk import Desk

LONG: Final = "阿卜杜热合曼·买买提吐尔逊·古丽巴哈尔·迪丽努尔江·赵𬭳"
"""A name that no line holds at its usual size, and whose last character lies beyond U+FFFF."""
CERTIFICATES: Final = (
    ("证书-classic", "classic", "王喆"),
    ("证书-booklet", "booklet", "李㛃"),
    ("证书-official", "official", "欧阳堃祎"),
    ("证书-official-长姓名", "official", LONG),
)
"""What each certificate is called, its design and its holder."""


def write(desk: Desk, out: Path) -> None:
    """Issue the certificates of one small class and write them and its receipt list into a folder."""
    training = new_id()
    records.save(desk, record_type="training_class", record_id=training, values=samples.CLASS)
    known = templates(desk).latest
    for called, design, name in CERTIFICATES:
        certificates.issue(
            desk,
            enrolments=[_enrol(desk, training, name)],
            issuer=samples.ISSUER,
            issued_on=samples.ISSUED_ON,
            template=known[design].key,
        )
        made = certificate_papers.make(desk, certificate_papers.unmade(desk, training))
        write_file(out / f"{called}.pdf", certificate_papers.printed(desk, made))
    with desk.store.read() as connection:
        query = Query("certificate", order="certificate_no", descending=False)
        issued = queries.rows(connection, query)
    receipts = certificate_delivery.receipt_list(desk, issued, samples.TRAINING)
    write_file(out / "领取签字表.pdf", receipts)


def _enrol(desk: Desk, training: uuid.UUID, name: str) -> uuid.UUID:
    """Let a person pass the class and return the enrolment."""
    broker, enrolment = new_id(), new_id()
    person = {"name": name, "sex": "1", "level": "junior", "unit_name": "示例大学"}
    result = {
        "training_class": training,
        "broker": broker,
        "mark": Decimal(86),
        "passed": True,
        "result": "passed",
        "attended_hours": samples.CLASS["hours"],
    }
    records.save_all(desk, records=[("broker", broker, person), ("enrolment", enrolment, result)])
    photo = attachments.Upload("photo.jpg", samples.photograph())
    attachments.add(desk, record_type="broker", record_id=broker, uploads=[photo])
    return enrolment
