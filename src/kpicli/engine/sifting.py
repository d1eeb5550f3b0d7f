"""Sieves of a plan in Polars: the rows that an aggregate takes, and the first reason for which it leaves each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

import polars as pl

from kpicli.contexts import AliveOn, Days
from kpicli.engine.rows import RowCompiler
from kpicli.formula.typed import Type
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


def sift(sieve: Sieve, frame: pl.DataFrame, files: tuple[str, ...], rows: RowCompiler) -> Sifted:
    """Each row of the frame once: taken, or left for a reason."""
    members = {f"member{at}": rows.typed(row, Type.TEXT) for at, row in enumerate(sieve.members)}
    value = {} if sieve.column is None else {"value": rows.compile(sieve.column)}
    shown = {f"shown{at}": rows.compile(row) for at, row in enumerate(sieve.shows)}
    day = _day(sieve, rows)
    told = frame.select(FILE, ROW, day.alias("day"), _reason(sieve, rows).alias("reason"), **members, **value, **shown)
    if sieve.distinct:
        told = _without_duplicates(told.sort(FILE, ROW), [*members, "value"])
    counts = Counter(dict(told.group_by("reason").len().iter_rows()))
    left_out = tuple((name, counts[at]) for at, name in enumerate(REASONS) if counts[at])
    taken = told.filter(pl.col("reason") == _COUNTS).sort("day", FILE, ROW) if sieve.first != 0 else told.head(0)
    if sieve.first is not None:
        taken = taken.head(sieve.first)
    several = len(files) > 1
    listed = tuple(
        SiftedRow(row, files[file] if several else None, tuple(values))
        for file, row, *values in taken.select(FILE, ROW, *shown).iter_rows()
    )
    return Sifted(counts[_COUNTS], left_out, listed)


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


def _day(sieve: Sieve, rows: RowCompiler) -> pl.Expr:
    match sieve.dating:
        case OnDate(field=field):
            return rows.compile(field)
        case Replay(since=since):
            return rows.compile(since)
        case _:
            return pl.lit(None, dtype=pl.Date)


def _without_duplicates(told: pl.DataFrame, same: list[str]) -> pl.DataFrame:
    """Of the rows that are left, in the order of the files, the first of each value stays."""
    counts = pl.col("reason") == _COUNTS
    first = pl.struct(*same, counts.alias("counts")).is_first_distinct()
    duplicate = pl.lit(REASONS.index("duplicate"), dtype=_CODE)
    return told.with_columns(reason=pl.when(counts & ~first).then(duplicate).otherwise(pl.col("reason")))
