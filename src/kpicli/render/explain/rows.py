"""The rows that an aggregate counts, or leaves out, as texts, and as CSV that no spreadsheet takes for formulas."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from io import StringIO

from msgspec.structs import replace

from kpicli.explained import Aggregate, Explanation, Plain, Rows
from kpicli.render.explain.reasons import why_left_out
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
    shown, total = len(rows.shown or ()), write_rows(rows.total)
    if rows.shows_left_out:
        asked = rows.total - rows.counted
        count = f"{write_count(asked)} of {total} {'is' if asked == 1 else 'are'} left out"
        first = "the first of each reason"
    else:
        asked = rows.counted
        count = f"{write_count(asked)} of {total} {'counts' if asked == 1 else 'count'}"
        first = f"the first {write_count(shown)}"
    return count if shown == asked else f"{count}; these are {first}, and a file has them all: --output rows.csv"


def table(rows: Rows) -> tuple[list[str], Iterator[list[Plain | Decimal]]]:
    """Headings and cells: file and row first, then what the row shows."""
    shown = rows.shown or ()
    several = any(row.file is not None for row in shown)
    header = [*(["file"] if several else []), "row", *(column.name for column in rows.columns)]
    cells = ([*([row.file] if several else []), row.row, *row.cells] for row in shown)
    return header, cells


def table_with_why(aggregate: Aggregate, rows: Rows) -> tuple[list[str], Iterator[list[Plain | Decimal]]]:
    """The same, of rows that are left out with why, as the last of what tells which row it is."""
    header, cells = table(rows)
    if not rows.shows_left_out:
        return header, cells
    at = len(header) - len(rows.columns)
    why = {each.reason: why_left_out(replace(each, rows=1), aggregate) for each in rows.left_out}
    reasons = (why[row.reason] for row in rows.shown or () if row.reason is not None)
    told = ([*row[:at], reason, *row[at:]] for row, reason in zip(cells, reasons, strict=True))
    return [*header[:at], "left_out", *header[at:]], told


def rows_csv(explained: Explanation) -> str:
    """A header and a line a row; texts are harmless, numbers in full."""
    found = listed(explained)
    assert found is not None
    header, cells = table_with_why(*found)
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
