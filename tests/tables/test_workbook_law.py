"""A table that is written as a workbook and as a CSV file gives the same rows, notes and errors."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.tables.reading import column, read_table

from kpicli.book.model import SourceFile, Table
from kpicli.errors import KpiError

Cell = str | Decimal | date | bool | None

TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=8) | st.sampled_from(
    ["n/a", "Total", "TRUE", "-", "1,200.00", "$5", "40%", "2026-03-01", "02/03/2026", "00123", "a;b", "=1+1", "#REF!"]
)
NUMBERS = st.decimals(-(10**9), 10**9, places=3).map(lambda number: Decimal(f"{number.normalize():f}"))
DAYS = st.dates(date(1950, 1, 1), date(2100, 1, 1))
COLUMNS = {
    "id": column("Id"),
    "ids": column("Ids", separator=";"),
    "amount": column("Amount", "money"),
    "comma": column("Comma", "number", decimal=","),
    "share": column("Share", "percent"),
    "day": column("Day", "date"),
    "local": column("Local", "date", format=("%d/%m/%Y",)),
    "flag": column("Flag", "boolean"),
    "blank": column("Blank", blank=("n/a", "-")),
}


def cells(usual: st.SearchStrategy[Cell]) -> st.SearchStrategy[Cell]:
    """Mostly what a column should hold."""
    return st.one_of(usual, usual, usual, st.none(), TEXTS)


ROWS = st.lists(
    st.tuples(
        cells(TEXTS | NUMBERS | DAYS | st.booleans()),
        cells(TEXTS),
        cells(NUMBERS),
        cells(st.integers(-(10**6), 10**6).map(Decimal)),
        cells(NUMBERS),
        cells(DAYS),
        cells(st.just("01/02/2026")),
        cells(st.booleans()),
        cells(TEXTS),
    ),
    max_size=12,
)


def as_csv(rows: Sequence[Sequence[Cell]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerow([each.header for each in COLUMNS.values()])
    writer.writerows([_written(each) for each in row] for row in rows)
    return out.getvalue()


def _written(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case bool():
            return "TRUE" if cell else "FALSE"
        case Decimal():
            return f"{cell:f}" if cell else "0"
        case _:
            return str(cell)


def save(path: Path, rows: Sequence[Sequence[Cell]]) -> None:
    with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, [each.header for each in COLUMNS.values()])
        for at, row in enumerate(rows, 1):
            for position, cell in enumerate(row):
                match cell:
                    case None:
                        pass
                    case bool():
                        sheet.write_boolean(at, position, cell)
                    case Decimal():
                        sheet.write_number(at, position, float(cell))
                    case date():
                        sheet.write_datetime(at, position, cell)
                    case _:
                        sheet.write_string(at, position, cell)


def outcome(folder: Path, name: str) -> tuple[object, ...]:
    table = Table(source=(SourceFile(path=name),), columns=COLUMNS)
    try:
        found = read_table(folder, table)
    except KpiError as error:
        return tuple(each.message.replace(name, "FILE") for each in getattr(error, "errors", (error,)))
    return tuple(found.frame.rows()), found.notes


@settings(max_examples=50)
@given(ROWS)
def test_a_workbook_gives_what_a_text_gives(rows: list[tuple[Cell, ...]]) -> None:
    with TemporaryDirectory() as created:
        folder = Path(created)
        (folder / "deals.csv").write_text(as_csv(rows), encoding="utf-8")
        save(folder / "deals.xlsx", rows)
        assert outcome(folder, "deals.xlsx") == outcome(folder, "deals.csv")
