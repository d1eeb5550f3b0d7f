"""The files of a table, each opened by its kind: a text, a sheet, Parquet, or a copy of what was once read of one."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from kpicli.book.model import Column, ColumnType, SourceFile, Table
from kpicli.book.money import currency_of
from kpicli.cache import installed
from kpicli.errors import KpiError
from kpicli.tables.asides import Aside
from kpicli.tables.copies import SMALLEST, Copies, Copy, Draft
from kpicli.tables.files import DataFile, find_files
from kpicli.tables.footers import KnownFooters
from kpicli.tables.headers import find_headers, header_places, several_times
from kpicli.tables.looks import Declared
from kpicli.tables.parquet import ParquetFile, open_parquet
from kpicli.tables.records import Delimited, open_delimited
from kpicli.tables.sheet_cells import dated_by_type
from kpicli.tables.tails import without_tail
from kpicli.tables.text import data_error, open_text
from kpicli.tables.workbook import SheetCells, Workbook, open_workbook


class Uncopied(Struct, frozen=True):
    """A file that a look of its own was taken at, and under which declaration."""

    file: int
    path: Path
    declaration: str
    columns: Mapping[str, str]
    """How each column is declared."""
    aside: tuple[Aside, ...] = ()

    def draft(self, copies: Copies) -> Draft | None:
        """The beginning of a copy; None where none is to be kept, or none can be."""
        return copies.draft(self.path, self.declaration, self.columns, self.aside)


class Entry(Struct, frozen=True):
    """One entry of `source`, with the asked columns that it has."""

    index: int
    declared: SourceFile
    columns: dict[str, Column]
    encoding: str | None
    delimiter: str | None
    header_row: int | None
    footers: KnownFooters | None
    never_in_totals: tuple[str, ...]
    """The headers of dates and keys."""
    sheet: str | int | None
    currencies: dict[str, str]
    """For amounts that may be in another currency than the book's: the column that tells it, or the code of all."""
    dated_by: str | None
    """The column with the day of each row, if it is one."""

    def as_text(self) -> list[object]:
        """All that says how its files are taken apart."""
        known = None if self.footers is None else [pattern.pattern for pattern in self.footers.declared]
        return [self.encoding, self.delimiter, self.sheet, self.header_row, known, self.never_in_totals]

    def written(self) -> dict[str, str]:
        """How each of its columns is declared, as a text."""
        return {name: column.model_dump_json() for name, column in self.columns.items()}


class Part(Struct, frozen=True):
    """One file under one entry."""

    entry: Entry
    file: int
    source: Delimited | ParquetFile | Workbook | Copy
    found: dict[str, int]
    """Where each asked column stands in it, but for an optional one that it lacks; of a copy they have their names."""
    aside: tuple[Aside, ...] = ()
    """What it holds besides."""
    uncopied: Uncopied | None = None
    sheet: SheetCells | None = None
    """What is in a workbook: it is read as a whole."""
    is_workbook: bool = False

    @property
    def columns(self) -> dict[str, Column]:
        """As the entry declares them, or as its cells are written."""
        if not self.is_workbook:
            return self.entry.columns
        return {name: dated_by_type(column) for name, column in self.entry.columns.items()}


def entry_of(name: str, table: Table, at: int, asked: Mapping[str, ColumnType]) -> Entry:
    """An entry's own columns extend and override the table's."""
    entry = table.source[at]
    columns = {column: each for column, each in {**table.columns, **entry.columns}.items() if column in asked}
    for column, each in columns.items():
        if each.type is not asked[column]:
            raise KpiError(
                "types-differ",
                f"table {name}: column {column} is {each.type.value} in one source, {asked[column].value} in another",
                help="declare one type; headers, formats and the like may differ",
            )
    delimiter = _as_written("delimiter", entry, table)
    if delimiter is not None and (len(delimiter) != 1 or not delimiter.isascii() or delimiter in '"\r\n'):
        raise KpiError(
            "bad-delimiter",
            f"table {name}: {delimiter!r} can't separate cells",
            help='one character of ASCII, such as ";" in quotes, or the word tab',
        )
    currencies = {column: found for column, each in columns.items() if (found := currency_of(table, each)) is not None}
    return Entry(
        index=at,
        declared=entry,
        columns=columns,
        encoding=_as_written("encoding", entry, table),
        delimiter=delimiter,
        header_row=entry.header_row or table.header_row,
        footers=KnownFooters.of(table.footer if entry.footer is None else entry.footer),
        sheet=table.sheet if entry.sheet is None else entry.sheet,
        never_in_totals=tuple(
            header
            for name, column in {**table.columns, **entry.columns}.items()
            for header in column.headers
            if column.type is ColumnType.DATE or name in table.key
        ),
        currencies=currencies,
        dated_by=table.date if asked.get(table.date or "") is ColumnType.DATE else None,
    )


def _as_written(key: str, *holders: SourceFile | Table) -> str | None:
    """What the first of the holders that says it says of its texts, in `csv` or beside it."""
    said = (getattr(each, key, None) for holder in holders for each in (holder, holder.csv))
    return next((value for value in said if value is not None), None)


def files_of(name: str, entries: Sequence[Entry], folder: Path) -> list[tuple[DataFile, Entry]]:
    """Every file with its entry, in the order of names; a file that is read alike by two entries would count twice."""
    files = [(file, entry) for entry in entries for file in find_files(entry.declared.path, folder, name)]
    taken: dict[object, list[Entry]] = {}
    for file, entry in files:
        others = taken.setdefault(file.identity(), [])
        if any(_are_alike(other, entry) for other in others):
            raise data_error(
                "repeated-file",
                f"table {name}: '{file.name}' stands behind two entries of `source`; its rows would count twice",
                help="name each file once",
            )
        others.append(entry)
    return sorted(files, key=lambda each: (each[0].name, each[1].index))


