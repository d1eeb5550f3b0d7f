"""A world of the tests: tables with typed rows, dimensions, a calendar, KPIs with targets, all plain Python data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TypeAlias

from tests.differential.days import Almanac
from tests.differential.tree import (
    Agg,
    Bin,
    Cell,
    Col,
    Lit,
    Neg,
    Node,
    Reduce,
    Ref,
    Span,
    TargetOf,
    Today,
    Top,
    children,
)

Row: TypeAlias = dict[str, Cell]

KINDS = {"text": "text", "number": "num", "money": "num", "percent": "num", "boolean": "bool", "date": "date"}
"""What formulas see of a declared type."""


@dataclass
class Column:
    """A declared column; `wide` bounds the power of ten of its numbers."""

    type: str
    empty: str = "false"
    wide: int = 3

    @property
    def kind(self) -> str:
        return KINDS[self.type]


@dataclass
class Lookup:
    table: str
    column: tuple[str, ...]


@dataclass
class Table:
    """One table: how it is declared, and the rows that stand in its file (`where` not applied yet)."""

    name: str
    columns: dict[str, Column]
    key: tuple[str, ...] = ()
    date: str | None = None
    covers: bool = False
    where: Node | None = None
    lookups: dict[str, Lookup] = field(default_factory=dict)
    lifespan: tuple[str, str] | None = None
    fields: dict[str, Node] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    """Of columns and fields alike."""
    rows: list[Row] = field(default_factory=list)


@dataclass
class Dimension:
    name: str
    paths: Mapping[str, tuple[str, ...]]
    """The path for each table that has the dimension."""
    bare: bool = False
    """Declared by one path for all tables."""
    members: str | None = None
    where: Node | None = None
    label: str | None = None


@dataclass(frozen=True)
class Rate:
    """A literal target: an amount or a constant, a percentage or not, with `per unit` or without."""

    amount: Decimal
    constant: str | None = None
    percent: bool = False
    unit: str | None = None


@dataclass(frozen=True)
class Aim:
    """A target: dated rates or one formula for the company, and rates for the members of dimensions."""

    total: tuple[tuple[date | None, Rate | Node], ...]
    members: dict[str, tuple[tuple[date | None, Rate | Node], ...]] = field(default_factory=dict)

    @property
    def formula(self) -> Node | None:
        """What it is where it is a formula."""
        value = self.total[0][1] if self.total else None
        return value if isinstance(value, Node) else None


@dataclass
class Kpi:
    name: str
    formula: Node
    trailing: Span | None = None
    to_date: str | None = None
    unit: str = "number"
    lower: bool = False
    """Lower is better."""
    aim: Aim | None = None


@dataclass
class World:
    seed: int
    almanac: Almanac
    as_of: date
    tables: dict[str, Table]
    dimensions: dict[str, Dimension] = field(default_factory=dict)
    constants: dict[str, Decimal] = field(default_factory=dict)
    thresholds: tuple[Decimal, Decimal] = (Decimal(1), Decimal("0.9"))
    """The pace from which on a KPI is on track, and at risk."""
    kpis: dict[str, Kpi] = field(default_factory=dict)
    steps: list[tuple[str, str]] = field(default_factory=list)
    """Tables and fields in an order in which each field needs only those before it."""

    def resolve(self, table: str, path: tuple[str, ...]) -> tuple[str, str]:
        """The table and the column that a path of lookups leads to."""
        for step in path[:-1]:
            table = self.tables[table].lookups[step].table
        return table, path[-1]

    def paths(self, table: str, kinds: tuple[str, ...], hops: int = 2) -> list[Col]:
        """Everything of some kinds that a row of a table can read, through at most so many lookups."""
        found = [Col((name,), kind) for name, kind in self.tables[table].kinds.items() if kind in kinds]
        if hops:
            for name, lookup in self.tables[table].lookups.items():
                found += [Col((name, *each.path), each.kind) for each in self.paths(lookup.table, kinds, hops - 1)]
        return found

    def children(self, table: str) -> list[tuple[str, str, bool]]:
        """The tables that look up this one: child, lookup, and whether the child has several to it."""
        return [
            (child.name, name, sum(each.table == table for each in child.lookups.values()) > 1)
            for child in self.tables.values()
            for name, lookup in child.lookups.items()
            if lookup.table == table
        ]

    def own_path(self, dimension: str, other: str) -> tuple[str, ...] | None:
        """How the table that lists a dimension's members says which member of another one each belongs to.

        By the other dimension's path on that table, or by what is left of a path that leads through that table.
        """
        listing = self.dimensions[dimension].members
        paths = self.dimensions[other].paths
        if listing is None or listing in paths:
            return paths.get(listing or "")
        for table, path in paths.items():
            lookup = self.tables[table].lookups.get(path[0])
            same = lookup is not None and lookup.column == self.dimensions[dimension].paths.get(table)
            if lookup is not None and same and lookup.table == listing and len(path) > 1:
                return path[1:]
        return None

    def reads(self, node: Node) -> list[tuple[str, tuple[str, ...]]]:
        """The tables that a KPI formula reads, each with the dimensions by which reducers split what is read."""
        match node:
            case Agg(table=table):
                return [(table, ())]
            case Ref(kpi):
                return self.reads(self.kpis[kpi].formula)
            case TargetOf(kpi):
                aim = self.kpis[kpi].aim
                values = () if aim is None else aim.total
                return [each for _, value in values if isinstance(value, Node) for each in self.reads(value)]
            case Reduce() | Top():
                return [(table, (*split, node.dimension)) for table, split in self.reads(node.item)]
            case _:
                return [each for child in children(node) for each in self.reads(child)]

    def labels(self, dimension: str) -> dict[str, str | None]:
        """The label of each member that the dimension's table has."""
        declared = self.dimensions[dimension]
        if declared.members is None or declared.label is None:
            return {}
        table = self.tables[declared.members]
        found = ((row[table.key[0]], row[declared.label]) for row in table.rows)
        return {str(key): None if label is None else str(label) for key, label in found}

    def has(self, table: str, dimensions: Iterable[str]) -> bool:
        """Whether a table has all of some dimensions."""
        return all(table in self.dimensions[each].paths for each in dimensions)

    def reads_today(self, table: str, node: Node) -> bool:
        """Whether a row formula reads `today`, itself or through fields."""
        match node:
            case Today():
                return True
            case Col(path, _):
                return self.field_reads_today(*self.resolve(table, path))
            case Agg(table=child, field=path, where=where):
                behind = bool(path) and self.field_reads_today(*self.resolve(child, path))
                return behind or (where is not None and self.reads_today(child, where))
            case _:
                return any(self.reads_today(table, each) for each in children(node))

    def field_reads_today(self, table: str, name: str) -> bool:
        formula = self.tables[table].fields.get(name)
        return formula is not None and self.reads_today(table, formula)

    def accumulates(self, node: Node) -> bool:
        """Whether a KPI formula is dated counts and sums without `at`, joined by + and -, or scaled by numbers."""
        match node:
            case Agg(name=name, at=at, on=on, table=table):
                adds_up = name == "sum" or (name == "count" and not self.tables[table].covers)
                return adds_up and at is None and (on or self.tables[table].date) is not None
            case Neg(item) | Reduce(name="sum", item=item):
                return self.accumulates(item)
            case Ref(name) if self.kpis[name].trailing is None and self.kpis[name].to_date is None:
                return self.accumulates(self.kpis[name].formula)
            case Bin(op="+" | "-", left=left, right=right):
                return self.accumulates(left) and self.accumulates(right)
            case Bin(op="*", left=left, right=right):
                one, two = self.accumulates(left), self.accumulates(right)
                return (one and isinstance(right, Lit)) or (isinstance(left, Lit) and two)
            case Bin(op="/", left=left, right=right):
                return self.accumulates(left) and isinstance(right, Lit)
            case _:
                return False
