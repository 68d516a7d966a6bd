"""Writes the pages of docs/ that the declarations already contain, so that no page can say something else.

Usage: python -m tools.write_docs

A law test compares the committed pages with ``pages()``.
"""

from __future__ import annotations

import inspect
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from desktop import paths
from domain.records import RECORD_TYPES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from domain.codes import CodeBook, CodeList
    from domain.fields import Field, Kind, RecordType
    from domain.policies import Pack
    from domain.schemes import Scheme

DOCS: Final = Path(__file__).resolve().parents[1] / "docs"
COMMAND: Final = "python -m tools.write_docs"

NOTICE: Final = f"<!-- Written by `{COMMAND}` from the declarations. Do not edit by hand. -->"
DICTIONARY_HEAD: Final = """\
# Data dictionary

Every record type and every field, as the program declares them in `domain/records/`. The Chinese words are
what users see. How to read a table:

- **required**: a record without it cannot be saved. **listed**: it is a column of the list.
- **kept**: the program writes it. Forms show it at most, imports take no column for it, exports give it.
- **merge** names the group of fields that sync will treat as one value, if that group is larger than the
  field itself, and the policy: `protected` is never overwritten silently, `set` is merged item by item, and
  nothing is said where the later edit wins. Sync itself is not built yet.
- **also called** are the other column headings an import understands.
- Amounts are yuan with two decimals, kept as an integer number of fen. Personal fields are masked in lists
  and, unless the user asks otherwise, in exports.
- Every record also has an id (UUIDv7) and the times of its creation, last change and deletion.
"""
LISTS_HEAD: Final = """\
# Code lists, policy packs and evaluation schemes

Rules and lists that differ by place or year are data in `resources/`. Each names its source. **Verified**
says whether a published text was at hand for all of it; what is not verified is common knowledge and must be
checked against the current notice before anyone relies on it. **Fields** counts the fields of records that
use a list; a list with 0 is there for rules that read it, or for record types still to come.
"""
MARK: Final = {True: "yes", False: "no"}


def main() -> int:
    """Write every page."""
    for name, text in pages().items():
        (DOCS / name).write_text(text, "utf-8")
    return 0


def pages() -> dict[str, str]:
    """Return the text of every page by its file name."""
    codes = paths.code_book()
    return {
        "data-dictionary.md": _page(_dictionary(codes)),
        "code-lists.md": _page(_lists(codes)),
    }


def _page(blocks: Iterable[str]) -> str:
    return "\n".join((NOTICE, "", *blocks)).rstrip() + "\n"


# ── the data dictionary ─────────────────────────────────────────────────────────────────────────────


def _dictionary(codes: CodeBook) -> Iterator[str]:
    yield DICTIONARY_HEAD
    yield from _table(("record type", "name", "fields", "menu group"), map(_summary, RECORD_TYPES.values()))
    for record_type in RECORD_TYPES.values():
        yield from _section(record_type, codes)


def _summary(record_type: RecordType) -> Sequence[str]:
    link = f"[{record_type.label}](#{record_type.name})"
    return link, f"`{record_type.name}`", str(len(record_type.fields)), record_type.group


def _section(record_type: RecordType, codes: CodeBook) -> Iterator[str]:
    yield f'<a id="{record_type.name}"></a>'
    yield ""
    yield f"## {record_type.label} · `{record_type.name}`"
    yield ""
    yield inspect.getdoc(record_type.cls) or ""
    yield ""
    yield f"- A person calls it by: {_names(record_type, (record_type.title,))}"
    yield f"- Two rows of an import are the same record by: {_names(record_type, record_type.identity)}"
    if record_type.dated_by:
        yield f"- Codes must be valid on: {_names(record_type, (record_type.dated_by,))}"
    if record_type.aliases:
        yield f"- Also called: {'、'.join(record_type.aliases)}"
    yield ""
    head = ("field", "label", "what it holds", "facts", "merge", "also called")
    yield from _table(head, (_row(field, codes) for field in record_type.fields))


def _names(record_type: RecordType, names: Iterable[str]) -> str:
    return " + ".join(record_type[name].label for name in names)


def _row(field: Field, codes: CodeBook) -> Sequence[str]:
    return (
        f"`{field.name}`",
        field.label,
        KIND_WORDS[field.kind](field, codes),
        ", ".join(_facts(field)),
        _merge(field),
        "、".join(field.aliases),
    )


def _text_words(field: Field, _codes: CodeBook) -> str:
    form = f", {field.format}" if field.format else ""
    return f"{field.kind}, at most {field.max} characters{form}"


