"""The two clocks of the trade: natural days and working days with the State Council's make-up days.

The start day is never counted (《民法典》第201条). Official calendars are published a year at a time; for a
year without one only weekends are known, and the answer says that it is not certain.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from chinese_calendar.constants import holidays, workdays

if TYPE_CHECKING:
    from collections.abc import Mapping

SATURDAY: Final = 5
LONGEST: Final = 36_525
"""The longest period in days that a rule of the trade can mean: a hundred years."""


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """The last day of a period; ``certain`` is false when a year without an official calendar was met."""

    end: dt.date
    certain: bool


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """Days off and make-up working days of the years that have an official calendar."""

    years: frozenset[int]
    days_off: frozenset[dt.date]
    working: frozenset[dt.date]

    def is_working(self, day: dt.date) -> bool:
        """Whether people work on a day; in a year without an official calendar, Monday to Friday."""
        return day in self.working or (day.weekday() < SATURDAY and day not in self.days_off)

    def extended(self, data: Mapping[str, Any]) -> WorkCalendar:
        """Return the calendar with one more year from its loaded TOML document.

        The document names ``year``, ``source`` (the notice), ``days_off`` and ``working`` (make-up days).

        Raises:
            ValueError: a day does not lie in the year.
        """
        days_off, working = frozenset(data["days_off"]), frozenset(data["working"])
        strangers = [day for day in days_off | working if day.year != data["year"]]
        if strangers:
            raise ValueError(f"calendar {data['year']}: {min(strangers)} lies in another year")
        others = {d for d in self.days_off | self.working if d.year != data["year"]}
        return WorkCalendar(
            years=self.years | {data["year"]},
            days_off=(self.days_off & others) | days_off,
            working=(self.working & others) | working,
        )


OFFICIAL: Final = WorkCalendar(
    years=frozenset(day.year for day in holidays),
    days_off=frozenset(holidays),
    working=frozenset(workdays),
)
"""The notices of the State Council as chinese_calendar carries them."""


def natural_days(start: dt.date, days: int) -> dt.date:
    """Return the last of a number of natural days after the start.

    Raises:
        ValueError: the number is negative or longer than ``LONGEST``.
        OverflowError: the end lies beyond the calendar.
    """
    return start + dt.timedelta(days=_checked(days))


def working_days(start: dt.date, days: int, calendar: WorkCalendar = OFFICIAL) -> WorkingDays:
    """Return the last of a number of working days after the start; no days end on the start itself.

    Raises:
        ValueError: the number is negative or longer than ``LONGEST``.
        OverflowError: the end lies beyond the calendar.
    """
    left, end, certain = _checked(days), start, True
    while left:
        end += dt.timedelta(days=1)
        left -= calendar.is_working(end)
        certain = certain and end.year in calendar.years
    return WorkingDays(end, certain)


def _checked(days: int) -> int:
    if not 0 <= days <= LONGEST:
        raise ValueError(f"{days} is not from 0 to {LONGEST} days")
    return days
