"""Workbooks: a sheet gives what the same table gives as a CSV file, and nothing in it goes missing."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from tests.tables.reading import NEW_YORK, column, read_table
from tests.tables.reading import read as read_text
from tests.tables.workbooks import by_hand, cell, parts, read, read_cells, refusal, rows, save, text, zipped

from kpicli.book.model import SourceFile, Table
from kpicli.scorecard import Example, Note

HEADER = (1, [text("A1", "Id"), text("B1", "Amount")])
DEALS = {"id": column("Id"), "amount": column("Amount", "money")}


def number(value: object, style: int = 0) -> str:
    return f'<c s="{style}"><v>{value}</v></c>'


def error(value: str) -> str:
    return f'<c t="e"><v>{value}</v></c>'


def string(value: str) -> str:
    return f'<c t="str"><v>{value}</v></c>'


def wall_clock(hour: int) -> datetime:
    """A moment on 1 March 2026, as Excel has it: without a zone."""
    return datetime(2026, 3, 1, hour)  # noqa: DTZ001  # likewise


# ---- values


def test_a_sheet_is_read_like_a_text(tmp_path: Path) -> None:
    head = ["Id", "Amount", "Close", "Done", "Share"]
    save(
        tmp_path / "deals.xlsx",
        {
            "Deals": [
                head,
                ["D-1", 1200.5, date(2026, 3, 1), True, "40%"],
                [" D-2 ", "$1,000", "2026-03-02", "no", 5],
                ["D-3", None, None, None, None],
            ]
        },
    )
    kinds = {"id": "text", "amount": "money", "close": "date", "done": "boolean", "share": "percent"}
    found = read(tmp_path, {name: column(name, kind) for name, kind in kinds.items()})
    assert found["id"] == ["D-1", "D-2", "D-3"]
    assert found["amount"] == [Decimal("1200.5"), Decimal(1000), None]
    assert found["close"] == [date(2026, 3, 1), date(2026, 3, 2), None]
    assert found["done"] == [True, False, False]
    assert found["share"] == [Decimal("0.4"), Decimal("0.05"), None]
    assert (found.row_numbers, found.rows, found.notes) == ([2, 3, 4], 3, ())


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("11760000.000000002", "11760000"),
        ("0.30000000000000004", "0.3"),
        ("1200", "1200"),
        ("1200.50", "1200.5"),
        ("-0", "0"),
        ("1E-7", "0.0000001"),
        ("1E+16", "10000000000000000"),
        ("1.25E22", "12500000000000000000000"),
        ("9007199254740992", "9007199254740992"),
        ("1234567890123.4567", "1234567890123.46"),
        ("123456789012345.6", "123456789012346"),
        ("-2.5", "-2.5"),
    ],
)
def test_a_number_has_the_digits_that_excel_keeps_and_no_exponent(tmp_path: Path, value: str, written: str) -> None:
    assert read_cells(tmp_path, [number(value)])["x"] == [written]


def test_numbers_under_a_decimal_comma_stay_the_numbers_that_they_are(tmp_path: Path) -> None:
    """As texts, 1.234 would be one thousand two hundred and thirty-four."""
    found = read_cells(tmp_path, [number("1.234"), string("1.234"), string("1,5")], "number", decimal=",")
    assert found["x"] == [Decimal("1.234"), Decimal(1234), Decimal("1.5")]


def test_a_fraction_that_is_shown_as_a_percentage_is_one(tmp_path: Path) -> None:
    """Excel shows 40% and holds 0.4; a CSV file would have `40%`."""
    cells = [number("0.4", 3), number("0.07", 3), number("40"), string("12.5%"), number("0.4")]
    found = read_cells(tmp_path, cells, "percent")
    assert list(map(str, found["x"])) == ["0.400000", "0.070000", "0.400000", "0.125000", "0.004000"]
    assert read_cells(tmp_path, cells[:1], "percent", decimal=",")["x"] == [Decimal("0.4")]
    assert read_cells(tmp_path, cells[:1], "number")["x"] == [Decimal("0.4")]


@pytest.mark.parametrize(
    ("code", "value"),
    [("0.0%", "0.4"), ("0\\ %", "0.4"), ('0.0 "%"', "0.004"), ("0\\%", "0.004"), ("[Red]0%", "0.4"), ("0.00", "0.004")],
)
def test_what_shows_a_percentage_is_told_by_the_format(tmp_path: Path, code: str, value: str) -> None:
    with xlsxwriter.Workbook(tmp_path / "deals.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "x")
        sheet.write(1, 0, 0.4, book.add_format({"num_format": code}))
    assert read(tmp_path, {"x": column("x", "percent")})["x"] == [Decimal(value)]


def test_a_date_is_a_date_by_its_type(tmp_path: Path) -> None:
    cells = [number(46348, 1), number("46348.4166666667", 2), number("46348.99999999999", 2), number(46348, 2)]
    assert read_cells(tmp_path, cells, "date")["x"] == [date(2026, 11, 22)] * 2 + [
        date(2026, 11, 23),
        date(2026, 11, 22),
    ]
    times = ["2026-11-22 00:00:00", "2026-11-22 10:00:00", "2026-11-23 00:00:00", "2026-11-22 00:00:00"]
    assert read_cells(tmp_path, cells)["x"] == times
    assert read_cells(tmp_path, cells[:1])["x"] == ["2026-11-22"]
    assert read_cells(tmp_path, [number("46348.0000058", 2)])["x"] == ["2026-11-22 00:00:00.501"]


def test_an_iso_date_cell_is_a_date(tmp_path: Path) -> None:
    """As Excel's strict form writes them."""
    assert read_cells(tmp_path, ['<c t="d"><v>2026-03-01</v></c>'], "date")["x"] == [date(2026, 3, 1)]


