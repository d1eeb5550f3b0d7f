"""The Polars engine: one pass over each file, everything after it in memory."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from functools import reduce
from operator import or_
from pathlib import Path
from typing import Final, NamedTuple

import polars as pl
from msgspec.structs import replace

from kpicli.book.model import Book, ColumnType, Table
from kpicli.engine.aggregate import Groups, Query, queries
from kpicli.engine.collecting import collected, explaining, too_large
from kpicli.engine.reading import TableRows, read_tables
from kpicli.engine.rows import NUMBER, RowCompiler, rounded
from kpicli.engine.searching import Searcher
from kpicli.engine.seen import TableSeen
from kpicli.engine.sifting import PassedOver, sift
from kpicli.errors import KpiError, TableMistakes
from kpicli.formula.typed import Field, Row, Type
from kpicli.plan.nodes import Answer, Attach, Derive, Found, OnDate, Plan, Roll, Scan, Total
from kpicli.tables.copies import Copies, users_copies
from kpicli.tables.instants import ORDER
from kpicli.tables.scan import FILE, ROW

MANY_ROWS: Final = 100_000
"""Aggregations of more than so many rows are streamed; the others are faster done at once."""
_MOST_KEPT: Final = 3
"""How many plans' rows are kept: a report may need a look at its members, one at their first days, and its figures."""
_LARGEST_SUM: Final = 1e32
"""Polars wraps a sum of a group that goes beyond what a decimal holds, without an error, unless it is streamed."""


class PolarsEngine:
    """Runs plans over the tables of one book."""

    def __init__(self, book: Book, folder: Path, copies: Copies | None = None) -> None:
        self.book = book
        self.folder = folder
        self.copies = copies

    @classmethod
    def with_copies(cls, book: Book, folder: Path) -> PolarsEngine:
        """An engine that keeps typed copies of large files in the user's cache folder."""
        try:
            return cls(book, folder, users_copies())
        except OSError:  # there is nowhere to keep them
            return cls(book, folder)

    def run(self, plan: Plan) -> Answer:
        """The plan's cells and what was seen of the data. Raises KpiError (data) for what can't be read right."""
        with explaining():
            return _Run(self, plan).read().answer(plan)


class KeepingEngine(PolarsEngine):
    """Keeps the rows that it read for plans to come that differ in nothing but the members they narrow to.

    For many reports that are the same but for whom they are about; the exports are as they were when it read them.
    """

    def __init__(self, book: Book, folder: Path, copies: Copies | None = None) -> None:
        super().__init__(book, folder, copies)
        self._kept: dict[Plan, _Run] = {}

    def run(self, plan: Plan) -> Answer:
        """As every engine; the plan's rows may have been read before."""
        shape = replace(plan, aggregations=tuple(replace(each, only=None) for each in plan.aggregations))
        with explaining():
            if shape not in self._kept:
                if len(self._kept) == _MOST_KEPT:
                    del self._kept[next(iter(self._kept))]
                self._kept[shape] = _Run(self, plan).read()
            return self._kept[shape].answer(plan)


