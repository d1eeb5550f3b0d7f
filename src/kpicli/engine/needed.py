"""Which rows of a table a plan needs, where that can be told from a row's own dates.

Most reports look at a few months of exports that hold years. Rows outside of those days need not be kept in memory, if
nothing else reads them: no roll-up, no lookup, no choice of the latest version. Rows without a date are in no period; a
note counts those of them that somebody asks for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import reduce
from operator import or_
from typing import Final

import polars as pl
from msgspec import Struct

from kpicli.book.model import ColumnType, Table
from kpicli.book.money import currencies_of
from kpicli.contexts import Days
from kpicli.engine.rows import RowCompiler
from kpicli.formula.typed import Field, Row, RowOperation, Type
from kpicli.plan.nodes import Aggregation, Attach, Derive, OnDate, Plan, Roll, Scan


class NeededDays(Struct, frozen=True):
    """The days of each date column on which a report needs rows, as stretches that don't touch."""

    stretches: Mapping[str, tuple[Days, ...]]
    undated: Mapping[str, tuple[Row, ...]]
    """Of each date column, the conditions under which a row without that date is needed; without any, all are."""

    def rows(self, compiler: RowCompiler) -> pl.Expr:
        """The rows on those days, and those without a date that somebody asks for."""
        return reduce(or_, (part for name in self.stretches for part in self._rows_of(name, compiler)))

    def _rows_of(self, name: str, compiler: RowCompiler) -> Iterable[pl.Expr]:
        day = pl.col(name)
        asked = [compiler.typed(where, Type.BOOLEAN).fill_null(value=False) for where in self.undated[name]]
        yield day.is_null() & reduce(or_, asked) if asked else day.is_null()
        for stretch in self.stretches[name]:
            yield (day >= stretch.start) & (day < stretch.end)


def needed_days(plan: Plan, scan: Scan, table: Table) -> NeededDays | None:
    """The days on which a plan needs rows of a table, where it needs no others; None if it may need any row."""
    if currencies_of(table, scan.columns):  # `where` may read an amount, which is converted after the files are read
        return None
    types = table.column_types()
    dates = {name for name, kind in types.items() if kind is ColumnType.DATE}
    texts = {name for name, kind in types.items() if kind is ColumnType.TEXT}
    if table.keep is not None or not texts.issuperset(table.key) or scan.date not in {None, *dates}:
        return None
    if any(_reads_every_row(step, scan.table) for step in plan.steps):
        return None
    if any(scan.table in {search.table, search.not_in and search.not_in.table} for search in plan.searches):
        return None
    if any(scan.table == sieve.table for sieve in plan.sieves):
        return None
    own = [aggregation for aggregation in plan.aggregations if aggregation.table == scan.table]
    stretches: dict[str, list[Days]] = {}
    undated: dict[str, list[Row | None]] = {}
    for aggregation in own:
        name = _date_column(aggregation)
        if name not in dates:
            return None
        stretches.setdefault(name, []).extend(
            reach for ask in aggregation.asks for reach in ask.reaches if isinstance(reach, Days)
        )
        undated.setdefault(name, []).extend(ask.where for ask in aggregation.asks)
    if not stretches:
        return None
    told = set(scan.columns) - texts
    return NeededDays(
        {name: joined(days) for name, days in stretches.items()},
        {name: _told_by(told, conditions) for name, conditions in undated.items()},
    )


def _told_by(columns: set[str], conditions: Iterable[Row | None]) -> tuple[Row, ...]:
    """The conditions, if these columns of a row tell whether it fulfils them, whatever they hold; else none."""
    found = tuple(dict.fromkeys(each for each in conditions if each is not None and _is_told_by(columns, each)))
    return found if all(each in found for each in conditions) else ()


def _is_told_by(columns: set[str], row: Row) -> bool:
    match row:
        case Field(path=path):
            return ".".join(path) in columns
        case RowOperation(name=name, arguments=arguments):
            # What is worked out may be too large in a row that nobody asks for, which would be an error.
            return name in _NEVER_FAIL and all(_is_told_by(columns, argument) for argument in arguments)
        case _:
            return True


_NEVER_FAIL: Final = {"and", "or", "not", "=", "!=", "<", "<=", ">", ">=", "between", "is_null", "in"}


def _reads_every_row(step: Derive | Attach | Roll, table: str) -> bool:
    match step:
        case Derive():
            return False
        case Attach(table=child, parent=parent):
            return table in {child, parent}
        case Roll(table=parent, child=child):
            return table in {child, parent}


def _date_column(aggregation: Aggregation) -> str | None:
    match aggregation.dating:
        case OnDate(field=field):
            return ".".join(field.path)
        case _:
            return None


def columns_of(row: Row) -> set[str]:
    """The columns that a row expression reads."""
    match row:
        case Field(path=path):
            return {".".join(path)}
        case RowOperation(arguments=arguments):
            return {name for argument in arguments for name in columns_of(argument)}
        case _:
            return set()


def joined(days: Iterable[Days]) -> tuple[Days, ...]:
    """Stretches of days, those that overlap or touch as one."""
    found: list[Days] = []
    for each in sorted(days, key=_start):
        if found and each.start <= found[-1].end:
            found[-1] = Days(found[-1].start, max(found[-1].end, each.end))
        else:
            found.append(each)
    return tuple(found)


def _start(days: Days) -> date:
    return days.start
