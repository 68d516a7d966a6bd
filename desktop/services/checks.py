"""Looking over the store: what is wrong with its records, and with its file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from desktop.models import queries
from desktop.models.queries import Query
from domain.fields import RECORD_TYPES
from domain.problems import Problem, message, problems, refuse

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterator

    from desktop.services.desk import Desk


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem of one record, or of the store itself (then the record type is empty)."""

    record_type: str
    record_id: uuid.UUID | None
    title: str
    text: str
    warning: bool

    def facts(self) -> dict[str, Any]:
        """Return the finding for a program."""
        return {
            "type": self.record_type,
            "id": str(self.record_id) if self.record_id else None,
            "title": self.title,
            "problem": self.text,
            "warning": self.warning,
        }

    def as_problem(self) -> Problem:
        """Return the finding as a problem of a refusal."""
        return Problem("", "plain", {"why": f"{self.title}：{self.text}"})


def check(desk: Desk, *, record_type: str | None = None, record_id: uuid.UUID | None = None) -> list[Finding]:
    """Return the problems of one record, of one type, or of all records and the file.

    Raises:
        Refusal: there is no such record.
    """
    findings: list[Finding] = []
    for name, row in _rows(desk, record_type, record_id):
        findings.extend(_of_row(desk, name, row))
    if record_type is None:
        findings += [
            Finding("", None, "库文件", text, warning=False) for text in desk.store.integrity_problems()
        ]
    return findings


def count(desk: Desk, *, record_type: str | None = None, record_id: uuid.UUID | None = None) -> int:
    """Return how many records ``check`` looks at."""
    if record_id:
        return 1
    with desk.store.read() as connection:
        return sum(queries.count(connection, Query(name)) for name in _types(record_type))


def _types(record_type: str | None) -> list[str]:
    return [record_type] if record_type else list(RECORD_TYPES)


def _rows(
    desk: Desk, record_type: str | None, record_id: uuid.UUID | None
) -> Iterator[tuple[str, dict[str, Any]]]:
    with desk.store.read() as connection:
        if record_type and record_id:
            row = queries.get(connection, record_type, record_id)
            if row is None:
                raise refuse(record_type, "not-found", value=str(record_id))
            yield record_type, row
            return
        for name in _types(record_type):
            for row in queries.rows(connection, Query(name)):
                yield name, row


def _of_row(desk: Desk, name: str, row: dict[str, Any]) -> Iterator[Finding]:
    known = RECORD_TYPES[name]
    for problem in problems(known, row, desk.codes, on=desk.today()):
        title = known.heading_of(row)
        yield Finding(name, row["id"], title, message(problem, known), problem.warning)
