"""The records of a delimited text, one by one: slower than Polars, and strict about what it takes.

This is how headers are read, how places are found for errors, and how every file is read that isn't one plain record
a line: cells over several lines, blank rows, quotes in the middle of a cell, lone carriage returns.
"""

from __future__ import annotations

import codecs
import csv
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import accumulate, islice
from typing import NamedTuple

import polars as pl
from msgspec import Struct

from kpicli.errors import KpiError, Place
from kpicli.tables.blanks import hold_something
from kpicli.tables.text import TextFile, changed, data_error

_LONGEST_CELL = 16 << 20
_BATCH = 50_000
_CHUNK = 1 << 18


class Record(NamedTuple):
    """Cells as written, the row as a spreadsheet numbers it, and the lines that hold it."""

    cells: list[str]
    row: int
    line: int
    lines: list[str]

    @property
    def text(self) -> str:
        return self.lines[0].rstrip("\r\n").removeprefix("\ufeff") if self.lines else ""


class Delimited(Struct, frozen=True):
    """A text with a header, below which the rows stand."""

    text: TextFile
    delimiter: str
    header: Record
    begin: int
    """The place of the byte at which the rows begin."""
    above: int | None
    """How many lines stand above the rows; None where Polars can't skip them right: no line feed ends the last one, or
    a byte order mark follows, which it drops."""
    may_have_footer: bool = True
    """Whether the book leaves it open that its last rows are none."""

    @property
    def name(self) -> str:
        return self.text.name

    @property
    def headers(self) -> list[str]:
        return [cell.strip() for cell in self.header.cells]

    def place(self, column: int | None = None) -> Place:
        """The header line, or the header of one column in it."""
        return cell_place(self.name, self.header, self.delimiter, column)


def open_delimited(text: TextFile, delimiter: str, header_row: int | None = None) -> Delimited:
    """Reads the header: the record in this row, or else the first one that has anything in it.

    Raises KpiError (data) for an empty file, for one without such a row, and for what isn't text.
    """
    begin, feeds = text.mark, 0
    record = None
    for record in records(text, delimiter):
        begin += sum(len(line.encode()) for line in record.lines)
        feeds += sum(line.count("\n") for line in record.lines)
        if hold_something(record.cells) if header_row is None else record.row == header_row:
            break
    if record is None or (header_row is None and not hold_something(record.cells)):
        raise data_error("empty-file", f"'{text.name}' is empty", help="export it again: it has no header line")
    if header_row is not None and (record.row < header_row or not hold_something(record.cells)):
        where = f"ends in row {record.row}" if record.row < header_row else "has nothing there"
        raise data_error(
            "no-header-row",
            f"the headers are declared to stand in row {header_row}, and '{text.name}' {where}",
            help="`header_row` is the row that a spreadsheet shows: set it right, or leave it out",
        )
    end = record.lines[-1][-1:]
    with text.stream() as stream:
        stream.seek(begin)
        has_mark = stream.read(len(codecs.BOM_UTF8)) == codecs.BOM_UTF8
    above = None if end == "\r" or has_mark else feeds if end == "\n" else feeds + 1
    return Delimited(text, delimiter, record, begin, above)


def records(text: TextFile, delimiter: str) -> Iterator[Record]:
    """Every record, blank ones too. Raises KpiError (data) with the place of what can't be read."""
    taken: list[str] = []
    reader = csv.reader(_kept(text, taken), delimiter=delimiter, strict=True)
    row = 0
    line = 1
    with _long_cells():
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                raise _broken(text.name, Record([], row + 1, line, taken), delimiter, error) from error
            row += 1
            yield Record(cells, row, line, list(taken))
            line += len(taken)
            taken.clear()


def read_records(source: Delimited, wanted: Sequence[int], row_name: str) -> pl.DataFrame:
    """The wanted columns as text, named by their position, and the number of each row.

    Rows in which no cell holds more than blanks aren't rows. Raises KpiError (data) for short and long rows.
    """
    width = len(source.header.cells)
    names = [str(index) for index in wanted]
    batches = [_frame([], [], wanted, names, row_name)]
    rows: list[int] = []
    kept: list[list[str]] = []
    with _long_cells():
        for row, cells in enumerate(_strictly(source), 1):
            if row <= source.header.row or not hold_something(cells):
                continue
            if len(cells) != width and (len(cells) < width or hold_something(cells[width:])):
                raise ragged(source, row)
            rows.append(row)
            kept.append(cells)
            if len(kept) == _BATCH:
                batches.append(_frame(rows, kept, wanted, names, row_name))
                rows, kept = [], []
    batches.append(_frame(rows, kept, wanted, names, row_name))
    return pl.concat(batches, rechunk=False)


def _frame(
    rows: list[int], kept: list[list[str]], wanted: Sequence[int], names: Sequence[str], row_name: str
) -> pl.DataFrame:
    columns = {
        name: pl.Series([cells[at] for cells in kept], dtype=pl.String) for at, name in zip(wanted, names, strict=True)
    }
    return pl.DataFrame({row_name: pl.Series(rows, dtype=pl.UInt32), **columns})


def count_records(source: Delimited) -> int:
    """How many records the text has, the header and those above it too; as far as it can be read."""
    content = source.text.content
    if isinstance(content, bytes) and b'"' not in content and content.count(b"\r") == content.count(b"\r\n"):
        return source.header.row + content.count(b"\n", source.begin)
    count = 0
    with _long_cells(), suppress(csv.Error, KpiError):  # whoever reads the rows says what is wrong with them
        for _ in csv.reader(source.text.lines(), delimiter=source.delimiter, strict=True):
            count += 1
    return count


