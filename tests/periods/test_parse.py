"""What people may write for a period, and what they are told where it is none."""

from __future__ import annotations

from datetime import date

import pytest

from kpicli.errors import KpiError, Trouble
from kpicli.periods import Calendar, Duration, Grain, Period, parse_period

AS_OF = date(2026, 11, 22)
PLAIN = Calendar()
FEBRUARY = Calendar(fiscal_year_starts=2)

FORMS = (
    "a day (2026-10-31), a week (2026-W45), a month (2026-10), a quarter (2026-Q3, or FY2026-Q3 of the fiscal year), "
    "a year (2026, FY2026), first and last day (2026-01-01..2026-03-31), today, yesterday, this, last or next with "
    "week, month, quarter or year, or all"
)


def read(text: str, calendar: Calendar = PLAIN) -> Period:
    return parse_period(text, calendar, AS_OF)


def refused(text: str, calendar: Calendar = PLAIN, as_of: date = AS_OF) -> str:
    with pytest.raises(KpiError) as caught:
        parse_period(text, calendar, as_of)
    assert caught.value.trouble is Trouble.USAGE
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "first", "last", "grain"),
    [
        ("2026-10-31", date(2026, 10, 31), date(2026, 10, 31), Grain.DAY),
        ("2024-02-29", date(2024, 2, 29), date(2024, 2, 29), Grain.DAY),
        ("2026-W45", date(2026, 11, 2), date(2026, 11, 8), Grain.WEEK),
        ("2026-W01", date(2025, 12, 29), date(2026, 1, 4), Grain.WEEK),
        ("2026-W53", date(2026, 12, 28), date(2027, 1, 3), Grain.WEEK),
        ("2026-10", date(2026, 10, 1), date(2026, 10, 31), Grain.MONTH),
        ("2026-02", date(2026, 2, 1), date(2026, 2, 28), Grain.MONTH),
        ("2026-Q3", date(2026, 7, 1), date(2026, 9, 30), Grain.QUARTER),
        ("FY2026-Q1", date(2025, 2, 1), date(2025, 4, 30), Grain.QUARTER),
        ("FY2026-Q4", date(2025, 11, 1), date(2026, 1, 31), Grain.QUARTER),
        ("2026", date(2026, 1, 1), date(2026, 12, 31), Grain.YEAR),
        ("FY2026", date(2025, 2, 1), date(2026, 1, 31), Grain.YEAR),
        ("2026-01-01..2026-03-31", date(2026, 1, 1), date(2026, 3, 31), None),
        ("2026-03-31..2026-03-31", date(2026, 3, 31), date(2026, 3, 31), None),
        ("today", date(2026, 11, 22), date(2026, 11, 22), Grain.DAY),
        ("yesterday", date(2026, 11, 21), date(2026, 11, 21), Grain.DAY),
        ("this week", date(2026, 11, 16), date(2026, 11, 22), Grain.WEEK),
        ("last week", date(2026, 11, 9), date(2026, 11, 15), Grain.WEEK),
        ("next week", date(2026, 11, 23), date(2026, 11, 29), Grain.WEEK),
        ("this month", date(2026, 11, 1), date(2026, 11, 30), Grain.MONTH),
        ("last month", date(2026, 10, 1), date(2026, 10, 31), Grain.MONTH),
        ("next month", date(2026, 12, 1), date(2026, 12, 31), Grain.MONTH),
        ("this quarter", date(2026, 11, 1), date(2027, 1, 31), Grain.QUARTER),
        ("last quarter", date(2026, 8, 1), date(2026, 10, 31), Grain.QUARTER),
        ("next quarter", date(2027, 2, 1), date(2027, 4, 30), Grain.QUARTER),
        ("this year", date(2026, 2, 1), date(2027, 1, 31), Grain.YEAR),
        ("last year", date(2025, 2, 1), date(2026, 1, 31), Grain.YEAR),
        ("next year", date(2027, 2, 1), date(2028, 1, 31), Grain.YEAR),
    ],
)
def test_a_text_names_a_period(text: str, first: date, last: date, grain: Grain | None) -> None:
    """With a fiscal year that starts in February, which only FY and the words for now follow."""
    period = read(text, FEBRUARY)
    assert (period.start, period.whole().last_day, period.grain) == (first, last, grain)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("this quarter", "2026-Q4"),
        ("this year", "2026"),
        ("2026-Q4", "2026-Q4"),
        ("FY2026-Q4", "FY2026-Q4"),
        ("FY2026", "FY2026"),
    ],
)
def test_a_fiscal_year_that_is_the_calendar_year_is_labelled_as_it_was_asked_for(text: str, label: str) -> None:
    assert read(text).label(PLAIN) == label


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("this quarter", "FY2027-Q4"),
        ("this year", "FY2027"),
        ("2026-Q4", "2026-Q4"),
        ("2026", "2026"),
        ("FY2026-Q1", "FY2026-Q1"),
    ],
)
def test_a_fiscal_year_of_its_own_is_labelled_with_fy(text: str, label: str) -> None:
    assert read(text, FEBRUARY).label(FEBRUARY) == label


