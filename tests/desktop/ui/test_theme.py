"""The two looks: complete, readable, and told apart by the palette alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtGui import QColor

from desktop.ui import style_sheet, theme

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

AA = 4.5


def luminance(colour: str) -> float:
    """Relative luminance of WCAG 2.1."""
    asked = QColor(colour)
    parts = (asked.redF(), asked.greenF(), asked.blueF())
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_contrast_of_black_on_white_is_the_known_value() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("look", style_sheet.THEMES.values(), ids=lambda look: look.name)
def test_words_are_readable_on_every_ground(look: theme.Theme) -> None:
    grounds = (look.canvas, look.surface, look.raised, look.sunken, look.hover)
    faint = {
        f"{ink} on {ground}": contrast(getattr(look, ink), ground)
        for ink in ("text", "secondary", "muted")
        for ground in grounds
    }
    faint |= {f"tone {name}": contrast(pair.ink, pair.soft) for name, pair in look.tones.items()}
    faint["primary button"] = contrast(look.on_accent, look.accent)
    faint["link"] = contrast(look.accent, look.surface)
    assert {name: ratio for name, ratio in faint.items() if ratio < AA} == {}


@pytest.mark.parametrize("name", ["light", "dark"])
def test_the_palette_tells_which_look_is_on(look: QApplication, name: str) -> None:
    style_sheet.wear(look, style_sheet.THEMES[name])
    assert theme.current() is style_sheet.THEMES[name]


def test_every_tone_of_a_state_is_a_tone_of_both_looks() -> None:
    assert set(theme.STATE_TONES.values()) <= set(theme.LIGHT.tones) == set(theme.DARK.tones)
