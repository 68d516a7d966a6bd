"""The step of the demonstration that certifies a class: signed papers for ten, and how to check one."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from desktop.demo import samples
from desktop.models import queries
from desktop.models.work import new_id
from desktop.services import (
    attachments,
    certificate_delivery,
    certificate_papers,
    certificates,
    records,
    trust,
)

if TYPE_CHECKING:
    import uuid
    from pathlib import Path

    from desktop.services.desk import Desk


def certify_class(desk: Desk, out: Path) -> list[str]:
    """Let ten people pass a class, issue and sign their certificates, and hand on every kind of file."""
    with desk.store.read() as connection:
        training = queries.find_by_title(connection, "training_class", samples.TRAINING)
    if training is None:
        training = _enrol(desk)
    passed = certificates.passed(desk, training)
    certificates.issue(desk, enrolments=passed, issuer=samples.ISSUER, issued_on=samples.ISSUED_ON)
    certificate_papers.make(desk, certificate_papers.unmade(desk, training))
    issued, folder = certificate_papers.issued(desk, training), out / "证书"
    wanted = certificate_delivery.EVERYTHING
    written = certificate_delivery.deliver(desk, issued, folder, name=samples.TRAINING, wanted=wanted)
    trust.give(desk, out / "信任名单.json")
    names = "、".join(samples.NAMES)
    verify = f"transfer-desk verify --trust {out / '信任名单.json'} {written[0]}"
    return [f"{folder}（{len(written)} 个文件：{names}）", f"验证其中一份：{verify}"]


def _enrol(desk: Desk) -> uuid.UUID:
    training, first = new_id(), None
    entries: list[tuple[str, uuid.UUID, dict[str, Any]]] = [("training_class", training, samples.CLASS)]
    for number, name in enumerate(samples.NAMES, start=1):
        broker = new_id()
        first = first or broker
        person = {
            "name": name,
            "sex": "2" if number % 2 == 0 else "1",
            "level": "junior",
            "unit_name": "示例大学",
        }
        result = {
            "training_class": training,
            "broker": broker,
            "mark": Decimal(78 + number),
            "passed": True,
            "result": "passed",
            "attended_hours": samples.CLASS["hours"],
        }
        entries += [("broker", broker, person), ("enrolment", new_id(), result)]
    records.save_all(desk, records=entries)
    photo = attachments.Upload("photo.jpg", samples.photograph())
    attachments.add(desk, record_type="broker", record_id=first or training, uploads=[photo])
    return training
