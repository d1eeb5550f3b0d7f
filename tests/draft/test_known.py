"""Exports that a preset knows: recognised by headers, not by names of files, and written down by what differs."""

from __future__ import annotations

import csv
import re
from importlib.resources import files
from io import StringIO
from pathlib import Path

import pytest
from tests.draft.begun import begun, lines, values

from kpicli.draft.orders import DayOrder
from kpicli.errors import KpiError

FIXTURES = Path(__file__).parents[1] / "presets"
OTHERS = ("deals-deutsch.csv", "verkauf.csv", "Potentials.csv")
"""Fixtures that hold deals a second time, under other headers."""


def exports(crm: str) -> dict[str, bytes]:
    """The fixtures of a preset, under names that say nothing."""
    paths = sorted(path for path in (FIXTURES / crm).glob("*.csv") if path.name not in OTHERS)
    return {f"{at}.csv": path.read_bytes() for at, path in enumerate(paths)}


@pytest.mark.parametrize("crm", ["dynamics", "hubspot", "pipedrive", "salesforce", "salesforce-report", "zoho"])
def test_the_exports_of_a_crm_are_known_by_their_headers(tmp_path: Path, crm: str) -> None:
    drafted = begun(tmp_path, exports(crm))
    assert {table.preset.partition("/")[0] for table in drafted.draft.tables if table.preset is not None} == {crm}
    found = values(drafted, tmp_path, "2026-10")
    assert found["won_revenue"] == 48_000
    assert found["win_rate"] == 0.5
    assert {"new_opportunities", "sales_cycle", "activities_completed", "new_leads"} <= found.keys()


@pytest.mark.parametrize(("crm", "name"), [("pipedrive", "deals-deutsch.csv"), ("zoho", "Potentials.csv")])
def test_other_spellings_of_headers_are_known_too(tmp_path: Path, crm: str, name: str) -> None:
    drafted = begun(tmp_path, {"x.csv": (FIXTURES / crm / name).read_bytes()}, order=DayOrder.DAY_FIRST)
    (table,) = drafted.draft.tables
    assert table.preset == f"{crm}/opportunities"
    assert "won_deals" in values(drafted, tmp_path)


SALESFORCE = "Id,Name,StageName,Amount,CloseDate,CreatedDate,OwnerId,IsWon,IsClosed,LastModifiedDate"


def salesforce(*rows: str, headers: str = SALESFORCE) -> dict[str, str]:
    return {"x.csv": lines(headers, *rows)}


def test_only_what_differs_from_the_preset_is_written(tmp_path: Path) -> None:
    rows = [
        f"006{at},A,Closed Won,5,10/{13 + at}/2026,2026-09-01 10:00:00,005,1,1,2026-10-09 10:00:00" for at in range(9)
    ]
    drafted = begun(tmp_path, salesforce(*rows))
    assert '      close_date: {format: "%m/%d/%Y"}' in drafted.text
    assert "created_date:" not in drafted.text.partition("dimensions:")[0]
    assert values(drafted, tmp_path)["won_deals"] == 9


def test_a_report_in_a_locale_asks_for_the_order(tmp_path: Path) -> None:
    headers = "Opportunity Name,Opportunity Owner,Stage,Close Date,Amount"
    files = salesforce("A,Ann,Closed Won,03/04/2026,5", "B,Bob,Closed Lost,05/06/2026,7", headers=headers)
    with pytest.raises(KpiError) as caught:
        begun(tmp_path, files)
    assert caught.value.code == "day-or-month"
    drafted = begun(tmp_path, files, order=DayOrder.DAY_FIRST)
    assert values(drafted, tmp_path, "2026-04")["won_deals"] == 1


def test_formulas_whose_columns_are_missing_give_way_to_others(tmp_path: Path) -> None:
    headers = "Id,Name,StageName,Amount,CloseDate,CreatedDate,OwnerId"
    rows = ["1,A,Closed Won,5,2026-10-09,2026-09-01,005", "2,B,Closed Lost,5,2026-10-10,2026-09-01,005"]
    drafted = begun(tmp_path, salesforce(*rows, headers=headers))
    assert re.search(
        r"won: lower\(stage\) = 'closed won' +# guess: the preset reads `is_won`, not in the file", drafted.text
    )
    assert values(drafted, tmp_path)["win_rate"] == 0.5


