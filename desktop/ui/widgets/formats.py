"""How values look in lists and headers: one small formatter a kind."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

from domain import amounts, values

if TYPE_CHECKING:
    import uuid
    from collections.abc import Callable, Mapping

    from domain.codes import CodeBook
    from domain.fields import Field, Kind

NOTHING: Final = "—"
TICK: Final = "✓"
NOTE_CHARACTERS: Final = 60


def is_year(field: Field) -> bool:
    """Tell whether a number is a year, which nobody writes with a comma."""
    return (
        field.kind == "number"
        and not field.places
        and (field.low or 0) >= 1000
        and (field.high or 0) < 10_000
    )


def written(field: Field, value: Any, codes: CodeBook) -> str:
    """Return a value as people write it, in lists and in editors."""
    return f"{value:f}" if is_year(field) else values.show(field, value, codes)


def _wan(_field: Field, value: Any, _codes: CodeBook) -> str:
    return f"{value / 10_000:,.2f}"


FORMATTERS: Final[Mapping[Kind, Callable[[Field, Any, CodeBook], str]]] = {
    "text": lambda _field, value, _codes: str(value),
    "note": lambda _field, value, _codes: " ".join(str(value).split())[:NOTE_CHARACTERS],
    "choice": values.show,
    "choices": lambda field, value, codes: "、".join(codes[field.codes].label_of(code) for code in value),
    "money": _wan,
    "number": written,
    "day": values.show,
    "ref": lambda _field, value, _codes: str(value),
    "flag": lambda _field, value, _codes: TICK if value else "",
}
RIGHT_ALIGNED: Final = frozenset({"money", "number"})


def heading(field: Field) -> str:
    """Return a column's heading, with the unit its figures are in."""
    unit = "万元" if field.kind == "money" else field.unit_label
    return f"{field.label}({unit})" if unit else field.label


def cell(
    field: Field, value: Any, codes: CodeBook, titles: Mapping[uuid.UUID, str], *, masked: bool = True
) -> str:
    """Return a value as a list shows it: amounts in 万元, references by title, personal data masked."""
    if value is None or value == ():
        return ""
    if field.kind == "ref":
        return titles.get(value, "")
    shown = FORMATTERS[field.kind](field, value, codes)
    return values.mask(field, shown) if masked else shown


def full(field: Field, value: Any, codes: CodeBook) -> str:
    """Return a value in full for hovering: the exact amount, the whole text, the path of a tree of codes."""
    if value is None or value == ():
        return ""
    if field.kind == "money":
        return amounts.display(value)
    if field.kind == "choice":
        return codes[field.codes].path(value)
    return "" if field.kind == "ref" else values.mask(field, values.show(field, value, codes))


def amount(yuan: Any) -> str:
    """Return an amount of yuan in the unit people would say it in."""
    unit = amounts.fitting_unit(yuan)
    rounded = round(yuan.scaleb(-amounts.UNITS[unit]), 2)
    return f"{rounded:,f}".rstrip("0").rstrip(".") + unit if "." in f"{rounded:f}" else f"{rounded:,}{unit}"


def moment(text: str | dt.datetime | None, now: dt.datetime) -> str:
    """Return when something happened, as short as it is clear: 今天 09:42, 3月2日, 2025-12-01."""
    if not text:
        return ""
    at = text if isinstance(text, dt.datetime) else dt.datetime.fromisoformat(text)
    local, today = at.astimezone(now.tzinfo), now.date()
    if local.date() == today:
        return f"今天 {local:%H:%M}"
    if local.date() == today - dt.timedelta(days=1):
        return f"昨天 {local:%H:%M}"
    if local.year == today.year:
        return f"{local.month}月{local.day}日"
    return local.date().isoformat()
