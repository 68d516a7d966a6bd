"""How the program looks to this user: light, dark or as the desktop says, and how large its type is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from desktop.ui import style_sheet, theme

if TYPE_CHECKING:
    from PySide6.QtCore import QSettings
    from PySide6.QtWidgets import QApplication

LOOKS: Final = (("", "跟随系统"), ("light", "浅色"), ("dark", "深色"))
STANDARD: Final = 100
SCALES: Final = ((STANDARD, "标准"), (110, "大"), (125, "特大"))
THEME_KEY, SCALE_KEY = "theme", "text-scale"
_SIZE: Final = re.compile(r"font-size: (\d+)px")


def chosen_look(kept: QSettings) -> str:
    """Return the name of the look the user chose; empty to follow the desktop."""
    return str(kept.value(THEME_KEY) or "")


def chosen_scale(kept: QSettings) -> int:
    """Return the size of the type in per cent of the standard."""
    held = str(kept.value(SCALE_KEY) or "")
    return int(held) if held.isdigit() and int(held) in dict(SCALES) else STANDARD


def is_chosen(kept: QSettings) -> bool:
    """Tell whether the user wants anything but what the program starts with."""
    return bool(chosen_look(kept)) or chosen_scale(kept) != STANDARD


def wear(application: QApplication, kept: QSettings) -> None:
    """Put on what the user chose."""
    look = style_sheet.THEMES.get(chosen_look(kept)) or theme.of_desktop()
    style_sheet.wear(application, look)
    scale = chosen_scale(kept)
    if scale != STANDARD:
        application.setStyleSheet(scaled(style_sheet.style_sheet(look), scale))


def scaled(sheet: str, percent: int) -> str:
    """Return a style sheet with every size of type in per cent of what it was."""
    return _SIZE.sub(lambda size: f"font-size: {round(int(size[1]) * percent / 100)}px", sheet)
