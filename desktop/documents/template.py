"""A template is data so that every base can have its own certificate without a programmer.

It is a page with a frame and items: texts with blanks (blanks.py), places for photograph, QR code, seal and
signature. Items are drawn and read out in their order. All measures here are points; the files that templates
are read from (template_file.py) have millimetres.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from domain.problems import refuse

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from desktop.documents.blanks import Wording
    from desktop.documents.ornament import Ornament, Rect
    from desktop.documents.paragraph import Colour, Style

Fit = Literal["line", "two-lines", "box"]
Anchor = Literal["top", "middle", "bottom"]
Align = Literal["justify", "left", "center", "right"]
Role = Literal["H1", "P"]


@dataclass(frozen=True, slots=True, eq=False)
class TextItem:
    """A text in a box: one line, two lines or as many as the box holds, in type not below ``smallest``."""

    wording: Wording
    style: Style
    box: Rect
    fit: Fit = "box"
    anchor: Anchor = "top"
    smallest: float = 6.0
    role: Role = "P"


@dataclass(frozen=True, slots=True, eq=False)
class PhotoItem:
    """The place of the photograph, with what stands in it when there is none."""

    box: Rect
    style: Style
    empty: str = "照片"


@dataclass(frozen=True, slots=True, eq=False)
class QrItem:
    """The place of the QR code, quiet zone included."""

    box: Rect


@dataclass(frozen=True, slots=True, eq=False)
class SealItem:
    """The dashed circle in which the issuer sets the seal."""

    box: Rect


@dataclass(frozen=True, slots=True, eq=False)
class RuleItem:
    """A line with a lozenge in its middle."""

    box: Rect
    colour: Colour


@dataclass(frozen=True, slots=True, eq=False)
class SignatureItem:
    """Where a click shows the digital signature; a template without one signs unseen."""

    box: Rect


Item = TextItem | PhotoItem | QrItem | SealItem | RuleItem | SignatureItem


@dataclass(frozen=True, eq=False)
class Template:
    """One design of a certificate; ``key`` is what a reprint years later asks for."""

    id: str
    revision: int
    label: str
    width: float
    height: float
    ornament: Ornament
    items: tuple[Item, ...]
    sha256: str

    @property
    def key(self) -> str:
        """Name and revision, such as ``classic@1``."""
        return f"{self.id}@{self.revision}"

    @cached_property
    def styles(self) -> tuple[Style, ...]:
        """The styles that are used, each once."""
        return tuple(
            dict.fromkeys(item.style for item in self.items if isinstance(item, TextItem | PhotoItem))
        )

    @cached_property
    def photo_ratio(self) -> float | None:
        """Width by height of the photograph, None when the design has none."""
        boxes = [item.box for item in self.items if isinstance(item, PhotoItem)]
        return boxes[0].width / boxes[0].height if boxes else None


class Templates:
    """All designs at hand. Old revisions stay in their folder, so that old papers can be printed again."""

    def __init__(self, templates: Iterable[Template]) -> None:
        self._by_key = {template.key: template for template in templates}

    @property
    def latest(self) -> Mapping[str, Template]:
        """The newest revision of each design, by id."""
        ordered = sorted(self._by_key.values(), key=lambda template: (template.id, template.revision))
        return {template.id: template for template in ordered}

    def find(self, key: str) -> Template:
        """Return the design of that very revision, ``classic@1``.

        Raises:
            Refusal: it is not at hand any more.
        """
        if key not in self._by_key:
            raise refuse("模板", "plain", why=f"找不到证书模板“{key}”，请把当时的模板文件放回模板文件夹")
        return self._by_key[key]
