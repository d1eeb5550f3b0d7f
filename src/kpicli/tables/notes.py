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

EXAMPLES: Final = 5
"""How many rows a note shows."""
SAMPLE: Final = 100
"""How many misfits are looked at for the likely fix."""
_LONGEST_VALUE: Final = 80


@dataclass(frozen=True, slots=True)
class Misread:
    """What is to be said about a column that isn't plain text, as one entry of `source` declares it."""

    name: str
    column: Column
    filled: int
    misfits: int
    """Cells that don't fit the type; of a text, those that hold several values."""
    examples: Sequence[tuple[int, int, str]]
    """Index of the file, row and text of the first misfits, in order."""
    currencies: Sequence[tuple[int, int, str, int]]
    """Index of the file and row where each currency sign first stands, the sign, and how many rows have it."""
    places: Mapping[int, tuple[Delimited, int]]
    """By index of the file: its text, and the column's position in it."""

    @property
    def code(self) -> str:
        """What is odd about the misfits."""
        return "several-values" if self.column.type is ColumnType.TEXT else f"invalid-{self.column.type.value}"

    @property
    def is_wrong(self) -> bool:
        """Whether the declaration is wrong more often than the data can be."""
        return self.column.type is not ColumnType.TEXT and self.misfits * 20 > self.filled


def misread(
    name: str, parts: Sequence[ColumnRead], column: Column, places: Mapping[int, tuple[Delimited, int]]
) -> Misread:
    """What reading gave of one column of one entry, in all files of it."""
    plain = sum(part.plain for part in parts)
    looked_at = [part.odd for part in parts if part.odd is not None]
    if not looked_at:
        return Misread(name, column, plain, 0, (), (), places)
    odd = pl.concat(looked_at).filter(pl.col("cell").is_not_null()).sort(FILE, ROW)
    separator = column.separator
    is_misfit = pl.col("value").is_null() if separator is None else has_several(pl.col("cell"), separator)
    misfits = odd.filter(is_misfit)
    cut = pl.col("cell").str.head(_LONGEST_VALUE + 1)
    signs = odd.filter(pl.col("currency").is_not_null()).group_by("currency", maintain_order=True)
    firsts = signs.agg(pl.col(FILE, ROW).first(), pl.len().alias("rows")).select(FILE, ROW, "currency", "rows")
    examples = misfits.head(SAMPLE).select(FILE, ROW, cut).rows()
    return Misread(name, column, plain + odd.height, misfits.height, examples, firsts.rows(), places)


def read_notes(table: str, files: Sequence[str], columns: Sequence[Misread]) -> tuple[Note, ...]:
    """The notes about a table's cells.

    Raises KpiError (data) where more than 5 % of a column's filled cells don't fit its type.
    """
    errors = [_refusal(table, files, column) for column in columns if column.is_wrong]
    if errors:
        raise errors[0] if len(errors) == 1 else Mistakes(errors)
    names = dict.fromkeys(column.name for column in columns)
    return tuple(
        note for name in names for note in _notes(files, [column for column in columns if column.name == name])
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
    file, row, _ = read.examples[0]
    named = f"'{files[file]}'" + ("" if read.examples[-1][0] == file else " and other files")
    same_file = [(at, value) for other, at, value in read.examples if other == file]
    shown = ", ".join(f"'{_cut(value)}' in row {at}" for at, value in same_file[:EXAMPLES])
    header, kind = read.column.header, read.column.type.value
    values = [value for _, _, value in read.examples]
    return data_error(
        f"invalid-{kind}",
        f"table {table}: {read.misfits} of {read.filled} filled cells of {read.name} ('{header}' in {named}) "
        f"{'does' if read.misfits == 1 else 'do'}n't fit `type: {kind}`: {shown}",
        place=_place(read, file, row),
        help=advice(read.column, values, others_fit=read.misfits < read.filled),
    )


def _place(read: Misread, file: int, row: int) -> Place | None:
    if file not in read.places:
        return None
    source, at = read.places[file]
    record = record_at(source, row)
    return None if record is None else cell_place(source.name, record, source.delimiter, at)
