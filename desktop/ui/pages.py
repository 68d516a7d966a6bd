"""The places of the left rail, and the one module that imports late: a room is loaded when first opened.

Nothing heavy may be imported before the first paint, so the window asks this module for all that needs
the store: the session, the pages, the palette.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import datetime as dt
    import uuid
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from PySide6.QtCore import QSettings
    from PySide6.QtWidgets import QWidget

    from desktop.services.desk import Desk
    from desktop.services.server_link import ServerLink
    from desktop.sync.status import Status
    from desktop.ui.jobs import Jobs
    from desktop.ui.widgets.palette import CommandPalette
    from desktop.ui.widgets.section import Section
    from desktop.ui.widgets.session import Session
    from desktop.ui.widgets.sync_words import Told


@dataclass(frozen=True, slots=True)
class Place:
    """One entry of the rail: ``types`` are the records that open there."""

    key: str
    label: str
    icon: str
    types: tuple[str, ...]
    build: Callable[[Place, Session], Section]
    ends_group: bool = False


def derived(place: Place, session: Session) -> Section:
    """Build a section from the declarations of its record types alone."""
    from desktop.ui.widgets.section import Section, list_view

    return Section(session, place.key, place.label, [list_view(name) for name in place.types])


def parties(_place: Place, session: Session) -> Section:
    """Build the room 客户."""
    from desktop.ui.parties.page import build

    return build(session)


def achievements(_place: Place, session: Session) -> Section:
    """Build the room 成果."""
    from desktop.ui.achievements.page import build

    return build(session)


def deals(_place: Place, session: Session) -> Section:
    """Build the room 交易."""
    from desktop.ui.deals.page import build

    return build(session)


def home(_place: Place, session: Session) -> Section:
    """Build the room 工作台."""
    from desktop.ui.home.page import build

    return build(session)


def training(_place: Place, session: Session) -> Section:
    """Build the room 培训与证书."""
    from desktop.ui.certificates.page import build

    return build(session)


def evaluation(_place: Place, session: Session) -> Section:
    """Build the room 绩效评价."""
    from desktop.ui.evaluation.page import build

    return build(session)


def sync(_place: Place, session: Session) -> Section:
    """Build the room 同步中心."""
    from desktop.ui.sync.page import build

    return build(session)


def settings(_place: Place, session: Session) -> Section:
    """Build the room 设置."""
    from desktop.ui.settings.page import build

    return build(session)


PLACES: Final = (
    Place("home", "工作台", "home", ("task",), home, ends_group=True),
    Place("clients", "客户", "clients", ("party", "site_visit", "contact"), parties),
    Place("achievements", "成果", "achievement", ("achievement", "ip_right"), achievements),
    Place("demands", "需求", "demand", ("demand", "event"), derived),
    Place("deals", "交易", "deal", ("deal", "payment"), deals),
    Place("experts", "专家", "expert", ("expert",), derived, ends_group=True),
    Place(
        "library",
        "案例与资源",
        "library",
        ("success_case", "resource", "scenario", "evaluation_tool", "contract_statistic"),
        derived,
    ),
    Place(
        "training",
        "培训与证书",
        "training",
        ("training_class", "broker", "enrolment", "certificate"),
        training,
    ),
    Place(
        "evaluation",
        "绩效评价",
        "evaluation",
        ("agency", "staff_member", "submission", "agency_result", "grade_total"),
        evaluation,
        ends_group=True,
    ),
    Place("sync", "同步中心", "sync", (), sync),
    Place("settings", "设置", "settings", ("attachment",), settings),
)
BY_KEY: Final = {place.key: place for place in PLACES}


def place_of(record_type: str) -> Place | None:
    """Return where records of a type live; parts of others live nowhere of their own."""
    return next((place for place in PLACES if record_type in place.types), None)


def warm() -> None:
    """Import what the first page needs; called in a worker so that the window never waits."""
    from desktop.ui.widgets import entrance, section

    assert entrance, section


def make_session(desk: Desk, jobs: Jobs, kept: QSettings, link: ServerLink | None) -> Session:
    """Return the session of an open workspace."""
    from desktop.ui.widgets import entrance

    return entrance.Session(desk, jobs, kept, link=link)


def show_conflict(session: Session, conflict_id: uuid.UUID, parent: QWidget) -> None:
    """Show a conflict over the window; nobody waits for it."""
    from desktop.ui.widgets import entrance

    entrance.show_conflict(session, conflict_id, parent)


def sync_words(status: Status | None, now: dt.datetime) -> Told:
    """Return what the indicator says of a moment."""
    from desktop.ui.widgets import entrance

    return entrance.told(status, now)


def make_palette(session: Session, parent: QWidget) -> CommandPalette:
    """Return the palette with every place in it."""
    from desktop.ui.widgets import entrance

    made = entrance.CommandPalette(session, parent)
    made.places = [entrance.Entry(place.label, place.icon, "前往", action=place.key) for place in PLACES]
    return made


def is_new(folder: Path) -> bool:
    """Tell whether the workspace has no key yet, so that a passphrase is to be chosen and not asked."""
    from desktop.models.keys import KeyStore

    return not KeyStore(folder, None).exists()


def locked_out() -> tuple[type[Exception], ...]:
    """Return the errors that mean: this passphrase does not open the workspace."""
    from desktop.models.keys import PassphraseNeededError, WrongPassphraseError

    return (WrongPassphraseError, PassphraseNeededError)


def why_closed() -> Mapping[type[Exception], str]:
    """Return why a workspace does not open whatever passphrase is given, by the error that says it."""
    from desktop.services.workspace import WHY_CLOSED

    return WHY_CLOSED
