"""What a preset brings to a table, and what the table's own declarations take the place of."""

from __future__ import annotations

from pathlib import Path

import pytest

from kpicli.book.load import Loaded, load
from kpicli.book.model import ColumnType, Lookup, Table
from kpicli.book.presets import preset

SALESFORCE = preset("salesforce").tables["opportunities"]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def loaded(tables: str) -> Loaded:
    """A book of these tables, one of which is `deals`."""
    indented = "".join(f"  {line}\n" for line in tables.strip().splitlines())
    kpis = "kpis: {k: {role: lagging, status: proposed, formula: count(deals)}}\n"
    Path("kpis.yaml").write_text(f"version: 1\ncurrency: USD\ntables:\n{indented}{kpis}", encoding="utf-8")
    return load("kpis.yaml")


def deals(keys: str = "", source: str = "d.csv") -> Table:
    """A table of deals by the preset, with further keys in braces."""
    return loaded(f"deals: {{source: {source}, preset: salesforce/opportunities, {keys}}}").book.tables["deals"]


# ---- one preset


def test_a_table_is_as_its_preset_has_it() -> None:
    table = deals()
    assert table.columns == SALESFORCE.columns
    assert table.fields == SALESFORCE.fields
    assert (table.key, table.date, table.where) == (("id",), "close_date", "not deleted")
    assert table.currency == "currency_code"
    assert table.lifespan == SALESFORCE.lifespan
    assert table.preset == "salesforce/opportunities"


def test_a_preset_is_named_in_any_case() -> None:
    table = loaded("deals: {source: d.csv, preset: Salesforce / Opportunities}").book.tables["deals"]
    assert table.columns == SALESFORCE.columns


def test_a_column_takes_from_the_preset_what_it_does_not_say() -> None:
    columns = deals('columns: {stage: Etapa, close_date: {format: "%d/%m/%Y"}, amount: {decimal: ","}, type: }').columns
    assert columns["stage"].headers == ("Etapa",)
    assert columns["close_date"].headers == ("CloseDate", "Close Date")
    assert (columns["close_date"].type, columns["close_date"].format) == (ColumnType.DATE, ("%d/%m/%Y",))
    assert (columns["amount"].type, columns["amount"].decimal) == (ColumnType.MONEY, ",")
    assert columns["type"] == SALESFORCE.columns["type"]


def test_a_column_under_another_header_is_of_the_presets_type() -> None:
    column = deals("columns: {created_date: Angelegt}").columns["created_date"]
    assert (column.headers, column.type, column.timezone) == (("Angelegt",), ColumnType.DATE, "UTC")


def test_a_column_of_another_type_takes_the_header_alone() -> None:
    column = deals("columns: {modified_date: {type: text}}").columns["modified_date"]
    assert (column.headers, column.type) == (SALESFORCE.columns["modified_date"].headers, ColumnType.TEXT)
    assert column.timezone is None


def test_further_columns_and_fields_stand_beside_the_presets() -> None:
    table = deals("columns: {arr: {header: ARR__c, type: money}}, fields: {large: arr > 10_000 and won}")
    assert table.columns.keys() == SALESFORCE.columns.keys() | {"arr"}
    assert table.fields.keys() == SALESFORCE.fields.keys() | {"large"}


def test_a_field_takes_the_place_of_a_field_or_a_column() -> None:
    table = deals("fields: {won: stage = 'Ganada', type: lower(stage)}")
    assert (table.fields["won"], table.fields["type"]) == ("stage = 'Ganada'", "lower(stage)")
    assert "type" not in table.columns


def test_a_column_takes_the_place_of_a_field() -> None:
    table = deals("columns: {won: {header: Won?, type: boolean}}".replace("Won?", "Is it won"))
    assert "won" in table.columns
    assert "won" not in table.fields


def test_keys_of_the_table_come_first_and_none_takes_the_presets_away() -> None:
    table = deals("key: name, date: created_date, where: none, lifespan: none, currency: none")
    assert (table.key, table.date, table.where, table.lifespan) == (("name",), "created_date", None, None)
    assert table.currency is None


def test_a_column_called_date_goes_where_another_date_is_the_tables() -> None:
    """`date` means the table's date in formulas."""
    table = loaded(
        "deals: {source: t.csv, preset: salesforce/tasks, date: created_date, fields: {late: date < today}}"
    ).book.tables["deals"]
    assert "date" not in table.columns


def test_a_preset_is_the_same_for_the_next_book() -> None:
    deals('columns: {stage: {header: Etapa, blank: "-"}}, fields: {won: amount > 0}, where: none')
    assert deals().columns == SALESFORCE.columns
    assert deals().fields == SALESFORCE.fields


# ---- several files


ACTIVITIES = """
deals:
  preset: salesforce/activities
  source:
    - {path: task.csv, preset: salesforce/tasks%s}
    - {path: event.csv, preset: salesforce/events}
  %s
"""


def test_each_entry_has_the_columns_of_its_preset() -> None:
    table = loaded(ACTIVITIES % ("", "fields:")).book.tables["deals"]
    task, event = table.source
    assert task.columns == preset("salesforce").tables["tasks"].columns
    assert event.columns == preset("salesforce").tables["events"].columns
    assert table.columns == {}
    assert table.fields == preset("salesforce").tables["activities"].fields


