"""Formulas and targets of a book: each mistake has its whole message, with its place in the file."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from tests.desk import BOOK, opened

import kpicli
from kpicli.book.load import load
from kpicli.book.targets import Aims, Computed, DatedAim, Fixed, Rate
from kpicli.errors import KpiError

GOLDEN = Path(__file__).parent / "goldens" / "formulas.txt"

LOOKUP = "    lookups: {rep: {table: users, column: owner}}\n    lifespan:"
USERS = "  users: {source: users.csv, key: id, columns: {id: id, joined: {header: joined, type: date}}}\ndimensions:"
RATIO = "count(deals where won) / count(deals)"

CASES: dict[str, tuple[str, dict[str, str]]] = {
    "a target that needs a unit of time": (BOOK, {"deals": "formula: count(deals)\ntarget: 45"}),
    "a percentage that needs a unit of time": (BOOK, {"deals": "formula: count(deals)\ntarget: 45%"}),
    "a constant that needs a unit of time": (
        BOOK + "constants: {goal: 45}\n",
        {"deals": "formula: count(deals)\ntarget: goal"},
    ),
    "a rate for a level": (BOOK, {"mean": "formula: avg(deals.amount)\ntarget: $500 per month"}),
    "a target in another currency than the book's": (BOOK, {"mean": "formula: avg(deals.amount)\ntarget: €500"}),
    "a rate in another unit than the formula's": (BOOK, {"d": "formula: count(deals) per week\ntarget: 5 per month"}),
    "a rate for all rows of a table without a date": (
        BOOK.replace("    date: close_date\n", ""),
        {
            "a": "formula: count(deals)\ntarget: 45 per week",
            "b": "formula: count(deals) / count(deals)\ntarget: 45 per week",
            "c": "formula: sum(deals.amount on created)\ntarget: 45",
        },
    ),
    "no unit of time": (BOOK, {"deals": "formula: count(deals)\ntarget: 45 per fortnight"}),
    "a number with odd commas": (BOOK, {"deals": "formula: count(deals)\ntarget: 4,5 per week"}),
    "a rate as people write it": (
        BOOK,
        {
            "a": "formula: count(deals)\ntarget: 400/week",
            "b": "formula: count(deals)\ntarget: 400 a day",
            "c": "formula: count(deals)\ntarget: 400 weekly",
            "d": "formula: sum(deals.amount)\ntarget: $1.5K per month",
            "e": "formula: sum(deals.amount)\ntarget: 1,500 USD annually",
            "f": "formula: avg(deals.amount)\ntarget: USD 1500",
            "g": "formula: avg(deals.amount)\ntarget: 3M",
            "h": "formula: avg(deals.amount)\ntarget: 5,000 $",
            "i": "formula: avg(deals.amount)\ntarget: ~5000",
            "j": "formula: avg(deals.amount)\ntarget: kr. 5000",
        },
    ),
    "a percentage without its sign": (
        BOOK + "constants: {goal: 45}\n",
        {
            "a": f"formula: {RATIO}\nunit: percent\ntarget: 30",
            "b": f"formula: {RATIO}\nunit: percent\ntarget: {{total: 2, owner: goal}}",
            "c": f"formula: {RATIO}\nunit: percent\ntarget: 300%",
            "d": "formula: sum(deals.amount) * 2\nunit: percent\ntarget: 30 per month",
        },
    ),
    "thousands as people write them": (BOOK, {"mean": "formula: avg(deals.amount)\ntarget: $2.5k"}),
    "a unit of time in the plural": (BOOK, {"deals": "formula: count(deals)\ntarget: 12 per months"}),
    "a target formula with per": (BOOK, {"deals": "formula: count(deals)\ntarget: count(deals) per week"}),
    "a target formula that gives a text": (
        BOOK,
        {"deals": "formula: count(deals)\ntarget: top(owner by count(deals))"},
    ),
    "a target formula with an unknown name": (BOOK, {"deals": "formula: count(deals)\ntarget: sum(quotas.amount)"}),
    "mistakes in dated and in member targets": (
        BOOK,
        {
            "a": "formula: count(deals)\ntarget:\n  - {from: 2026-01-01, value: 3}\n  - {from: 2026-02-01, value: 4}",
            "b": "formula: count(deals)\ntarget: {total: 5 per week, owner: 6}",
        },
    ),
    "a text without the unit for it": (BOOK, {"best": "top(owner by count(deals))"}),
    "a number with the unit of a text": (BOOK, {"deals": "formula: count(deals)\nunit: text"}),
    "KPIs that need each other": (BOOK, {"a": "b + 1", "b": "a + 1"}),
    "a target that needs itself": (
        BOOK,
        {"a": "formula: count(deals)\ntarget: target(b)", "b": "formula: count(deals)\ntarget: target(a)"},
    ),
    "fields that need each other": (
        BOOK.replace("cycle: close_date - created", "cycle: cycle + 1"),
        {"a": "count(deals)"},
    ),
    "a mistake is reported once, not where it is used": (
        BOOK.replace("won: stage = 'Won'", "won: stag = 'Won'"),
        {"a": "count(deals where won)", "b": "count(deals where closed and won)", "c": "nothing"},
    ),
    "mistakes in targets are found beside mistakes in formulas": (
        BOOK.replace("won: stage = 'Won'", "won: stag = 'Won'"),
        {
            "a": "formula: count(deals where won)\ntarget: sum(quotas.amount)",
            "b": "formula: count(deals)\ntarget: 45",
            "c": "formula: nothing\ntarget: 5 per fortnight",
        },
    ),
    "a table's where that reads a field": (
        BOOK.replace("    fields:", "    where: won\n    fields:"),
        {"a": "count(deals)"},
    ),
    "a table's where that is no condition": (
        BOOK.replace("    fields:", "    where: stage\n    fields:"),
        {"a": "count(deals)"},
    ),
    "a table's where that reads today": (
        BOOK.replace("    fields:", "    where: created <= today\n    fields:"),
        {"a": "count(deals)"},
    ),
    "a date that is no date": (BOOK.replace("date: close_date", "date: stage"), {"a": "count(deals)"}),
    "a date that no column has": (BOOK.replace("date: close_date", "date: closing_date"), {"a": "count(deals)"}),
    "a lifespan of a text": (BOOK.replace("until: closed_on", "until: won"), {"a": "count(deals)"}),
    "two meanings of date": (
        BOOK.replace("      id: id\n", "      id: id\n      date: {header: created, type: date}\n"),
        {"a": "count(deals)"},
    ),
    "a lookup by another type than the key": (
        BOOK.replace("    lifespan:", LOOKUP.replace("column: owner", "column: amount")).replace("dimensions:", USERS),
        {"a": "count(deals)"},
    ),
    "a dimension that no table has": (BOOK.replace("owner: owner\ngoals", "owner: ownr\ngoals"), {"a": "count(deals)"}),
    "a dimension with the path of a table": (
        BOOK.replace("owner: owner\ngoals", "owner: deals.owner\n  month: {field: zzz}\ngoals"),
        {"a": "count(deals)"},
    ),
    "a dimension that is no path": (
        BOOK.replace("owner: owner\ngoals", "owner: lower(owner)\ngoals"),
        {"a": "count(deals)"},
    ),
    "members whose where is no condition": (
        BOOK.replace("dimensions:", USERS).replace(
            "owner: owner\ngoals", "owner: {field: owner, members: users, where: joined}\ngoals"
        ),
        {"a": "count(deals)"},
    ),
    "a formula that YAML has cut": (BOOK, {"a": "formula: count(deals where stage = 'A #1')"}),
}


def message(folder: Path, base: str, kpis: dict[str, str]) -> str:
    desk = opened(folder)
    desk.book(kpis, base=base)
    with pytest.raises(KpiError) as caught:
        kpicli.load(folder / "kpis.yaml")
    return str(caught.value).replace(str(folder), "…")


def all_messages(folder: Path) -> str:
    return "\n".join(f"### {name}\n{message(folder, *case)}\n" for name, case in CASES.items())


def test_every_mistake_has_its_message_with_place_and_fix(tmp_path: Path) -> None:
    """`python -m tests.book.test_formulas` rewrites the golden; read the difference."""
    assert all_messages(tmp_path) == GOLDEN.read_text(encoding="utf-8")


def test_every_mistake_says_what_to_do() -> None:
    cases = GOLDEN.read_text(encoding="utf-8").split("### ")[1:]
    assert [case for case in cases if case.count("error[") != case.count("\nhelp: ")] == []


def test_hundreds_of_formulas_may_build_on_each_other(tmp_path: Path) -> None:
    desk = opened(tmp_path)
    fields = "".join(f"      f{n}: f{n + 1} + 1\n" for n in range(400)) + "      f400: amount\n"
    kpis = {f"k{n}": f"k{n + 1} + 1" for n in range(400)} | {"k400": "sum(deals.f0)"}
    desk.book(kpis, base=BOOK.replace("      won:", fields + "      won:"))
    assert desk.values(period="2026-Q1", as_of="2026-03-31", kpis=["k0"]) == {"k0": 5 * 400 + 780 + 400}


def aims(folder: Path, formula: str, target: str, constants: str = "") -> Aims:
    desk = opened(folder)
    desk.book({"deals": f"formula: {formula}\ntarget: {target}"}, extra=constants)
    return load(folder / "kpis.yaml").formulas.kpis["deals"].aims


@pytest.mark.parametrize(
    ("target", "shown"),
    [
        ("400 per week", "Rate 400 week"),
        ("1_000 per year", "Rate 1000 year"),
        ("1,000.50 per quarter", "Rate 1000.50 quarter"),
        ("$3,000 per month", "Rate 3000 month"),
        ("$ 5 PER Workday", "Rate 5 workday"),
        ("goal per month", "Rate 12 month"),
        ("50% per day", "Rate 0.5 day"),
        ("-3 per month", "Rate -3 month"),
        ("US$ 3 per month", "Rate 3 month"),
        ("krona per month", "Rate 7 month"),
    ],
)
def test_a_flow_has_a_rate(tmp_path: Path, target: str, shown: str) -> None:
    found = aims(tmp_path, "count(deals)", f'"{target}"', "constants: {goal: 12, krona: 7}\n")
    (dated,) = found.total
    assert isinstance(dated.aim, Rate)
    assert f"Rate {dated.aim.amount} {dated.aim.per.value}" == shown
    assert found.flow


@pytest.mark.parametrize(
    ("formula", "flow"),
    [
        ("count(deals)", True),
        ("sum(deals.amount where won) - 2 * count(deals.owner)", True),
        ("-count(deals) / 1000", True),
        ("sum(count(deals) by owner)", True),
        ("count(deals at end)", False),
        ("count_distinct(deals.owner)", False),
        ("count(deals) / count(deals where won)", False),
        ("count(deals) + 1", False),
        ("count(deals) * count(deals)", False),
        ("avg(deals.amount)", False),
        ("count(deals) per week", False),
        ("prior(count(deals))", False),
        ("avg(count(deals) by owner)", False),
        ("coalesce(count(deals), 0)", False),
    ],
)
def test_counts_and_sums_joined_without_a_division_add_up_over_time(
    tmp_path: Path, formula: str, *, flow: bool
) -> None:
    assert aims(tmp_path, formula, "count(deals)").flow is flow


def test_a_count_over_an_undated_table_is_a_level(tmp_path: Path) -> None:
    desk = opened(tmp_path)
    base = BOOK.replace("    date: close_date\n", "")
    desk.book({"deals": "formula: count(deals)\ntarget: 20"}, base=base)
    assert load(tmp_path / "kpis.yaml").formulas.kpis["deals"].aims.total == (DatedAim(None, Fixed(Decimal(20))),)


def test_a_count_on_a_date_of_an_undated_table_is_a_flow(tmp_path: Path) -> None:
    """What puts its rows into a period is the formula's own date."""
    desk = opened(tmp_path)
    kpis = {
        "new": "formula: count(deals on created)\ntarget: 30 per month",
        "amount": "formula: sum(deals.amount on created) - 2 * count(deals on created)\ntarget: 300 per month",
    }
    desk.book(kpis, base=BOOK.replace("    date: close_date\n", ""))
    new, amount = desk.report(period="2026-01", as_of="2026-01-16")["kpis"]
    # 12 of January's 22 workdays are gone.
    assert (new["value"], new["target"], new["expected"]) == (3, 30, pytest.approx(30 * 12 / 22))
    assert (amount["value"], amount["projected"]) == (344, pytest.approx(344 * 22 / 12))


def test_anything_else_is_a_formula(tmp_path: Path) -> None:
    (dated,) = aims(tmp_path, "count(deals)", "2 * count(deals where won)").total
    assert isinstance(dated.aim, Computed)


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as scratch:
        GOLDEN.write_text(all_messages(Path(scratch)), encoding="utf-8")
