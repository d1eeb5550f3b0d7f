"""Sieves of a plan in Polars: the rows that an aggregate takes, and the first reason for which it leaves each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import polars as pl

from kpicli.contexts import AliveOn, Days
from kpicli.engine.needed import columns_of
from kpicli.engine.rows import RowCompiler
from kpicli.formula.typed import Field, Type
from kpicli.plan.nodes import OnDate, Replay, Sieve, Sifted, SiftedRow
from kpicli.tables.scan import FILE, ROW

REASONS: Final = (
    "only",
    "no-member",
    "before",
    "after",
    "begins-later",
    "ended",
    "condition",
    "unknown",
    "no-date",
    "blank",
    "duplicate",
)
"""In the order in which they are asked."""

_COUNTS: Final = len(REASONS)
_CODE: Final = pl.UInt8
_NO_DAY: Final = pl.lit(None, dtype=pl.Date)


class PassedOver(NamedTuple):
    """Rows that count for no aggregate of their table, and why: their columns, ROW and FILE."""

    reason: str
    rows: pl.LazyFrame


def sift(
    sieve: Sieve, frame: pl.DataFrame, files: tuple[str, ...], rows: RowCompiler, passed_over: Sequence[PassedOver]
) -> Sifted:
    """Each row of the frame once: taken, or left for a reason. `passed_over` are rows that aren't in the frame."""
    members = {f"member{at}": rows.typed(row, Type.TEXT) for at, row in enumerate(sieve.members)}
    value = {} if sieve.column is None else {"value": rows.compile(sieve.column)}
    shown = {f"shown{at}": rows.compile(row) for at, row in enumerate(sieve.shows)}
    day = _day(sieve, rows)
    told = frame.select(FILE, ROW, day.alias("day"), _reason(sieve, rows).alias("reason"), **members, **value, **shown)
    if sieve.distinct:
        told = _without_duplicates(told.sort(FILE, ROW), [*members, "value"])
    counts = Counter(dict(told.group_by("reason").len().iter_rows()))
    left_out = tuple((name, counts[at]) for at, name in enumerate(REASONS) if counts[at])
    told = told.select("reason", "day", FILE, ROW, *shown)
    lists = [] if sieve.first == 0 else [("", told.filter(pl.col("reason") == _COUNTS))]
    if sieve.left_out:
        lists = [(each.reason, _passed_over(sieve, each.rows, rows)) for each in passed_over]
        lists += [(name, told.filter(pl.col("reason") == at)) for at, name in enumerate(REASONS) if counts[at]]
    listed = tuple(row for reason, those in lists for row in _listed(those, sieve.first, files, reason or None))
    return Sifted(counts[_COUNTS], left_out, listed)


def _listed(those: pl.DataFrame, first: int | None, files: tuple[str, ...], reason: str | None) -> Iterator[SiftedRow]:
    """Rows by date, then in the order of the files; all, or the first of them."""
    ordered = those.sort("day", FILE, ROW)
    for _, _, file, row, *values in (ordered if first is None else ordered.head(first)).iter_rows():
        yield SiftedRow(row, files[file] if len(files) > 1 else None, tuple(values), reason)


def _passed_over(sieve: Sieve, those: pl.LazyFrame, rows: RowCompiler) -> pl.DataFrame:
    """What rows show whose fields were never worked out: their columns."""
    columns = set(those.collect_schema().names())
    shown = {
        f"shown{at}": rows.compile(row) if columns_of(row) <= columns else pl.lit(None)
        for at, row in enumerate(sieve.shows)
    }
    date = _date(sieve)
    day = _NO_DAY if date is None or not columns_of(date) <= columns else rows.compile(date)
    return those.select(pl.lit(None).alias("reason"), day.alias("day"), FILE, ROW, **shown).collect(engine="in-memory")


def _reason(sieve: Sieve, rows: RowCompiler) -> pl.Expr:
    """The number of the first reason that fits a row, or of none."""
    number = pl.lit(_COUNTS, dtype=_CODE)
    for name, fits in reversed(list(_reasons(sieve, rows))):
        reason = pl.lit(REASONS.index(name), dtype=_CODE)
        number = pl.when(fits.fill_null(value=False)).then(reason).otherwise(number)
    # Of what is the same in every row Polars may make one row; ROW has all of them.
    return pl.when(pl.col(ROW).is_not_null()).then(number)


def _reasons(sieve: Sieve, rows: RowCompiler) -> Iterator[tuple[str, pl.Expr]]:
    if sieve.only is not None:
        yield "only", ~rows.typed(sieve.only, Type.BOOLEAN).fill_null(value=False)
    for member in sieve.members:
        yield "no-member", rows.typed(member, Type.TEXT).is_null()
    day = _day(sieve, rows)
    match sieve.dating, sieve.reach:
        case OnDate(), Days(start=start, end=end):
            yield "before", day < start
            yield "after", day >= end
        case Replay(until=until), AliveOn(day=on):
            yield "begins-later", day > on
            yield "ended", rows.compile(until) <= on
        case _:
            pass
    if sieve.where is not None:
        condition = rows.typed(sieve.where, Type.BOOLEAN)
        yield "condition", ~condition
        yield "unknown", condition.is_null()
    if isinstance(sieve.dating, OnDate | Replay):
        yield "no-date", day.is_null()
    if sieve.column is not None:
        yield "blank", rows.compile(sieve.column).is_null()


def _date(sieve: Sieve) -> Field | None:
    """The date that puts a row before, into or after the days."""
    match sieve.dating:
        case OnDate(field=field):
            return field
        case Replay(since=since):
            return since
        case _:
            return None


def _day(sieve: Sieve, rows: RowCompiler) -> pl.Expr:
    date = _date(sieve)
    return _NO_DAY if date is None else rows.compile(date)


def _without_duplicates(told: pl.DataFrame, same: list[str]) -> pl.DataFrame:
    """Of the rows that are left, in the order of the files, the first of each value stays."""
    counts = pl.col("reason") == _COUNTS
    first = pl.struct(*same, counts.alias("counts")).is_first_distinct()
    duplicate = pl.lit(REASONS.index("duplicate"), dtype=_CODE)
    return told.with_columns(reason=pl.when(counts & ~first).then(duplicate).otherwise(pl.col("reason")))