def test_a_number_under_date_is_a_day_as_excel_counts(tmp_path: Path) -> None:
    cells = [number(46348), number("46348.75"), number("46348.9999999999"), number(10000), number(2958465)]
    expected = [date(2026, 11, 22), date(2026, 11, 22), date(2026, 11, 23), date(1927, 5, 18), date(9999, 12, 31)]
    assert read_cells(tmp_path, cells, "date")["x"] == expected
    later = [day + timedelta(days=1462) for day in expected[:4]]
    from_1904 = '<workbookPr date1904="1"/>'
    assert read_cells(tmp_path, cells[:4], "date", workbook=from_1904)["x"] == later
    assert read_cells(tmp_path, [number(46348, 1)], "date", workbook=from_1904)["x"] == [date(2030, 11, 23)]


@pytest.mark.parametrize("value", ["2026", "60", "0", "-1", "9999", "2958466", "20261122", "1770000000"])
def test_a_number_that_is_no_likely_day_does_not_fit(tmp_path: Path, value: str) -> None:
    """2026 is a year, and was not 18 July 1905."""
    found = read_cells(tmp_path, [number(value), *[number(46348)] * 40], "date")
    assert (found["x"][0], found.notes) == (None, (Note("invalid-date", "x", 1, (Example(2, value),)),))


def test_a_number_is_read_by_a_format_of_digits(tmp_path: Path) -> None:
    assert read_cells(tmp_path, [number(20261122)], "date", format=("%Y%m%d",))["x"] == [date(2026, 11, 22)]
    assert read_cells(tmp_path, [number(1795305600)], "date", format=("%s",))["x"] == [date(2026, 11, 22)]
    found = read_cells(tmp_path, [number(10226), *[number(221126)] * 40], "date", format=("%d%m%y",))
    assert (found["x"][:2], found.notes[0].code) == ([None, date(2026, 11, 22)], "invalid-date")


def test_a_declared_format_is_for_texts_and_dates_stay_dates(tmp_path: Path) -> None:
    cells = [string("02/03/2026"), number(46348, 1), number("46348.5", 2), number(46349)]
    found = read_cells(tmp_path, cells, "date", format=("%d/%m/%Y",))
    assert found["x"] == [date(2026, 3, 2), date(2026, 11, 22), date(2026, 11, 22), date(2026, 11, 23)]


def test_a_text_is_read_by_its_format_alone(tmp_path: Path) -> None:
    """A date beside it has the same digits in another order."""
    cells = [string("2026-03-01"), number(46082, 1), number("46082.5", 2)]
    found = read_cells(tmp_path, cells, "date", format=("%Y-%d-%m",))
    assert found["x"] == [date(2026, 1, 3), date(2026, 3, 1), date(2026, 3, 1)]
    found = read_cells(tmp_path, [string("2026-03-01"), *[number(46082, 1)] * 40], "date", format=("%d.%m.%Y",))
    assert (found["x"][:2], found.notes[0].rows) == ([None, date(2026, 3, 1)], 1)


def test_a_date_may_be_one_that_means_nothing(tmp_path: Path) -> None:
    declared: list[dict[str, Any]] = [{}, {"format": ("%d.%m.%Y",)}]
    for formats in declared:
        found = read_cells(tmp_path, [number(46082, 1), number(46083, 1)], "date", blank=("2026-03-01",), **formats)
        assert (found["x"], found.notes) == ([None, date(2026, 3, 2)], ())


