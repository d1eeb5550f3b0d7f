"""From a table's declaration to a first look at its files, and from what is collected of that to its typed rows."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path

import polars as pl
from msgspec import Struct
from msgspec.structs import replace

from kpicli.book.model import Column, ColumnType, Table
from kpicli.periods import Calendar
from kpicli.scorecard import Note
from kpicli.tables.copies import Copies, Copy, scan_copy
from kpicli.tables.exchange import NOTHING, Amounts, Exchange, converted
from kpicli.tables.looks import CopiedLook, Declared, Look, Looked, cell_name, first_look, is_plain_text
from kpicli.tables.notes import aside_notes, lost_digits, misread, read_notes, sheet_errors
from kpicli.tables.parquet import scan_parquet
from kpicli.tables.parts import Entry, Opener, Part, Uncopied, entry_of, files_of, named, refuse_same_sheet
from kpicli.tables.records import Delimited
from kpicli.tables.scan import FILE, ROW, is_bare, scan
from kpicli.tables.workbook import TextCells, Workbook


class Reading(Struct, frozen=True):
    """A table that was read: its rows that were kept, how many its files have, and the notes about its cells."""

    frame: pl.DataFrame
    """The asked columns, ROW and FILE; ORDER too where the table keeps the latest by a date."""
    rows: int
    notes: tuple[Note, ...]


class Opened(Struct, frozen=True):
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
    _entries: tuple[Entry, ...]
    _parts: tuple[Part, ...]
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
                if texts := self._texts(entry, name):
                    columns.append(sheet_errors(name, texts, column, self._places(entry, name)))
        notes = read_notes(self.table, self.files, columns, self._exchange.currency)
        aside = {(part.file, each) for part in self._parts for each in part.aside}
        entries = [self._entries[each.look.declared.entry] for each in looked]
        amounts = [Amounts(each, own.currencies, own.dated_by) for each, own in zip(looked, entries, strict=True)]
        frames, unpriced = converted(self.table, self.files, amounts, self._exchange)
        lost = lost_digits(self.files, self._lost())
        all_notes = (*notes, *lost, *aside_notes(self.files, aside), *unpriced)
        return Reading(pl.concat(frames), sum(each.rows for each in looked), all_notes)

    def _places(self, entry: Entry, name: str) -> dict[int, tuple[Delimited | Workbook, int]]:
        """In which text or sheet, and where in it, each file of an entry has a column."""
        return {
            part.file: (part.source, part.found[name])
            for part in self._parts
            if part.entry is entry and name in part.found and isinstance(part.source, Delimited | Workbook)
        }

    def _texts(self, entry: Entry, name: str) -> dict[int, TextCells]:
        """By file, what is odd about a column of texts in workbooks."""
        sheets = [(part.file, part.sheet) for part in self._parts if part.entry is entry and part.sheet is not None]
        return {file: sheet.texts[name] for file, sheet in sheets if name in sheet.texts}

    def _lost(self) -> list[tuple[str, int, pl.DataFrame]]:
        """By column and file, the ids that are numbers of too many digits."""
        sheets = [(part.file, part.sheet) for part in self._parts if part.sheet is not None]
        return [(name, file, cells.lost) for file, sheet in sheets for name, cells in sheet.texts.items()]


class _Cells(Struct, frozen=True):
    """One part's cells, still to be typed; kinds say which are text and which are native values."""

    entry: Entry
    columns: dict[str, Column]
    """As the entry declares them, or as its cells are written."""
    kinds: dict[str, pl.DataType]
    frame: pl.LazyFrame
    on_trust: Delimited | None
    part: Part

    @property
    def alike(self) -> tuple[object, ...]:
        """What neighbours share that are read with one look; a copy is of one file."""
        alone = self.part.file if self.part.uncopied or isinstance(self.part.source, Copy) else None
        return self.entry.index, self.columns, self.kinds, alone


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
    entries = [entry_of(name, table, at, asked) for at in range(len(table.source))]
    declared = [Declared(entry.index, entry.columns, asked, calendar.timezone, keep) for entry in entries]
    files = named(files_of(name, entries, folder))
    names = tuple(dict.fromkeys(file.name for file, _ in files))
    size = sum(file.size for file, _ in files)
    opener = Opener(name, names, declared, copies if asked else None, on_trust)
    parts = [opener.part(entry, file) for file, entry in files]
    refuse_same_sheet(name, parts)
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
    declared = replace(declared, columns=first.columns)
    if isinstance(copy := first.part.source, Copy):
        return CopiedLook.of(declared, first.frame, first.part.file, copy.known)
    return first_look(declared, [each.frame for each in cells], first.kinds)


def _cells(parts: Sequence[Part], *, on_trust: bool) -> Iterator[_Cells]:
    """The cells of each part, in order; all texts are checked together."""
    texts = [(part.source, part.found) for part in parts if isinstance(part.source, Delimited)]
    wanted = [list(dict.fromkeys(found.values())) for _, found in texts]
    scanned = iter(scan([source for source, _ in texts], wanted, on_trust=on_trust))
    kinds: dict[str, pl.DataType]
    for part in parts:
        trusted, declared = None, part.columns
        if isinstance(part.source, Copy):
            kinds = dict.fromkeys(declared, pl.String())
            yield _Cells(part.entry, declared, kinds, scan_copy(part.source.path), None, part)
            continue
        if isinstance(part.source, Delimited):
            text = next(scanned)
            frame = text.frame
            trusted = part.source if text.on_trust else None
            cells = {name: pl.col(str(at)) for name, at in part.found.items()}
            kinds = dict.fromkeys(cells, pl.String())
        elif isinstance(part.source, Workbook):
            assert part.sheet is not None
            frame = part.sheet.frame.lazy()
            cells = {name: pl.col(name) for name in part.found}
            kinds = dict.fromkeys(cells, pl.String())
        else:
            columns = {name: (at, part.entry.columns[name]) for name, at in part.found.items()}
            frame, kinds = scan_parquet(part.source, columns)
            cells = {name: pl.col(name) for name in part.found}
        for name in part.entry.columns:
            if name not in cells:
                cells[name], kinds[name] = pl.lit(None, dtype=pl.String), pl.String()
        file = pl.lit(part.file, dtype=pl.UInt32).alias(FILE)
        # In one order, whatever a file lacks: files that are read alike are put one below the other.
        frame = frame.select(ROW, file, **{cell_name(name): cells[name] for name in part.entry.columns})
        yield _Cells(part.entry, declared, kinds, frame, trusted, part)
