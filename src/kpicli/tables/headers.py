"""Which of a file's headers each declared column means."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from unicodedata import normalize

from kpicli.book.model import Column
from kpicli.errors import KpiError, Mistakes, Place, did_you_mean
from kpicli.tables.parquet import ParquetFile
from kpicli.tables.records import Delimited, cell_place, records
from kpicli.tables.text import data_error
from kpicli.tables.workbook import Workbook

_DELIMITERS = (",", ";", "\t", "|")


def find_headers(
    table: str, source: Delimited | ParquetFile | Workbook, columns: Mapping[str, Column]
) -> dict[str, int]:
    """The position of each column's header: an exact match, or else the only one that differs in case or blanks.

    Of several spellings the first that the file has counts. Where it has none, a header may be that has a `*` beside
    it, as those of cells have that must be filled. Optional columns that the file lacks are left out.

    Raises KpiError (data) for headers that are missing or that several columns of the file share.
    """
    found = {}
    errors = []
    for name, column in columns.items():
        header, matches = _first(column.headers, source.headers)
        if len(matches) == 1:
            found[name] = matches[0]
        elif matches:
            errors.append(_several(table, source, name, header, matches))
        elif not column.optional:
            errors.append(_missing(table, source, name, column.headers))
    if errors:
        raise _misread_header(source, [column.headers for column in columns.values()]) or (
            errors[0] if len(errors) == 1 else Mistakes(errors)
        )
    return found


def _first(spellings: Sequence[str], headers: Sequence[str]) -> tuple[str, list[int]]:
    """The first spelling that a file has, and where it stands."""
    found = ((spelling, _matches(spelling, headers)) for spelling in spellings)
    return next((each for each in found if each[1]), (spellings[0], []))


def header_places(headers: Sequence[str], wanted: Collection[str]) -> frozenset[int]:
    """Where any of the wanted headers stand, however often each does."""
    return frozenset(at for each in wanted for at in _matches(each, headers))


def several_times(headers: Sequence[str]) -> list[str]:
    """The headers that stand more than once, each once."""
    return [header for header, times in Counter(headers).items() if header and times > 1]


def _matches(wanted: str, headers: Sequence[str]) -> list[int]:
    for alike in (str.strip, folded, starless):
        if found := [at for at, header in enumerate(headers) if alike(header) == alike(wanted)]:
            return found
    return []


_INVISIBLE = re.compile("[\ufeff\u200b\u200e\u200f]")
"""Byte order marks and the like."""


def folded(header: str) -> str:
    """However letters with accents are put together, and whatever their case."""
    return normalize("NFC", " ".join(_INVISIBLE.sub("", header).split())).casefold()


def starless(header: str) -> str:
    """Without the star by which forms mark what must be filled."""
    return folded(header).strip("* ")


def _place(source: Delimited | ParquetFile | Workbook, at: int | None) -> Place | None:
    return None if isinstance(source, ParquetFile) else source.place(at)


def _several(
    table: str, source: Delimited | ParquetFile | Workbook, name: str, header: str, matches: Sequence[int]
) -> KpiError:
    alike = [source.headers[at] for at in matches]
    if set(alike) == {header.strip()}:
        times = "twice" if len(matches) == 2 else f"{len(matches)} times"
        message = f"'{source.name}' has the header '{header}' {times} (column {name} of table {table})"
    else:
        listed = ", ".join(f"'{each}'" for each in alike)
        message = f"'{source.name}' has several headers like '{header}': {listed} (column {name} of table {table})"
    return data_error(
        "duplicate-header",
        message,
        place=_place(source, matches[1]),
        help="rename one of them in the export, so that it is clear which one is meant",
    )


def _missing(table: str, source: Delimited | ParquetFile | Workbook, name: str, spellings: Sequence[str]) -> KpiError:
    known = [each for each in source.headers if each]
    nearest = [near for header in spellings if (near := did_you_mean(header, known)) is not None]
    near = next((each for each in nearest if each.startswith("did")), nearest[0] if nearest else None)
    fix = "export the file with it, or declare the column under the sources that have it"
    if len(spellings) > 1:
        fix = (
            "export the file with it, or declare under `columns` what it is called there; or replace what reads it, "
            "such as a preset's field (`fields: {won: stage = 'Won'}`) or date (`date: none`)"
        )
    if near is not None:
        fix = f"{near} Otherwise {fix}" if near.startswith("did") else f"{fix}; {near}"
    return data_error(
        "missing-header",
        f"'{source.name}' has no header {_alternatives(spellings)} (column {name} of table {table})",
        place=_place(source, None),
        help=fix,
    )


def _alternatives(spellings: Sequence[str]) -> str:
    *others, last = (f"'{spelling}'" for spelling in spellings)
    return f"{', '.join(others)} or {last}" if others else last


def _misread_header(source: Delimited | ParquetFile | Workbook, declared: Sequence[Sequence[str]]) -> KpiError | None:
    """The error for a header line that another delimiter takes apart better, or that isn't the header line."""
    match source:
        case Delimited():
            return (
                _told_delimiter(source)
                or _wrong_delimiter(source, declared)
                or _wrong_row(source, source.header.row, declared)
            )
        case Workbook():
            return _wrong_row(source, source.row, declared)
        case _:
            return None


