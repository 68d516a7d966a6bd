"""One reading and one writing of field values, so that form, import and command line agree.

``parse`` takes what a person or a spreadsheet gives (full-width digits, 万元, 2024年3月5日, 是/否) and
returns the value a record holds; ``show`` is its counterpart for people.
"""

from __future__ import annotations

import datetime as dt
import decimal
import re
import unicodedata
import uuid
from typing import TYPE_CHECKING, Any, Final

from domain.han import standard
from domain.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from domain.codes import CodeBook, CodeList
    from domain.fields import Field, Kind

YES: Final = frozenset({"是", "有", "y", "yes", "true", "1", "√", "对", "☑"})
NO: Final = frozenset({"否", "无", "n", "no", "false", "0", "×", "不", "☐"})
EMPTY: Final = frozenset({"", "-", "--", "—", "——", "/", "n/a", "null", "none"})
UNITS: Final = {
    "元": decimal.Decimal(1),
    "千元": decimal.Decimal(1_000),
    "万元": decimal.Decimal(10_000),
    "百万元": decimal.Decimal(1_000_000),
    "亿元": decimal.Decimal(100_000_000),
    "万": decimal.Decimal(10_000),
    "亿": decimal.Decimal(100_000_000),
}
_AMOUNT = re.compile(
    r"^(?:人民币|¥|￥|RMB|CNY)?\s*([+-]?[\d,]*\.?\d+)\s*(百万元|千元|万元|亿元|元|万|亿)?(?:人民币|整)?$"
)
_DAY = re.compile(r"^(\d{4})[-./年](\d{1,2})[-./月](\d{1,2})日?(?:[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?$")
_COMPACT_DAY = re.compile(r"^(\d{4})(\d{2})(\d{2})$")
_PARTIAL = re.compile(r"^(\d{4})(?:[-./年](?:(\d{1,2})(?:[-./月](?:(\d{1,2})日?)?)?)?)?$")
_PLAIN_NUMBER = re.compile(r"^[+-]?(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d+)?$")
_SPREADSHEET_EPOCH = dt.date(1899, 12, 30)
_SPREADSHEET_DAYS = range(10_000, 80_000)  # 1927 to 2119: a bare year is no serial day number
_NOISE = decimal.Decimal("0.000001")  # what a spreadsheet's binary fractions add to 35.6
_STRONG_SEPARATORS = re.compile(r"[;；\n]+")
_WEAK_SEPARATORS = re.compile(r"[,，、/|]+")
_BRACKETED_CODE = re.compile(r"^.*[(（]([^()（）]+)[)）]$", re.DOTALL)
_LONG_NUMBER = 11
_UNSEEN = frozenset({"Cc", "Cs"})