@dataclass(slots=True)
class _Run:
    engine: PolarsEngine
    plan: Plan
    frames: dict[str, pl.DataFrame] = field(default_factory=dict)
    seen: dict[str, TableSeen] = field(default_factory=dict)
    largest: dict[tuple[str, str], float] = field(default_factory=dict)
    """The largest amount, whatever its sign, of a column of a table."""
    found: dict[int, Found] = field(default_factory=dict)
    """By the search's place in the plan."""
    passed_over: dict[str, list[PassedOver]] = field(default_factory=dict)
    """The rows that don't count, of tables of which they are to be shown."""
    keys: dict[str, pl.DataFrame] = field(default_factory=dict)
    """The keys of all rows of a table, of tables in which searches look for keys that don't count."""
    rows: RowCompiler = field(init=False)

    def __post_init__(self) -> None:
        self.rows = RowCompiler(self.plan.as_of, self.engine.book.calendar)

    def read(self) -> _Run:
        """Reads the tables and takes the plan's steps: all that is the same whoever its figures are of."""
        engine = self.engine
        tables = read_tables(engine.book, engine.folder, self.plan, self.rows, engine.copies)
        errors: dict[str, KpiError] = {}
        for scan in self.plan.scans:
            try:
                self._take(scan, tables.pop(scan.table))
            except KpiError as error:
                errors[scan.table] = error
        if errors:
            raise TableMistakes(errors)
        for step in self.plan.steps:
            match step:
                case Derive(table=table, fields=fields):
                    # Of what is the same in every row Polars may make one row; ROW has all of them.
                    made = {name: pl.when(pl.col(ROW).is_not_null()).then(self.rows.kept(row)) for name, row in fields}
                    self.frames[table] = self.frames[table].with_columns(**made)
                case Attach():
                    self._attach(step)
                case Roll():
                    self._roll(step)
        self._note_undated()
        for scan in self.plan.scans:
            self.seen[scan.table].count(scan, self.frames[scan.table], self.plan)
            self._search(scan.table, self.frames[scan.table], every=False)
        return self

    def answer(self, plan: Plan) -> Answer:
        """The figures of the plan, or of one that differs in whom it narrows to."""
        cells = self._aggregated(plan)
        data = tuple(self.seen[scan.table].data() for scan in self.plan.scans)
        found = tuple(self.found[at] for at in range(len(self.plan.searches)))
        sifted = tuple(
            sift(
                sieve,
                self.frames[sieve.table],
                self.seen[sieve.table].read.files,
                self.rows,
                self.passed_over.get(sieve.table, ()),
            )
            for sieve in self.plan.sieves
        )
        return Answer(tuple(tuple(asks) for asks in cells), data, found, sifted)

    def _take(self, scan: Scan, read: TableRows) -> None:
        """The rows that count: `keep`, then `where`, then the uniqueness of the key.

        Versions that tie are told by all of them: of a deal that one says is deleted, nobody knows whether it counts.
        """
        table = self.engine.book.tables[scan.table]
        frame = read.frame
        self.seen[scan.table] = seen = TableSeen(scan.table, table, read)
        self._search(scan.table, frame, every=True)
        looked_for = (search.not_in for search in self.plan.searches if search.not_in is not None)
        if any(other.every and other.table == scan.table for other in looked_for):
            self.keys[scan.table] = frame.select(table.key)
        passed_over: list[PassedOver] = []
        if table.keep is not None:
            latest = _latest(frame, table, scan.columns)
            passed_over += latest.passed_over
            seen.leave_out("older-version", latest.older)
            seen.leave_out("equal-copy", frame.height - latest.older - latest.frame.height)
            frame = latest.frame
        versions = frame
        if scan.where is not None:
            counts = self.rows.typed(scan.where, Type.BOOLEAN).fill_null(value=False)
            passed_over.append(PassedOver("where", frame.lazy().filter(~counts)))
            counted = frame.filter(counts)
            used = counted.height if read.narrowed is None else read.narrowed.used
            all_rows = frame.height if read.narrowed is None else read.rows
            seen.leave_out("where", all_rows - used, table.where)
            frame = counted
        self.frames[scan.table] = frame
        if any(sieve.left_out and sieve.table == scan.table for sieve in self.plan.sieves):
            self.passed_over[scan.table] = passed_over
        if table.key:
            keys = frame if read.narrowed is None else read.narrowed.keys
            seen.check_key(keys, keys if table.keep is None else versions, refused=scan.unique)

    def _search(self, table: str, frame: pl.DataFrame, *, every: bool) -> None:
        """The plan's searches of a table, of all its rows or of those that count."""
        mine = {
            at: search
            for at, search in enumerate(self.plan.searches)
            if search.table == table and search.every is every
        }
        if mine:
            searcher = Searcher(frame, self.seen[table].read.files, self.rows)
            self.found.update(zip(mine, searcher.found(list(mine.values()), self.frames, self.keys), strict=True))

    # ---- steps

    def _attach(self, step: Attach) -> None:
        """Brings values of the parent to each child."""
        child, parent = self.frames[step.table], self.frames[step.parent]
        keys = {f"key{i}": pl.col(name) for i, name in enumerate(step.key)}
        values = {name: pl.col(of_parent) for name, of_parent in step.values}
        found = f"found:{step.lookup}"
        # A parent with a blank key is nobody's parent.
        right = parent.select(**keys, **values, **{found: pl.lit(value=True)}).drop_nulls(list(keys))
        joined = child.join(right, left_on=list(step.links), right_on=list(keys), how="left", maintain_order="left")
        self.seen[step.table].note_misses(step.links, step.parent, joined.filter(pl.col(found).is_null()))
        self.frames[step.table] = joined.drop(found)

    def _roll(self, step: Roll) -> None:
        """Rolls children up by their links, then brings the totals to the parent."""
        child = self.frames[step.child]
        links = {f"link{i}": pl.col(name) for i, name in enumerate(step.links)}
        columns: dict[str, pl.Expr] = {}
        for total in step.totals:
            if total.where is not None:
                columns[f"where:{total.name}"] = self.rows.typed(total.where, Type.BOOLEAN).fill_null(value=False)
            if total.column is not None:
                columns[f"value:{total.name}"] = self.rows.compile(total.column)
        grouped = child.select(**links, **columns).drop_nulls(list(links)).group_by(*links)
        summed = [total for total in step.totals if total.function in ("sum", "avg")]
        guards: list[pl.Expr] = []
        if self._may_overflow(step.child, (total.column for total in summed)):
            guards = [_children(total).abs().cast(pl.Float64).sum().alias(f"guard:{total.name}") for total in summed]
        totals = grouped.agg(*(_rolled(total) for total in step.totals), *guards)
        for guard in totals.select(pl.col("^guard:.*$").max()).iter_columns():
            if (guard.item() or 0.0) >= _LARGEST_SUM:
                raise too_large()
        frame = self.frames[step.table]
        joined = frame.join(totals, left_on=list(step.key), right_on=list(links), how="left", maintain_order="left")
        zeros = [total.name for total in step.totals if total.function in ("count", "count_distinct", "sum")]
        self.frames[step.table] = joined.with_columns(pl.col(name).fill_null(0).cast(NUMBER) for name in zeros)
        orphans = child.join(frame, left_on=list(step.links), right_on=list(step.key), how="anti")
        self.seen[step.child].note_misses(step.links, step.table, orphans)

    # ---- figures

    def _note_undated(self) -> None:
        """Counts the rows that no period holds, for each date by which rows are asked for."""
        asked: dict[tuple[str, str], dict[Row | None, None]] = {}
        for aggregation in self.plan.aggregations:
            if isinstance(aggregation.dating, OnDate):
                key = (aggregation.table, ".".join(aggregation.dating.field.path))
                asked.setdefault(key, {}).update(dict.fromkeys(ask.where for ask in aggregation.asks))
        for (table, name), conditions in asked.items():
            frame = self.frames[table]
            if frame[name].null_count():
                wanted = [
                    pl.lit(value=True) if row is None else self.rows.typed(row, Type.BOOLEAN).fill_null(value=False)
                    for row in conditions
                ]
                undated = frame.lazy().filter(pl.col(name).is_null()).select(FILE, ROW, wanted=reduce(or_, wanted))
                self.seen[table].note_undated(name, undated.collect(engine="in-memory").filter("wanted"))

    def _aggregated(self, plan: Plan) -> list[list[Groups]]:
        """The cells of each aggregation and ask."""
        cells: list[list[Groups]] = [[{} for _ in aggregation.asks] for aggregation in plan.aggregations]
        small: list[Query] = []
        large: list[Query] = []
        for aggregation, into in zip(plan.aggregations, cells, strict=True):
            frame = self.frames[aggregation.table]
            summed = [ask.column for ask in aggregation.asks if ask.function == "sum"]
            streamed = frame.height > MANY_ROWS or self._may_overflow(aggregation.table, summed)
            for query in queries(aggregation, frame.lazy(), self.rows, into):
                (large if streamed and query.sums else small).append(query)
        for work in (small, large):
            for query, result in zip(work, collected([q.frame for q in work], streamed=work is large), strict=True):
                query.read(result)
        return cells

    def _may_overflow(self, table: str, columns: Iterable[Field | None]) -> bool:
        """Whether a sum over all rows of one of a table's columns could be more than a decimal holds."""
        frame = self.frames[table]
        for name in {".".join(column.path) for column in columns if column is not None}:
            if (table, name) not in self.largest:
                self.largest[table, name] = frame.select(pl.col(name).abs().max().cast(pl.Float64)).item() or 0.0
            if self.largest[table, name] * frame.height >= _LARGEST_SUM:
                return True
        return False


