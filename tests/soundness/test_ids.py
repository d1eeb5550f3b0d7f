"""Ways in which ids could join rows that don't belong together, or part those that do."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.desk import Desk

import kpicli
from kpicli.errors import KpiError

BOOK = """\
version: 1
name: Desk
currency: USD
tables:
  deals:
    source: deals.csv
    key: id
    date: closed
    columns:
      id: {header: Id, id: salesforce}
      account_id: {header: AccountId, id: salesforce, separator: ";"}
      amount: {header: Amount, type: money}
      closed: {header: Closed, type: date}
    lookups:
      account: {table: accounts, column: account_id}
  accounts:
    source: accounts.csv
    key: id
    columns: {id: {header: Account ID, id: salesforce}, name: Name}
dimensions:
  account: {field: {deals: account_id}, members: accounts, label: name}
goals:
  growth: {name: Growth}
"""
ACCOUNTS = "Account ID,Name\n0015g00000AbCdE,Alder\n0015g00000abcde,Birch\n"
FEBRUARY = {"period": "2026-02", "as_of": "2026-03-31"}


def desk(folder: Path, rows: str) -> Desk:
    made = Desk(folder)
    made.write("accounts.csv", ACCOUNTS)
    made.write("deals.csv", "Id,AccountId,Amount,Closed\n" + rows)
    made.book({"won": "sum(deals.amount)", "accounts": "count_distinct(deals.account_id)"}, base=BOOK)
    return made


def test_long_and_short_ids_lead_to_one_row_and_capitals_count(tmp_path: Path) -> None:
    """Reports show 15 characters, exports 18; two ids may differ in nothing but capitals."""
    made = desk(
        tmp_path,
        "0065g00000AbCdEAAX,0015g00000AbCdEAAX,1,2026-02-01\n"
        "0065g00000AbCdFAAX,0015g00000AbCdE,2,2026-02-01\n"
        "0065g00000AbCdGAAX,0015g00000abcdeAAA,4,2026-02-01\n"
        "0065g00000AbCdHAAX,000000000000000AAA,8,2026-02-01\n",
    )
    line = made.lines(**FEBRUARY, by="account")["won"]
    assert {group["label"]: group["value"] for group in line["groups"]} == {"Alder": 3, "Birch": 4, "(none)": 8}
    assert made.values(**FEBRUARY)["accounts"] == 2
    assert made.report(**FEBRUARY)["data"][0]["notes"] == []


def test_a_key_that_stands_twice_in_two_spellings_is_refused(tmp_path: Path) -> None:
    rows = "0065g00000AbCdEAAX,,1,2026-02-01\n0065g00000AbCdE,,2,2026-02-01\n"
    with pytest.raises(KpiError, match=r"the key id isn't unique: 0065g00000AbCdE \(rows 2, 3\)"):
        desk(tmp_path, rows).report(**FEBRUARY)


def test_values_beyond_the_first_are_noted_on_days_that_nobody_asks_for_too(tmp_path: Path) -> None:
    """Rows of other days aren't kept in memory."""
    alder, birch = "0015g00000AbCdEAAX", "0015g00000abcde"
    made = desk(
        tmp_path,
        f"1,{alder}; {birch},1,2026-02-01\n2,{birch},2,2026-02-01\n3,{birch};{alder},4,2024-02-01\n4,;,8,2026-02-01\n",
    )
    line = made.lines(**FEBRUARY, by="account")["won"]
    assert {group["label"]: group["value"] for group in line["groups"]} == {"Alder": 1, "Birch": 2, "(none)": 8}
    notes = made.report(**FEBRUARY)["data"][0]["notes"]
    assert [(note["code"], note["column"], note["rows"]) for note in notes] == [("several-values", "account_id", 2)]
    assert [example["row"] for example in notes[0]["examples"]] == [2, 4]


def test_long_values_before_a_separator_are_counted_by_what_they_are(tmp_path: Path) -> None:
    """Polars counts texts of more than twelve bytes as different within a group where they were put in one by one."""
    rows = "".join(f"48000000000000002;{at},{owner}\n" for at, owner in enumerate("AABA"))
    (tmp_path / "links.csv").write_text("Z,O\n" + rows, encoding="utf-8")
    book = """
version: 1
tables: {t: {source: links.csv, columns: {z: {header: Z, separator: ";"}, own: O}}}
goals: {g: {}}
dimensions: {own: own}
kpis:
  links: {role: leading, goal: g, formula: count_distinct(t.z)}
  of_a: {role: leading, goal: g, formula: "count_distinct(t.z where own = 'A')"}
"""
    (tmp_path / "kpis.yaml").write_text(book, encoding="utf-8")
    found = kpicli.load(tmp_path / "kpis.yaml").report(period="all", by="own", as_of="2026-11-22").to_dict()
    assert [kpi["value"] for kpi in found["kpis"]] == [1, 1]
    assert [[group["value"] for group in kpi["groups"]] for kpi in found["kpis"]] == [[1, 1], [1]]