def test_an_entry_says_more_than_its_preset() -> None:
    task = loaded(ACTIVITIES % (", columns: {date: Fällig, note: Notiz}", "fields:")).book.tables["deals"].source[0]
    assert (task.columns["date"].headers, task.columns["date"].type) == (("Fällig",), ColumnType.DATE)
    assert task.columns["note"].headers == ("Notiz",)


def test_what_the_table_declares_itself_holds_for_all_entries() -> None:
    """A part of a column takes the rest from the presets, under the headers of all of them."""
    table = loaded(ACTIVITIES % ("", 'columns: {date: {format: "%m/%d/%Y"}, minutes: {type: number}}')).book.tables[
        "deals"
    ]
    assert all(not {"date", "minutes"} & entry.columns.keys() for entry in table.source)
    assert table.columns["date"].format == ("%m/%d/%Y",)
    assert table.columns["date"].headers[:3] == ("ActivityDate", "ActivityDateTime", "StartDateTime")
    assert table.columns["minutes"].headers == ("DurationInMinutes", "Duration")


def test_without_a_preset_of_the_table_entries_bring_columns_alone() -> None:
    table = loaded(
        "deals: {source: [{path: t.csv, preset: salesforce/tasks}, {path: e.csv, preset: salesforce/events}],"
        ' columns: {date: {format: "%m/%d/%Y"}}, date: date}'
    ).book.tables["deals"]
    assert (table.key, table.fields) == ((), {})
    assert table.columns["date"].headers == (
        *("ActivityDate", "Due Date Only", "Due Date", "ActivityDateTime", "StartDateTime"),
        *("Start Date Time", "Due Date Time"),
    )


def test_entries_without_a_preset_have_the_tables() -> None:
    table = loaded(
        "deals: {preset: salesforce/activities, source: [old.csv, {path: t.csv, preset: salesforce/tasks}]}"
    ).book.tables["deals"]
    assert table.source[0].path == "old.csv"
    assert table.source[0].columns == preset("salesforce").tables["activities"].columns
    assert table.source[1].columns == preset("salesforce").tables["tasks"].columns


def test_what_no_entry_knows_of_the_tables_preset_may_be_missing() -> None:
    """So that the fields of the table's preset work over tasks alone."""
    table = loaded(
        "deals: {preset: salesforce/activities, source: {path: t.csv, preset: salesforce/tasks}}"
    ).book.tables["deals"]
    assert table.columns.keys() == {"minutes"}
    assert table.columns["minutes"].optional


# ---- lookups


def lookups(tables: str) -> dict[str, Lookup]:
    return loaded(tables).book.tables["deals"].lookups


DEALS = "deals: {source: d.csv, preset: salesforce/opportunities}\n"
ACCOUNT = Lookup(table="accounts", column=("account_id",))


def test_a_lookup_leads_to_the_table_with_the_presets_rows() -> None:
    assert lookups(DEALS) == {}
    assert lookups(DEALS + "kunden: {source: a.csv, preset: salesforce/accounts}\n") == {
        "account": Lookup(table="kunden", column=("account_id",))
    }
    assert lookups(DEALS + "accounts: {source: a.csv, columns: {id: Id}, key: id}\n") == {}
    assert lookups(DEALS + "accounts: {source: a.csv, preset: hubspot/accounts}\n") == {}


def test_of_several_tables_the_one_with_the_presets_name_is_meant() -> None:
    both = "accounts: {source: a.csv, preset: salesforce/accounts}\nold: {source: b.csv, preset: salesforce/accounts}\n"
    assert lookups(DEALS + both) == {"account": ACCOUNT}
    assert lookups(DEALS + both.replace("accounts:", "new:")) == {}


def test_a_table_with_another_key_is_not_looked_up() -> None:
    other = "accounts: {source: a.csv, preset: salesforce/accounts, key: %s}\n"
    assert lookups(DEALS + other % "name") == {}
    assert lookups(DEALS + other % "none") == {}
    assert lookups(DEALS + other % "[id]") == {"account": ACCOUNT}


def test_a_lookup_of_the_table_comes_first() -> None:
    own = DEALS.replace("}", ", lookups: {account: {table: accounts, column: name}}}")
    accounts = "accounts: {source: a.csv, preset: salesforce/accounts}\n"
    assert lookups(own + accounts) == {"account": Lookup(table="accounts", column=("name",))}


def test_a_table_leads_to_itself() -> None:
    assert lookups("deals: {source: u.csv, preset: salesforce/users}") == {
        "manager": Lookup(table="deals", column=("manager_id",))
    }


# ---- what is known of it afterwards


def test_formulas_know_what_stands_in_a_preset_alone() -> None:
    text = DEALS.replace("}", ", columns: {stage: Etapa, arr: ARR}, fields: {won: amount > 0}}")
    formulas = loaded(text + "accounts: {source: a.csv, preset: salesforce/accounts}\n").formulas.tables["deals"]
    assert formulas.brought == (SALESFORCE.columns.keys() | SALESFORCE.fields.keys()) - {"stage", "won"}
    assert formulas.brought_lookups == {"account"}


def test_a_book_without_presets_brings_nothing() -> None:
    formulas = loaded("deals: {source: d.csv, columns: {id: Id}, fields: {one: 1}}").formulas.tables["deals"]
    assert (formulas.brought, formulas.brought_lookups) == (frozenset(), frozenset())
