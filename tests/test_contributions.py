"""What a part of the company contributes to the company's goals: own value against the company's target."""

from __future__ import annotations

import csv
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.desk import BOOK, DEALS, opened

import kpicli
from kpicli.render import named, names
from kpicli.scorecard import Scorecard

ROOT = Path(__file__).resolve().parents[1]
AS_OF = "2026-11-22"
GOALS = """\
goals:
  growth: {name: Growth, level: individual, parent: pipeline}
  pipeline: {name: Pipeline, level: team, parent: arr}
  arr: {name: Sign more, level: company}
  alone: {name: Of one team, level: team}
"""
QUOTAS = """\
  quotas:
    source: quotas.csv
    date: month
    covers: month
    columns: {owner: rep, month: {header: month, type: date}, amount: {header: quota, type: money}}
dimensions:"""
NOTHING = {"company_target": None, "contribution": None, "contributes_to": None}


def contributed(line: dict[str, Any]) -> dict[str, Any]:
    return {key: line[key] for key in NOTHING}


def lines(folder: Path, kpis: dict[str, str], *, goals: str = GOALS, **asked: Any) -> dict[str, dict[str, Any]]:
    desk = opened(folder)
    desk.write("quotas.csv", "rep,month,quota\nann,2026-02-01,400\nbob,2026-02-01,600\n")
    base = BOOK.partition("goals:")[0].replace("dimensions:", QUOTAS) + goals
    desk.book(kpis, base=base)
    return desk.lines(**({"period": "2026-02", "as_of": "2026-02-28", "only": {"owner": "bob"}} | asked))


def of(folder: Path, kpi: str, **asked: Any) -> dict[str, Any]:
    """What one KPI contributes."""
    return contributed(lines(folder, {"kpi": kpi}, **asked)["kpi"])


WON = "formula: sum(deals.amount where won)\n"


def test_it_is_the_own_value_as_a_share_of_the_companys_target(tmp_path: Path) -> None:
    expected = {"company_target": 800, "contribution": 0.25, "contributes_to": "arr"}
    assert of(tmp_path, f"{WON}target: {{total: 800 per month, owner: 300 per month}}") == expected


def test_a_formula_as_target_is_worked_out_for_the_company(tmp_path: Path) -> None:
    line = lines(tmp_path, {"kpi": f"{WON}target: sum(quotas.amount)"})["kpi"]
    assert (line["target"], line["company_target"], line["contribution"]) == (600, 1000, 0.2)


def test_the_companys_target_is_that_of_the_whole_window(tmp_path: Path) -> None:
    """By the 14th of February half of a target is expected, and a contribution is measured by all of it."""
    kpi = f"{WON}window: to date in year\ntarget: 1200 per year"
    assert of(tmp_path, kpi, as_of="2026-02-14") == {
        "company_target": 1200,
        "contribution": 200 / 1200,
        "contributes_to": "arr",
    }


def test_a_whole_report_has_no_contributions(tmp_path: Path) -> None:
    assert of(tmp_path, f"{WON}target: 800 per month", only={}) == NOTHING


@pytest.mark.parametrize(
    "kpi",
    [
        f"{WON}",
        f"{WON}target: {{owner: 300 per month}}",
        f"{WON}target: 0 per month",
        f"{WON}target: -100 per month",
        f"{WON}target: {{total: [{{from: 2026-02-15, value: 800 per month}}]}}",
        f"{WON}target: sum(quotas.amount where amount > 5000)",
        f"{WON}better: lower\ntarget: 800 per month",
        "formula: count(deals where won) / count(deals where closed)\ntarget: 50%",
        "formula: sum(deals.amount at end)\ntarget: 800",
        "formula: top(owner by count(deals))\nunit: text",
        f"{WON}target: 800 per month\ngoal: alone",
    ],
    ids=[
        "no target",
        "only the members have one",
        "a target of 0",
        "a target below 0",
        "no target at the window's start",
        "a target formula without rows",
        "what should stay low",
        "a ratio",
        "a level",
        "a text",
        "a goal that serves no goal of the company",
    ],
)
def test_there_is_none_without_a_company_target_to_add_up_to(tmp_path: Path, kpi: str) -> None:
    goal = [line for line in kpi.splitlines() if line.startswith("goal: ")]
    goals = GOALS.replace("level: individual, parent: pipeline", "level: team") if goal else GOALS
    kpi = "\n".join(line for line in kpi.splitlines() if not line.startswith("goal: "))
    assert of(tmp_path, kpi, goals=goals) == NOTHING


def test_where_a_table_lacks_the_dimension_there_is_no_value_to_contribute(tmp_path: Path) -> None:
    base = {"kpi": "formula: sum(quotas.amount)\ntarget: 800 per month"}
    goals = "  team: {field: {deals: owner}}\n" + GOALS
    found = lines(tmp_path, base, goals=goals, only={"team": "bob"})["kpi"]
    assert (found["reason"], contributed(found)) == ("quotas has no team", NOTHING)


