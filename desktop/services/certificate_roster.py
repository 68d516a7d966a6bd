"""A class before its certificates are given out: who may have one, who lacks what, what is still to make."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from desktop.models import queries
from desktop.services import certificate_content as content
from desktop.services import certificates
from desktop.services.certificate_preflight import Remark, doubles, look_over
from desktop.services.certificate_templates import template_of
from domain.problems import refuse

if TYPE_CHECKING:
    import uuid

    from sqlalchemy import Connection

    from desktop.services.certificate_content import Order
    from desktop.services.desk import Desk

GONE = {"name": "（学员已不存在）", "level": None, "torch_no": None}


@dataclass(frozen=True, slots=True)
class Candidate:
    """One trainee of a class, with the certificate there is and everything that was found.

    ``state`` is the code of the certificate's state, empty without a certificate; ``made`` tells whether the
    paper of an issued one is there.
    """

    enrolment_id: uuid.UUID
    broker_id: uuid.UUID
    name: str
    result: str
    has_photo: bool
    remarks: tuple[Remark, ...] = ()
    certificate_id: uuid.UUID | None = None
    certificate_no: str = ""
    state: str = ""
    made: bool = False

    @property
    def problems(self) -> tuple[str, ...]:
        """What stands against a certificate."""
        return tuple(remark.words for remark in self.remarks if remark.stops)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is to be known, and stands against nothing."""
        return tuple(remark.words for remark in self.remarks if not remark.stops)

    @property
    def is_unmade(self) -> bool:
        """Whether a certificate was issued and its paper is still to be made."""
        return self.state in ("issued", "registered") and not self.made

    @property
    def fit(self) -> bool:
        """Whether a certificate may be made now."""
        return not self.problems


@dataclass(frozen=True, slots=True)
class Roster:
    """A class with its trainees in the order of their names, those against whom something stands first."""

    training_class: dict[str, Any]
    candidates: tuple[Candidate, ...]

    @property
    def certificate_ids(self) -> list[uuid.UUID]:
        """The certificates there are, drafts among them."""
        return [c.certificate_id for c in self.candidates if c.certificate_id]

    @property
    def unmade(self) -> list[uuid.UUID]:
        """The issued certificates whose papers are still to be made."""
        return [c.certificate_id for c in self.candidates if c.certificate_id and c.is_unmade]


def roster(desk: Desk, class_id: uuid.UUID, order: Order | None = None) -> Roster:
    """Look over a class; the same rules as for issuing, so that what passes here is not refused there.

    Without an ``order`` it is looked over as if its usual issuer issued today in the usual design.

    Raises:
        Refusal: there is no such class.
    """
    with desk.store.read() as connection:
        training = queries.get(connection, "training_class", class_id)
        if training is None:
            raise refuse("training_class", "not-found", label="培训班", value=str(class_id))
        rows = [
            {**row, "person": row["person"] or GONE, "class": training}
            for row in certificates.roster_of(connection, class_id)
        ]
        rows.sort(key=lambda row: row["person"]["name"])
        held = [certificates.held_by(connection, row) for row in rows]
        open_ = [row for row, paper in zip(rows, held, strict=True) if _is_open(paper)]
        asked = order or _usual(desk, training)
        found = iter(look_over(desk, connection, open_, asked, doubles(rows)))
        candidates = [
            _candidate(desk, connection, row, paper, next(found) if _is_open(paper) else ())
            for row, paper in zip(rows, held, strict=True)
        ]
    return Roster(training, tuple(sorted(candidates, key=lambda one: one.fit)))


def _usual(desk: Desk, training: dict[str, Any]) -> Order:
    return content.Order(
        issuer=training["issuer"] or "发证单位", issued_on=desk.today(), template=template_of(desk, None)
    )


def _is_open(held: dict[str, Any] | None) -> bool:
    """Tell whether a certificate is still to be issued."""
    return held is None or held["state"] == certificates.UNISSUED


def _candidate(
    desk: Desk,
    connection: Connection,
    row: dict[str, Any],
    held: dict[str, Any] | None,
    remarks: tuple[Remark, ...],
) -> Candidate:
    result = desk.codes["trainee-result"].label_of(row["result"])
    return Candidate(
        enrolment_id=row["id"],
        broker_id=row["broker"],
        name=row["person"]["name"],
        result=result or ("合格" if row["passed"] else "未登记"),
        has_photo=content.photo_of(connection, row["broker"]) is not None,
        remarks=remarks,
        certificate_id=held["id"] if held else None,
        certificate_no=held["certificate_no"] if held else "",
        state=held["state"] if held else "",
        made=bool(held and (held["pdf_sha256"] or not held["credential"])),
    )
