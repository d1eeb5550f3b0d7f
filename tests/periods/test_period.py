"""How a period is cut, shifted and turned into other periods."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from kpicli.errors import KpiError
from kpicli.periods import Calendar, Duration, Grain, Period, parse_period

AS_OF = date(2026, 11, 22)
PLAIN = Calendar()
FEBRUARY = Calendar(fiscal_year_starts=2)


def read(text: str, as_of: date = AS_OF, calendar: Calendar = PLAIN) -> Period:
    return parse_period(text, calendar, as_of)


def shown(period: Period | None) -> str | None:
    """First and last day, and the last elapsed one where the period is running."""
    if period is None:
        return None
    last = period.whole().last_day
    return f"{period.start} {last}" + (f" to {period.last_day}" if period.running else "")


def test_a_running_period_tells_how_much_of_it_has_elapsed() -> None:
    period = read("2026-11")
    assert (period.running, period.elapsed_days, period.last_day) == (True, 22, AS_OF)
    assert (period.whole().running, period.whole().elapsed_days) == (False, 30)


def test_a_period_can_be_cut_at_another_day() -> None:
    assert shown(read("2026-11").cut_at(date(2026, 11, 5))) == "2026-11-01 2026-11-30 to 2026-11-05"
    assert shown(read("2026-11").cut_at(date.max)) == "2026-11-01 2026-11-30"
    assert read("2026-11").cut_at(date.min).elapsed_days == 0


def test_the_ends_of_a_period_are_in_order() -> None:
    with pytest.raises(ValueError, match=r"^a period has start <= cut <= end, not 2026-11-22, 2026-11-01, 2026-11-22$"):
        Period(AS_OF, AS_OF, date(2026, 11, 1), None)


def test_the_rest_is_a_range_that_counts_as_elapsed() -> None:
    rest = read("2026-11").rest()
    assert (shown(rest), rest.grain) == ("2026-11-23 2026-11-30", None)
    over = read("2026-10").rest()
    assert (over.start, over.end, over.elapsed_days) == (date(2026, 11, 1), date(2026, 11, 1), 0)


@pytest.mark.parametrize(
    ("text", "previous"),
    [
        ("2026-10-31", "2026-10-30 2026-10-30"),
        ("2026-W01", "2025-12-22 2025-12-28"),
        ("2026-03", "2026-02-01 2026-02-28"),
        ("2026-11", "2026-10-01 2026-10-31 to 2026-10-22"),
        ("2026-Q1", "2025-10-01 2025-12-31"),
        ("2026", "2025-01-01 2025-12-31 to 2025-11-22"),
        ("2026-03-01..2026-03-31", "2026-01-29 2026-02-28"),
        ("2026-11-15..2026-12-31", "2026-09-29 2026-11-14 to 2026-10-06"),
    ],
)
def test_previous_is_like_for_like(text: str, previous: str) -> None:
    assert shown(read(text).previous()) == previous


def test_a_period_that_runs_longer_than_the_earlier_one_is_long_takes_all_of_it() -> None:
    assert shown(read("2026-03", date(2026, 3, 30)).previous()) == "2026-02-01 2026-02-28"


@pytest.mark.parametrize(
    ("text", "span", "shifted"),
    [
        ("2026-10", "1 month", "2026-09-01 2026-09-30"),
        ("2026-10", "1 quarter", "2026-07-01 2026-07-31"),
        ("2026-11", "1 year", "2025-11-01 2025-11-30 to 2025-11-22"),
        ("2026-10", "4 weeks", None),
        ("2026-10", "30 days", None),
        ("2026-Q3", "1 quarter", "2026-04-01 2026-06-30"),
        ("2026-Q3", "6 months", "2026-01-01 2026-03-31"),
        ("2026-Q3", "4 months", None),
        ("2026-Q3", "13 weeks", None),
        ("2025", "1 year", "2024-01-01 2024-12-31"),
        ("2025", "8 quarters", "2023-01-01 2023-12-31"),
        ("2025", "12 months", "2024-01-01 2024-12-31"),
        ("2025", "1 quarter", None),
        ("2025", "365 days", None),
        ("2026-W45", "1 week", "2026-10-26 2026-11-01"),
        ("2026-W45", "1 year", "2025-11-03 2025-11-09"),
        ("2026-W45", "2 quarters", "2026-05-04 2026-05-10"),
        ("2026-W45", "14 days", "2026-10-19 2026-10-25"),
        ("2026-W45", "10 days", None),
        ("2026-W45", "1 month", None),
        ("2026-03-31", "1 day", "2026-03-30 2026-03-30"),
        ("2026-03-31", "2 weeks", "2026-03-17 2026-03-17"),
        ("2026-03-31", "1 month", "2026-02-28 2026-02-28"),
        ("2026-03-30", "1 month", "2026-02-28 2026-02-28"),
        ("2026-02-28", "1 month", "2026-01-31 2026-01-31"),
        ("2026-02-27", "1 month", "2026-01-27 2026-01-27"),
        ("2024-02-29", "1 year", "2023-02-28 2023-02-28"),
        ("2025-02-28", "1 year", "2024-02-29 2024-02-29"),
        ("2026-02-01..2026-02-28", "1 month", "2026-01-01 2026-01-31"),
        ("2026-01-01..2026-03-31", "1 quarter", "2025-10-01 2025-12-31"),
        ("2026-01-01..2026-03-31", "1 year", "2025-01-01 2025-03-31"),
        ("2026-01-01..2026-03-31", "1 week", "2025-12-25 2026-03-24"),
        ("2026-11-15..2026-12-31", "1 month", "2026-10-15 2026-11-30 to 2026-10-22"),
    ],
)
def test_a_period_shifts_as_a_period(text: str, span: str, shifted: str | None) -> None:
    assert shown(read(text).shifted(Duration.parse(span))) == shifted


def test_a_quarter_of_the_calendar_year_shifts_as_one_within_another_fiscal_year() -> None:
    earlier = read("2026-Q1", calendar=FEBRUARY).previous()
    assert earlier.label(FEBRUARY) == "2025-Q4"
    fiscal = read("FY2026-Q1", calendar=FEBRUARY).previous()
    assert fiscal.label(FEBRUARY) == "FY2025-Q4"


def test_a_range_without_days_shifts_to_one_without_days() -> None:
    """By months its two ends would meet the end of February differently."""
    empty = read("2026-03-01..2026-03-28", date(2026, 6, 1)).rest()
    earlier = empty.shifted(Duration(1, Grain.MONTH))
    assert earlier == Period(date(2026, 2, 28), date(2026, 2, 28), date(2026, 2, 28), None)


def test_earlier_periods_are_whole() -> None:
    running = read("2026-11")
    assert shown(running.earlier(0)) == "2026-11-01 2026-11-30"
    assert shown(running.earlier(11)) == "2025-12-01 2025-12-31"
    assert shown(running.earlier(-2)) == "2027-01-01 2027-01-31"
    assert shown(read("2026-01-01..2026-01-10").earlier(2)) == "2025-12-12 2025-12-21"


@pytest.mark.parametrize(
    ("text", "span", "days"),
    [
        ("2026-11", "90 days", "2026-08-25 2026-11-22"),
        ("2026-11", "2 weeks", "2026-11-09 2026-11-22"),
        ("2026-11", "1 month", "2026-10-23 2026-11-22"),
        ("2026-11", "1 quarter", "2026-08-23 2026-11-22"),
        ("2026-10", "1 month", "2026-10-01 2026-10-31"),
        ("2026-02", "1 month", "2026-02-01 2026-02-28"),
        ("2026-03", "1 month", "2026-03-01 2026-03-31"),
        ("2026-02", "12 months", "2025-03-01 2026-02-28"),
        ("2024-02", "1 year", "2023-03-01 2024-02-29"),
        ("2025-02", "1 year", "2024-03-01 2025-02-28"),
    ],
)
def test_trailing_ends_on_the_last_elapsed_day(text: str, span: str, days: str) -> None:
    trailing = read(text).trailing(Duration.parse(span))
    assert (shown(trailing), trailing.grain, trailing.running) == (days, None, False)


@pytest.mark.parametrize(
    ("text", "grain", "to_date"),
    [
        ("2026-11", Grain.YEAR, "2026-02-01 2027-01-31 to 2026-11-22"),
        ("2026-11", Grain.QUARTER, "2026-11-01 2027-01-31 to 2026-11-22"),
        ("2026-11", Grain.MONTH, "2026-11-01 2026-11-30 to 2026-11-22"),
        ("2026-11", Grain.WEEK, "2026-11-16 2026-11-22"),
        ("2026-11", Grain.DAY, "2026-11-22 2026-11-22"),
        ("2026-10", Grain.YEAR, "2026-02-01 2027-01-31 to 2026-10-31"),
        ("2026-01", Grain.YEAR, "2025-02-01 2026-01-31"),
        ("2025-11-01..2026-03-15", Grain.QUARTER, "2026-02-01 2026-04-30 to 2026-03-15"),
    ],
)
def test_to_date_is_the_period_of_the_last_elapsed_day(text: str, grain: Grain, to_date: str) -> None:
    period = read(text, calendar=FEBRUARY).to_date(grain, FEBRUARY)
    assert (shown(period), period.grain) == (to_date, grain)


def test_nothing_has_elapsed_of_what_is_made_of_a_period_that_has_not_begun() -> None:
    """Its figures count no row, least of all rows dated after the as-of day."""
    coming = read("next month")
    assert (coming.elapsed_days, coming.last_day, coming.elapsed_share(PLAIN)) == (0, date(2026, 11, 30), Fraction(0))
    made = [
        coming.previous(),
        coming.shifted(Duration(1, Grain.YEAR)),
        coming.trailing(Duration(90, Grain.DAY)),
        coming.trailing(Duration(1, Grain.MONTH)),
        coming.to_date(Grain.YEAR, PLAIN),
    ]
    assert [(str(one.start), str(one.end), one.elapsed_days) for one in made if one is not None] == [
        ("2026-11-01", "2026-12-01", 0),
        ("2025-12-01", "2026-01-01", 0),
        ("2026-09-02", "2026-12-01", 0),
        ("2026-11-01", "2026-12-01", 0),
        ("2026-01-01", "2027-01-01", 0),
    ]


def test_the_whole_of_a_period_that_has_not_begun_is_all_ahead() -> None:
    coming = read("next month")
    assert shown(coming.whole()) == shown(coming.rest()) == "2026-12-01 2026-12-31"


def test_a_year_that_has_not_begun_is_its_own_year_to_date() -> None:
    coming = read("next year", calendar=FEBRUARY)
    assert coming.to_date(Grain.YEAR, FEBRUARY) == coming


def test_the_elapsed_share_is_of_workdays() -> None:
    """November 2026 has 21 of them, 15 up to Friday the 20th, and Thanksgiving is one less."""
    period = read("2026-11")
    assert period.elapsed_share(PLAIN) == Fraction(15, 21)
    american = Calendar(holidays="US")
    assert period.elapsed_share(american) == Fraction(14, 19)
    assert round(float(period.elapsed_share(american)), 4) == 0.7368


def test_the_elapsed_share_is_of_days_where_none_is_worked() -> None:
    weekend = read("2026-11-21..2026-11-22", date(2026, 11, 21))
    assert weekend.elapsed_share(PLAIN) == Fraction(1, 2)
    assert read("2026-11").elapsed_share(Calendar(workdays=frozenset())) == Fraction(22, 30)


def test_a_period_without_days_has_elapsed() -> None:
    assert read("2026-10").rest().elapsed_share(PLAIN) == 1


@pytest.mark.parametrize("span", ["3000 years", "999999 days", "999999 years"])
def test_a_span_beyond_the_first_day_is_an_error(span: str) -> None:
    period = read("2026-11-22")
    for make in (period.shifted, period.trailing):
        with pytest.raises(KpiError) as caught:
            make(Duration.parse(span))
        assert str(caught.value) == (
            "error[period]: this reaches back before 0001-01-01, the first day that can be counted\n"
            "help: ask for a later period, or shift by less"
        )


def test_a_span_beyond_the_last_day_is_an_error() -> None:
    for text in ("9998-12-31", "9998"):
        with pytest.raises(KpiError) as caught:
            read(text).earlier(-9_999)
        assert str(caught.value) == (
            "error[period]: this reaches beyond 9999-12-31, the last day that can be counted\n"
            "help: ask for an earlier period"
        )


def test_the_first_and_the_last_day_can_be_reached() -> None:
    assert read("0001-01-02").previous().start == date.min
    assert read("0001-02").previous().start == date.min
    assert read("0001-01-31").trailing(Duration(31, Grain.DAY)).start == date.min
    assert PLAIN.period_of(Grain.DAY, date(9999, 12, 30)).end == date.max
