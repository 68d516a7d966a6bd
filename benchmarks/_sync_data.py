"""The records of the sync benchmark: achievements with eighteen fields filled, the same for everybody."""

from __future__ import annotations

import datetime as dt
import json
import random
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from domain.registry import wire_types
from domain.wire import to_packed, to_wire

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FIELDS: Final = (
    "title", "technical_field", "field_note", "maturity", "trl", "region", "keywords", "summary", "secrecy",
    "registration_no", "registered_on", "source_project", "funds", "asking_price", "price_note",
    "landing_region", "applied_units", "source",
)  # fmt: skip


def records(count: int, seed: int = 7) -> Iterator[dict[str, Any]]:
    """Yield records of about 650 bytes as JSON, in Chinese."""
    choose = random.Random(seed)
    letters = [chr(code) for code in range(0x4E00, 0x9FA5)]
    choose.shuffle(letters)
    words = ["".join(choose.choices(letters[:700], k=choose.choice((1, 2, 2, 2, 3, 4)))) for _ in range(4000)]
    weights = [1 / (rank + 3) for rank in range(len(words))]
    for number in range(count):
        pool = iter(choose.choices(words, weights, k=40))
        text = ["".join(next(pool) for _ in range(length)) for length in (9, 2, 14, 4, 3, 4)]
        yield {
            "title": text[0],
            "technical_field": choose.choice(("01", "02", "03", "04")),
            "field_note": text[1],
            "maturity": choose.choice(("lab", "pilot", "mass")),
            "trl": str(choose.randrange(1, 10)),
            "region": choose.choice(("210000", "320000", "420000", "110000", "370000")),
            "keywords": "；".join(text[5][:2] + word for word in ("甲", "乙")),
            "summary": text[2] * 2,
            "secrecy": "public",
            "registration_no": f"KJCG{number:08d}",
            "registered_on": dt.date(2025, choose.randrange(1, 13), choose.randrange(1, 29)),
            "source_project": text[3],
            "funds": Decimal(choose.randrange(5, 5000) * 1000),
            "asking_price": Decimal(choose.randrange(5, 5000) * 3000),
            "price_note": text[4],
            "landing_region": choose.choice(("210000", "320000")),
            "applied_units": text[5],
            "source": f"ZL{choose.randrange(10**12, 10**13)}",
        }


def bodies(count: int) -> list[list[Any]]:
    """Return packed bodies as a birth carries them."""
    return [to_packed(wire_types()["achievement"], record) for record in records(count)]


def packed_rows(count: int) -> list[tuple[Any, ...]]:
    """Return rows for the floor: an id of 16 bytes and the eighteen values as the wire has them."""
    known = wire_types()["achievement"]
    choose = random.Random(11)
    rows = []
    for number, record in enumerate(records(count)):
        body = to_packed(known, record)
        values = [body[known.places[name]] for name in FIELDS]
        rows.append((number.to_bytes(8, "big") + choose.randbytes(8), *values))
    return rows


def write_lines(path: Path, count: int) -> None:
    """Write the records as JSON lines, for peers that read nothing else."""
    record_type = wire_types()["achievement"].record_type
    with path.open("w", encoding="utf-8") as out:
        for number, record in enumerate(records(count)):
            line = {"id": f"{number:032x}", **to_wire(record_type, record)}
            out.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")
