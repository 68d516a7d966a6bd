"""Blanks exist so that a trainer can word a certificate without programming: ``证书编号：{number}``.

A field in braces is filled in. A part in square brackets is left out when a field in it is empty, and so is a
whole text of which every field is empty: an absent filing number leaves no stray label.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_BLANK = re.compile(r"\{(\w+)\}")
_PART = re.compile(r"\[([^\[\]]*)\]")
_MARKS = re.compile(r"[\[\]{}]")


@dataclass(frozen=True)
class Wording:
    """A text with blanks. Two optional parts cannot stand in one another."""

    source: str

    @cached_property
    def fields(self) -> tuple[str, ...]:
        """The names of the fields that are filled in, in the order of the text."""
        return tuple(_BLANK.findall(self.source))

    @cached_property
    def fixed(self) -> str:
        """What is printed on every paper, optional parts included."""
        return _MARKS.sub("", _BLANK.sub("", self.source))

    @property
    def sound(self) -> bool:
        """Whether every brace and bracket has its partner."""
        return not _MARKS.search(_BLANK.sub("", _PART.sub(r"\1", self.source)))

    def fill(self, values: Mapping[str, str]) -> str:
        """Return the text with ``values`` in its blanks, nothing when all of them are empty."""
        fields = self.fields
        if fields and not any(values[name] for name in fields):
            return ""

        def part(found: re.Match[str]) -> str:
            return found[1] if all(values[name] for name in _BLANK.findall(found[1])) else ""

        return _PART.sub(part, self.source).strip("\n").format_map(values)
