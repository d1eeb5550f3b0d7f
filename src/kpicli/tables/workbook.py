"""XLSX workbooks: one sheet as a header and rows of text cells, numbered as the spreadsheet shows them."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import polars as pl
from msgspec import Struct

from kpicli.book.model import Column, ColumnType
from kpicli.errors import KpiError, Place
from kpicli.tables.asides import Aside
from kpicli.tables.blanks import BLANKS
from kpicli.tables.files import DataFile
from kpicli.tables.footers import KnownFooters, Layout, tail
from kpicli.tables.replacing import replaced
from kpicli.tables.scan import ROW
from kpicli.tables.sheet_cells import native, written
from kpicli.tables.sheet_choice import chosen_sheet
from kpicli.tables.sheet_xml import (
    LAST_COLUMN,
    LAST_ROW,
    Index,
    Marks,
    column_letters,
    far_corner,
    glance,
    read_index,
    read_marks,
)
from kpicli.tables.tails import footer_of
from kpicli.tables.text import data_error
from kpicli.tables.unzipping import Archive, broken, open_archive

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook

_BATCH: Final = 50_000
_LAST: Final = 2_000
"""How many rows from the end on may be a footer, blank ones included."""
_LARGEST_GRID: Final = 1 << 26
"""Cells between the corners of a sheet, for which memory is taken whether or not anything is in them; 2 GiB of it."""


class Workbook(Struct, frozen=True):
    """One sheet of a workbook whose first row with anything in it is the header."""

    name: str
    path: Path
    sheet: str
    row: int
    """Where the header stands."""
    cells: tuple[str, ...]
    """What it holds, from the first column of the sheet that holds anything."""
    first_column: int
    """Which one that is, from 0 on."""

    @property
    def headers(self) -> list[str]:
        return [cell.strip() for cell in self.cells]

    def place(self, column: int | None = None) -> Place:
        """The header row, or the header of one column in it."""
        return self._place(self.row, self.cells, column)

    def cell_place(self, row: int, column: int, shown: str = "") -> Place | None:
        """The place of a cell that shows this, by its row in the sheet and its column among the headers.

        Reads the workbook again.
        """
        with _reading(self.name):
            found = next(islice(self._all_rows(), row - 1, None), None)
        if found is None:
            return None
        cells = texts_of(found)
        cells[column] = cells[column] or shown  # what an error shows isn't among the values
        return self._place(row, cells, column)

    def first_rows(self, count: int) -> list[tuple[int, list[str]]]:
        """Numbers and cells of the first rows; reads the workbook again."""
        with _reading(self.name):
            return [(number, texts_of(cells)) for number, cells in enumerate(islice(self._all_rows(), count), 1)]

    def row_place(self, row: int, cells: Sequence[str]) -> Place:
        return self._place(row, cells, None)

    def _all_rows(self) -> Iterator[list[Any]]:
        return iter(_load(self.path).get_sheet_by_name(self.sheet).iter_rows())

    def _place(self, row: int, cells: Sequence[str], column: int | None) -> Place:
        shown = [cell.replace("\n", " ") for cell in cells]
        text = " | ".join(shown)
        if column is None:
            return Place(self.name, row, 1, text, max(1, len(text)), cell=f"sheet {self.sheet}, row {row}")
        start = sum(len(cell) + 3 for cell in shown[:column])
        cell = f"sheet {self.sheet}, cell {column_letters(self.first_column + column + 1)}{row}"
        return Place(self.name, row, start + 1, text, max(1, len(shown[column])), cell=cell)


class TextCells(Struct, frozen=True):
    """What is odd about a column of texts."""

    filled: int
    errors: pl.DataFrame
    """ROW and `cell`: errors of the spreadsheet, such as #REF!."""
    lost: pl.DataFrame
    """ROW and `cell`: numbers with more digits than a number keeps."""