def test_moments_are_brought_to_the_calendar_and_days_stay(tmp_path: Path) -> None:
    """Where a cell of a column has a time of day, midnight is one too."""
    moments = [number("46348.125", 2), number(46348, 2)]
    found = read_cells(tmp_path, moments, "date", NEW_YORK, timezone="UTC", format=("%d.%m.%Y",))
    assert found["x"] == [date(2026, 11, 21)] * 2
    assert read_cells(tmp_path, [number(46348, 1)], "date", NEW_YORK, timezone="UTC")["x"] == [date(2026, 11, 22)]


def test_the_latest_row_is_told_by_its_moment(tmp_path: Path) -> None:
    save(
        tmp_path / "deals.xlsx",
        {
            "Deals": [
                ["k", "at"],
                ["a", wall_clock(10)],
                ["a", "01-03-26"],
                ["a", wall_clock(9)],
            ]
        },
    )
    columns = {"k": column("k"), "at": column("at", "date", format=("%d-%m-%y",))}
    found = read(tmp_path, columns, key=("k",), keep="at")
    assert found["__order"] == [wall_clock(hour) for hour in (10, 0, 9)]


def test_booleans_times_and_durations_are_written_as_excel_shows_them(tmp_path: Path) -> None:
    cells = ['<c t="b"><v>1</v></c>', '<c t="b"><v>0</v></c>', number("1.0625", 4), number("0.5", 5), number("-0.5", 4)]
    assert read_cells(tmp_path, cells)["x"] == ["TRUE", "FALSE", "25:30:00", "12:00:00", "-12:00:00"]
    assert read_cells(tmp_path, [*cells[:2], number(1), number(0)], "boolean")["x"] == [True, False, True, False]


@pytest.mark.parametrize(
    ("misfit", "shown"),
    [
        (string("n/a"), "n/a"),
        (number(46348, 1), "2026-11-22"),
        (number("1.5", 4), "36:00:00"),
        ('<c t="b"><v>1</v></c>', "TRUE"),
        (error("#DIV/0!"), "#DIV/0!"),
    ],
)
def test_what_is_no_number_is_counted(tmp_path: Path, misfit: str, shown: str) -> None:
    found = read_cells(tmp_path, [number(1), misfit, *[number(2)] * 40], "number")
    assert found["x"][:3] == [Decimal(1), None, Decimal(2)]
    assert found.notes == (Note("invalid-number", "x", 1, (Example(3, shown),)),)


# ---- errors


@pytest.mark.parametrize("kind", ["text", "number", "date", "boolean", "percent"])
def test_an_error_is_counted_under_every_type(tmp_path: Path, kind: str) -> None:
    """python-calamine gives an empty cell for it."""
    fits = {"date": number(46348, 1), "boolean": number(1)}.get(kind, number(50))
    found = read_cells(tmp_path, [fits, error("#REF!"), *[fits] * 40, error("#N/A")], kind)
    assert found.notes == (Note(f"invalid-{kind}", "x", 2, (Example(3, "#REF!"), Example(44, "#N/A"))),)
    assert [found["x"][1], found["x"][-1]] == [None, None]


@pytest.mark.parametrize("kind", ["text", "number"])
def test_an_error_that_means_nothing_is_blank(tmp_path: Path, kind: str) -> None:
    found = read_cells(tmp_path, [number(50), error("#N/A")], kind, blank=("#N/A", "-"))
    assert (found["x"][1], found.notes, found.rows) == (None, (), 2)


def test_a_text_that_looks_like_an_error_is_a_text(tmp_path: Path) -> None:
    found = read_cells(tmp_path, [string("#REF!")])
    assert (found["x"], found.notes) == (["#REF!"], ())


def test_too_many_errors_are_an_error_with_the_cell(tmp_path: Path) -> None:
    content = rows(HEADER, *((at, [text(f"A{at}", "D"), cell(f"B{at}", "#DIV/0!", kind="e")]) for at in (2, 3)))
    by_hand(tmp_path / "deals.xlsx", content)
    assert refusal(tmp_path, DEALS) == (
        "error[invalid-money]: table deals: 2 of 2 filled cells of amount ('Amount' in 'deals.xlsx') don't fit "
        "`type: money`: '#DIV/0!' in row 2, '#DIV/0!' in row 3\n"
        "  deals.xlsx: sheet Deals, cell B2\n"
        "  2 | D | #DIV/0!\n"
        "    |     ^^^^^^^\n"
        'help: if it means nothing, declare `blank: ["#DIV/0!"]`; otherwise declare `type: text`'
    )
    assert refusal(tmp_path, {"stage": column("Amount")}) == (
        "error[invalid-text]: table deals: 2 of 2 filled cells of stage ('Amount' in 'deals.xlsx') don't fit "
        "`type: text`: '#DIV/0!' in row 2, '#DIV/0!' in row 3\n"
        "  deals.xlsx: sheet Deals, cell B2\n"
        "  2 | D | #DIV/0!\n"
        "    |     ^^^^^^^\n"
        'help: mend the formulas in the workbook; if it means nothing, declare `blank: ["#DIV/0!"]`'
    )