class UnreadableError(ValueError):
    """The text is not a value of its field; carries the problem to show."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


def fold(text: str) -> str:
    """Return the text with full-width forms made narrow and outer spaces gone (NFKC)."""
    return unicodedata.normalize("NFKC", text).strip()


def is_empty(value: object) -> bool:
    """Tell whether nothing was said: None, blanks, or the dashes people put into empty cells."""
    return value is None or value == () or (isinstance(value, str) and fold(value).lower() in EMPTY)


def parse(
    field: Field, raw: object, codes: CodeBook, *, on: dt.date, scale: decimal.Decimal | None = None
) -> Any:
    """Return the value of ``field`` that ``raw`` means, or None when nothing was said.

    ``scale`` is the unit a table header gave (10 000 for 万元); ``on`` the day at which codes must be valid.
    Raises ``UnreadableError``. Reading a text twice changes nothing: ``parse(show(parse(x))) == parse(x)``.
    """
    if is_empty(raw):
        return None
    if field.kind == "money":
        return _amount(field, raw, scale)
    value = _READERS[field.kind](field, raw, codes, on)
    return None if field.kind in ("text", "note") and is_empty(value) else value


def _text(field: Field, raw: object, _codes: CodeBook, _on: dt.date) -> str:
    if isinstance(raw, float) and raw.is_integer():
        raw = int(raw)
    if isinstance(raw, dt.datetime):
        raw = raw.date()
    lines = str(raw).replace("\t", " ").splitlines()
    joined = (" " if field.kind == "text" else "\n").join(map(_printable, lines))
    text = standard(joined).strip()
    if field.format in ("credit-code", "patent-number", "citizen-id"):
        return fold(fold(text).upper()).replace(" ", "")
    if field.format == "partial-day":
        return "" if is_empty(text) else partial_day(field, text)
    return fold(text) if field.format else text


def _printable(line: str) -> str:
    """Return a line without what no one can have meant: control characters and half surrogates."""
    return "".join(letter for letter in line if unicodedata.category(letter) not in _UNSEEN)


def partial_day(field: Field, raw: str) -> str:
    """Return a year, month or day as an ISO prefix: 2013, 2013-05 or 2013-05-06."""
    folded = fold(raw).removesuffix(" 00:00:00")
    found = _PARTIAL.match(folded) or _COMPACT_DAY.match(folded)
    if not found:
        raise UnreadableError(Problem(field.name, "partial-day", {"value": raw}))
    year, month, day = (int(part) if part else None for part in found.groups())
    try:
        dt.date(year or 1, month or 1, day or 1)
    except ValueError as error:
        raise UnreadableError(Problem(field.name, "no-such-day", {"value": raw})) from error
    return "-".join([f"{year:04d}", *(f"{part:02d}" for part in (month, day) if part)])


def _choice(field: Field, raw: object, codes: CodeBook, on: dt.date) -> str:
    text = _text(field, raw, codes, on)
    code = _code_meant(codes[field.codes], text, on)
    if code is None:
        raise UnreadableError(
            Problem(field.name, "unknown-code", {"value": str(raw), "list": codes[field.codes].label})
        )
    return code


def _code_meant(known: CodeList, text: str, on: dt.date) -> str | None:
    """Return the code of a code, label, alias or path, or of what ``show`` wrote, valid on that day."""
    bracketed = _BRACKETED_CODE.match(text)
    candidates = (known.find(text, on), known.find(text), bracketed and bracketed[1])
    return next((code for code in candidates if code and known.valid(code, on)), None)


def _choices(field: Field, raw: object, codes: CodeBook, on: dt.date) -> tuple[str, ...]:
    parts = raw if isinstance(raw, (list, tuple)) else _STRONG_SEPARATORS.split(str(raw))
    found: list[str] = []
    for part in parts:
        # Labels may hold weak separators (生物、医药与医疗器械), so the whole part is tried first.
        whole = _code_meant(codes[field.codes], str(part), on)
        if whole:
            found.append(whole)
            continue
        pieces = (piece for piece in _WEAK_SEPARATORS.split(str(part)) if not is_empty(piece))
        found.extend(_choice(field, piece, codes, on) for piece in pieces)
    return tuple(dict.fromkeys(found))


def _amount(field: Field, raw: object, scale: decimal.Decimal | None) -> decimal.Decimal:
    found = _AMOUNT.match(fold(_digits(raw)).replace(" ", ""))
    if not found:
        raise UnreadableError(Problem(field.name, "not-an-amount", {"value": str(raw)}))
    digits, unit = found.groups()
    amount = decimal.Decimal(digits.replace(",", "")) * (UNITS[unit] if unit else scale or 1)
    return _settled(field, raw, amount, "finer-than-fen")


def _number(field: Field, raw: object, _codes: CodeBook, _on: dt.date) -> decimal.Decimal:
    text = fold(_digits(raw)).removesuffix("%")
    if field.unit_label:
        text = text.removesuffix(field.unit_label)
    if not _PLAIN_NUMBER.match(text.strip()):
        raise UnreadableError(Problem(field.name, "not-a-number", {"value": str(raw)}))
    return _settled(field, raw, decimal.Decimal(text.replace(",", "")), "too-fine")


def _digits(raw: object) -> str:
    """Return a spreadsheet's number without an exponent, anything else as it stands."""
    return format(decimal.Decimal(repr(raw)), "f") if isinstance(raw, float) else str(raw)


