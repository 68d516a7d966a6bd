"""Why a record is refused: one checker and one list of words for form, import, command line and server."""

from __future__ import annotations

import dataclasses
import datetime as dt
import decimal
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from domain import identifiers
from domain.fields import RECORD_TYPES, Field, Format, Kind, RecordType, Values

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from domain.codes import CodeBook

CLASSIFIED: Final = "classified"
"""Code of the secrecy list that may not enter this program (涉密: refused at the field, 国家秘密)."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one field: a code from ``MESSAGES`` and what the sentence needs."""

    field: str
    code: str
    params: Mapping[str, str] = dataclasses.field(default_factory=dict)

    @property
    def warning(self) -> bool:
        """Tell whether the record may be saved all the same."""
        return self.code in WARNINGS


class Refusal(Exception):  # noqa: N818 - a refusal is an answer, not an error of the program
    """An expected no: the user can mend every problem it carries, and sees all of them at once."""

    def __init__(self, problems: Iterable[Problem], *, record_type: RecordType | None = None) -> None:
        self.problems = tuple(problems)
        self.record_type = record_type
        super().__init__("; ".join(self.messages()))

    def messages(self) -> list[str]:
        """Return one Chinese sentence for each problem."""
        return [message(problem, self.record_type) for problem in self.problems]


def refuse(name: str, code: str, /, **params: str) -> Refusal:
    """Build the refusal of one problem that belongs to no record type."""
    return Refusal([Problem(name, code, params)])


MESSAGES: Final[Mapping[str, str]] = {
    "required": "{label}：必填，请填写{example}",
    "too-long": "{label}：最多 {max} 个字，现有 {length} 个，请删减",
    "unknown-code": "{label}：“{value}”不在“{list}”中，请从列表选择",
    "code-out-of-date": "{label}：“{value}”在 {on} 不是有效代码，请改选当日有效的代码",
    "not-an-amount": "{label}：“{value}”不是金额，例如 12000.50 或 1.2万元",
    "finer-than-fen": "{label}：“{value}”不足一分，金额最多精确到分，例如 12000.50",
    "too-low": "{label}：不能小于 {low}，现为 {value}",
    "too-high": "{label}：不能大于 {high}，现为 {value}",
    "not-a-number": "{label}：“{value}”不是数字，例如 120",
    "unclear-percentage": ("{label}：“{value}”分不清是百分之几，请在表头注明（%），或写成文字，例如 75%"),
    "too-fine": "{label}：“{value}”小数过多，最多 {places} 位小数",
    "not-a-day": "{label}：“{value}”不是日期，例如 2026-03-05 或 2026年3月5日",
    "no-such-day": "{label}：“{value}”在日历上不存在，请核对月和日",
    "partial-day": "{label}：“{value}”不是年份、年月或日期，例如 2026、2026-03 或 2026-03-05",
    "not-yes-or-no": "{label}：“{value}”应填“是”或“否”",
    "unknown-record": "{label}：找不到“{value}”对应的记录，请先建立或从列表选择",
    "credit-code": "{label}：{why}，例如 12100000425006117P",
    "citizen-id": "{label}：{why}，应为 18 位，例如 11010519491231002X",
    "patent-number": "{label}：{why}，例如 ZL201910603565.1",
    "phone": "{label}：“{value}”不是电话号码，例如 13800138000 或 010-62345678",
    "email": "{label}：“{value}”不是邮箱地址，例如 name@example.cn",
    "web": "{label}：“{value}”不是网址，例如 https://www.example.cn",
    "sha256": "{label}：“{value}”不是 SHA-256 摘要（64 位十六进制）",
    "classified": "{label}：涉密内容不得录入本系统，请按保密规定在涉密计算机上处理",
    "end-before-start": "{label}：不能早于{other}（{start}）",
    "technical-above-deal": (
        "{label}：技术交易额 {technical} 元大于成交额 {deal} 元；技术交易额应大于 0 且不超过成交额"
    ),
    "not-positive": "{label}：应大于 0，现为 {value}",
    "paid-above-deal": "{label}：实际成交额 {paid} 元大于成交额 {deal} 元，请核对到账",
    "same-party": "{label}：买方与卖方是同一单位，请核对",
    "too-many-words": "{label}：最多 {max} 个关键词，现有 {count} 个",
    "shares-not-whole": "{label}：各方比例合计 {total}%，应为 100%",
    "personal-number": "{label}：看上去是身份证号码，请填入证件号码栏，其他栏不得出现",
    "duplicate": "{label}：与已有记录“{other}”相同",
    "not-found": "{label}：找不到“{value}”",
    "in-use": "{label}：还有 {count} 条记录引用它，请先解除关联：{others}",
    "nothing-to-undo": "没有可以撤销的操作",
    "nothing-to-redo": "没有可以重做的操作",
    "changed-since": "“{label}”之后又被修改过，不能直接撤销；请在历史记录中查看",
    "region-unknown": "{label}：“{value}”不在“{list}”中，只记到“{taken}”",
    "total-row": "“{value}”是合计或说明，不是一条记录",
    "too-many-cells": "这一行有 {count} 格，标题行只有 {max} 格，请检查是否多了分隔符",
    "ambiguous-record": "{label}：有 {count} 条记录叫“{value}”，请改填其编号",
    "file-missing": "找不到文件“{name}”，请重新选择",
    "file-empty": "“{name}”是空文件，请重新选择",
    "file-too-large": "“{name}”有 {size} MB，最多 {max} MB，请拆成几个文件再导入",
    "file-not-a-table": "“{name}”不是 XLSX 或 CSV 表格，请另存为 .xlsx 再导入",
    "file-locked": "“{name}”是加密的工作簿或旧式 .xls，请去掉密码并另存为 .xlsx 再导入",
    "file-damaged": "“{name}”已损坏，无法读取，请用表格软件打开并重新保存",
    "file-bomb": "“{name}”不能打开：{why}，可能是压缩炸弹；请用表格软件重新保存",
    "file-sparse": "“{name}”的表格区域超过 {max} 万格，请删除空白的行和列再导入",
    "file-binary": "“{name}”不是文本，请另存为 .xlsx 或 UTF-8 的 CSV 再导入",
    "file-encoding": (
        "“{name}”不是 UTF-8 或 GB18030 编码，第 {offset} 个字节无法识别，请另存为 UTF-8 的 CSV 再导入"
    ),
    "file-quotes": "“{name}”第 {line} 行的引号不成对或单元格过长，请检查这一行",
    "missing-columns": "缺少必填列：{missing}；表中的列是：{found}。请改列名，或指定列与栏目的对应关系",
    "file-kind": "“{name}”应以 .xlsx 或 .csv 结尾",
    "file-not-writable": "无法写入“{name}”，请检查它是否正被其他程序打开、文件夹是否可以写入",
    "plain": "{why}",
}
WARNINGS: Final = frozenset({"paid-above-deal", "same-party", "shares-not-whole", "region-unknown"})