def _code_words(field: Field, codes: CodeBook) -> str:
    many = "codes" if field.kind == "choices" else "code"
    return f"{many} of [{codes[field.codes].label}](code-lists.md#{field.codes})"


def _number_words(field: Field, _codes: CodeBook) -> str:
    places = f", {field.places} decimals" if field.places and field.kind == "number" else ""
    unit = f" in {field.unit_label}" if field.unit_label else ""
    return f"{field.kind}{unit}{places}{_range(field)}"


def _range(field: Field) -> str:
    if field.low is None and field.high is None:
        return ""
    if field.high is None:
        return f", from {field.low}"
    return f", from {field.low} to {field.high}" if field.low is not None else f", to {field.high}"


def _plain_words(field: Field, _codes: CodeBook) -> str:
    return {"day": "calendar day", "flag": "yes or no"}[field.kind]


def _reference_words(field: Field, _codes: CodeBook) -> str:
    return f"reference to [{RECORD_TYPES[field.to].label}](#{field.to})"


KIND_WORDS: Final[dict[Kind, Callable[[Field, CodeBook], str]]] = {
    "text": _text_words,
    "note": _text_words,
    "choice": _code_words,
    "choices": _code_words,
    "money": _number_words,
    "number": _number_words,
    "day": _plain_words,
    "ref": _reference_words,
    "flag": _plain_words,
}
"""What a field of each kind holds, in words; a law test demands one entry a kind."""


def _facts(field: Field) -> Iterator[str]:
    marks = (
        ("required", field.required),
        ("kept", field.kept),
        ("listed", field.listed),
        ("searched", field.searched),
        ("found by pinyin initials", field.pinyin),
        ("personal", field.personal),
        (f"unknown words go to `{field.fallback}`", field.fallback),
        (f"default {field.default}", field.kind == "choice" and field.default),
        (f"e.g. {field.example}", field.example),
    )
    return (words for words, holds in marks if holds)


def _merge(field: Field) -> str:
    group = field.unit if field.unit != field.name else ""
    policy = field.policy if field.policy != "free" else ""
    return ", ".join(filter(None, (group, policy)))


# ── the lists ─────────────────────────────────────────────────────────────────────────────────────────


def _lists(codes: CodeBook) -> Iterator[str]:
    yield LISTS_HEAD
    yield "## Code lists (`resources/codes/`)"
    yield ""
    yield from _table(
        ("name", "list", "entries", "fields", "verified", "source"),
        (_list_row(codes[name]) for name in codes),
    )
    yield "## Policy packs (`resources/policies/`)"
    yield ""
    yield from _table(
        ("pack", "document", "number", "region", "entries", "not verified", "source"),
        (_pack_row(pack, codes) for pack in paths.policy_book().packs),
    )
    yield "## Evaluation schemes (`resources/schemes/`)"
    yield ""
    yield from _table(
        ("scheme", "name", "points", "indicators", "verified", "source"),
        map(_scheme_row, paths.schemes().values()),
    )


def _list_row(listed: CodeList) -> Sequence[str]:
    anchor = f'<a id="{listed.name}"></a>`{listed.name}`'
    users = sum(field.codes == listed.name for known in RECORD_TYPES.values() for field in known.fields)
    return anchor, listed.label, str(len(listed)), str(users), MARK[listed.verified], listed.source


def _pack_row(pack: Pack, codes: CodeBook) -> Sequence[str]:
    unverified = sum(not entry.verified for entry in pack.entries)
    region = codes["region"].label_of(pack.region)
    return (
        f"`{pack.id}`",
        pack.title,
        pack.document_no,
        NATIONWIDE if region == pack.region else region,
        str(len(pack.entries)),
        str(unverified),
        pack.source,
    )


NATIONWIDE: Final = "全国"
"""Policies for the whole nation carry a region code that the list of regions does not hold."""


def _scheme_row(scheme: Scheme) -> Sequence[str]:
    verified = scheme.verified and all(indicator.verified for indicator in scheme.indicators)
    numbers = (f"{scheme.points:f}", str(len(scheme.indicators)), MARK[verified])
    return f"`{scheme.id}`", scheme.label, *numbers, scheme.source


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yield the lines of a table and the empty line that ends it."""
    yield _line(head)
    yield _line(["---"] * len(head))
    for row in rows:
        yield _line([cell.replace("|", "\\|").replace("\n", " ") for cell in row])
    yield ""


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    sys.exit(main())