def test_a_column_that_the_preset_misses_is_guessed(tmp_path: Path) -> None:
    headers = "Id,Name,StageName,Amount,CloseDate,Created,Rep,IsWon,IsClosed"
    drafted = begun(tmp_path, salesforce("1,A,Closed Won,5,2026-10-09,2026-09-01,Ann,1,1", headers=headers))
    assert re.search(r"created_date: {header: Created, type: date} +# guess: by its header", drafted.text)
    assert re.search(r"owner: Rep +# guess: by its header", drafted.text)
    assert values(drafted, tmp_path)["sales_cycle"] == 38


def test_stages_that_were_renamed_are_guessed(tmp_path: Path) -> None:
    headers = "Id,Name,StageName,Amount,CloseDate,CreatedDate,OwnerId"
    rows = ["1,A,Gewonnen,5,2026-10-09,2026-09-01,005", "2,B,Verloren,5,2026-10-10,2026-09-01,005"]
    drafted = begun(tmp_path, salesforce(*rows, headers=headers))
    assert "won: stage = 'Gewonnen'" in drafted.text
    assert values(drafted, tmp_path)["win_rate"] == 0.5


def test_a_key_that_stands_twice_keeps_the_latest(tmp_path: Path) -> None:
    rows = [
        "1,A,Open,5,2026-10-09,2026-09-01,005,0,0,2026-09-02 10:00:00",
        "1,A,Closed Won,5,2026-10-09,2026-09-01,005,1,1,2026-10-09 10:00:00",
    ]
    drafted = begun(tmp_path, salesforce(*rows))
    assert "keep: latest by modified_date" in drafted.text
    found = values(drafted, tmp_path)
    assert (found["won_deals"], found["new_opportunities"]) == (1, 1)


def test_a_column_that_is_not_what_the_preset_says_is_told(tmp_path: Path) -> None:
    rows = [f"{at},A,Closed Won,soon,2026-10-09,2026-09-01,005,1,1,2026-10-09 10:00:00" for at in range(3)]
    drafted = begun(tmp_path, salesforce(*rows))
    assert "won_revenue" not in values(drafted, tmp_path)
    assert any("'Amount'" in each and "money" in each for each in drafted.draft.not_found)


CURRENCIES = "Id,Name,StageName,Amount,CloseDate,CreatedDate,OwnerId,IsWon,IsClosed,CurrencyIsoCode"


def in_currencies(*codes: str) -> dict[str, str]:
    rows = [f"{at},A,Closed Won,5,2026-10-09,2026-09-01,005,1,1,{code}" for at, code in enumerate(codes)]
    return salesforce(*rows, headers=CURRENCIES)


def test_the_currency_of_a_preset_is_that_of_its_codes(tmp_path: Path) -> None:
    drafted = begun(tmp_path, in_currencies("GBP", "GBP"))
    assert drafted.draft.currency == "GBP"
    assert values(drafted, tmp_path)["won_revenue"] == 10


def test_several_currencies_of_a_preset_wait_for_rates(tmp_path: Path) -> None:
    drafted = begun(tmp_path, in_currencies("GBP", "GBP", "USD"))
    assert "    currency: none\n" in drafted.text
    found = values(drafted, tmp_path)
    assert (found["won_deals"], found["won_revenue"]) == (3, 10)


def test_a_preset_without_any_sign_of_a_currency_has_plain_numbers(tmp_path: Path) -> None:
    drafted = begun(tmp_path, salesforce("1,A,Closed Won,5,2026-10-09,2026-09-01,005,1,1,2026-10-09 10:00:00"))
    assert drafted.draft.currency is None
    assert values(drafted, tmp_path)["won_revenue"] == 5


def test_the_key_of_a_preset_stays_where_others_lead_to_a_name(tmp_path: Path) -> None:
    """Titles of deals are unique today, and stand twice tomorrow."""
    header = "Id,Name,StageName,Amount,CloseDate,CreatedDate,OwnerId,IsWon,IsClosed"
    deals = [f"006{at},Deal {at},Closed Won,5,2026-10-09,2026-09-01,005,1,1" for at in range(9)]
    tasks = [f"T-{at},Ann,Completed,2026-10-03,Deal {at}" for at in range(9)]
    files = {
        "x.csv": lines(header, *deals),
        "y.csv": lines("Task ID,Assigned To,Status,Due Date,Opportunity", *tasks),
    }
    table = begun(tmp_path, files).draft.tables[0]
    assert (table.name, table.key) == ("opportunities", "id")


