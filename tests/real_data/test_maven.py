"""The CRM data of Maven Analytics: what analysts published about it, and what DuckDB makes of the raw files.

The expected figures are those of PUBLISHED.md beside the data that are marked OK there, and, where none is published,
those of hand-written SQL on DuckDB over the same files.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

import kpicli

HERE = Path(__file__).parent
DATA = HERE.parents[2] / "shared" / "data" / "maven_crm"
AS_OF = "2017-12-31"
TYPO = "technolgy"
"""A sector, as the data spells it and as it was published."""

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"the Maven CRM data is not there: {DATA}")


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A folder with the book, and the data beside it."""
    with TemporaryDirectory() as name:
        place = Path(name)
        (place / "data").symlink_to(DATA)
        (place / "kpis.yaml").write_bytes((HERE / "maven.yaml").read_bytes())
        yield place


class Maven:
    """Figures of the data, each asked for once."""

    def __init__(self, book: Path) -> None:
        self.book = kpicli.load(book)
        self.reported = cache(self._reported)

    def _reported(self, kpi: str, period: str, by: str | None, only: tuple[tuple[str, str], ...]) -> dict[str, Any]:
        report = self.book.report(period=period, by=by, only=dict(only), kpis=[kpi], as_of=AS_OF).to_dict()
        (line,) = report["kpis"]
        assert isinstance(line, dict)
        return line

    def value(self, kpi: str, period: str = "all", *only: tuple[str, str]) -> object:
        return self.reported(kpi, period, None, only)["value"]

    def number(self, kpi: str, period: str = "all", *only: tuple[str, str]) -> float:
        value = self.value(kpi, period, *only)
        assert isinstance(value, int | float | Decimal)
        return float(value)

    def members(self, kpi: str, by: str, period: str = "all", *only: tuple[str, str]) -> dict[str | None, Any]:
        """The values of a KPI by member; revenue is exact, which `test_revenue_is_exact` holds for the company."""
        groups = self.reported(kpi, period, by, only)["groups"]
        return {group["member"]: plain(group["value"]) for group in groups}


def plain(value: object) -> object:
    return float(value) if isinstance(value, Decimal) else value


@pytest.fixture(scope="module")
def maven(folder: Path) -> Maven:
    return Maven(folder / "kpis.yaml")


# ---- the company


COMPANY = [
    ("deals", 8_800),
    ("prospecting", 500),
    ("engaging", 1_589),
    ("won", 4_238),
    ("lost", 2_473),
    ("closed", 6_711),
    ("revenue", 10_005_534),
    ("win_rate", 4_238 / 6_711),
    ("average_deal", 10_005_534 / 4_238),
    ("average_closed", 10_005_534 / 6_711),
    ("sales_cycle", 219_452 / 4_238),
    ("lost_cycle", 102_578 / 2_473),
    ("closed_cycle", 322_030 / 6_711),
    ("median_cycle", 57),
    ("best_agent", "Darcel Schlecht"),
    ("surest_agent", "Hayden Neloms"),
    ("best_manager", "Melvin Marxen"),
    ("best_region", "West"),
    ("best_product", "GTX Pro"),
    ("best_series", "GTX"),
    ("best_sector", "retail"),
    ("best_sector_by_deal", "entertainment"),
    ("best_account", "Kan-code"),
]


@pytest.mark.parametrize(("kpi", "expected"), COMPANY)
@pytest.mark.parametrize("period", ["all", "2017"])
def test_the_company(maven: Maven, kpi: str, expected: float | str, period: str) -> None:
    value = maven.value(kpi, period)
    assert value == (pytest.approx(expected, rel=1e-12) if isinstance(expected, float) else expected)


def test_the_published_figures_of_the_company_as_they_were_rounded(maven: Maven) -> None:
    assert round(maven.number("win_rate") * 100, 2) == 63.15
    assert round(maven.number("average_deal"), 2) == 2_360.91
    assert round(maven.number("sales_cycle"), 2) == 51.78
    assert round(maven.number("lost_cycle"), 2) == 41.48
    assert round(maven.number("closed_cycle"), 3) == 47.985
    assert round(maven.number("average_closed"), 2) == 1_490.92
    assert round(maven.number("won") / maven.number("deals") * 100, 3) == 48.159


