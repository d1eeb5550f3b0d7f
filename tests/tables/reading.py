"""Tables from files that a test writes, read to the end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from kpicli.book.model import Column, ColumnType, SourceFile, Table
from kpicli.errors import KpiError
from kpicli.periods import Calendar
from kpicli.scorecard import Note
from kpicli.tables.exchange import Exchange
from kpicli.tables.looks import Counted, Look
from kpicli.tables.opening import Opened, open_table
from kpicli.tables.scan import FILE, ROW
from kpicli.tables.second_look import Kept, second_looks

UTC = Calendar()
DOLLARS = Exchange("USD", {}, date(2026, 11, 22))
"""Of a book in dollars without rates."""
NEW_YORK = Calendar(timezone="America/New_York")


def column(header: str, kind: str = "text", **declared: Any) -> Column:
    return Column(headers=(header,), type=ColumnType(kind), **declared)


def write(folder: Path, files: Mapping[str, str | bytes]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)


@dataclass(frozen=True, slots=True)
class Read:
    """Everything that a table gave."""

    opened: Opened
    frame: pl.DataFrame
    rows: int
    notes: tuple[Note, ...]

    def __getitem__(self, name: str) -> list[Any]:
        return self.frame[name].to_list()

    @property
    def row_numbers(self) -> list[int]:
        return self.frame[ROW].to_list()

    @property
    def file_numbers(self) -> list[int]:
        return self.frame[FILE].to_list()


def read_table(
    folder: Path,
    table: Table,
    calendar: Calendar = UTC,
    columns: list[str] | None = None,
    exchange: Exchange = DOLLARS,
) -> Read:
    """Opens and collects a table as the engine does."""
    asked = list(table.column_types()) if columns is None else columns
    opened = open_table("deals", table, asked, calendar, folder, exchange)
    if not opened.is_sound() or (opened.on_trust and any(look_at(look)[1].blank for look in opened.looks)):
        opened = open_table("deals", table, asked, calendar, folder, exchange, on_trust=False)
    reading = opened.read(second_looks([Kept(look, *look_at(look)) for look in opened.looks]))
    return Read(opened, reading.frame.sort(FILE, ROW), reading.rows, reading.notes)


def look_at(look: Look) -> tuple[pl.DataFrame, Counted]:
    """All rows of a first look, and what it counted."""
    rows, totals = pl.collect_all([look.rows(look.frame), look.frame.select(look.totals)], engine="streaming")
    return rows, look.counted(totals)


def read(
    folder: Path,
    content: str | bytes,
    columns: Mapping[str, Column],
    *,
    name: str = "deals.csv",
    calendar: Calendar = UTC,
    **declared: Any,
) -> Read:
    """One file with this content, read whole; `declared` is what a table says besides."""
    write(folder, {name: content})
    table = Table(source=(SourceFile(path=name),), columns=dict(columns), **declared)
    return read_table(folder, table, calendar)


def read_cells(folder: Path, cells: list[str], declared: Column, calendar: Calendar = UTC) -> Read:
    """One column of cells, each in quotes, beside the number of its row; misfits don't raise as there are many fits."""
    quoted = ('"' + cell.replace('"', '""') + '"' for cell in cells)
    content = "".join(f"{at},{cell}\n" for at, cell in enumerate(quoted, 2))
    return read(folder, f"n,{declared.header}\n" + content, {"x": declared}, calendar=calendar)


def refusal(folder: Path, content: str | bytes, columns: Mapping[str, Column] | None = None, **declared: Any) -> str:
    """The whole error with which a file is refused, as the user sees it."""
    with pytest.raises(KpiError) as raised:
        read(folder, content, columns or {"id": column("Id"), "name": column("Name")}, **declared)
    return str(raised.value)
