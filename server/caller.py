"""Who is asking: what a valid access token stands for, as every part of the server needs it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from domain.scopes import Role


@dataclass(frozen=True, slots=True)
class Caller:
    """One device of one account of one organisation; ids are UUIDs as text, ``device`` is its number."""

    device: int
    label: str
    account: str
    name: str
    role: Role
    organisation: str