def test_revenue_is_exact(maven: Maven) -> None:
    value = maven.value("revenue")
    assert isinstance(value, int | Decimal)
    assert value == 10_005_534


def test_all_8_800_rows_are_read_and_used(maven: Maven) -> None:
    report = maven.book.report(period="all", kpis=["won", "deals"], as_of=AS_OF).to_dict()
    tables = {table["table"]: (table["rows"], table["used"]) for table in report["data"]}
    assert tables["opportunities"] == (8_800, 8_800)
    assert tables["stock"] == (8_800, 8_800)


# ---- members: won, lost, revenue, of the whole year

BY = {
    "agent": {
        "Anna Snelling": (208, 128, 275_056),
        "Boris Faz": (101, 52, 261_631),
        "Carl Lin": (0, 0, 0),
        "Carol Thompson": (0, 0, 0),
        "Cassey Cress": (163, 98, 450_489),
        "Cecily Lampkin": (107, 53, 229_800),
        "Corliss Cosme": (150, 79, 421_036),
        "Daniell Hammack": (114, 73, 364_229),
        "Darcel Schlecht": (349, 204, 1_153_214),
        "Donn Cantrell": (158, 117, 445_860),
        "Elease Gluck": (80, 46, 289_195),
        "Elizabeth Anderson": (0, 0, 0),
        "Garret Kinder": (75, 48, 197_773),
        "Gladys Colclough": (135, 97, 345_674),
        "Hayden Neloms": (107, 45, 272_111),
        "James Ascencio": (135, 71, 413_533),
        "Jonathan Berthelot": (171, 93, 284_886),
        "Kami Bicknell": (174, 98, 316_456),
        "Kary Hendrixson": (209, 126, 454_298),
        "Lajuana Vencill": (127, 104, 194_632),
        "Markita Hansen": (130, 97, 328_792),
        "Marty Freudenburg": (122, 72, 291_195),
        "Maureen Marcano": (149, 64, 350_395),
        "Mei-Mei Johns": (0, 0, 0),
        "Moses Frase": (129, 66, 207_182),
        "Natalya Ivanova": (0, 0, 0),
        "Niesha Huffines": (105, 70, 176_961),
        "Reed Clapper": (155, 82, 438_336),
        "Rosalina Dieter": (72, 38, 235_403),
        "Rosie Papadopoulos": (78, 43, 230_169),
        "Versie Hillebrand": (176, 88, 187_693),
        "Vicki Laflamme": (221, 126, 478_396),
        "Violet Mclelland": (122, 71, 123_431),
        "Wilburn Farren": (55, 24, 157_640),
        "Zane Levy": (161, 100, 430_068),
    },
    "manager": {
        "Cara Losch": (480, 265, 1_130_049),
        "Celia Rouche": (610, 352, 1_603_897),
        "Dustin Brinkmann": (747, 439, 1_094_363),
        "Melvin Marxen": (882, 536, 2_251_930),
        "Rocco Neubert": (691, 422, 1_960_545),
        "Summer Sewald": (828, 459, 1_964_750),
    },
    "region": {
        "Central": (1_629, 975, 3_346_293),
        "East": (1_171, 687, 3_090_594),
        "West": (1_438, 811, 3_568_647),
    },
    "product": {
        "GTK 500": (15, 10, 400_612),
        "GTX Basic": (915, 521, 499_263),
        "GTX Plus Basic": (653, 398, 705_275),
        "GTX Plus Pro": (479, 266, 2_629_651),
        "GTX Pro": (729, 418, 3_510_578),
        "MG Advanced": (654, 430, 2_216_387),
        "MG Special": (793, 430, 43_768),
    },
    "series": {"GTK": (15, 10, 400_612), "GTX": (2_776, 1_603, 7_344_767), "MG": (1_447, 860, 2_260_155)},
    "sector": {
        "employment": (179, 107, 436_174),
        "entertainment": (260, 142, 689_007),
        "finance": (375, 238, 950_908),
        "marketing": (404, 219, 922_321),
        "medical": (592, 358, 1_359_595),
        "retail": (799, 468, 1_867_528),
        "services": (223, 129, 533_006),
        "software": (450, 254, 1_077_934),
        TYPO: (671, 387, 1_515_487),
        "telecommunications": (285, 171, 653_574),
    },
}