class _Latest(NamedTuple):
    """The rows that are left of several versions, and how many were older ones; all others were equal copies."""

    frame: pl.DataFrame
    older: int
    passed_over: tuple[PassedOver, ...]


def _latest(frame: pl.DataFrame, table: Table, columns: tuple[str, ...]) -> _Latest:
    """The newest version of each key; rows without a key are left as they are.

    Dates are compared by their moments. Versions that are equal in every column are one; those that tie and differ
    stay, and fail as duplicate keys.
    """
    assert table.keep is not None
    order = ORDER if table.column_types()[table.keep] is ColumnType.DATE else table.keep
    keyed = pl.all_horizontal(pl.col(name).is_not_null() for name in table.key)
    newest = frame.filter(keyed).group_by(table.key).agg(pl.col(order).max().alias("__newest"))
    versions = frame.filter(keyed).join(newest, on=table.key, how="left")
    is_newest = pl.col(order).eq_missing(pl.col("__newest"))
    kept = versions.filter(is_newest)
    place = pl.col(FILE).cast(pl.UInt64) * 2**32 + pl.col(ROW).cast(pl.UInt64)
    one = kept.group_by(columns).agg(place.min().alias("__place"))
    row, file = pl.col("__place") % 2**32, pl.col("__place") // 2**32
    number = pl.UInt32
    unkeyed = frame.filter(~keyed).select(*columns, pl.col(ROW).cast(number), pl.col(FILE).cast(number))
    latest = pl.concat([one.select(*columns, row.cast(number).alias(ROW), file.cast(number).alias(FILE)), unkeyed])
    copies = kept.lazy().cast({ROW: number, FILE: number}).join(latest.lazy(), on=[FILE, ROW], how="anti")
    passed_over = PassedOver("older-version", versions.lazy().filter(~is_newest)), PassedOver("equal-copy", copies)
    return _Latest(latest, versions.height - kept.height, passed_over)


