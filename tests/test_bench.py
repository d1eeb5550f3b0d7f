"""The benchmark measures what is right: over few rows, all contenders give the same figures. Nothing is timed here."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from bench import compare
from bench.agree import differences
from bench.book import MEASURES
from bench.generate import make

import kpicli

SIZE = 5_000
TABLES = ("activities.csv", "leads.csv", "opportunities.csv", "users.csv")


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("exports"), SIZE)


@pytest.fixture(scope="module")
def hundred(exports: Path) -> dict[str, Any]:
    return kpicli.load(exports / "hundred.yaml").report("monthly", as_of=compare.AS_OF).to_dict()


@pytest.fixture(scope="module")
def twenty(exports: Path) -> Path:
    """The file that the benchmark's own command leaves behind."""
    output = exports / "twenty.json"
    compare.run(compare.kpicli(exports, output))
    return output


@pytest.mark.parametrize("rival", [compare.by_duckdb, compare.by_pandas], ids=["duckdb", "pandas"])
def test_another_way_gives_the_same_figures(rival: Any, exports: Path, twenty: Path, tmp_path: Path) -> None:
    output = tmp_path / "other.json"
    compare.run(rival(exports, output))
    assert list(differences(twenty, output)) == []


def test_a_figure_that_is_off_by_one_is_a_difference(exports: Path, twenty: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    compare.run(compare.by_duckdb(exports, other))
    answer = json.loads(other.read_text(encoding="utf-8"))
    answer["calls"]["trend"]["2026-03"] += 1
    answer["win_rate"]["groups"]["0055g0000000007"][1] = 2
    answer["median_deal"]["value"] = None
    other.write_text(json.dumps(answer), encoding="utf-8")
    places = [sentence.partition(":")[0] for sentence in differences(twenty, other)]
    assert places == ["calls trend 2026-03", "median_deal value", "win_rate 0055g0000000007 prior"]


def test_the_report_is_the_one_that_is_to_be_measured(twenty: Path) -> None:
    """Last month by owner, each with its prior, and a trend of twelve."""
    report = json.loads(twenty.read_text(encoding="utf-8"), parse_float=Decimal)
    assert report["period"]["label"] == "2026-10"
    assert [kpi["id"] for kpi in report["kpis"]] == list(MEASURES)
    assert len(MEASURES) == 20
    assert {len(kpi["trend"]) for kpi in report["kpis"]} == {12}
    assert min(len(kpi["groups"]) for kpi in report["kpis"]) == 50
    assert [kpi["id"] for kpi in report["kpis"] if not kpi["value"] or not kpi["prior"]] == []
    assert [table["notes"] for table in report["data"]] == [[], [], [], []]


def test_a_hundred_kpis_hold_the_twenty_and_variants_of_them(hundred: dict[str, Any], twenty: Path) -> None:
    kpis = {kpi["id"]: kpi for kpi in hundred["kpis"]}
    assert len(kpis) == 100
    alone = json.loads(twenty.read_text(encoding="utf-8"))
    assert {kpi["id"]: kpi["value"] for kpi in alone["kpis"]} == pytest.approx(
        {name: float(kpis[name]["value"]) for name in MEASURES}
    )


def test_the_same_size_is_the_same_bytes(exports: Path, tmp_path: Path) -> None:
    make(tmp_path, SIZE)
    assert [name for name in TABLES if (tmp_path / name).read_bytes() != (exports / name).read_bytes()] == []


def test_exports_are_written_anew_only_for_another_size(tmp_path: Path) -> None:
    def write(size: int) -> str:
        make(tmp_path, size)
        return (tmp_path / "users.csv").read_text(encoding="utf-8")

    first = write(1_000)
    (tmp_path / "users.csv").write_text("mine", encoding="utf-8")
    assert write(1_000) == "mine"
    assert write(2_000) not in {"mine", first}


def test_the_least_parses_and_copies_every_row(exports: Path, tmp_path: Path) -> None:
    compare.run(compare.parsing(exports))
    compare.run(compare.parsing(exports, tmp_path))
    for table in TABLES:
        export = pl.read_csv(exports / table, infer_schema=False)
        copy = pl.read_parquet(tmp_path / Path(table).with_suffix(".parquet"))
        assert copy.equals(export.select(copy.columns))


def test_a_contender_that_fails_says_why(tmp_path: Path) -> None:
    with pytest.raises(compare.Failure, match=r"^DuckDB failed: .*(?s:.)*activities\.csv"):
        compare.run(compare.by_duckdb(tmp_path, tmp_path / "never.json"))
