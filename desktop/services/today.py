"""What a working day begins with: next steps, open drafts, deadlines, and how the year stands."""

from __future__ import annotations

import contextlib
import datetime as dt
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from desktop import paths
from desktop.models import drafts, overview, queries
from desktop.models.queries import Query
from desktop.services import conflicts
from desktop.services.commands import command
from domain.fields import RECORD_TYPES
from domain.policies import lineage
from domain.problems import refuse

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    from desktop.models.overview import Recent
    from desktop.models.work import Work
    from desktop.services.desk import Desk
    from domain.policies import Policy

Row = dict[str, Any]
When = Literal["overdue", "today", "later", "undated"]

OPEN_STATES: Final = ("planned", "running", "overdue")
AMOUNTS: Final = ("deal_amount", "technical_amount", "paid_amount")
RECENT_SHOWN: Final = 8
STEPS_SHOWN: Final = 60


@dataclass(frozen=True, slots=True)
class Step:
    """One open task: when it is due, and the record it belongs to, if any."""

    task_id: uuid.UUID
    title: str
    due_on: dt.date | None
    when: When
    assignee: str
    owner: tuple[str, uuid.UUID, str] | None
    """(record type, id, title) of the record the task belongs to."""


@dataclass(frozen=True, slots=True)
class OpenDraft:
    """A form that was left without saving; a new record has no saved state yet."""

    record_type: str
    record_id: uuid.UUID
    title: str
    at: str
    is_new: bool


@dataclass(frozen=True, slots=True)
class Deadline:
    """A day of the policy book that comes round; ``certain`` is false without that year's calendar."""

    policy: Policy
    place: str
    document: str
    due: dt.date
    days: int
    working_days: int
    certain: bool


@dataclass(frozen=True, slots=True)
class Figures:
    """The year so far. The three amounts of a deal are different facts and are never added together."""

    year: int
    deals: int
    amounts: dict[str, Decimal | None]
    clients_visited: int
    certificates: int


@dataclass(frozen=True, slots=True)
class Today:
    """Everything the day's page shows, read from one state of the store."""

    day: dt.date
    steps: tuple[Step, ...]
    steps_in_all: int
    drafts: tuple[OpenDraft, ...]
    recent: tuple[Recent, ...]
    figures: Figures
    deadlines: tuple[Deadline, ...]
    conflicts: tuple[conflicts.Entry, ...]
    is_empty: bool


def read(desk: Desk) -> Today:
    """Return the day's page."""
    day = desk.today()
    with desk.store.read() as connection:
        open_tasks = Query("task", where=(("state", OPEN_STATES),), order="due_on", descending=False)
        steps = [_step(connection, row, day) for row in queries.rows(connection, open_tasks)]
        return Today(
            day=day,
            steps=tuple(sorted(steps, key=_urgency)[:STEPS_SHOWN]),
            steps_in_all=len(steps),
            drafts=tuple(_drafts(connection)),
            recent=tuple(overview.recent(connection, limit=RECENT_SHOWN)),
            figures=_figures(connection, day.year),
            deadlines=tuple(_deadlines(desk, _regions(connection), day)),
            conflicts=tuple(conflicts.entries(connection)),
            is_empty=overview.is_empty(connection),
        )


def _urgency(step: Step) -> tuple[bool, dt.date, str]:
    return step.due_on is None, step.due_on or dt.date.max, step.title


def when_due(due: dt.date | None, day: dt.date) -> When:
    """Return which heading of the page a task stands under."""
    if due is None:
        return "undated"
    return "overdue" if due < day else "today" if due == day else "later"


def _step(connection: Any, row: Row, day: dt.date) -> Step:
    owner: tuple[str, uuid.UUID, str] | None = None
    kind, held = row["owner_type"], row["owner_id"]
    if kind in RECORD_TYPES and held:
        with contextlib.suppress(ValueError):
            found = queries.titles(connection, kind, [uuid.UUID(held)])
            owner = next(((kind, key, title) for key, title in found.items()), None)
    return Step(
        row["id"], row["title"], row["due_on"], when_due(row["due_on"], day), row["assignee"] or "", owner
    )


def _drafts(connection: Any) -> Iterator[OpenDraft]:
    for draft in drafts.every(connection):
        known = RECORD_TYPES[draft.record_type]
        held = queries.get(connection, draft.record_type, draft.record)
        typed = str(draft.body.get(known.title) or "") if known[known.title].kind != "ref" else ""
        saved = queries.titles(connection, draft.record_type, [draft.record]) if held else {}
        title = typed or saved.get(draft.record, "") or f"未命名{known.label}"
        yield OpenDraft(draft.record_type, draft.record, title, draft.at, is_new=held is None)


def _figures(connection: Any, year: int) -> Figures:
    deals = overview.of_year(
        connection, "deal", "signed_on", year, add=AMOUNTS, leave_out=("stage", ("terminated",))
    )
    visits = overview.of_year(connection, "site_visit", "visited_on", year, distinct="party")
    papers = overview.of_year(
        connection, "certificate", "issued_on", year, leave_out=("state", ("draft", "revoked"))
    )
    return Figures(year, deals.count, deals.totals, visits.count, papers.count)


# ── deadlines ───────────────────────────────────────────────────────────────────────────────────────


def _regions(connection: Any) -> frozenset[str]:
    """Return the codes of the regions our own agencies work in, and those above them."""
    own = {row["region"] for row in queries.rows(connection, Query("agency")) if row["region"]}
    return frozenset(code for region in own for code in lineage(region))


def _deadlines(desk: Desk, regions: frozenset[str], day: dt.date) -> list[Deadline]:
    """Return the yearly days of our regions, the nearest first; where there are none, those of all places."""
    entries = [entry for pack in desk.policies.packs for entry in pack.entries if entry.due]
    wanted = [entry for entry in entries if entry.region in regions] or entries
    found = []
    for entry in wanted:
        due = entry.due_date(day.year)
        due = due if due >= day else entry.due_date(day.year + 1)
        if entry.valid(due):
            found.append(_deadline(desk, entry, due, day))
    return sorted(found, key=lambda deadline: deadline.due)


def _deadline(desk: Desk, entry: Policy, due: dt.date, day: dt.date) -> Deadline:
    calendar = paths.work_calendar()
    days = [day + dt.timedelta(days=number) for number in range(1, (due - day).days + 1)]
    return Deadline(
        policy=entry,
        place=desk.codes["region"].label_of(entry.region),
        document=desk.policies.pack_of(entry).title,
        due=due,
        days=len(days),
        working_days=sum(calendar.is_working(each) for each in days),
        certain=all(each.year in calendar.years for each in days),
    )


# ── tasks ───────────────────────────────────────────────────────────────────────────────────────────


@command("完成待办")
def finish(work: Work, desk: Desk, *, task_id: uuid.UUID) -> None:
    """Tick a task off as of today.

    Raises:
        Refusal: the task is gone.
    """
    held = work.get("task", task_id)
    if held is None:
        raise refuse("", "plain", why="这条待办已被删除")
    work.change("task", task_id, state="done", done_on=desk.today())
    work.label = f"完成待办“{held['title']}”"
