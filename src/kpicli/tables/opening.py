"""From a table's declaration to the files behind it, and from what is collected of them to its typed rows and notes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

import polars as pl

from kpicli.book.model import Column, ColumnType, SourceFile, Table
from kpicli.errors import KpiError
from kpicli.periods import Calendar
from kpicli.scorecard import Note
from kpicli.tables.asides import Aside
from kpicli.tables.files import DataFile, find_files
from kpicli.tables.footers import KnownFooters
from kpicli.tables.headers import find_headers, header_places, several_times
from kpicli.tables.looks import Declared, Look, Looked, cell_name, first_look, is_plain_text
from kpicli.tables.notes import aside_notes, lost_digits, misread, read_notes, sheet_errors
from kpicli.tables.parquet import ParquetFile, open_parquet, scan_parquet
from kpicli.tables.records import Delimited, open_delimited
from kpicli.tables.scan import FILE, ROW, is_bare, scan
from kpicli.tables.sheet_cells import dated_by_type
from kpicli.tables.tails import without_tail
from kpicli.tables.text import data_error, open_text
from kpicli.tables.workbook import SheetCells, TextCells, Workbook, open_workbook


@dataclass(frozen=True, slots=True)
class Reading:
    """A table that was read: its rows that were kept, how many its files have, and the notes about its cells."""

    frame: pl.DataFrame
    """The asked columns, ROW and FILE; ORDER too where the table keeps the latest by a date."""
    rows: int
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class Opened:
    """A table whose files are found, with a first look at them that is still to be collected."""

    table: str
    files: tuple[str, ...]
    """As the book names them, sorted."""
    looks: tuple[Look, ...]
    bytes: int
    """How large the files are together."""
    on_trust: tuple[Delimited, ...]
    """Texts that were taken for bare ones by their beginning."""
    _entries: tuple[_Entry, ...]
    _parts: tuple[_Part, ...]

    def is_sound(self) -> bool:
        """Reads the texts that were taken on trust; False if one isn't what it was taken for."""
        return all(is_bare(source) for source in self.on_trust)

    def read(self, looked: Sequence[Looked]) -> Reading:
        """The table, from its looks.

        Raises KpiError (data) where more than 5 % of a column's filled cells don't fit its type.
        """
        columns = []
        for entry in self._entries:
            own = [each for each in looked if each.look.declared.entry == entry.index]
            for name, column in entry.columns.items():
                if own and not is_plain_text(column):
                    read = [each.columns[name] for each in own]
                    columns.append(misread(name, read, column, self._places(entry, name)))
                if texts := self._texts(entry, name):
                    columns.append(sheet_errors(name, texts, column, self._places(entry, name)))
        aside = {(part.file, each) for part in self._parts for each in part.aside}
        lost = lost_digits(self.files, self._lost())
        notes = (*read_notes(self.table, self.files, columns), *lost, *aside_notes(self.files, aside))
        return Reading(pl.concat([each.frame for each in looked]), sum(each.rows for each in looked), notes)

    def _places(self, entry: _Entry, name: str) -> dict[int, tuple[Delimited | Workbook, int]]:
        """In which text or sheet, and where in it, each file of an entry has a column."""
        return {
            part.file: (part.source, part.found[name])
            for part in self._parts
            if part.entry is entry and not isinstance(part.source, ParquetFile)
        }

    def _texts(self, entry: _Entry, name: str) -> dict[int, TextCells]:
        """By file, what is odd about a column of texts in workbooks."""
        sheets = [(part.file, part.sheet) for part in self._parts if part.entry is entry and part.sheet is not None]
        return {file: sheet.texts[name] for file, sheet in sheets if name in sheet.texts}

    def _lost(self) -> list[tuple[str, int, pl.DataFrame]]:
        """By column and file, the ids that are numbers of too many digits."""
        sheets = [(part.file, part.sheet) for part in self._parts if part.sheet is not None]
        return [(name, file, cells.lost) for file, sheet in sheets for name, cells in sheet.texts.items()]


@dataclass(frozen=True, slots=True)
class _Entry:
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