@pytest.mark.parametrize("text", ["  last   Month ", "LAST MONTH", "last\tmonth"])
def test_case_and_spacing_of_words_do_not_count(text: str) -> None:
    assert read(text) == read("last month")


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("fy2026-q3", "FY2026-Q3"),
        ("2026-w45", "2026-W45"),
        (" 2026-01-01 .. 2026-03-31 ", "2026-01-01..2026-03-31"),
    ],
)
def test_letters_may_be_small_and_a_range_may_have_spaces(text: str, same: str) -> None:
    assert read(text) == read(same)


@pytest.mark.parametrize(
    ("week_starts", "first"),
    [
        (0, date(2026, 11, 2)),
        (3, date(2026, 11, 5)),
        (4, date(2026, 10, 30)),
        (6, date(2026, 11, 1)),
    ],
)
def test_a_week_is_the_one_that_holds_the_iso_weeks_thursday(week_starts: int, first: date) -> None:
    calendar = Calendar(week_starts=week_starts)
    period = read("2026-W45", calendar)
    assert (period.start, period.label(calendar)) == (first, "2026-W45")


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("2026-11", date(2026, 11, 23)),
        ("this week", date(2026, 11, 23)),
        ("today", date(2026, 11, 23)),
        ("last month", date(2026, 11, 1)),
        ("2026-11-01..2026-12-31", date(2026, 11, 23)),
        ("next month", date(2026, 12, 1)),
    ],
)
def test_a_period_is_cut_after_the_as_of_day(text: str, cut: date) -> None:
    """The as-of day counts as elapsed, and what has not begun has nothing elapsed."""
    assert read(text).cut == cut


def test_the_first_and_the_last_day_that_can_be_reported_on() -> None:
    assert read("0001-01-01").start == date.min
    assert read("9998").end == date(9999, 1, 1)
    assert parse_period("2026", PLAIN, date.max).cut == date(2027, 1, 1)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("2026-02-30", "there is no day 2026-02-30\nhelp: 2026-02 runs from 2026-02-01 to 2026-02-28"),
        ("2026-02-00", "there is no day 2026-02-00\nhelp: 2026-02 runs from 2026-02-01 to 2026-02-28"),
        ("2026-13-01", "there is no month 2026-13\nhelp: months run from 2026-01 to 2026-12"),
        ("2026-00", "there is no month 2026-00\nhelp: months run from 2026-01 to 2026-12"),
        ("2025-W53", "there is no week 2025-W53\nhelp: weeks run from 2025-W01 to 2025-W52"),
        ("2026-w54", "there is no week 2026-W54\nhelp: weeks run from 2026-W01 to 2026-W53"),
        ("2026-Q5", "there is no quarter 2026-Q5\nhelp: quarters run from 2026-Q1 to 2026-Q4"),
        ("FY2026-Q0", "there is no quarter FY2026-Q0\nhelp: quarters run from FY2026-Q1 to FY2026-Q4"),
        ("0000", "the year 0000 can't be reported on\nhelp: write a year from 0001 to 9998"),
        ("9999-W01", "the year 9999 can't be reported on\nhelp: write a year from 0001 to 9998"),
        (
            "2026-03-31..2026-01-01",
            "the range 2026-03-31..2026-01-01 ends before it starts\nhelp: write 2026-01-01..2026-03-31",
        ),
        (
            "2026-01-01..2026-04-31",
            "there is no day 2026-04-31\nhelp: 2026-04 runs from 2026-04-01 to 2026-04-30",
        ),
    ],
)
def test_a_period_that_no_calendar_has_is_refused_with_the_fix(text: str, message: str) -> None:
    assert refused(text, FEBRUARY) == f"error[period]: {message}"


def test_a_day_before_the_first_is_refused() -> None:
    """FY0001 would begin in the February of the year before."""
    assert refused("FY0001", FEBRUARY) == (
        "error[period]: this reaches back before 0001-01-01, the first day that can be counted\n"
        "help: ask for a later period, or shift by less"
    )


def test_a_day_after_the_last_is_refused() -> None:
    assert refused("next year", as_of=date(9999, 5, 1)) == (
        "error[period]: this reaches beyond 9999-12-31, the last day that can be counted\n"
        "help: ask for an earlier period"
    )


