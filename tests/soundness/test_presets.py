"""Ways in which a preset could make a wrong number without an error."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import kpicli
from kpicli import KpiError

HEAD = "version: 1\ncurrency: USD\ntables:\n"
KPIS = """
goals: {g: }
kpis:
  won: {role: lagging, goal: g, formula: sum(deals.amount where won)}
  deals: {role: lagging, goal: g, formula: count(deals)}
"""
OPPORTUNITIES = (
    "Id,IsDeleted,StageName,Amount,CloseDate,CreatedDate,IsWon,IsClosed\n"
    "006A,0,Closed Won,100,2026-10-02,2026-09-01,1,1\n"
    "006B,1,Closed Won,900,2026-10-02,2026-09-01,1,1\n"
    "006C,0,Prospecting,50,2026-10-09,2026-09-01,0,0\n"
)
DEALS = "  deals: {source: d.csv, preset: salesforce/opportunities}\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("d.csv").write_text(OPPORTUNITIES, encoding="utf-8")


def book(tables: str = DEALS, rest: str = KPIS) -> kpicli.KpiBook:
    Path("kpis.yaml").write_text(HEAD + tables + rest, encoding="utf-8")
    return kpicli.load("kpis.yaml")


def value(opened: kpicli.KpiBook, kpi: str) -> Any:
    (line,) = opened.report(period="2026-10", kpis=[kpi], as_of="2026-11-22").to_dict()["kpis"]
    return line["value"]


def test_deleted_rows_do_not_count_and_an_export_without_the_flag_has_none() -> None:
    assert (value(book(), "won"), value(book(), "deals")) == (100, 2)
    Path("d.csv").write_text(
        "\n".join(",".join((line.split(",")[0], *line.split(",")[2:])) for line in OPPORTUNITIES.splitlines()) + "\n"
    )
    assert (value(book(), "won"), value(book(), "deals")) == (1000, 3)


def test_amounts_of_several_currencies_are_converted_or_refused() -> None:
    foreign = "\n".join(
        f"{line},{code}"
        for line, code in zip(OPPORTUNITIES.splitlines(), ["CurrencyIsoCode", "EUR", "", "USD"], strict=True)
    )
    Path("d.csv").write_text(foreign + "\n", encoding="utf-8")
    with pytest.raises(KpiError, match="EUR"):
        value(book(), "won")
    assert value(book(DEALS, KPIS + "rates: {EUR: 1.5}\n"), "won") == 150


def test_a_book_without_a_currency_does_not_add_what_a_preset_knows_to_be_several() -> None:
    Path("kpis.yaml").write_text("version: 1\ntables:\n" + DEALS + KPIS, encoding="utf-8")
    with pytest.raises(KpiError) as raised:
        kpicli.load("kpis.yaml")
    assert str(raised.value).startswith(
        "error[no-currency]: amounts of other currencies are converted to the book's, and the book has none\n"
        "  kpis.yaml:3:34, the preset's currency\n"
    )


def test_a_column_that_is_read_and_missing_is_an_error_however_the_preset_spells_it() -> None:
    Path("d.csv").write_text(OPPORTUNITIES.replace("IsWon", "Won?"), encoding="utf-8")
    assert value(book(), "deals") == 2
    with pytest.raises(KpiError, match=r"'d.csv' has no header 'IsWon' or 'Won' \(column is_won of table deals\)"):
        value(book(), "won")


def test_a_column_is_missing_from_one_of_several_files() -> None:
    Path("e.csv").write_text(OPPORTUNITIES.replace("Amount", "Betrag").replace("006", "007"), encoding="utf-8")
    with pytest.raises(KpiError, match=r"'e\.csv' has no header 'Amount'"):
        value(book(DEALS.replace("d.csv", '"?.csv"')), "won")


def test_what_one_entry_of_source_brings_must_be_in_all_of_its_files() -> None:
    Path("e.csv").write_text("Id,CloseDate\n006D,2026-10-02\n", encoding="utf-8")
    entries = "{path: d.csv, preset: salesforce/opportunities}, {path: e.csv, preset: salesforce/opportunities}"
    tables = f"  deals: {{preset: salesforce/opportunities, source: [{entries}]}}\n"
    with pytest.raises(KpiError, match=r"'e\.csv' has no header 'Amount'"):
        value(book(tables), "won")


def test_a_check_reads_what_kpis_need_and_not_the_rest_of_a_preset() -> None:
    (data,) = book().check_data(as_of="2026-11-22")
    assert (data.rows, data.used, data.notes) == (3, 2, ())
    Path("d.csv").write_text(OPPORTUNITIES.replace("IsWon", "Won?"), encoding="utf-8")
    with pytest.raises(KpiError, match="has no header 'IsWon' or 'Won'"):
        book().check_data(as_of="2026-11-22")


def test_a_check_reads_what_the_book_itself_declares() -> None:
    own = DEALS.replace("}", ", columns: {arr: ARR__c}}")
    with pytest.raises(KpiError, match="has no header 'ARR__c'"):
        book(own).check_data(as_of="2026-11-22")
    fields = DEALS.replace("}", ", fields: {from_web: source = 'Web'}}")
    with pytest.raises(KpiError, match="has no header 'LeadSource' or 'Lead Source'"):
        book(fields).check_data(as_of="2026-11-22")


def test_a_check_reads_what_scorecards_split_by() -> None:
    split = KPIS + "dimensions: {source: source}\nscorecards: {s: {kpis: [won], by: source}}\n"
    with pytest.raises(KpiError, match="has no header 'LeadSource' or 'Lead Source'"):
        book(DEALS, split).check_data(as_of="2026-11-22")
    book(DEALS, split.replace(", by: source", "")).check_data(as_of="2026-11-22")


def test_a_check_reads_what_the_members_of_a_dimension_need() -> None:
    Path("u.csv").write_text("Id,Name\n005A,Ann\n", encoding="utf-8")
    tables = DEALS + "  users: {source: u.csv, preset: salesforce/users}\n"
    members = KPIS + "dimensions: {owner: {field: {deals: owner}, members: users, label: name%s}}\n"
    with pytest.raises(KpiError) as raised:
        book(tables, members % ", where: active").check_data(as_of="2026-11-22")
    assert "'d.csv' has no header 'OwnerId' or 'Owner ID'" in str(raised.value)
    assert "'u.csv' has no header 'IsActive' or 'Active'" in str(raised.value)


def test_versions_of_a_row_are_one_where_only_what_nobody_reads_differs() -> None:
    """A preset has columns that the files don't; they are no part of what tells versions apart."""
    Path("d.csv").write_text(OPPORTUNITIES.replace("006B,1", "006A,0").replace(",900,", ",100,"), encoding="utf-8")
    keep = DEALS.replace("}", ", keep: latest by created_date}")
    assert (value(book(keep), "won"), value(book(keep), "deals")) == (100, 2)
    Path("d.csv").write_text(OPPORTUNITIES.replace("006B,1", "006A,0"), encoding="utf-8")
    with pytest.raises(KpiError, match="versions of one key tie"):
        value(book(keep), "won")