def test_stages_that_count_as_open_are_listed_where_texts_tell_what_is_closed(tmp_path: Path) -> None:
    headers = "Id,Name,StageName,Amount,CloseDate,CreatedDate,OwnerId"
    rows = ["1,A,Closed Won,5,2026-10-09,2026-09-01,005", "2,B,Omitted,5,2026-10-10,2026-09-01,005"]
    drafted = begun(tmp_path, salesforce(*rows, headers=headers))
    assert drafted.draft.tables[0].open_stages == (("Omitted", 1),)
    assert "# guess: these stages count as open, with their rows: 'Omitted' (1)" in drafted.text


def test_a_file_without_ids_is_told_that_nothing_keeps_rows_from_counting_twice(tmp_path: Path) -> None:
    headers = "Deal - Title,Deal - Owner,Deal - Value,Deal - Stage,Deal - Status,Deal - Deal created,Deal - Won time"
    drafted = begun(tmp_path, salesforce("A,Ann,5,Offer,Won,2026-09-01 09:00:00,2026-10-09 09:00:00", headers=headers))
    assert drafted.draft.tables[0].preset == "pipedrive/opportunities"
    assert re.search("key: none +# guess: what the preset has for a key isn't in the file", drafted.text)


@pytest.mark.parametrize(("converted", "revenue", "header"), [("USD", 31, "Amount (converted)"), ("EUR", 20, "Amount")])
def test_converted_amounts_are_taken_where_they_are_in_one_currency(
    tmp_path: Path, converted: str, revenue: int, header: str
) -> None:
    headers = (
        "Opportunity Owner,Opportunity Name,Stage,Amount Currency,Amount,Amount (converted) Currency,"
        "Amount (converted),Close Date,Created Date"
    )
    rows = [
        "Ann,A,Closed Won,USD,10,USD,10,2026-10-09,2026-09-01",
        f"Ann,B,Closed Won,EUR,20,{converted},21,2026-10-09,2026-09-01",
    ]
    drafted = begun(tmp_path, salesforce(*rows, headers=headers))
    column = drafted.draft.tables[0].column("amount")
    assert column is not None
    assert column.profile.header == header
    assert values(drafted, tmp_path)["won_revenue"] == revenue


# ---- what is blank or says nothing

PRESETS = files("kpicli") / "tables" / "presets"
PLAIN = "Id,Name,StageName,Amount,CloseDate,CreatedDate,OwnerId"


DEALS = ["dynamics/opportunities", "hubspot/deals", "pipedrive/deals", "salesforce/Opportunity", "zoho/Deals"]


@pytest.mark.parametrize("name", DEALS)
def test_a_column_that_is_blank_in_every_row_is_no_trouble(tmp_path: Path, name: str) -> None:
    """Each column in turn: there is a book, and no KPI is 0 only because what it reads is blank."""
    header, *rows = csv.reader(StringIO((FIXTURES / f"{name}.csv").read_text(encoding="utf-8-sig")))
    declared = (PRESETS / f"{name.partition('/')[0]}.yaml").read_text(encoding="utf-8")
    for at, blank in enumerate(header):
        if blank not in declared:
            continue  # nothing reads it
        text = StringIO()
        csv.writer(text).writerows([header, *([*row[:at], "", *row[at + 1 :]] for row in rows)])
        found = values(begun(tmp_path, {"x.csv": text.getvalue()}), tmp_path)
        assert not any(found.get(kpi) == 0 for kpi in ("won_revenue", "won_deals", "new_opportunities")), blank


def test_amounts_that_are_blank_in_every_row_make_no_revenue_of_0(tmp_path: Path) -> None:
    drafted = begun(tmp_path, salesforce("1,A,Closed Won,,2026-10-09,2026-09-01,005", headers=PLAIN))
    found = values(drafted, tmp_path)
    assert found["won_deals"] == 1
    assert "won_revenue" not in found
    assert "opportunities: amount: 'Amount' is blank in every row" in drafted.draft.not_found


def test_blank_flags_give_way_to_the_stage(tmp_path: Path) -> None:
    rows = ["1,A,Closed Won,5,2026-10-09,2026-09-01,005,,,", "2,B,Closed Lost,5,2026-10-10,2026-09-01,005,,,"]
    assert values(begun(tmp_path, salesforce(*rows)), tmp_path)["win_rate"] == 0.5


