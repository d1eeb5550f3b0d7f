"""Delimited texts as lazy frames of text cells, their structure proven before any cell is trusted.

Polars fills short rows with blanks, takes NUL characters, and loses records behind a quote in the middle of a cell, all
without an error. So every line is checked: a file whose lines are one plain record each is scanned by Polars, any other
goes through the csv module, which reads it right or says what is wrong with it. Small texts are checked here, large
ones by Polars, which takes a few milliseconds to begin. Where nothing is quoted, as in most large exports, the check is
a look at the marks between the cells, and can be made while the file is scanned.
"""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from typing import Final

import polars as pl
from msgspec import Struct, field

from kpicli.tables.blanks import BLANKS
from kpicli.tables.records import Delimited, read_records

ROW: Final = "__row"
"""Column: the row's number in its file as a spreadsheet shows it; the header is row 1."""
FILE: Final = "__file"
"""Column: which of the table's files a row stands in, as an index into the opened table's `files`."""


class Scanned(Struct, frozen=True):
    """A text's lazy frame: ROW, and the wanted columns as text under their positions ("0", "1", …)."""

    frame: pl.LazyFrame
    on_trust: bool = False
    """The frame is only right if `is_bare` says so of the text, which takes about as long as reading it."""


def scan(sources: Sequence[Delimited], wanted: Sequence[Sequence[int]], *, on_trust: bool) -> list[Scanned]:
    """A frame for each source; `on_trust` leaves the proof for bare texts to the caller.

    Raises KpiError (data) where a text has no sound structure.
    """
    small = [_small(source) for source in sources]
    bare = [on_trust and rows is None and _begins_bare(source) for source, rows in zip(sources, small, strict=True)]
    texts = zip(sources, small, bare, strict=True)
    plain = iter(_plain([(source, rows) for source, rows, is_bare in texts if not is_bare]))
    return [
        Scanned(_scanned(source, columns, quote=None), on_trust=True)
        if is_bare
        else Scanned(_scanned(source, columns, quote='"') if next(plain) else read_records(source, columns, ROW).lazy())
        for source, columns, is_bare in zip(sources, wanted, bare, strict=True)
    ]


def _scanned(source: Delimited, wanted: Sequence[int], quote: str | None) -> pl.LazyFrame:
    content = source.text.content
    frame = pl.scan_csv(
        content if isinstance(content, bytes) else str(content.absolute()),
        has_header=False,
        skip_lines=source.above or 0,
        separator=source.delimiter,
        quote_char=quote,
        schema={str(index): pl.String for index in range(len(source.header.cells))},
        infer_schema=False,
        glob=False,
        row_index_name=ROW,
        row_index_offset=source.header.row + 1,
    )
    return frame.select(ROW, *(str(index) for index in wanted))


_CHUNK: Final = 1 << 18


def is_bare(source: Delimited) -> bool:
    """Whether every line below the header, in UTF-8, is a record of as many cells as it, and nothing is quoted."""
    marks = _Marks.of(source)
    try:
        with source.text.stream() as stream:
            stream.seek(source.begin)
            while chunk := stream.read(_CHUNK):
                if not marks.fit(chunk):
                    return False
    except OSError:  # whoever reads the text again says why it can't be read
        return False
    return marks.end()


def _begins_bare(source: Delimited) -> bool:
    """Whether a text begins as a bare one does."""
    if source.above is None:
        return False
    with source.text.stream() as stream:
        stream.seek(source.begin)
        return _Marks.of(source).fit(stream.read(_CHUNK))


class _Marks(Struct):
    """What gives a text its structure: in a bare one, the same delimiters and line end again and again."""

    line: bytes
    end_of_line: bytes
    others: bytes
    decoder: codecs.IncrementalDecoder = field(default_factory=codecs.getincrementaldecoder("utf-8"))
    rest: bytes = b""
    last: bytes = b""

    @classmethod
    def of(cls, source: Delimited) -> _Marks:
        end = b"\r\n" if source.header.lines[-1].endswith("\r\n") else b"\n"
        delimiter = source.delimiter.encode()
        marks = {*delimiter, *b'"\r\n\0\x1a'}
        others = bytes(each for each in range(256) if each not in marks)
        return cls(delimiter * (len(source.header.cells) - 1) + end, end, others)

    def fit(self, chunk: bytes) -> bool:
        """Whether the next bytes of the text go on as those before."""
        if not chunk.isascii() or self.decoder.getstate()[0]:
            try:
                self.decoder.decode(chunk)
            except UnicodeDecodeError:
                return False
        if len(self.end_of_line) > 1:  # a CR and a LF with text between them are two ends of lines
            halved = self.last == b"\r" and chunk.startswith(b"\n")
            if chunk.count(b"\r\n") + halved != chunk.count(b"\n"):
                return False
        marks = self.rest + chunk.translate(None, self.others)
        count, over = divmod(len(marks), len(self.line))
        self.rest = marks[len(marks) - over :]
        self.last = chunk[-1:]
        return marks.startswith(self.line * count)

    def end(self) -> bool:
        """Whether the text may end here: behind a line, with or without its end."""
        over = b"" if self.last in (b"", b"\n") else self.line.removesuffix(self.end_of_line)
        return not self.decoder.getstate()[0] and self.rest == over


