"""Which of a file's headers each declared column means."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence

from kpicli.book.model import Column
from kpicli.errors import KpiError, Mistakes, Place, did_you_mean
from kpicli.tables.parquet import ParquetFile
from kpicli.tables.records import Delimited
from kpicli.tables.text import data_error

_DELIMITERS = (",", ";", "\t", "|")


def find_headers(table: str, source: Delimited | ParquetFile, columns: Mapping[str, Column]) -> dict[str, int]:
    """The position of each column's header: an exact match, or else the only one that differs in case or blanks.

    Of several spellings the first that the file has counts. Optional columns that it lacks are left out.
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
        raise _wrong_delimiter(source, columns) or (errors[0] if len(errors) == 1 else Mistakes(errors))
    return found


def _first(spellings: Sequence[str], headers: Sequence[str]) -> tuple[str, list[int]]:
    """The first spelling that a file has, and where it stands."""
    found = ((spelling, _matches(spelling, headers)) for spelling in spellings)
    return next((each for each in found if each[1]), (spellings[0], []))


def _matches(wanted: str, headers: Sequence[str]) -> list[int]:
    exact = [at for at, header in enumerate(headers) if header == wanted.strip()]
    return exact or [at for at, header in enumerate(headers) if _folded(header) == _folded(wanted)]


def _folded(header: str) -> str:
    return " ".join(header.split()).casefold()


def _place(source: Delimited | ParquetFile, at: int | None) -> Place | None:
    return source.place(at) if isinstance(source, Delimited) else None


def _several(table: str, source: Delimited | ParquetFile, name: str, header: str, matches: Sequence[int]) -> KpiError:
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


def _missing(table: str, source: Delimited | ParquetFile, name: str, spellings: Sequence[str]) -> KpiError:
    known = [each for each in source.headers if each]
    nearest = [near for header in spellings if (near := did_you_mean(header, known)) is not None]
    near = next((each for each in nearest if each.startswith("did")), nearest[0] if nearest else None)
    fix = "export the file with it, or declare the column under the sources that have it"
    if len(spellings) > 1:
        fix = "export the file with it, or declare under `columns` what it is called there"
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


def _wrong_delimiter(source: Delimited | ParquetFile, columns: Mapping[str, Column]) -> KpiError | None:
    """The error for a header line that another delimiter takes apart better."""
    if not isinstance(source, Delimited):
        return None

    def known(headers: Sequence[str]) -> int:
        return sum(bool(_first(column.headers, headers)[1]) for column in columns.values())

    def split(delimiter: str) -> list[str]:
        return [cell.strip() for cell in next(csv.reader([source.header.text], delimiter=delimiter), [])]

    best = max(_DELIMITERS, key=lambda delimiter: known(split(delimiter)))
    if known(split(best)) <= known(source.headers):
        return None
    shown = "a tab" if best == "\t" else f"'{best}'"
    read = "a tab" if source.delimiter == "\t" else f"'{source.delimiter}'"
    written = "tab" if best == "\t" else f'"{best}"'
    return data_error(
        "wrong-delimiter",
        f"'{source.name}' is separated by {shown}, not by {read}",
        place=source.place(),
        help=f"declare `delimiter: {written}` on the table or its source",
    )
