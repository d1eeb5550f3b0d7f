"""Columns may be called anything, and amounts be as large as a cell takes them: neither changes a figure silently."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.desk import Desk

from kpicli.errors import KpiError

NAMES = (
    "newest",
    "place",
    "times",
    "rows",
    "used",
    "value",
    "segment",
    "key0",
    "link0",
    "cell",
    "odd",
    "where0",
    "by0",
)
"""What the engine calls things, or once did."""

OVERFLOW = r"^error\[overflow\]: a sum or product is too large to be exact"
NINES = "9" * 30


def book(name: str, *, key: str = "id", keep: str = "") -> str:
    return (
        "version: 1\nname: Desk\ncurrency: USD\ntables:\n  t:\n    source: t.csv\n"
        f"    key: {key}\n{keep}    date: close\n    columns:\n      id: id\n"
        "      changed: {header: changed, type: date}\n"
        f"      {name}: {{header: other, type: date}}\n"
        "      close: {header: close, type: date}\n      amount: {header: amount, type: money}\n"
        "goals: {growth: {name: Growth}}\n"
    )


ROWS = """\
id,changed,other,close,amount
2,2026-10-02,2026-10-02,2026-10-02,40
1,2026-10-01,2026-10-03,2026-10-01,100
1,2026-10-03,2026-10-01,2026-10-01,250
3,2026-10-02,2026-09-01,2026-10-02,7
"""


@pytest.mark.parametrize("name", NAMES)
def test_the_latest_rows_are_kept_whatever_a_column_is_called(tmp_path: Path, name: str) -> None:
    desk = Desk(tmp_path)
    kpis = {"s": "sum(t.amount)", "n": "count(t)", "late": f"count(t.{name})"}
    desk.book(kpis, base=book(name, keep="    keep: latest by changed\n"))
    desk.write("t.csv", ROWS)
    assert desk.values(period="2026-10", as_of="2026-11-22") == {"s": 297, "n": 3, "late": 3}


@pytest.mark.parametrize("name", NAMES)
def test_rows_are_counted_whatever_a_column_is_called(tmp_path: Path, name: str) -> None:
    """Where only rows of the needed days are kept, too; here the key doesn't rise from row to row."""
    desk = Desk(tmp_path)
    desk.book({"n": f"count(t.{name})"}, base=book(name))
    desk.write("t.csv", ROWS.replace("\n1,2026-10-01", "\n0,2026-10-01"))
    report = desk.report(period="2026-10", as_of="2026-11-22")
    assert (report["kpis"][0]["value"], report["data"][0]["used"]) == (4, 4)


@pytest.mark.parametrize("name", NAMES)
def test_a_key_that_stands_twice_is_told_whatever_it_is_called(tmp_path: Path, name: str) -> None:
    desk = Desk(tmp_path)
    base = book("x", key=name).replace("      id: id\n", f"      {name}: id\n")
    desk.book({"n": "count(t)"}, base=base)
    desk.write("t.csv", ROWS)
    with pytest.raises(KpiError, match=rf"the key {name} isn't unique: 1 \(rows 3, 4\)"):
        desk.report(period="2026-10", as_of="2026-11-22")


def test_rows_of_a_file_without_typed_columns_count_as_used(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    source = "[{path: a.csv, columns: {d: {header: d, type: date}}}, {path: b.csv}]"
    base = (
        f"version: 1\nname: Desk\ntables:\n  t: {{source: {source}, key: id, date: d, columns: {{id: id}}}}\n"
        "goals: {growth: {name: Growth}}\n"
    )
    desk.book({"n": "count(t)"}, base=base)
    desk.write("a.csv", "id,d\n1,2026-10-01\n2,2026-09-01\n")
    desk.write("b.csv", "id\n3\n4\n5\n")
    report = desk.report(period="2026-10", as_of="2026-11-22")
    assert (report["kpis"][0]["value"], report["data"][0]["used"]) == (1, 5)


AMOUNTS = (
    "version: 1\nname: Desk\ntables:\n"
    "  p: {source: p.csv, key: id, columns: {id: id}, fields: {total: FIELD}}\n"
    "  t:\n    source: t.csv\n    date: d\n"
    "    columns: {p: p, d: {header: d, type: date}, a: {header: a, type: number}}\n"
    "    lookups: {parent: {table: p, column: p}}\n"
    "goals: {growth: {name: Growth}}\n"
)


@pytest.mark.parametrize("rows", [171, 200, 513])
@pytest.mark.parametrize("formula", ["sum(t.a)", "avg(t.a)"])
def test_a_sum_too_large_for_a_decimal_is_an_error(tmp_path: Path, rows: int, formula: str) -> None:
    desk = Desk(tmp_path)
    desk.book({"s": formula}, base=AMOUNTS.replace("FIELD", "count(t)"))
    desk.write("p.csv", "id\n1\n")
    desk.write("t.csv", "p,d,a\n" + f"1,2026-10-01,{NINES}\n" * rows)
    with pytest.raises(KpiError, match=OVERFLOW):
        desk.report(period="2026-10", as_of="2026-11-22")


@pytest.mark.parametrize("rows", [101, 171, 200, 341, 513])
def test_a_roll_up_too_large_for_a_decimal_is_an_error(tmp_path: Path, rows: int) -> None:
    """Some of these sums have 39 digits, with which Polars ends the program."""
    desk = Desk(tmp_path)
    desk.book({"s": "sum(p.total)"}, base=AMOUNTS.replace("FIELD", "sum(t.a)"))
    desk.write("p.csv", "id\n1\n")
    desk.write("t.csv", "p,d,a\n" + f"1,2026-10-01,{NINES}\n" * rows)
    with pytest.raises(KpiError, match=OVERFLOW):
        desk.report(period="2026-10", as_of="2026-11-22")


@pytest.mark.parametrize(("amount", "rows"), [("9000000000000000000", 19), ("5000000000000000001", 35)])
def test_an_average_of_large_children_is_exact_or_an_error(tmp_path: Path, amount: str, rows: int) -> None:
    desk = Desk(tmp_path)
    desk.book({"s": "max(p.total)"}, base=AMOUNTS.replace("FIELD", "avg(t.a)"))
    desk.write("p.csv", "id\n1\n")
    desk.write("t.csv", "p,d,a\n" + f"1,2026-10-01,{amount}\n" * rows)
    with pytest.raises(KpiError, match=OVERFLOW):
        desk.report(period="2026-10", as_of="2026-11-22")


def test_a_sum_that_a_decimal_holds_is_exact(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.book({"s": "sum(t.a)"}, base=AMOUNTS.replace("FIELD", "count(t)"))
    desk.write("p.csv", "id\n1\n")
    desk.write("t.csv", "p,d,a\n" + f"1,2026-10-01,{NINES}\n" * 99)
    assert desk.values(period="2026-10", as_of="2026-11-22") == {"s": 99 * int(NINES)}
