"""The Polars engine: one scan a table, one collect a report."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from functools import reduce
from pathlib import Path
from typing import Final

import polars as pl

from kpicli.book.model import Book, ColumnType, Table
from kpicli.engine.aggregate import Groups, Query, queries
from kpicli.engine.rows import NUMBER, RowCompiler, rounded
from kpicli.engine.seen import TableSeen
from kpicli.errors import KpiError, Mistakes, Trouble
from kpicli.formula.typed import Type
from kpicli.plan.nodes import Answer, Attach, Derive, OnDate, Plan, Roll, Scan, Total
from kpicli.tables import FILE, ORDER, ROW, open_table

IN_MEMORY: Final = 64 * 2**20
"""Files of up to so many bytes in a table are read into memory; larger ones are streamed."""


class PolarsEngine:
    """Runs plans over the tables of one book."""

    def __init__(self, book: Book, folder: Path) -> None:
        self.book = book
        self.folder = folder

    def run(self, plan: Plan) -> Answer:
        """The plan's cells and what was seen of the data. Raises KpiError (data) for what can't be read right."""
        return _Run(self, plan).answer()


@dataclass(slots=True)
class _Run:
    engine: PolarsEngine
    plan: Plan
    frames: dict[str, pl.LazyFrame] = field(default_factory=dict)
    seen: dict[str, TableSeen] = field(default_factory=dict)
    small: set[str] = field(default_factory=set)
    rows: RowCompiler = field(init=False)

    def __post_init__(self) -> None:
        self.rows = RowCompiler(self.plan.as_of, self.engine.book.calendar)

    def answer(self) -> Answer:
        cells: list[list[Groups]] = [[{} for _ in aggregation.asks] for aggregation in self.plan.aggregations]
        work = self._read()
        for step in self.plan.steps:
            match step:
                case Derive(table=table, name=name, row=row):
                    self.frames[table] = self.frames[table].with_columns(self.rows.compile(row).alias(name))
                case Attach():
                    work += self._attach(step)
                case Roll():
                    work += self._roll(step)
            self._settle(step.table)
        work += self._undated()
        for aggregation, into in zip(self.plan.aggregations, cells, strict=True):
            work += queries(aggregation, self.frames[aggregation.table], self.rows, into)
        for scan in self.plan.scans:
            work += self.seen[scan.table].counted(scan, self.frames[scan.table], self.plan.as_of)
        _collect(work)
        data = tuple(self.seen[scan.table].data() for scan in self.plan.scans)
        return Answer(tuple(tuple(asks) for asks in cells), data)

    # ---- tables

    def _read(self) -> list[Query]:
        """Opens the tables: small ones are read now and stay in memory, large ones stay lazy."""
        book = self.engine.book
        work: list[Query] = []
        errors: list[KpiError] = []
        for scan in self.plan.scans:
            table = book.tables[scan.table]
            try:
                opened = open_table(scan.table, table, scan.columns, book.calendar, self.engine.folder)
            except KpiError as error:
                errors.append(error)
                continue
            self.seen[scan.table] = TableSeen(scan.table, opened, table)
            self.frames[scan.table] = opened.frame
            if opened.bytes <= IN_MEMORY:
                self.small.add(scan.table)
            work += self.seen[scan.table].read()
        small = [scan.table for scan in self.plan.scans if scan.table in self.small]
        now = [query for query in work if query.table in self.small]
        frames = _collected([*(self.frames[name] for name in small), *(query.frame for query in now)])
        for name, frame in zip(small, frames, strict=False):
            self.frames[name] = frame.lazy()
        for query, result in zip(now, frames[len(small) :], strict=True):
            try:
                query.read(result)
            except KpiError as error:
                errors.append(error)
        if errors:
            raise Mistakes.of(errors)
        work = [query for query in work if query.table not in self.small]
        for scan in self.plan.scans:
            work += self._kept(scan)
            self._settle(scan.table)
        return work

    def _settle(self, table: str) -> None:
        """A small table's frame is computed at once: planning it again in every query costs more than its rows."""
        if table in self.small:
            (frame,) = _collected([self.frames[table]])
            self.frames[table] = frame.lazy()
        else:
            # Polars shares nested parts of queries only where they are marked.
            self.frames[table] = self.frames[table].cache()

    def _kept(self, scan: Scan) -> Iterator[Query]:
        """The rows that count: `keep`, then `where`, then the uniqueness of the key."""
        table = self.engine.book.tables[scan.table]
        seen = self.seen[scan.table]
        frame = self.frames[scan.table]
        if table.keep is not None:
            frame = _latest(frame, table, scan.columns)
        if scan.where is not None:
            frame = frame.filter(self.rows.typed(scan.where, Type.BOOLEAN).fill_null(value=False))
        self.frames[scan.table] = frame
        if table.key:
            yield from seen.unique(frame)

    def _attach(self, step: Attach) -> Iterator[Query]:
        """Brings values of the parent to each child."""
        child, parent = self.frames[step.table], self.frames[step.parent]
        keys = {f"key{i}": pl.col(name) for i, name in enumerate(step.key)}
        values = {name: pl.col(of_parent) for name, of_parent in step.values}
        found = f"found:{step.lookup}"
        # A parent with a blank key is nobody's parent.
        right = parent.select(**keys, **values, **{found: pl.lit(value=True)}).drop_nulls(list(keys))
        joined = child.drop(found, strict=False).join(right, left_on=list(step.links), right_on=list(keys), how="left")
        self.frames[step.table] = joined
        yield from self.seen[step.table].misses(step.links, joined.filter(pl.col(found).is_null()))

    def _roll(self, step: Roll) -> Iterator[Query]:
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
        totals = grouped.agg(_rolled(total) for total in step.totals)
        joined = self.frames[step.table].join(totals, left_on=list(step.key), right_on=list(links), how="left")
        zeros = [total.name for total in step.totals if total.function in ("count", "count_distinct", "sum")]
        parents = self.frames[step.table].select(step.key)
        self.frames[step.table] = joined.with_columns(pl.col(name).fill_null(0).cast(NUMBER) for name in zeros)
        orphans = child.join(parents, left_on=list(step.links), right_on=list(step.key), how="anti")
        yield from self.seen[step.child].misses(step.links, orphans)

    def _undated(self) -> Iterator[Query]:
        """Counts the rows that no period holds, for each date by which rows are asked for."""
        asked: dict[tuple[str, str], list[pl.Expr]] = {}
        for aggregation in self.plan.aggregations:
            if isinstance(aggregation.dating, OnDate):
                key = (aggregation.table, ".".join(aggregation.dating.field.path))
                for ask in aggregation.asks:
                    always = pl.lit(value=True)
                    where = always if ask.where is None else self.rows.typed(ask.where, Type.BOOLEAN)
                    asked.setdefault(key, []).append(where)
        for (table, name), conditions in asked.items():
            wanted = reduce(lambda a, b: a | b, (condition.fill_null(value=False) for condition in conditions))
            yield from self.seen[table].undated(name, self.frames[table].filter(pl.col(name).is_null() & wanted))


