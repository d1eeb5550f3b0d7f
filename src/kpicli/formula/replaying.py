"""What reads the as-of day, and so can't be replayed: on an earlier day it was something else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpicli.formula.typed import AsOf, Field, Rollup, Row, RowOperation, Type

if TYPE_CHECKING:
    from kpicli.formula.check import Checker, TableSchema


def reads_today(checker: Checker, table: TableSchema, *rows: Row | None) -> bool:
    """Whether any of these rows of a table reads the as-of day, through fields too."""
    seen: set[tuple[str, str]] = set()
    return any(_reads(checker, table, row, seen) for row in rows if row is not None)


def _reads(checker: Checker, table: TableSchema, row: Row, seen: set[tuple[str, str]]) -> bool:
    tables = checker.schema.tables
    match row:
        case AsOf():
            return True
        case Field(path=(*lookups, name)):
            here = table
            for lookup in lookups:
                columns = here.lookups[lookup].column
                if any(_reads(checker, here, Field((column,), Type.NULL), seen) for column in columns):
                    return True
                here = tables[here.lookups[lookup].table]
            if name not in here.fields or (here.name, name) in seen:
                return False
            seen.add((here.name, name))
            return _reads(checker, here, checker.field(here.name, name), seen)
        case RowOperation(arguments=arguments):
            return any(_reads(checker, table, argument, seen) for argument in arguments)
        case Rollup(table=child, via=via, column=column, where=where):
            links = [Field((name,), Type.NULL) for name in tables[child].lookups[via].column]
            inside = [part for part in (column, where, *links) if part is not None]
            return any(_reads(checker, tables[child], part, seen) for part in inside)
        case _:
            return False