class SheetCells(Struct, frozen=True):
    """The rows of a sheet."""

    frame: pl.DataFrame
    """ROW, and the wanted columns as text under their names."""
    texts: Mapping[str, TextCells]
    """For each wanted column of texts."""
    footer: tuple[Aside, ...]
    """The rows below the data that aren't."""

    @property
    def is_odd(self) -> bool:
        """Whether texts are errors, or have lost digits."""
        return any(cells.errors.height + cells.lost.height for cells in self.texts.values())


def open_workbook(file: DataFile, sheet: str | int | None, header_row: int | None = None) -> OpenSheet:
    """Opens a sheet and finds its header: this row, or else the first one that has anything in it.

    Raises KpiError (data) for what is no workbook, is protected, damaged or too large, where it isn't clear which
    sheet is meant, and where nothing is in it or in that row.
    """
    with _reading(file.name):
        archive = open_archive(file.name, file.path)
        index = read_index(archive)
        looks = {name: glance(archive, part) for name, part in index.sheets.items()}
        _unpack_the_rest(archive, index)
        workbook = _load(file.path)
        chosen = chosen_sheet(file.name, workbook, sheet, [name for name, look in looks.items() if look.holds_values])
        if chosen not in looks:
            raise broken(file.name, f"it has no sheet {chosen}")
        part, look = index.sheets[chosen], looks[chosen]
        marks = None if look.is_plain else read_marks(archive, index, part)
        if marks is not None or not look.is_small:
            corner = far_corner(archive, part) if marks is None else (marks.rows, marks.columns)
            if marks is None and corner[0] * corner[1] > _LARGEST_GRID:
                marks = read_marks(archive, index, part)
                corner = (marks.rows, marks.columns)
            _refuse_grid(file.name, chosen, *corner)
        _refuse_unknown_errors(file.name, chosen, marks)
        found = workbook.get_sheet_by_name(chosen)
        rows = iter(found.iter_rows())
        source = Workbook(
            archive.name, archive.path, chosen, *_header(archive.name, chosen, rows, header_row), _start(found)
        )
        return OpenSheet(source, rows, archive, index, marks)


def _start(sheet: CalamineSheet) -> int:
    return 0 if sheet.start is None else sheet.start[1]


def _header(name: str, sheet: str, rows: Iterator[list[Any]], wanted: int | None) -> tuple[int, tuple[str, ...]]:
    """Number and cells of the header."""
    number = 0
    for number, cells in enumerate(rows, 1):
        holds = _hold_something(cells)
        if number == wanted and not holds:
            raise _no_header_row(name, sheet, wanted, "has nothing there")
        if number == wanted or (wanted is None and holds):
            return number, tuple(texts_of(cells))
    if wanted is not None:
        raise _no_header_row(name, sheet, wanted, f"ends in row {number}")
    raise data_error("empty-file", f"sheet {sheet} of '{name}' is empty", help="export it again: it has no header row")


def _hold_something(cells: list[Any]) -> bool:
    """Whether any cell holds more than blanks. Rows without any value are told by a count, which is faster."""
    return cells.count("") < len(cells) and any(not isinstance(cell, str) or cell.strip(BLANKS) for cell in cells)


def _no_header_row(name: str, sheet: str, row: int, found: str) -> KpiError:
    return data_error(
        "no-header-row",
        f"the headers are declared to stand in row {row}, and sheet {sheet} of '{name}' {found}",
        help="`header_row` is the row that a spreadsheet shows: set it right, or leave it out",
    )