@pytest.mark.parametrize("shown", ["#SPILL!", "#GETTING_DATA", "#CALC!", ""])
def test_an_error_of_a_kind_that_can_not_be_read_is_told(tmp_path: Path, shown: str) -> None:
    content = rows(HEADER, (2, [text("A2", "D-1"), cell("B2", shown, kind="e")]), (3, [cell("A3", "#N/A", kind="e")]))
    by_hand(tmp_path / "deals.xlsx", content)
    assert refusal(tmp_path, DEALS) == (
        f"error[unknown-error]: 'deals.xlsx': sheet Deals shows {shown or '#ERROR!'} in cell B2, which can't be read\n"
        "help: mend the formula there, or clear the cell, and save it again"
    )


def test_a_row_of_nothing_but_errors_is_a_row(tmp_path: Path) -> None:
    content = [HEADER, (2, [cell("A2", "#N/A", kind="e")]), *((at, [text(f"A{at}", "D")]) for at in range(3, 43))]
    by_hand(tmp_path / "deals.xlsx", rows(*content))
    found = read(tmp_path, {"id": column("Id")})
    assert (found.rows, found["id"][:2], found.notes[0].rows) == (41, [None, "D"], 1)


def test_ids_that_are_numbers_of_too_many_digits_are_noted(tmp_path: Path) -> None:
    cells = [number("5.72576700000012E+18"), number("1234567890123456"), number("123456789012345"), string("5" * 19)]
    found = read_cells(tmp_path, cells)
    assert found["x"] == ["5725767000000120000", "1234567890123456", "123456789012345", "5" * 19]
    examples = (Example(2, "5725767000000120000"), Example(3, "1234567890123456"))
    assert found.notes == (Note("lost-digits", "x", 2, examples),)
    assert read_cells(tmp_path, cells, "number").notes == ()


def test_ids_that_a_program_wrote_with_all_their_digits_have_them(tmp_path: Path) -> None:
    """As floats they would be one id. Whether the digits were lost before nobody can tell, so they are noted."""
    ids = ["5725767000000123456", "5725767000000123457", "5725767000000123458"]
    found = read_cells(tmp_path, [number(each) for each in ids])
    assert (found["x"], found.notes[0].code, found.notes[0].rows) == (ids, "lost-digits", 3)


# ---- formulas


def test_a_formula_stands_for_the_value_that_was_saved_with_it(tmp_path: Path) -> None:
    cells = ["<c><f>1+1</f><v>2</v></c>", '<c t="str"><f>""</f><v></v></c>', "<c><f>1-1</f><v>0</v></c>"]
    assert read_cells(tmp_path, cells, "number")["x"] == [Decimal(2), None, Decimal(0)]


@pytest.mark.parametrize("formula", ["<f>1+1</f>", "<f>1+1</f><v></v>", "<f>1+1</f><v/>"])
def test_a_formula_that_was_never_calculated_is_an_error(tmp_path: Path, formula: str) -> None:
    content = rows(HEADER, (2, [text("A2", "D-1"), f'<c r="B2">{formula}</c>']))
    by_hand(tmp_path / "deals.xlsx", content)
    assert refusal(tmp_path, DEALS) == (
        "error[uncalculated]: 'deals.xlsx': a cell of 'Amount' in sheet Deals holds a formula that was never "
        "calculated\n"
        "  deals.xlsx: sheet Deals, cell B2\n"
        "  2 | D-1 |\n"
        "    |       ^\n"
        "help: a program wrote the workbook, and left the formulas to Excel: open it there and save it"
    )
    assert read(tmp_path, {"id": column("Id")})["id"] == ["D-1"]


