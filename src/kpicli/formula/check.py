"""The check: a tree plus what the book declares gives a typed formula, or an error with a caret and a fix.

It runs before any file is read. Row formulas are checked against one table, KPI formulas against the whole book.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from typing import Final, TypeVar

from msgspec import Struct, field

from kpicli.errors import KpiError, Source
from kpicli.formula.check_calls import DependentError
from kpicli.formula.check_figures import FigureCheck
from kpicli.formula.check_rows import RowCheck
from kpicli.formula.parse import parse
from kpicli.formula.typed import Figure, Row, Type

T = TypeVar("T")
K = TypeVar("K")


class LookupSchema(Struct, frozen=True):
    table: str
    column: tuple[str, ...]


class TableSchema(Struct, frozen=True):
    """What formulas can see of a table."""

    name: str
    columns: Mapping[str, Type]
    fields: Mapping[str, Source] = field(default_factory=dict)
    lookups: Mapping[str, LookupSchema] = field(default_factory=dict)
    date: str | None = None
    covers: bool = False
    lifespan: tuple[str, str] | None = None
    waiting: Mapping[str, str] = field(default_factory=dict)
    """Lookups that would be there if a table had this preset."""

    def names(self) -> list[str]:
        """Every name that a row formula of this table can start with."""
        dated = ["date"] if self.date is not None else []
        return [*self.columns, *self.fields, *self.lookups, *dated]


class Schema(Struct, frozen=True):
    """What formulas can see of a book."""

    tables: Mapping[str, TableSchema]
    constants: Mapping[str, Decimal] = field(default_factory=dict)
    kpis: Mapping[str, Source] = field(default_factory=dict)
    dimensions: frozenset[str] = frozenset()


_DEEPEST: Final = 20_000


@contextmanager
def deep_chains() -> Iterator[None]:
    """Lets formulas build on each other in chains of hundreds: typing and evaluating them is recursive."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, _DEEPEST))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


class Checker:
    """Types formulas on demand, each once; a formula that needs itself is an error printed as a trail."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self._fields: dict[tuple[str, str], Row | KpiError] = {}
        self._kpis: dict[str, Figure | KpiError] = {}
        self._trail: list[str] = []

    def field(self, table: str, name: str) -> Row:
        """The typed formula of a field."""
        source = self.schema.tables[table].fields[name]
        return self._once(self._fields, (table, name), f"{table}.{name}", source, lambda: self._field(table, source))

    def _field(self, table: str, source: Source) -> Row:
        row = self.row(table, source)
        if row.type is Type.NULL:
            place = source.locate(0, len(source.text))
            raise KpiError("always-null", "this field is null in every row", place=place, help="write a formula")
        return row

    def row(self, table: str, source: Source) -> Row:
        """The typed form of a row formula that stands in the given table."""
        return RowCheck(self, source, self.schema.tables[table]).check(parse(source))

    def columns_condition(self, table: str, source: Source) -> Row:
        """A table's `where`: a condition over its columns alone."""
        check = RowCheck(self, source, self.schema.tables[table], sees="columns")
        return check.condition(parse(source), "where")

    def condition(self, table: str, source: Source) -> Row:
        """A row condition, such as `where` of a dimension's members."""
        return RowCheck(self, source, self.schema.tables[table]).condition(parse(source), "where")

    def kpi(self, name: str) -> Figure:
        """The typed formula of a KPI, without its window."""
        source = self.schema.kpis[name]
        return self._once(self._kpis, name, name, source, lambda: self.figure(source))

    def figure(self, source: Source) -> Figure:
        """The typed form of a KPI formula, which gives a number or a text."""
        figure = FigureCheck(self, source).check(parse(source))
        whole = source.locate(0, len(source.text))
        if figure.type is Type.BOOLEAN:
            help_ = "write `if(…, 1, 0)` around it, or count rows with `count(table where …)`"
            raise KpiError("type", "a KPI is a number or a text, and this is true or false", place=whole, help=help_)
        if figure.type is Type.DATE:
            help_ = "compare it with a date, for example `today - max(activities.date)` for days"
            raise KpiError("type", "a KPI is a number or a text, and this is a date", place=whole, help=help_)
        if figure.type is Type.NULL:
            raise KpiError("always-null", "this KPI never has a value", place=whole, help="write a formula")
        return figure

    def path(self, table: str, source: Source) -> Row:
        """A bare path, as dimensions and labels name it."""
        return self.row(table, source)

    def _once(self, known: dict[K, T | KpiError], key: K, name: str, source: Source, make: Callable[[], T]) -> T:
        if key not in known:
            if name in self._trail:
                trail = " → ".join([*self._trail[self._trail.index(name) :], name])
                raise KpiError(
                    "cycle",
                    f"'{name}' needs itself: {trail}",
                    place=source.locate(0, len(source.text)),
                    help="break the circle: one of these formulas must not read the next",
                )
            self._trail.append(name)
            try:
                known[key] = make()
            except KpiError as error:
                known[key] = error
                raise
            finally:
                self._trail.pop()
        found = known[key]
        if isinstance(found, KpiError):
            raise DependentError(found.code, found.message, place=found.place, help=found.help)
        return found
