"""Ways in which amounts of several currencies could give a wrong number without an error.

Whatever reads an amount reads it in the book's currency: conditions, fields, lookups, roll-ups, targets, versions.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.desk import Desk

from kpicli.errors import KpiError

BOOK = """\
version: 1
name: Desk
currency: USD
rates:
  EUR: 2
  GBP: [{from: 2026-01-01, rate: 3}, {from: 2026-02-01, rate: 4}]
tables:
  deals:
    source: deals.csv
    key: id
    date: close
    currency: code
    where: amount >= 100
    columns:
      id: id
      owner: owner
      code: code
      amount: {header: amount, type: money}
      close: {header: close, type: date}
    fields:
      large: amount >= 300
      of_rep: amount / rep.quota
    lookups:
      rep: {table: reps, column: owner}
  reps:
    source: reps.csv
    key: id
    columns:
      id: id
      quota: {header: quota, type: money, currency: EUR}
    fields:
      sold: sum(deals.amount)
      best: max(deals.amount)
  quotas:
    source: quotas.csv
    key: [owner, month]
    date: month
    covers: month
    columns:
      owner: owner
      month: {header: month, type: date}
      amount: {header: amount, type: money, currency: GBP}
dimensions:
  owner: owner
goals:
  growth: {name: Growth}
"""
DEALS = """\
id,owner,code,amount,close
1,ann,USD,100,2026-01-20
2,ann,EUR,50,2026-01-21
3,ann,EUR,49,2026-01-22
4,bob,GBP,100,2026-01-31
5,bob,gbp,100,2026-02-01
6,bob,,150,2026-02-02
7,bob,GBP,99,
"""
REPS = "id,quota\nann,400\nbob,800\n"
QUOTAS = "owner,month,amount\nann,2026-01-01,100\nbob,2026-01-01,50\nann,2026-02-01,100\n"
KPIS = {
    "sum": "sum(deals.amount)",
    "count": "count(deals)",
    "large": "count(deals where large)",
    "part": "sum(deals.of_rep)",
    "sold": "sum(reps.sold)",
    "best": "max(reps.best)",
    "quota": "sum(reps.quota)",
}


def desk(folder: Path, deals: str = DEALS, kpis: dict[str, str] = KPIS, book: str = BOOK) -> Desk:
    made = Desk(folder)
    made.book(kpis, base=book)
    made.write("deals.csv", deals)
    made.write("reps.csv", REPS)
    made.write("quotas.csv", QUOTAS)
    return made


def test_whatever_reads_an_amount_reads_it_in_the_books_currency(tmp_path: Path) -> None:
    """The condition leaves out 49 EUR (98), and keeps 50 EUR (100), which as written would go."""
    values = desk(tmp_path).values(period="2026-01", as_of="2026-11-22")
    assert values == {
        "sum": 100 + 100 + 300,
        "count": 3,
        "large": 1,
        "part": Decimal("0.125") + Decimal("0.125") + Decimal("0.1875"),
        "sold": 100 + 100 + 300 + 400 + 150,
        "best": 400,
        "quota": 2400,
    }


@pytest.mark.parametrize(
    ("kpi", "value"),
    [
        ("count(deals)", 3),
        ("sum(deals.amount)", 500),
        ("count_distinct(deals.owner)", 2),
        ("count(deals where large)", 1),
    ],
)
def test_the_currency_is_read_where_no_formula_names_it(tmp_path: Path, kpi: str, value: int) -> None:
    """The table's condition reads an amount, and that its currency and day; nothing else needs rows of other days."""
    report = desk(tmp_path, kpis={"k": kpi}).report(period="2026-01", as_of="2026-11-22")
    assert (report["kpis"][0]["value"], report["data"][0]["used"]) == (value, 5)


def test_a_report_of_one_period_converts_like_one_of_all(tmp_path: Path) -> None:
    """Though rows of other days needn't be kept in memory."""
    book = BOOK.replace("    where: amount >= 100\n", "")
    made = desk(tmp_path, kpis={"sum": "sum(deals.amount)"}, book=book)
    months = [made.report(period=period, as_of="2026-11-22") for period in ("2026-01", "2026-02", "2026")]
    first, second, year = (report["kpis"][0]["value"] for report in months)
    assert (first, second, year) == (598, 550, 1148)
    notes = [report["data"][0]["notes"] for report in months]
    assert [[note["code"] for note in each] for each in notes] == [["no-date", "no-rate"]] * 3
    assert all(report["data"][0]["rows"] == 7 for report in months)


