"""The demonstration workspace of a CRM vendor: calls, events and tasks against leads, deals and campaign cost.

The expected figures are those of SOURCES.txt and README.md beside the data and, where they have none, those of
hand-written SQL on DuckDB over the same files.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

import kpicli

HERE = Path(__file__).parent
DATA = HERE.parents[2] / "shared" / "data" / "zoho_demo"
AS_OF = "2022-12-31"

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"the Zoho demonstration data is not there: {DATA}")


class Zoho:
    """Figures of the data, each asked for once."""

    def __init__(self, book: Path) -> None:
        self.book = kpicli.load(book)
        self.reported = cache(self._reported)

    def _reported(self, kpi: str, period: str, by: str | None) -> dict[str, Any]:
        (line,) = self.book.report(period=period, by=by, kpis=[kpi], as_of=AS_OF).to_dict()["kpis"]
        assert isinstance(line, dict)
        return line

    def value(self, kpi: str, period: str = "all") -> object:
        return self.reported(kpi, period, None)["value"]

    def members(self, kpi: str, by: str, period: str = "all") -> dict[str | None, Any]:
        """The values of a KPI by member."""
        return {group["member"]: group["value"] for group in self.reported(kpi, period, by)["groups"]}


@pytest.fixture(scope="module")
def zoho() -> Iterator[Zoho]:
    """The book with the data beside it."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "data").symlink_to(DATA)
        (folder / "kpis.yaml").write_bytes((HERE / "zoho.yaml").read_bytes())
        yield Zoho(folder / "kpis.yaml")


COMPANY = [
    ("leads", 3_900),
    ("converted", 3_632),
    ("conversion", 3_632 / 3_900),
    ("touched_leads", 1_194),
    ("touches", 1_285),
    ("activities", 10_056),
    ("completed", 10_038),
    ("calls", 4_100),
    ("inbound_calls", 3_560),
    ("demo_calls", 2_250),
    ("call_minutes", 27_750),
    ("events", 2_978),
    ("tasks", 2_978),
    ("about_a_deal", 2_823),
    ("activities_per_lead", 10_038 / 3_632),
    ("created_deals", 3_632),
    ("open_deals", 1_722),
    ("open_amount", Decimal(110_255_300)),
    ("won", 1_425),
    ("lost", 485),
    ("won_amount", Decimal(89_066_200)),
    ("lead_amount", Decimal(89_066_200)),
    ("win_rate", 1_425 / 1_910),
    ("won_of_created", 1_425 / 3_632),
    ("average_deal", 89_066_200 / 1_425),
    ("sales_cycle", 422_877 / 1_425),
    ("median_cycle", 163),
    ("cost", Decimal(44_209_580)),
    ("budget", Decimal(37_420_350)),
    ("expected_revenue", Decimal(82_335_650)),
    ("cost_per_win", 44_209_580 / 1_425),
    ("return_on_campaigns", 89_066_200 / 44_209_580),
    ("wins_of_campaigns", 1_425),
    ("idle_campaigns", 4),
    ("best_source", "Sales Mail Alias"),
    ("busiest_source", "Online Store"),
    ("best_owner", "Tina Thomas"),
]


@pytest.mark.parametrize(("kpi", "expected"), COMPANY)
def test_the_company(zoho: Zoho, kpi: str, expected: float | Decimal | str) -> None:
    value = zoho.value(kpi)
    assert value == (pytest.approx(expected, rel=1e-12) if isinstance(expected, float) else expected)


def test_the_reference_figures_as_they_were_rounded(zoho: Zoho) -> None:
    """The mean cycle differs from the 296.393 of SOURCES.txt, which floors 24 hours; here days are calendar days."""
    figures = [zoho.value(kpi) for kpi in ("win_rate", "win_rate_by_value", "won_of_created", "sales_cycle")]
    assert [round(figure, 6) for figure in figures if isinstance(figure, float)] == [
        0.746073,
        0.735321,
        0.392346,
        296.755789,
    ]


def test_every_row_of_every_export_is_read(zoho: Zoho) -> None:
    data = zoho.book.report(period="all", as_of=AS_OF).to_dict()["data"]
    rows = {table["table"]: (table["rows"], table["used"]) for table in data}
    assert rows["activities"] == (10_056, 10_056)
    assert rows["leads"] == (3_900, 3_900)
    assert rows["deals"] == (3_632, 3_632)
    assert rows["campaigns"] == (110, 110)


def test_nothing_in_the_exports_is_unreadable(zoho: Zoho) -> None:
    """No cell fails its type, and every lookup that isn't blank finds its parent."""
    codes = {(table.table, note.code) for table in zoho.book.check_data(as_of=AS_OF) for note in table.notes}
    assert [found for found in codes if found[1].startswith(("invalid", "lookup"))] == []


# ---- members

OWNERS = {
    "Augustine Paul": (137, 46, 6_983_000, 95),
    "David Love": (112, 44, 7_770_100, 467),
    "Harold Pawlan": (128, 39, 8_083_600, 3_963),
    "Jasmine Frank": (146, 39, 8_391_200, 714),
    "Lazar Mathew": (132, 35, 7_965_200, 426),
    "Pete Zachariah": (118, 45, 7_403_400, 134),
    "Roger Terrence": (110, 36, 7_309_800, 1_510),
    "Rozario Diego": (123, 55, 8_772_000, 1_762),
    "Santa Cruz Clara": (136, 40, 8_846_000, 692),
    "Thomas Mondrake": (134, 48, 8_545_900, 202),
    "Tina Thomas": (149, 58, 8_996_000, 73),
}
"""Won, lost, won amount, completed activities."""

