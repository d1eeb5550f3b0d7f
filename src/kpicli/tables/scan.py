"""Delimited texts as lazy frames of text cells, their structure proven before any cell is trusted.

Polars fills short rows with blanks, takes NUL characters, and loses records behind a quote in the middle of a cell, all
without an error. So every line is checked first: a file whose lines are one plain record each is scanned by Polars,
any other goes through the csv module, which reads it right or says what is wrong with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import polars as pl

from kpicli.tables.records import Delimited, read_records

ROW: Final = "__row"
"""Column: the row's number in its file as a spreadsheet shows it; the header is row 1."""
FILE: Final = "__file"
"""Column: which of the table's files a row stands in, as an index into the opened table's `files`."""


def scan(sources: Sequence[Delimited], wanted: Sequence[Sequence[int]]) -> list[pl.LazyFrame]:
    """One frame a source: ROW, and the wanted columns as text under their positions ("0", "1", …).

    Raises KpiError (data) where a text has no sound structure.
    """
    plain = _plain(sources)
    return [
        _scanned(source, columns) if is_plain else read_records(source, columns, ROW).lazy()
        for source, columns, is_plain in zip(sources, wanted, plain, strict=True)
    ]


def _scanned(source: Delimited, wanted: Sequence[int]) -> pl.LazyFrame:
    content = source.text.content
    frame = pl.scan_csv(
        content if isinstance(content, bytes) else str(content.absolute()),
        has_header=False,
        skip_lines=1,
        separator=source.delimiter,
        schema={str(index): pl.String for index in range(len(source.header.cells))},
        infer_schema=False,
        glob=False,
        row_index_name=ROW,
        row_index_offset=2,
    )
    return frame.select(ROW, *(str(index) for index in wanted))


def _plain(sources: Sequence[Delimited]) -> list[bool]:
    """Whether each source holds one record a line and Polars reads it right."""
    checks = [_line_check(source) for source in sources]
    try:
        results = pl.collect_all(checks, engine="streaming")
    except pl.exceptions.ComputeError as error:
        for source in sources:
            for _ in source.text.lines():  # raises with the place of the first byte that isn't UTF-8
                pass
        raise sources[0].text.not_utf8() from error
    return [bool(result.item()) for result in results]


def _line_check(source: Delimited) -> pl.LazyFrame:
    """Whether every line is a record with as many cells as the header, none of them blank throughout."""
    content = source.text.content
    lines = pl.scan_lines(content if isinstance(content, bytes) else str(content.absolute()), name="line", glob=False)
    line = pl.col("line")
    separators = len(source.header.cells) - 1
    bare = (line.str.count_matches(source.delimiter, literal=True) == separators) & ~line.str.contains(r'["\r\x00\x1a]')
    quoted = pl.when(~bare).then(line).str.contains(_record_pattern(source.delimiter, separators))
    short = pl.when(line.str.len_bytes() <= 3 * separators + 2).then(line)
    blank = short.str.contains(_blank_pattern(source.delimiter)).fill_null(value=False)
    return lines.select(((bare | quoted) & ~blank).all())


def _record_pattern(delimiter: str, separators: int) -> str:
    sign = _sign(delimiter)
    cell = rf'(?:"(?:[^"\x00\x1a]|"")*"|[^"\r\x00\x1a{sign}]*)'
    return rf"^\x{{FEFF}}?{cell}(?:{sign}{cell}){{{separators}}}$"


def _blank_pattern(delimiter: str) -> str:
    return rf'^(?:"")?(?:{_sign(delimiter)}(?:"")?)*$'


def _sign(delimiter: str) -> str:
    return rf"\x{{{ord(delimiter):x}}}"