def test_several_members_contribute_together(tmp_path: Path) -> None:
    found = of(tmp_path, f"{WON}target: 800 per month", only={"owner": ["ann", "bob"]})
    assert found["contribution"] == 0.25


def test_the_goals_on_the_way_to_the_companys_are_told(tmp_path: Path) -> None:
    lines(tmp_path, {"kpi": f"{WON}target: 800 per month"})
    book = kpicli.load(tmp_path / "kpis.yaml")
    asked: dict[str, Any] = {"period": "2026-02", "as_of": "2026-02-28"}
    narrowed, whole = (book.report(**asked, only=only).to_dict()["goals"] for only in ({"owner": "bob"}, {}))
    assert [(goal["id"], goal["kpis"]) for goal in narrowed] == [("growth", ["kpi"]), ("pipeline", []), ("arr", [])]
    assert [goal["id"] for goal in whole] == ["growth"]


def test_a_narrowed_report_shows_no_cell_of_another_member_in_any_format(tmp_path: Path) -> None:
    """Notes are about tables as a whole; a cell that is no amount may say what another member's deal is worth."""
    desk = opened(tmp_path)
    own = "".join(f"{at},ann,Won,100,2026-01-05,2026-02-03\n" for at in range(10, 60))
    desk.write("deals.csv", f"{DEALS}{own}99,bob,Won,about 77250,2026-01-05,2026-02-03\n")
    desk.book({"kpi": WON})
    book = kpicli.load(tmp_path / "kpis.yaml")
    asked: dict[str, Any] = {"period": "2026-02", "as_of": "2026-02-28"}
    narrowed, whole = (book.report(**asked, only=only).scorecard for only in ({"owner": "ann"}, {}))
    assert "77250" in written(whole, "json")
    assert "77250" in written(whole, "xlsx")
    assert [(name, "77250" in written(narrowed, name)) for name in names()] == [(name, False) for name in names()]
    assert [(each.code, each.rows, each.examples[0].row) for each in narrowed.data[0].notes] == [
        ("invalid-money", 1, 57)
    ]


def written(card: Scorecard, name: str) -> str:
    """All that a format writes of a scorecard; of a workbook the parts that it consists of."""
    content = named(name).render(card)
    if isinstance(content, str):
        return content
    with ZipFile(BytesIO(content)) as file:
        return "".join(file.read(part).decode() for part in file.namelist())


# ----------------------------------------------------------------------------------------------------------------- laws


@pytest.fixture(scope="module")
def example() -> kpicli.KpiBook:
    return kpicli.load(ROOT / "kpis.yaml")


def reported(book: kpicli.KpiBook, kpi: str, **asked: Any) -> dict[str, Any]:
    (line,) = book.report(kpis=[kpi], as_of=AS_OF, **asked).to_dict()["kpis"]
    assert isinstance(line, dict)
    return line


@pytest.mark.parametrize("kpi", ["won_revenue", "won_deals", "won_revenue_year", "proposals_sent"])
def test_all_contributions_and_the_rows_of_no_member_add_up_to_the_companys_attainment(
    example: kpicli.KpiBook, kpi: str
) -> None:
    company = reported(example, kpi, by="owner")
    members = [group["member"] for group in company["groups"] if group["member"] is not None]
    (unassigned,) = [group["value"] for group in company["groups"] if group["member"] is None] or [0]
    parts = [reported(example, kpi, only={"owner": member}) for member in members]
    assert len(parts) > 5
    assert {part["company_target"] for part in parts} == {company["target"]}
    together = sum(part["contribution"] for part in parts) + float(unassigned) / float(company["target"])
    assert together == pytest.approx(company["attainment"])


def test_a_sellers_share_of_the_quota_is_what_plain_python_makes_of_the_exports(example: kpicli.KpiBook) -> None:
    with (ROOT / "examples" / "quotas.csv").open(encoding="utf-8", newline="") as file:
        cells = [row["Quota"] for row in csv.DictReader(file) if row["Month"] == "11/01/2026"]
    quota = sum(Fraction(cell.replace("$", "").replace(",", "")) for cell in cells if cell not in {"", "N/A"})
    line = reported(example, "won_revenue", only={"owner": "Maren Oakhurst"})
    assert line["company_target"] == quota
    assert line["contribution"] == float(Fraction(line["value"]) / quota)


@given(st.sets(st.sampled_from(["deals", "rate", "other"])), st.booleans())
def test_a_contribution_doesnt_change_with_its_neighbours(
    tmp_path_factory: pytest.TempPathFactory, others: set[str], split: bool
) -> None:
    neighbours = {
        "deals": "formula: count(deals)\ntarget: {total: 4 per month, owner: sum(quotas.amount)}",
        "rate": "formula: count(deals where won) / target(kpi)",
        "other": "formula: share(sum(deals.amount))",
    }
    kpis = {name: neighbours[name] for name in sorted(others)} | {"kpi": f"{WON}target: sum(quotas.amount)"}
    found = lines(tmp_path_factory.mktemp("neighbours"), kpis, by="owner" if split else None)
    assert contributed(found["kpi"]) == {"company_target": 1000, "contribution": 0.2, "contributes_to": "arr"}
