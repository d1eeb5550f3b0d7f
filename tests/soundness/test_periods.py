"""Ways to get a wrong number out of a period, each pinned."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.desk import opened

from kpicli.errors import KpiError


def test_the_year_to_date_of_a_month_that_has_not_begun_is_not_nothing(tmp_path: Path) -> None:
    """Deals are won in this year: `0 of 1,000, on track` would be wrong, and so would all of them in another month."""
    desk = opened(tmp_path)
    desk.book(
        {
            "won": "sum(deals.amount where won)",
            "so_far": "formula: sum(deals.amount where won)\nwindow: to date in year\ntarget: 1_000 per year",
            "lately": "formula: count(deals where won)\nwindow: trailing 90 days",
            "within": "to_date(sum(deals.amount where won), year)",
            "before": "prior(to_date(sum(deals.amount where won), year))",
        }
    )
    found = desk.lines(period="2026-04", as_of="2026-03-15")
    assert {name: (kpi["value"], kpi["reason"]) for name, kpi in found.items()} == {
        "won": (0, None),
        "so_far": (None, "the period has not begun"),
        "lately": (None, "the period has not begun"),
        "within": (None, "the period has not begun"),
        "before": (None, "the period has not begun"),
    }
    assert (found["so_far"]["target"], found["so_far"]["status"]) == (1000, "no_data")
    assert desk.values(period="2026-03", as_of="2026-03-15")["so_far"] == 330


def test_what_was_there_before_the_first_day_that_can_be_counted_is_an_error_that_says_so(tmp_path: Path) -> None:
    desk = opened(tmp_path)
    desk.book({"open": "count(deals at start)"})
    with pytest.raises(KpiError, match="before 0001-01-01, the first day that can be counted"):
        desk.report(period="this month", as_of="0001-02-01")
