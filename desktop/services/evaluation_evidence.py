"""The evidence of an agency's year: what proves which figure, numbered, with the files that are bound for it.

Contracts (Z) prove themselves by their registration, visits (F) are the record of service, and the agency's
own papers (J) are told from their file names: a file called 审计报告 proves what the scheme wants one for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Final

from desktop.documents.evaluation_data import Evidence
from desktop.models import queries
from desktop.services import attachments, deals
from desktop.services.kept_files import kept_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from desktop.documents.dossier_data import DossierFile
    from desktop.services.desk import Desk
    from desktop.services.evaluations import Books
    from domain.schemes import Indicator

DEAL_FACTS: Final = frozenset({"deals_facilitated_count", "deals_facilitated_amount"})
SERVICE_FACTS: Final = frozenset({"enterprises_served"})
REGISTRATION: Final = "登记证明"
NOT_FILED: Final = "未附文件"
_ALTERNATIVES: Final = re.compile("[、或和]")


@dataclass(frozen=True, slots=True)
class Proofs:
    """All evidence of a year, by what it is."""

    contracts: tuple[Evidence, ...]
    visits: tuple[Evidence, ...]
    papers: tuple[Evidence, ...]

    @property
    def everything(self) -> tuple[Evidence, ...]:
        """The catalogue in its order."""
        return (*self.contracts, *self.visits, *self.papers)

    def of(self, indicator: Indicator) -> tuple[str, ...]:
        """Return the numbers of the evidence an indicator rests on."""
        facts = facts_of(indicator)
        cited: list[Evidence] = []
        if facts & (DEAL_FACTS | SERVICE_FACTS):
            cited += self.contracts
        if facts & SERVICE_FACTS:
            cited += self.visits
        cited += (paper for paper in self.papers if _is_called(paper.title, indicator.evidence))
        return tuple(entry.number for entry in cited)


def facts_of(indicator: Indicator) -> frozenset[str]:
    """Return the facts an indicator is computed from."""
    return frozenset(indicator.of or (indicator.code,))


def proofs(desk: Desk, books: Books) -> Proofs:
    """Gather the evidence of a year; the files themselves are read when they are bound."""
    return Proofs(
        contracts=tuple(_contracts(desk, books)),
        visits=tuple(_visits(desk, books)),
        papers=tuple(_papers(desk, books)),
    )


def _contracts(desk: Desk, books: Books) -> Iterator[Evidence]:
    """Yield the registration of every proven deal, in the order of signing, with its papers on file."""
    wanted = {document.number for document in desk.checklist.documents if REGISTRATION in document.title}
    ordered = sorted(books.registered, key=lambda deal: deal["signed_on"])
    for number, deal in enumerate(ordered, start=1):
        with desk.store.read() as connection:
            papers = deals.papers_by_number(connection, deal["id"])
            rows = [paper for place in wanted for paper in papers.get(place, ()) if paper["attachment"]]
            filed = [(row, queries.get(connection, "attachment", row["attachment"])) for row in rows]
        files = [kept_file(desk, held, title=row["title"]) for row, held in filed if held]
        yield _entry(
            f"Z{number:02d}",
            f"技术合同{REGISTRATION}：{deal['title']}",
            files,
            f"登记编号 {deal['registration_no']}",
        )


def _visits(desk: Desk, books: Books) -> Iterator[Evidence]:
    """Yield the visits to companies, in the order of their days."""
    visits = [visit for visit in books.visits if visit["party"]]
    ordered = sorted(visits, key=lambda visit: visit["visited_on"])
    for number, visit in enumerate(ordered, start=1):
        held = attachments.listed(desk, "site_visit", visit["id"])
        files = [kept_file(desk, row, title=visit["title"]) for row in held]
        day = f"{visit['visited_on']:%Y-%m-%d}"
        yield _entry(f"F{number:02d}", f"服务记录：{visit['title']}", files, f"走访日期 {day}")


def _papers(desk: Desk, books: Books) -> Iterator[Evidence]:
    """Yield the files kept with the agency's year."""
    for number, row in enumerate(attachments.listed(desk, "agency", books.agency["id"]), start=1):
        title = PurePath(row["name"]).stem
        yield _entry(f"J{number:02d}", title, [kept_file(desk, row, title=title)])


def _entry(number: str, title: str, files: Sequence[DossierFile], note: str = "") -> Evidence:
    told = note if files else "；".join(filter(None, (note, NOT_FILED)))
    return Evidence(number=number, title=title, note=told, files=tuple(files))


def _is_called(title: str, wanted: Iterable[str]) -> bool:
    """Tell whether a paper is one of those wanted, by its name."""
    return any(word in title for names in wanted for word in _ALTERNATIVES.split(names) if word)
