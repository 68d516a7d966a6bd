"""The two clocks must agree with the published calendars and say when there is none."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calendar_days import LONGEST, OFFICIAL, natural_days, working_days

day = dt.date.fromisoformat
KNOWN = st.dates(dt.date(2004, 1, 1), dt.date(2025, 6, 1))


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        ("2019-11-26", 0, "2019-11-26"),
        ("2019-11-26", 15, "2019-12-11"),
        ("2024-02-28", 1, "2024-02-29"),
        ("2023-02-28", 1, "2023-03-01"),
        ("2023-12-31", 366, "2024-12-31"),
    ],
)
def test_natural_days(start, days, end):
    assert natural_days(day(start), days) == day(end)


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        ("2024-02-08", 0, "2024-02-08"),
        ("2024-02-10", 0, "2024-02-10"),  # a holiday: no days end on the start itself
        ("2024-02-08", 1, "2024-02-09"),
        ("2024-02-09", 1, "2024-02-18"),  # spring festival 10-17; Sunday 18 is a make-up day
        ("2024-02-03", 1, "2024-02-04"),  # Sunday 4 is a make-up day
        ("2023-09-28", 1, "2023-10-07"),  # national day; Saturday 7 and Sunday 8 are make-up days
        ("2023-09-28", 2, "2023-10-08"),
        ("2020-01-23", 1, "2020-02-03"),  # the spring festival of 2020 was prolonged to 2 February
        ("2026-02-13", 1, "2026-02-14"),
        ("2024-12-31", 1, "2025-01-02"),
    ],
)
def test_working_days_with_make_up_days(start, days, end):
    found = working_days(day(start), days)
    assert (found.end, found.certain) == (day(end), True)


@given(KNOWN, st.integers(1, 120))
def test_the_end_is_a_working_day_and_the_days_between_count(start, days):
    end = working_days(start, days).end
    between = [start + dt.timedelta(days=n) for n in range(1, (end - start).days + 1)]
    assert OFFICIAL.is_working(end)
    assert sum(OFFICIAL.is_working(d) for d in between) == days
    assert end >= natural_days(start, days)


def test_a_year_without_a_calendar_is_said():
    assert max(OFFICIAL.years) >= 2026
    last = dt.date(max(OFFICIAL.years), 12, 28)
    found = working_days(last, 10)
    assert found.end.year == last.year + 1
    assert not found.certain
    assert not working_days(dt.date(2000, 1, 3), 1).certain


def test_a_published_year_replaces_guesses():
    data = {
        "year": 2030,
        "source": "测试",
        "days_off": [dt.date(2030, 1, 1)],
        "working": [dt.date(2030, 1, 5)],
    }
    before = working_days(dt.date(2029, 12, 31), 1)
    calendar = OFFICIAL.extended(data)
    assert (before.end, before.certain) == (dt.date(2030, 1, 1), False)
    assert working_days(dt.date(2030, 1, 1), 4, calendar).end == dt.date(2030, 1, 5)
    assert working_days(dt.date(2030, 1, 1), 4, calendar).certain
    assert not calendar.is_working(dt.date(2030, 1, 1))
    again = calendar.extended({**data, "days_off": [], "working": []})
    assert again.is_working(dt.date(2030, 1, 1))
    assert not again.is_working(dt.date(2030, 1, 5))
    assert again.days_off == OFFICIAL.days_off
    with pytest.raises(ValueError, match="another year"):
        OFFICIAL.extended({**data, "days_off": [dt.date(2031, 1, 1)]})


@pytest.mark.parametrize("clock", [natural_days, working_days])
def test_impossible_periods_are_refused(clock):
    for days in (-1, LONGEST + 1):
        with pytest.raises(ValueError, match="days"):
            clock(dt.date(2024, 1, 1), days)
    with pytest.raises(OverflowError):
        clock(dt.date.max, 1)
