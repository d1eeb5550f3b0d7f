"""Ways to get a wrong number out of a period, each pinned."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from tests.desk import BOOK, opened

import kpicli
from kpicli.errors import KpiError
from kpicli.render.remarks import freshness


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


@pytest.mark.parametrize(
    ("asked", "late"),
    [
        ({"period": "2026-02"}, False),
        ({"period": "2026-01"}, True),  # the month before it is in no export
        ({"period": "2025-12"}, True),
        ({"period": "2026-03", "trend": 3}, False),
        ({"period": "2026-03", "trend": 4}, True),
        ({"period": "all"}, False),
    ],
)
@pytest.mark.parametrize("kpi", ["count(deals)", "median(deals.amount)", "count(deals where owner_name = 'Ann')"])
def test_days_before_an_export_begins_are_not_taken_for_days_without_work(
    tmp_path: Path, asked: dict[str, Any], late: bool, kpi: str
) -> None:
    """They count 0, as the export says, and a change against them is no growth: the report says where it begins."""
    desk = opened(tmp_path)
    # What is brought by a lookup has every row read, and not only those of the days that are asked for.
    lookup = "    lookups: {rep: {column: owner, table: reps}}\n    fields:\n      owner_name: rep.name"
    reps = "  reps:\n    source: reps.csv\n    key: id\n    columns: {id: id, name: name}\ndimensions:"
    desk.write("reps.csv", "id,name\nann,Ann\nbob,Bob\n")
    desk.book({"deals": kpi}, base=BOOK.replace("    fields:", lookup).replace("dimensions:", reps))
    card = kpicli.load(tmp_path / "kpis.yaml").report(as_of="2026-04-10", **asked).scorecard
    deals = card.data[0]
    assert (deals.oldest, deals.begins_late) == (date(2026, 1, 20), late)
    assert (("deals only from 2026-01-20", True) in freshness(card)) is late


def test_a_table_by_another_date_says_nothing_of_where_it_begins(tmp_path: Path) -> None:
    desk = opened(tmp_path)
    desk.book({"created": "count(deals on created)"})
    card = kpicli.load(tmp_path / "kpis.yaml").report(period="2026-01", as_of="2026-04-10").scorecard
    assert not card.data[0].begins_late
