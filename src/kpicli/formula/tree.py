"""The tree of a formula as written: what the parser makes and `str` turns back into text.

Nodes are frozen. Each carries its `span` (start and end offset in the formula's text), which equality ignores, so that
`parse(str(tree)) == tree`. Names are not resolved here; `kpicli.formula.check` does that.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TypeAlias

from msgspec import Struct

Span: TypeAlias = tuple[int, int]


class Node(Struct, frozen=True, kw_only=True, eq=False):
    """Any part of a formula."""

    span: Span = (0, 0)

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self._meaning() == other._meaning()

    def __hash__(self) -> int:
        return hash((type(self), self._meaning()))

    def _meaning(self) -> tuple[object, ...]:
        """What the node says, wherever it stands."""
        return tuple(getattr(self, name) for name in self.__struct_fields__ if name != "span")

    def __str__(self) -> str:
        """The canonical text, which parses to an equal tree."""
        from kpicli.formula.text import write  # noqa: PLC0415  # which needs the classes of nodes

        return write(self)


class Number(Node, frozen=True):
    """`1_000`, `0.5`, and `30%`, which is `0.30`."""

    value: Decimal


class Text(Node, frozen=True):
    value: str


class Boolean(Node, frozen=True):
    value: bool


class Null(Node, frozen=True):
    pass


class DateLiteral(Node, frozen=True):
    """`date '2026-01-31'`."""

    value: date


class Today(Node, frozen=True):
    """The as-of day."""


class Path(Node, frozen=True):
    """`won`, `account.industry`, `opportunities.amount`; also a bare unit or KPI name where a function takes one."""

    names: tuple[str, ...]


class Duration(Node, frozen=True):
    """`90 days`, as an argument; `unit` is singular."""

    count: int
    unit: str


class Not(Node, frozen=True):
    item: Node


class Negative(Node, frozen=True):
    item: Node


class Binary(Node, frozen=True):
    """`op` is one of `or and = != < <= > >= + - * /`; chains associate to the left."""

    op: str
    left: Node
    right: Node


class In(Node, frozen=True):
    item: Node
    options: tuple[Node, ...]
    negated: bool = False


class Between(Node, frozen=True):
    item: Node
    low: Node
    high: Node
    negated: bool = False


class Like(Node, frozen=True):
    """`item like 'A%'`; `ilike` ignores case."""

    item: Node
    pattern: Text
    ignores_case: bool = False
    negated: bool = False


class IsNull(Node, frozen=True):
    item: Node
    negated: bool = False


class Case(Node, frozen=True):
    """`case when … then … [else …] end`."""

    whens: tuple[tuple[Node, Node], ...]
    otherwise: Node | None = None


class Aggregate(Node, frozen=True):
    """`sum(opportunities.amount where won on close_date)`; `at` is `"start"`, `"end"` or nothing."""

    function: str
    path: Path
    via: str | None = None
    where: Node | None = None
    on: str | None = None
    at: str | None = None
    argument: Decimal | None = None


class Reducer(Node, frozen=True):
    """`avg(count(activities) by owner)`."""

    function: str
    body: Node
    dimension: str
    argument: Decimal | None = None


class Top(Node, frozen=True):
    """`top(source by sum(opportunities.amount where won))`."""

    dimension: str
    body: Node


class Call(Node, frozen=True):
    """Any other function; `function` is in lower case."""

    function: str
    arguments: tuple[Node, ...]


class Per(Node, frozen=True):
    """`body per workday`: the whole formula, or in parentheses."""

    body: Node
    unit: str
