"""Reading records: ordered id lists, pages of rows, single records, search over everything.

Lists work on integer row ids (see docs/decisions): a sort or filter is a new id list, rows are fetched a
page at a time, and selection, export and "next record" work on the ids.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Select,
    Table,
    Text,
    false,
    func,
    literal_column,
    select,
    text,
    union_all,
)

from desktop.models.search import index_name, searchable
from desktop.models.tables import RECORD_TABLES, STUB
from domain.fields import RECORD_TYPES, RecordType
from domain.folding import WORDS_AT_MOST, fold, match_expression

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable, Sequence

Row = dict[str, Any]
SYSTEM_COLUMNS = ("row", "id", "created_at", "updated_at", "deleted_at")
HITS_A_TYPE = 20


@dataclass(frozen=True, slots=True)
class Query:
    """What a list shows: words to search, field values that must match, the order, and whether the bin."""

    record_type: str
    words: str = ""
    where: tuple[tuple[str, Any], ...] = ()
    order: str = "updated_at"
    descending: bool = True
    binned: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """One record found by the search over everything."""

    record_type: str
    record_id: uuid.UUID
    title: str


def row_ids(connection: Connection, query: Query) -> array[int]:
    """Return the row ids of a query in its order; a million take a third of a second."""
    statement = _filtered(query, RECORD_TABLES[query.record_type].c.row)
    # The driver's own rows: SQLAlchemy's would cost 2.5 times as much for a list of ids.
    cursor: Any = connection.execute(statement).cursor
    return array("q", (row[0] for row in cursor))


def first_rows(connection: Connection, query: Query, limit: int) -> list[Row]:
    """Return the first rows of a query, for showing something before the id list is there."""
    table = RECORD_TABLES[query.record_type]
    statement = _filtered(query, *table.columns).limit(limit)
    return [dict(row) for row in connection.execute(statement).mappings()]


def rows_by_row_id(connection: Connection, record_type: str, ids: Sequence[int]) -> dict[int, Row]:
    """Return rows by their row id; ids that are gone are left out."""
    table = RECORD_TABLES[record_type]
    found = connection.execute(select(table).where(table.c.row.in_(ids))).mappings()
    return {row["row"]: dict(row) for row in found}


def get(connection: Connection, record_type: str, record_id: uuid.UUID) -> Row | None:
    """Return one record with its system columns, also from the recycle bin; None if there is none."""
    table = RECORD_TABLES[record_type]
    row = connection.execute(select(table).where(table.c.id == record_id)).mappings().first()
    return dict(row) if row else None


def rows(connection: Connection, query: Query, *, limit: int | None = None) -> list[Row]:
    """Return all rows of a query at once; for short lists such as the payments of one deal."""
    table = RECORD_TABLES[query.record_type]
    statement = _filtered(query, *table.columns)
    return [
        dict(row) for row in connection.execute(statement.limit(limit) if limit else statement).mappings()
    ]


def count(connection: Connection, query: Query) -> int:
    """Return how many records a query finds."""
    inner = _filtered(query, RECORD_TABLES[query.record_type].c.row).order_by(None).subquery()
    return int(connection.execute(select(func.count()).select_from(inner)).scalar_one())


def titles(connection: Connection, record_type: str, ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Return what people call the records, by id; for the names behind references."""
    known, table = RECORD_TYPES[record_type], RECORD_TABLES[record_type]
    wanted = table.c.id.in_(list(dict.fromkeys(ids)))
    rows_found = connection.execute(select(table.c.id, table.c[known.title]).where(wanted))
    found = {row[0]: row[1] for row in rows_found}
    title = known[known.title]
    if title.kind == "ref":
        names = titles(connection, title.to, filter(None, found.values()))
        return {key: names.get(other, known.label) for key, other in found.items()}
    return {key: str(name or known.label) for key, name in found.items()}


def find_by_title(connection: Connection, record_type: str, name: str) -> uuid.UUID | None:
    """Return the oldest record called so, compared as search compares: width, case, traditional forms."""
    known, table = RECORD_TYPES[record_type], RECORD_TABLES[record_type]
    title, living = table.c[known.title], table.c.deleted_at.is_(None)
    if known[known.title].kind == "ref":
        other = find_by_title(connection, known[known.title].to, name)
        exact = title == other if other else false()
    else:
        exact = title == name
    found = connection.execute(
        select(table.c.id).where(exact, living).order_by(table.c.row).limit(1)
    ).scalar()
    if found is not None or not known[known.title].searched or not match_expression(name):
        return found
    near = select(table.c.id, title).where(_matches(table, name), living).order_by(table.c.row)
    wanted = fold(name)
    return next((key for key, held in connection.execute(near) if held and fold(held) == wanted), None)


