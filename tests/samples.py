"""Draws values for any record type from its declaration, so that a new field is tested by being declared."""

from __future__ import annotations

import datetime as dt
import functools
import random
import uuid
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from desktop import paths

if TYPE_CHECKING:
    from collections.abc import Callable

    from domain.fields import Field, Kind, RecordType

ON = dt.date(2026, 3, 2)
CODES = paths.code_book()
WORDS = ("技术转移", "绿色制造", "成果", "单片机", "音乐", "ZL2019", "A-1", "α粒子", "專利", "ＡＢＣ", "100%")
LARGEST = Decimal(10**9)

# What people type into this program, and what breaks programs: marks, width, blanks, other scripts.
TEXTS = st.text(
    st.one_of(
        st.sampled_from("技术转移單仇曾解查區覃樂乐浙江大学专利号ＺＬabcXYZ0123456789①㎡²Ω"),
        st.sampled_from(" \t\n-—/、；,.（）·￥%\u3000\u0301\u200b\U0001f600𠮷ßǰİ"),
        st.characters(exclude_categories=["Cs"]),
    ),
    max_size=40,
)


def _text(field: Field, chance: random.Random) -> str:
    return "".join(chance.choices(WORDS, k=chance.randint(1, 3)))[: field.max]


def _decimal(field: Field, chance: random.Random) -> Decimal:
    low, high = (field.low or Decimal(0)), (field.high or LARGEST)
    return Decimal(chance.randint(int(low), int(high))).quantize(Decimal(1).scaleb(-field.places))


@functools.cache
def codes_of(name: str) -> tuple[str, ...]:
    """Return the codes of a list that a record may hold today."""
    return tuple(entry.code for entry in CODES[name].entries(ON) if entry.code != "classified")


DRAWS: dict[Kind, Callable[[Field, random.Random], Any]] = {
    "text": _text,
    "note": _text,
    "choice": lambda field, chance: chance.choice(codes_of(field.codes)),
    "choices": lambda field, chance: tuple(dict.fromkeys(chance.choices(codes_of(field.codes), k=2))),
    "money": _decimal,
    "number": _decimal,
    "day": lambda _field, chance: dt.date(1990, 1, 1) + dt.timedelta(days=chance.randint(0, 30_000)),
    "ref": lambda _field, chance: uuid.UUID(int=chance.getrandbits(128)),
    "flag": lambda _field, chance: chance.random() < 0.5,
}


def draw_values(record_type: RecordType, seed: int) -> dict[str, Any]:
    """Draw values of the right kinds, about half of those that may be left out."""
    chance = random.Random(seed)  # noqa: S311 - examples need no secrets
    fields = [f for f in record_type.fields if f.required or chance.random() < 0.5]
    return {f.name: DRAWS[f.kind](f, chance) for f in fields}