class OpenSheet:
    """A sheet on its way into memory."""

    def __init__(
        self, source: Workbook, rows: Iterator[list[Any]], archive: Archive, index: Index, marks: Marks | None
    ) -> None:
        self.source = source
        self._rows = rows
        self._archive = archive
        self._index = index
        self._marks = marks

    def read(
        self,
        wanted: Mapping[str, tuple[int, Column]],
        never_in_totals: frozenset[int] = frozenset(),
        footers: KnownFooters | None = None,
    ) -> SheetCells:
        """The wanted columns, by name with their positions among the headers. Only the first call finds the rows.

        Raises KpiError (data) for formulas that were never worked out.
        """
        with _reading(self.source.name):
            marks = self._marks_for([column for _, column in wanted.values()])
            rows, batches, last = self._native([at for at, _ in wanted.values()], _rows_of(marks.errors.values()))
        layout = Layout(len(self.source.cells), never_in_totals)
        below = tail((self._shown(row, cells, marks) for row, cells in reversed(last)), layout, footers)
        end = last[-len(below.rows)][0] if below.rows else None
        rows = rows if end is None else rows.filter(rows < end)
        frame: dict[str, pl.Series] = {ROW: rows}
        texts = {}
        for (name, (at, column)), parts in zip(wanted.items(), batches, strict=True):
            number = self.source.first_column + at + 1
            self._refuse_uncalculated(rows, at, marks.uncalculated.get(number, ()))
            percents = _at(rows, marks.percents.get(number, ()))
            found = written(pl.concat(parts).head(len(rows)), column, percents, from_1904=self._index.from_1904)
            errors = _errors(rows, marks.errors.get(number, {}), column)
            cells = found.cells
            if column.type is ColumnType.TEXT:
                if found.lost.any():
                    cells = _with_texts(cells, rows, self._read_marks().long.get(number, {}))
                lost = pl.DataFrame({ROW: rows, "cell": cells}).filter(found.lost)
                texts[name] = TextCells(len(cells) - cells.null_count() + errors.height, errors, lost)
            else:
                cells = _with_texts(cells, rows, dict(errors.rows()))
            frame[name] = cells
        return SheetCells(pl.DataFrame(frame), texts, footer_of(below, end or 0))

    def _marks_for(self, columns: Iterable[Column]) -> Marks:
        if self._index.percents and any(each.type is ColumnType.PERCENT for each in columns):
            return self._read_marks()
        return self._marks or Marks()

    def _read_marks(self) -> Marks:
        if self._marks is None:
            self._marks = read_marks(self._archive, self._index, self._index.sheets[self.source.sheet])
        return self._marks

    def _native(
        self, wanted: Sequence[int], kept: Collection[int]
    ) -> tuple[pl.Series, list[list[pl.DataFrame]], deque[tuple[int, list[Any]]]]:
        """The numbers of the rows; of each column its cells, batch by batch; and the last rows with all their cells.

        Rows that hold nothing but blanks aren't rows, but for those that are `kept`.
        """
        numbers = [pl.Series([], dtype=pl.UInt32)]
        batches = [[native((), 0)] for _ in wanted]
        numbered = enumerate(self._rows, self.source.row + 1)
        last: deque[tuple[int, list[Any]]] = deque(maxlen=_LAST)
        while batch := list(islice(numbered, _BATCH)):
            last.extend(batch)
            filled = [(at, cells) for at, cells in batch if _hold_something(cells) or at in kept]
            numbers.append(pl.Series([at for at, _ in filled], dtype=pl.UInt32))
            for at, parts in zip(wanted, batches, strict=True):
                parts.append(native([cells[at] for _, cells in filled], len(filled)))
        return pl.concat(numbers), batches, last

    def _shown(self, row: int, cells: Sequence[Any], marks: Marks) -> list[str]:
        """A row with its errors, which aren't among the values."""
        texts = texts_of(cells)
        for column, errors in marks.errors.items():
            if row in errors:
                texts[column - 1 - self.source.first_column] = errors[row]
        return texts

    def _refuse_uncalculated(self, rows: pl.Series, at: int, uncalculated: Sequence[int]) -> None:
        places = _at(rows, uncalculated)
        if places.is_empty():
            return
        row = int(rows[int(places[0])])
        source = self.source
        cells = "a cell" if len(places) == 1 else f"{len(places):,} cells"
        raise data_error(
            "uncalculated",
            f"'{source.name}': {cells} of '{source.headers[at]}' in sheet {source.sheet} hold"
            f"{'s' if len(places) == 1 else ''} a formula that was never calculated",
            place=source.cell_place(row, at),
            help="a program wrote the workbook, and left the formulas to Excel: open it there and save it",
        )


