"""Periods and days in words."""

from __future__ import annotations

from datetime import date

import pytest

from kpicli.render.dates import write_days, write_period, write_span
from kpicli.scorecard import ReportPeriod, Span


@pytest.mark.parametrize(
    ("label", "grain", "start", "end", "words"),
    [
        ("2026-10-31", "day", date(2026, 10, 31), date(2026, 10, 31), "31 October 2026"),
        ("2026-W05", "week", date(2026, 1, 26), date(2026, 2, 1), "Week 5 of 2026"),
        ("2026-W40", "week", date(2026, 9, 28), date(2026, 10, 4), "Week 40 of 2026"),
        ("2026-10", "month", date(2026, 10, 1), date(2026, 10, 31), "October 2026"),
        ("FY2026-Q3", "quarter", date(2025, 8, 1), date(2025, 10, 31), "Q3 of FY2026"),
        ("2026-Q3", "quarter", date(2026, 7, 1), date(2026, 9, 30), "Q3 of 2026"),
        ("FY2026", "year", date(2025, 2, 1), date(2026, 1, 31), "FY2026"),
        ("2026-01-05..2026-03-04", None, date(2026, 1, 5), date(2026, 3, 4), "5 Jan to 4 Mar 2026"),
        ("all", None, date(2024, 1, 5), date(2026, 3, 4), "All time"),
    ],
)
def test_a_period_has_words(label: str, grain: str | None, start: date, end: date, words: str) -> None:
    assert write_period(ReportPeriod(label, grain, start, end, running=False, elapsed=1.0)) == words


def test_days_name_a_year_once() -> None:
    assert write_days(date(2026, 8, 25), date(2026, 11, 22)) == "25 Aug to 22 Nov 2026"
    assert write_days(date(2025, 12, 1), date(2026, 1, 2)) == "1 Dec 2025 to 2 Jan 2026"
    assert write_days(date(2026, 1, 2), date(2026, 1, 2)) == "2 Jan 2026"


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        (date(2026, 1, 1), date(2026, 12, 31), "2026"),
        (date(2025, 2, 1), date(2026, 1, 31), "365 days"),
        (date(2028, 2, 1), date(2028, 2, 29), "Feb 2028"),
        (date(2028, 2, 1), date(2028, 2, 28), "28 days"),
        (date(9999, 12, 1), date(9999, 12, 31), "Dec 9999"),
        (date(2026, 8, 25), date(2026, 11, 22), "90 days"),
        (date(2026, 8, 25), date(2026, 8, 25), "1 day"),
        (date(2020, 1, 1), date(2026, 8, 25), "2,429 days"),
    ],
)
def test_a_span_is_called_by_what_it_is(start: date, end: date, words: str) -> None:
    assert write_span(Span(start, end, 1.0)) == words
