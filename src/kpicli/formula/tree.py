"""The tree of a formula as written: what the parser makes and `str` turns back into text.

Nodes are frozen. Each carries its `span` (start and end offset in the formula's text), which equality ignores, so that
`parse(str(tree)) == tree`. Names are not resolved here; `kpicli.formula.check` does that.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TypeAlias

Span: TypeAlias = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """Any part of a formula."""

    span: Span = field(default=(0, 0), compare=False, repr=False)

    def __str__(self) -> str:
        """The canonical text, which parses to an equal tree."""
        from kpicli.formula.text import write  # noqa: PLC0415  # which needs the classes of nodes

        return write(self)


@dataclass(frozen=True, slots=True)
class Number(Node):
    """`1_000`, `0.5`, and `30%`, which is `0.30`."""

    value: Decimal


@dataclass(frozen=True, slots=True)
class Text(Node):
    value: str


@dataclass(frozen=True, slots=True)
class Boolean(Node):
    value: bool


@dataclass(frozen=True, slots=True)
class Null(Node):
    pass


@dataclass(frozen=True, slots=True)
class DateLiteral(Node):
    """`date '2026-01-31'`."""

    value: date


@dataclass(frozen=True, slots=True)
class Today(Node):
    """The as-of day."""


@dataclass(frozen=True, slots=True)
class Path(Node):
    """`won`, `account.industry`, `opportunities.amount`; also a bare unit or KPI name where a function takes one."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Duration(Node):
    """`90 days`, as an argument; `unit` is singular."""

    count: int
    unit: str


@dataclass(frozen=True, slots=True)
class Not(Node):
    item: Node


@dataclass(frozen=True, slots=True)
class Negative(Node):
    item: Node


@dataclass(frozen=True, slots=True)
class Binary(Node):
    """`op` is one of `or and = != < <= > >= + - * /`; chains associate to the left."""

    op: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class In(Node):
    item: Node
    options: tuple[Node, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Between(Node):
    item: Node
    low: Node
    high: Node
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Like(Node):
    """`item like 'A%'`; `ilike` ignores case."""

    item: Node
    pattern: Text
    ignores_case: bool = False
    negated: bool = False


@dataclass(frozen=True, slots=True)
class IsNull(Node):
    item: Node
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Case(Node):
    """`case when … then … [else …] end`."""

    whens: tuple[tuple[Node, Node], ...]
    otherwise: Node | None = None


@dataclass(frozen=True, slots=True)
class Aggregate(Node):
    """`sum(opportunities.amount where won on close_date)`; `at` is `"start"`, `"end"` or nothing."""

    function: str
    path: Path
    via: str | None = None
    where: Node | None = None
    on: str | None = None
    at: str | None = None
    argument: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Reducer(Node):
    """`avg(count(activities) by owner)`."""

    function: str
    body: Node
    dimension: str
    argument: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Top(Node):
    """`top(source by sum(opportunities.amount where won))`."""

    dimension: str
    body: Node


@dataclass(frozen=True, slots=True)
class Call(Node):
    """Any other function; `function` is in lower case."""

    function: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Per(Node):
    """`body per workday`: the whole formula, or in parentheses."""

    body: Node
    unit: str
