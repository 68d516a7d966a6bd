"""A page that scrolls: what most tabs of a record are laid out in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QScrollArea, QWidget

from desktop.ui.theme import METRICS
from desktop.ui.widgets.basics import column

if TYPE_CHECKING:
    from PySide6.QtWidgets import QLayout


def scrolled(
    name: str,
    *items: QWidget | QLayout | int | None,
    spacing: int = METRICS.l,
    flush: bool = False,
    widest: int = 0,
) -> QScrollArea:
    """Return a scrolling column of the items on the page's ground; ``name`` is its accessible name.

    ``flush`` leaves out the margins, for a list inside a panel. ``widest`` bounds the items' width: bounds of
    their own would be overlooked when the lines of wrapped labels are counted.
    """
    inside = QWidget()
    inside.setObjectName("surface" if flush else "canvas")
    held = column(*items, spacing=spacing)
    if not flush:
        held.setContentsMargins(METRICS.xl, METRICS.l, METRICS.xl, METRICS.xl)
    inside.setLayout(held)
    if widest:
        margins = held.contentsMargins()
        inside.setMaximumWidth(margins.left() + widest + margins.right())
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(inside)
    area.setAccessibleName(name)
    return area
