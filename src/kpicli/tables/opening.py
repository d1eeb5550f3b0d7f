"""From a table's declaration to the files behind it, and from what is collected of them to its typed rows and notes."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

import polars as pl

from kpicli.book.model import Column, ColumnType, SourceFile, Table
from kpicli.book.money import currency_of
from kpicli.errors import KpiError
from kpicli.periods import Calendar
from kpicli.scorecard import Note
from kpicli.tables.asides import Aside
from kpicli.tables.copies import SMALLEST, Copies, Copy, Draft, reader_version, scan_copy
from kpicli.tables.exchange import NOTHING, Amounts, Exchange, converted
from kpicli.tables.files import DataFile, find_files
from kpicli.tables.footers import KnownFooters
from kpicli.tables.headers import find_headers, header_places, several_times
from kpicli.tables.looks import CopiedLook, Declared, Look, Looked, cell_name, first_look, is_plain_text
from kpicli.tables.notes import aside_notes, misread, read_notes
from kpicli.tables.parquet import ParquetFile, open_parquet, scan_parquet
from kpicli.tables.records import Delimited, open_delimited
from kpicli.tables.scan import FILE, ROW, is_bare, scan
from kpicli.tables.tails import without_tail
from kpicli.tables.text import data_error, open_text


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
    uncopied: Mapping[int, Uncopied]
    """By the place in `looks`: the files of which a copy may be kept."""
    bytes: int
    """How large the files are together."""
    on_trust: tuple[Delimited, ...]
    """Texts that were taken for bare ones by their beginning."""
    copies: tuple[Copy, ...]
    """What is read in the place of the files that they are of."""
    _entries: tuple[_Entry, ...]
    _parts: tuple[_Part, ...]
    _exchange: Exchange

    def is_sound(self) -> bool:
        """Reads the texts that were taken on trust, and the copies; False if one isn't what it was taken for."""
        return all(is_bare(source) for source in self.on_trust) and all(copy.is_sound() for copy in self.copies)

    def read(self, looked: Sequence[Looked]) -> Reading:
        """The table, from its looks.

        Raises KpiError (data) where more than 5 % of a column's filled cells don't fit its type, and where it isn't
        told in which currency an amount is, or what that is worth.
        """
        columns = []
        for entry in self._entries:
            own = [each for each in looked if each.look.declared.entry == entry.index]
            for name, column in entry.columns.items():
                if own and not is_plain_text(column):
                    read = [each.columns[name] for each in own]
                    places = self._places(entry, name)
                    columns.append(misread(name, read, column, places, has_currency=name in entry.currencies))
        notes = read_notes(self.table, self.files, columns, self._exchange.currency)
        aside = {(part.file, each) for part in self._parts for each in part.aside}
        entries = [self._entries[each.look.declared.entry] for each in looked]
        amounts = [Amounts(each, own.currencies, own.dated_by) for each, own in zip(looked, entries, strict=True)]
        frames, unpriced = converted(self.table, self.files, amounts, self._exchange)
        all_notes = (*notes, *aside_notes(self.files, aside), *unpriced)
        return Reading(pl.concat(frames), sum(each.rows for each in looked), all_notes)

    def _places(self, entry: _Entry, name: str) -> dict[int, tuple[Delimited, int]]:
        """In which text, and where in it, each file of an entry has a column."""
        return {
            part.file: (part.source, part.found[name])
            for part in self._parts
            if part.entry is entry and name in part.found and isinstance(part.source, Delimited)
        }


@dataclass(frozen=True, slots=True)
class Uncopied:
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
    currencies: dict[str, str]
    """For amounts that may be in another currency than the book's: the column that tells it, or the code of all."""
    dated_by: str | None
    """The column with the day of each row, if it is one."""

    def as_text(self) -> list[object]:
        """All that says how its files are taken apart."""
        known = None if self.footers is None else [pattern.pattern for pattern in self.footers.declared]
        return [self.encoding, self.delimiter, self.header_row, known, self.never_in_totals]

    def written(self) -> dict[str, str]:
        """How each of its columns is declared, as a text."""
        return {name: column.model_dump_json() for name, column in self.columns.items()}


