"""Which text columns of a table a plan only tells apart: it compares them with words of formulas, or groups by them.

Owners, stages, types: few different texts in many rows. Kept as numbers of words, they take a quarter of the memory,
and are compared and grouped in less time. What a plan reads in another way, by letters or by order, stays text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kpicli.book.model import ColumnType, Table
from kpicli.formula.typed import Field, Literal, Row, RowOperation
from kpicli.plan.nodes import Derive, Plan, Scan

_TELL_APART = frozenset({"=", "!=", "in", "is_null"})
_COUNTS = frozenset({"count", "count_distinct"})


def told_apart(plan: Plan, scan: Scan, table: Table) -> list[str]:
    """Those of a table's text columns, where nothing but fields and figures of the table itself reads them."""
    conditions = [row for row in _conditions(plan, scan) if row is not None]
    groups = [row for aggregation in plan.aggregations if aggregation.table == scan.table for row in aggregation.by]
    told = {_name(row) for row in groups if isinstance(row, Field)}
    read: set[str] = set()
    for row in (*conditions, *(row for row in groups if not isinstance(row, Field))):
        _look(row, told, read)
    types = table.column_types()
    return [name for name in scan.columns if name in told - read and types[name] is ColumnType.TEXT]


def _conditions(plan: Plan, scan: Scan) -> Iterator[Row | None]:
    """All that is worked out of a table's rows."""
    yield scan.where
    for step in plan.steps:
        if isinstance(step, Derive) and step.table == scan.table:
            yield from (row for _, row in step.fields)
    for aggregation in plan.aggregations:
        if aggregation.table == scan.table:
            yield aggregation.only
            yield from (ask.where for ask in aggregation.asks)
            # Which text is the least or the greatest is a matter of letters.
            yield from (ask.column for ask in aggregation.asks if ask.function not in _COUNTS)


def _look(row: Row, told: set[str], read: set[str]) -> None:
    """Notes the fields of an expression: those that it tells apart from words, and those that it reads otherwise."""
    match row:
        case Field():
            read.add(_name(row))
        case RowOperation(name=name, arguments=arguments) if name in _TELL_APART and _is_one_field(arguments):
            if len(arguments) > 1:
                told.update(_name(argument) for argument in arguments if isinstance(argument, Field))
        case RowOperation(arguments=arguments):
            for argument in arguments:
                _look(argument, told, read)
        case _:
            pass


def _is_one_field(arguments: Sequence[Row]) -> bool:
    """Whether a field stands among constants alone."""
    constants = sum(isinstance(argument, Literal) for argument in arguments)
    return constants == len(arguments) - 1 and any(isinstance(argument, Field) for argument in arguments)


def _name(field: Field) -> str:
    return ".".join(field.path)
