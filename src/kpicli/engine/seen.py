"""What a run sees of a table besides figures: rows read and used, freshness, and the data notes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Final

import polars as pl

from kpicli.book.model import Table
from kpicli.engine.aggregate import Query
from kpicli.errors import KpiError, Trouble
from kpicli.plan.nodes import Scan
from kpicli.scorecard import Example, Note, TableData
from kpicli.tables import FILE, ROW, Opened

EXAMPLES: Final = 5


@dataclass(slots=True)
class TableSeen:
    """Collects one table's part of the report's data section."""

    name: str
    opened: Opened
    table: Table
    rows: int = 0
    used: int = 0
    newest: date | None = None
    notes: list[Note] = field(default_factory=list)

    def data(self) -> TableData:
        """What was seen, notes in one fixed order."""
        notes = sorted(self.notes, key=lambda note: (note.code, note.column or ""))
        return TableData(self.name, self.opened.files, self.rows, self.used, self.newest, tuple(notes))

    def read(self) -> Iterator[Query]:
        """Cells that don't fit their type; raises where too many don't."""

        def read(stats: pl.DataFrame) -> None:
            reading = self.opened.read_stats(stats)
            self.rows = reading.rows
            self.notes += reading.notes

        yield Query(self.opened.stats, read, self.name)

    def counted(self, scan: Scan, frame: pl.LazyFrame, as_of: date) -> Iterator[Query]:
        """How many rows count, and the newest date up to the as-of day."""
        newest = pl.lit(None, dtype=pl.Date)
        if scan.date is not None:
            day = pl.col(scan.date)
            newest = day.filter(day <= as_of).max()

        def read(result: pl.DataFrame) -> None:
            self.used, self.newest = result.row(0)

        yield Query(frame.select(pl.len(), newest.alias("newest")), read)

    def unique(self, frame: pl.LazyFrame) -> Iterator[Query]:
        """Raises where a key stands twice; notes rows without a key."""
        key = self.table.key
        blank = pl.any_horizontal(pl.col(name).is_null() for name in key)
        several = (
            frame.filter(~blank)
            .group_by(key)
            .agg(pl.len().alias("times"), pl.col(ROW).sort().head(EXAMPLES).alias("rows"))
            .filter(pl.col("times") > 1)
        )
        yield Query(several.bottom_k(3, by=list(key)), self._refuse_duplicates)
        yield from self._noted("blank-key", ", ".join(key), frame.filter(blank), None)

    def _refuse_duplicates(self, result: pl.DataFrame) -> None:
        if result.is_empty():
            return
        key = self.table.key
        shown = [
            f"{' / '.join(str(row[name]) for name in key)} (rows {', '.join(map(str, row['rows']))})"
            for row in result.iter_rows(named=True)
        ]
        if self.table.keep is not None:
            message = f"{self.name}: versions of one key tie on '{self.table.keep}' and differ: {', '.join(shown)}"
            help_ = "take a column that tells the versions apart, or remove one of them from the export"
        else:
            message = f"{self.name}: the key {', '.join(key)} isn't unique: {', '.join(shown)}"
            help_ = "if these are versions of one row write `keep: latest by` and a date column; otherwise mend the key"
        raise KpiError("duplicate-key", message, help=help_, trouble=Trouble.DATA)

    def misses(self, links: tuple[str, ...], frame: pl.LazyFrame) -> Iterator[Query]:
        """Notes the rows of a frame of children without a parent, unless their link is blank."""
        linked = pl.all_horizontal(pl.col(name).is_not_null() for name in links)
        value = pl.concat_str([pl.col(name).cast(pl.String) for name in links], separator=" / ")
        column = ", ".join(links)
        yield from self._noted("missing-parent", column, frame.filter(linked), value)

    def undated(self, column: str, frame: pl.LazyFrame) -> Iterator[Query]:
        """Notes rows that are asked for and that a null date leaves out of every period."""
        yield from self._noted("no-date", column, frame, None)

    def _noted(self, code: str, column: str, frame: pl.LazyFrame, value: pl.Expr | None) -> Iterator[Query]:
        found: list[int] = []

        def count(result: pl.DataFrame) -> None:
            found.append(int(result.item()))

        def examples(result: pl.DataFrame) -> None:
            (rows,) = found
            if rows and not any((note.code, note.column) == (code, column) for note in self.notes):
                shown = tuple(self._example(*row) for row in result.iter_rows())
                self.notes.append(Note(code, column, rows, shown))

        shown = value if value is not None else pl.lit(None, dtype=pl.String)
        yield Query(frame.select(pl.len()), count)
        yield Query(frame.select(FILE, ROW, shown.alias("value")).bottom_k(EXAMPLES, by=[FILE, ROW]), examples)

    def _example(self, file: int, row: int, value: str | None) -> Example:
        several = len(self.opened.files) > 1
        return Example(row, value, self.opened.files[file] if several else None)
