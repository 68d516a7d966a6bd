"""The icons: all of one hand, all drawable, coloured when painted."""

from __future__ import annotations

import gc

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QIcon

from desktop.ui import icons
from desktop.ui.actions import ACTIONS
from desktop.ui.pages import PLACES

OWN = sorted(
    path.stem for path in icons.FOLDER.glob("*.svg") if path.stem.split("-")[0] not in ("app", "tick")
)


@pytest.mark.parametrize("name", OWN)
def test_icons_share_grid_and_stroke(name: str) -> None:
    opening = icons.source(name).split(">")[0]
    assert 'viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.6"' in opening


@pytest.mark.parametrize("name", OWN)
def test_an_icon_is_drawn_in_the_colour_of_the_moment(qapp: object, name: str) -> None:
    colour = ["#ff0000"]
    icon = icons.icon(name, lambda: QColor(colour[0]))
    assert strongest(icon).red() > 200
    colour[0] = "#0000ff"
    assert strongest(icon).blue() > 200


def strongest(icon: QIcon) -> QColor:
    """Return the colour of the most opaque pixel."""
    image = icon.pixmap(QSize(24, 24)).toImage()
    pixels = (image.pixelColor(x, y) for x in range(24) for y in range(24))
    return max(pixels, key=lambda pixel: pixel.alpha())


def test_icons_are_sharp_at_any_density(qapp: object) -> None:
    drawn = icons.icon("home", lambda: QColor("black")).pixmap(QSize(18, 18), 2.5)
    assert drawn.size() == QSize(45, 45)


def test_an_icon_outlives_its_python_half(qapp: object) -> None:
    made = [icons.icon("home", lambda: QColor("black")) for _ in range(50)]
    gc.collect()
    assert all(not icon.pixmap(16, 16).isNull() for icon in made)


def test_what_actions_and_places_name_is_there() -> None:
    assert {action.icon for action in ACTIONS} | {place.icon for place in PLACES} <= set(OWN)
