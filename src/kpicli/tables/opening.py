"""From a table's declaration to one typed lazy frame over all its files, and what reading them sees."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import polars as pl

from kpicli.book.model import Column, ColumnType, SourceFile, Table
from kpicli.errors import KpiError
from kpicli.periods import Calendar
from kpicli.tables.cells import DTYPES, Typed, filled, trimmed, typed
from kpicli.tables.dates import Zones
from kpicli.tables.files import DataFile, find_files
from kpicli.tables.headers import find_headers
from kpicli.tables.instants import ORDER, instants
from kpicli.tables.notes import Reading, Seen, SeenColumn, currency_name, is_amount, read_stats, stats, watch
from kpicli.tables.parquet import ParquetFile, adopted, open_parquet, scan_parquet
from kpicli.tables.records import Delimited, open_delimited
from kpicli.tables.scan import FILE, ROW, scan
from kpicli.tables.steps import Steps
from kpicli.tables.text import data_error, open_text


@dataclass(frozen=True, slots=True)
class Opened:
    """A table whose files are found, sound and typed."""

    frame: pl.LazyFrame
    """The asked columns, ROW and FILE; ORDER too where the table keeps the latest by a date."""
    files: tuple[str, ...]
    """As the book names them, sorted."""
    stats: pl.LazyFrame
    """One row: what reading saw. It shares its scan with `frame`: collect both together."""
    seen: Seen
    bytes: int
    """How large the files are together."""

    def read_stats(self, collected: pl.DataFrame) -> Reading:
        """Rows and data notes from the collected `stats`.

        Raises KpiError (data) where more than 5 % of a column's filled cells don't fit its type.
        """
        return read_stats(self.seen, collected)


@dataclass(frozen=True, slots=True)
class _Entry:
    """One entry of `source`, with the asked columns that it has."""

    index: int
    declared: SourceFile
    columns: dict[str, Column]
    encoding: str | None
    delimiter: str | None


@dataclass(frozen=True, slots=True)
class _Part:
    """One file under one entry."""

    entry: _Entry
    file: int
    source: Delimited | ParquetFile
    found: dict[str, int]
    """Where each asked column stands in it."""


@dataclass(frozen=True, slots=True)
class _Cells:
    """One part's cells, still to be typed; kinds say which are text and which are native values."""

    entry: _Entry
    kinds: dict[str, pl.DataType]
    frame: pl.LazyFrame


def open_table(name: str, table: Table, columns: Collection[str], calendar: Calendar, folder: Path) -> Opened:
    """Opens a table's files and types the asked columns.

    Text is trimmed, and blank cells are null; number, money and percent are Decimal(38, 6). Raises KpiError for files
    that are missing or unsound, for headers that are missing or stand twice, and for declarations that can't be right.
    """
    types = table.column_types()
    if unknown := sorted(set(columns) - types.keys()):
        raise ValueError(f"table {name} declares no {', '.join(unknown)}")
    asked = {column: kind for column, kind in types.items() if column in set(columns)}
    keep = table.keep if asked.get(table.keep or "") is ColumnType.DATE else None
    entries = [_entry(name, table, at, asked) for at in range(len(table.source))]
    files = _files(name, entries, folder)
    names = tuple(dict.fromkeys(file.name for file, _ in files))
    parts = [_part(name, entry, file, names.index(file.name)) for file, entry in files]
    runs = [
        (entry, _typed(list(run), entry.columns, asked, calendar, keep))
        for (entry, _), run in groupby(_cells(parts), key=lambda each: (each.entry, each.kinds))
    ]
    order = () if keep is None else (ORDER,)
    frame = _together([run.select(*asked, ROW, FILE, *order) for _, run in runs])
    by_entry = [_together([run for entry, run in runs if entry is each]) for each in entries]
    seen = Seen(name, names, len(entries), tuple(_watched(entries, parts)))
    size = sum(file.path.stat().st_size for file, _ in files)
    return Opened(frame, names, stats(by_entry, seen.columns), seen, size)


def _together(frames: Sequence[pl.LazyFrame]) -> pl.LazyFrame:
    return frames[0] if len(frames) == 1 else pl.concat(frames)


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
    delimiter = entry.delimiter or table.delimiter
    if delimiter is not None and (len(delimiter) != 1 or not delimiter.isascii() or delimiter in '"\r\n'):
        raise KpiError(
            "bad-delimiter",
            f"table {name}: {delimiter!r} can't separate cells",
            help='one character of ASCII, such as ";" in quotes, or the word tab',
        )
    return _Entry(at, entry, columns, entry.encoding or table.encoding, delimiter)


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


