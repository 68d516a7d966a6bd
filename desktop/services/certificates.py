"""Issuing certificates: numbers that cannot collide, drafts and issued papers, and what they print."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

from desktop.documents.certificate import CertificateData, draw_certificates
from desktop.documents.fonts import missing_characters
from desktop.models import queries, settings
from desktop.models.queries import Query
from desktop.models.work import Work, new_id
from desktop.services import attachments
from desktop.services.commands import command
from desktop.services.printing import refusing_unprintable
from desktop.services.records import write
from domain.fields import RECORD_TYPES
from domain.problems import Problem, Refusal, refuse
from domain.values import mask

if TYPE_CHECKING:
    import uuid

    from sqlalchemy import Connection

    from desktop.services.desk import Desk

COUNTER: Final = "certificate-counter"
TITLES: Final = {
    "junior": "技术经纪人（初级）培训合格证书",
    "middle": "技术经纪人（中级）培训合格证书",
    "senior": "技术经理人（高级）培训合格证书",
}
STATEMENT: Final = "本证书为技术转移专业人员培训合格证明，不是国家职业资格证书。"
UNISSUED: Final = "draft"
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
LIVE_STATES: Final = ("draft", "issued", "registered")


@command("签发证书")
def issue(
    work: Work,
    desk: Desk,
    *,
    enrolments: list[uuid.UUID],
    issuer: str,
    issued_on: dt.date,
    draft: bool = False,
) -> None:
    """Make one certificate for each passed enrolment; one that already has its certificate is left alone.

    A draft becomes the issued paper under its own number, with everything printed on it read anew.

    Numbers count up per device and year, with the device in the number, so that two trainers without a
    network cannot give out the same one.

    Raises:
        Refusal: with every enrolment that cannot be certified and why; then none is issued.
    """
    rows = [_enrolment(work, enrolment) for enrolment in enrolments]
    _demand_fit(rows)
    made = 0
    for row in rows:
        held = held_by(work.connection, row)
        if held is None or (held["state"] == UNISSUED and not draft):
            number = held["certificate_no"] if held else _next_number(work, desk, issued_on.year)
            values = _certificate(work, desk, row, number=number, issuer=issuer, issued_on=issued_on)
            values["state"] = UNISSUED if draft else "issued"
            key = held["id"] if held else new_id()
            write(work, desk, record_type="certificate", record_id=key, values=values)
            made += 1
    work.label = f"{'生成证书草稿' if draft else '签发证书'} {made} 份"


def _enrolment(work: Work, enrolment_id: uuid.UUID) -> dict[str, Any]:
    """Return an enrolment with its broker and its class beside it."""
    row = work.get("enrolment", enrolment_id)
    if row is None:
        raise refuse("enrolment", "not-found", value=str(enrolment_id))
    broker, training = work.get("broker", row["broker"]), work.get("training_class", row["training_class"])
    if broker is None or training is None:
        raise refuse("enrolment", "not-found", value=str(row["broker"]))
    return {**row, "person": broker, "class": training}


def _demand_fit(rows: list[dict[str, Any]]) -> None:
    """Refuse the whole roster if one person has not passed or a name cannot be printed."""
    problems = [
        Problem(row["person"]["name"], "plain", {"why": f"{row['person']['name']}：{why}"})
        for row in rows
        for why in unfit(row)
    ]
    if problems:
        raise Refusal(problems)


def unfit(row: dict[str, Any]) -> list[str]:
    """Return why an enrolment, with its ``person`` and ``class`` beside it, cannot be certified."""
    found = []
    if not row["passed"]:
        found.append("尚未登记为合格，不能签发证书")
    if not (row["class"]["level"] or row["person"]["level"]):
        found.append("培训班和学员都没有等级，请先填写")
    if not (_day(row["class"]["starts_on"]) and _day(row["class"]["ends_on"]) and row["class"]["hours"]):
        found.append(f"培训班“{row['class']['name']}”缺少完整的起止日期或总学时")
    unprintable = missing_characters([("姓名", row["person"]["name"])])
    found += [f"姓名中的“{miss.character}”（{miss.code_point}）没有字体可印" for miss in unprintable]
    return found


def held_by(connection: Connection, row: dict[str, Any]) -> dict[str, Any] | None:
    """Return the certificate that a person already has of a class."""
    where = (("holder", row["broker"]), ("training_class", row["training_class"]), ("state", LIVE_STATES))
    return next(iter(queries.rows(connection, Query("certificate", where=where), limit=1)), None)


def _certificate(
    work: Work, desk: Desk, row: dict[str, Any], *, number: str, issuer: str, issued_on: dt.date
) -> dict[str, Any]:
    """Return what a certificate says, but for its state."""
    training, person = row["class"], row["person"]
    return {
        "certificate_no": number,
        "holder": row["broker"],
        "holder_name": person["name"],
        "training_class": row["training_class"],
        "level": training["level"] or person["level"],
        "programme": training["programme"] or training["name"],
        "trained_from": _day(training["starts_on"]),
        "trained_to": _day(training["ends_on"]),
        "hours": training["hours"],
        "result": desk.codes["trainee-result"].label_of(row["result"]) if row["result"] else "合格",
        "issuer": issuer,
        "issued_on": issued_on,
        "torch_no": person["torch_no"],
        "photo": photo_of(work.connection, row["broker"]),
    }


def _next_number(work: Work, desk: Desk, year: int) -> str:
    name = f"{COUNTER}:{year}"
    last = settings.read(work.connection, name, 0) + 1
    settings.write(work.connection, name, last)
    return f"JJ{year}-{desk.device.upper()}-{last:05d}"


def _day(text: str | None) -> dt.date | None:
    """Return a day that is known to the day; a year or a month alone is none."""
    return dt.date.fromisoformat(text) if text and len(text) == len("2026-03-05") else None


def photo_of(connection: Connection, broker_id: uuid.UUID) -> uuid.UUID | None:
    """Return a broker's newest attached photo."""
    where = (("owner_type", "broker"), ("owner_id", str(broker_id)))
    rows = queries.rows(connection, Query("attachment", where=where, order="created_at"))
    return next((row["id"] for row in rows if row["media_type"].startswith(attachments.IMAGE_PREFIX)), None)


