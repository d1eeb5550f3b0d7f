"""Delimited texts without what stands below their data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from msgspec.structs import replace

from kpicli.tables.asides import Aside
from kpicli.tables.blanks import BLANKS, hold_something
from kpicli.tables.footers import KnownFooters, Layout, Tail, tail
from kpicli.tables.records import Delimited, cell_spans, count_records

_LONGEST_TEXT: Final = 80


def without_tail(
    source: Delimited, never_in_totals: frozenset[int], known: KnownFooters | None
) -> tuple[Delimited, tuple[Aside, ...]]:
    """The text up to its last row of data, and the rows of its footer that aren't blank.

    A text without a tail stays where it is, and nothing but its end is read.
    """
    source = replace(source, may_have_footer=known is not None)
    places: list[int] = []
    layout = Layout(len(source.header.cells), never_in_totals)
    found = tail(_last_rows(source, places), layout, known)
    if not found.rows:
        return source, ()
    source = replace(source, text=source.text.up_to(places[len(found.rows) - 1]))
    if not found.is_footer:
        return source, ()
    return source, footer_of(found, count_records(source) + 1)


def footer_of(found: Tail, first: int) -> tuple[Aside, ...]:
    """The rows of a footer that aren't blank; `first` is the row with which it begins."""
    if not found.is_footer:
        return ()
    filled = [(row, cells) for row, cells in enumerate(found.rows, first) if hold_something(cells)]
    return tuple(Aside("footer", row, _text(cells)) for row, cells in filled)


def _text(cells: Sequence[str]) -> str:
    text = " ".join(cell.strip(BLANKS) for cell in cells if cell.strip(BLANKS))
    return text if len(text) <= _LONGEST_TEXT else text[: _LONGEST_TEXT - 1] + "…"


def _last_rows(source: Delimited, places: list[int]) -> Iterator[list[str] | None]:
    """The rows below the header from the last one up; `places` takes where each begins.

    A line in which a quote stays open is a part of a longer record, and so is whatever stands above it.
    """
    for place, line in source.text.last_lines(source.begin):
        places.append(place)
        yield _record(line, source.delimiter)


def _record(line: bytes, delimiter: str) -> list[str] | None:
    """The cells of a line that is a record by itself; None where it may be the end of a longer one."""
    try:
        text = line.decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError:
        return None
    if "\0" in text or "\x1a" in text:
        return None
    if '"' not in text:
        return text.split(delimiter)
    cells = [_unquoted(text[start:end]) if end >= 0 else None for start, end in cell_spans(text, delimiter)]
    known = [cell for cell in cells if cell is not None]
    return known if len(known) == len(cells) else None


def _unquoted(cell: str) -> str | None:
    """What a cell holds; None where its last quote may close a cell that opens in another line."""
    if not cell.startswith('"') and not cell.endswith('"'):
        return cell
    inner = cell[1:-1]
    is_whole = len(cell) > 1 and cell[0] == cell[-1] == '"' and '"' not in inner.replace('""', "")
    return inner.replace('""', '"') if is_whole else None