def message(problem: Problem, record_type: RecordType | None = None) -> str:
    """Return the Chinese sentence a user reads: the field, what is wrong, and an example."""
    known = record_type[problem.field] if record_type and problem.field in record_type else None
    words = {
        "label": known.label if known else problem.field,
        "example": f"，例如 {known.example}" if known and known.example else "",
        **problem.params,
    }
    template = MESSAGES.get(problem.code, "{label}：" + problem.code)
    return re.sub(r"\{(\w+)\}", lambda found: str(words.get(found[1], "")), template)


def problems(record_type: RecordType, values: Values, codes: CodeBook, *, on: dt.date) -> list[Problem]:
    """Return everything that is wrong with the values, field by field and then across fields.

    Codes must be valid at the record's own date (``dated_by``) or, where it has none, at ``on``.
    """
    dated = values.get(record_type.dated_by) if record_type.dated_by else None
    when = dated if isinstance(dated, dt.date) else on
    found: list[Problem] = []
    for known in record_type.fields:
        value = values.get(known.name)
        if _says_nothing(value):
            if known.required:
                found.append(Problem(known.name, "required"))
            continue
        found.extend(_KIND_CHECKS[known.kind](known, value, codes, when))
        if known.format:
            found.extend(_FORMAT_CHECKS[known.format](known, value))
    if record_type.rules:
        found.extend(record_type.rules(values))
    return found


def _says_nothing(value: Any) -> bool:
    return value is None or value == () or (isinstance(value, str) and not value.strip())


def demand_sound(record_type: RecordType, values: Values, codes: CodeBook, *, on: dt.date) -> list[Problem]:
    """Raise a ``Refusal`` with all errors; return the warnings that do not stop a save."""
    found = problems(record_type, values, codes, on=on)
    if any(not problem.warning for problem in found):
        raise Refusal([p for p in found if not p.warning], record_type=record_type)
    return found


def _check_text(known: Field, value: Any, _codes: CodeBook, _on: dt.date) -> Iterable[Problem]:
    if known.max and len(value) > known.max:
        yield Problem(known.name, "too-long", {"max": str(known.max), "length": str(len(value))})
    if known.format != "citizen-id" and not known.personal and _hides_citizen_id(value):
        yield Problem(known.name, "personal-number")


def _hides_citizen_id(value: str) -> bool:
    """Tell whether an 18-digit citizen number with a true check digit stands in ordinary text."""
    found = re.findall(r"(?<![0-9A-Za-z])\d{17}[\dXx](?![0-9A-Za-z])", value)
    return any(identifiers.citizen_id(number).valid for number in found)


