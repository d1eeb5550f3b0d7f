"""The check of KPI formulas: aggregates, other KPIs, constants, and the contexts in which they are evaluated."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final, NoReturn

from msgspec.structs import replace

from kpicli.errors import KpiError, Source, did_you_mean, near_or_known
from kpicli.formula import tree
from kpicli.formula.check_calls import DEEPEST, CallCheck, DependentError, chain, shared_type
from kpicli.formula.check_rows import RowCheck
from kpicli.formula.replaying import reads_today
from kpicli.formula.typed import (
    AsOf,
    At,
    Field,
    Figure,
    FigureOperation,
    IntervalLength,
    KpiReference,
    Literal,
    Measure,
    PerUnits,
    Prior,
    Reduction,
    Rest,
    Row,
    Share,
    TargetReference,
    ToDate,
    TopMember,
    Trailing,
    Type,
    Whole,
)
from kpicli.periods import Grain, PerUnit

if TYPE_CHECKING:
    from kpicli.formula.check import Checker, TableSchema


_LENGTHS: Final = {"days": PerUnit.DAY, "workdays": PerUnit.WORKDAY}
"""Functions that may stand without parentheses, since they take nothing."""


class FigureCheck:
    """Types one KPI formula."""

    def __init__(self, checker: Checker, source: Source) -> None:
        self.checker = checker
        self.schema = checker.schema
        self.source = source
        self._depth = 0

    def fail(self, code: str, message: str, node: tree.Node, help_: str | None = None) -> NoReturn:
        raise KpiError(code, message, place=self.source.locate(*node.span), help=help_)

    def check(self, node: tree.Node) -> Figure:
        """The typed form of a part of the formula."""
        if self._depth >= DEEPEST:
            help_ = "give a part of it a name of its own, as a field or a KPI"
            self.fail("too-deep", "the formula mixes too many operators in a row", node, help_)
        self._depth += 1
        try:
            return self._typed(node)
        finally:
            self._depth -= 1

    def _typed(self, node: tree.Node) -> Figure:
        match node:
            case tree.Number(value=number):
                return Literal(number, Type.NUMBER)
            case tree.Text(value=text):
                return Literal(text, Type.TEXT)
            case tree.Boolean(value=truth):
                return Literal(truth, Type.BOOLEAN)
            case tree.DateLiteral(value=day):
                return Literal(day, Type.DATE)
            case tree.Null():
                return Literal(None, Type.NULL)
            case tree.Today():
                return AsOf()
            case tree.Path():
                return self.path(node)
            case tree.Aggregate():
                return self.measure(node)
            case tree.Reducer(function=function, body=body, dimension=dimension, argument=argument):
                self._dimension(dimension, node)
                self._check_reduced(node)
                if (argument is None) is (function == "percentile"):
                    trouble = "needs its percentage" if argument is None else "takes no number"
                    help_ = f"write `percentile({body} by {dimension}, 90)`" if argument is None else "leave it out"
                    self.fail("arguments", f"{function} {trouble}", node, help_)
                if argument is not None and not 0 <= argument <= 100:
                    self.fail("arguments", "a percentile lies between 0 and 100", node, "write for example 90")
                return Reduction(function, self.number(body, function), dimension, argument)
            case tree.Top(dimension=dimension, body=body):
                if dimension not in self.schema.dimensions and str(body) in self.schema.dimensions:
                    help_ = f"the dimension comes first: write `top({body} by {dimension})`"
                    self.fail("unknown-dimension", f"there is no dimension '{dimension}'", node, help_)
                self._dimension(dimension, node)
                return TopMember(dimension, self.number(body, "top"))
            case tree.Per(body=body, unit=unit):
                return PerUnits(self.number(body, "per"), PerUnit(unit))
            case tree.Call():
                return self.call(node)
            case _:
                return self.operation(node)

    def number(self, node: tree.Node, what: str) -> Figure:
        figure = self.check(node)
        if figure.type not in (Type.NUMBER, Type.NULL):
            help_ = "name a figure that is a number, such as a count or a sum"
            self.fail("type", f"`{what}` takes a number, and this is a {figure.type.value}", node, help_)
        return figure

    def _dimension(self, name: str, node: tree.Node) -> None:
        if name not in self.schema.dimensions:
            help_ = did_you_mean(name, self.schema.dimensions) or "declare it under dimensions"
            self.fail("unknown-dimension", f"there is no dimension '{name}'", node, help_)

    def operation(self, node: tree.Node) -> Figure:
        name, arguments = chain(node)
        checked = [self.check(argument) for argument in arguments]
        types = [figure.type for figure in checked]
        text = str(node)
        if name in ("+", "-") and Type.DATE in types:
            return self._dates(name, node, checked, text)
        result = shared_type(name, node, arguments, types, self.fail)
        return FigureOperation(name, tuple(checked), result, text)

    def _dates(self, name: str, node: tree.Node, checked: list[Figure], text: str) -> Figure:
        """`today - max(activities.date)`: days between; a date and days: a date; in a chain from the left."""
        total = checked[0]
        for figure in checked[1:]:
            match name, total.type, figure.type:
                case "-", Type.DATE, Type.DATE:
                    total = FigureOperation("days_between", (figure, total), Type.NUMBER, text)
                case "+", Type.DATE, (Type.NUMBER | Type.NULL):
                    total = FigureOperation("add_days", (total, figure), Type.DATE, text)
                case "+", (Type.NUMBER | Type.NULL), Type.DATE:
                    total = FigureOperation("add_days", (figure, total), Type.DATE, text)
                case "-", Type.DATE, (Type.NUMBER | Type.NULL):
                    negative = FigureOperation("negate", (figure,), Type.NUMBER, text)
                    total = FigureOperation("add_days", (total, negative), Type.DATE, text)
                case _, (Type.NUMBER | Type.NULL), (Type.NUMBER | Type.NULL):
                    total = FigureOperation(name, (total, figure), Type.NUMBER, text)
                case _:
                    help_ = "two dates make days: `today - max(activities.date)`"
                    self.fail(
                        "type", f"`{name}` can't join a {total.type.value} and a {figure.type.value}", node, help_
                    )
        return total

    def path(self, node: tree.Path) -> Figure:
        name, *rest = node.names
        if not rest and name in self.schema.kpis:
            return KpiReference(name, self.checker.kpi(name).type)
        if not rest and name in self.schema.constants:
            return Literal(self.schema.constants[name], Type.NUMBER)
        if not rest and name.lower() in _LENGTHS:
            return IntervalLength(_LENGTHS[name.lower()])
        rows = self._rows_meant(node)
        if rows is not None:
            what = "a value of a row" if len(rows.names) > 1 else "a table"
            written = f"write an aggregate, for example `{self._aggregate_of(rows)}`"
            self.fail("row-value", f"'{'.'.join(node.names)}' is {what}, not a figure", node, written)
        if rest:
            tables = near_or_known(name, self.schema.tables)
            self.fail("unknown-table", f"there is no table '{name}'", node, tables)
        known = [*self.schema.kpis, *self.schema.constants, *_LENGTHS]
        self.fail("unknown-name", f"there is no KPI or constant '{name}'", node, near_or_known(name, known))

    def _rows_meant(self, node: tree.Path) -> tree.Path | None:
        """The table, or its column or field, that a path means which names no figure."""
        name, *rest = node.names
        if rest or name in self.schema.tables:
            return node if name in self.schema.tables else None
        holders = [t.name for t in self.schema.tables.values() if name in t.columns or name in t.fields]
        return replace(node, names=(holders[0], name)) if holders else None

    def _aggregate_of(self, rows: tree.Path, function: str | None = None) -> tree.Aggregate:
        """What makes a figure of a table or of its column; a condition is counted, whatever the function."""
        table, *rest = rows.names
        kind = None
        with suppress(DependentError):
            check = RowCheck(self.checker, self.source, self.schema.tables[table])
            kind = check.resolve(check.table, tuple(rest), rows, ()).type if rest else None
        if kind is Type.BOOLEAN:
            return tree.Aggregate("count", tree.Path((table,)), where=tree.Path(tuple(rest)))
        return tree.Aggregate(function or ("sum" if kind is Type.NUMBER else "count"), rows)

    def _check_reduced(self, node: tree.Reducer) -> None:
        """Refuses the slip `sum(t.f by owner)`."""
        body = node.body
        if not isinstance(body, tree.Path) or body.names[0] in {*self.schema.kpis, *self.schema.constants, *_LENGTHS}:
            return
        rows = self._rows_meant(body)
        if rows is not None:
            inner = replace(self._aggregate_of(rows, node.function), argument=node.argument)
            outer = "avg" if inner.function == "count" else node.function
            meant = tree.Reducer(outer, inner, node.dimension, node.argument)
            message = f"`by` reduces the figures of members, and '{'.'.join(body.names)}' is of rows"
            self.fail("row-value", message, body, f"write `{meant}`")

    # ---- aggregates

    def measure(self, node: tree.Aggregate) -> Measure:
        table = self._table(node)
        if node.via is not None:
            self.fail("via", "`via` belongs to roll-ups in fields; a KPI reads the table itself", node, "leave it out")
        rows = RowCheck(self.checker, self.source, table, sees="row")
        column, result = rows.aggregated(node)
        where = rows.condition(node.where, "where") if node.where is not None else None
        at = self._at(node, table)
        on = None if at is not None else self._date(node, rows, table)
        return Measure(
            node.function,
            table.name,
            column,
            where,
            on,
            at,
            node.argument,
            result,
            covers=table.covers and at is None,
            reads_today=at is not None and self._reads_today(table, where, column),
            text=str(node),
            noun=_noun(node),
        )

    def _table(self, node: tree.Aggregate) -> TableSchema:
        name = node.path.names[0]
        table = self.schema.tables.get(name)
        if table is not None:
            return table
        if name in self.schema.kpis:
            reduced = f"write `{node.function}({name} by dimension)` to reduce it over members, or name `{name}` alone"
            if node.function in ("min", "max") and node.argument is not None:
                larger = "greatest" if node.function == "max" else "least"
                reduced = f"of several figures write `{larger}({name}, {node.argument})`"
            message = f"'{name}' is a KPI, and {node.function} reads the rows of a table"
            self.fail("unknown-table", message, node.path, reduced)
        help_ = near_or_known(name, self.schema.tables)
        rows = self._rows_meant(tree.Path((name,)))
        if rows is not None:
            meant = self._aggregate_of(rows, node.function)
            help_ = f"write `{meant if meant.where is not None else replace(node, path=rows)}`"
        self.fail("unknown-table", f"there is no table '{name}'", node.path, help_)

    def _at(self, node: tree.Aggregate, table: TableSchema) -> At | None:
        if node.at is None:
            return None
        if table.lifespan is None:
            help_ = f"declare `lifespan: {{from: …, until: …}}` under tables.{table.name}"
            self.fail("no-lifespan", f"{table.name} has no lifespan, so `at {node.at}` can't be replayed", node, help_)
        return At(node.at)

    def _date(self, node: tree.Aggregate, rows: RowCheck, table: TableSchema) -> Field | None:
        name = table.date if node.on is None else node.on
        if name is None:
            return None
        if node.on is None and name not in table.columns and name not in table.fields:
            raise DependentError("unknown-name", f"the date of {table.name} is nowhere")
        field = rows.resolve(table, (name,), node, ())
        if field.type is not Type.DATE and node.on is None:
            raise DependentError("type", f"the date of {table.name} is no date")
        if field.type is not Type.DATE:
            help_ = f"declare it with `type: date` under tables.{table.name}.columns"
            self.fail("type", f"`on` needs a date, and '{name}' is a {field.type.value}", node, help_)
        return field

    def _reads_today(self, table: TableSchema, *rows: Row | None) -> bool:
        """Whether any of these, or the lifespan by which rows are replayed, reads the as-of day."""
        starts = [Field((name,), Type.DATE) for name in table.lifespan or ()]
        return reads_today(self.checker, table, *rows, *starts)

    # ---- functions

    def call(self, node: tree.Call) -> Figure:
        call = CallCheck("kpi", node, self.fail)
        if node.function in _LENGTHS:
            return IntervalLength(_LENGTHS[node.function])
        if node.function == "target":
            return self._target(call)
        arguments = [self.check(argument) for argument in call.values()]
        result = call.result([argument.type for argument in arguments])
        shifted = self._shifted(call, arguments[0], result, str(node))
        if shifted is not None:
            return shifted
        return FigureOperation(node.function, (*arguments, *call.whole_numbers()), result, str(node))

    def _target(self, call: CallCheck) -> Figure:
        path = call.kpi_name()
        name = path.names[0]
        if name not in self.schema.kpis:
            self.fail("unknown-name", f"there is no KPI '{name}'", path, near_or_known(name, self.schema.kpis))
        return TargetReference(name)

    def _shifted(self, call: CallCheck, body: Figure, result: Type, text: str) -> Figure | None:
        """The typed form of a function that changes its argument's context; None for any other function."""
        match call.function.name:
            case "prior":
                return Prior(body, call.duration(), result)
            case "change" | "growth" as name:
                earlier = Prior(body, call.duration(), result)
                return FigureOperation("-" if name == "change" else name, (body, earlier), result, text)
            case "to_date":
                grain = call.grain()
                if grain is None or grain is Grain.DAY:
                    message = "to_date starts at a week, month, quarter or year"
                    self.fail("unit", message, call.node, "a day to date is the day itself: leave to_date out")
                return ToDate(body, grain, result)
            case "trailing":
                duration = call.duration()
                assert duration is not None  # the parameter isn't optional
                return Trailing(body, duration, result)
            case "whole":
                return Whole(body, result)
            case "rest":
                return Rest(body, result)
            case "share":
                return Share(body)
            case _:
                return None


def _noun(node: tree.Aggregate) -> str:
    """The rows of an aggregate in words, for reasons such as "no closed opportunities"."""
    table = node.path.names[0]
    match node.where:
        case None:
            return table
        case tree.Path(names=names):
            return f"{'.'.join(names)} {table}"
        case where:
            return f"{table} where {where}"
