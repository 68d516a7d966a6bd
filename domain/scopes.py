"""Who may see and write which records: scopes, roles, and the scope in which each type is at home.

A scope is one stream of records that a device takes whole. Its key is a letter and the id it belongs to:
``a:<organisation>`` the agency's records, ``u:<account>`` what one person keeps to himself,
``t:<organisation>`` the training register, ``s:<organisation>`` submissions to the authority, ``p`` the
public catalogue. The server decides by these tables; what the client checks is courtesy.
"""

from __future__ import annotations

import uuid
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal, get_args

if TYPE_CHECKING:
    from collections.abc import Mapping

ScopeKind = Literal["a", "u", "t", "s", "p"]
AGENCY: Final[ScopeKind] = "a"
OWN: Final[ScopeKind] = "u"
TRAINING: Final[ScopeKind] = "t"
SUBMISSIONS: Final[ScopeKind] = "s"
PUBLIC: Final[ScopeKind] = "p"
SCOPE_KINDS: Final[tuple[ScopeKind, ...]] = get_args(ScopeKind)
SCOPE_LABELS: Final[Mapping[ScopeKind, str]] = MappingProxyType(
    {"a": "本机构", "u": "仅本人", "t": "培训登记", "s": "报送主管部门", "p": "公共目录"}
)

Role = Literal["broker", "staff", "head", "trainer", "certifier", "authority", "administrator", "auditor"]
ROLES: Final[tuple[Role, ...]] = get_args(Role)
ROLE_LABELS: Final[Mapping[Role, str]] = MappingProxyType(
    {
        "broker": "经纪人",
        "staff": "机构专员",
        "head": "机构负责人",
        "trainer": "培训师",
        "certifier": "证书主管",
        "authority": "主管部门",
        "administrator": "系统管理员",
        "auditor": "审计员",
    }
)

Right = Literal["read", "write"]
RIGHTS: Final[Mapping[Role, Mapping[ScopeKind, Right]]] = MappingProxyType(
    {
        "broker": {"a": "write", "u": "write", "t": "read", "p": "read"},
        "staff": {"a": "write", "u": "write", "t": "write", "s": "write", "p": "read"},
        "head": {"a": "write", "u": "write", "t": "write", "s": "write", "p": "read"},
        "trainer": {"a": "read", "u": "write", "t": "write", "p": "read"},
        "certifier": {"a": "read", "u": "write", "t": "write", "p": "read"},
        "authority": {"u": "write", "t": "read", "s": "write", "p": "read"},
        "administrator": {},
        "auditor": {},
    }
)
"""What a role may do in the scopes of its organisation. ``u`` is always the account's own. The authority
reads ``t`` and answers in ``s`` of every organisation. Administrators and auditors see no record."""

HOMES: Final[Mapping[str, ScopeKind]] = MappingProxyType(
    {
        "training_class": TRAINING,
        "enrolment": TRAINING,
        "certificate": TRAINING,
        "submission": SUBMISSIONS,
    }
)
"""The scope in which a new record of a type is kept when nobody says otherwise; all others: the agency."""

PUBLISHED: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "achievement": (
            "title", "technical_field", "maturity", "trl", "region", "keywords", "summary",
            "form", "stage", "level", "cooperation_modes", "asking_price", "price_note", "listing",
        ),
        "demand": (
            "title", "technical_field", "field_note", "region", "problem", "key_technology", "goal",
            "keywords", "kinds", "mode", "mode_note", "state", "industry",
        ),
    }
)  # fmt: skip
"""The fields that enter the public catalogue; what is not named here never leaves the agency's scope."""
_COPIES: Final = uuid.UUID("0f7d9c55-4a3e-5a57-8a6e-6d1c1a1f4b02")


def public_copy(organisation: str, record_id: uuid.UUID) -> uuid.UUID:
    """Return the id of an organisation's copy of a record in the public catalogue.

    Nobody can find the record from it, nor touch it by making a record with the same id.
    """
    return uuid.uuid5(_COPIES, f"{organisation} {record_id.hex}")


def home(record_type: str) -> ScopeKind:
    """Return the kind of scope in which a new record of a type is kept."""
    return HOMES.get(record_type, AGENCY)


def scope_key(kind: ScopeKind, *, organisation: str, account: str) -> str:
    """Return the key of the scope of a kind that belongs to an account of an organisation."""
    if kind == PUBLIC:
        return PUBLIC
    return f"{kind}:{account if kind == OWN else organisation}"


def kind_of(key: str) -> ScopeKind:
    """Return the kind of scope a key names.

    Raises:
        ValueError: it is no key of a scope.
    """
    for kind in SCOPE_KINDS:
        if key == kind == PUBLIC or (
            kind != PUBLIC and key.startswith(f"{kind}:") and len(key) > len(kind) + 1
        ):
            return kind
    raise ValueError(key)
