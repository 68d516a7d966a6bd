"""The last resort for rare characters of names: hardly a system has a font with 㛃, 䶮 and 𬭳.

The program brings the fonts its documents are printed with. Reading them takes a hundredth of a second, so
it waits for the first paint; Qt asks the families of a font in order, so they draw only what no other can.
"""

from __future__ import annotations

import functools

import pylopdf_fonts_zh_cn
from PySide6.QtGui import QFontDatabase


@functools.cache
def install() -> None:
    """Make the fonts known to this program, under the last names of ``theme.FAMILIES``."""
    for path in (pylopdf_fonts_zh_cn.sans_path(), pylopdf_fonts_zh_cn.serif_path()):
        QFontDatabase.addApplicationFont(str(path))
