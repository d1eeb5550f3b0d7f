"""What reading sees: rows, and the cells that don't fit their type, counted and shown."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from kpicli.book.model import Column, ColumnType
from kpicli.errors import KpiError, Mistakes, Place
from kpicli.scorecard import Example, Note
from kpicli.tables.advice import advice
from kpicli.tables.asides import Aside
from kpicli.tables.currencies import are_one
from kpicli.tables.ids import has_several
from kpicli.tables.looks import ColumnRead
from kpicli.tables.records import Delimited, cell_place, record_at
from kpicli.tables.scan import FILE, ROW
from kpicli.tables.text import data_error
from kpicli.tables.workbook import TextCells, Workbook

EXAMPLES: Final = 5
"""How many rows a note shows."""
SAMPLE: Final = 100
"""How many misfits are looked at for the likely fix."""
_LONGEST_VALUE: Final = 80
_SEVERAL: Final = "several-values"


@dataclass(frozen=True, slots=True)
class Misread:
    """What is to be said about some of a column's cells, as one entry of `source` declares them."""

    name: str
    column: Column
    filled: int
    misfits: int
    """Cells that don't fit the type; of a text, those that hold several values."""
    examples: Sequence[tuple[int, int, str]]
    """Index of the file, row and text of the first misfits, in order."""
    currencies: Sequence[tuple[int, int, str, int]]
    """Index of the file and row where each currency sign first stands, the sign, and how many rows have it."""
    places: Mapping[int, tuple[Delimited | Workbook, int]]
    """By index of the file: its text or sheet, and the column's position in it."""

    code: str
    """What is odd about the misfits."""

    @property
    def is_wrong(self) -> bool:
        """Whether the declaration is wrong more often than the data can be."""
        return self.code != _SEVERAL and self.misfits * 20 > self.filled


def misread(
    name: str, parts: Sequence[ColumnRead], column: Column, places: Mapping[int, tuple[Delimited | Workbook, int]]
) -> Misread:
    """What reading gave of one column of one entry, in all files of it."""
    code = _SEVERAL if column.type is ColumnType.TEXT else f"invalid-{column.type.value}"
    plain = sum(part.plain for part in parts)
    looked_at = [part.odd for part in parts if part.odd is not None]
    if not looked_at:
        return Misread(name, column, plain, 0, (), (), places, code)
    odd = pl.concat(looked_at).filter(pl.col("cell").is_not_null()).sort(FILE, ROW)
    separator = column.separator
    is_misfit = pl.col("value").is_null() if separator is None else has_several(pl.col("cell"), separator)
    misfits = odd.filter(is_misfit)
    cut = pl.col("cell").str.head(_LONGEST_VALUE + 1)
    signs = odd.filter(pl.col("currency").is_not_null()).group_by("currency", maintain_order=True)
    firsts = signs.agg(pl.col(FILE, ROW).first(), pl.len().alias("rows")).select(FILE, ROW, "currency", "rows")
    examples = misfits.head(SAMPLE).select(FILE, ROW, cut).rows()
    return Misread(name, column, plain + odd.height, misfits.height, examples, firsts.rows(), places, code)


def sheet_errors(
    name: str, parts: Mapping[int, TextCells], column: Column, places: Mapping[int, tuple[Delimited | Workbook, int]]
) -> Misread:
    """The errors among the texts of one column of one entry, by the indexes of the workbooks that hold them."""
    errors = [(file, *row) for file, cells in sorted(parts.items()) for row in cells.errors.rows()]
    filled = sum(cells.filled for cells in parts.values())
    return Misread(name, column, filled, len(errors), errors[:SAMPLE], (), places, "invalid-text")


