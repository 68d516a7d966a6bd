"""A place of the left rail: a heading, one or more views as tabs, and the record that is open in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QStackedWidget, QToolButton, QVBoxLayout, QWidget

from desktop.ui.theme import METRICS
from desktop.ui.widgets.basics import label, row
from desktop.ui.widgets.import_page import ImportPage
from desktop.ui.widgets.record_list import RecordList
from desktop.ui.widgets.record_page import RecordPage
from domain.fields import RECORD_TYPES

if TYPE_CHECKING:
    import uuid

    from desktop.ui.widgets.session import Session

PageFactory = Callable[..., RecordPage]
"""``make(session, record_type, record_id or None, presets=...)``: the page of a record."""


@runtime_checkable
class Filtered(Protocol):
    """A view that can be narrowed by typing."""

    def focus_filter(self) -> None: ...


@dataclass(frozen=True)
class View:
    """One tab of a section; ``record_type`` is what Ctrl+N makes there."""

    label: str
    build: Callable[[Session], QWidget]
    record_type: str = ""


def list_view(record_type: str, words: str = "", **options: Any) -> View:
    """Return the derived list of a record type as a view."""
    return View(
        words or RECORD_TYPES[record_type].label,
        lambda session: RecordList(session, record_type, **options),
        record_type,
    )


@dataclass(frozen=True, slots=True)
class Location:
    """Where the user is: a section, and the record open in it."""

    section: str
    record_type: str = ""
    record_id: uuid.UUID | None = None
    view: int = 0


class Section(QWidget):
    """Views as tabs; a record opens in place of them and goes back to them.

    ``pages`` gives the record types that a room draws by hand; all others have the derived page.
    """

    moved = Signal(object)
    """The Location now shown."""

    def __init__(
        self,
        session: Session,
        key: str,
        title: str,
        views: Sequence[View],
        *,
        pages: Mapping[str, PageFactory] | None = None,
    ) -> None:
        super().__init__()
        self.session, self.key, self.title = session, key, title
        self.views, self._pages = tuple(views), dict(pages or {})
        self._built: dict[int, QWidget] = {}
        self._tabs: list[QToolButton] = []
        self.page: RecordPage | None = None
        self.import_page: ImportPage | None = None
        self._trail: list[tuple[str, uuid.UUID]] = []
        self._outer = QStackedWidget()
        self._inner = QStackedWidget()
        self._lay_out()
        self.show_view(0)

    def _lay_out(self) -> None:
        lists = QWidget()
        held = QVBoxLayout(lists)
        held.setContentsMargins(0, 0, 0, 0)
        held.setSpacing(0)
        tabs = row(spacing=0)
        for number, view in enumerate(self.views):
            tab = QToolButton()
            tab.setText(view.label)
            tab.setAccessibleName(f"视图：{view.label}")
            tab.setProperty("look", "tab")
            tab.setCheckable(True)
            tab.setAutoExclusive(True)
            tab.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            tab.clicked.connect(partial(self._pick, number))
            self._tabs.append(tab)
            tabs.addWidget(tab)
        name = label(self.title, "title")
        name.setMinimumHeight(METRICS.row)
        head = row(name, METRICS.l, tabs, None)
        head.setContentsMargins(METRICS.xl, METRICS.m, METRICS.xl, 0)
        if len(self.views) == 1:
            self._tabs[0].hide()
        held.addLayout(head)
        held.addWidget(self._inner, 1)
        self._outer.addWidget(lists)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._outer)

    # ── views ───────────────────────────────────────────────────────────────────────────────────

    @property
    def current_view(self) -> QWidget:
        """The view that is shown, or was before a record was opened."""
        return self._built[self._number()]

    @property
    def inside(self) -> bool:
        """Whether a record or the import stands in front of the view."""
        return self.page is not None or self.import_page is not None

    @property
    def record_type(self) -> str:
        """What Ctrl+N makes here."""
        view = self.views[self._number()]
        return view.record_type or next((v.record_type for v in self.views if v.record_type), "")

    def _number(self) -> int:
        shown = self._inner.currentWidget()
        return next((number for number, built in self._built.items() if built is shown), 0)

    def _pick(self, number: int, *_: object) -> None:
        self.show_view(number)
        self.moved.emit(self.location())

    def show_view(self, number: int) -> None:
        """Show a view in place of whatever is open, building it the first time."""
        self._trail.clear()
        self.close_page()
        if number not in self._built:
            built = self.views[number].build(self.session)
            if isinstance(built, RecordList):
                built.opened.connect(partial(self.session.open, built.record_type))
                built.asked_new.connect(partial(self.session.create, built.record_type))
                built.asked_import.connect(partial(self.show_import, built.record_type))
            self._built[number] = built
            self._inner.addWidget(built)
        self._inner.setCurrentWidget(self._built[number])
        self._tabs[number].setChecked(True)

    def view_of(self, record_type: str) -> int | None:
        """Return the number of the view that lists a type."""
        return next((n for n, view in enumerate(self.views) if view.record_type == record_type), None)

    def focus_filter(self) -> None:
        """Put the cursor into the search box of the view that is shown."""
        view = self.current_view
        if not self.inside and isinstance(view, Filtered):
            view.focus_filter()

    # ── records ─────────────────────────────────────────────────────────────────────────────────

    def location(self) -> Location:
        """Return where the user is."""
        if self.page is None:
            return Location(self.key, view=self._number())
        return Location(self.key, self.page.known.name, self.page.record_id, self._number())

    def open_record(self, record_type: str, record_id: uuid.UUID) -> RecordPage:
        """Open a record in place."""
        return self._show(record_type, record_id, {})

    def new_record(self, record_type: str, presets: Mapping[str, Any]) -> RecordPage:
        """Open an empty form in place."""
        page = self._show(record_type, None, presets)
        page.form.focus_field(page.known.title)
        return page

    def _show(self, record_type: str, record_id: uuid.UUID | None, presets: Mapping[str, Any]) -> RecordPage:
        if self.page:
            self._trail.append((self.page.known.name, self.page.record_id))
        self.close_page()
        make = self._pages.get(record_type, RecordPage)
        self.page = make(self.session, record_type, record_id, presets=presets)
        self.page.left.connect(self.leave)
        self._outer.addWidget(self.page)
        self._outer.setCurrentWidget(self.page)
        self.page.setFocus()
        self.moved.emit(self.location())
        return self.page

    def show_import(self, record_type: str) -> ImportPage:
        """Open the page that brings a list in."""
        self._trail.clear()
        self.close_page()
        self.import_page = ImportPage(self.session, record_type)
        self.import_page.left.connect(self.leave)
        self._outer.addWidget(self.import_page)
        self._outer.setCurrentWidget(self.import_page)
        self.import_page.file.line.setFocus()
        return self.import_page

    def leave(self) -> None:
        """Go back to the record this one was opened from, or to the list."""
        came_from = self._trail.pop() if self._trail else None
        self.close_page()
        if came_from:
            self._show(*came_from, {})
            return
        self.focus_view()
        self.moved.emit(self.location())

    def focus_view(self) -> None:
        """Give the keyboard to the list."""
        view = self.current_view
        (view.table if isinstance(view, RecordList) else view).setFocus()

    def close_page(self) -> None:
        """Put the open record away; what was not saved is kept as a draft."""
        if self.import_page:
            self.import_page.let_go()
            self._outer.removeWidget(self.import_page)
            self.import_page.deleteLater()
            self.import_page = None
            self._outer.setCurrentIndex(0)
        if self.page is None:
            return
        self.page.keep_draft()
        self._outer.removeWidget(self.page)
        self.page.deleteLater()
        self.page = None
        self._outer.setCurrentIndex(0)
