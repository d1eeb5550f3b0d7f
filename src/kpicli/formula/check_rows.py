"""The check of row formulas: fields, conditions, and the columns of aggregates."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn
from typing import Literal as OneOf

from kpicli.errors import KpiError, Source, did_you_mean, near_or_known
from kpicli.formula import tree
from kpicli.formula.check_calls import DEEPEST, CallCheck, chain, shared_type
from kpicli.formula.typed import AsOf, Field, Literal, Rollup, Row, RowOperation, Type
from kpicli.periods import Grain

if TYPE_CHECKING:
    from kpicli.formula.check import Checker, TableSchema

Sees = OneOf["all", "row", "columns"]
"""What a row formula may read: everything, no roll-ups (a condition inside an aggregate), or the columns alone."""

NUMERIC_AGGREGATES = frozenset({"sum", "avg", "median", "percentile"})


class RowCheck:
    """Types one row formula of one table."""

    def __init__(self, checker: Checker, source: Source, table: TableSchema, sees: Sees = "all") -> None:
        self.checker = checker
        self.source = source
        self._depth = 0
        self.table = table
        self.sees = sees

    def fail(self, code: str, message: str, node: tree.Node, help_: str | None = None) -> NoReturn:
        raise KpiError(code, message, place=self.source.locate(*node.span), help=help_)

    def condition(self, node: tree.Node, clause: str) -> Row:
        """A formula that is true, false or null for each row."""
        row = self.check(node)
        if row.type not in (Type.BOOLEAN, Type.NULL):
            self.fail(
                "type",
                f"`{clause}` needs a condition, and this is a {row.type.value}",
                node,
                "compare it with something, for example `stage = 'Closed Won'`",
            )
        return row

    def check(self, node: tree.Node) -> Row:
        """The typed form of a part of the formula."""
        if self._depth >= DEEPEST:
            help_ = "give a part of it a name of its own, as a field or a KPI"
            self.fail("too-deep", "the formula mixes too many operators in a row", node, help_)
        self._depth += 1
        try:
            return self._typed(node)
        finally:
            self._depth -= 1

    def _typed(self, node: tree.Node) -> Row:
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
                if self.sees == "columns":
                    message = "a table's `where` reads its columns only, not today"
                    self.fail("columns-only", message, node, "put this condition into the KPIs")
                return AsOf()
            case tree.Path():
                return self.path(node)
            case tree.Aggregate():
                return self.rollup(node)
            case tree.Reducer() | tree.Top():
                help_ = "write it as a KPI's formula, or roll children up: `count(activities where done)`"
                self.fail("not-in-rows", "`by` splits the figures of a KPI; a row has no members", node, help_)
            case tree.Per():
                message = "`per` divides the figure of a KPI by its interval; a row has none"
                self.fail("not-in-rows", message, node, "leave it out, or write it in a KPI's formula")
            case tree.Call():
                return self.call(node)
            case _:
                return self.operation(node)

    def operation(self, node: tree.Node) -> Row:
        name, arguments = chain(node)
        checked: list[Row] = []
        for argument in arguments:
            if name in ("=", "!=", "in") and checked and checked[0].type is Type.TEXT:
                self._check_quoted(argument)
            checked.append(self.check(argument))
        if name in ("+", "-") and any(row.type is Type.DATE for row in checked):
            return self._dates(name, arguments, checked)
        result = shared_type(name, node, arguments, [row.type for row in checked], self.fail)
        return RowOperation(name, tuple(checked), result)

    def _check_quoted(self, node: tree.Node) -> None:
        """Refuses the slip `stage = Won`."""
        if not isinstance(node, tree.Path) or len(node.names) > 1 or node.names[0] in self.table.names():
            return
        (name,) = node.names
        texts = [column for column, kind in self.table.columns.items() if kind is Type.TEXT]
        near = did_you_mean(name, texts) or ""
        meant = f"; {near}" if near.startswith("did you mean") else ""
        message = f"{self.table.name} has no column or field '{name}'"
        self.fail("unknown-name", message, node, f"a text is written in quotes: `'{name}'`{meant}")

    def _dates(self, name: str, arguments: list[tree.Node], checked: list[Row]) -> Row:
        """`+` and `-` with dates among them: a date and days is a date, two dates are the days between them."""
        total = checked[0]
        for argument, row in zip(arguments[1:], checked[1:], strict=True):
            match name, total.type, row.type:
                case "+", Type.DATE, (Type.NUMBER | Type.NULL):
                    total = RowOperation("add_days", (total, row), Type.DATE)
                case "+", (Type.NUMBER | Type.NULL), Type.DATE:
                    total = RowOperation("add_days", (row, total), Type.DATE)
                case "-", Type.DATE, (Type.NUMBER | Type.NULL):
                    total = RowOperation("add_days", (total, RowOperation("negate", (row,), Type.NUMBER)), Type.DATE)
                case "-", Type.DATE, Type.DATE:
                    total = RowOperation("days_between", (row, total), Type.NUMBER)
                case _, (Type.NUMBER | Type.NULL), (Type.NUMBER | Type.NULL):
                    total = RowOperation(name, (total, row), Type.NUMBER)
                case _:
                    message = f"`{name}` can't join a {total.type.value} and a {row.type.value}"
                    help_ = (
                        "a date takes days (`close_date + 30`), and two dates make days (`close_date - created_date`)"
                    )
                    self.fail("type", message, argument, help_)
        return total

    def call(self, node: tree.Call) -> Row:
        call = CallCheck("row", node, self.fail)
        arguments = [self.check(argument) for argument in call.values()]
        result = call.result([argument.type for argument in arguments])
        unit = call.grain()
        if unit is Grain.DAY:
            return arguments[0]
        return RowOperation(node.function, (*arguments, *call.whole_numbers()), result, unit)

    def path(self, node: tree.Path) -> Row:
        return self.resolve(self.table, node.names, node, ())

    def resolve(self, table: TableSchema, names: tuple[str, ...], node: tree.Node, behind: tuple[str, ...]) -> Field:
        """The column, field or looked-up value that a path names; `behind` are the lookups already walked."""
        name, *rest = names
        if rest:
            return self._through(table, names, node, behind)
        if name == "date" and table.date is not None:
            name = table.date
        if name in table.columns:
            return Field((*behind, name), table.columns[name])
        if name in table.fields:
            if self.sees == "columns":
                self.fail(
                    "columns-only",
                    f"a table's `where` reads its columns only, and '{name}' is a field",
                    node,
                    "put the field's condition here, or move this condition into the KPIs",
                )
            return Field((*behind, name), self.checker.field(table.name, name).type)
        if name in table.lookups:
            parent = self.checker.schema.tables[table.lookups[name].table]
            first = next(iter(parent.columns), "name")
            help_ = f"name what you want of it, for example `{name}.{first}`"
            self.fail("lookup-value", f"'{name}' is a lookup to {parent.name}, not a value", node, help_)
        message = f"{table.name} has no column or field '{name}'"
        self.fail("unknown-name", message, node, self._nearest(table, name))

    def _nearest(self, table: TableSchema, name: str) -> str | None:
        if name in self.checker.schema.constants:
            value = self.checker.schema.constants[name]
            return f"rows don't see constants: write the number, {value}"
        return near_or_known(name, table.names())

    def _through(self, table: TableSchema, names: tuple[str, ...], node: tree.Node, behind: tuple[str, ...]) -> Field:
        name, *rest = names
        lookup = table.lookups.get(name)
        if lookup is None:
            if name == table.name and not behind:
                help_ = f"inside {table.name} write `{'.'.join(rest)}`"
            elif name in table.waiting:
                help_ = (
                    f"its preset has one, to the table of the book with `preset: {table.waiting[name]}`: declare that"
                )
            elif name in self.checker.schema.tables:
                help_ = (
                    f"a row of {table.name} reaches {name} only through a lookup: declare one under"
                    f" tables.{table.name}.lookups, or write an aggregate, for example `count({name})`"
                )
            else:
                help_ = did_you_mean(name, table.lookups) or f"declare it under tables.{table.name}.lookups"
            self.fail("unknown-lookup", f"{table.name} has no lookup '{name}'", node, help_)
        if self.sees == "columns":
            message = "a table's `where` reads its columns only, not lookups"
            self.fail("columns-only", message, node, "put this condition into the KPIs")
        for column in lookup.column:
            if column in table.fields:
                self.checker.field(table.name, column)
        parent = self.checker.schema.tables[lookup.table]
        return self.resolve(parent, tuple(rest), node, (*behind, name))

    def rollup(self, node: tree.Aggregate) -> Row:
        """An aggregate over the children of this row."""
        if self.sees != "all":
            inside = "a table's `where`" if self.sees == "columns" else "an aggregate"
            self.fail(
                "nested-aggregate",
                f"an aggregate inside {inside}",
                node,
                f"make it a field of {self.table.name} and name the field here",
            )
        child = self._child(node)
        if node.on is not None or node.at is not None:
            clause = "on" if node.on is not None else "at"
            help_ = "a roll-up reads all child rows; narrow it with `where`, for example `where date <= today`"
            self.fail("no-period", f"a row has no period, so `{clause}` means nothing here", node, help_)
        via = self._via(node, child)
        check = RowCheck(self.checker, self.source, child, sees="row")
        column, result = check.aggregated(node)
        where = check.condition(node.where, "where") if node.where is not None else None
        return Rollup(node.function, child.name, via, column, where, node.argument, result)

    def _child(self, node: tree.Aggregate) -> TableSchema:
        tables = self.checker.schema.tables
        name = node.path.names[0]
        if name not in tables:
            help_ = near_or_known(name, tables)
            if name in self.table.columns or name in self.table.fields:
                help_ = f"'{name}' is a value of this row: a row formula aggregates the rows of another table"
            self.fail("unknown-table", f"there is no table '{name}'", node.path, help_)
        return tables[name]

    def _via(self, node: tree.Aggregate, child: TableSchema) -> str:
        leading = [name for name, lookup in child.lookups.items() if lookup.table == self.table.name]
        if node.via is not None:
            if node.via not in leading:
                help_ = did_you_mean(node.via, leading) or self._declare_lookup(child)
                self.fail(
                    "unknown-lookup", f"{child.name} has no lookup '{node.via}' to {self.table.name}", node, help_
                )
            return node.via
        if not leading:
            message = f"{child.name} has no lookup to {self.table.name}, so a row here has no children there"
            self.fail("no-lookup", message, node, self._declare_lookup(child))
        if len(leading) > 1:
            listed = " or ".join(f"`via {name}`" for name in leading)
            message = f"{child.name} has several lookups to {self.table.name}"
            self.fail("ambiguous-lookup", message, node, f"say which one: {listed}")
        return leading[0]

    def _declare_lookup(self, child: TableSchema) -> str:
        return f"declare a lookup under tables.{child.name}.lookups with `table: {self.table.name}`"

    def aggregated(self, node: tree.Aggregate) -> tuple[Field | None, Type]:
        """The column that an aggregate over this table reads, and the type of its result."""
        function, path = node.function, node.path
        if (node.argument is None) is (function == "percentile"):
            if function == "percentile":
                self.fail(
                    "arguments", "percentile needs its percentage", node, f"write `percentile({_dotted(path)}, 90)`"
                )
            self.fail("arguments", f"{function} takes no number", node, "leave it out; only percentile takes one")
        if node.argument is not None and not 0 <= node.argument <= 100:
            self.fail("arguments", "a percentile lies between 0 and 100", node, "write for example 90")
        rest = path.names[1:]
        if not rest:
            if function == "count":
                return None, Type.NUMBER
            help_ = f"name a column, for example `{function}({self.table.name}.{self._example(function)})`"
            self.fail("arguments", f"{function} reads a column, and this names a table", path, help_)
        column = self.resolve(self.table, rest, path, ())
        if function in NUMERIC_AGGREGATES and column.type is not Type.NUMBER:
            self.fail(
                "type",
                f"{function} needs numbers, and '{_dotted(path)}' is a {column.type.value}",
                path,
                self._instead(column, path),
            )
        if function in ("min", "max"):
            if column.type is Type.BOOLEAN:
                self.fail("type", f"{function} needs numbers, dates or texts", path, self._instead(column, path))
            return column, column.type
        return column, Type.NUMBER

    def _example(self, function: str) -> str:
        wanted = [n for n, t in self.table.columns.items() if t is Type.NUMBER or function not in NUMERIC_AGGREGATES]
        return next(iter(wanted), "amount")

    def _instead(self, column: Field, path: tree.Path) -> str:
        table, *rest = path.names
        if column.type is Type.BOOLEAN:
            return f"to count the rows where it is true write `count({table} where {'.'.join(rest)})`"
        if column.type is Type.TEXT:
            return f"if the column holds numbers, declare it with `type: number` under tables.{table}.columns"
        return f"for days make it a field, for example `days: today - {'.'.join(rest)}`"


def _dotted(path: tree.Path) -> str:
    return ".".join(path.names)
