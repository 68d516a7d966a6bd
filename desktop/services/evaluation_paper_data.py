"""What the papers of an evaluation print, gathered from the records: figures, points, evidence, words."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from desktop.documents import evaluation_data, evaluation_report, evaluation_summary
from desktop.documents.evaluation_data import EvaluationData, Scores
from desktop.documents.wording import chinese_date, plain_number
from desktop.models import queries
from desktop.models.queries import Query
from desktop.services import evaluation_detail
from desktop.services.evaluation_evidence import DEAL_FACTS, SERVICE_FACTS, facts_of, proofs
from domain.amounts import display
from domain.evaluation import evaluate, final

if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal

    from desktop.services.desk import Desk
    from desktop.services.evaluation_detail import Detail
    from desktop.services.evaluation_evidence import Proofs
    from domain.evaluation import EvaluationResult, Part

Row = dict[str, Any]

YUAN: Final = "元"
STORY: Final = (
    ("background", "背景"),
    ("problem", "问题"),
    ("solution", "方案"),
    ("broker_role", "经纪人作用"),
    ("difficulty", "难点"),
    ("result", "成效"),
)


def paper_data(desk: Desk, detail: Detail) -> EvaluationData:
    """Return what the papers print: figures as declared and as proven, points by scorer, the evidence."""
    told = detail.told
    evidence = proofs(desk, told.books)
    standing = final(detail.scores)
    return EvaluationData(
        agency=told.agency["name"],
        credit_code=told.agency["credit_code"] or "",
        kind=f"{told.agency['kind']}类",
        year=int(told.agency["year"]),
        scheme=told.scheme.label,
        source=told.scheme.source,
        prepared=desk.today(),
        dimensions=_dimensions(detail, evidence),
        totals=_scores(detail, lambda result: result.total),
        grade=desk.codes["grade"].label_of(standing.grade if standing else None),
        evidence=evidence.everything,
        narrative=_narrative(desk, detail),
    )


def _scores(detail: Detail, points: Callable[[EvaluationResult], Decimal | None]) -> Scores:
    """Return what ``points`` finds in the result of each scorer."""
    own, district, expert = (
        points(detail.scores[scorer]) if scorer in detail.scores else None
        for scorer in evaluation_detail.SCORERS
    )
    return Scores(own, district, expert)


def _dimensions(detail: Detail, evidence: Proofs) -> tuple[evaluation_data.Dimension, ...]:
    told = detail.told
    proven = {p.indicator.code: p for p in evaluate(told.scheme, told.proven, told.agency["kind"]).parts}
    return tuple(
        evaluation_data.Dimension(
            name=score.dimension.label,
            full=score.dimension.points,
            scores=_scores(detail, partial(_dimension_points, place)),
            indicators=tuple(
                _indicator(detail, part, proven[part.indicator.code], evidence)
                for part in told.result.parts
                if part.indicator.dimension == score.dimension.code
            ),
        )
        for place, score in enumerate(told.result.dimensions)
    )


def _dimension_points(place: int, result: EvaluationResult) -> Decimal:
    return result.dimensions[place].score


def _indicator(detail: Detail, part: Part, proven: Part, evidence: Proofs) -> evaluation_data.Indicator:
    indicator = part.indicator

    def points(result: EvaluationResult) -> Decimal | None:
        own = next(p for p in result.parts if p.indicator.code == indicator.code)
        return None if own.value is None else own.score

    return evaluation_data.Indicator(
        name=indicator.label,
        unit=indicator.unit,
        formula=part.formula,
        declared=_shown(part),
        accepted=_shown(proven) if facts_of(indicator) & (DEAL_FACTS | SERVICE_FACTS) else "",
        points=part.points,
        scores=_scores(detail, points),
        evidence=evidence.of(indicator),
        note="仅A类填写" if indicator.applies_to == "A" else "",
    )


def _shown(part: Part) -> str:
    if part.value is None:
        return "未填"
    if part.indicator.unit == YUAN:
        return display(part.value).removesuffix(YUAN)
    return f"{part.value.normalize():f}"


def _narrative(desk: Desk, detail: Detail) -> evaluation_data.Narrative:
    agency = detail.told.agency
    premises = agency["premises"]
    return evaluation_data.Narrative(
        facts=(
            ("成立日期", chinese_date(agency["founded_on"])),
            ("认定级别", desk.codes["recognition-level"].label_of(agency["level"])),
            ("认定批次", agency["recognition_batch"] or ""),
            ("场地面积", "" if premises is None else f"{plain_number(premises)}平方米"),
            ("负责人", agency["head"] or ""),
            ("联系人", agency["contact_name"] or ""),
        ),
        summary=agency["summary"] or "",
        cases=_cases(desk, detail),
        shortcomings=agency["shortcomings"] or "",
        plan=agency["next_year_plan"] or "",
    )


def _cases(desk: Desk, detail: Detail) -> tuple[evaluation_data.Case, ...]:
    """Return the stories of the year's deals, the largest first, as many as the report tells."""
    deals = {deal["id"] for deal in detail.told.books.deals}
    with desk.store.read() as connection:
        stories = [row for row in queries.rows(connection, Query("success_case")) if row["deal"] in deals]
    stories.sort(key=lambda row: (-(row["amount"] or 0), row["title"]))
    return tuple(map(_case, stories[: evaluation_report.CASES_AT_MOST]))


def _case(story: Row) -> evaluation_data.Case:
    told = tuple((name, story[field]) for field, name in STORY if story[field])
    return evaluation_data.Case(title=story["title"], paragraphs=told)


def summary_data(desk: Desk, detail: Detail) -> evaluation_summary.SummaryData:
    """Return a line for each agency of the same year, by name."""
    told = detail.told
    with desk.store.read() as connection:
        query = Query("agency", where=(("year", told.agency["year"]),))
        agencies = [row["id"] for row in queries.rows(connection, query)]
    others = [evaluation_detail.detail(desk, agency) for agency in agencies]
    return evaluation_summary.SummaryData(
        year=int(told.agency["year"]),
        scheme=told.scheme.label,
        prepared=desk.today(),
        dimensions=tuple((dimension.label, dimension.points) for dimension in told.scheme.dimensions),
        lines=tuple(_line(desk, other) for other in sorted(others, key=lambda one: one.told.agency["name"])),
    )


def _line(desk: Desk, detail: Detail) -> evaluation_summary.SummaryLine:
    agency = detail.told.agency
    standing = final(detail.scores) or detail.told.result
    return evaluation_summary.SummaryLine(
        agency=agency["name"],
        credit_code=agency["credit_code"] or "",
        kind=f"{agency['kind']}类",
        dimensions=tuple(score.score for score in standing.dimensions),
        totals=_scores(detail, lambda result: result.total),
        grade=desk.codes["grade"].label_of(standing.grade),
    )
