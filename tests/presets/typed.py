"""Tables as an engine reads them: columns, fields and what lookups lead to, all of it as text."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

from kpicli.book.load import Loaded
from kpicli.book.model import Column, Table
from kpicli.engine.polars import PolarsEngine, _Run
from kpicli.formula.typed import Field, Type
from kpicli.plan.nodes import Plan
from kpicli.plan.steps import Needs

AS_OF = date(2026, 11, 22)
_NO_IDS = ("000000000000000", "000000000000000AAA")


def typed_rows(loaded: Loaded, table: str, paths: Sequence[str]) -> list[list[str]]:
    """The rows of a table with these columns, fields and looked-up values, as the book's presets have them."""
    needs = Needs(loaded.book, loaded.formulas)
    for path in paths:
        needs.field(table, Field(tuple(path.split(".")), Type.TEXT))
    run = _Run(PolarsEngine(loaded.book, loaded.folder), Plan(AS_OF, needs.scans(), needs.steps(), ()))
    run.read()
    rows = run.frames[table].select(paths).rows()
    return [[_text(loaded.book.tables, table, *each) for each in zip(paths, row, strict=True)] for row in rows]


def _text(tables: dict[str, Table], table: str, path: str, value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case Decimal():
            return f"{value.normalize():f}"
        case str():
            return _plain(value, path, _column(tables, table, path))
        case _:
            return str(value)


def _column(tables: dict[str, Table], table: str, path: str) -> Column | None:
    *lookups, name = path.split(".")
    for lookup in lookups:
        table = tables[table].lookups[lookup].table
    columns = [tables[table].columns, *(entry.columns for entry in tables[table].source)]
    return next((each[name] for each in columns if name in each), None)


def _plain(value: str, path: str, column: Column | None) -> str:
    """A text as `id` and `separator` of its column mean it, however much of that was done when it was read."""
    if column is not None and column.separator is not None:
        value = value.split(column.separator, maxsplit=1)[0]
    if column is None and path.endswith("_id"):
        return value[:15]  # a field made of ids
    match None if column is None else column.id:
        case "salesforce":
            return "" if value in _NO_IDS else value[:15]
        case "zoho":
            value = value.removeprefix("zcrm_")
            return "" if value == "0" else value
        case _:
            return value


def read_csv(path: Path) -> tuple[list[str], list[list[str]]]:
    """Headers and rows of an expected table."""
    with path.open(encoding="utf-8", newline="") as file:
        headers, *rows = csv.reader(file)
    return headers, rows