def _are_alike(one: Entry, other: Entry) -> bool:
    return one.declared.columns == other.declared.columns and one.sheet == other.sheet


def named(files: Sequence[tuple[DataFile, Entry]]) -> list[tuple[DataFile, Entry]]:
    """Where several sheets of a workbook are read, each is named with its sheet."""
    sheets: dict[Path, set[str | int | None]] = {}
    for file, entry in files:
        sheets.setdefault(file.path, set()).add(entry.sheet)
    return [
        (replace(file, name=f"{file.name} sheet {entry.sheet}") if len(sheets[file.path]) > 1 else file, entry)
        for file, entry in files
    ]


def refuse_same_sheet(table: str, parts: Sequence[Part]) -> None:
    """A sheet may be named in two ways, and would count twice."""
    taken: list[tuple[Path, str, dict[str, Column]]] = []
    for part in parts:
        if isinstance(part.source, Workbook):
            this = (part.source.path.resolve(), part.source.sheet, part.entry.declared.columns)
            if this in taken:
                raise data_error(
                    "repeated-file",
                    f"table {table}: sheet {part.source.sheet} stands behind two entries of `source`; "
                    "its rows would count twice",
                    help="name each sheet once",
                )
            taken.append(this)


_TEXTS = {".csv": ",", ".tsv": "\t", ".tab": "\t", ".txt": ","}
_PARQUETS = (".parquet", ".pq")
_WORKBOOKS = (".xlsx", ".xlsm")
_OTHER_WORKBOOKS = (".xls", ".xlsb", ".ods", ".numbers")


class Opener(Struct, frozen=True):
    """Opens the files of one table."""

    table: str
    names: tuple[str, ...]
    declared: Sequence[Declared]
    copies: Copies | None
    on_trust: bool

    def part(self, entry: Entry, file: DataFile) -> Part:
        """Opens a file by its ending and finds the headers in it; or, on trust, takes a copy of it."""
        index = self.names.index(file.name)
        ending = Path(file.path.name.lower().removesuffix(".gz")).suffix
        if ending in _PARQUETS:
            parquet = open_parquet(file)
            return Part(entry, index, parquet, find_headers(self.table, parquet, entry.columns))
        if ending not in {*_TEXTS, *_WORKBOOKS} and entry.delimiter is None and file.content is None:
            other = "rename it, or declare its `delimiter` if it is text"
            raise data_error(
                "unknown-format",
                f"table {self.table}: '{file.name}' is no CSV, TSV, Parquet or XLSX file by its name",
                help="open it in Excel and save it as .xlsx" if ending in _OTHER_WORKBOOKS else other,
            )
        uncopied = self._uncopied(entry, file, index, is_workbook=ending in _WORKBOOKS)
        if uncopied is not None and self.on_trust and self.copies is not None:
            copy = self.copies.find(file.path, uncopied.declaration, uncopied.columns)
            if copy is not None:
                return Part(entry, index, copy, {}, copy.aside, is_workbook=ending in _WORKBOOKS)
        opened = self._sheet(entry, file, index) if ending in _WORKBOOKS else self._text(entry, file, index, ending)
        if uncopied is None or (opened.sheet is not None and opened.sheet.is_odd):
            return opened
        return replace(opened, uncopied=replace(uncopied, aside=opened.aside))

    def _text(self, entry: Entry, file: DataFile, index: int, ending: str) -> Part:
        text = open_text(file, entry.encoding)
        whole = open_delimited(text, entry.delimiter or _TEXTS.get(ending, ","), entry.header_row)
        found = find_headers(self.table, whole, entry.columns)
        rows, footer = without_tail(whole, header_places(whole.headers, entry.never_in_totals), entry.footers)
        return Part(entry, index, rows, found, (*footer, *_doubled(whole.headers, whole.header.row)))

    def _sheet(self, entry: Entry, file: DataFile, index: int) -> Part:
        """Opens a workbook, finds the headers in its sheet, and reads the rows below them."""
        opened = open_workbook(file, entry.sheet, entry.header_row)
        source = opened.source
        found = find_headers(self.table, source, entry.columns)
        wanted = {column: (at, entry.columns[column]) for column, at in found.items()}
        cells = opened.read(wanted, header_places(source.headers, entry.never_in_totals), entry.footers)
        return Part(
            entry,
            index,
            source,
            found,
            (*cells.footer, *_doubled(source.headers, source.row)),
            sheet=cells,
            is_workbook=True,
        )

    def _uncopied(self, entry: Entry, file: DataFile, index: int, *, is_workbook: bool) -> Uncopied | None:
        """The file as one of which there may be a copy; None where reading it takes no longer.

        What is odd about sheets is judged over all of a table's workbooks together, which a copy couldn't tell.
        """
        if self.copies is None or not entry.columns or file.content is not None or file.size < SMALLEST:
            return None
        if is_workbook and len(self.names) > 1:
            return None
        declared = self.declared[entry.index]
        version = installed()
        if version is None:
            return None
        reading = [version, *entry.as_text(), declared.calendar, declared.keep]
        return Uncopied(index, file.path, json.dumps(reading), entry.written())


def _doubled(headers: Sequence[str], row: int) -> Iterator[Aside]:
    return (Aside("duplicate-header", row, header) for header in several_times(headers))