def _known(declared: Sequence[Sequence[str]], headers: Sequence[str]) -> int:
    return sum(bool(_first(spellings, headers)[1]) for spellings in declared)


def _told_delimiter(source: Delimited) -> KpiError | None:
    """The error for a line above the headers that tells Excel by what cells are separated."""
    told = re.fullmatch(r'"?sep=(.)"?[,;|\t]*', source.header.text.strip("\r\n"), re.IGNORECASE)
    if told is None or told[1] == source.delimiter:
        return None
    help_ = f"declare {_declared(told[1])} and `header_row: {source.header.row + 1}` on the table or its source"
    return _separated_by(told[1], source, help_)


def _declared(delimiter: str) -> str:
    return "`delimiter: tab`" if delimiter == "\t" else f'`delimiter: "{delimiter}"`'


def _separated_by(delimiter: str, source: Delimited, help_: str) -> KpiError:
    shown, read = ("a tab" if each == "\t" else f"'{each}'" for each in (delimiter, source.delimiter))
    message = f"'{source.name}' is separated by {shown}, not by {read}"
    return data_error("wrong-delimiter", message, place=source.place(), help=help_)


def _wrong_delimiter(source: Delimited, declared: Sequence[Sequence[str]]) -> KpiError | None:
    def split(delimiter: str) -> list[str]:
        return [cell.strip() for cell in next(csv.reader([source.header.text], delimiter=delimiter), [])]

    best = max(_DELIMITERS, key=lambda delimiter: _known(declared, split(delimiter)))
    if _known(declared, split(best)) <= _known(declared, source.headers):
        return None
    return _separated_by(best, source, f"declare {_declared(best)} on the table or its source")


_FIRST_ROWS = 50
"""How far down a header is looked for."""


def _wrong_row(source: Delimited | Workbook, row: int, declared: Sequence[Sequence[str]]) -> KpiError | None:
    """The error for a file in which something else stands above the headers."""
    best: tuple[int, Place] | None = None
    most = _known(declared, source.headers)
    with suppress(KpiError):  # what is wrong further down is for whoever reads the rows
        for found, cells in _first_rows(source):
            known = _known(declared, [cell.strip() for cell in cells])
            if known > most:
                best, most = found, known
    if best is None or most * 2 < len(declared):
        return None
    number, place = best
    return data_error(
        "wrong-header-row",
        f"'{source.name}' has its headers in row {number}, not in row {row}",
        place=place,
        help=f"declare `header_row: {number}` on the table or its source",
    )


def _first_rows(source: Delimited | Workbook) -> Iterator[tuple[tuple[int, Place], Sequence[str]]]:
    """Number, place and cells of a file's first rows."""
    if isinstance(source, Workbook):
        for number, cells in source.first_rows(_FIRST_ROWS):
            yield (number, source.row_place(number, cells)), cells
        return
    for record in islice(records(source.text, source.delimiter), _FIRST_ROWS):
        yield (record.row, cell_place(source.name, record, source.delimiter, None)), record.cells
