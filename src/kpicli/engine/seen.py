"""What a run sees of a table besides figures: rows read and used, freshness, and the data notes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import polars as pl
from msgspec import Struct, field

from kpicli.book.model import Table
from kpicli.contexts import Days
from kpicli.engine.reading import TableRows
from kpicli.engine.rows import written
from kpicli.errors import KpiError, Trouble
from kpicli.formula.typed import Type
from kpicli.plan.nodes import OnDate, Plan, Scan
from kpicli.scorecard import Example, LeftOut, Note, TableData
from kpicli.tables.notes import EXAMPLES
from kpicli.tables.scan import FILE, ROW


class TableSeen(Struct):
    """Collects one table's part of the report's data section."""

    name: str
    table: Table
    read: TableRows
    used: int = 0
    newest: date | None = None
    oldest: date | None = None
    first_end: date | None = None
    """The end of the earliest days that are asked for by the table's date."""
    notes: list[Note] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.notes += self.read.notes

    def data(self) -> TableData:
        """What was seen, notes in one fixed order."""
        notes = sorted(self.notes, key=lambda note: (note.code, note.column or "", note.parent or ""))
        covers = self.table.covers is not None
        read, left_out = self.read, tuple(self.left_out)
        late = self.oldest is not None and self.first_end is not None and self.first_end <= self.oldest
        return TableData(
            self.name, read.files, read.rows, self.used, self.newest, tuple(notes), covers, left_out, self.oldest, late
        )

    def leave_out(self, reason: str, rows: int, condition: str | None = None) -> None:
        """Rows that don't count."""
        if rows:
            self.left_out.append(LeftOut(reason, rows, condition))

    def count(self, scan: Scan, frame: pl.DataFrame, plan: Plan) -> None:
        """How many rows count, the newest date up to the as-of day, and the oldest."""
        self.first_end = _first_end(scan, plan)
        narrowed = self.read.narrowed
        if narrowed is not None:
            self.used, self.newest, self.oldest = narrowed.used, narrowed.newest, narrowed.oldest
            return
        self.used = frame.height
        if scan.date is not None:
            day = pl.col(scan.date)
            found = frame.select(newest=day.filter(day <= plan.as_of).max(), oldest=day.min())
            self.newest, self.oldest = found.row(0)

    def check_key(self, frame: pl.DataFrame, versions: pl.DataFrame, *, refused: bool) -> None:
        """Raises KpiError (data) where a key that counts stands twice, or notes it; notes rows without a key."""
        key = list(self.table.key)
        if _rises(versions, key):
            return
        blank = pl.any_horizontal(pl.col(name).is_null() for name in key)
        several = versions.lazy().filter(~blank).group_by(key).len("__times").filter(pl.col("__times") > 1).collect()
        if versions is not frame and not several.is_empty():
            several = several.join(frame, on=key, how="semi")
        if not several.is_empty():
            rows = versions.join(several, on=key, how="semi")
            if refused:
                raise self._duplicates(rows)
            self._note("duplicate-key", ", ".join(key), rows, _together(rows, key))
        self._note("blank-key", ", ".join(key), frame.filter(blank), None)

    def _duplicates(self, rows: pl.DataFrame) -> KpiError:
        """The error of rows whose keys stand more than once: the first keys, each with its first rows."""
        key = list(self.table.key)
        found = rows.group_by(key).agg(pl.struct(FILE, ROW).sort().head(EXAMPLES).alias("__rows")).bottom_k(3, by=key)
        values = found.select(_together(found, key), "__rows").iter_rows()
        shown = [f"{value} (rows {', '.join(map(self._row, places))})" for value, places in values]
        if self.table.keep is not None:
            message = f"{self.name}: versions of one key tie on '{self.table.keep}' and differ: {', '.join(shown)}"
            help_ = "take a column that tells the versions apart, or remove one of them from the export"
        else:
            message = f"{self.name}: the key {', '.join(key)} isn't unique: {', '.join(shown)}"
            help_ = "if these are versions of one row write `keep: latest by` and a date column; otherwise mend the key"
        return KpiError("duplicate-key", message, help=help_, trouble=Trouble.DATA)

    def _row(self, at: Mapping[str, int]) -> str:
        """A row's number, and its file where that isn't clear."""
        several = len(self.read.files) > 1
        return f"{at[ROW]} of '{self.read.files[at[FILE]]}'" if several else str(at[ROW])

    def note_misses(self, links: tuple[str, ...], parent: str, orphans: pl.DataFrame) -> None:
        """Notes children without a parent, unless their link is blank; for each table that the same link leads to."""
        linked = pl.all_horizontal(pl.col(name).is_not_null() for name in links)
        parents = {lookup.table for lookup in self.table.lookups.values() if lookup.column == links}
        told = parent if len(parents) > 1 else None
        self._note("missing-parent", ", ".join(links), orphans.filter(linked), _together(orphans, links), told)

    def note_undated(self, column: str, rows: pl.DataFrame) -> None:
        """Notes rows that are asked for and that a null date leaves out of every period."""
        self._note("no-date", column, rows, None)

    def _note(
        self, code: str, column: str, rows: pl.DataFrame, value: pl.Expr | None, parent: str | None = None
    ) -> None:
        known = {(note.code, note.column, note.parent) for note in self.notes}
        if rows.is_empty() or (code, column, parent) in known:
            return
        shown = value if value is not None else pl.lit(None, dtype=pl.String)
        first = rows.select(FILE, ROW, shown.alias("value")).bottom_k(EXAMPLES, by=[FILE, ROW]).sort(FILE, ROW)
        examples = tuple(self._example(*row) for row in first.iter_rows())
        self.notes.append(Note(code, column, rows.height, examples, parent))

    def _example(self, file: int, row: int, value: str | None) -> Example:
        several = len(self.read.files) > 1
        return Example(row, value, self.read.files[file] if several else None)


def _together(frame: pl.DataFrame, names: Sequence[str]) -> pl.Expr:
    """The values of several columns as one text."""
    kinds = {name: Type.NUMBER if frame.schema[name].is_decimal() else Type.TEXT for name in names}
    return pl.concat_str([written(pl.col(name), kind) for name, kind in kinds.items()], separator=" / ")


def _first_end(scan: Scan, plan: Plan) -> date | None:
    """The end of the earliest days in which a plan asks for rows of a table by its own date."""
    own = (
        aggregation
        for aggregation in plan.aggregations
        if aggregation.table == scan.table
        and isinstance(aggregation.dating, OnDate)
        and aggregation.dating.field.path == (scan.date,)
    )
    reaches = (reach for aggregation in own for ask in aggregation.asks for reach in ask.reaches)
    return min((reach.end for reach in reaches if isinstance(reach, Days)), default=None)


def _rises(frame: pl.DataFrame, key: list[str]) -> bool:
    """Whether a key of one column rises from row to row, as in most exports: no value stands twice then."""
    if len(key) != 1 or frame.is_empty():
        return False
    values = frame[key[0]]
    return values.null_count() == 0 and bool((values.slice(1) > values.head(values.len() - 1)).all())