def _latest(frame: pl.LazyFrame, table: Table, columns: tuple[str, ...]) -> pl.LazyFrame:
    """The newest version of each key; rows without a key are left as they are.

    Dates are compared by their moments. Versions that are equal in every column are one; those that tie and differ
    stay, and fail as duplicate keys.
    """
    assert table.keep is not None
    order = ORDER if table.column_types()[table.keep] is ColumnType.DATE else table.keep
    keyed = pl.all_horizontal(pl.col(name).is_not_null() for name in table.key)
    newest = frame.filter(keyed).group_by(table.key).agg(pl.col(order).max().alias("newest"))
    versions = frame.filter(keyed).join(newest, on=table.key, how="left")
    kept = versions.filter(pl.col(order).eq_missing(pl.col("newest")))
    place = pl.col(FILE).cast(pl.UInt64) * 2**32 + pl.col(ROW).cast(pl.UInt64)
    one = kept.group_by(columns).agg(place.min().alias("place"))
    row, file = pl.col("place") % 2**32, pl.col("place") // 2**32
    number = pl.UInt32
    unkeyed = frame.filter(~keyed).select(*columns, pl.col(ROW).cast(number), pl.col(FILE).cast(number))
    return pl.concat([one.select(*columns, row.cast(number).alias(ROW), file.cast(number).alias(FILE)), unkeyed])


def _rolled(total: Total) -> pl.Expr:
    """One aggregate over the children of each parent."""
    where = pl.col(f"where:{total.name}") if total.where is not None else pl.lit(value=True)
    if total.column is None:
        return where.sum().alias(total.name) if total.where is not None else pl.len().alias(total.name)
    value = pl.col(f"value:{total.name}")
    value = value.filter(where) if total.where is not None else value
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
            carried = value.cast(pl.Decimal(38, 18))
            count = value.count()
            result = rounded(carried.sum() / pl.when(count > 0).then(count).cast(pl.Decimal(38, 0)))
        case _:
            result = _percentile(value, total)
    return result.alias(total.name)


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


def _collect(work: list[Query]) -> None:
    """Runs all queries at once, so that each table is scanned once, and reads their results."""
    for query, result in zip(work, _collected([query.frame for query in work]), strict=True):
        query.read(result)


def _collected(frames: list[pl.LazyFrame]) -> list[pl.DataFrame]:
    try:
        return pl.collect_all(frames, engine="streaming")
    except pl.exceptions.PolarsError as error:
        raise _explained(error) from error


def _explained(error: Exception) -> KpiError:
    first = str(error).partition("\n")[0]
    if "overflow" in first or "doesn't fit" in first:
        return KpiError(
            "overflow",
            "a sum or product is too large to be exact",
            help="check the amounts: a sum has up to 32 digits before the point, a product within a row up to 20",
            trouble=Trouble.DATA,
        )
    return KpiError(
        "unreadable", f"the data can't be read: {first}", help="run again with --debug for more", trouble=Trouble.DATA
    )