SOURCES: dict[str | None, tuple[int, int, int]] = {
    "Advertisement": (136, 54, 9_210_000),
    "Cold Call": (140, 58, 8_657_800),
    "Employee Referral": (137, 44, 8_930_100),
    "External Referral": (154, 44, 8_677_000),
    "Online Store": (159, 42, 9_317_900),
    "Partner": (137, 58, 8_386_400),
    "Public Relations": (144, 39, 8_249_400),
    "Sales Mail Alias": (148, 44, 10_460_900),
    "Trade Show": (138, 45, 9_458_600),
    "Web Research": (130, 57, 7_689_600),
    None: (2, 0, 28_500),
}

LEAD_SOURCES = {
    "Sales Mail Alias": 10_873_900,
    "Public Relations": 9_882_800,
    "Cold Call": 9_804_500,
    "Web Research": 9_749_400,
    "Advertisement": 9_685_100,
    "Trade Show": 9_211_300,
    "Employee Referral": 8_558_000,
    "External Referral": 7_754_600,
    "Online Store": 7_054_800,
    "Partner": 6_491_800,
}

CAMPAIGNS = {
    "Advertisement": (89, 5_001_000, 2_910_730),
    "Conference": (143, 9_204_600, 5_197_170),
    "Direct mail": (155, 8_567_500, 3_877_380),
    "Email": (287, 18_061_400, 7_272_190),
    "Others": (40, 2_095_300, 312_140),
    "Partners": (137, 9_170_900, 4_667_540),
    "Public Relations": (281, 18_202_700, 10_058_780),
    "Referral Program": (69, 4_626_500, 2_958_600),
    "Telemarketing": (117, 7_377_300, 3_907_980),
    "Webinar": (107, 6_759_000, 3_047_070),
}
"""Deals won, their amount, cost."""


def columns(zoho: Zoho, by: str, kpis: tuple[str, ...]) -> dict[str | None, tuple[Any, ...]]:
    """The values of several KPIs by member; a KPI without rows of a member has no figure for it, as none were lost."""
    figures = [zoho.members(kpi, by) for kpi in kpis]
    return {member: tuple(figure.get(member, 0) for figure in figures) for member in figures[0]}


def test_by_owner(zoho: Zoho) -> None:
    assert columns(zoho, "owner", ("won", "lost", "won_amount", "completed")) == OWNERS


def test_by_the_source_of_the_deal(zoho: Zoho) -> None:
    """After repairing `OnlineStore`; three deals have no source."""
    assert columns(zoho, "source", ("won", "lost", "won_amount")) == SOURCES


def test_by_the_source_of_the_lead_behind_the_deal(zoho: Zoho) -> None:
    """Through a lookup, the same as what the leads roll up."""
    assert zoho.members("won_amount", "lead_source") == LEAD_SOURCES
    assert zoho.members("lead_amount", "lead_source") == LEAD_SOURCES


def test_by_the_kind_of_campaign(zoho: Zoho) -> None:
    assert columns(zoho, "campaign_kind", ("won", "won_amount", "cost")) == CAMPAIGNS
    wins = zoho.members("cost_per_win", "campaign_kind")
    assert wins["Others"] == pytest.approx(312_140 / 40)


def test_by_the_type_of_the_deal(zoho: Zoho) -> None:
    assert columns(zoho, "type", ("won", "won_amount")) == {
        "Existing Business": (378, 23_796_200),
        "New Business": (1_047, 65_270_000),
    }


def test_activities_by_kind(zoho: Zoho) -> None:
    assert zoho.members("activities", "kind") == {"call": 4_100, "event": 2_978, "task": 2_978}


# ---- periods


@pytest.mark.parametrize(
    ("period", "won", "lost", "amount"),
    [
        ("2019", 65, 22, 3_743_800),
        ("2020", 861, 314, 53_273_600),
        ("2021", 499, 149, 32_048_800),
        ("2020-Q3", 194, 108, 9_655_400),
        ("2020-Q4", 342, 85, 22_491_800),
        ("2021-Q1", 291, 91, 19_790_900),
        ("2021-Q2", 208, 58, 12_257_900),
        ("2020-10-01..2021-03-31", 633, 176, 42_282_700),
    ],
)
def test_deals_by_period(zoho: Zoho, period: str, won: int, lost: int, amount: int) -> None:
    assert [zoho.value(kpi, period) for kpi in ("won", "lost", "won_amount")] == [won, lost, amount]


@pytest.mark.parametrize(
    ("period", "leads", "converted", "calls", "events", "tasks", "cost"),
    [
        ("2020-10", 144, 129, 0, 671, 0, 896_520),
        ("2021-02", 206, 185, 1_750, 173, 0, 0),
        ("2021-03", 111, 100, 1_250, 208, 0, 83_410),
        ("2021-04", 27, 26, 1_100, 48, 1_078, 9_608_560),
        ("2022-03", 0, 0, 0, 0, 14, 0),
    ],
)
def test_a_month(
    zoho: Zoho, period: str, leads: int, converted: int, calls: int, events: int, tasks: int, cost: int
) -> None:
    kpis = ("leads", "converted", "calls", "events", "tasks", "cost")
    assert [zoho.value(kpi, period) for kpi in kpis] == [leads, converted, calls, events, tasks, cost]


def test_the_open_pipeline_of_an_earlier_day_is_replayed(zoho: Zoho) -> None:
    """At the end of 2020: created by then, and not closed by then."""
    assert zoho.value("open_deals", "2020") == 2_010
    assert zoho.value("open_amount", "2020") == 129_806_800
