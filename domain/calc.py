"""The pure rules by name, JSON in and JSON out, so that any program can ask the desk for a figure.

Amounts and percentages are exact strings in the answer; in a question they may be JSON numbers or text as
people type it (full width, thousands separators). Every unreadable part of a question is named at once.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from domain import amounts, calendar_days, identifiers, ratios
from domain.codes import CodeBook
from domain.fields import Field
from domain.problems import Problem, Refusal, refuse
from domain.values import UnreadableError, is_empty, parse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from domain.calendar_days import WorkCalendar

    Answer = dict[str, Any]

_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)?(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?")
_LARGEST_POWER: Final = 40
_MOST_DECIMALS: Final = 10


class _Question:
    """Reads the parts of a question and keeps what is wrong with them until ``settle``."""

    def __init__(self, given: Mapping[str, Any], calendar: WorkCalendar) -> None:
        self.given = given
        self.calendar = calendar
        self.problems: list[Problem] = []

    def settle(self) -> None:
        """Refuse the question if any part of it could not be read."""
        if self.problems:
            raise Refusal(self.problems)

    def _object(self, name: str, code: str, label: str, **params: str) -> None:
        self.problems.append(Problem(name, code, {"label": label, **params}))

    def text(self, name: str, label: str) -> str:
        """Return a text as it was given; whole JSON numbers count as text, for numbers are often keyed so."""
        value = self.given.get(name)
        if isinstance(value, str):
            return value
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        self._object(name, "required", label)
        return ""

    def number(self, name: str, label: str) -> Decimal:
        value = self.given.get(name)
        if is_empty(value):
            self._object(name, "required", label)
            return Decimal(0)
        return self._decimal(name, label, value)

    def _decimal(self, name: str, label: str, value: object) -> Decimal:
        text = "" if isinstance(value, bool) else unicodedata.normalize("NFKC", str(value)).strip()
        text = text.removesuffix("%").strip()
        if _NUMBER.fullmatch(text) and any(c.isdigit() for c in text):
            number = Decimal(text.replace(",", ""))
            if abs(number.adjusted()) <= _LARGEST_POWER and len(number.as_tuple().digits) <= _LARGEST_POWER:
                return number
        self._object(name, "not-a-number", label, value=str(value)[:_LARGEST_POWER])
        return Decimal(0)

    def numbers(self, name: str, label: str) -> list[Decimal]:
        values = self.given.get(name)
        if not isinstance(values, (list, tuple)):
            self._object(name, "required", label)
            return []
        return [self._decimal(f"{name}[{i}]", f"{label}第{i + 1}项", value) for i, value in enumerate(values)]

    def whole(self, name: str, label: str, *, high: int) -> int:
        """Return a whole number from 0 to ``high``."""
        value = self.number(name, label)
        if value != value.to_integral_value():
            self._object(name, "too-fine", label, value=f"{value:f}", places="0")
        elif value < 0:
            self._object(name, "too-low", label, low="0", value=f"{value:f}")
        elif value > high:
            self._object(name, "too-high", label, high=str(high), value=f"{value:f}")
        return int(value)

    def day(self, name: str, label: str) -> dt.date:
        field = Field("day", label, name=name)
        try:
            found = parse(field, self.given.get(name), CodeBook({}), on=dt.date.min)
        except UnreadableError as error:
            self._object(name, error.problem.code, label, **error.problem.params)
        else:
            if isinstance(found, dt.date):
                return found
            self._object(name, "required", label)
        return dt.date.min


def _credit_code(ask: _Question) -> Answer:
    code = ask.text("code", "统一社会信用代码")
    ask.settle()
    verdict = identifiers.credit_code(code)
    return {"valid": verdict.valid, "problem": verdict.problem or None}


def _citizen_id(ask: _Question) -> Answer:
    number = ask.text("number", "身份证号码")
    ask.settle()
    verdict = identifiers.citizen_id(number)
    return {
        "valid": verdict.valid,
        "birth": verdict.birth.isoformat() if verdict.birth else None,
        "sex": verdict.sex,
        "warning": verdict.warning or None,
        "problem": verdict.problem or None,
    }


def _patent_number(ask: _Question) -> Answer:
    number = ask.text("number", "专利号")
    ask.settle()
    verdict = identifiers.patent_number(number)
    return {
        "valid": verdict.valid,
        "kind": verdict.kind,
        "granted": verdict.granted,
        "problem": verdict.problem or None,
    }


def _amount_in_capitals(ask: _Question) -> Answer:
    yuan = ask.number("yuan", "金额")
    ask.settle()
    try:
        return {"text": amounts.amount_in_capitals(yuan)}
    except ValueError as error:
        shown = f"{yuan:f}"
        if 0 <= yuan <= amounts.LARGEST:
            raise refuse("yuan", "finer-than-fen", label="金额", value=shown) from error
        why = f"金额：{shown} 不能大写，应为 0 至 {amounts.LARGEST:,f} 元"
        raise refuse("yuan", "plain", why=why) from error


def _natural_days(ask: _Question) -> Answer:
    start, days = _period(ask)
    return {"end": calendar_days.natural_days(start, days).isoformat()}


def _working_days(ask: _Question) -> Answer:
    start, days = _period(ask)
    found = calendar_days.working_days(start, days, ask.calendar)
    # A year without an official calendar is said, never guessed in silence.
    return {"end": found.end.isoformat(), **({} if found.certain else {"certain": False})}


def _period(ask: _Question) -> tuple[dt.date, int]:
    start = ask.day("start", "起始日")
    days = ask.whole("days", "天数", high=calendar_days.LONGEST)
    ask.settle()
    return start, days


def _share(ask: _Question) -> Answer:
    part, whole = ask.number("part", "部分"), ask.number("whole", "总体")
    ask.settle()
    return {"pct": _plain(ratios.share(part, whole))}


def _growth(ask: _Question) -> Answer:
    previous, now = ask.number("prev", "上期"), ask.number("now", "本期")
    ask.settle()
    return {"pct": _plain(ratios.growth(previous, now))}


def _premium(ask: _Question) -> Answer:
    start, deal = ask.number("start", "起拍价"), ask.number("deal", "成交价")
    ask.settle()
    return {"pct": _plain(ratios.premium(start, deal))}


def _sum_check(ask: _Question) -> Answer:
    values = ask.numbers("values", "各项")
    published = None if is_empty(ask.given.get("published")) else ask.number("published", "公布合计")
    ask.settle()
    checked = ratios.sum_check(values, published)
    return {"sum": _plain(checked.total), "difference": _plain(checked.difference)}


def _growth_reachable(ask: _Question) -> Answer:
    now = ask.whole("now", "本期项数", high=10**_LARGEST_POWER)
    percent = ask.number("pct", "公布增速")
    places = ask.whole("decimals", "小数位数", high=_MOST_DECIMALS)
    ask.settle()
    found = ratios.growth_reachable(now, percent, places)
    return {"reachable": found.reachable, "nearest": [_plain(value) for value in found.nearest]}


def _plain(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"


KINDS: Final[Mapping[str, Callable[[_Question], Answer]]] = {
    "credit_code": _credit_code,
    "citizen_id": _citizen_id,
    "patent_number": _patent_number,
    "amount_in_capitals": _amount_in_capitals,
    "natural_days": _natural_days,
    "working_days": _working_days,
    "share": _share,
    "growth": _growth,
    "premium": _premium,
    "sum_check": _sum_check,
    "growth_reachable": _growth_reachable,
}


def calc(kind: str, given: Mapping[str, Any], calendar: WorkCalendar = calendar_days.OFFICIAL) -> Answer:
    """Answer one question by the rule of its kind.

    Raises:
        Refusal: the kind is unknown, or parts of the question are missing or unreadable.
    """
    if kind not in KINDS:
        raise refuse("kind", "plain", why=f"没有“{kind}”这种计算，可用的有：{'、'.join(KINDS)}")
    try:
        return KINDS[kind](_Question(given, calendar))
    except OverflowError as error:
        raise refuse("days", "plain", why="天数：期限超出日历范围（公元9999年）") from error
