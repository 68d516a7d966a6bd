"""Numbers people key in from paper (organisations, citizens, patents), checked before they spread.

Every rule accepts what a hand or a spreadsheet makes of a number (full width, lower case, spaces) and says
in Chinese what is wrong with it, as a clause that a longer sentence can hold.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from stdnum.cn import ric, uscc
from stdnum.exceptions import ValidationError

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

PatentKind = Literal["invention", "utility", "design", "pct", "publication"]
Sex = Literal["男", "女"]

CODE_LENGTH = 18
CREDIT_CODE_CHARACTERS = frozenset("0123456789ABCDEFGHJKLMNPQRTUWXY")
REGISTRARS = {
    "1": "1239",
    "2": "19",
    "3": "123459",
    "4": "19",
    "5": "12349",
    "6": "129",
    "7": "129",
    "8": "19",
    "9": "123",
    "A": "19",
    "N": "1239",
    "Y": "1",
}
"""Registering authority and the kinds of body it registers: GB 32100-2015 table 1; 54 (village and
residents' committees) was added by the civil affairs authority in 2017."""

ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
PATENT_KINDS: dict[str, PatentKind] = {
    "1": "invention",
    "2": "utility",
    "3": "design",
    "8": "pct",
    "9": "pct",
}
LAST_YEAR_WITHOUT_CHECK_DIGIT = 1988
FIRST_YEAR, CHANGE_OF_FORM = 1985, 2003
LONG_BODY = 12


@dataclass(frozen=True, slots=True)
class CreditCode:
    """The verdict on a 统一社会信用代码; ``problem`` is empty when it is valid."""

    valid: bool
    problem: str = ""
    warning: str = ""


@dataclass(frozen=True, slots=True)
class CitizenId:
    """The verdict on a 公民身份号码 and what the number says about the person."""

    valid: bool
    problem: str = ""
    birth: dt.date | None = None
    sex: Sex | None = None
    warning: str = ""


@dataclass(frozen=True, slots=True)
class PatentNumber:
    """The verdict on a patent or application number.

    ``kind`` and ``granted`` say what the number claims to be, also when its check digit is wrong; it is
    granted when it carries the prefix ZL.
    """

    valid: bool
    problem: str = ""
    kind: PatentKind | None = None
    granted: bool = False


def compact(number: str) -> str:
    """Return a number as the rules read it: NFKC, upper case, no spaces, hyphens or invisible characters."""
    return "".join(
        character
        for character in unicodedata.normalize("NFKC", number).upper()
        if not character.isspace() and unicodedata.category(character) not in {"Pd", "Cf", "Cc"}
    )


def credit_code(code: str) -> CreditCode:
    """Check a 统一社会信用代码 by GB 32100-2015, digit, registering authority and kind of body.

    The check digit alone is not enough: eighteen zeros pass it. The inner check digit of the organisation
    part (GB 11714) is only a warning, as the registering authority is the one to mend it.
    """
    number = compact(code)
    problem = next(_credit_code_problems(number), "")
    if problem:
        return CreditCode(valid=False, problem=problem)
    if number[16] != _organisation_check(number[8:16]):
        return CreditCode(valid=True, warning="第9至17位主体标识码与其校验码不符，请核对证照")
    return CreditCode(valid=True)


def _credit_code_problems(number: str) -> Iterator[str]:
    """Yield what is wrong, the first being the one to say: later checks rely on the earlier ones."""
    strange = sorted({c for c in number if c not in CREDIT_CODE_CHARACTERS})
    if not number:
        yield "统一社会信用代码为空"
    if len(number) != CODE_LENGTH:
        yield f"统一社会信用代码应为18位，现为{len(number)}位"
    if strange:
        yield f"统一社会信用代码不使用字符“{'、'.join(strange)}”（字母I、O、S、V、Z不用）"
    if number[0] not in REGISTRARS:
        yield f"第1位“{number[0]}”不是登记管理部门代码"
    if number[1] not in REGISTRARS[number[0]]:
        yield f"前两位“{number[:2]}”不是登记管理部门和机构类别代码"
    if not re.fullmatch("[0-9]{6}", number[2:8]) or number[2:4] == "00":
        yield f"第3至8位“{number[2:8]}”不是行政区划码"
    if number[8:17] == "0" * 9:
        yield "第9至17位主体标识码不能全为0"
    expected = uscc.calc_check_digit(number[:17])
    if number[17] != expected:
        yield f"校验码不符，第18位应为“{expected}”，现为“{number[17]}”"


def _organisation_check(body: str) -> str:
    total = sum(weight * int(c, 36) for weight, c in zip(ORGANISATION_WEIGHTS, body, strict=True))
    return "0123456789X"[-total % 11]


def citizen_id(number: str) -> CitizenId:
    """Check a 公民身份号码 by GB 11643-1999: 18 characters, a real date of birth, the check digit.

    An address code that was not in use in the year of birth is only a warning: it changes every year, and
    numbers are given at registration, which may be much later.
    """
    digits = compact(number)
    problem = next(_citizen_id_problems(digits), "")
    if problem:
        return CitizenId(valid=False, problem=problem)
    return CitizenId(
        valid=True,
        birth=ric.get_birth_date(digits),
        sex="男" if int(digits[16]) % 2 else "女",
        warning=_address_warning(digits),
    )


def _citizen_id_problems(digits: str) -> Iterator[str]:
    if not digits:
        yield "身份证号码为空"
    if re.fullmatch("[0-9]{15}", digits):
        yield "15位旧号码自2013年1月1日起停止使用，请填18位号码"
    if len(digits) != CODE_LENGTH:
        yield f"身份证号码应为18位，现为{len(digits)}位"
    if not re.fullmatch("[0-9]{17}[0-9X]", digits):
        yield "身份证号码前17位应为数字，末位为数字或X"
    try:
        ric.get_birth_date(digits)
    except ValidationError:
        yield f"第7至14位“{digits[6:14]}”不是真实日期"
    expected = ric.calc_check_digit(digits)
    if digits[17] != expected:
        yield f"校验码不符，末位应为“{expected}”，现为“{digits[17]}”"


def _address_warning(digits: str) -> str:
    try:
        ric.get_birth_place(digits)
    except (ValidationError, KeyError):
        return f"地址码{digits[:6]}在出生当年的行政区划代码中未见，请核对证件"
    return ""


def patent_number(number: str) -> PatentNumber:
    """Check a Chinese patent or application number, or an international application number.

    Since 2003-10-01 (ZC 0006-2003): year 4, kind 1, serial 7, check digit; before: year 2, kind 1,
    serial 5, check digit, which the numbers of 1985-1988 did not have. Dot and prefix may be missing.
    A publication number (公开号, 公告号) is recognised and refused: it names a paper, not a right.
    """
    text = re.sub("^(专利号|专利申请号|申请号):?", "", compact(number))
    if not text:
        return PatentNumber(valid=False, problem="专利号为空")
    if re.fullmatch(r"PCT/?[A-Z]{2}([0-9]{4}/[0-9]{6}|[0-9]{2}/[0-9]{5})", text):
        return PatentNumber(valid=True, kind="pct")
    if re.fullmatch(r"(ZL|CN)?[0-9]{7,9}[ABCDSUY][0-9]?", text):
        return PatentNumber(valid=False, kind="publication", problem="这是公开（公告）号，不是专利号或申请号")
    shape = re.fullmatch(r"(ZL|CN)?([0-9]{12}|[0-9]{8})(?:\.?([0-9X]))?", text)
    if shape is None:
        return PatentNumber(
            valid=False, problem="专利号应为12位数字加校验位（2003年10月前为8位数字加校验位）"
        )
    prefix, body, check = shape.groups()
    year, kind, serial = _patent_parts(body)
    problem = _patent_problem(body, check, year, serial) if kind else "专利种类码应为1、2、3、8或9"
    return PatentNumber(valid=not problem, problem=problem, kind=kind, granted=prefix == "ZL")


def _patent_parts(body: str) -> tuple[int, PatentKind | None, str]:
    if len(body) == LONG_BODY:
        return int(body[:4]), PATENT_KINDS.get(body[4]), body[5:]
    year = int(body[:2])
    return (1900 if year >= FIRST_YEAR % 100 else 2000) + year, PATENT_KINDS.get(body[2]), body[3:]


def _patent_problem(body: str, check: str | None, year: int, serial: str) -> str:
    if len(body) == LONG_BODY and year < CHANGE_OF_FORM:
        return f"年份“{body[:4]}”不对，2003年10月前的号码只有8位数字加校验位"
    if len(body) != LONG_BODY and year > CHANGE_OF_FORM:
        return f"年份“{body[:2]}”不对，2003年10月起的号码为12位数字加校验位"
    if not int(serial):
        return "流水号不能全为0"
    if check is None:
        return "" if year <= LAST_YEAR_WITHOUT_CHECK_DIGIT else "缺少小数点后的校验位"
    expected = patent_check_digit(body)
    return "" if check == expected else f"校验位不符，应为“{expected}”，现为“{check}”"


def patent_check_digit(body: str) -> str:
    """Return the check digit of the 8 or 12 digits before the dot: weights 2-9, 2-5, modulo 11, 10 is X."""
    total = sum(int(digit) * (2 + place % 8) for place, digit in enumerate(body))
    return "0123456789X"[total % 11]
