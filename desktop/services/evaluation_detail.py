"""What stands behind an agency's score: the records of each figure, its proof, and who gave which points."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from desktop.services import attachments, evaluations
from domain.evaluation import EvaluationResult, Scorer, evaluate

if TYPE_CHECKING:
    import uuid
    from collections.abc import Callable, Iterable, Mapping

    from desktop.services.desk import Desk
    from desktop.services.evaluations import Books, Evaluation
    from domain.evaluation import Part
    from domain.schemes import Indicator

Row = dict[str, Any]
Proof = Literal["proven", "partly", "missing", "free"]
SCORERS: Final[tuple[Scorer, ...]] = ("self", "district", "expert")


@dataclass(frozen=True, slots=True)
class Source:
    """One record that counts in a figure; ``proven`` tells whether it proves itself."""

    record_type: str
    record_id: uuid.UUID
    title: str
    proven: bool


@dataclass(frozen=True, slots=True)
class Points:
    """What one scorer gave to one indicator."""

    scorer: Scorer
    points: Any
    reason: str


@dataclass(frozen=True)
class Detail:
    """An evaluation opened up: one score for each scorer who gave points, and what every figure rests on."""

    told: Evaluation
    scores: Mapping[Scorer, EvaluationResult]
    proof: Mapping[str, Proof]
    sources: Mapping[str, tuple[Source, ...]]
    given: Mapping[str, tuple[Points, ...]]
    papers: tuple[str, ...]
    """Names of the files kept with the agency's year."""

    def part(self, code: str) -> Part:
        """Return an indicator's share of the agency's own score."""
        return next(part for part in self.told.result.parts if part.indicator.code == code)


def detail(desk: Desk, agency_id: uuid.UUID) -> Detail:
    """Open an agency's year up.

    Raises:
        Refusal: as ``evaluations.evaluation``.
    """
    told = evaluations.evaluation(desk, agency_id)
    parts = [part.indicator for part in told.result.parts]
    sources = {indicator.code: tuple(_sources(told.books, indicator)) for indicator in parts}
    papers = attachments.listed(desk, "agency", agency_id)
    return Detail(
        told=told,
        scores=_scores(told),
        proof={i.code: _proof(i, sources[i.code], len(papers)) for i in parts},
        sources=sources,
        given={indicator.code: tuple(_given(told.books, indicator.code)) for indicator in parts},
        papers=tuple(paper["name"] for paper in papers),
    )


def _scores(told: Evaluation) -> dict[Scorer, EvaluationResult]:
    """Return the agency's own score, and those of district and experts once they have given points.

    The agency declares what its records say; the others accept what is proven.
    """
    scores: dict[Scorer, EvaluationResult] = {"self": told.result}
    accepted = dataclasses.replace(told.books, deals=told.books.registered)
    for scorer in SCORERS[1:]:
        if any(row["scorer"] == scorer for row in told.books.scores):
            facts = evaluations.read_facts(told.scheme, accepted, scorer)
            scores[scorer] = evaluate(told.scheme, facts, told.agency["kind"])
    return scores


def _given(books: Books, code: str) -> Iterable[Points]:
    held = {row["scorer"]: row for row in books.scores if row["indicator"] == code}
    return (
        Points(scorer, held[scorer]["points"], held[scorer]["reason"] or "")
        for scorer in SCORERS
        if scorer in held
    )


# ── the records of a figure ─────────────────────────────────────────────────────────────────────────


def _staff(books: Books, *, experts: bool) -> Iterable[Source]:
    members = (member for member in books.staff if bool(member["is_expert"]) is experts)
    return (Source("staff_member", member["id"], member["name"], proven=True) for member in members)


def _deals(books: Books) -> Iterable[Source]:
    return (
        Source("deal", deal["id"], deal["title"], proven=bool(deal["registration_no"]))
        for deal in books.deals
    )


def _served(books: Books) -> Iterable[Source]:
    yield from _deals(books)
    for visit in books.visits:
        if visit["party"]:
            yield Source("site_visit", visit["id"], visit["title"], proven=True)


def _sheet(books: Books) -> Iterable[Source]:
    yield Source("agency", books.agency["id"], f"{books.agency['name']} 经费栏", proven=True)


BEHIND: Final[Mapping[str, Callable[[Books], Iterable[Source]]]] = {
    "staff_total": lambda books: _staff(books, experts=False),
    "part_time_experts": lambda books: _staff(books, experts=True),
    "annual_funds": _sheet,
    "deals_facilitated_count": _deals,
    "deals_facilitated_amount": _deals,
    "enterprises_served": _served,
    "tech_income": _sheet,
    "total_income": _sheet,
    "profit_tax": _sheet,
}
"""The records behind each counted fact; it names the same facts as ``evaluations.FACTS``."""


def _sources(books: Books, indicator: Indicator) -> Iterable[Source]:
    names = [name for name in indicator.of or (indicator.code,) if name in BEHIND]
    found = [source for name in names for source in BEHIND[name](books)]
    return dict.fromkeys(found)


def _proof(indicator: Indicator, sources: tuple[Source, ...], papers: int) -> Proof:
    """Tell how far a figure is proven: deals by their registration, all else by papers of the agency.

    Papers are not tied to an indicator, so that with them a person still has to look: ``partly``.
    """
    deals = [source for source in sources if source.record_type == "deal"]
    if deals:
        proven = sum(source.proven for source in deals)
        return "proven" if proven == len(deals) else "partly" if proven else "missing"
    if not indicator.evidence:
        return "free"
    return "partly" if papers else "missing"
