"""The rows that an aggregate counts, as cells of text, and as CSV that no spreadsheet takes for formulas."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from io import StringIO

from kpicli.explained import Aggregate, Explanation, Plain, Rows
from kpicli.render.formats.csv import harmless
from kpicli.render.numbers import digits, write_count, write_rows


def listed(explained: Explanation) -> tuple[Aggregate, Rows] | None:
    """The aggregate whose rows are asked for, with them."""
    for aggregate in explained.aggregates:
        if aggregate.number == explained.listed and aggregate.rows is not None:
            return aggregate, aggregate.rows
    return None


def told(rows: Rows) -> str:
    """How many rows are listed, and of how many."""
    shown = len(rows.shown or ())
    count = f"{write_count(rows.counted)} of {write_rows(rows.total)} {'counts' if rows.counted == 1 else 'count'}"
    if shown == rows.counted:
        return count
    return f"{count}; these are the first {write_count(shown)}, and a file has them all: --output rows.csv"


def table(rows: Rows) -> tuple[list[str], Iterator[list[Plain | Decimal]]]:
    """Headings and cells: file and row first, then what the row shows."""
    shown = rows.shown or ()
    several = any(row.file is not None for row in shown)
    header = [*(["file"] if several else []), "row", *(column.name for column in rows.columns)]
    cells = ([*([row.file] if several else []), row.row, *row.cells] for row in shown)
    return header, cells


def rows_csv(explained: Explanation) -> str:
    """A header and a line a row; texts are harmless, numbers in full."""
    found = listed(explained)
    assert found is not None
    header, cells = table(found[1])
    text = StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([harmless(name) for name in header])
    writer.writerows([_cell(cell) for cell in row] for row in cells)
    return text.getvalue()


def _cell(value: Plain | Decimal) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str():
            return harmless(value)
        case date():
            return value.isoformat()
        case _:
            return digits(value)
