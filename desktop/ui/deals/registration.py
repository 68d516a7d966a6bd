"""技术合同登记表 (JJ-001) as the registration system asks for it: which box, in which order, what goes in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from domain import values
from domain.fields import RECORD_TYPES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from domain.codes import CodeBook
    from domain.fields import Field

DEAL: Final = RECORD_TYPES["deal"]
PARTY: Final = RECORD_TYPES["party"]
CONTRACT: Final = (
    "registration_no",
    "title",
    "signed_on",
    "begins_on",
    "ends_on",
    "contract_type",
    "deal_amount",
    "technical_amount",
    "payment_mode",
    "is_related",
    "plan_source",
    "ip_kinds",
    "technical_field",
    "industry",
    "goal_code",
)
SIDES: Final = (("seller", "卖方"), ("buyer", "买方"))
SIDE: Final = (
    "name",
    "credit_code",
    "country",
    "region",
    "nature",
    "is_transfer_agency",
    "is_research_body",
    "is_converted_institute",
    "in_national_zone",
    "is_listed",
    "size",
    "address",
    "legal_representative",
    "phone",
    "postcode",
)
EFFECT: Final = ("added_investment", "added_output")
"""Asked for contracts of 技术转让 only."""
NATIONAL: Final = frozenset({"region", "country", "party-nature", "industry"})
"""Lists whose codes are those of a standard or of the system itself, worth showing beside the word."""
OPTIONAL: Final = frozenset({"registration_no", "size", "postcode", "phone"})
"""Given by the office, or not asked of everybody."""


@dataclass(frozen=True, slots=True)
class Box:
    """One box of the form: ``owner`` is the deal or one of its sides, ``text`` what is typed into it.

    ``shown`` is what people read, personal data masked, ``code`` the code behind a word of a list.
    """

    group: str
    owner: str
    field: Field
    text: str
    shown: str
    code: str
    required: bool

    @property
    def missing(self) -> bool:
        """Tell whether the form cannot be handed in because of this box."""
        return self.required and not self.text


def boxes(deal: Mapping[str, Any], parties: Mapping[str, Mapping[str, Any]], codes: CodeBook) -> list[Box]:
    """Return the boxes of the form in national order."""
    return [
        *(_box("合同", "deal", DEAL[name], deal, codes) for name in CONTRACT),
        *(box for name, words in SIDES for box in _side(name, words, parties.get(name, {}), codes)),
        *(_box("预计效益", "deal", DEAL[name], deal, codes, required=_asked(deal)) for name in EFFECT),
    ]


def _asked(deal: Mapping[str, Any]) -> bool:
    return str(deal.get("contract_type") or "").partition("-")[0] == "assign"


def _side(name: str, words: str, party: Mapping[str, Any], codes: CodeBook) -> Iterator[Box]:
    for field_name in SIDE:
        yield _box(words, name, PARTY[field_name], party, codes)


def _box(
    group: str,
    owner: str,
    field: Field,
    held: Mapping[str, Any],
    codes: CodeBook,
    *,
    required: bool | None = None,
) -> Box:
    value = held.get(field.name)
    shown = text = values.show(field, value, codes)
    if field.kind == "flag" and held:
        shown = text = "是" if value else "否"
    elif field.kind == "money" and value is not None:
        text = f"{value:f}"  # the system takes digits only
    code = value if field.codes in NATIONAL and value else ""
    needed = field.name not in OPTIONAL if required is None else required
    return Box(group, owner, field, text, values.mask(field, shown), code, needed)


def as_table(found: list[Box]) -> str:
    """Return all boxes as lines of label and content with a tab between, to paste into a sheet."""
    return "\n".join(f"{box.group} {box.field.label}\t{_one_line(box.text)}" for box in found)


def _one_line(text: str) -> str:
    return " ".join(text.split())
