"""Weeks, fiscal years, workdays and holidays of a calendar."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from kpicli.errors import KpiError, Mistakes
from kpicli.periods import Calendar, Grain, PerUnit

PLAIN = Calendar()
YEAR_2026 = (date(2026, 1, 1), date(2027, 1, 1))


def test_a_calendar_is_a_value() -> None:
    assert Calendar(holidays=(date(2026, 1, 1),)) == Calendar(holidays=(date(2026, 1, 1),))
    assert len({Calendar(), Calendar(), Calendar(week_starts=6)}) == 2


@pytest.mark.parametrize(
    ("grain", "label", "first", "last"),
    [
        (Grain.DAY, "2026-01-31", date(2026, 1, 31), date(2026, 1, 31)),
        (Grain.WEEK, "2026-W05", date(2026, 1, 25), date(2026, 1, 31)),
        (Grain.MONTH, "2026-01", date(2026, 1, 1), date(2026, 1, 31)),
        (Grain.QUARTER, "FY2026-Q4", date(2025, 11, 1), date(2026, 1, 31)),
        (Grain.YEAR, "FY2026", date(2025, 2, 1), date(2026, 1, 31)),
    ],
)
def test_a_day_is_held_by_one_period_of_each_grain(grain: Grain, label: str, first: date, last: date) -> None:
    """With weeks from Sunday and a fiscal year from February, named for the calendar year in which it ends."""
    calendar = Calendar(week_starts=6, fiscal_year_starts=2)
    period = calendar.period_of(grain, date(2026, 1, 31))
    assert (period.label(calendar), period.start, period.last_day) == (label, first, last)
    assert not period.running


def test_a_whole_unit_is_one_whatever_its_length() -> None:
    for month in range(1, 12):
        assert PLAIN.units_in(PerUnit.MONTH, date(2026, month, 1), date(2026, month + 1, 1)) == 1
    assert PLAIN.units_in(PerUnit.QUARTER, *YEAR_2026) == 4
    assert PLAIN.units_in(PerUnit.YEAR, *YEAR_2026) == 1
    assert PLAIN.units_in(PerUnit.WEEK, *YEAR_2026) == Fraction(365, 7)
    assert PLAIN.units_in(PerUnit.DAY, *YEAR_2026) == 365
    assert PLAIN.units_in(PerUnit.WORKDAY, *YEAR_2026) == 261


def test_a_part_of_a_unit_counts_its_days() -> None:
    assert PLAIN.units_in(PerUnit.MONTH, date(2026, 2, 1), date(2026, 2, 15)) == Fraction(14, 28)
    assert PLAIN.units_in(PerUnit.MONTH, date(2026, 1, 31), date(2026, 3, 2)) == Fraction(1, 31) + 1 + Fraction(1, 31)


def test_quarters_and_years_are_fiscal_units() -> None:
    february = Calendar(fiscal_year_starts=2)
    assert february.units_in(PerUnit.QUARTER, date(2026, 2, 1), date(2026, 5, 1)) == 1
    assert february.units_in(PerUnit.QUARTER, date(2026, 1, 1), date(2026, 2, 1)) == Fraction(31, 92)
    assert february.units_in(PerUnit.YEAR, date(2027, 2, 1), date(2028, 2, 1)) == 1
    assert february.units_in(PerUnit.YEAR, date(2028, 2, 1), date(2028, 3, 1)) == Fraction(29, 366)


@pytest.mark.parametrize("unit", PerUnit)
def test_an_interval_without_days_holds_no_unit(unit: PerUnit) -> None:
    day = date(2026, 5, 5)
    assert PLAIN.units_in(unit, day, day) == 0
    assert PLAIN.units_in(unit, day, date(2026, 5, 1)) == 0


def test_workdays_are_the_declared_weekdays_without_the_holidays() -> None:
    days = (date(2026, 12, 25), date(2026, 12, 26), date(2027, 1, 1))
    calendar = Calendar(workdays=frozenset({3, 4}), holidays=days)
    assert calendar.workdays_in(date(2026, 12, 21), date(2027, 1, 4)) == 2
    assert [day for day in range(21, 32) if calendar.is_workday(date(2026, 12, day))] == [24, 31]


def test_a_holiday_that_is_listed_twice_is_one() -> None:
    calendar = Calendar(holidays=(date(2026, 12, 25), date(2026, 12, 25)))
    assert calendar.workdays_in(date(2026, 12, 21), date(2026, 12, 28)) == 4


def test_a_countrys_holidays_are_not_worked() -> None:
    american, bavarian, berlin = (Calendar(holidays=code) for code in ("US", "DE-BY", "DE-BE"))
    assert not american.is_workday(date(2026, 11, 26))
    assert american.workdays_in(date(2026, 11, 23), date(2026, 11, 28)) == 4
    assert not bavarian.is_workday(date(2026, 1, 6))
    assert berlin.is_workday(date(2026, 1, 6))


def test_a_holiday_is_observed_in_the_year_before() -> None:
    """New Year's Day of 2022 was a Saturday: Friday, the last of December, was free."""
    assert not Calendar(holidays="US").is_workday(date(2021, 12, 31))


