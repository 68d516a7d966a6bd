"""Tags exist so that a screen reader says a document in order and knows a heading, a table and a picture.

What is drawn inside ``with tagged(canvas, role)`` belongs to an element of the structure tree (ISO 32000-1,
14.7); all else, such as rules, page numbers and the 草稿 across the sheet, is an artifact by itself. Elements
nest as the blocks do, so reading order is drawing order. A canvas without a structure takes no tags.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# Elements that hold other elements only; what is drawn directly in them (a frame, a rule) is an artifact.
_GROUPS = frozenset(("Document", "Sect", "Table", "TR", "L", "LI", "Form"))
_KEPT_EMPTY = frozenset(("TD", "TH"))  # an empty cell still is a cell

_UNTAGGED: AbstractContextManager[None] = nullcontext()

Box = tuple[float, float, float, float]


class Mark(NamedTuple):
    """A piece of marked content: the page (from 0) and its number there."""

    page: int
    number: int


@dataclass(slots=True, eq=False)
class Element:
    """One element of the structure tree; ``entries`` are further entries of its dictionary."""

    role: str
    entries: str = ""
    kids: list[Element | Mark] = field(default_factory=list)

    @property
    def is_group(self) -> bool:
        """Whether it holds elements only."""
        return self.role in _GROUPS


class Structure:
    """The structure tree of one document while it is drawn."""

    def __init__(self) -> None:
        self.root = Element("Document")
        self.pages: list[list[Element]] = [[]]  # of each page the element of each piece of marked content
        self._open = [self.root]
        self._since = 0  # where in the page's code the present piece began
        self._paused = 0
        self._heading = 0

    def takes(self, role: str) -> bool:
        """Whether an element of that role would be one: a paragraph in a cell is the text of the cell."""
        return not self._paused and (role != "P" or self._open[-1].is_group)

    def open(self, canvas: Any, role: str, entries: str, resume: int | None) -> None:
        """Begin a new element, or go on with the ``resume``-th kid of the open one."""
        kids = self._open[-1].kids
        found = kids[resume] if resume is not None and -len(kids) <= resume < len(kids) else None
        element = found if isinstance(found, Element) and found.role == role else Element(role, entries)
        if element is not found:
            kids.append(element)
        self._turn(canvas)
        self._open.append(element)

    def close(self, canvas: Any) -> None:
        """End the element that was opened last; one that holds nothing is dropped."""
        self._turn(canvas)
        element = self._open.pop()
        if not element.kids and element.role not in _KEPT_EMPTY:
            self._open[-1].kids.remove(element)

    @contextmanager
    def pause(self, canvas: Any) -> Iterator[None]:
        """Make what is drawn meanwhile an artifact."""
        self._turn(canvas)
        self._paused += 1
        yield
        self._turn(canvas)
        self._paused -= 1

    def heading(self, level: int) -> str:
        """Return the role of a heading at ``level`` (from 0); a level that skips one is raised."""
        self._heading = min(level, self._heading) + 1
        return f"H{self._heading}"

    def end_page(self, canvas: Any) -> None:
        """Finish a page before it is shown."""
        self._turn(canvas)
        self.pages.append([])
        self._since = 0

    def _turn(self, canvas: Any) -> None:
        """Mark what was drawn since the last turn as content of the open element, or as an artifact."""
        code = canvas._code  # noqa: SLF001 - ReportLab has no call for marked content
        if len(code) > self._since:
            code.insert(self._since, self._mark())
            code.append("EMC")
        self._since = len(code)

    def _mark(self) -> str:
        element = self._open[-1]
        if self._paused or element.is_group:
            return "/Artifact BMC"
        marks = self.pages[-1]
        mark = Mark(len(self.pages) - 1, len(marks))
        marks.append(element)
        element.kids.append(mark)
        return f"/{element.role} <</MCID {mark.number}>> BDC"


class _Tagged:
    """Puts what is drawn meanwhile into an element; a class, as a page has hundreds and a generator costs."""

    __slots__ = ("_canvas", "_element", "_structure")

    def __init__(self, structure: Structure, canvas: Any, *element: Any) -> None:
        self._structure, self._canvas, self._element = structure, canvas, element

    def __enter__(self) -> None:
        self._structure.open(self._canvas, *self._element)

    def __exit__(self, *_error: object) -> None:
        self._structure.close(self._canvas)


def tagged(
    canvas: Any,
    role: str,
    *,
    alt: str = "",
    box: Box | None = None,
    table: Mapping[str, str | int] | None = None,
    resume: int | None = None,
) -> AbstractContextManager[None]:
    """Tag what is drawn meanwhile as an element of ``role`` (P, Figure, Table, TR, TH, TD, L, LI, Span).

    A Figure needs ``alt``, its alternative text, and ``box``: left, bottom, right, top in points. ``table``
    holds the attributes of a cell (Scope, RowSpan, ColSpan). With ``resume`` an element goes on that was
    begun on the page before: the kid of the open element at that place, -1 for the last one.
    """
    structure = _structure(canvas)
    if structure is None or not structure.takes(role):
        return _UNTAGGED
    entries = f"/Alt {pdf_text(alt)}" if alt else ""
    if box:
        numbers = " ".join(f"{edge:.2f}" for edge in box)
        entries += f"/A<</O/Layout/Placement/Block/BBox[{numbers}]>>"
    if table:
        entries += f"/A<</O/Table{''.join(f'/{name} {value}' for name, value in table.items())}>>"
    return _Tagged(structure, canvas, role, entries, resume)


def headed(canvas: Any, level: int) -> AbstractContextManager[None]:
    """Tag what is drawn meanwhile as a heading at ``level`` (from 0)."""
    structure = _structure(canvas)
    return tagged(canvas, structure.heading(level)) if structure else _UNTAGGED


@contextmanager
def artifact(canvas: Any) -> Iterator[None]:
    """Keep what is drawn meanwhile out of the structure, such as a header repeated on the next page."""
    structure = _structure(canvas)
    if structure is None:
        yield
        return
    with structure.pause(canvas):
        yield


def pdf_text(text: str) -> str:
    """Return ``text`` as a PDF text string."""
    return f"<feff{text.encode('utf-16-be').hex()}>"


def _structure(canvas: Any) -> Structure | None:
    structure: Structure | None = getattr(canvas, "structure", None)
    return structure