def test_the_zeros_that_a_writer_puts_in_place_of_values_are_no_values(tmp_path: Path) -> None:
    """XlsxWriter asks Excel to calculate on opening, and writes 0 where its caller gives no value."""
    with xlsxwriter.Workbook(tmp_path / "deals.xlsx") as book:
        sheet = book.add_worksheet("Deals")
        sheet.write_row(0, 0, ["Id", "Amount"])
        for at in (1, 2):
            sheet.write(at, 0, f"D-{at}")
            sheet.write_formula(at, 1, "=1+1")
    assert refusal(tmp_path, DEALS).splitlines()[:2] == [
        (
            "error[uncalculated]: 'deals.xlsx': 2 cells of 'Amount' in sheet Deals hold a formula that was never "
            "calculated"
        ),
        "  deals.xlsx: sheet Deals, cell B2",
    ]
    with xlsxwriter.Workbook(tmp_path / "deals.xlsx") as book:
        sheet = book.add_worksheet("Deals")
        sheet.write_row(0, 0, ["Id", "Amount"])
        sheet.write(1, 0, "D-1")
        sheet.write_formula(1, 1, "=1+1", None, 2)
    assert read(tmp_path, DEALS)["amount"] == [Decimal(2)]


# ---- where the table is


def test_rows_are_numbered_as_the_spreadsheet_shows_them(tmp_path: Path) -> None:
    """Blank rows and columns around the table don't count, nor do those between and behind its rows."""
    content = rows(
        (3, [text("C3", "Id"), text("D3", "Amount")]),
        (5, [text("C5", "D-1"), cell("D5", 1)]),
        (6, [f'<c r="{letter}6" s="1"/>' for letter in "ABCD"]),
        (9, [text("C9", "D-2"), cell("D9", "x", kind="str")]),
        *((at, [cell(f"D{at}", 1), text(f"C{at}", "D")]) for at in range(10, 50)),
        *((at, [f'<c r="D{at}" s="1"/>']) for at in range(50, 500)),
    )
    by_hand(tmp_path / "deals.xlsx", content)
    found = read(tmp_path, DEALS)
    assert (found.row_numbers[:3], found.rows, found["id"][:3]) == ([5, 9, 10], 42, ["D-1", "D-2", "D"])
    assert found.notes == (Note("invalid-money", "amount", 1, (Example(9, "x"),)),)
    assert refusal(tmp_path, {"x": column("Betrag")}).splitlines() == [
        "error[missing-header]: 'deals.xlsx' has no header 'Betrag' (column x of table deals)",
        "  deals.xlsx: sheet Deals, row 3",
        "  3 | Id | Amount",
        "    | ^^^^^^^^^^^",
        "help: export the file with it, or declare the column under the sources that have it; known: Amount, Id",
    ]


def test_a_header_that_stands_twice_is_shown(tmp_path: Path) -> None:
    save(tmp_path / "deals.xlsx", {"Deals": [["Amount", "Id", "Amount"], [1, 2, 3]]})
    assert refusal(tmp_path, DEALS).splitlines()[:4] == [
        "error[duplicate-header]: 'deals.xlsx' has the header 'Amount' twice (column amount of table deals)",
        "  deals.xlsx: sheet Deals, cell C1",
        "  1 | Amount | Id | Amount",
        "    |               ^^^^^^",
    ]


def test_headers_may_be_numbers_and_dates(tmp_path: Path) -> None:
    save(tmp_path / "deals.xlsx", {"Deals": [["Id", 2026, date(2026, 3, 1), True], ["a", 1, 2, 3]]})
    found = read(tmp_path, {"a": column("2026"), "b": column("2026-03-01"), "c": column("TRUE")})
    assert found.frame.select("a", "b", "c").rows() == [("1", "2", "3")]


def test_a_merged_cell_counts_once(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "deals.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Id", "Amount"])
        sheet.merge_range(1, 0, 2, 0, "D-1")
        sheet.write(1, 1, 1)
        sheet.write(2, 1, 2)
    found = read(tmp_path, DEALS)
    assert (found["id"], found["amount"]) == (["D-1", None], [Decimal(1), Decimal(2)])


def test_rows_can_be_counted_without_any_column(tmp_path: Path) -> None:
    save(tmp_path / "deals.xlsx", {"Deals": [["x"], [1], [2]]})
    table = Table(source=(SourceFile(path="deals.xlsx"),), columns={"x": column("x")})
    found = read_table(tmp_path, table, columns=[])
    assert (found.rows, found.row_numbers) == (2, [2, 3])


def test_a_column_may_be_read_in_two_ways(tmp_path: Path) -> None:
    save(tmp_path / "deals.xlsx", {"Deals": [["x"], [46348]]})
    found = read(tmp_path, {"day": column("x", "date"), "text": column("x"), "number": column("x", "number")})
    assert found.frame.select("day", "text", "number").rows() == [(date(2026, 11, 22), "46348", Decimal(46348))]


