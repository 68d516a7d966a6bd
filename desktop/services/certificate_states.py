"""What may happen to an issued certificate: suspended, restored, revoked, or replaced by a new one.

None of it touches the paper that was handed out. It changes what the trust list says of its number, which is
how those who check papers elsewhere hear of it.
"""

from __future__ import annotations

import re
from dataclasses import replace as with_changes
from typing import TYPE_CHECKING, Any, Final

from desktop.documents.pictures import PictureError
from desktop.models.work import Work, new_id
from desktop.services import certificate_content as content
from desktop.services import issuing_keys
from desktop.services.certificate_credentials import credentials
from desktop.services.certificate_preflight import demand_printable
from desktop.services.certificate_templates import template_of
from desktop.services.commands import command
from desktop.services.records import write
from domain.fields import RECORD_TYPES
from domain.problems import Problem, Refusal, problems, refuse

if TYPE_CHECKING:
    import datetime as dt
    import uuid

    from desktop.services.desk import Desk

VALID: Final = ("issued", "registered")
NOT_ENDED: Final = (*VALID, "suspended")
OF_THE_PAPER: Final = ("credential", "made_with", "pdf_sha256", "state_on", "state_reason")
CERTIFICATE: Final = RECORD_TYPES["certificate"]
_SUFFIX: Final = re.compile(r"-R(\d+)$")


@command("暂停证书")
def suspend(work: Work, desk: Desk, *, ids: list[uuid.UUID], reason: str = "") -> None:
    """Let certificates not count for the time being; the records keep the day and the reason.

    Raises:
        Refusal: one is not valid now.
    """
    _turn(work, desk, _demand(work, desk, ids, VALID), "suspended", reason)


@command("恢复证书")
def reinstate(work: Work, desk: Desk, *, ids: list[uuid.UUID]) -> None:
    """Let suspended certificates count again; one with a filing number is a registered one.

    Raises:
        Refusal: one is not suspended.
    """
    for row in _demand(work, desk, ids, ("suspended",)):
        _enter(work, desk, row["id"], "registered" if row["torch_no"] else "issued")


@command("撤销证书")
def revoke(work: Work, desk: Desk, *, ids: list[uuid.UUID], reason: str = "") -> None:
    """End certificates for good; the records keep the day and the reason.

    Raises:
        Refusal: one was never issued or has ended already.
    """
    _turn(work, desk, _demand(work, desk, ids, NOT_ENDED), "revoked", reason)


@command("换发证书")
def replace(work: Work, desk: Desk, *, certificate_id: uuid.UUID, issued_on: dt.date) -> None:
    """Issue a certificate anew under its number with a suffix; the old one ends.

    What was learnt stays as it was; the person is read anew, since a name put right or a better photograph is
    why papers are replaced.

    Raises:
        Refusal: it was never issued or has ended, it lacks what its page bears, or the new one cannot be
            printed.
    """
    (old,) = _demand(work, desk, [certificate_id], NOT_ENDED)
    person = work.get("broker", old["holder"])
    if person is None:
        raise refuse("holder", "plain", why="找不到持证人的经纪人记录，请先建立或恢复它")
    template = template_of(desk, old["template"])
    number = next_in_line(old["certificate_no"])
    photo = content.photo_of(work.connection, old["holder"])
    values = {
        **{name: value for name, value in old.items() if name not in ("id", *OF_THE_PAPER)},
        "certificate_no": number,
        "holder_name": person["name"],
        "torch_no": person["torch_no"] or old["torch_no"],
        "issued_on": issued_on,
        "template": template.key,
        "photo": photo["id"] if photo else None,
        "replaces": certificate_id,
        "state": "issued",
    }
    try:
        portrait = content.portrait_of(desk, photo, template) if photo else None
    except PictureError as error:
        raise refuse("photo", "plain", why=str(error)) from error
    holder = with_changes(content.person_of(desk, person), photo=portrait)
    demand_printable(content.page_of(desk, values, holder), template, values["issuer"])
    keys = issuing_keys.provide(work.connection, values["issuer"], min(desk.today(), issued_on))
    values |= credentials(desk, values, holder, keys, person["id_number"] or "")
    _enter(work, desk, certificate_id, "replaced", f"换发为 {number}")
    write(work, desk, record_type="certificate", record_id=new_id(), values=values)
    work.kind, work.label = "final", f"换发证书“{number}”"


def next_in_line(number: str) -> str:
    """Return the number of the paper that replaces the one of ``number``: JJ-1, JJ-1-R1, JJ-1-R2."""
    found = _SUFFIX.search(number)
    count = int(found[1]) + 1 if found else 1
    return f"{_SUFFIX.sub('', number)}-R{count}"


def _turn(work: Work, desk: Desk, rows: list[dict[str, Any]], state: str, reason: str) -> None:
    _demand_reason(desk, reason)
    for row in rows:
        _enter(work, desk, row["id"], state, reason)
    if len(rows) == 1:
        work.label = f"{work.label}“{rows[0]['certificate_no']}”"
    else:
        work.label = f"{work.label} {len(rows)} 份"


def _enter(work: Work, desk: Desk, certificate_id: uuid.UUID, state: str, reason: str = "") -> None:
    facts = {"state": state, "state_on": desk.today(), "state_reason": reason.strip() or None}
    work.change("certificate", certificate_id, **facts)


def _demand_reason(desk: Desk, reason: str) -> None:
    """Refuse a reason that the record cannot keep: too long, or with somebody's identity number."""
    found = problems(CERTIFICATE, {"state_reason": reason}, desk.codes, on=desk.today())
    wrong = [problem for problem in found if problem.field == "state_reason"]
    if wrong:
        raise Refusal(wrong, record_type=CERTIFICATE)


def _demand(work: Work, desk: Desk, ids: list[uuid.UUID], allowed: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return the certificates, or refuse those to which this cannot happen in their state."""
    rows, wrong = [], []
    for certificate_id in ids:
        row = work.get("certificate", certificate_id)
        if row is None:
            raise refuse("certificate", "not-found", label="证书", value=str(certificate_id))
        if row["state"] not in allowed:
            state = desk.codes["certificate-state"].label_of(row["state"])
            why = f"证书 {row['certificate_no']} 现为“{state}”，不能{work.label.removesuffix('证书')}"
            wrong.append(Problem("state", "plain", {"why": why}))
        rows.append({**row, "id": certificate_id})
    if wrong:
        raise Refusal(wrong)
    return rows
