"""Laws of every report: what may change without a figure changing, and what has to add up."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.desk import BOOK, opened

import kpicli
from kpicli.render import named

HEADER = "id,owner,stage,amount,created,close_date"
QUOTAS = """\
  quotas:
    source: quotas.csv
    date: month
    covers: month
    columns: {owner: rep, month: {header: month, type: date}, amount: {header: quota, type: money}}
dimensions:"""
ADDING = {
    "deals": "count(deals)",
    "won": "sum(deals.amount where won)",
    "net": "sum(deals.amount where won) - 2 * count(deals where closed)",
    "created": "count(deals on created)",
    "quota": "sum(quotas.amount)",
}
OTHERS = {
    "rate": "count(deals where won) / count(deals where closed)",
    "median": "median(deals.amount)",
    "owners": "count_distinct(deals.owner)",
    "open": "sum(deals.amount at end)",
    "mean": "avg(count(deals) by owner)",
    "best": "formula: top(owner by sum(deals.amount))\nunit: text",
    "recent": "formula: count(deals)\nwindow: trailing 3 months",
}

days = st.dates(date(2025, 11, 1), date(2026, 4, 30))
deals = st.tuples(
    st.sampled_from(["ann", "bob", "Ann", ""]),
    st.sampled_from(["Won", "Lost", "Open", ""]),
    st.decimals(-1000, 100_000, places=2) | st.just(""),
    days,
    days | st.just(""),
)
quotas = st.tuples(st.sampled_from(["ann", "bob", ""]), days, st.integers(0, 10_000))


def write(folder: Path, rows: list[Any], months: list[Any]) -> kpicli.KpiBook:
    lines = [f"{number},{','.join(map(str, row))}" for number, row in rows]
    desk = opened(folder, "\n".join([HEADER, *lines]) + "\n")
    desk.write("quotas.csv", "rep,month,quota\n" + "".join(f"{','.join(map(str, row))}\n" for row in months))
    scorecard = "scorecards:\n  all: {kpis: [" + ", ".join([*ADDING, *OTHERS]) + "], trend: 3}\n"
    desk.book(ADDING | OTHERS, base=BOOK.replace("dimensions:", QUOTAS), extra=scorecard)
    return kpicli.load(folder / "kpis.yaml")


def report(book: kpicli.KpiBook, period: str, **asked: Any) -> dict[str, Any]:
    lines = book.report("all", period=period, as_of="2026-04-30", **asked).to_dict()["kpis"]
    return {line["id"]: line for line in lines}


@settings(max_examples=25)
@given(st.lists(deals, max_size=25), st.lists(quotas, max_size=8), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_no_byte(rows: list[Any], months: list[Any], dice: Any) -> None:
    numbered = list(enumerate(rows))
    shown = []
    for _ in range(2):
        with tempfile.TemporaryDirectory() as folder:
            card = write(Path(folder), numbered, months).report("all", period="2026-Q1", by="owner", as_of="2026-04-30")
            result = json.loads(named("json").render(card.scorecard))
            del result["book"]  # named for its folder
            for note in (note for table in result["data"] for note in table["notes"]):
                del note["examples"]  # they name the rows
            shown.append(json.dumps(result))
        dice.shuffle(numbered)
        dice.shuffle(months)
    assert shown[0] == shown[1]


@settings(max_examples=25)
@given(st.lists(deals, max_size=25), st.lists(quotas, max_size=8))
def test_a_splits_parts_add_up_and_a_group_is_what_only_gives(rows: list[Any], months: list[Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        book = write(Path(folder), list(enumerate(rows)), months)
        lines = report(book, "2026-02", by="owner")
        for name in ADDING:
            parts = sum((Fraction(group["value"]) for group in lines[name]["groups"]), start=Fraction(0))
            assert float(parts) == pytest.approx(float(lines[name]["value"])), name
        members = {group["member"] for line in lines.values() for group in line["groups"]} - {None}
        for member in sorted(members):
            only = report(book, "2026-02", only={"owner": member})
            for name, line in lines.items():
                own = [group for group in line["groups"] if group["member"] == member]
                assert [group["value"] for group in own] in ([], [only[name]["value"]]), name


@settings(max_examples=25)
@given(st.lists(deals, max_size=25), st.lists(quotas, max_size=8), st.lists(days, max_size=3, unique=True))
def test_a_periods_parts_add_up(rows: list[Any], months: list[Any], cuts: list[date]) -> None:
    """Quotas too, each spread over the days of its month."""
    first, last = date(2026, 1, 1), date(2026, 3, 31)
    edges = sorted({first, last + timedelta(days=1), *(cut for cut in cuts if first < cut <= last)})
    with tempfile.TemporaryDirectory() as folder:
        book = write(Path(folder), list(enumerate(rows)), months)
        whole = report(book, f"{first}..{last}")
        parts = [report(book, f"{start}..{end - timedelta(days=1)}") for start, end in pairwise(edges)]
        for name in ADDING:
            together = float(sum(Decimal(str(part[name]["value"])) for part in parts))
            assert together == pytest.approx(float(whole[name]["value"])), name


@settings(max_examples=15)
@given(st.lists(deals, max_size=25), st.lists(quotas, max_size=8))
def test_a_kpi_alone_is_the_kpi_among_others(rows: list[Any], months: list[Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        book = write(Path(folder), list(enumerate(rows)), months)
        together = report(book, "2026-Q1", by="owner")
        for name, line in together.items():
            assert report(book, "2026-Q1", by="owner", kpis=[name]) == {name: line}


def test_the_number_of_threads_changes_no_byte() -> None:
    example = Path(__file__).parents[1] / "kpis.yaml"
    command = [sys.executable, "-m", "kpicli", "report", "--book", str(example), "--as-of", "2026-11-22"]
    shown = [
        subprocess.run(
            [*command, "--by", "owner", "--format", "json"],
            env={**os.environ, "POLARS_MAX_THREADS": threads},
            capture_output=True,
            check=True,
        ).stdout
        for threads in ("1", "2", "5")
    ]
    assert len(set(shown)) == 1