@dataclass(frozen=True, slots=True)
class _Part:
    """One file under one entry."""

    entry: _Entry
    file: int
    source: Delimited | ParquetFile | Workbook
    found: dict[str, int]
    """Where each asked column stands in it."""
    aside: tuple[Aside, ...] = ()
    """What it holds besides."""
    sheet: SheetCells | None = None
    """What is in a workbook: it is read as a whole."""


@dataclass(frozen=True, slots=True)
class _Cells:
    """One part's cells, still to be typed; kinds say which are text and which are native values."""

    entry: _Entry
    columns: dict[str, Column]
    """As the entry declares them, or as its cells are written."""
    kinds: dict[str, pl.DataType]
    frame: pl.LazyFrame
    on_trust: Delimited | None


def open_table(  # noqa: PLR0913 -- the table, what is asked of it, and all that reading depends on
    name: str, table: Table, columns: Collection[str], calendar: Calendar, folder: Path, *, on_trust: bool = True
) -> Opened:
    """Opens a table's files, to read the asked columns from them.

    `on_trust` takes a text whose beginning is sound for sound: whoever collects the looks then asks `is_sound`.
    Raises KpiError for files that are missing or unsound, for headers that are missing or stand twice, and for
    declarations that can't be right.
    """
    types = table.column_types()
    if unknown := sorted(set(columns) - types.keys()):
        raise ValueError(f"table {name} declares no {', '.join(unknown)}")
    asked = {column: kind for column, kind in types.items() if column in set(columns)}
    keep = table.keep if asked.get(table.keep or "") is ColumnType.DATE else None
    entries = [_entry(name, table, at, asked) for at in range(len(table.source))]
    files = _named(_files(name, entries, folder))
    names = tuple(dict.fromkeys(file.name for file, _ in files))
    parts = [_part(name, entry, file, names.index(file.name)) for file, entry in files]
    _refuse_same_sheet(name, parts)
    cells = list(_cells(parts, on_trust=on_trust and bool(asked)))
    looks = [
        first_look(
            Declared(run[0].entry.index, run[0].columns, asked, calendar.timezone, keep),
            [each.frame for each in run],
            run[0].kinds,
        )
        for run in _runs(cells)
    ]
    trusted = tuple(each.on_trust for each in cells if each.on_trust is not None)
    size = sum(file.size for file, _ in files)
    return Opened(name, names, tuple(looks), size, trusted, tuple(entries), tuple(parts))


def _runs(cells: Iterable[_Cells]) -> Iterator[list[_Cells]]:
    """Consecutive cells that are read alike."""
    for _, run in groupby(cells, key=lambda each: (each.entry.index, each.columns, each.kinds)):
        yield list(run)


def _entry(name: str, table: Table, at: int, asked: Mapping[str, ColumnType]) -> _Entry:
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
    return _Entry(
        index=at,
        declared=entry,
        columns=columns,
        encoding=_as_written("encoding", entry, table),
        delimiter=delimiter,
        header_row=entry.header_row or table.header_row,
        footers=KnownFooters.of(table.footer if entry.footer is None else entry.footer),
        sheet=table.sheet if entry.sheet is None else entry.sheet,
        never_in_totals=tuple(
            column.header
            for name, column in {**table.columns, **entry.columns}.items()
            if column.type is ColumnType.DATE or name in table.key
        ),
    )


def _as_written(key: str, *holders: SourceFile | Table) -> str | None:
    """What the first of the holders that says it says of its texts, in `csv` or beside it."""
    said = (getattr(each, key, None) for holder in holders for each in (holder, holder.csv))
    return next((value for value in said if value is not None), None)


def _files(name: str, entries: Sequence[_Entry], folder: Path) -> list[tuple[DataFile, _Entry]]:
    """Every file with its entry, in the order of names; a file that is read alike by two entries would count twice."""
    files = [(file, entry) for entry in entries for file in find_files(entry.declared.path, folder, name)]
    taken: dict[Path, list[_Entry]] = {}
    for file, entry in files:
        others = taken.setdefault(file.path.resolve(), [])
        if any(_are_alike(other, entry) for other in others):
            raise data_error(
                "repeated-file",
                f"table {name}: '{file.name}' stands behind two entries of `source`; its rows would count twice",
                help="name each file once",
            )
        others.append(entry)
    return sorted(files, key=lambda each: (each[0].name, each[1].index))


