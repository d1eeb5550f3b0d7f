"""Every KPI of the example against plain Python over the exports, and what else its book promises."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from examples.generate import exports
from tests.example.exports import EXAMPLES, company
from tests.example.figures import KPIS, Period, Value, quota, won

import kpicli
from kpicli.scorecard import TableData

ROOT = Path(__file__).parent.parent
AS_OF = date(2026, 11, 22)

PERIODS = {
    "2026-10": Period(date(2026, 10, 1), date(2026, 10, 31), date(2026, 10, 31)),
    "2026-11": Period(date(2026, 11, 1), AS_OF, date(2026, 11, 30)),
    "2026-Q3": Period(date(2026, 7, 1), date(2026, 9, 30), date(2026, 9, 30)),
    "2025-06": Period(date(2025, 6, 1), date(2025, 6, 30), date(2025, 6, 30)),
}
BY_OWNER = [
    "activities",
    "activities_per_day",
    "roi_assessments",
    "new_leads",
    "qualified_leads",
    "proposals_sent",
    "insights_share",
    "open_pipeline",
    "pipeline_coverage",
    "won_deals",
    "win_rate",
    "won_to_lost",
    "sales_cycle",
    "average_deal",
    "accounts_signed",
    "won_revenue",
    "won_revenue_year",
    "arr_per_seller",
]


@cache
def reported(period: str, by: str | None = None, scorecard: str | None = None) -> dict[str, Any]:
    """What the program says about every KPI of the book."""
    kpis = () if scorecard else (BY_OWNER if by == "owner" else KPIS)
    report = kpicli.load(ROOT / "kpis.yaml").report(scorecard, period=period, by=by, kpis=kpis, as_of=AS_OF)
    return {kpi["id"]: kpi for kpi in report.to_dict()["kpis"]}


def same(value: Value, expected: Value) -> bool:
    """Exact for counts, sums and texts; averages and ratios may differ in their last bits."""
    if isinstance(expected, float) and value is not None and not isinstance(value, str):
        return float(value) == pytest.approx(expected, rel=1e-12)
    return value == expected


def test_the_committed_exports_are_what_the_generator_writes() -> None:
    committed = {path.name: path.read_bytes() for path in EXAMPLES.glob("*.csv")}
    written = exports()
    assert committed.keys() == written.keys()
    assert [name for name, content in written.items() if committed[name] != content] == []
    assert sum(map(len, committed.values())) < 1_500_000


def test_every_kpi_of_the_book_is_recomputed() -> None:
    assert set(reported("2026-10")) == set(KPIS)


@pytest.mark.parametrize("period", PERIODS)
@pytest.mark.parametrize("kpi", KPIS)
def test_a_kpi_is_what_plain_python_counts(kpi: str, period: str) -> None:
    figure = reported(period)[kpi]
    expected = KPIS[kpi](company(), PERIODS[period])
    assert same(figure["value"], expected), (figure["value"], figure["reason"], expected)
    assert figure["value"] is not None


@pytest.mark.parametrize("period", ["2026-10", "2026-11"])
@pytest.mark.parametrize("kpi", BY_OWNER)
def test_a_kpi_by_owner_is_what_plain_python_counts(kpi: str, period: str) -> None:
    """Each member's figure is that of the member's rows; who is listed or has something to show is there."""
    groups = {group["member"]: group["value"] for group in reported(period, "owner")[kpi]["groups"]}
    expected = {owner: KPIS[kpi](company().of(owner or ""), PERIODS[period]) for owner in owners()}
    differing = {owner for owner, value in groups.items() if not same(value, expected[owner])}
    assert {owner: (groups[owner], expected[owner]) for owner in differing} == {}
    assert {user.id for user in company().users if user.sells and user.active} <= set(groups)
    assert {owner for owner, value in expected.items() if value and owner not in groups} == set()


def owners() -> set[str | None]:
    """Everybody who is listed or owns a row; None for the rows without an owner."""
    data = company()
    named = [*[deal.owner for deal in data.deals], *[activity.owner for activity in data.activities]]
    named += [*[lead.owner for lead in data.leads], *[account.owner for account in data.accounts]]
    return {owner or None for owner in named} | {user.id for user in data.users}


def test_every_seller_is_shown_by_name_and_rows_without_an_owner_come_last() -> None:
    names = {user.id: user.name for user in company().users}
    groups = reported("2026-10", "owner")["activities"]["groups"]
    assert [group["label"] for group in groups] == [
        *sorted(names[group["member"]] for group in groups if group["member"]),
        *["(none)" for group in groups if group["member"] is None],
    ]


@pytest.mark.parametrize(
    "kpi",
    ["new_leads", "lead_conversion", "won_deals", "win_rate", "won_revenue", "new_account_fee", "cost_per_customer"],
)
def test_a_kpi_by_lead_source_is_what_plain_python_counts(kpi: str) -> None:
    """Deals, leads and costs name their source in columns of their own; blank and `N/A` are "(none)"."""
    groups = {group["member"]: group["value"] for group in reported("2026-11", "source")[kpi]["groups"]}
    sources = {deal.source or None for deal in company().deals} | {lead.source or None for lead in company().leads}
    expected = {source: KPIS[kpi](company().from_source(source or ""), PERIODS["2026-11"]) for source in sources}
    assert {source for source in groups if not same(groups[source], expected[source])} == set()
    assert {source for source in sources if expected[source] and source not in groups} == set()


@pytest.mark.parametrize("kpi", KPIS)
def test_a_kpi_asked_alone_has_the_same_figure(kpi: str) -> None:
    alone = kpicli.load(ROOT / "kpis.yaml").report(period="2026-11", kpis=[kpi], as_of=AS_OF)
    assert alone.to_dict()["kpis"] == [reported("2026-11")[kpi]]


# ---- targets


def test_the_revenue_target_is_the_quota_of_the_whole_month_for_all_and_for_each() -> None:
    november = PERIODS["2026-11"].whole()
    assert reported("2026-11")["won_revenue"]["target"] == quota(company(), november)
    for group in reported("2026-11", "owner")["won_revenue"]["groups"]:
        own = quota(company().of(group["member"] or ""), november)
        assert (group["target"] or 0) == own, group["label"]


def test_expected_is_the_share_of_elapsed_workdays() -> None:
    november = PERIODS["2026-11"]
    share = november.workdays() / november.whole().workdays()
    assert (november.workdays(), november.whole().workdays()) == (14, 19)
    leads = reported("2026-11")["new_leads"]
    assert leads["target"] == 95
    assert leads["expected"] == pytest.approx(95 * share)
    assert leads["pace"] == pytest.approx(leads["value"] / (95 * share))
    assert leads["projected"] == pytest.approx(leads["value"] / share)


def test_dated_targets_change_with_the_year() -> None:
    assert reported("2025-06")["new_leads"]["target"] == 75
    assert reported("2026-Q3")["new_leads"]["target"] == 95 * 3


def test_the_years_goal_stands_against_the_year_so_far() -> None:
    figure = reported("2026-10")["won_revenue_year"]
    assert figure["target"] == 2_600_000
    assert (figure["window"]["start"], figure["window"]["end"]) == ("2026-01-01", "2026-12-31")


# ---- what else the book promises


@pytest.mark.parametrize("scorecard", ["executive", "manager", "salesperson", "development"])
def test_a_scorecard_has_a_value_for_every_kpi(scorecard: str) -> None:
    assert [kpi["id"] for kpi in reported("2026-11", scorecard=scorecard).values() if kpi["value"] is None] == []


def test_a_headline_is_what_its_owners_add_up_to() -> None:
    figures = reported("2026-11", "owner")
    for kpi in ("activities", "won_revenue", "won_deals", "new_leads"):
        assert sum(group["value"] for group in figures[kpi]["groups"]) == figures[kpi]["value"]


def test_a_team_has_the_figures_of_its_people() -> None:
    groups = reported("2026-11", "team")["won_revenue"]["groups"]
    teams = {user.id: user.team for user in company().users}
    expected: dict[str | None, Decimal] = {}
    for deal in won(company(), PERIODS["2026-11"]):
        team = teams.get(deal.owner)
        expected[team] = expected.get(team, Decimal(0)) + (deal.arr or 0)
    assert {group["member"]: group["value"] for group in groups if group["value"]} == expected


def test_a_check_notes_all_that_a_report_notes() -> None:
    book = kpicli.load(ROOT / "kpis.yaml")

    def noted(tables: Iterable[TableData]) -> set[tuple[str, str, str | None, int]]:
        return {(table.table, note.code, note.column, note.rows) for table in tables for note in table.notes}

    reported = noted(book.report(as_of=AS_OF).scorecard.data)
    assert ("opportunities", "no-date", "close_date", 4) in reported
    assert reported <= noted(book.check_data(as_of=AS_OF))
