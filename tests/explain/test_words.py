"""What the words and the arithmetic claim: no more than what is worked out."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from tests.desk import Desk

import kpicli
from kpicli.render.explain.terminal import draw_explanation
from kpicli.render.screen import Screen

BASE = dedent("""\
    version: 1
    name: Desk
    tables:
      deals:
        source: deals.csv
        date: closed
        columns: {owner: owner, stage: stage, amount: {type: money}, closed: {type: date}}
      quotas:
        source: quotas.csv
        date: month
        covers: month
        columns: {month: {type: date}, quota: {type: money}}
    dimensions: {owner: owner}
    goals: {growth: {name: Growth}}
    """)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    here = Desk(tmp_path)
    here.write("deals.csv", "owner,stage,amount,closed\nann,Won,1,2026-01-05\nann,Won,2,2026-02-05\n")
    here.write("quotas.csv", "month,quota\n2026-02-01,28\n")
    return here


def page(desk: Desk, formula: str, period: str = "2026-02") -> list[str]:
    """The lines of an explanation, without their indents."""
    desk.book({"k": formula}, base=BASE)
    found = kpicli.load(desk.folder / "kpis.yaml").explain("k", period=period, as_of="2026-02-14")
    return [line.strip() for line in draw_explanation(found.explanation, Screen(width=200)).splitlines()]


@pytest.mark.parametrize(
    ("formula", "words"),
    [
        ("sum(quotas.quota)", "the sum of the quota of quotas, of each month the share of its days"),
        ("avg(quotas.quota)", "the average quota of quotas, of every month that it meets"),
        ("sum(sum(deals.amount) by owner)", "the sum over each owner of: the sum of the amount of deals, by closed"),
        (
            "count(deals where stage = 'A' or stage = 'B' and amount > 1)",
            "the number of deals where stage is 'A' or (stage is 'B' and amount is above 1), by closed",
        ),
    ],
)
def test_words_leave_no_doubt(desk: Desk, formula: str, words: str) -> None:
    assert words in page(desk, formula)


def test_a_number_is_told_to_be_of_the_days_that_were_looked_at(desk: Desk) -> None:
    lines = page(desk, "prior(trailing(count(deals), 60 days))")
    assert lines[lines.index("Arithmetic") + 1 :][:4] == [
        "prior(trailing([1]))",
        "= 1",
        "1 is of 16 Nov 2025 to 14 Jan 2026",
        "",
    ]


def test_a_kpis_own_window_is_what_was_looked_at(desk: Desk) -> None:
    desk.book(
        {"k": "prior(wins)", "wins": "formula: count(deals)\nwindow: trailing 60 days"},
        base=BASE,
    )
    found = kpicli.load(desk.folder / "kpis.yaml").explain("k", period="2026-02", as_of="2026-02-14")
    lines = draw_explanation(found.explanation, Screen()).splitlines()
    assert "    1 is of 16 Nov 2025 to 14 Jan 2026" in lines


def test_what_is_left_of_a_period_that_is_over_is_no_day(desk: Desk) -> None:
    lines = page(desk, "rest(count(deals))", "2026-01")
    assert "0 is of no day" in lines
    assert "rows by closed; there is no day to look at" in lines


def test_what_can_not_be_shifted_has_its_reason(desk: Desk) -> None:
    lines = page(desk, "prior(count(deals))", "all")
    assert "no value: nothing lies before all time" in " ".join(lines)


def test_a_month_in_several_parts_is_several_aggregates(desk: Desk) -> None:
    """28 for the month, 14 for its first half, and 6 for that one's last days."""
    lines = page(desk, "whole(sum(quotas.quota)) - sum(quotas.quota) + trailing(sum(quotas.quota), 6 days)")
    start = lines.index("Arithmetic") + 1
    assert lines[start : start + 3] == ["whole([1]) - [2] + trailing([3])", "= 28 - 14 + 6", "= 20"]
    assert [line for line in lines if line.startswith("[")] == [
        "[1] sum(quotas.quota) = 28",
        "[2] sum(quotas.quota) = 14",
        "[3] sum(quotas.quota) = 6",
    ]


def test_a_formulas_target_of_one_member_is_not_the_companys(desk: Desk) -> None:
    """What is asked for of the whole company still is."""
    desk.write("quotas.csv", "owner,month,quota\nann,2026-02-01,28\nbob,2026-02-01,56\n")
    base = BASE.replace("columns: {month", "columns: {owner: owner, month")
    desk.book(
        {"k": "formula: sum(deals.amount)\ntarget: sum(quotas.quota)", "s": "share(target(k))", "t": "target(k)"},
        base=base,
    )
    opened = kpicli.load(desk.folder / "kpis.yaml")

    def whose(kpi: str, **asked: Any) -> list[str]:
        found = opened.explain(kpi, period="2026-02", as_of="2026-02-14", **asked)
        lines = [line.strip() for line in draw_explanation(found.explanation, Screen()).splitlines()]
        told = {"the company's target", "by the book's formula, from the rows of those asked for"}
        return [line for line in lines if line in told]

    own, all_ = "by the book's formula, from the rows of those asked for", "the company's target"
    ann = {"only": {"owner": "ann"}}
    assert (whose("k"), whose("t")) == ([all_], [all_])
    assert (whose("k", **ann), whose("t", **ann), whose("s", **ann)) == ([own], [own], [all_, own])
