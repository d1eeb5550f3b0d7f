"""What reading sees: rows, and the cells that don't fit their type, counted and shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final

import polars as pl
from msgspec import Struct

from kpicli.book.model import Column, ColumnType
from kpicli.errors import KpiError, Mistakes, Place
from kpicli.scorecard import Example, Note
from kpicli.tables.advice import advice
from kpicli.tables.asides import Aside
from kpicli.tables.currencies import explain_all
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


class Misread(Struct, frozen=True):
    """What is to be said about some of a column's cells, as one entry of `source` declares them."""

    name: str
    column: Column
    filled: int
    misfits: int
    """Cells that don't fit the type; of a text, those that hold several values."""
    examples: Sequence[tuple[int, int, str]]
    """Index of the file, row and text of the first misfits, in order."""
    signs: Sequence[tuple[int, int, str, int]]
    """Index of the file and row where each currency sign first stands, the sign, and how many rows have it.

    Empty where the book declares the column's currency.
    """
    places: Mapping[int, tuple[Delimited | Workbook, int]]
    """By index of the file: its text or sheet, and the column's position in it."""

    code: str
    """What is odd about the misfits."""

    @property
    def is_wrong(self) -> bool:
        """Whether the declaration is wrong more often than the data can be."""
        return self.code != _SEVERAL and self.misfits * 20 > self.filled


def misread(
    name: str,
    parts: Sequence[ColumnRead],
    column: Column,
    places: Mapping[int, tuple[Delimited | Workbook, int]],
    *,
    has_currency: bool,
) -> Misread:
    """What reading gave of one column of one entry, in all files of it."""
    code = _SEVERAL if column.type is ColumnType.TEXT else f"invalid-{column.type.value}"
    plain = sum(part.plain for part in parts)
    looked_at = [part.odd for part in parts if part.odd is not None]
    filled = plain + sum(odd.height - odd["cell"].null_count() for odd in looked_at)
    may_misfit = any(_may_misfit(odd, column) for odd in looked_at)
    has_signs = not has_currency and any(odd["currency"].null_count() < odd.height for odd in looked_at)
    if not (may_misfit or has_signs):
        return Misread(name, column, filled, 0, (), (), places, code)
    odd = pl.concat(looked_at).filter(pl.col("cell").is_not_null()).sort(FILE, ROW)
    signs = _first_signs(odd) if has_signs else ()
    separator = column.separator
    is_misfit = pl.col("value").is_null() if separator is None else has_several(pl.col("cell"), separator)
    misfits = odd.filter(is_misfit)
    cut = pl.col("cell").str.head(_LONGEST_VALUE + 1)
    examples = misfits.head(SAMPLE).select(FILE, ROW, cut).rows()
    return Misread(name, column, filled, misfits.height, examples, signs, places, code)


def _first_signs(odd: pl.DataFrame) -> list[tuple[int, int, str, int]]:
    """Where each currency sign first stands among cells in their order, and how many rows have it."""
    signs = odd.filter(pl.col("currency").is_not_null()).group_by("currency", maintain_order=True)
    return signs.agg(pl.col(FILE, ROW).first(), pl.len().alias("rows")).select(FILE, ROW, "currency", "rows").rows()


def _may_misfit(odd: pl.DataFrame, column: Column) -> bool:
    """Whether there may be cells that don't fit: those without a value may hold nothing, and a text has its first."""
    return column.separator is not None or odd["value"].null_count() > 0


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
        examples = [example(files, file, *row) for file, cells in own for row in cells.head(EXAMPLES).rows()]
        notes.append(Note("lost-digits", name, sum(cells.height for _, cells in own), tuple(examples[:EXAMPLES])))
    return tuple(notes)


def read_notes(table: str, files: Sequence[str], columns: Sequence[Misread], currency: str | None) -> tuple[Note, ...]:
    """The notes about a table's cells; `currency` is the book's.

    Raises KpiError (data) where more than 5 % of a column's filled cells don't fit its type, and where amounts of
    several currencies stand in a column without saying so.
    """
    named = [[each for each in columns if each.name == name] for name in dict.fromkeys(each.name for each in columns)]
    errors = [_refusal(table, files, column) for column in columns if column.is_wrong]
    errors += [_mixed(table, files, each) for each in named if not explain_all(sign for *_, sign, _ in _signs(each))]
    if errors:
        raise errors[0] if len(errors) == 1 else Mistakes(errors)
    kinds = [
        [each for each in columns if (each.name, each.code) == kind]
        for kind in dict.fromkeys((each.name, each.code) for each in columns)
    ]
    return tuple(note for each in kinds for note in _notes(files, each, currency))