def lost_digits(files: Sequence[str], lost: Sequence[tuple[str, int, pl.DataFrame]]) -> tuple[Note, ...]:
    """The notes about texts that are numbers of too many digits: by column and file, ROW and `cell` of each."""
    notes = []
    for name in dict.fromkeys(name for name, _, cells in lost if not cells.is_empty()):
        own = [(file, cells) for other, file, cells in lost if other == name]
        examples = [_example(files, file, *row) for file, cells in own for row in cells.head(EXAMPLES).rows()]
        notes.append(Note("lost-digits", name, sum(cells.height for _, cells in own), tuple(examples[:EXAMPLES])))
    return tuple(notes)


def read_notes(table: str, files: Sequence[str], columns: Sequence[Misread]) -> tuple[Note, ...]:
    """The notes about a table's cells.

    Raises KpiError (data) where more than 5 % of a column's filled cells don't fit its type.
    """
    errors = [_refusal(table, files, column) for column in columns if column.is_wrong]
    if errors:
        raise errors[0] if len(errors) == 1 else Mistakes(errors)
    kinds = dict.fromkeys((column.name, column.code) for column in columns)
    return tuple(
        note
        for kind in kinds
        for note in _notes(files, [column for column in columns if (column.name, column.code) == kind])
    )


def aside_notes(files: Sequence[str], asides: Collection[tuple[int, Aside]]) -> Iterator[Note]:
    """The notes about what files hold besides their rows, each with the index of its file."""
    for code in sorted({aside.code for _, aside in asides}):
        places = sorted((file, aside.row, aside.text) for file, aside in asides if aside.code == code)
        yield Note(code, None, len(places), tuple(_example(files, *place) for place in places[:EXAMPLES]))


def _notes(files: Sequence[str], columns: Sequence[Misread]) -> Iterator[Note]:
    name = columns[0].name
    misfits = sum(column.misfits for column in columns)
    if misfits:
        examples = sorted(example for column in columns for example in column.examples)
        shown = tuple(_example(files, *example) for example in examples[:EXAMPLES])
        yield Note(columns[0].code, name, misfits, shown)
    signs = sorted(sign for column in columns for sign in column.currencies)
    if not are_one(sign for _, _, sign, _ in signs):
        first = {sign: (file, row) for file, row, sign, _ in reversed(signs)}
        places = sorted((file, row, sign) for sign, (file, row) in first.items())
        rows = sum(rows for _, _, _, rows in signs)
        yield Note("mixed-currencies", name, rows, tuple(_example(files, *place) for place in places[:EXAMPLES]))


def _example(files: Sequence[str], file: int, row: int, value: str) -> Example:
    return Example(row, _cut(value), files[file] if len(files) > 1 else None)


def _cut(value: str) -> str:
    return value if len(value) <= _LONGEST_VALUE else value[: _LONGEST_VALUE - 1] + "…"


def _refusal(table: str, files: Sequence[str], read: Misread) -> KpiError:
    """The error for a declaration that is wrong more often than the data can be."""
    file, row, value = read.examples[0]
    named = f"'{files[file]}'" + ("" if read.examples[-1][0] == file else " and other files")
    same_file = [(at, value) for other, at, value in read.examples if other == file]
    shown = ", ".join(f"'{_cut(value)}' in row {at}" for at, value in same_file[:EXAMPLES])
    header, kind = read.column.header, read.column.type.value
    values = [value for _, _, value in read.examples]
    return data_error(
        f"invalid-{kind}",
        f"table {table}: {read.misfits} of {read.filled} filled cells of {read.name} ('{header}' in {named}) "
        f"{'does' if read.misfits == 1 else 'do'}n't fit `type: {kind}`: {shown}",
        place=_place(read, file, row, value),
        help=advice(read.column, values, others_fit=read.misfits < read.filled),
    )


def _place(read: Misread, file: int, row: int, shown: str) -> Place | None:
    if file not in read.places:
        return None
    source, at = read.places[file]
    if isinstance(source, Workbook):
        return source.cell_place(row, at, shown)
    record = record_at(source, row)
    return None if record is None else cell_place(source.name, record, source.delimiter, at)