@pytest.mark.parametrize("by", BY)
def test_wins_losses_and_revenue_by_member(maven: Maven, by: str) -> None:
    """All members and no other; five agents have no deal and are listed with 0."""
    kpis = [maven.members(kpi, by, "2017") for kpi in ("won", "lost", "revenue")]
    assert {member: tuple(kpi[member] for kpi in kpis) for member in kpis[0]} == BY[by]


@pytest.mark.parametrize("by", BY)
def test_win_rate_and_average_deal_by_member(maven: Maven, by: str) -> None:
    """Ratios of the members' own rows; no deals, no value."""
    rates, deals = maven.members("win_rate", by, "2017"), maven.members("average_deal", by, "2017")
    for member, (won, lost, revenue) in BY[by].items():
        assert rates[member] == (pytest.approx(won / (won + lost)) if won + lost else None), member
        assert deals[member] == (pytest.approx(revenue / won) if won else None), member


def test_published_figures_of_members_as_they_were_rounded(maven: Maven) -> None:
    assert round(maven.members("win_rate", "agent", "2017")["Hayden Neloms"] * 100, 2) == 70.39
    assert round(maven.members("win_rate", "region", "2017")["West"] * 100, 4) == 63.9395
    assert round(maven.members("win_rate", "product", "2017")["MG Special"], 4) == 0.6484
    assert round(maven.members("average_deal", "sector", "2017")["entertainment"], 2) == 2_650.03
    assert round(maven.members("revenue_share", "series", "2017")["GTX"], 3) == 0.734


def test_accounts(maven: Maven) -> None:
    """Open deals have no account, so nothing that closed lies in "(none)"."""
    revenue = maven.members("revenue", "account", "2017")
    best = sorted(((value, account) for account, value in revenue.items()), reverse=True)[:5]
    assert best == [
        (341_455, "Kan-code"),
        (269_245, "Konex"),
        (206_410, "Condax"),
        (198_020, "Cheers"),
        (194_957, "Hottechi"),
    ]
    assert len([value for value in revenue.values() if value]) == 85


def test_without_the_repair_1_480_rows_lose_their_product(folder: Path) -> None:
    broken = folder / "unrepaired.yaml"
    text = (HERE / "maven.yaml").read_text(encoding="utf-8")
    broken.write_text(text.replace("column: item_name", "column: product"), encoding="utf-8")
    maven = Maven(broken)
    series = maven.members("revenue", "series", "2017")
    assert (series["GTX"], series[None]) == (3_834_189, 3_510_578)
    data = maven.book.report(period="2017", by="series", kpis=["deals"], as_of=AS_OF).to_dict()["data"]
    (notes,) = [table["notes"] for table in data if table["table"] == "stock"]
    assert [note["rows"] for note in notes if note["code"] == "missing-parent"] == [1_480]


# ---- quarters and months

QUARTERS = {"2017-Q1": (531, 1_134_672), "2017-Q2": (1_254, 3_086_111), "2017-Q3": (1_257, 2_982_255)}
QUARTERS["2017-Q4"] = (1_196, 2_802_496)
MONTHS = (1_134_672, 721_932, 1_025_713, 1_338_466, 696_932, 1_050_059, 1_235_264, 731_980, 938_943, 1_131_573)
REGIONS = {
    "2017-Q1": {"Central": 347_988, "East": 329_151, "West": 457_533},
    "2017-Q2": {"Central": 957_321, "East": 1_016_823, "West": 1_111_967},
    "2017-Q3": {"Central": 1_053_202, "East": 919_767, "West": 1_009_286},
    "2017-Q4": {"Central": 987_782, "East": 824_853, "West": 989_861},
}


@pytest.mark.parametrize("quarter", QUARTERS)
def test_a_quarter(maven: Maven, quarter: str) -> None:
    assert (maven.value("won", quarter), maven.value("revenue", quarter)) == QUARTERS[quarter]
    assert maven.members("revenue", "region", quarter) == REGIONS[quarter]


@pytest.mark.parametrize(("month", "revenue"), list(enumerate(MONTHS, start=3)))
def test_a_month(maven: Maven, month: int, revenue: int) -> None:
    assert maven.value("revenue", f"2017-{month:02d}") == revenue