def _check_code(known: Field, value: Any, codes: CodeBook, on: dt.date) -> Iterable[Problem]:
    if known.codes == "secrecy" and value == CLASSIFIED:
        yield Problem(known.name, "classified")
    elif value not in codes[known.codes]:
        yield Problem(known.name, "unknown-code", {"value": str(value), "list": codes[known.codes].label})
    elif not codes[known.codes].valid(value, on):
        label = codes[known.codes].label_of(value)
        yield Problem(known.name, "code-out-of-date", {"value": label, "on": on.isoformat()})


def _check_codes(known: Field, value: Any, codes: CodeBook, on: dt.date) -> Iterable[Problem]:
    for code in value:
        yield from _check_code(known, code, codes, on)


def _check_number(known: Field, value: Any, _codes: CodeBook, _on: dt.date) -> Iterable[Problem]:
    if not decimal.Decimal(value).is_finite():
        yield Problem(known.name, "not-a-number", {"value": f"{value}"})
        return
    low, high = known.low, _highest(known)
    if low is not None and value < low:
        yield Problem(known.name, "too-low", {"low": f"{low}", "value": f"{value}"})
    elif value > high or value < -high:
        yield Problem(known.name, "too-high", {"high": f"{high}", "value": f"{value}"})
    elif round(value, known.places) != value:
        code = "finer-than-fen" if known.kind == "money" else "too-fine"
        yield Problem(known.name, code, {"value": f"{value}", "places": f"{known.places}"})


def _highest(known: Field) -> decimal.Decimal:
    """Return the field's limit, at most what a store can count: 64-bit integers of the smallest part."""
    storable = decimal.Decimal(10) ** (18 - known.places)
    return storable if known.high is None else min(known.high, storable)


def _no_check(_known: Field, _value: Any, _codes: CodeBook, _on: dt.date) -> Iterable[Problem]:
    return ()


_KIND_CHECKS: dict[Kind, Callable[[Field, Any, CodeBook, dt.date], Iterable[Problem]]] = {
    "text": _check_text,
    "note": _check_text,
    "choice": _check_code,
    "choices": _check_codes,
    "money": _check_number,
    "number": _check_number,
    "day": _no_check,
    "ref": _no_check,
    "flag": _no_check,
}


def _check_by(rule: Callable[[str], Any], code: str) -> Callable[[Field, Any], Iterable[Problem]]:
    def check(known: Field, value: Any) -> Iterable[Problem]:
        verdict = rule(str(value))
        if not verdict.valid:
            yield Problem(known.name, code, {"why": verdict.problem or "不是有效号码"})

    return check


def _check_pattern(pattern: str, code: str) -> Callable[[Field, Any], Iterable[Problem]]:
    expected = re.compile(pattern)

    def check(known: Field, value: Any) -> Iterable[Problem]:
        if not expected.fullmatch(str(value)):
            yield Problem(known.name, code, {"value": str(value)})

    return check


def _check_partial_day(known: Field, value: Any) -> Iterable[Problem]:
    """Check a year, month or day: what it leaves out is taken for January and the first."""
    told = re.fullmatch(r"[0-9]{4}(-[0-9]{2}){0,2}", str(value))
    try:
        dt.date.fromisoformat(f"{value}-01-01"[: len("2026-03-05")] if told else "")
    except ValueError:
        yield Problem(known.name, "partial-day", {"value": str(value)})


_FORMAT_CHECKS: dict[Format, Callable[[Field, Any], Iterable[Problem]]] = {
    "credit-code": _check_by(identifiers.credit_code, "credit-code"),
    "citizen-id": _check_by(identifiers.citizen_id, "citizen-id"),
    "patent-number": _check_by(identifiers.patent_number, "patent-number"),
    "partial-day": _check_partial_day,
    "phone": _check_pattern(r"\+?\d[\d\s()（）-]{5,24}(?:转\d{1,6})?", "phone"),
    "email": _check_pattern(r"[^@\s]+@[^@\s]+\.[^@\s]+", "email"),
    "web": _check_pattern(r"https?://\S+\.\S+", "web"),
    "sha256": _check_pattern(r"[0-9a-f]{64}", "sha256"),
}


def ordered(values: Values, start: str, end: str, start_label: str) -> Iterable[Problem]:
    """Yield the problem of an end that lies before its start; a rule shared by many record types.

    Partial days are compared as far as both are told: 2024 does not end before 2024-05.
    """
    first, last = values.get(start), values.get(end)
    if not first or not last:
        return
    told = min(len(first), len(last)) if isinstance(first, str) else None
    if (last < first) if told is None else (last[:told] < first[:told]):
        yield Problem(end, "end-before-start", {"other": start_label, "start": str(first)})


def explain(refusal: Refusal, record_type: str) -> list[str]:
    """Return the sentences of a refusal with the labels of the named record type."""
    return [message(problem, RECORD_TYPES[record_type]) for problem in refusal.problems]