def test_a_misspelled_word_gets_the_nearest() -> None:
    assert refused("last quater") == (
        f"error[period]: 'last quater' is no period\nhelp: did you mean 'last quarter'? Periods are {FORMS}"
    )


@pytest.mark.parametrize(
    "text", ["", "2026-", "soon", "..", "13/13/2026", "2026-01..2026-02-30", "2026-02..2026-01", "٢٠٢٦"]
)
def test_any_other_text_gets_all_that_is_accepted(text: str) -> None:
    assert refused(text) == f"error[period]: '{text}' is no period\nhelp: periods are {FORMS}"


def test_a_long_text_is_shown_in_short() -> None:
    assert refused("z" * 60).startswith(f"error[period]: '{'z' * 60}' is no period\n")
    assert refused("z" * 61) == f"error[period]: '{'z' * 59}…' is no period\nhelp: periods are {FORMS}"


@pytest.mark.parametrize(
    ("text", "instead"),
    [
        ("2026Q3", "2026-Q3"),
        ("q3 2026", "2026-Q3"),
        ("FY26-Q3", "FY2026-Q3"),
        ("Q3 FY26", "FY2026-Q3"),
        ("FY26", "FY2026"),
        ("FY '26", "FY2026"),
        ("fiscal year 2026", "FY2026"),
        ("2026-W5", "2026-W05"),
        ("week 45, 2026", "2026-W45"),
        ("2026-9", "2026-09"),
        ("09/2026", "2026-09"),
        ("Oct 2026", "2026-10"),
        ("2026 September", "2026-09"),
        ("2026/10/31", "2026-10-31"),
        ("20261031", "2026-10-31"),
        ("10/31/2026", "2026-10-31"),
        ("31.10.2026", "2026-10-31"),
        ("03/03/2026", "2026-03-03"),
        ("02/03/2026", "2026-02-03 or 2026-03-02"),
        ("2026-01-01 to 2026-03-31", "2026-01-01..2026-03-31"),
        ("2026-01..2026-03", "2026-01-01..2026-03-31"),
        ("FY2026-Q1 .. 2026-Q2", "2026-01-01..2026-06-30"),
        ("2026-01-01..", "2026-01-01..2026-11-22"),
        ("October", "2026-10"),
        ("nov", "2026-11"),
        ("Dec.", "2025-12"),
        ("q4", "2026-Q4"),
        ("last 90 days", "2026-08-25..2026-11-22"),
        ("trailing 3 months", "2026-08-23..2026-11-22"),
        ("ytd", "this year"),
        ("month to date", "this month"),
        ("current quarter", "this quarter"),
        ("last fiscal year", "last year"),
        ("previous week", "last week"),
        ("following week", "next week"),
        ("this day", "today"),
        ("last day", "yesterday"),
    ],
)
def test_other_ways_to_write_a_period_get_the_one_that_is_read(text: str, instead: str) -> None:
    assert refused(text) == f"error[period]: '{text}' is no period\nhelp: write {instead}; periods are {FORMS}"


def test_a_span_that_reaches_before_the_calendar_gets_no_suggestion() -> None:
    assert refused("last 9999 years") == (
        f"error[period]: 'last 9999 years' is no period\nhelp: did you mean 'last year'? Periods are {FORMS}"
    )


@pytest.mark.parametrize(
    ("text", "count", "grain", "canonical"),
    [
        ("90 days", 90, Grain.DAY, "90 days"),
        ("1 year", 1, Grain.YEAR, "1 year"),
        ("1 years", 1, Grain.YEAR, "1 year"),
        (" 6  Weeks ", 6, Grain.WEEK, "6 weeks"),
        ("12 month", 12, Grain.MONTH, "12 months"),
        ("2 quarters", 2, Grain.QUARTER, "2 quarters"),
    ],
)
def test_a_duration_is_a_number_and_a_unit(text: str, count: int, grain: Grain, canonical: str) -> None:
    duration = Duration.parse(text)
    assert duration == Duration(count, grain)
    assert str(duration) == canonical


@pytest.mark.parametrize("text", ["", "90", "days", "0 days", "-1 day", "1.5 years", "1000000 days", "3 workdays"])
def test_any_other_text_is_no_duration(text: str) -> None:
    with pytest.raises(KpiError) as caught:
        Duration.parse(text)
    assert str(caught.value) == (
        f"error[duration]: '{text}' is no span of time\n"
        "help: write a whole number from 1 to 999999 and days, weeks, months, quarters or years: `90 days`"
    )


def test_a_duration_holds_at_least_one_unit() -> None:
    with pytest.raises(ValueError, match=r"^a duration holds at least one unit$"):
        Duration(0, Grain.DAY)