@dataclass(frozen=True, slots=True)
class _Part:
    """One file under one entry."""

    entry: _Entry
    file: int
    source: Delimited | ParquetFile | Copy
    found: dict[str, int]
    """Where each asked column stands in it, but for an optional one that it lacks; of a copy they have their names."""
    aside: tuple[Aside, ...] = ()
    """What it holds besides."""
    uncopied: Uncopied | None = None


@dataclass(frozen=True, slots=True)
class _Cells:
    """One part's cells, still to be typed; kinds say which are text and which are native values."""

    entry: _Entry
    kinds: dict[str, pl.DataType]
    frame: pl.LazyFrame
    on_trust: Delimited | None
    part: _Part

    @property
    def alike(self) -> tuple[object, ...]:
        """What neighbours share that are read with one look; a copy is of one file."""
        alone = self.part.file if self.part.uncopied or isinstance(self.part.source, Copy) else None
        return self.entry.index, self.kinds, alone


def open_table(  # noqa: PLR0913, PLR0917 -- the table, what is asked of it, and all that reading depends on
    name: str,
    table: Table,
    columns: Collection[str],
    calendar: Calendar,
    folder: Path,
    exchange: Exchange = NOTHING,
    *,
    on_trust: bool = True,
    copies: Copies | None = None,
) -> Opened:
    """Opens a table's files, or copies of them, to read the asked columns, and with amounts what says their currency.

    `on_trust` takes a text whose beginning is sound for sound, and a copy for right: whoever collects the looks then
    asks `is_sound`. `copies` are also those that a copy may be added to.
    Raises KpiError for files that are missing or unsound, for headers that are missing or stand twice, and for
    declarations that can't be right.
    """
    types = table.column_types()
    if unknown := sorted(set(columns) - types.keys()):
        raise ValueError(f"table {name} declares no {', '.join(unknown)}")
    asked = {column: kind for column, kind in types.items() if column in set(columns)}
    keep = table.keep if asked.get(table.keep or "") is ColumnType.DATE else None
    entries = [_entry(name, table, at, asked) for at in range(len(table.source))]
    declared = [Declared(entry.index, entry.columns, asked, calendar.timezone, keep) for entry in entries]
    files = _files(name, entries, folder)
    names = tuple(dict.fromkeys(file.name for file, _ in files))
    size = sum(file.path.stat().st_size for file, _ in files)
    opener = _Opener(name, names, declared, copies if asked and size >= SMALLEST else None, on_trust)
    parts = [opener.part(entry, file) for file, entry in files]
    cells = list(_cells(parts, on_trust=on_trust and bool(asked)))
    runs = [list(run) for _, run in groupby(cells, key=lambda each: each.alike)]
    return Opened(
        table=name,
        files=names,
        looks=tuple(_look(declared[run[0].entry.index], run) for run in runs),
        uncopied={at: run[0].part.uncopied for at, run in enumerate(runs) if run[0].part.uncopied is not None},
        bytes=size,
        on_trust=tuple(each.on_trust for each in cells if each.on_trust is not None),
        copies=tuple(part.source for part in parts if isinstance(part.source, Copy)),
        _entries=tuple(entries),
        _parts=tuple(parts),
        _exchange=exchange,
    )