SMALL: Final = 1 << 20
"""Texts with more bytes below their header are large."""


def _small(source: Delimited) -> bytes | None:
    """What stands below the header of a small text."""
    with source.text.stream() as stream:
        stream.seek(source.begin)
        rows = stream.read(SMALL + 1)
    return rows if len(rows) <= SMALL else None


def _plain(texts: Sequence[tuple[Delimited, bytes | None]]) -> list[bool]:
    """Whether each text holds one record a line and Polars reads it right; with the rows of small ones."""
    checks = [_line_check(source, source.above) for source, rows in texts if rows is None and source.above is not None]
    try:
        large = iter(pl.collect_all(checks, engine="streaming") if checks else ())
        return [
            source.above is not None and (bool(next(large).item()) if rows is None else _is_plain(source, rows))
            for source, rows in texts
        ]
    except (pl.exceptions.ComputeError, UnicodeDecodeError) as error:
        for source, _ in texts:
            for _ in source.text.lines():  # raises with the place of the first byte that isn't UTF-8
                pass
        raise texts[0][0].text.not_utf8() from error


_QUOTED: Final = "…".encode()
"""What stands for a quoted cell where marks are counted: no delimiter is anything but ASCII."""


def _is_plain(source: Delimited, rows: bytes) -> bool:
    """Whether a small text has one record a line, by its quotes and by the marks outside of them.

    False too for what is merely unusual. Raises UnicodeDecodeError for what isn't UTF-8.
    """
    text = rows.decode()
    parts = rows.split(b'"')
    outside, inside = parts[::2], parts[1::2]
    if len(outside) == len(inside) or any(mark in cell for cell in inside for mark in (b"\n", b"\r")):
        return False
    # Where nothing stands between two quotes, they are one quote within a cell.
    edges = (source.delimiter.encode(), b"\n", b"\r\n")
    if not all(each.endswith(edges) for each in outside[:-1] if each):
        return False
    if not all(each.startswith(edges) for each in outside[1:] if each):
        return False
    marks = _Marks.of(source)
    nothing = f'{BLANKS}"{source.delimiter}'
    return (
        not any(sign in rows for sign in (b"\0", b"\x1a"))
        and marks.fit(_QUOTED.join(outside))
        and marks.end()
        and all(line.strip(nothing) for line in text.removesuffix("\n").split("\n"))
    )


def _line_check(source: Delimited, above: int) -> pl.LazyFrame:
    """Whether every line below the header is a record with as many cells as it, none of them blank throughout."""
    content = source.text.content
    source_lines = content if isinstance(content, bytes) else str(content.absolute())
    lines = pl.scan_lines(source_lines, name="line", glob=False).slice(above)
    line = pl.col("line")
    separators = len(source.header.cells) - 1
    bare = (line.str.count_matches(source.delimiter, literal=True) == separators) & ~line.str.contains(r'["\r\x00\x1a]')
    quoted = pl.when(~bare).then(line).str.contains(_record_pattern(source.delimiter, separators))
    blank = line.str.contains(_blank_pattern(source.delimiter))
    return lines.select(((bare | quoted) & ~blank).all())


def _record_pattern(delimiter: str, separators: int) -> str:
    sign = _sign(delimiter)
    cell = rf'(?:"(?:[^"\x00\x1a]|"")*"|[^"\r\x00\x1a{sign}]*)'
    return rf"^\x{{FEFF}}?{cell}(?:{sign}{cell}){{{separators}}}$"


def _blank_pattern(delimiter: str) -> str:
    return rf'^(?:"\s*"|\s*)(?:{_sign(delimiter)}(?:"\s*"|\s*))*$'


def _sign(delimiter: str) -> str:
    return rf"\x{{{ord(delimiter):x}}}"
