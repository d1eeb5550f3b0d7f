"""The moments that a column of dates tells, to the microsecond, in UTC: which of two versions of a row is the newer.

A date column holds days everywhere else; only `keep: latest by` looks behind them, since a CRM changes a row more than
once a day. A cell without a time is the midnight that begins its day.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from kpicli.book.model import Column
from kpicli.tables.dates import Pattern, Zones, read_pattern
from kpicli.tables.steps import Steps

ORDER: Final = "__order"
"""Column: the moment of the column by which a table keeps its latest rows; null where it doesn't fit."""

_MOMENT = pl.Datetime("us")


def instants(cell: pl.Expr, kind: pl.DataType, column: Column, zones: Zones, steps: Steps) -> pl.Expr:
    """The moments of a column's cells: trimmed text, or native values."""
    if kind == pl.Date:
        return _utc(cell.cast(_MOMENT), zones)
    if isinstance(kind, pl.Datetime):
        moment = cell.cast(pl.Datetime("us", kind.time_zone))
        return _naive(moment) if kind.time_zone else _utc(moment, zones)
    if column.format:
        return pl.coalesce(_by_pattern(cell, read_pattern(text), zones) for text in column.format)
    return _iso(cell, zones, steps)


_ZONED: Final = ("%Y-%m-%d %H:%M:%S%.f%#z", "%Y-%m-%d %H:%M%#z")
_LOCAL: Final = ("%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d %H:%M")


def _iso(cell: pl.Expr, zones: Zones, steps: Steps) -> pl.Expr:
    """Each shape is tried on what the ones before it left over."""
    left = steps.kept(
        cell.str.replace(r"^(\d{4}-\d{2}-\d{2})[Tt ]", "${1} ")
        .str.replace(",", ".", literal=True)
        .str.replace(r" ?(?:[Zz]|UTC|GMT)$", "+0000")
        .str.replace(r" ([+-]\d{2}(?::?\d{2})?)$", "${1}")
    )
    found = []
    for shape in (*_ZONED, *_LOCAL):
        found.append(steps.kept(_parsed(left, shape)))
        left = steps.kept(pl.when(found[-1].is_null()).then(left))
    day = left.str.to_date("%Y-%m-%d", strict=False).cast(_MOMENT)
    zoned, local = found[: len(_ZONED)], found[len(_ZONED) :]
    return pl.coalesce(*map(_naive, zoned), _utc(steps.kept(pl.coalesce(*local, day)), zones))


def _by_pattern(cell: pl.Expr, pattern: Pattern, zones: Zones) -> pl.Expr:
    if pattern.is_day:
        day = cell.str.to_date(pattern.text, strict=False)
        return _utc(pl.when(_in_years(day)).then(day).cast(_MOMENT), zones)
    parsed = _parsed(cell, pattern.text)
    parsed = pl.when(_in_years(parsed)).then(parsed)
    if pattern.has_zone:
        return _naive(parsed)
    return _utc(parsed, Zones("UTC", zones.calendar) if pattern.counts_seconds else zones)


def _in_years(moment: pl.Expr) -> pl.Expr:
    """Years of four digits, as in the column itself: what another year makes of a cell is for a later pattern."""
    return moment.dt.year().is_between(1000, 9999)


def _parsed(text: pl.Expr, shape: str) -> pl.Expr:
    return text.str.to_datetime(shape, strict=False, time_unit="us")


def _naive(moment: pl.Expr) -> pl.Expr:
    return moment.dt.convert_time_zone("UTC").dt.replace_time_zone(None)


def _utc(moment: pl.Expr, zones: Zones) -> pl.Expr:
    """A moment on a wall clock in UTC; an hour that the clock skips is taken an hour later."""
    later = (moment, moment + pl.duration(hours=1), moment + pl.duration(days=1))
    zoned = [each.dt.replace_time_zone(zones.local, ambiguous="earliest", non_existent="null") for each in later]
    return _naive(pl.coalesce(zoned))