def _are_alike(one: _Entry, other: _Entry) -> bool:
    return one.declared.columns == other.declared.columns and one.sheet == other.sheet


def _named(files: Sequence[tuple[DataFile, _Entry]]) -> list[tuple[DataFile, _Entry]]:
    """Where several sheets of a workbook are read, each is named with its sheet."""
    sheets: dict[Path, set[str | int | None]] = {}
    for file, entry in files:
        sheets.setdefault(file.path, set()).add(entry.sheet)
    return [
        (replace(file, name=f"{file.name} sheet {entry.sheet}") if len(sheets[file.path]) > 1 else file, entry)
        for file, entry in files
    ]


def _refuse_same_sheet(table: str, parts: Sequence[_Part]) -> None:
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


def _part(name: str, entry: _Entry, file: DataFile, index: int) -> _Part:
    """Opens a file by its ending and finds the headers in it."""
    ending = Path(file.path.name.lower().removesuffix(".gz")).suffix
    if ending in _PARQUETS:
        source = open_parquet(file)
        return _Part(entry, index, source, find_headers(name, source, entry.columns))
    if ending in _WORKBOOKS:
        return _sheet_part(name, entry, file, index)
    if ending not in _TEXTS and entry.delimiter is None and file.content is None:
        other = "rename it, or declare its `delimiter` if it is text"
        raise data_error(
            "unknown-format",
            f"table {name}: '{file.name}' is no CSV, TSV, Parquet or XLSX file by its name",
            help="open it in Excel and save it as .xlsx" if ending in _OTHER_WORKBOOKS else other,
        )
    text = open_text(file, entry.encoding)
    whole = open_delimited(text, entry.delimiter or _TEXTS.get(ending, ","), entry.header_row)
    found = find_headers(name, whole, entry.columns)
    rows, footer = without_tail(whole, header_places(whole.headers, entry.never_in_totals), entry.footers)
    return _Part(entry, index, rows, found, (*footer, *_doubled(whole.headers, whole.header.row)))


def _sheet_part(name: str, entry: _Entry, file: DataFile, index: int) -> _Part:
    """Opens a workbook, finds the headers in its sheet, and reads the rows below them."""
    opened = open_workbook(file, entry.sheet, entry.header_row)
    source = opened.source
    found = find_headers(name, source, entry.columns)
    wanted = {column: (at, entry.columns[column]) for column, at in found.items()}
    cells = opened.read(wanted, header_places(source.headers, entry.never_in_totals), entry.footers)
    return _Part(entry, index, source, found, (*cells.footer, *_doubled(source.headers, source.row)), cells)


def _doubled(headers: Sequence[str], row: int) -> Iterator[Aside]:
    return (Aside("duplicate-header", row, header) for header in several_times(headers))


def _cells(parts: Sequence[_Part], *, on_trust: bool) -> Iterator[_Cells]:
    """The cells of each part, in order; all texts are checked together."""
    texts = [(part.source, part.found) for part in parts if isinstance(part.source, Delimited)]
    wanted = [list(dict.fromkeys(found.values())) for _, found in texts]
    scanned = iter(scan([source for source, _ in texts], wanted, on_trust=on_trust))
    for part in parts:
        trusted, declared = None, part.entry.columns
        if isinstance(part.source, Delimited):
            text = next(scanned)
            frame = text.frame
            trusted = part.source if text.on_trust else None
            cells = {name: pl.col(str(at)) for name, at in part.found.items()}
            kinds: dict[str, pl.DataType] = dict.fromkeys(cells, pl.String())
        elif isinstance(part.source, Workbook):
            assert part.sheet is not None
            frame = part.sheet.frame.lazy()
            cells = {name: pl.col(name) for name in part.found}
            kinds = dict.fromkeys(cells, pl.String())
            declared = {name: dated_by_type(column) for name, column in declared.items()}
        else:
            columns = {name: (at, part.entry.columns[name]) for name, at in part.found.items()}
            frame, kinds = scan_parquet(part.source, columns)
            cells = {name: pl.col(name) for name in part.found}
        file = pl.lit(part.file, dtype=pl.UInt32).alias(FILE)
        frame = frame.select(ROW, file, **{cell_name(name): cell for name, cell in cells.items()})
        yield _Cells(part.entry, declared, kinds, frame, trusted)
