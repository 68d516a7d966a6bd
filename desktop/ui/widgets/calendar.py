"""The month one picks a day from, in the program's look instead of Qt's own."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QLocale, QSize, Qt
from PySide6.QtGui import QTextCharFormat
from PySide6.QtWidgets import QCalendarWidget, QToolButton

from desktop.ui import theme
from desktop.ui.theme import METRICS
from desktop.ui.widgets.basics import icon

DAYS: Final = tuple(Qt.DayOfWeek)
WEEKEND: Final = (Qt.DayOfWeek.Saturday, Qt.DayOfWeek.Sunday)
BUTTONS: Final = {"qt_calendar_prevmonth": ("back", "上个月"), "qt_calendar_nextmonth": ("forward", "下个月")}


class Calendar(QCalendarWidget):
    """A month of a week beginning on Monday; weekends are quiet, not red."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setLocale(QLocale(QLocale.Language.Chinese, QLocale.Country.China))
        self.setFirstDayOfWeek(Qt.DayOfWeek.Monday)
        self.setVerticalHeaderFormat(QCalendarWidget.VerticalHeaderFormat.NoVerticalHeader)
        self.setHorizontalHeaderFormat(QCalendarWidget.HorizontalHeaderFormat.SingleLetterDayNames)
        self.setMinimumSize(300, 260)
        look = theme.current()
        for day in DAYS:
            words = QTextCharFormat()
            words.setForeground(look.colour("muted" if day in WEEKEND else "text"))
            self.setWeekdayTextFormat(day, words)
        heading = QTextCharFormat()
        heading.setForeground(look.colour("muted"))
        heading.setBackground(look.colour("raised"))
        self.setHeaderTextFormat(heading)
        for inside, (symbol, tip) in BUTTONS.items():
            button = self.findChild(QToolButton, inside)
            if button:
                button.setIcon(icon(symbol))
                button.setIconSize(QSize(METRICS.icon, METRICS.icon))
                button.setToolTip(tip)
                button.setAccessibleName(tip)