def _rolled(total: Total) -> pl.Expr:
    """One aggregate over the children of each parent."""
    where = pl.col(f"where:{total.name}") if total.where is not None else pl.lit(value=True)
    if total.column is None:
        return where.sum().alias(total.name) if total.where is not None else pl.len().alias(total.name)
    value = _children(total)
    match total.function:
        case "count":
            result = value.count()
        case "count_distinct":
            result = value.drop_nulls().n_unique()
        case "sum":
            result = value.sum()
        case "min":
            result = value.min()
        case "max":
            result = value.max()
        case "avg":
            count = value.count()
            result = rounded(
                value.sum().cast(pl.Decimal(38, 18)) / pl.when(count > 0).then(count).cast(pl.Decimal(38, 0))
            )
        case _:
            result = _percentile(value, total)
    return result.alias(total.name)


def _children(total: Total) -> pl.Expr:
    """The values that a total takes of the children of each parent."""
    value = pl.col(f"value:{total.name}")
    return value if total.where is None else value.filter(pl.col(f"where:{total.name}"))


def _percentile(value: pl.Expr, total: Total) -> pl.Expr:
    """A median or percentile, interpolated linearly with exact decimals."""
    place = Fraction(total.argument if total.argument is not None else 50) / 100
    ordered = value.drop_nulls().sort()
    steps = (ordered.len().cast(pl.Int64) - 1) * place.numerator
    below = steps // place.denominator
    low = ordered.get(below, null_on_oob=True).cast(pl.Decimal(38, 18))
    high = pl.coalesce(ordered.get(below + 1, null_on_oob=True).cast(pl.Decimal(38, 18)), low)
    part = (steps % place.denominator).cast(pl.Decimal(38, 18)) / pl.lit(place.denominator).cast(pl.Decimal(38, 0))
    return rounded(low + (high - low) * part)