def find_everywhere(connection: Connection, words: str, *, limit: int = HITS_A_TYPE) -> list[Hit]:
    """Search every record type at once, each type's best matches first."""
    expression = match_expression(words)
    hits: list[Hit] = []
    if not expression:
        return hits
    for record_type in RECORD_TYPES.values():
        if searchable(record_type):
            hits.extend(_hits(connection, record_type, expression, limit))
    return hits


def _hits(connection: Connection, record_type: RecordType, expression: str, limit: int) -> list[Hit]:
    table, index = RECORD_TABLES[record_type.name], index_name(record_type.name)
    found = connection.execute(
        select(table.c.id, table.c[record_type.title])
        .select_from(table.join(text(index), literal_column(f"{index}.rowid") == table.c.row))
        .where(text(f"{index} MATCH :expression"), table.c.deleted_at.is_(None))
        .order_by(literal_column(f"{index}.rank"))
        .limit(limit),
        {"expression": expression},
    )
    return [Hit(record_type.name, key, str(name or record_type.label)) for key, name in found]


def referring(connection: Connection, record_type: str, record_id: uuid.UUID) -> dict[tuple[str, str], int]:
    """Return how many live records point here, by (record type, field)."""
    counts: dict[tuple[str, str], int] = {}
    for other in RECORD_TYPES.values():
        table = RECORD_TABLES[other.name]
        for field in other.fields:
            if field.kind == "ref" and field.to == record_type:
                here = (table.c[field.name] == record_id) & table.c.deleted_at.is_(None)
                number = connection.execute(select(func.count()).select_from(table).where(here)).scalar_one()
                if number:
                    counts[other.name, field.name] = int(number)
    return counts


def _matches(table: Table, words: str) -> ColumnElement[bool]:
    """Return the condition that a record of the table holds the words."""
    return table.c.row.in_(_found(table, words))


def _found(table: Table, words: str) -> Select[int]:
    """Return the row ids of a table's records that hold the words."""
    index = index_name(table.name)
    rowid, content = literal_column("rowid", Integer), literal_column(index, Text)
    return select(rowid).select_from(text(index)).where(content.op("MATCH")(match_expression(words)))


def _filtered(query: Query, *columns: Any) -> Select[Any]:
    record_type, table = RECORD_TYPES[query.record_type], RECORD_TABLES[query.record_type]
    binned = table.c.deleted_at.is_not(None) & (table.c.deleted_at != STUB)
    statement = select(*columns).where(binned if query.binned else table.c.deleted_at.is_(None))
    for name, value in query.where:
        statement = statement.where(_equals(table, name, value))
    for word in query.words.split()[:WORDS_AT_MOST]:
        if match_expression(word):
            statement = statement.where(_holds(record_type, table, word))
    order = _order(record_type, table, query.order)
    return statement.order_by(order.desc() if query.descending else order, table.c.row.desc())


def _order(record_type: RecordType, table: Table, name: str) -> ColumnElement[Any]:
    """Return what a list is sorted by: a column, or the title of the record that the column points to."""
    if name not in record_type or record_type[name].kind != "ref":
        return table.c[name]
    other = RECORD_TABLES[record_type[name].to].alias()
    title = other.c[RECORD_TYPES[record_type[name].to].title]
    return select(title).where(other.c.id == table.c[name]).scalar_subquery()


def _equals(table: Table, name: str, value: Any) -> ColumnElement[bool]:
    """Compare a field; a list of codes matches when it holds the code, a tuple of values when one equals."""
    field = RECORD_TYPES[table.name].by_name.get(name)
    if field and field.kind == "choices" and isinstance(value, str):
        return table.c[name].cast(table.c.updated_at.type).like(f'%"{value}"%')
    if isinstance(value, tuple) and not (field and field.kind == "choices"):
        return table.c[name].in_(value)
    return table.c[name].is_(None) if value is None or value == () else table.c[name] == value


def _holds(record_type: RecordType, table: Table, word: str) -> ColumnElement[bool]:
    """Return the condition that a record, or a record named in its list columns, holds the word.

    One set of row ids instead of conditions joined by OR: those would read every row of the table.
    """
    found = [_found(table, word)] if searchable(record_type) else []
    for field in record_type.fields:
        if field.kind == "ref" and field.listed and searchable(RECORD_TYPES[field.to]):
            other = RECORD_TABLES[field.to]
            named = select(other.c.id).where(_matches(other, word))
            found.append(select(table.c.row).where(table.c[field.name].in_(named)))
    return table.c.row.in_(union_all(*found)) if found else false()
