"""What a report knows of the way from first contact to revenue: its goals, its stages, and what adds up over time."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.desk import BOOK, Desk, opened

import kpicli

EXAMPLE = Path(__file__).parents[1] / "kpis.yaml"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return opened(tmp_path)


def test_stages_have_the_kpi_that_counts_what_passes_them_where_it_is_on_the_report() -> None:
    card = kpicli.load(EXAMPLE).report("manager", as_of="2026-11-22").scorecard
    assert card.passing == (("propose", "proposals_sent"), ("close", "won_deals"), ("revenue", "won_revenue"))


def test_a_goal_says_what_its_book_says_of_it() -> None:
    card = kpicli.load(EXAMPLE).report(kpis=["win_rate"], as_of="2026-11-22").scorecard
    (goal,) = card.goals
    assert (goal.who, goal.what) == ("The East and West teams", "Win rate, deal size and speed")
    assert (goal.where, goal.when) == (None, "Every quarter")
    assert goal.why == "A better win rate costs less than more leads"
    assert goal.how == "ROI assessments with executives before every proposal"


@pytest.mark.parametrize(
    ("formula", "tally"),
    [
        ("count(deals where won)", "count"),
        ("sum(deals.amount)", "sum"),
        ("plain", "count"),
        ("count_distinct(deals.owner)", None),
        ("count(deals where won) / count(deals)", None),
        ("2 * count(deals)", None),
        ("count(deals) per week", None),
        ("avg(deals.amount)", None),
        ("prior(count(deals))", None),
        ("recent", None),
    ],
)
def test_a_kpi_is_a_tally_where_it_is_one_count_or_sum_and_nothing_else(
    desk: Desk, formula: str, tally: str | None
) -> None:
    kpis = {"asked": formula, "plain": "count(deals)", "recent": "formula: count(deals)\nwindow: trailing 9 days"}
    desk.book(kpis, base=BOOK)
    (line,) = kpicli.load(desk.folder / "kpis.yaml").report(kpis=["asked"], as_of="2026-03-31").scorecard.lines
    assert line.tally == tally
