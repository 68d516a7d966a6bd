"""What a certificate says: the record made of a trainee at issue, and the page printed from the record alone.

Sex, masked identity number and portrait are frozen with the record, so that a paper can be made again years
later, whatever has become of the trainee's own record.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from desktop.documents.certificate import CertificateData
from desktop.documents.pictures import PictureError, portrait
from desktop.documents.wording import chinese_date
from desktop.models import queries
from desktop.models.blobs import DamagedBlobError
from desktop.models.queries import Query
from desktop.services import attachments
from domain.fields import RECORD_TYPES
from domain.problems import Problem, Refusal, refuse
from domain.values import mask

if TYPE_CHECKING:
    import uuid

    from sqlalchemy import Connection

    from desktop.documents.template import Template
    from desktop.services.desk import Desk

UNISSUED: Final = "draft"
TITLES: Final = {
    "junior": "技术经纪人（初级）培训合格证书",
    "middle": "技术经纪人（中级）培训合格证书",
    "senior": "技术经理人（高级）培训合格证书",
}
STATEMENT: Final = "本证书为技术转移专业人员培训合格证明，不是国家职业资格证书。"
PRINTED: Final = (
    "certificate_no",
    "holder_name",
    "level",
    "trained_from",
    "trained_to",
    "hours",
    "issuer",
    "issued_on",
)
"""What the page of a certificate cannot do without."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What certificates are asked for: by whom, of which day, valid until when, in which design."""

    issuer: str
    issued_on: dt.date
    template: Template
    valid_to: dt.date | None = None
    draft: bool = False


@dataclass(frozen=True, slots=True)
class Holder:
    """What is printed of the person beside the record: sex, masked identity number, and the photograph."""

    sex: str
    id_number: str
    photo: bytes | None


def record_of(desk: Desk, row: dict[str, Any], order: Order, number: str) -> dict[str, Any]:
    """Return the record of a certificate for an enrolment that has its ``person`` and ``class`` beside it."""
    training, person = row["class"], row["person"]
    return {
        "certificate_no": number,
        "holder": row["broker"],
        "holder_name": person["name"],
        "training_class": row["training_class"],
        "level": training["level"] or person["level"],
        "programme": training["programme"] or training["name"],
        "trained_from": day(training["starts_on"]),
        "trained_to": day(training["ends_on"]),
        "hours": training["hours"],
        "result": desk.codes["trainee-result"].label_of(row["result"]) if row["result"] else "合格",
        "issuer": order.issuer,
        "issued_on": order.issued_on,
        "valid_to": order.valid_to,
        "torch_no": person["torch_no"],
        "template": order.template.key,
        "state": UNISSUED if order.draft else "issued",
    }


def page_of(desk: Desk, values: dict[str, Any], holder: Holder) -> CertificateData:
    """Return what the page of a record bears.

    Raises:
        Refusal: something it must bear is not filled in.
    """
    missing = [Problem(name, "required") for name in PRINTED if values[name] in (None, "")]
    if missing:
        raise Refusal(missing, record_type=RECORD_TYPES["certificate"])
    valid_to = values.get("valid_to")
    return CertificateData(
        title=TITLES[values["level"]],
        number=values["certificate_no"],
        holder=values["holder_name"],
        sex=holder.sex,
        id_number=holder.id_number,
        programme=values["programme"] or "",
        level=desk.codes["broker-level"].label_of(values["level"]),
        started=values["trained_from"],
        ended=values["trained_to"],
        hours=values["hours"],
        result=values["result"] or "",
        issuer=values["issuer"],
        issued=values["issued_on"],
        filing_number=values["torch_no"] or "",
        photo=holder.photo,
        valid_to=valid_to,
        validity=f"本证书有效期至{chinese_date(valid_to)}。" if valid_to else "",
        statement=STATEMENT,
        verification=values.get("credential") or "",
        draft=values["state"] == UNISSUED,
    )


def freeze(desk: Desk, holder: Holder) -> str:
    """Return what is kept of a person with an issued certificate, and keep the portrait that is printed."""
    photo = desk.blobs.put(holder.photo) if holder.photo else ""
    return to_note({"sex": holder.sex, "id_number": holder.id_number, "photo": photo})


def frozen(desk: Desk, values: dict[str, Any]) -> Holder | None:
    """Return what was kept of the person of an issued certificate; None for a draft or an older paper.

    Raises:
        Refusal: the portrait is lost.
    """
    kept = json.loads(values["made_with"] or "{}")
    if "photo" not in kept or values["state"] == UNISSUED:
        return None
    try:
        photo = desk.blobs.get(kept["photo"]) if kept["photo"] else None
    except DamagedBlobError as error:
        why = f"{values['certificate_no']} 存档的照片已丢失或损坏，请从备份恢复"
        raise refuse("certificate", "plain", why=why) from error
    return Holder(kept["sex"], kept["id_number"], photo)


def to_note(facts: dict[str, Any]) -> str:
    """Return facts as the record of a paper keeps them."""
    return json.dumps(facts, ensure_ascii=False, separators=(",", ":"))


def person_of(desk: Desk, person: dict[str, Any]) -> Holder:
    """Return what is printed of a person as they are recorded now, without a photograph."""
    sex = desk.codes["sex"].label_of(person.get("sex")).removesuffix("性")
    masked = mask(RECORD_TYPES["broker"]["id_number"], person.get("id_number") or "")
    return Holder(sex, masked, None)


def live(desk: Desk, connection: Connection, values: dict[str, Any], template: Template) -> Holder:
    """Return what is printed of the person of a draft, or of a paper of which nothing was kept."""
    holder = person_of(desk, queries.get(connection, "broker", values["holder"]) or {})
    photo = queries.get(connection, "attachment", values["photo"]) if values["photo"] else None
    return replace(holder, photo=portrait_of(desk, photo, template) if photo else None)


def photo_of(connection: Connection, broker_id: uuid.UUID) -> dict[str, Any] | None:
    """Return the record of a broker's newest attached photo."""
    where = (("owner_type", "broker"), ("owner_id", str(broker_id)))
    rows = queries.rows(connection, Query("attachment", where=where, order="created_at"))
    return next((row for row in rows if row["media_type"].startswith(attachments.IMAGE_PREFIX)), None)


def portrait_of(desk: Desk, photo: dict[str, Any], template: Template) -> bytes | None:
    """Return an attached photo as a design prints it; None where the design has no place for one.

    Raises:
        PictureError: the photo cannot be read, or could not when it was attached.
    """
    if template.photo_ratio is None:
        return None
    if not photo["view_sha256"]:
        raise PictureError("照片无法读取，请换一张")
    try:
        return portrait(desk.blobs.get(photo["view_sha256"]), template.photo_ratio)
    except DamagedBlobError as error:
        raise PictureError("照片文件已丢失或损坏，请重新添加") from error


def day(text: str | None) -> dt.date | None:
    """Return a day that is known to the day; a year or a month alone is none."""
    return dt.date.fromisoformat(text) if text and len(text) == len("2026-03-05") else None
