"""A class whose people are to have certificates, for tests of everything that follows from one."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from PIL import Image

from desktop.models import queries
from desktop.models.queries import Query
from desktop.models.work import new_id
from desktop.services import attachments, certificates, records

if TYPE_CHECKING:
    import uuid
    from collections.abc import Sequence
    from pathlib import Path

    from desktop.models.work import Changes
    from desktop.services.desk import Desk

PASSPHRASE = "示例口令 2026"
ISSUED = dt.date(2026, 3, 20)
ISSUER = "示例基地"


def enrol(desk: Desk, names: Sequence[str], **changes: Any) -> tuple[list[uuid.UUID], list[uuid.UUID]]:
    """Let people pass a class; return the enrolments and the brokers."""
    training = new_id()
    body = {
        "name": "初级班",
        "level": "junior",
        "hours": Decimal(40),
        "starts_on": "2026-03-09",
        "ends_on": "2026-03-13",
        **changes,
    }
    rows: list[tuple[str, uuid.UUID, dict[str, Any]]] = [("training_class", training, body)]
    for name in names:
        broker = new_id()
        rows.append(("broker", broker, {"name": name, "sex": "2", "unit_name": "示例大学"}))
        rows.append(("enrolment", new_id(), {"training_class": training, "broker": broker, "passed": True}))
    records.save_all(desk, records=rows)
    return [key for kind, key, _ in rows if kind == "enrolment"], [
        k for kind, k, _ in rows if kind == "broker"
    ]


def issue(desk: Desk, enrolments: list[uuid.UUID], **more: Any) -> Changes:
    return certificates.issue(desk, enrolments=enrolments, **{"issuer": ISSUER, "issued_on": ISSUED, **more})


def issued(desk: Desk) -> list[dict[str, Any]]:
    """Return the certificates there are, by number."""
    with desk.store.read() as connection:
        return queries.rows(connection, Query("certificate", order="certificate_no", descending=False))


def photograph(desk: Desk, broker: uuid.UUID, content: bytes = b"") -> None:
    """Attach a photograph, a good one if no content is given."""
    if not content:
        picture = io.BytesIO()
        Image.linear_gradient("L").convert("RGB").resize((350, 450)).save(picture, "JPEG")
        content = picture.getvalue()
    upload = attachments.Upload("p.jpg", content)
    attachments.add(desk, record_type="broker", record_id=broker, uploads=[upload])


def stamps_of(folder: Path) -> dict[str, tuple[int, int, int]]:
    """Return what changes when a file is written again, by the file's name."""
    stats = {path.name: path.stat() for path in folder.iterdir()}
    return {name: (stat.st_ino, stat.st_mtime_ns, stat.st_size) for name, stat in stats.items()}