def test_stages_are_known_in_any_case(tmp_path: Path) -> None:
    stages = ["Closed Won", "closed won", "CLOSED WON", "Closed lost"]
    rows = [f"{at},A,{stage},5,2026-10-09,2026-09-01,005" for at, stage in enumerate(stages)]
    found = values(begun(tmp_path, salesforce(*rows, headers=PLAIN)), tmp_path)
    assert (found["won_deals"], found["win_rate"], found.get("open_opportunities")) == (3, 0.75, None)


def test_stages_of_which_none_is_known_are_a_question(tmp_path: Path) -> None:
    rows = [f"{at},A,{stage},5,2026-10-09,2026-09-01,005" for at, stage in enumerate(["Signed", "Signed", "No"])]
    drafted = begun(tmp_path, salesforce(*rows, headers=PLAIN))
    assert any("which texts mean won among the stages 'Signed' and 'No'" in each for each in drafted.draft.asks)
    assert values(drafted, tmp_path).keys() == {"new_opportunities"}


def test_an_export_of_the_open_pipeline_alone_has_its_pipeline(tmp_path: Path) -> None:
    stages = ["Prospecting", "Negotiation/Review", "Verbal yes"]
    rows = [f"{at},A,{stage},5,2026-12-09,2026-09-01,005" for at, stage in enumerate(stages)]
    drafted = begun(tmp_path, salesforce(*rows, headers=PLAIN))
    assert values(drafted, tmp_path) == {"new_opportunities": 3, "open_opportunities": 3, "open_pipeline": 15}
    assert any("which texts mean won" in each for each in drafted.draft.asks)


def test_a_status_of_which_none_is_known_is_a_question(tmp_path: Path) -> None:
    headers = "Deal - ID,Deal - Title,Deal - Owner,Deal - Value,Deal - Status,Deal - Deal created,Deal - Won time"
    rows = [f"{at},A,Ann,5,Vunnen,2026-09-01 09:00:00,2026-10-09 09:00:00" for at in range(3)]
    drafted = begun(tmp_path, salesforce(*rows, headers=headers))
    assert any("which of 'Vunnen' mean won and lost" in each for each in drafted.draft.asks)
    assert "won_deals" not in values(drafted, tmp_path)


def test_a_stage_that_says_more_than_the_presets_counts_by_its_words(tmp_path: Path) -> None:
    stages = ["Closed Won", "Closed Won - Renewal", "Closed Lost"]
    rows = [f"{at},A,{stage},5,2026-10-09,2026-09-01,005" for at, stage in enumerate(stages)]
    assert values(begun(tmp_path, salesforce(*rows, headers=PLAIN)), tmp_path)["won_deals"] == 2


def test_where_no_stage_means_lost_there_is_no_win_rate(tmp_path: Path) -> None:
    rows = [f"{at},A,{stage},5,2026-10-09,2026-09-01,005" for at, stage in enumerate(["Gewonnen", "Nicht gewonnen"])]
    drafted = begun(tmp_path, salesforce(*rows, headers=PLAIN))
    found = values(drafted, tmp_path)
    assert found["won_deals"] == 1
    assert not found.keys() & {"win_rate", "lost_deals"}


def test_dates_that_cannot_be_read_are_shown_with_what_to_do(tmp_path: Path) -> None:
    rows = [f"{at},A,Closed Won,5,Fri Oct 09 2026,2026-09-01,005" for at in range(3)]
    drafted = begun(tmp_path, salesforce(*rows, headers=PLAIN))
    said = "close_date: what stands under 'CloseDate' is no date, such as 'Fri Oct 09 2026': write dates as 2026-12-31"
    assert any(said in each for each in drafted.draft.not_found)


def test_headers_that_say_nothing_are_shown(tmp_path: Path) -> None:
    with pytest.raises(KpiError) as caught:
        begun(tmp_path, {"x.csv": lines("Foo,Bar", "1,2", "3,4")})
    assert "what its rows are isn't known by the headers 'Foo' and 'Bar'" in caught.value.message
    assert caught.value.help is not None
    assert "headers such as Stage, Amount" in caught.value.help


def test_headers_are_found_with_a_star_beside_them_and_with_invisible_marks(tmp_path: Path) -> None:
    headers = "*Id,Name*,StageName *,Amount*,\u200bCloseDate,CreatedDate *,OWNERID*"
    drafted = begun(tmp_path, salesforce("1,A,Closed Won,5,2026-10-09,2026-09-01,005", headers=headers))
    (table,) = drafted.draft.tables
    assert table.preset == "salesforce/opportunities"
    assert "    columns:" not in drafted.text
    assert values(drafted, tmp_path)["sales_cycle"] == 38