def test_years_before_a_countrys_records_have_no_holidays() -> None:
    assert Calendar(holidays="US").workdays_in(date(1600, 1, 1), date(1601, 1, 1)) == PLAIN.workdays_in(
        date(1600, 1, 1), date(1601, 1, 1)
    )


ISO = "write an ISO code such as US, a subdivision such as US-CA, or a list of dates"


@pytest.mark.parametrize(
    ("code", "help_"),
    [
        ("us", "write US"),
        ("US-", "write US"),
        ("us_ca", "write US-CA"),
        ("de-augsburg", "write DE-Augsburg"),
        ("GB-XX", "known: GB-ENG, GB-NIR, GB-SCT, GB-WLS"),
        ("IE-D", "write IE"),
        ("XX", ISO),
        ("Germany", ISO),
        ("ECB", ISO),
        ("HolidayBase", ISO),
        ("__name__", ISO),
        ("", ISO),
    ],
)
def test_an_unknown_country_or_subdivision_gets_what_to_write(code: str, help_: str) -> None:
    message = f"error[holidays]: the holidays of '{code}' are not known\nhelp: {help_}"
    for look_up in (Calendar(holidays=code).check, lambda: Calendar(holidays=code).is_workday(date(2026, 1, 1))):
        with pytest.raises(KpiError) as caught:
            look_up()
        assert str(caught.value) == message


@pytest.mark.parametrize(
    ("zone", "help_"),
    [
        ("america/new_york", "did you mean 'America/New_York'?"),
        ("New York", "for example America/New_York, Europe/Berlin or UTC"),
        ("../zone", "for example America/New_York, Europe/Berlin or UTC"),
    ],
)
def test_an_unknown_time_zone_gets_the_nearest(zone: str, help_: str) -> None:
    with pytest.raises(Mistakes) as caught:
        Calendar(timezone=zone).check()
    assert str(caught.value) == f"error[time-zone]: there is no time zone '{zone}'\nhelp: {help_}"


def test_check_reports_everything_that_is_not_known() -> None:
    with pytest.raises(Mistakes) as caught:
        Calendar(timezone="Nowhere/Land", holidays="XX").check()
    assert [error.code for error in caught.value.errors] == ["time-zone", "holidays"]


@pytest.mark.parametrize(
    "calendar",
    [
        Calendar(),
        Calendar(timezone="America/New_York", holidays="US-CA"),
        Calendar(holidays=(date(2026, 1, 1),)),
    ],
)
def test_check_is_silent_where_all_is_known(calendar: Calendar) -> None:
    calendar.check()


def test_holidays_are_loaded_only_for_a_country(tmp_path: Path) -> None:
    program = """
import sys
from datetime import date
from kpicli.periods import Calendar
Calendar(holidays=(date(2026, 1, 1),)).workdays_in(date(2026, 1, 1), date(2027, 1, 1))
assert "holidays" not in sys.modules
Calendar(holidays="US").workdays_in(date(2026, 1, 1), date(2027, 1, 1))
assert "holidays" in sys.modules
"""
    environment = os.environ | {"XDG_CACHE_HOME": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, env=environment)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_grain_is_made_of_days_or_of_months_and_some_are_counted_in_weeks() -> None:
    assert [(grain.value, grain.days, grain.months, grain.weeks) for grain in Grain] == [
        ("day", 1, 0, 0),
        ("week", 7, 0, 1),
        ("month", 0, 1, 0),
        ("quarter", 0, 3, 13),
        ("year", 0, 12, 52),
    ]