def printed(desk: Desk, ids: list[uuid.UUID]) -> bytes:
    """Return one PDF with a page for each certificate; drafts carry 草稿 across the page.

    Raises:
        Refusal: there is no such certificate, or a character of it is in no font.
    """
    papers = [certificate_data(desk, certificate_id) for certificate_id in ids]
    with refusing_unprintable():
        return draw_certificates(papers)


def _demand_printed(row: dict[str, Any]) -> None:
    """Refuse a certificate, imported or typed by hand, that lacks what its page must bear."""
    known = RECORD_TYPES["certificate"]
    missing = [Problem(name, "required") for name in PRINTED if row[name] in (None, "")]
    if missing:
        raise Refusal(missing, record_type=known)


def certificate_data(desk: Desk, certificate_id: uuid.UUID) -> CertificateData:
    """Return what a certificate prints, from its own record alone but for the holder's identity.

    Raises:
        Refusal: there is no such certificate, or something it must bear is not filled in.
    """
    with desk.store.read() as connection:
        row = queries.get(connection, "certificate", certificate_id)
        if row is None:
            raise refuse("certificate", "not-found", value=str(certificate_id))
        _demand_printed(row)
        holder = queries.get(connection, "broker", row["holder"]) or {}
    photo = attachments.open_content(desk, row["photo"], view=True) if row["photo"] else None
    return CertificateData(
        title=TITLES[row["level"]],
        number=row["certificate_no"],
        holder=row["holder_name"],
        sex=desk.codes["sex"].label_of(holder.get("sex")).removesuffix("性"),
        id_number=mask(RECORD_TYPES["broker"]["id_number"], holder.get("id_number") or ""),
        programme=row["programme"] or "",
        level=desk.codes["broker-level"].label_of(row["level"]),
        started=row["trained_from"],
        ended=row["trained_to"],
        hours=row["hours"],
        result=row["result"] or "",
        issuer=row["issuer"],
        issued=row["issued_on"],
        filing_number=row["torch_no"] or "",
        photo=photo,
        statement=STATEMENT,
        verification=f"{row['certificate_no']} {row['holder_name']} {row['issued_on']} {row['issuer']}",
        draft=row["state"] == UNISSUED,
    )