def _part(name: str, entry: _Entry, file: DataFile, index: int) -> _Part:
    """Opens a file by its ending and finds the headers in it."""
    ending = Path(file.path.name.lower().removesuffix(".gz")).suffix
    source: Delimited | ParquetFile
    if ending in _PARQUETS:
        source = open_parquet(file)
    elif ending in _TEXTS or entry.delimiter is not None:
        source = open_delimited(open_text(file, entry.encoding), entry.delimiter or _TEXTS[ending])
    else:
        other = "rename it, or declare its `delimiter` if it is text"
        raise data_error(
            "unknown-format",
            f"table {name}: '{file.name}' is no CSV, TSV or Parquet file by its name",
            help="save the sheet as CSV (UTF-8)" if ending in _WORKBOOKS else other,
        )
    return _Part(entry, index, source, find_headers(name, source, entry.columns))


def _cell_name(column: str) -> str:
    return f"{column}:cell"


def _cells(parts: Sequence[_Part]) -> Iterator[_Cells]:
    """The cells of each part, in order; all texts are checked together."""
    texts = [(part.source, part.found) for part in parts if isinstance(part.source, Delimited)]
    scanned = iter(scan([source for source, _ in texts], [list(dict.fromkeys(found.values())) for _, found in texts]))
    for part in parts:
        if isinstance(part.source, Delimited):
            frame = next(scanned)
            cells = {name: pl.col(str(at)) for name, at in part.found.items()}
            kinds: dict[str, pl.DataType] = dict.fromkeys(cells, pl.String())
        else:
            wanted = {name: (at, part.entry.columns[name]) for name, at in part.found.items()}
            frame, kinds = scan_parquet(part.source, wanted)
            cells = {name: pl.col(name) for name in part.found}
        file = pl.lit(part.file, dtype=pl.UInt32).alias(FILE)
        yield _Cells(
            part.entry, kinds, frame.select(ROW, file, **{_cell_name(name): cell for name, cell in cells.items()})
        )


def _typed(
    run: Sequence[_Cells],
    columns: Mapping[str, Column],
    asked: Mapping[str, ColumnType],
    calendar: Calendar,
    keep: str | None,
) -> pl.LazyFrame:
    """The asked columns, ROW, FILE and what `stats` watches, of consecutive files that are read alike."""
    kinds = run[0].kinds
    texts = [name for name, kind in kinds.items() if kind == pl.String]
    steps = Steps()
    values: dict[str, pl.Expr] = {}
    watched: list[pl.Expr] = []
    for name, kind in asked.items():
        if name not in columns:
            values[name] = pl.lit(None, dtype=DTYPES[kind])
            if name == keep:
                values[ORDER] = pl.lit(None, dtype=pl.Datetime("us"))
            continue
        column, cell = columns[name], pl.col(_cell_name(name))
        zones = Zones(column.timezone or calendar.timezone, calendar.timezone)
        if name in texts:
            found = typed(cell, column, zones, steps)
        else:
            found = Typed(adopted(cell, kinds[name], column, zones, steps))
        values[name] = found.value if column.type is ColumnType.TEXT else steps.kept(found.value)
        if column.type is not ColumnType.TEXT:
            watched += watch(cell, values[name], name)
        if name == keep:
            values[ORDER] = pl.when(found.value.is_not_null()).then(instants(cell, kinds[name], column, zones))
        if is_amount(column):
            watched.append(found.currency.alias(currency_name(name)))
    frame = (
        _together([part.frame for part in run])
        .with_columns(trimmed(pl.col(_cell_name(name))) for name in texts)
        .with_columns(filled(pl.col(_cell_name(name)), columns[name]) for name in texts)
    )
    # Polars finds a part that several queries share by itself, but not one within another: hence the cache.
    return steps.added(frame).select(ROW, FILE, *watched, **values).cache()


def _watched(entries: Sequence[_Entry], parts: Sequence[_Part]) -> Iterator[SeenColumn]:
    """The columns whose cells may not fit: all but text."""
    for entry in entries:
        for name, column in entry.columns.items():
            if column.type is not ColumnType.TEXT:
                places = {
                    part.file: (part.source, part.found[name])
                    for part in parts
                    if part.entry is entry and isinstance(part.source, Delimited)
                }
                yield SeenColumn(entry.index, name, column, places)
