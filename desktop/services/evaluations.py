"""The yearly performance evaluation: figures from the store's own records, and what they score.

Every figure is counted from records, so that each can be opened; the finance sheet and what only a person
can tell stand in the agency's own record of the year.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from desktop.models import queries
from desktop.models.queries import Query
from desktop.models.work import Work, new_id
from desktop.services.commands import command
from desktop.services.records import write
from domain.evaluation import EvaluationResult, effective_points, evaluate
from domain.problems import refuse

if TYPE_CHECKING:
    import uuid
    from collections.abc import Callable, Mapping

    from sqlalchemy import Connection

    from desktop.services.desk import Desk
    from domain.evaluation import Scorer
    from domain.schemes import Scheme

Row = dict[str, Any]
TERMINATED: Final = "terminated"


@dataclass(frozen=True, slots=True)
class Books:
    """What the figures of one agency and year are counted from.

    ``deals`` are the deals the agency brought about in the year without related parties, ``registered``
    those of them with a registration number: only they are proven.
    """

    agency: Row
    staff: tuple[Row, ...]
    deals: tuple[Row, ...]
    visits: tuple[Row, ...]
    scores: tuple[Row, ...]

    @property
    def registered(self) -> tuple[Row, ...]:
        """The deals whose registration proves them."""
        return tuple(deal for deal in self.deals if deal["registration_no"])


@dataclass(frozen=True, slots=True)
class Evaluation:
    """An agency's year under a scheme: as declared from the records, and as far as proof goes."""

    agency: Row
    scheme: Scheme
    facts: Mapping[str, Decimal | None]
    proven: Mapping[str, Decimal | None]
    result: EvaluationResult
    books: Books


def _sum(rows: tuple[Row, ...], name: str) -> Decimal:
    return sum((row[name] for row in rows if row[name] is not None), Decimal(0))


def _number(rows: tuple[Row, ...]) -> Decimal:
    return Decimal(len(rows))


def _served(books: Books) -> Decimal:
    clients = {deal[side] for deal in books.deals for side in ("seller", "buyer") if deal[side]}
    clients |= {visit["party"] for visit in books.visits if visit["party"]}
    return Decimal(len(clients))


def _funds(books: Books) -> Decimal | None:
    parts = [books.agency[name] for name in ("operating_income", "working_funds")]
    told = [part for part in parts if part is not None]
    return sum(told, Decimal(0)) if told else None


def _told(name: str) -> Callable[[Books], Decimal | None]:
    def read(books: Books) -> Decimal | None:
        value: Decimal | None = books.agency[name]
        return value

    return read


FACTS: Final[Mapping[str, Callable[[Books], Decimal | None]]] = {
    "staff_total": lambda books: _number(tuple(m for m in books.staff if not m["is_expert"])),
    "part_time_experts": lambda books: _number(tuple(m for m in books.staff if m["is_expert"])),
    "annual_funds": _funds,
    "deals_facilitated_count": lambda books: _number(books.deals),
    "deals_facilitated_amount": lambda books: _sum(books.deals, "technical_amount"),
    "enterprises_served": _served,
    "tech_income": _told("technical_income"),
    "total_income": _told("total_income"),
    "profit_tax": _told("profit_and_tax"),
}
"""How each counted fact is read from the books; a law test holds every scheme's facts against it."""


def evaluation(desk: Desk, agency_id: uuid.UUID) -> Evaluation:
    """Count and score one agency's year by the scheme in force at its end.

    Raises:
        Refusal: there is no such agency, or no scheme for its year.
    """
    with desk.store.read() as connection:
        books = _books(connection, agency_id)
    scheme = _scheme(desk, books.agency)
    facts = read_facts(scheme, books)
    proven = read_facts(scheme, dataclasses.replace(books, deals=books.registered))
    result = evaluate(scheme, facts, books.agency["kind"])
    return Evaluation(books.agency, scheme, facts, proven, result, books)


@command("评分")
def give_points(
    work: Work,
    desk: Desk,
    *,
    agency_id: uuid.UUID,
    indicator: str,
    scorer: Scorer,
    points: Decimal | None,
    reason: str = "",
) -> None:
    """Keep the points a scorer gives to an indicator that no figure can score; None takes them back.

    Raises:
        Refusal: the indicator is not scored by hand, or the points are not from 0 to what it has.
    """
    books = _books(work.connection, agency_id)
    scheme = _scheme(desk, books.agency)
    known = next((i for i in scheme.indicators if i.code == indicator and i.curve == "manual"), None)
    if known is None:
        raise refuse("indicator", "plain", why=f"“{indicator}”不是由人评分的指标")
    most = effective_points(scheme, books.agency["kind"])[indicator]
    if points is not None and not 0 <= points <= most:
        raise refuse("points", "plain", why=f"{known.label}：得分应为 0 至 {most} 分，现为 {points}")
    own = (row for row in books.scores if (row["indicator"], row["scorer"]) == (indicator, scorer))
    held = next(own, None)
    if points is not None:
        values = {"agency": agency_id, "indicator": indicator, "scorer": scorer, "points": points}
        values["reason"] = reason or None
        key = held["id"] if held else new_id()
        write(work, desk, record_type="evaluation_score", record_id=key, values=values)
    elif held:
        work.remove("evaluation_score", held["id"])
    work.label = (
        f"{desk.codes['scorer'].label_of(scorer)}：{known.label} {'撤回' if points is None else points}"
    )


def read_facts(scheme: Scheme, books: Books, scorer: str = "self") -> dict[str, Decimal | None]:
    """Return every fact a scheme reads: counted ones from the books, manual ones from the scorer's points."""
    given = {row["indicator"]: row["points"] for row in books.scores if row["scorer"] == scorer}
    return {name: FACTS[name](books) if name in FACTS else given.get(name) for name in scheme.facts()}


def _scheme(desk: Desk, agency: Row) -> Scheme:
    end = dt.date(int(agency["year"]), 12, 31)
    for scheme in desk.schemes.values():
        if (scheme.valid_from or dt.date.min) <= end <= (scheme.valid_to or dt.date.max):
            return scheme
    raise refuse("year", "plain", why=f"没有适用于 {agency['year']} 年度的评价方案")


def _books(connection: Connection, agency_id: uuid.UUID) -> Books:
    agency = queries.get(connection, "agency", agency_id)
    if agency is None:
        raise refuse("agency", "not-found", value=str(agency_id))
    year = int(agency["year"])
    party = agency["party"] or queries.find_by_title(connection, "party", agency["name"])
    staff = queries.rows(connection, Query("staff_member", where=(("agency_name", agency["name"]),)))
    deals = queries.rows(connection, Query("deal", where=(("agency", party),))) if party else []
    return Books(
        agency=agency,
        staff=tuple(member for member in staff if _employed(member, year)),
        deals=tuple(deal for deal in deals if _counts(deal, year)),
        visits=tuple(v for v in queries.rows(connection, Query("site_visit")) if _in(v["visited_on"], year)),
        scores=tuple(queries.rows(connection, Query("evaluation_score", where=(("agency", agency_id),)))),
    )


def _employed(member: Row, year: int) -> bool:
    joined, left = member["joined_on"], member["left_on"]
    return (joined is None or joined.year <= year) and (left is None or left.year >= year)


def _counts(deal: Row, year: int) -> bool:
    """Tell whether a deal counts: signed in the year, not broken off, not between related parties."""
    return _in(deal["signed_on"], year) and deal["stage"] != TERMINATED and not deal["is_related"]


def _in(day: dt.date | None, year: int) -> bool:
    return day is not None and day.year == year