def record_at(source: Delimited, row: int) -> Record | None:
    """The record that a spreadsheet shows in this row."""
    return next(islice(records(source.text, source.delimiter), row - 1, None), None)


def ragged(source: Delimited, row: int) -> KpiError:
    """The error for a row with too few or too many cells."""
    found, *others = islice(records(source.text, source.delimiter), row - 1, row + 1)
    width, count = len(source.header.cells), len(found.cells)
    cells = "1 cell" if count == 1 else f"{count} cells"
    message = f"'{source.name}': row {row} has {cells} where the header has {width}"
    if count > width:
        delimiter = "a tab" if source.delimiter == "\t" else f"'{source.delimiter}'"
        return data_error(
            "long-row",
            message,
            place=cell_place(source.name, found, source.delimiter, width),
            help=f"a cell that holds {delimiter} must stand in quotes: export the file again",
        )
    is_amid = any(len(record.cells) == width for record in others)
    if is_amid:
        fix = "delete it if it is a footer, since rows stand below it"
    elif source.may_have_footer:
        fix = "if it is a footer, list its text under `footer`"
    else:
        fix = "if it is a footer, take `footer: none` away"
    return data_error(
        "short-row",
        message,
        place=cell_place(source.name, found, source.delimiter, None),
        help=f"{fix}; otherwise the file is damaged or cut off: export it again",
    )


def _strictly(source: Delimited) -> Iterator[list[str]]:
    """The cells of each record, as fast as they come; what is broken is told by the careful reader."""
    # A look at all bytes first costs less than one at each line.
    lines = _checked(source.text) if _has_controls(source.text) else source.text.lines()
    try:
        yield from csv.reader(lines, delimiter=source.delimiter, strict=True)
    except csv.Error as error:
        for _ in records(source.text, source.delimiter):
            pass
        raise changed(source.name) from error


def _has_controls(text: TextFile) -> bool:
    with text.stream() as stream:
        return any(b"\0" in chunk or b"\x1a" in chunk for chunk in iter(lambda: stream.read(_CHUNK), b""))


def _checked(text: TextFile) -> Iterator[str]:
    for number, line in enumerate(text.lines(), 1):
        if "\0" in line or "\x1a" in line:
            raise _control(text.name, number, line)
        yield line


def _kept(text: TextFile, taken: list[str]) -> Iterator[str]:
    for line in _checked(text):
        taken.append(line)
        yield line


def _control(name: str, number: int, line: str) -> KpiError:
    at = min(place for place in (line.find("\0"), line.find("\x1a")) if place >= 0)
    what = "a NUL character" if line[at] == "\0" else "^Z, an old end-of-file sign"
    return data_error(
        "control-character",
        f"'{name}': line {number} holds {what}",
        place=Place(name, number, at + 1, line.rstrip("\r\n")),
        help="the file is damaged or no text: export it again",
    )


def _broken(name: str, record: Record, delimiter: str, error: csv.Error) -> KpiError:
    """What the reader stopped at: a quote that is never closed, or text after a closed one."""
    if "unexpected end" in str(error) or "field larger" in str(error):
        line, column, text = _open_quote(record, delimiter)
        return data_error(
            "open-quote",
            f"'{name}': the quote that opens in line {line} is never closed",
            place=Place(name, line, column, text),
            help="the file may be cut off: export it again; a quote inside a quoted cell is written twice",
        )
    number = record.line + len(record.lines) - 1
    text = record.lines[-1].rstrip("\r\n")
    return data_error(
        "stray-quote",
        f"'{name}': text follows a closed quote in line {number}",
        place=Place(name, number, 1, text, len(text)),
        help="a quote inside a quoted cell is written twice: export the file again",
    )


def _open_quote(record: Record, delimiter: str) -> tuple[int, int, str]:
    """Line, column and text of the line where the cell starts whose quote stays open."""
    start = next((start for start, end in cell_spans("".join(record.lines), delimiter) if end < 0), 0)
    ends = list(accumulate(len(line) for line in record.lines))
    at = bisect_right(ends, start)
    text = record.lines[at]
    return record.line + at, start - ends[at] + len(text) + 1, text.rstrip("\r\n")


def cell_spans(line: str, delimiter: str) -> Iterator[tuple[int, int]]:
    """Start and end of each cell of one line, quotes included; the end is -1 where a quote stays open."""
    at = 0
    while True:
        end = at
        if line.startswith('"', at):
            end = line.find('"', at + 1)
            while end >= 0 and line.startswith('"', end + 1):
                end = line.find('"', end + 2)
            if end < 0:
                yield at, -1
                return
        stop = line.find(delimiter, end)
        yield at, len(line) if stop < 0 else stop
        if stop < 0:
            return
        at = stop + 1


def cell_place(name: str, record: Record, delimiter: str, column: int | None) -> Place:
    """The place of one cell, or of the whole line where the cell isn't in the record's first line."""
    line = record.text
    spans: Iterable[tuple[int, int]] = () if column is None else islice(cell_spans(line, delimiter), column, column + 1)
    for start, end in spans:
        return Place(name, record.line, start + 1, line, max(1, (len(line) if end < 0 else end) - start))
    return Place(name, record.line, 1, line, max(1, len(line)))


@contextmanager
def _long_cells() -> Iterator[None]:
    """Cells of up to 16 MiB, for mails and notes; the csv module's limit holds for the whole process."""
    before = csv.field_size_limit(_LONGEST_CELL)
    try:
        yield
    finally:
        csv.field_size_limit(before)
