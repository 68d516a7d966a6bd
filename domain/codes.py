"""Dated code lists, so that a record keeps the meaning its codes had on the day they were used.

A list is data (``resources/codes/*.toml``); this module only gives it a shape and answers questions about
it. Validity runs from ``valid_from`` to ``valid_to``, both days included; an open end is ``None``.
"""

from __future__ import annotations

import datetime as dt
import functools
import itertools
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping


@dataclass(frozen=True, slots=True)
class Code:
    """One entry of a list: what a code means during a period."""

    code: str
    label: str
    parent: str | None = None
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    aliases: tuple[str, ...] = ()

    def valid(self, on: dt.date | None) -> bool:
        """Whether the entry holds on a day; without a day every entry does."""
        if on is None:
            return True
        return (self.valid_from is None or self.valid_from <= on) and (
            self.valid_to is None or on <= self.valid_to
        )


def fold(text: str) -> str:
    """Return text as lists compare it: NFKC, no white space, no letter case."""
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold()


@dataclass(frozen=True)
class CodeList:
    """A named list of codes with the document it comes from.

    One code may have several entries, one a period; the latest comes last. ``verified`` is false where the
    wording follows common use and was not held against the published text.
    """

    name: str
    label: str
    source: str
    codes: tuple[Code, ...]
    verified: bool = True
    _by_code: Mapping[str, tuple[Code, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_code", _index((entry.code, entry) for entry in self.codes))

    def __contains__(self, code: object) -> bool:
        return code in self._by_code

    def __len__(self) -> int:
        return len(self.codes)

    def get(self, code: str, on: dt.date | None = None) -> Code | None:
        """Return the entry of a code on a day (the latest without a day), or None."""
        return next((e for e in reversed(self._by_code.get(code, ())) if e.valid(on)), None)

    def label_of(self, code: str | None, on: dt.date | None = None) -> str:
        """Return what a person reads for a code.

        A code that was not valid on that day is shown by its latest label and an unknown one as it
        stands: a list must never hide what a record says.
        """
        if not code:
            return ""
        entry = self.get(code, on) or self.get(code)
        return entry.label if entry else code

    def path(self, code: str, on: dt.date | None = None) -> str:
        """Return the labels from the top of the tree down to a code, joined by ``/``."""
        return "/".join(self.label_of(part, on) for part in (*reversed(self.ancestors(code, on)), code))

    def ancestors(self, code: str, on: dt.date | None = None) -> tuple[str, ...]:
        """Return the codes above a code, nearest first."""
        above: list[str] = []
        entry = self.get(code, on) or self.get(code)
        while entry and entry.parent and entry.parent not in above:
            above.append(entry.parent)
            entry = self.get(entry.parent, on) or self.get(entry.parent)
        return tuple(above)

    def find(self, text: str, on: dt.date | None = None) -> str | None:
        """Return the code a person means by a code, a label, an alias or a path of labels.

        Codes win over labels, labels over aliases, aliases over paths (``北京市/朝阳区``, ``北京市朝阳区``).
        With a day only the entries valid on it count; without one, those still open win over former ones.
        A name shared by a code and the one above it (房地产业) means the lower one, which says more. None
        when nothing fits or when several codes fit equally well: a list never guesses.
        """
        wanted = fold(text)
        for names in self._names:
            entries = [e for e in names.get(wanted, ()) if e.valid(on)]
            for chosen in ([e for e in entries if e.valid_to is None], entries):
                if chosen:
                    codes = {e.code for e in chosen}
                    lowest = codes - {up for code in codes for up in self.ancestors(code, on)}
                    return lowest.pop() if len(lowest) == 1 else None
        return None

    def valid(self, code: str, on: dt.date | None = None) -> bool:
        """Whether the code exists in the list and holds on that day."""
        return self.get(code, on) is not None

    def children(self, parent: str | None, on: dt.date | None = None) -> tuple[Code, ...]:
        """Return the entries right below a code, or the top of the tree for None."""
        return tuple(e for e in self._by_parent.get(parent or "", ()) if e.valid(on))

    def entries(self, on: dt.date | None = None) -> tuple[Code, ...]:
        """Return the entries in the order of the list, on a day only those that hold on it."""
        return tuple(e for e in self.codes if e.valid(on))

    @functools.cached_property
    def _by_parent(self) -> Mapping[str, tuple[Code, ...]]:
        return _index((entry.parent or "", entry) for entry in self.codes)

    @functools.cached_property
    def _names(self) -> tuple[Mapping[str, tuple[Code, ...]], ...]:
        return (
            self._by_code,
            _index((fold(e.code), e) for e in self.codes),
            _index((fold(e.label), e) for e in self.codes),
            _index((fold(alias), e) for e in self.codes for alias in e.aliases),
            _index((path, e) for e in self.codes if e.parent for path in self._paths(e)),
        )

    def _paths(self, entry: Code) -> tuple[str, str]:
        path = fold(self.path(entry.code, entry.valid_to))
        return path, path.replace("/", "")


def _index(names: Iterable[tuple[str, Code]]) -> Mapping[str, tuple[Code, ...]]:
    found: dict[str, list[Code]] = {}
    for name, entry in names:
        found.setdefault(name, []).append(entry)
    return {name: tuple(entries) for name, entries in found.items()}


@dataclass(frozen=True)
class CodeBook:
    """All code lists by name; the mapping may read each list only when it is first asked for."""

    lists: Mapping[str, CodeList]

    def __getitem__(self, name: str) -> CodeList:
        return self.lists[name]

    def __contains__(self, name: object) -> bool:
        return name in self.lists

    def __iter__(self) -> Iterator[str]:
        return iter(self.lists)

    def __len__(self) -> int:
        return len(self.lists)


def parse_code_list(data: Mapping[str, Any]) -> CodeList:
    """Build a list from a loaded TOML document.

    Small lists are tables under ``codes``. Long ones (regions, industries) are lines under ``rows`` with
    the tab-separated columns code, label, parent, valid_from, valid_to, aliases (with commas between) and
    may leave out trailing ones.

    Raises:
        ValueError: a required key is missing, a parent is unknown or one code has overlapping periods.
    """
    try:
        made = CodeList(
            name=data["name"],
            label=data["label"],
            source=data["source"],
            verified=data.get("verified", True),
            codes=(*map(_from_table, data.get("codes", ())), *_from_rows(data.get("rows", ""))),
        )
    except KeyError as missing:
        raise ValueError(f"code list {data.get('name', '?')}: {missing} is missing") from missing
    _check(made)
    return made


def _from_table(entry: Mapping[str, Any]) -> Code:
    return Code(
        code=entry["code"],
        label=entry["label"],
        parent=entry.get("parent"),
        valid_from=entry.get("valid_from"),
        valid_to=entry.get("valid_to"),
        aliases=tuple(entry.get("aliases", ())),
    )


def _from_rows(rows: str) -> Iterable[Code]:
    for line in rows.splitlines():
        if line:
            code, label, parent, start, end, aliases = (line.split("\t") + [""] * 5)[:6]
            names = tuple(name for name in aliases.split(",") if name)
            yield Code(code, label, parent or None, _day(start), _day(end), names)


def _day(text: str) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def _check(made: CodeList) -> None:
    for code, entries in made._by_code.items():  # noqa: SLF001 - the list's own builder
        for earlier, later in itertools.pairwise(entries):
            if not (earlier.valid_to and later.valid_from and earlier.valid_to < later.valid_from):
                raise ValueError(f"code list {made.name}: the periods of {code} overlap")
        for entry in entries:
            if entry.parent is not None and entry.parent not in made:
                raise ValueError(f"code list {made.name}: {code} has the unknown parent {entry.parent}")