def _settled(field: Field, raw: object, value: decimal.Decimal, too_fine: str) -> decimal.Decimal:
    """Return the value with the field's decimals; a number that needs more of them is refused."""
    try:
        settled = value.quantize(decimal.Decimal(1).scaleb(-field.places), decimal.ROUND_HALF_UP)
    except decimal.InvalidOperation as error:  # more digits than a decimal is reckoned with
        params = {"value": str(raw), "high": "10^20"}
        raise UnreadableError(Problem(field.name, "too-high", params)) from error
    if abs(settled - value) > (_NOISE if isinstance(raw, float) else 0):
        params = {"value": str(raw), "places": str(field.places)}
        raise UnreadableError(Problem(field.name, too_fine, params))
    return settled + 0  # no negative zero


def _day(field: Field, raw: object, _codes: CodeBook, _on: dt.date) -> dt.date:
    if isinstance(raw, dt.datetime):
        return raw.date()
    if isinstance(raw, dt.date):
        return raw
    text = fold(_digits(raw)).removesuffix(".0")
    if text.isdecimal() and len(text) < len("20260305") and int(text) in _SPREADSHEET_DAYS:
        return _SPREADSHEET_EPOCH + dt.timedelta(days=int(text))
    found = _DAY.match(text) or _COMPACT_DAY.match(text)
    if not found:
        raise UnreadableError(Problem(field.name, "not-a-day", {"value": str(raw)}))
    try:
        return dt.date(*(int(part) for part in found.groups()))
    except ValueError as error:
        raise UnreadableError(Problem(field.name, "no-such-day", {"value": str(raw)})) from error


def _ref(field: Field, raw: object, _codes: CodeBook, _on: dt.date) -> uuid.UUID:
    if isinstance(raw, uuid.UUID):
        return raw
    try:
        return uuid.UUID(str(raw).strip())
    except ValueError as error:
        raise UnreadableError(Problem(field.name, "unknown-record", {"value": str(raw)})) from error


def _flag(field: Field, raw: object, _codes: CodeBook, _on: dt.date) -> bool:
    word = fold(str(raw)).lower().removesuffix(".0")
    if word in YES or word in NO:
        return word in YES
    raise UnreadableError(Problem(field.name, "not-yes-or-no", {"value": str(raw)}))


_READERS: dict[Kind, Callable[[Field, object, CodeBook, dt.date], Any]] = {
    "text": _text,
    "note": _text,
    "choice": _choice,
    "choices": _choices,
    "money": lambda field, raw, _codes, _on: _amount(field, raw, None),
    "number": _number,
    "day": _day,
    "ref": _ref,
    "flag": _flag,
}


def show(field: Field, value: Any, codes: CodeBook) -> str:
    """Return the value as a person writes it; the empty text for nothing.

    Amounts are exact yuan with two decimals; lists choose shorter units themselves.
    """
    if value is None or value == ():
        return ""
    return _WRITERS[field.kind](field, value, codes)


def _shown_code(known: CodeList, code: str) -> str:
    """Return the shortest words that mean this code alone: its label, its path, or its label with the code.

    Half of the names of regions belong to several places or times (朝阳区 lies in Beijing and Changchun).
    """
    label = known.label_of(code)
    if known.find(label) == code:
        return label
    path = known.path(code)
    return path if known.find(path) == code else f"{label}（{code}）"


_WRITERS: dict[Kind, Callable[[Field, Any, CodeBook], str]] = {
    "text": lambda _field, value, _codes: str(value),
    "note": lambda _field, value, _codes: str(value),
    "choice": lambda field, value, codes: _shown_code(codes[field.codes], value),
    "choices": lambda field, value, codes: "；".join(_shown_code(codes[field.codes], code) for code in value),
    "money": lambda _field, value, _codes: f"{value:,.2f}",
    "number": lambda field, value, _codes: f"{value:,.{field.places}f}",
    "day": lambda _field, value, _codes: value.isoformat(),
    "ref": lambda _field, value, _codes: str(value),
    "flag": lambda _field, value, _codes: "是" if value else "否",
}


def mask(field: Field, shown: str) -> str:
    """Return personal text with its middle hidden: 3 + 4 of a number, the family name of a person."""
    if not field.personal or not shown:
        return shown
    if len(shown) >= _LONG_NUMBER:
        return f"{shown[:3]}{'*' * (len(shown) - 7)}{shown[-4:]}"
    return f"{shown[:1]}{'*' * (len(shown) - 1)}"
