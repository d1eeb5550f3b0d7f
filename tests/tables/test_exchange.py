"""Amounts of other currencies: converted as plain Python converts them, refused or noted where it can't be told how."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.tables.reading import NEW_YORK, UTC, Read, column, read_table, write

from kpicli.book.dated import RateEntry
from kpicli.book.model import SourceFile, Table
from kpicli.errors import KpiError
from kpicli.periods import Calendar
from kpicli.scorecard import Example, Note
from kpicli.tables.exchange import Exchange

TODAY = date(2026, 11, 22)
HALVES = date(2026, 1, 1), date(2026, 7, 1)
RATES = {
    "EUR": (RateEntry(rate=Decimal("1.08")),),
    "GBP": (RateEntry(from_=HALVES[1], rate=Decimal("1.31")), RateEntry(from_=HALVES[0], rate=Decimal("1.25"))),
}
DESK = Exchange("USD", RATES, TODAY)
COLUMNS = {
    "id": column("Id"),
    "code": column("Code"),
    "amount": column("Amount", "money"),
    "day": column("Day", "date"),
}


def table(**declared: Any) -> Table:
    usual: dict[str, Any] = {
        "source": (SourceFile(path="*.csv"),),
        "columns": COLUMNS,
        "date": "day",
        "currency": "code",
    }
    return Table(**usual | declared)


def read(folder: Path, rows: str, exchange: Exchange = DESK, calendar: Calendar = UTC, **declared: Any) -> Read:
    """One file of rows, each after its id."""
    lines = [f"{at},{row}\n" for at, row in enumerate(rows.splitlines(), 2)]
    write(folder, {"deals.csv": "Id,Code,Amount,Day\n" + "".join(lines)})
    return read_table(folder, table(**declared), calendar, exchange=exchange)


def refusal(folder: Path, rows: str, exchange: Exchange = DESK, **declared: Any) -> list[str]:
    with pytest.raises(KpiError) as raised:
        read(folder, rows, exchange, **declared)
    return str(raised.value).splitlines()


# ---- against plain Python

days = st.dates(date(2025, 12, 25), date(2026, 1, 10))
rates = st.builds(
    lambda digits, places: Decimal(digits).scaleb(-places), st.integers(1, 10**12 - 1), st.integers(0, 12)
)
numbers = st.builds(
    lambda digits, places: Decimal(digits).scaleb(-places), st.integers(-(10**8), 10**8), st.integers(0, 6)
)
entries = st.lists(st.tuples(st.none() | days, rates), min_size=1, max_size=5, unique_by=lambda entry: entry[0])
cells = st.tuples(
    st.sampled_from(["USD", " eur ", "EUR", "gbp", "Jpy", "", "  "]), st.none() | numbers, st.none() | days
)
OwnRates = list[tuple[date | None, Decimal]]


def plainly(code: str, amount: Decimal | None, day: date | None, rates: dict[str, OwnRates]) -> Decimal | None:
    """One amount, converted by plain Python."""
    code = code.strip().upper() or "USD"
    if code == "USD" or amount is None:
        return amount
    if len(rates[code]) == 1 and rates[code][0][0] is None:
        day = day or date.min
    known = [(since or date.min, rate) for since, rate in rates[code] if day is not None and (since or date.min) <= day]
    if not known:
        return None
    exact = Context(prec=100)
    return exact.multiply(amount, max(known)[1]).quantize(Decimal("0.000001"), ROUND_HALF_UP, exact)


@given(st.fixed_dictionaries({"EUR": entries, "GBP": entries, "JPY": entries}), st.lists(cells), st.booleans())
def test_amounts_are_converted_as_by_plain_python(
    own: dict[str, OwnRates], rows: list[tuple[str, Decimal | None, date | None]], dated: bool
) -> None:
    today = date(2026, 1, 2)
    declared = {code: tuple(RateEntry(from_=since, rate=rate) for since, rate in each) for code, each in own.items()}
    text = "".join(f"{code},{'' if amount is None else f'{amount:f}'},{day or ''}\n" for code, amount, day in rows)
    with TemporaryDirectory() as folder:
        found = read(Path(folder), text, Exchange("USD", declared, today), date="day" if dated else None)
    expected = [plainly(code, amount, day if dated else today, own) for code, amount, day in rows]
    assert found["amount"] == expected
    lost = sum(now is None and amount is not None for now, (_, amount, _) in zip(expected, rows, strict=True))
    assert sum(note.rows for note in found.notes) == lost


# ---- which rate


def test_a_code_is_read_in_any_case_and_a_blank_one_is_the_books(tmp_path: Path) -> None:
    found = read(tmp_path, "EUR,10,2026-01-01\n eur ,10,\n,10,\nUSD,10,\nusd,10,\n  ,10,")
    assert found["amount"] == [Decimal("10.8"), Decimal("10.8"), 10, 10, 10, 10]
    assert found["code"] == ["EUR", "eur", None, "USD", "usd", None]


@pytest.mark.parametrize(
    ("day", "amount"),
    [("2025-12-31", None), ("2026-01-01", "125"), ("2026-06-30", "125"), ("2026-07-01", "131"), ("2027-01-01", "131")],
)
def test_a_rate_is_in_force_from_its_day_on(tmp_path: Path, day: str, amount: str | None) -> None:
    assert read(tmp_path, f"GBP,100,{day}")["amount"] == [None if amount is None else Decimal(amount)]


def test_the_day_of_a_timestamp_is_the_calendars(tmp_path: Path) -> None:
    rows = "GBP,100,2026-07-01T03:59:59Z\nGBP,100,2026-07-01T04:00:00Z"
    assert read(tmp_path, rows, calendar=NEW_YORK)["amount"] == [125, 131]
    assert read(tmp_path, rows)["amount"] == [131, 131]


def test_without_a_date_the_rates_of_the_as_of_day_hold(tmp_path: Path) -> None:
    rows = "GBP,100,2026-01-01\nEUR,100,"
    assert read(tmp_path, rows, date=None)["amount"] == [131, 108]
    assert read(tmp_path, rows, date="closed_on", fields={"closed_on": "day"})["amount"] == [131, 108]
    assert read(tmp_path, rows, Exchange("USD", RATES, date(2026, 6, 30)), date=None)["amount"] == [125, 108]


def test_an_entry_without_a_day_holds_before_all_others(tmp_path: Path) -> None:
    since = (RateEntry(from_=HALVES[0], rate=Decimal(2)), RateEntry(rate=Decimal(3)))
    found = read(tmp_path, "EUR,1,1999-01-01\nEUR,1,2026-01-01\nEUR,1,", Exchange("USD", {"EUR": since}, TODAY))
    assert found["amount"] == [3, 2, None]
    assert found.notes == (Note("no-rate", "amount", 1, (Example(4, "1 EUR"),)),)


def test_an_amount_without_a_rate_on_its_day_is_none_and_noted(tmp_path: Path) -> None:
    found = read(tmp_path, "GBP,1250.50,2025-12-31\nGBP,,\nGBP,7,\nUSD,7,\nEUR,7,")
    assert found["amount"] == [None, None, None, 7, Decimal("7.56")]
    assert found.notes == (Note("no-rate", "amount", 2, (Example(2, "1250.5 GBP"), Example(4, "7 GBP"))),)


def test_amounts_are_rounded_half_away_from_zero(tmp_path: Path) -> None:
    rate = Exchange("USD", {"EUR": (RateEntry(rate=Decimal("0.5")),)}, TODAY)
    found = read(tmp_path, "EUR,0.000001,\nEUR,-0.000001,\nEUR,0.000003,", rate)
    assert found["amount"] == [Decimal("0.000001"), Decimal("-0.000001"), Decimal("0.000002")]


# ---- what is declared where


def test_a_column_may_be_in_one_currency_or_have_a_column_of_its_own(tmp_path: Path) -> None:
    columns = {
        **COLUMNS,
        "fee": column("Fee", "money", currency="fee_code"),
        "fee_code": column("Fee Code"),
        "price": column("Price", "money", currency="EUR"),
        "seats": column("Seats", "number"),
    }
    header = "Id,Code,Amount,Day,Fee,Fee Code,Price,Seats\n"
    write(tmp_path, {"deals.csv": header + "1,GBP,100,2026-01-01,10,EUR,100,100\n2,,100,,10,,100,100\n"})
    found = read_table(tmp_path, table(columns=columns), exchange=DESK)
    assert (found["amount"], found["fee"]) == ([125, 100], [Decimal("10.8"), 10])
    assert (found["price"], found["seats"]) == ([108, 108], [100, 100])


def test_each_file_may_be_in_a_currency_of_its_own(tmp_path: Path) -> None:
    write(tmp_path, dict.fromkeys(("us.csv", "other.csv"), "Id,Amount\n1,$100\n"))
    write(tmp_path, {"eu.csv": "Id,Amount\n1,€ 100\n"})
    columns = {"id": column("Id"), "amount": column("Amount", "money")}
    euros = {"amount": column("Amount", "money", currency="EUR")}
    source = (SourceFile(path="us.csv"), SourceFile(path="other.csv"), SourceFile(path="eu.csv", columns=euros))
    found = read_table(tmp_path, Table(source=source, columns=columns), exchange=DESK)
    assert list(zip(found.file_numbers, found["amount"], strict=True)) == [(0, 108), (1, 100), (2, 100)]
    assert found.notes == ()


def test_the_columns_of_parquet_are_converted_too(tmp_path: Path) -> None:
    rows = pl.DataFrame({"Id": ["1"], "Code": ["GBP"], "Amount": [100], "Day": [date(2026, 6, 30)]})
    rows.write_parquet(tmp_path / "deals.parquet")
    found = read_table(tmp_path, table(source=(SourceFile(path="deals.parquet"),)), exchange=DESK)
    assert found["amount"] == [125]


def test_a_file_without_rows_has_nothing_to_convert(tmp_path: Path) -> None:
    assert read(tmp_path, "").rows == 0


# ---- what is refused


def test_a_currency_without_a_rate_is_refused(tmp_path: Path) -> None:
    rows = "SEK,1,\n" * 1005 + "sek,1,\nNOK,1,\nEUR,1,\nDKK,,"
    assert refusal(tmp_path, rows) == [
        (
            "error[missing-rate]: table deals: code has currencies without a rate: "
            "SEK (rows 2, 3, 4, 5, 6 and 1,001 more), NOK (row 1008)"
        ),
        "help: add under `rates` what one unit is worth in USD: `SEK: …`, `NOK: …`",
    ]
    assert refusal(tmp_path, "EUR,1,", Exchange("USD", {}, TODAY))[0].endswith("without a rate: EUR (row 2)")


def test_a_code_that_is_none_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, "Euro,1,\nUSD,1,\nUS Dollar,1,\nEuro,1,\n?,,") == [
        (
            "error[unknown-currency]: table deals: code holds what is no ISO 4217 code: "
            "'Euro' (rows 2, 5), 'US Dollar' (row 4)"
        ),
        (
            "help: mend them in the export, or list those that stand for USD under `blank` of code, "
            "since a blank currency is the book's; did you mean 'EUR'?"
        ),
    ]


def test_of_many_texts_that_are_no_codes_ten_are_shown(tmp_path: Path) -> None:
    first, _ = refusal(tmp_path, "".join(f"note {at},1,\n" for at in range(12)))
    assert first.endswith("'note 9' (row 11) and 2 others")


def test_all_that_is_wrong_is_told_in_one_go_with_its_files(tmp_path: Path) -> None:
    header = "Id,Code,Amount,Day\n"
    write(tmp_path, {"a.csv": header + "1,SEK,1,\n", "b.csv": header + "1,Euro,1,\n2,,€ 1,\n3,SEK,1,\n"})
    with pytest.raises(KpiError) as raised:
        read_table(tmp_path, table(), exchange=DESK)
    shown = str(raised.value)
    assert "SEK (a.csv row 2, b.csv row 4)" in shown
    assert "'Euro' (b.csv row 2)" in shown
    assert "'€' in amounts of USD (b.csv row 3)" in shown
    assert shown.endswith("3 mistakes")


def test_a_sign_that_contradicts_the_currency_of_its_row_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, "EUR,€ 5,\nUSD,€ 5,\nGBP,5 EUR,2026-01-01\n,£5,\nUSD,$5,") == [
        (
            "error[currency-sign]: table deals: amount has signs of other currencies than `currency` says: "
            "'€' in amounts of USD (row 3), 'EUR' in amounts of GBP (row 4), '£' in amounts of USD (row 5)"
        ),
        "help: mend the sign or the currency in the export; a blank currency is USD",
    ]
    columns = {**COLUMNS, "amount": column("Amount", "money", currency="EUR")}
    assert "'$' in amounts of EUR (row 2)" in refusal(tmp_path, "EUR,$5,", columns=columns)[0]


def test_a_sign_that_fits_the_currency_of_its_row_is_none_of_anothers(tmp_path: Path) -> None:
    """A dollar sign stands for all dollars, and each row has a currency of its own."""
    own = {code: (RateEntry(rate=Decimal(2)),) for code in ("CAD", "EUR", "SEK", "DKK")}
    rows = "CAD,$5,\nUSD,$5,\nEUR,€ 5,\nSEK,5 kr,\nDKK,5 kr,\n,US$5,\nCAD,C$5,"
    found = read(tmp_path, rows, Exchange("USD", own, TODAY))
    assert found["amount"] == [10, 5, 10, 10, 10, 5, 10]
    assert found.notes == ()


def test_an_amount_too_large_to_be_converted_exactly_is_no_other_number(tmp_path: Path) -> None:
    """The engine makes an error of it that says so."""
    with pytest.raises(pl.exceptions.PolarsError, match="conversion from `decimal"):
        read(tmp_path, f"EUR,{10**21},")
    large = Exchange("USD", {"EUR": (RateEntry(rate=Decimal(10**11)),)}, TODAY)
    with pytest.raises(pl.exceptions.PolarsError, match="overflow"):
        read(tmp_path, f"EUR,{10**12},", large)