def _signs(columns: Sequence[Misread]) -> list[tuple[int, int, str, int]]:
    """Where each currency sign first stands in a column, and how many rows have it, in order."""
    first: dict[str, tuple[int, int]] = {}
    rows: Counter[str] = Counter()
    for file, row, sign, count in sorted(each for column in columns for each in column.signs):
        first.setdefault(sign, (file, row))
        rows[sign] += count
    return [(*place, sign, rows[sign]) for sign, place in first.items()]


def _notes(files: Sequence[str], columns: Sequence[Misread], currency: str | None) -> Iterator[Note]:
    name = columns[0].name
    misfits = sum(column.misfits for column in columns)
    if misfits:
        examples = sorted(each for column in columns for each in column.examples)
        shown = tuple(example(files, *each) for each in examples[:EXAMPLES])
        yield Note(columns[0].code, name, misfits, shown)
    signs = _signs(columns)
    if currency is not None and currency not in explain_all(sign for _, _, sign, _ in signs):
        shown = tuple(example(files, file, row, sign) for file, row, sign, _ in signs[:EXAMPLES])
        yield Note("other-currency", name, sum(rows for *_, rows in signs), shown)


def aside_notes(files: Sequence[str], asides: Collection[tuple[int, Aside]]) -> Iterator[Note]:
    """The notes about what files hold besides their rows, each with the index of its file."""
    for code in sorted({aside.code for _, aside in asides}):
        places = sorted((file, aside.row, aside.text) for file, aside in asides if aside.code == code)
        yield Note(code, None, len(places), tuple(example(files, *place) for place in places[:EXAMPLES]))


def example(files: Sequence[str], file: int, row: int, value: str) -> Example:
    """A row that shows what a note is about; its file is named where there are several."""
    return Example(row, _cut(value), files[file] if len(files) > 1 else None)


def _header(read: Misread, file: int) -> str:
    """What a file calls the column."""
    if file not in read.places:
        return read.column.header
    source, at = read.places[file]
    return source.headers[at]


def _cut(value: str) -> str:
    return value if len(value) <= _LONGEST_VALUE else value[: _LONGEST_VALUE - 1] + "…"


def _refusal(table: str, files: Sequence[str], read: Misread) -> KpiError:
    """The error for a declaration that is wrong more often than the data can be."""
    file, row, value = read.examples[0]
    named = f"'{files[file]}'" + ("" if read.examples[-1][0] == file else " and other files")
    same_file = [(at, value) for other, at, value in read.examples if other == file]
    shown = ", ".join(f"'{_cut(value)}' in row {at}" for at, value in same_file[:EXAMPLES])
    header, kind = _header(read, file), read.column.type.value
    values = [value for _, _, value in read.examples]
    return data_error(
        f"invalid-{kind}",
        f"table {table}: {read.misfits} of {read.filled} filled cells of {read.name} ('{header}' in {named}) "
        f"{'does' if read.misfits == 1 else 'do'}n't fit `type: {kind}`: {shown}",
        place=_place(read, file, row, value),
        help=advice(read.column, values, others_fit=read.misfits < read.filled),
    )


def _mixed(table: str, files: Sequence[str], columns: Sequence[Misread]) -> KpiError:
    """The error for amounts of several currencies, which would be added as if they were of one."""
    signs = _signs(columns)
    several = len(files) > 1
    shown = ", ".join(
        f"'{sign}' in " + (f"{files[file]} row {row}" if several else f"row {row}") for file, row, sign, _ in signs
    )
    file, row, sign, _ = signs[1]
    read = next(column for column in columns if (file, row) in {place[:2] for place in column.signs})
    money = "" if read.column.type is ColumnType.MONEY else "`type: money`, and "
    return data_error(
        "mixed-currencies",
        f"table {table}: {read.name} holds amounts of several currencies, which would be added: {shown}",
        place=_place(read, file, row, sign),
        help=f"declare {money}as `currency` the column that says which one each row is in, with `rates` for them; "
        "or mend these cells in the export",
    )


def _place(read: Misread, file: int, row: int, shown: str) -> Place | None:
    if file not in read.places:
        return None
    source, at = read.places[file]
    if isinstance(source, Workbook):
        return source.cell_place(row, at, shown)
    record = record_at(source, row)
    return None if record is None else cell_place(source.name, record, source.delimiter, at)