@pytest.mark.parametrize("month", ["2017-01", "2017-02"])
def test_nothing_closed_in_january_and_february(maven: Maven, month: str) -> None:
    assert (maven.value("closed", month), maven.value("revenue", month)) == (0, 0)
    assert maven.value("win_rate", month) is None
    assert maven.value("average_deal", month) is None
    assert maven.value("best_agent", month) is None


def test_growth_against_the_quarter_and_the_month_before(maven: Maven) -> None:
    """Published: third quarter -3 % (-3.37), fourth -6 % (-6.03), April -$412,740."""
    assert round(maven.number("revenue_growth", "2017-Q3") * 100, 2) == -3.37
    assert round(maven.number("revenue_growth", "2017-Q4") * 100, 2) == -6.03
    assert maven.value("revenue_change", "2017-04") == -412_740
    falling = [month for month in range(4, 13) if maven.number("revenue_growth", f"2017-{month:02d}") < 0]
    assert falling == [4, 7, 10]
    assert maven.value("revenue_growth", "2017-03") is None


def test_sectors_by_quarter(maven: Maven) -> None:
    medical = maven.members("revenue_growth", "sector", "2017-Q3"), maven.members("revenue_growth", "sector", "2017-Q4")
    assert [round(growth["medical"] * 100, 2) for growth in medical] == [-24.43, 8.35]
    quarters = ("2017-Q3", "2017-Q4")
    assert [maven.members("won", "sector", quarter)["telecommunications"] for quarter in quarters] == [77, 78]
    deals = [maven.members("average_deal", "sector", quarter)["telecommunications"] for quarter in quarters]
    assert [round(deal, 2) for deal in deals] == [2_975.92, 1_978.68]
    assert maven.members("revenue_change", "sector", "2017-Q4")["telecommunications"] == -74_809
    only = ("sector", "telecommunications")
    assert [maven.members("revenue", "product", quarter, only)["GTX Pro"] for quarter in quarters] == [84_697, 38_353]
    assert maven.value("busiest_sector", "2017-Q2") == TYPO
    assert [maven.members("won", "sector", "2017-Q2")[sector] for sector in (TYPO, "retail")] == [213, 212]


# ---- the fourth quarter by manager

FOURTH = {
    "Cara Losch": (311_148, 147, 2_271.15, 6.707),
    "Celia Rouche": (430_212, 179, 2_403.42, 6.440),
    "Dustin Brinkmann": (316_994, 157, 1_488.23, 6.990),
    "Melvin Marxen": (670_788, 244, 2_760.44, 6.248),
    "Rocco Neubert": (513_705, 189, 2_935.46, 6.845),
    "Summer Sewald": (559_649, 249, 2_247.59, 6.632),
}
"""Revenue and engaged deals; average deal and weeks to close as they round."""


def test_the_fourth_quarter_by_manager(maven: Maven) -> None:
    kpis = [
        maven.members(kpi, "manager", "2017-Q4") for kpi in ("revenue", "engaged", "average_deal", "weeks_to_close")
    ]
    figures = {
        manager: (kpis[0][manager], kpis[1][manager], round(kpis[2][manager], 2), round(kpis[3][manager], 3))
        for manager in kpis[0]
    }
    assert figures == FOURTH


def test_the_third_quarter_by_manager(maven: Maven) -> None:
    revenue, deals = (maven.members(kpi, "manager", "2017-Q3") for kpi in ("revenue", "average_deal"))
    assert (revenue["Celia Rouche"], revenue["Dustin Brinkmann"]) == (490_519, 285_448)
    assert round(deals["Celia Rouche"], 2) == 2_819.07
    assert maven.members("engaged", "manager", "2017-Q3") == {
        "Cara Losch": 287,
        "Celia Rouche": 394,
        "Dustin Brinkmann": 553,
        "Melvin Marxen": 629,
        "Rocco Neubert": 413,
        "Summer Sewald": 494,
    }


def test_a_mean_of_managers_is_not_the_pooled_figure(maven: Maven) -> None:
    """Published as the "company average": the mean of six managers' figures, each weighing the same."""
    assert maven.value("mean_of_managers", "2017-Q4") == pytest.approx(2_802_496 / 6)
    assert round(maven.number("mean_deal_of_managers", "2017-Q4"), 2) == 2_351.05
    assert round(maven.number("average_deal", "2017-Q4"), 2) == 2_343.22
    assert round(maven.number("mean_engaged_of_managers", "2017-Q4"), 2) == 194.17
    assert round(maven.number("mean_weeks_of_managers", "2017-Q4"), 3) == 6.644
    assert round(maven.number("weeks_to_close", "2017-Q4"), 3) == 6.621