def _rows_of(columns: Iterable[Mapping[int, str]]) -> set[int]:
    return {row for column in columns for row in column}


def _at(rows: pl.Series, some: Sequence[int] | pl.Series) -> pl.Series:
    """Where some rows stand among all."""
    return rows.is_in(pl.Series(some, dtype=pl.UInt32).implode()).arg_true()


def _with_texts(cells: pl.Series, rows: pl.Series, texts: Mapping[int, str]) -> pl.Series:
    """The cells with other texts in some rows."""
    places = _at(rows, list(texts))
    return replaced(cells, places, pl.Series([texts[row] for row in rows.gather(places)], dtype=pl.String))


def _errors(rows: pl.Series, errors: Mapping[int, str], column: Column) -> pl.DataFrame:
    """ROW and `cell` of the error cells that mean something."""
    blank = {text.strip() for text in column.blank} if column.type is ColumnType.TEXT else set()
    there = rows.gather(_at(rows, list(errors))).to_list()
    found = [(row, errors[row]) for row in there if errors[row] not in blank]
    return pl.DataFrame(found, schema={ROW: pl.UInt32, "cell": pl.String}, orient="row")


def texts_of(cells: Sequence[Any]) -> list[str]:
    """The cells of one row as texts."""
    column = Column(headers=("any",))
    return written(native(cells, len(cells)), column, (), from_1904=False).cells.fill_null("").to_list()


def _unpack_the_rest(archive: Archive, index: Index) -> None:
    """Unpacks all parts but the sheets, to see that they are as large as they say."""
    sheets = {part.name for part in index.sheets.values()}
    for part in archive.parts.values():
        if part.name not in sheets:
            for _ in archive.chunks(part):
                pass


def _refuse_grid(name: str, sheet: str, row: int, column: int) -> None:
    if row > LAST_ROW or column > LAST_COLUMN:
        raise broken(name, f"sheet {sheet} has a cell that no sheet has room for")
    if row * column > _LARGEST_GRID:
        raise data_error(
            "too-large",
            f"'{name}': sheet {sheet} reaches to cell {column_letters(column)}{row}, further than can be read",
            help="delete the rows and columns beyond the table, and save it again",
        )


_KNOWN_ERRORS: Final = {"#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"}
"""python-calamine reads no sheet in which there is another one."""


def _refuse_unknown_errors(name: str, sheet: str, marks: Marks | None) -> None:
    errors = {} if marks is None else marks.errors
    unknown = [
        (row, at, text) for at, column in errors.items() for row, text in column.items() if text not in _KNOWN_ERRORS
    ]
    if unknown:
        row, column, shown = min(unknown)
        raise data_error(
            "unknown-error",
            f"'{name}': sheet {sheet} shows {shown} in cell {column_letters(column)}{row}, which can't be read",
            help="mend the formula there, or clear the cell, and save it again",
        )


def _load(path: Path) -> CalamineWorkbook:
    from python_calamine import load_workbook  # noqa: PLC0415 -- loaded only where a workbook is read

    return load_workbook(path)


@contextmanager
def _reading(name: str) -> Iterator[None]:
    """Raises KpiError (data) for whatever the file or python-calamine, panics included, has against reading it."""
    try:
        yield
    except (KpiError, KeyboardInterrupt, MemoryError):
        raise
    except OSError as error:
        raise data_error(
            "unreadable-file",
            f"'{name}' can't be read: {error.strerror or error}",
            help="check the path and the file's permissions",
        ) from error
    except BaseException as error:  # a panic is no Exception, and its class can't be imported
        kind = type(error)
        if kind.__module__.startswith("python_calamine") or kind.__name__ == "PanicException":
            raise broken(name, str(error) or kind.__name__) from error
        raise