def test_more_rows_than_are_read_at_once(tmp_path: Path) -> None:
    count = 120_000
    save(tmp_path / "deals.xlsx", {"Deals": [["Id", "Amount"], *([f"D-{at}", at] for at in range(count))]})
    found = read(tmp_path, DEALS)
    assert found.rows == count
    assert found.frame["amount"].sum() == Decimal(count * (count - 1) // 2)
    assert (found.row_numbers[-1], found["id"][-1]) == (count + 1, f"D-{count - 1}")


# ---- which sheet


def test_the_only_sheet_that_holds_anything_is_meant(tmp_path: Path) -> None:
    save(tmp_path / "deals.xlsx", {"Notes": [], "Deals": [["Id"], ["a"]], "Sheet3": []})
    assert read(tmp_path, {"id": column("Id")})["id"] == ["a"]


def test_of_several_sheets_one_must_be_named(tmp_path: Path) -> None:
    save(tmp_path / "deals.xlsx", {"Q3 2026": [["Id"], ["a"]], "Empty": [], "Q4": [["Id"], ["b"]]})
    assert refusal(tmp_path) == (
        "error[several-sheets]: 'deals.xlsx' has several sheets that hold something: Q3 2026, Q4\n"
        "help: say on the table or its source which one is meant, for example `sheet: Q3 2026`"
    )
    for sheet in ("Q4", " q4", 3):
        assert read(tmp_path, {"id": column("Id")}, sheet=sheet)["id"] == ["b"]


@pytest.mark.parametrize(
    ("sheet", "message"),
    [
        ("Deal", "has no sheet 'Deal'\nhelp: did you mean 'Deals'? Its sheets are: Deals, \"2026\""),
        (3, 'has no sheet 3\nhelp: Its sheets are: Deals, "2026"'),
    ],
)
def test_a_sheet_that_is_not_there(tmp_path: Path, sheet: str | int, message: str) -> None:
    save(tmp_path / "deals.xlsx", {"Deals": [["Id"]], "2026": [["Id"]]})
    assert refusal(tmp_path, sheet=sheet) == f"error[unknown-sheet]: 'deals.xlsx' {message}"


def test_hidden_sheets_count_only_when_named(tmp_path: Path) -> None:
    content = {name: rows((1, [text("A1", "Id")]), (2, [text("A2", name)])) for name in ("Old", "Deals", "Very")}
    states = {"Old": 'state="hidden"', "Very": 'state="veryHidden"'}
    zipped(tmp_path / "deals.xlsx", parts(content, states=states))
    assert read(tmp_path, {"id": column("Id")})["id"] == ["Deals"]
    assert read(tmp_path, {"id": column("Id")}, sheet=1)["id"] == ["Deals"]
    assert read(tmp_path, {"id": column("Id")}, sheet="Old")["id"] == ["Old"]
    zipped(tmp_path / "deals.xlsx", parts({**content, "Deals": ""}, states=states))
    assert refusal(tmp_path) == (
        "error[empty-file]: 'deals.xlsx' holds something only in hidden sheets: Old, Very\n"
        "help: if one of them is meant, name it: `sheet: Old`"
    )


def test_two_sheets_of_a_workbook_can_be_one_table(tmp_path: Path) -> None:
    save(
        tmp_path / "deals.xlsx",
        {"Jan": [["Id", "Amount"], ["a", "x"], *[["b", 1]] * 40], "Feb": [["Id", "Amount"], ["c", 2]]},
    )
    sources = tuple(SourceFile(path="deals.xlsx", sheet=name) for name in ("Jan", "Feb"))
    found = read_table(tmp_path, Table(source=sources, columns=DEALS))
    assert (found.rows, found.opened.files) == (42, ("deals.xlsx sheet Jan", "deals.xlsx sheet Feb"))
    assert found.notes == (Note("invalid-money", "amount", 1, (Example(2, "x", "deals.xlsx sheet Jan"),)),)


def test_a_sheet_behind_two_entries_is_refused(tmp_path: Path) -> None:
    save(tmp_path / "deals.xlsx", {"Jan": [["Id"], ["a"]]})
    sources = (SourceFile(path="deals.xlsx", sheet="Jan"), SourceFile(path="deals.xlsx", sheet=1))
    with pytest.raises(Exception, match="sheet Jan stands behind two entries of `source`; its rows would count twice"):
        read_table(tmp_path, Table(source=sources, columns={"id": column("Id")}))


def test_workbooks_and_texts_can_be_one_table(tmp_path: Path) -> None:
    save(tmp_path / "b.xlsx", {"S": [["Id", "Close"], [1, date(2026, 3, 1)]]})
    (tmp_path / "a.csv").write_text("Id,Close\n2,02.03.2026\n")
    declared = {"id": column("Id"), "close": column("Close", "date", format=("%d.%m.%Y",))}
    found = read_table(tmp_path, Table(source=(SourceFile(path="?.*"),), columns=declared))
    assert (found["id"], found["close"]) == (["2", "1"], [date(2026, 3, 2), date(2026, 3, 1)])


# ---- forms of XML


def namespaced(part: str) -> str:
    """The same XML with a prefix before every name."""
    return re.sub(r"<(/?)(?=[a-zA-Z])", r"<\1x:", part).replace("xmlns=", "xmlns:x=")


def strict(part: str) -> str:
    """As Excel's form `Strict Open XML Spreadsheet` names things."""
    return part.replace(
        "http://schemas.openxmlformats.org/spreadsheetml/2006/main", "http://purl.oclc.org/ooxml/spreadsheetml/main"
    ).replace(
        "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
        "http://purl.oclc.org/ooxml/officeDocument/relationships",
    )


def without_references(part: str) -> str:
    return re.sub(r' r="[A-Z]*[0-9]+"', "", part)


def in_single_quotes(part: str) -> str:
    return part.replace('"', "'")


@pytest.mark.parametrize("change", [str, namespaced, strict, without_references, in_single_quotes])
def test_other_forms_of_xml_give_the_same(tmp_path: Path, change: Any) -> None:
    content = [HEADER, (2, [text("A2", "D-1"), cell("B2", "#REF!", kind="e")])]
    content += [(at, [text(f"A{at}", "D"), cell(f"B{at}", 1)]) for at in range(3, 43)]
    written = parts({"Deals": rows(*content)})
    kept = ("_rels/.rels", "[Content_Types].xml")
    changed = {name: part if name in kept and change is not strict else change(part) for name, part in written.items()}
    if change in {without_references, in_single_quotes, namespaced}:
        changed = {**written, "xl/worksheets/sheet1.xml": change(written["xl/worksheets/sheet1.xml"])}
    zipped(tmp_path / "deals.xlsx", changed)
    found = read(tmp_path, DEALS)
    assert found["amount"][:2] == [None, Decimal(1)]
    assert found.notes == (Note("invalid-money", "amount", 1, (Example(2, "#REF!"),)),)


def test_macros_are_no_hindrance(tmp_path: Path) -> None:
    save(tmp_path / "deals.xlsm", {"S": [["Id"], ["a"]]})
    assert read(tmp_path, {"id": column("Id")}, name="deals.xlsm")["id"] == ["a"]


@pytest.mark.parametrize("name", ["deals.xls", "deals.xlsb", "deals.ods"])
def test_other_kinds_of_workbooks_are_refused_by_name(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"x")
    assert refusal(tmp_path, name=name) == (
        f"error[unknown-format]: table deals: '{name}' is no CSV, TSV, Parquet or XLSX file by its name\n"
        "help: open it in Excel and save it as .xlsx"
    )


def test_a_workbook_is_known_by_its_ending_whatever_delimiter_is_declared(tmp_path: Path) -> None:
    save(tmp_path / "deals.xlsx", {"S": [["Id"], ["a"]]})
    assert read(tmp_path, {"id": column("Id")}, delimiter=";")["id"] == ["a"]


def test_nothing_of_workbooks_is_loaded_for_a_text(tmp_path: Path) -> None:
    (tmp_path / "deals.csv").write_text("Id\na\n")
    code = (
        "import sys, pathlib; from kpicli.tables.opening import open_table; from kpicli.periods import Calendar;"
        "from kpicli.book.model import Table, SourceFile, Column;"
        "table = Table(source=(SourceFile(path='deals.csv'),), columns={'id': Column(header='Id')});"
        f"open_table('deals', table, ['id'], Calendar(), pathlib.Path({str(tmp_path)!r}));"
        "print([name for name in sys.modules if 'calamine' in name])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_a_text_with_the_same_rows_gives_the_same(tmp_path: Path) -> None:
    head: list[Any] = ["Id", "Amount"]
    content: list[list[Any]] = [["D-1", 1.5], ["D-2", "n/a"], *[["D", at] for at in range(40)]]
    save(tmp_path / "deals.xlsx", {"S": [head, *content]})
    lines = "".join(f"{a},{b}\n" for a, b in [head, *content])
    ours, theirs = read(tmp_path, DEALS), read_text(tmp_path, lines, DEALS)
    assert ours.frame.equals(theirs.frame)
    assert ours.notes == theirs.notes


def test_a_time_of_day_alone_is_no_date(tmp_path: Path) -> None:
    save(tmp_path / "deals.xlsx", {"S": [["x"], [time(10, 30)], *[[date(2026, 3, 1)]] * 40]})
    found = read(tmp_path, {"x": column("x", "date")})
    assert (found["x"][:2], found.notes[0].rows) == ([None, date(2026, 3, 1)], 1)


# ---- what stands around the rows


def test_headers_stand_in_the_declared_row(tmp_path: Path) -> None:
    save(tmp_path / "deals.xlsx", {"S": [["The pipeline"], [], ["Id", "Amount"], ["D-1", 1]]})
    found = read(tmp_path, DEALS, header_row=3)
    assert (found["id"], found.row_numbers) == (["D-1"], [4])
    assert refusal(tmp_path, DEALS) == (
        "error[wrong-header-row]: 'deals.xlsx' has its headers in row 3, not in row 1\n"
        "  deals.xlsx: sheet S, row 3\n"
        "  3 | Id | Amount\n"
        "    | ^^^^^^^^^^^\n"
        "help: declare `header_row: 3` on the table or its source"
    )


@pytest.mark.parametrize(("row", "found"), [(2, "has nothing there"), (9, "ends in row 4")])
def test_a_declared_row_without_headers_is_told(tmp_path: Path, row: int, found: str) -> None:
    save(tmp_path / "deals.xlsx", {"S": [["The pipeline"], [], ["Id", "Amount"], ["D-1", 1]]})
    assert refusal(tmp_path, DEALS, header_row=row) == (
        f"error[no-header-row]: the headers are declared to stand in row {row}, and sheet S of 'deals.xlsx' {found}\n"
        "help: `header_row` is the row that a spreadsheet shows: set it right, or leave it out"
    )


def test_a_footer_is_left_out_and_noted(tmp_path: Path) -> None:
    blank: list[list[Any]] = [[]] * 300
    content: list[list[Any]] = [["Id", "Amount"], ["D-1", 1], ["D-2", 2], ["Total", 3], *blank, ["Tarnfield Software"]]
    save(tmp_path / "deals.xlsx", {"S": content})
    found = read(tmp_path, DEALS)
    assert (found["id"], found["amount"]) == (["D-1", "D-2"], [Decimal(1), Decimal(2)])
    assert found.notes == (Note("footer", None, 2, (Example(4, "Total 3"), Example(305, "Tarnfield Software"))),)
    assert read(tmp_path, DEALS, footer="none")["id"][2:] == ["Total", "Tarnfield Software"]


def test_a_total_that_was_never_calculated_is_a_total(tmp_path: Path) -> None:
    total = (3, [text("A3", "Grand Total"), '<c r="B3"><f>SUM(B2:B2)</f></c>'])
    by_hand(tmp_path / "deals.xlsx", rows(HEADER, (2, [text("A2", "D-1"), cell("B2", 1)]), total))
    found = read(tmp_path, DEALS)
    assert (found["id"], [note.code for note in found.notes]) == (["D-1"], ["footer"])


def test_rows_of_blanks_are_no_rows_and_no_headers(tmp_path: Path) -> None:
    content: list[list[Any]] = [
        [" ", " "],
        ["Id", "Amount"],
        ["D-1", 1],
        [" ", "\u00a0"],
        ["", "\n"],
        ["D-2", 2],
        [" ", 0],
    ]
    save(tmp_path / "deals.xlsx", {"S": content})
    found = read(tmp_path, DEALS)
    assert (found.row_numbers, found["id"], found.rows) == ([3, 6, 7], ["D-1", "D-2", None], 3)


def test_errors_at_the_end_are_no_blank_rows(tmp_path: Path) -> None:
    content = [HEADER, *((at, [text(f"A{at}", "D"), cell(f"B{at}", 1)]) for at in range(2, 42))]
    by_hand(tmp_path / "deals.xlsx", rows(*content, (42, [cell("A42", "#N/A", kind="e")])))
    found = read(tmp_path, DEALS)
    assert (found.rows, [note.code for note in found.notes]) == (41, ["invalid-text"])


def test_several_values_and_errors_of_one_column_are_two_notes(tmp_path: Path) -> None:
    cells = [string("a; b"), error("#N/A"), *[string("c")] * 40]
    found = read_cells(tmp_path, cells, separator=";")
    assert found["x"][:3] == ["a", None, "c"]
    assert {(note.code, note.rows) for note in found.notes} == {("several-values", 1), ("invalid-text", 1)}


def test_headers_that_stand_twice_are_noted(tmp_path: Path) -> None:
    save(tmp_path / "deals.xlsx", {"S": [["Id", "x", "x"], ["D-1", 1, 2]]})
    notes = read(tmp_path, {"id": column("Id")}).notes
    assert notes == (Note("duplicate-header", None, 1, (Example(1, "x"),)),)
