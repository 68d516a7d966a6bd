"""A class before its certificates are given out: who may have one, who lacks what, and the files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from desktop.models import queries
from desktop.models.queries import Query
from desktop.services import certificates
from desktop.services.saving import file_name, write_file
from domain.problems import refuse

if TYPE_CHECKING:
    import uuid
    from collections.abc import Callable
    from pathlib import Path
    from typing import Any

    from desktop.services.desk import Desk

PAPER = "证书"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One trainee of a class, with the certificate there is and everything that stands against one.

    ``state`` is the code of the certificate's state, empty without a certificate.
    """

    enrolment_id: uuid.UUID
    broker_id: uuid.UUID
    name: str
    result: str
    has_photo: bool
    problems: tuple[str, ...]
    certificate_id: uuid.UUID | None = None
    certificate_no: str = ""
    state: str = ""

    @property
    def fit(self) -> bool:
        """Whether a certificate may be made now."""
        return not self.problems


@dataclass(frozen=True, slots=True)
class Roster:
    """A class with its trainees in the order of their names, and who issues its certificates."""

    training_class: dict[str, Any]
    candidates: tuple[Candidate, ...]


def roster(desk: Desk, class_id: uuid.UUID) -> Roster:
    """Look over a class; the same rules as for issuing, so that what passes here is not refused there.

    Raises:
        Refusal: there is no such class.
    """
    with desk.store.read() as connection:
        training = queries.get(connection, "training_class", class_id)
        if training is None:
            raise refuse("training_class", "not-found", label="培训班", value=str(class_id))
        enrolments = queries.rows(connection, Query("enrolment", where=(("training_class", class_id),)))
        found = [_candidate(desk, connection, training, row) for row in enrolments]
    return Roster(training, tuple(sorted(found, key=lambda candidate: candidate.name)))


def _candidate(desk: Desk, connection: Any, training: dict[str, Any], row: dict[str, Any]) -> Candidate:
    person = queries.get(connection, "broker", row["broker"]) or {"name": "（学员已不存在）", "level": None}
    joined = {**row, "person": person, "class": training}
    held = certificates.held_by(connection, joined)
    result = desk.codes["trainee-result"].label_of(row["result"])
    return Candidate(
        enrolment_id=row["id"],
        broker_id=row["broker"],
        name=person["name"],
        result=result or ("合格" if row["passed"] else "未登记"),
        has_photo=certificates.photo_of(connection, row["broker"]) is not None,
        problems=tuple(certificates.unfit(joined)),
        certificate_id=held["id"] if held else None,
        certificate_no=held["certificate_no"] if held else "",
        state=held["state"] if held else "",
    )


def save_files(
    desk: Desk,
    ids: list[uuid.UUID],
    folder: Path,
    *,
    name: str,
    apart: bool,
    progress: Callable[[int, int], None],
) -> list[Path]:
    """Write certificates as PDF into a folder: one file for all, or one for each person.

    A file for each is called after number and holder, the one for all after ``name``. An older file of
    the same name is replaced whole or not at all; what ``progress`` raises leaves the files written so far.

    Raises:
        Refusal: the folder cannot be written to, or a certificate cannot be printed.
    """
    parts = [(_name_of(desk, key), [key]) for key in ids] if apart else [(file_name(name, PAPER), ids)]
    written = []
    for number, (stem, keys) in enumerate(parts):
        progress(number, len(parts))
        written.append(write_file(folder / f"{stem}.pdf", certificates.printed(desk, keys)))
    progress(len(parts), len(parts))
    return written


def _name_of(desk: Desk, certificate_id: uuid.UUID) -> str:
    data = certificates.certificate_data(desk, certificate_id)
    return file_name(f"{data.number}-{data.holder}", PAPER)