def test_open_deals_by_manager(maven: Maven) -> None:
    """Open deals have no closing date: they stand in the undated table, in every period."""
    assert maven.members("engaging", "manager", "2017-Q4") == {
        "Cara Losch": 219,
        "Celia Rouche": 334,
        "Dustin Brinkmann": 193,
        "Melvin Marxen": 215,
        "Rocco Neubert": 214,
        "Summer Sewald": 414,
    }
    assert maven.members("potential", "manager", "2017-Q4")["Celia Rouche"] == 1_004_925


def test_single_agents_in_the_fourth_quarter(maven: Maven) -> None:
    won, revenue, deal, weeks, rate = (
        maven.members(kpi, "agent", "2017-Q4")
        for kpi in ("won", "revenue", "average_deal", "weeks_to_close", "win_rate")
    )
    darcel, garret, violet = "Darcel Schlecht", "Garret Kinder", "Violet Mclelland"
    assert [revenue[agent] for agent in (darcel, garret, violet)] == [357_666, 52_812, 24_563]
    assert [won[agent] for agent in (garret, violet)] == [16, 35]
    assert [round(deal[agent], 2) for agent in (darcel, garret, violet)] == [3_804.96, 3_300.75, 701.8]
    assert round(weeks[garret], 3) == 5.437
    assert round(rate[violet], 3) == 0.614
    team = maven.number("revenue", "2017-Q4", ("manager", "Melvin Marxen"))
    assert round(revenue[darcel] / team, 3) == 0.533


@pytest.mark.parametrize(
    ("manager", "product", "revenue"),
    [
        ("Melvin Marxen", "GTX Pro", 356_648),
        ("Rocco Neubert", "GTX Pro", 224_677),
        ("Celia Rouche", "MG Advanced", 174_791),
        ("Cara Losch", "GTX Pro", 120_110),
        ("Cara Losch", "GTX Plus Pro", 87_948),
    ],
)
def test_a_managers_product_in_the_fourth_quarter(maven: Maven, manager: str, product: str, revenue: int) -> None:
    assert maven.members("revenue", "product", "2017-Q4", ("manager", manager))[product] == revenue
    assert maven.value("revenue", "2017-Q4", ("manager", manager), ("product", product)) == revenue


# ---- the same table as others saved it

VARIANTS = [
    ("sales_pipeline.us_mdy.kisaraF.csv", "%m/%d/%Y"),
    ("sales_pipeline.chhayasharma.csv", "%m/%d/%Y"),
    ("sales_pipeline.dd-mm-yyyy.sudeshna999.csv", "%d-%m-%Y"),
    ("sales_pipeline.dd-mm-yy_quarters.ThomasKieny.csv", "%d-%m-%y"),
    ("sales_pipeline_cleaned.brian-laluces.csv", None),
    ("sales_pipeline.closed_only_float.Shreif7.csv", None),
]


@pytest.mark.parametrize(("file", "shape"), VARIANTS)
def test_the_same_table_in_other_shapes_gives_the_same_figures(
    maven: Maven, folder: Path, file: str, shape: str | None
) -> None:
    """Other dates, trailing blanks, decimals, further columns; one file holds the closed deals alone."""
    text = (HERE / "maven.yaml").read_text(encoding="utf-8").replace("sales_pipeline.csv", f"variants/{file}")
    if shape is not None:
        text = re.sub(r"type: date}", f'type: date, format: "{shape}"}}', text)
    book = folder / "variant.yaml"
    book.write_text(text, encoding="utf-8")
    variant = Maven(book)
    closed_only = "closed_only" in file
    skipped = {"deals", "prospecting", "engaging"} if closed_only else set()
    for kpi, _ in COMPANY:
        if kpi not in skipped:
            assert variant.value(kpi) == maven.value(kpi), kpi
    assert variant.value("deals") == (6_711 if closed_only else 8_800)
    for by in ("manager", "series"):
        assert variant.members("revenue", by, "2017-Q4") == maven.members("revenue", by, "2017-Q4")
