"""Which columns, fields, lookups and roll-ups a report needs of each table, in an order that works.

Fields may depend on each other across tables (an activity reads its opportunity's stage, an opportunity counts its
activities), so the order is over single fields, not over tables. Steps of one depth that make fields of one table,
read the same parent or the same children are done together.
"""

from __future__ import annotations

from collections import defaultdict

from msgspec.structs import replace

from kpicli.book.formulas import Formulas
from kpicli.book.model import Book, Lookup
from kpicli.book.money import currencies_of
from kpicli.formula import typed
from kpicli.formula.typed import Field, Row
from kpicli.plan.nodes import Attach, Derive, Roll, Scan, Step, Total


class Needs:
    """Collects what is needed; `scans` and `steps` then give the plan's."""

    def __init__(self, book: Book, formulas: Formulas) -> None:
        self.book = book
        self.formulas = formulas
        self._columns: dict[str, set[str]] = defaultdict(set)
        self._depths: dict[tuple[str, str], int] = {}
        self._derived: dict[tuple[int, str], list[tuple[str, Row]]] = defaultdict(list)
        self._attached: dict[tuple[int, str, str], list[tuple[str, str]]] = defaultdict(list)
        self._totals: dict[tuple[int, str, str, str], list[Total]] = defaultdict(list)
        self._rollups: dict[tuple[str, Row], Field] = {}

    def table(self, name: str) -> None:
        """The table is read, if only to count its rows."""
        if name in self._columns:
            return
        table = self.book.tables[name]
        columns = self._columns[name]
        columns |= set(table.key)
        if table.keep is not None:
            # Versions that tie on `keep` and differ anywhere are an error, so all columns are compared.
            columns |= {table.keep, *(table.column_types().keys() - self.formulas.tables[name].brought)}
        where = self.formulas.tables[name].where
        if where is not None:
            self.row(name, where)
        date = self.formulas.tables[name].date
        if date is not None:
            # Every report says how fresh its tables are.
            self.field(name, date)

    def row(self, table: str, row: Row) -> Row:
        """Notes all that a row expression reads; gives it back with roll-ups replaced by their columns."""
        return self._prepared(table, row)[0]

    def field(self, table: str, field: Field) -> Field:
        self._need(table, field.path)
        return field

    def column(self, table: str, name: str) -> None:
        """A column or field by its bare name."""
        self._need(table, (name,))

    def lookup(self, table: str, name: str) -> None:
        """A lookup is followed, if only to see which rows it misses."""
        key = self.book.tables[self.book.tables[table].lookups[name].table].key
        self._need(table, (name, *key[:1]))

    def _prepared(self, table: str, row: Row) -> tuple[Row, int]:
        """The row without roll-ups, and the depth at which all that it reads is there."""
        match row:
            case Field(path=path):
                return row, self._need(table, path)
            case typed.Rollup():
                column, depth = self._rollup(table, row)
                return column, depth
            case typed.RowOperation(arguments=arguments):
                prepared = [self._prepared(table, argument) for argument in arguments]
                depth = max((depth for _, depth in prepared), default=0)
                return replace(row, arguments=tuple(argument for argument, _ in prepared)), depth
            case _:
                return row, 0

    def _need(self, table: str, path: tuple[str, ...]) -> int:
        self.table(table)
        name = ".".join(path)
        if (table, name) in self._depths:
            return self._depths[table, name]
        if len(path) > 1:
            depth = self._attach(table, path)
        elif name in self.formulas.tables[table].fields:
            row, below = self._prepared(table, self.formulas.tables[table].fields[name])
            depth = below + 1
            self._derived[depth, table].append((name, row))
        else:
            self._columns[table].add(name)
            depth = 0
        self._depths[table, name] = depth
        return depth

    def _attach(self, table: str, path: tuple[str, ...]) -> int:
        lookup = self.book.tables[table].lookups[path[0]]
        below = [self._need(lookup.table, path[1:]), self._links(table, lookup)]
        depth = max(below) + 1
        self._attached[depth, table, path[0]].append((".".join(path), ".".join(path[1:])))
        return depth

    def _links(self, table: str, lookup: Lookup) -> int:
        self.table(lookup.table)
        return max(self._need(table, (column,)) for column in lookup.column)

    def _rollup(self, table: str, rollup: typed.Rollup) -> tuple[Field, int]:
        self.table(table)
        known = self._rollups.get((table, rollup))
        if known is not None:
            return known, self._depths[table, known.path[0]]
        child = self.book.tables[rollup.table]
        depths = [self._links(rollup.table, child.lookups[rollup.via])]
        where = None
        if rollup.where is not None:
            where, below = self._prepared(rollup.table, rollup.where)
            depths.append(below)
        if rollup.column is not None:
            depths.append(self._need(rollup.table, rollup.column.path))
        depth = max(depths) + 1
        column = Field((f"#{len(self._rollups) + 1}",), rollup.type)
        self._rollups[table, rollup] = column
        self._depths[table, column.path[0]] = depth
        total = Total(column.path[0], rollup.function, rollup.column, where, rollup.argument)
        self._totals[depth, table, rollup.table, rollup.via].append(total)
        return column, depth

    def tables(self) -> frozenset[str]:
        """The tables that are read."""
        return frozenset(self._columns)

    def columns(self, table: str) -> frozenset[str]:
        """The columns that are read of a table."""
        return frozenset(self._columns.get(table, ()))

    def looked_up(self) -> frozenset[str]:
        """The tables whose rows are looked up by their key."""
        return frozenset(self.book.tables[table].lookups[lookup].table for _, table, lookup in self._attached)

    def scans(self) -> tuple[Scan, ...]:
        """A scan a table, in the book's order."""
        scans = []
        for name in self.book.tables:
            if name in self._columns:
                date = self.formulas.tables[name].date
                table = self.book.tables[name]
                currencies = currencies_of(table, self._columns[name]) & table.column_types().keys()
                columns = tuple(sorted(self._columns[name] | currencies))
                where = self.formulas.tables[name].where
                scans.append(Scan(name, columns, where, ".".join(date.path) if date is not None else None))
        return tuple(scans)

    def steps(self) -> tuple[Step, ...]:
        """The steps by depth; within one depth none reads what another makes."""
        steps: list[tuple[int, Step]] = [
            (depth, Derive(table, tuple(fields))) for (depth, table), fields in self._derived.items()
        ]
        for (depth, table, lookup_name), values in self._attached.items():
            lookup = self.book.tables[table].lookups[lookup_name]
            key = self.book.tables[lookup.table].key
            steps.append((depth, Attach(table, lookup_name, lookup.column, lookup.table, key, tuple(values))))
        for (depth, table, child, via), totals in self._totals.items():
            links = self.book.tables[child].lookups[via].column
            steps.append((depth, Roll(table, self.book.tables[table].key, child, links, tuple(totals))))
        return tuple(step for _, step in sorted(steps, key=lambda pair: pair[0]))
