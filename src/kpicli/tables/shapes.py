"""How a text that no book declares yet is written: its encoding, the sign between its cells, the row of its headers."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from kpicli.errors import KpiError
from kpicli.tables.files import DataFile
from kpicli.tables.sheets import WORKBOOKS, sheets_of
from kpicli.tables.text import data_error, find_encoding, open_text

DELIMITERS: Final = (",", ";", "\t", "|")
_LINES: Final = 200
"""How many lines are looked at. Title lines, headers and some rows are among them."""
_TITLES: Final = 30
"""In how many rows from the top headers are looked for."""


class Shape(Struct, frozen=True):
    """How a text or a sheet is to be read, and what stands in its first rows."""

    encoding: str | None
    """What to declare; None for UTF-8 and for what a byte order mark says."""
    delimiter: str
    usual: str
    """The delimiter that a file of its ending has without a word in the book."""
    header_row: int
    """As a spreadsheet counts, from 1."""
    is_first: bool
    """Whether nothing stands above the headers."""
    headers: tuple[str, ...]
    sample: tuple[tuple[str, ...], ...]
    """Cells of the first rows below the headers."""
    sheet: str | None = None
    """Which sheet of a workbook it is, where several hold something."""
    is_workbook: bool = False


def find_shapes(file: DataFile) -> list[Shape]:
    """The shape of a text, or of each sheet of a workbook that is a table. Raises KpiError (data) as `find_shape`."""
    if Path(file.name.lower()).suffix not in WORKBOOKS:
        return [find_shape(file)]
    sheets = list(sheets_of(file, _LINES))
    shapes, errors = [], []
    for sheet in sheets:
        try:
            shape = _shape(file.name, [list(row) for row in sheet.rows], None, ",", ",")
            shapes.append(replace(shape, is_workbook=True, sheet=sheet.name if len(sheets) > 1 else None))
        except KpiError as error:
            errors.append(error)
    if not shapes:
        raise errors[0]
    return shapes


def find_shape(file: DataFile) -> Shape:
    """The shape of a text. Raises KpiError (data) for what is no text, is empty, or has no row of headers."""
    encoding = find_encoding(file)
    text = open_text(file, encoding)
    lines = list(islice(text.lines(), _LINES))
    usual = "\t" if Path(file.name.lower().removesuffix(".gz")).suffix in (".tsv", ".tab") else ","
    delimiter = max((usual, *DELIMITERS), key=lambda each: _tidiness(_records(lines, each)))
    return _shape(text.name, _records(lines, delimiter), encoding, delimiter, usual)


def _shape(name: str, records: Sequence[Sequence[str]], encoding: str | None, delimiter: str, usual: str) -> Shape:
    row = _header_row(name, records)
    _check_rows(name, records[row - 1 :])
    headers = tuple(cell.strip() for cell in records[row - 1])
    sample = tuple(tuple(record) for record in records[row:] if any(cell.strip() for cell in record))
    is_first = not any(cell.strip() for record in records[: row - 1] for cell in record)
    return Shape(encoding, delimiter, usual, row, is_first, headers, sample)


def _records(lines: Sequence[str], delimiter: str) -> list[list[str]]:
    try:
        return list(csv.reader(lines, delimiter=delimiter))
    except csv.Error:  # a cell beyond all bounds: this isn't what separates them
        return []


def _tidiness(records: Sequence[Sequence[str]]) -> float:
    """How much a delimiter cuts rows into the same number of cells, and into many."""
    widths = Counter(len(record) for record in records if any(cell.strip() for cell in record))
    if not widths:
        return 0
    width, rows = max(widths.items(), key=lambda item: item[1] * (item[0] - 1))
    return (width - 1) * rows * rows / widths.total()


def _header_row(name: str, records: Sequence[Sequence[str]]) -> int:
    """The first row that names nearly as many columns as any row fills, and that holds no values."""
    filled = [sum(bool(cell.strip()) for cell in record) for record in records]
    if not any(filled):
        raise data_error("empty-file", f"'{name}' is empty", help="export it again: it has no header line")
    enough = max(filled) * _ENOUGH
    for at, record in enumerate(records[:_TITLES]):
        if filled[at] < enough or _is_title(filled, at):
            continue
        if 4 * sum(_is_value(cell) for cell in record) > filled[at]:
            break
        return at + 1
    raise data_error(
        "no-headers",
        f"'{name}' has no line of headers in its first rows",
        help="export it with the names of its columns, or write them into its first line",
    )


def _is_title(filled: Sequence[int], at: int) -> bool:
    """Whether a row of few cells stands apart from the table: a blank row follows, and then fuller ones."""
    return filled[at] <= _FEW_CELLS and 0 in filled[at + 1 : at + 4] and max(filled[at:]) > filled[at]


_FEW_CELLS: Final = 3


_ENOUGH: Final = 0.6
"""Which share of the fullest row's cells a row of headers fills."""


def _check_rows(name: str, records: Sequence[Sequence[str]]) -> None:
    """Raises KpiError (data) for a text whose lines aren't rows: a letter, a licence, a list of hints."""
    width = len(records[0])
    rows = [record for record in records[1:] if any(cell.strip() for cell in record)]
    fitting = sum(len(record) == width for record in rows)
    if (width == 1 and rows and any(" " in record[0].strip() for record in records[:1])) or fitting * 2 < len(rows):
        raise data_error(
            "no-table",
            f"'{name}' is no table: its lines don't have the same number of cells",
            help="if it is an export, export it again as CSV",
        )


_VALUE: Final = re.compile(r"[-+(]?\W{0,3}[0-9][0-9.,:/ '-]*\W{0,2}[0-9%)]?|\S+@\S+\.\S+")


def _is_value(cell: str) -> bool:
    """Whether a cell looks like a number, a date or an address rather than a header."""
    return _VALUE.fullmatch(cell.strip()) is not None
