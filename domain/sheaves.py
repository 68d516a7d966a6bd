"""Records that enter by the hundred travel column by column: a fifth fewer bytes, and no message for each."""

from __future__ import annotations

import itertools
from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

import msgspec
from msgspec.structs import replace

from domain.pages import Full, Sheaf
from domain.protocol import encode

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from domain.pages import Page

FEWEST: Final = 200
"""Whole records of a type in one page from which they are bound together."""
_body: Final = msgspec.msgpack.Decoder(list[Any]).decode


def gathered(page: Page) -> Page:
    """Return a page that says the same, with the many records of a type in a sheaf."""
    by_type: dict[int, list[Full]] = defaultdict(list)
    for row in page.rows:
        if isinstance(row, Full):
            by_type[row.type].append(row)
    many = {number: rows for number, rows in by_type.items() if len(rows) >= FEWEST}
    if not many:
        return page
    rest = [row for row in page.rows if not (isinstance(row, Full) and row.type in many)]
    return replace(page, rows=rest, sheaves=[*page.sheaves, *map(bound, many.values())])


def bound(rows: Sequence[Full]) -> Sheaf:
    """Return whole records of one type as a sheaf."""
    columns = itertools.zip_longest(*[_body(row.body) for row in rows])
    return Sheaf(
        rows[0].type,
        [row.pk for row in rows],
        [row.version for row in rows],
        [[] if _is_empty(column) else list(column) for column in columns],
        [row.clock for row in rows],
        [row.device for row in rows],
        [row.born for row in rows],
        [row.dead for row in rows] if any(row.dead for row in rows) else [],
    )


def loosened(sheaf: Sheaf) -> list[Full]:
    """Return the records of a sheaf one by one."""
    heads = zip(sheaf.pks, sheaf.versions, sheaf.clocks, sheaf.devices, sheaf.borns, strict=True)
    dead = sheaf.dead or itertools.repeat(False)
    return [
        Full(sheaf.type, pk, version, msgspec.Raw(encode(body)), clock, gone, device, born)
        for (pk, version, clock, device, born), body, gone in zip(heads, bodies(sheaf), dead, strict=False)
    ]


def bodies(sheaf: Sheaf, start: int = 0) -> Iterator[list[Any]]:
    """Yield each record's values from place ``start`` on, without the empty ones at the end."""
    columns = [column or itertools.repeat(None) for column in sheaf.columns[start:]]
    for values in zip(*columns, sheaf.pks, strict=False):
        body = list(values[:-1])
        while body and body[-1] is None:
            body.pop()
        yield body


def _is_empty(column: Sequence[Any]) -> bool:
    return column[0] is None and column.count(None) == len(column)