def test_a_target_from_quotas_in_another_currency_is_in_the_books(tmp_path: Path) -> None:
    kpis = {"sum": "formula: sum(deals.amount)\nunit: money\ntarget: sum(quotas.amount)"}
    made = desk(tmp_path, kpis=kpis)
    targets = [made.lines(period=month, as_of="2026-11-22")["sum"]["target"] for month in ("2026-01", "2026-02")]
    assert targets == [450, 400]
    groups = made.lines(period="2026-01", by="owner", as_of="2026-11-22")["sum"]["groups"]
    assert [(group["member"], group["target"]) for group in groups] == [("ann", 300), ("bob", 150)]


def test_the_latest_version_is_told_by_converted_amounts(tmp_path: Path) -> None:
    """60 EUR are more than 100 USD, and 10 GBP in two rows that differ in nothing are one."""
    book = BOOK.replace("    key: id\n    date: close\n", "    key: id\n    keep: latest by amount\n    date: close\n")
    deals = "id,owner,code,amount,close\n1,ann,USD,100,2026-01-20\n1,ann,EUR,60,2026-01-20\n"
    deals += "2,ann,GBP,50,2026-01-20\n2,ann,GBP,50,2026-01-20\n"
    made = desk(tmp_path, deals, {"sum": "sum(deals.amount)"}, book)
    assert made.values(period="2026-01", as_of="2026-11-22") == {"sum": 120 + 150}


def test_versions_that_tie_once_they_are_converted_are_told(tmp_path: Path) -> None:
    book = BOOK.replace("    key: id\n    date: close\n", "    key: id\n    keep: latest by amount\n    date: close\n")
    deals = "id,owner,code,amount,close\n1,ann,USD,100,2026-01-20\n1,ann,EUR,50,2026-01-20\n"
    with pytest.raises(KpiError, match="versions of one key tie on 'amount' and differ: 1"):
        desk(tmp_path, deals, {"sum": "sum(deals.amount)"}, book).report(as_of="2026-11-22")


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("8,ann,SEK,100,2019-01-01", "missing-rate"),
        ("8,ann,Euro,100,2026-01-05", "unknown-currency"),
        ("8,ann,USD,€100,2026-01-05", "currency-sign"),
        ("8,ann,,€100,2026-01-05", "currency-sign"),
        (f"8,ann,EUR,{10**21},2026-01-05", "overflow"),
    ],
)
def test_what_can_not_be_converted_is_an_error_wherever_it_stands(tmp_path: Path, row: str, code: str) -> None:
    with pytest.raises(KpiError) as raised:
        desk(tmp_path, f"{DEALS}{row}\n", {"sum": "sum(deals.amount)"}).report(period="2026-02", as_of="2026-11-22")
    assert raised.value.code == code


def test_a_report_of_an_earlier_day_has_the_rates_of_that_day(tmp_path: Path) -> None:
    """In a table without dates; a rate that was added later changes nothing."""
    book = BOOK.replace("currency: EUR}", "currency: GBP}")
    made = desk(tmp_path, kpis={"quota": "sum(reps.quota)"}, book=book)
    values = [made.values(period="2026-01", as_of=day)["quota"] for day in ("2026-01-31", "2026-02-01")]
    assert values == [3600, 4800]


def notes(report: dict[str, Any]) -> list[tuple[str, str | None, int]]:
    return [(note["code"], note["column"], note["rows"]) for table in report["data"] for note in table["notes"]]


def test_an_amount_without_a_rate_is_missing_and_never_in_its_own_currency(tmp_path: Path) -> None:
    deals = DEALS + "8,ann,GBP,1000,2025-12-31\n"
    report = desk(tmp_path, deals, {"sum": "sum(deals.amount)"}).report(period="2025-12", as_of="2026-11-22")
    assert report["kpis"][0]["value"] == 0
    assert notes(report) == [("no-rate", "amount", 2)]


def test_a_table_without_currencies_is_read_as_ever(tmp_path: Path) -> None:
    """Rates in the book convert nothing that isn't declared to be in another currency."""
    book = BOOK.replace("    currency: code\n", "").replace("where: amount >= 100\n", "where: amount > 0\n")
    made = desk(tmp_path, kpis={"sum": "sum(deals.amount)"}, book=book)
    assert made.values(period="2026-01", as_of="2026-11-22") == {"sum": 299}
