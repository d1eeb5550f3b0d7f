"""The whole way once: a book and its exports, through every format and the public face."""

from __future__ import annotations

import csv
import json
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from tests.cli.opened import shown

import kpicli

SCHEMA = Path(__file__).resolve().parents[2] / "docs" / "report.schema.json"

BOOK = """
version: 1
name: Northwind Software
currency: EUR
tables:
  deals:
    source: deals.csv
    key: id
    date: closed
    columns:
      id: ID
      owner: Owner
      stage: Stage
      amount: {header: Amount, type: money}
      closed: {header: Closed, type: date}
    fields: {won: stage = 'Won'}
dimensions: {owner: owner}
goals: {grow: {name: Grow}}
kpis:
  deals: {role: leading, goal: grow, formula: count(deals), target: 4 per month}
  win_rate: {role: lagging, goal: grow, formula: count(deals where won) / count(deals), unit: percent, target: 60%}
  revenue: {role: lagging, goal: grow, formula: sum(deals.amount where won), unit: money, window: to date in year}
  best: {role: lagging, goal: grow, formula: top(owner by sum(deals.amount where won)), unit: text}
scorecards: {weekly: {kpis: [revenue, deals, win_rate, best], trend: 3}}
"""
DEALS = """ID,Owner,Stage,Amount,Closed
1,Jane,Won,"12,000.10",2026-11-03
2,Bob,Lost,500,2026-11-10
3,[/]=1+1,Won,0.20,2026-10-10
4,,Won,99.70,2026-11-21
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "kpis.yaml").write_text(BOOK, encoding="utf-8")
    (tmp_path / "deals.csv").write_text(DEALS, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    "asked",
    [
        [],
        ["weekly"],
        ["weekly", "--by", "owner"],
        ["weekly", "--period", "all"],
        ["weekly", "--period", "2026-10-05..2026-11-21", "--only", "owner=Jane"],
        ["--period", "next month"],
        ["--period", "FY2025", "--by", "owner"],
    ],
    ids=" ".join,
)
def test_every_result_keeps_to_the_schema(asked: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = shown(["report", *asked, "--as-of", "2026-11-22", "--format", "json"], capsys)
    assert (code, err) == (0, "")
    validator = Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))
    assert [error.message for error in validator.iter_errors(json.loads(out))] == []


@pytest.mark.usefixtures("folder")
def test_all_formats_and_the_face_show_the_same_figures(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["report", "weekly", "--by", "owner", "--as-of", "2026-11-22", "--format"]
    result = json.loads(shown([*asked, "json"], capsys)[1], parse_float=Decimal)
    rows = list(csv.DictReader(StringIO(shown([*asked, "csv"], capsys)[1], newline="")))
    table = shown([*asked, "terminal"], capsys)[1]
    report = kpicli.load().report("weekly", by="owner", as_of="2026-11-22")
    revenue = result["kpis"][0]
    assert revenue["value"] == Decimal("12100.00")
    assert [(row["label"], Decimal(row["value"])) for row in rows if row["kpi"] == "revenue"] == [
        ("", Decimal(12100)),
        *((group["label"], group["value"]) for group in revenue["groups"]),
    ]
    assert "€12,100" in table
    assert "[/]=1+1" in table
    assert "'[/]=1+1" not in [row["label"] for row in rows]
    assert report.to_dict()["kpis"][0]["value"] == revenue["value"]
    assert report.to_polars().height == len(rows)


@pytest.mark.usefixtures("folder")
def test_fail_on_is_met_by_what_is_behind(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = shown(["report", "--as-of", "2026-11-30", "--fail-on", "behind"], capsys)
    assert (code, err) == (1, "--fail-on behind is met by deals\n")


@pytest.mark.usefixtures("folder")
def test_check_reads_the_data(capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(["check", "--as-of", "2026-11-22"], capsys) == (
        0,
        (
            "kpis.yaml is valid: 1 table, 4 KPIs, 1 goal, 1 scorecard\n"
            "As of 2026-11-22 · nothing is odd about the data\n"
            "\n"
            "Nothing to note: deals 4 rows to 2026-11-21\n"
        ),
        "",
    )


def test_a_mistake_in_the_book_ends_with_2_and_shows_its_place(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "kpis.yaml").write_text(BOOK.replace("where won)", "where wonn)", 1), encoding="utf-8")
    assert shown(["check"], capsys) == (
        2,
        "",
        (
            "error[unknown-name]: deals has no column or field 'wonn'\n"
            "  kpis.yaml:21:68\n"
            "  21 |   win_rate: {role: lagging, goal: grow, formula: count(deals where wonn) / count(deals), "
            "unit: percent, target: 60%}\n"
            "     |                                                                    ^^^^\n"
            "help: did you mean 'won'?\n"
        ),
    )