def _look(declared: Declared, cells: Sequence[_Cells]) -> Look:
    """The first look at cells that are read alike."""
    first = cells[0]
    if isinstance(copy := first.part.source, Copy):
        return CopiedLook.of(declared, first.frame, first.part.file, copy.known)
    return first_look(declared, [each.frame for each in cells], first.kinds)


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
    currencies = {column: found for column, each in columns.items() if (found := currency_of(table, each)) is not None}
    return _Entry(
        index=at,
        declared=entry,
        columns=columns,
        encoding=_as_written("encoding", entry, table),
        delimiter=delimiter,
        header_row=entry.header_row or table.header_row,
        footers=KnownFooters.of(table.footer if entry.footer is None else entry.footer),
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


def _files(name: str, entries: Sequence[_Entry], folder: Path) -> list[tuple[DataFile, _Entry]]:
    """Every file with its entry, in the order of names; a file that is read alike by two entries would count twice."""
    files = [(file, entry) for entry in entries for file in find_files(entry.declared.path, folder, name)]
    taken: dict[Path, list[_Entry]] = {}
    for file, entry in files:
        others = taken.setdefault(file.path.resolve(), [])
        if any(other.declared.columns == entry.declared.columns for other in others):
            raise data_error(
                "repeated-file",
                f"table {name}: '{file.name}' stands behind two entries of `source`; its rows would count twice",
                help="name each file once",
            )
        others.append(entry)
    return sorted(files, key=lambda each: (each[0].name, each[1].index))


_TEXTS = {".csv": ",", ".tsv": "\t", ".tab": "\t", ".txt": ","}
_PARQUETS = (".parquet", ".pq")
_WORKBOOKS = (".xlsx", ".xls", ".xlsm", ".xlsb", ".ods")


@dataclass(frozen=True, slots=True)
class _Opener:
    """Opens the files of one table."""

    table: str
    names: tuple[str, ...]
    declared: Sequence[Declared]
    copies: Copies | None
    on_trust: bool

    def part(self, entry: _Entry, file: DataFile) -> _Part:
        """Opens a file by its ending and finds the headers in it; or, on trust, takes a copy of it."""
        index = self.names.index(file.name)
        ending = Path(file.path.name.lower().removesuffix(".gz")).suffix
        if ending in _PARQUETS:
            parquet = open_parquet(file)
            return _Part(entry, index, parquet, find_headers(self.table, parquet, entry.columns))
        if ending not in _TEXTS and entry.delimiter is None:
            other = "rename it, or declare its `delimiter` if it is text"
            raise data_error(
                "unknown-format",
                f"table {self.table}: '{file.name}' is no CSV, TSV or Parquet file by its name",
                help="save the sheet as CSV (UTF-8)" if ending in _WORKBOOKS else other,
            )
        uncopied = None
        if self.copies is not None and entry.columns and file.path.stat().st_size >= SMALLEST:
            declared = self.declared[entry.index]
            reading = [reader_version(), *entry.as_text(), declared.calendar, declared.keep]
            uncopied = Uncopied(index, file.path, json.dumps(reading), entry.written())
            if self.on_trust and (copy := self.copies.find(file.path, uncopied.declaration, uncopied.columns)):
                return _Part(entry, index, copy, {}, copy.aside)
        text = open_text(file, entry.encoding)
        whole = open_delimited(text, entry.delimiter or _TEXTS[ending], entry.header_row)
        found = find_headers(self.table, whole, entry.columns)
        rows, footer = without_tail(whole, header_places(whole.headers, entry.never_in_totals), entry.footers)
        doubled = (Aside("duplicate-header", whole.header.row, header) for header in several_times(whole.headers))
        aside = (*footer, *doubled)
        return _Part(entry, index, rows, found, aside, uncopied and replace(uncopied, aside=aside))


def _cells(parts: Sequence[_Part], *, on_trust: bool) -> Iterator[_Cells]:
    """The cells of each part, in order; all texts are checked together."""
    texts = [(part.source, part.found) for part in parts if isinstance(part.source, Delimited)]
    wanted = [list(dict.fromkeys(found.values())) for _, found in texts]
    scanned = iter(scan([source for source, _ in texts], wanted, on_trust=on_trust))
    kinds: dict[str, pl.DataType]
    for part in parts:
        trusted = None
        if isinstance(part.source, Copy):
            kinds = dict.fromkeys(part.entry.columns, pl.String())
            yield _Cells(part.entry, kinds, scan_copy(part.source.path), None, part)
            continue
        if isinstance(part.source, Delimited):
            text = next(scanned)
            frame = text.frame
            trusted = part.source if text.on_trust else None
            cells = {name: pl.col(str(at)) for name, at in part.found.items()}
            kinds = dict.fromkeys(cells, pl.String())
        else:
            columns = {name: (at, part.entry.columns[name]) for name, at in part.found.items()}
            frame, kinds = scan_parquet(part.source, columns)
            cells = {name: pl.col(name) for name in part.found}
        for name in part.entry.columns:
            if name not in cells:
                cells[name], kinds[name] = pl.lit(None, dtype=pl.String), pl.String()
        file = pl.lit(part.file, dtype=pl.UInt32).alias(FILE)
        frame = frame.select(ROW, file, **{cell_name(name): cell for name, cell in cells.items()})
        yield _Cells(part.entry, kinds, frame, trusted, part)
