"""The formulas that the tests draw: their own tree, made here and not by the program's parser.

One set of nodes serves both languages, as the grammar does. `kind` is `num`, `text`, `bool` or `date`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypeAlias

Cell: TypeAlias = Decimal | str | bool | date | None
Span: TypeAlias = tuple[int, str]


@dataclass(frozen=True)
class Node:
    """Any part of a formula."""


@dataclass(frozen=True)
class Lit(Node):
    """A number (never negative), a text, true or false, a date; null as `value=None`."""

    value: Cell
    kind: str


NOTHING = Lit(None, "num")
"""What stands in a context function whose argument is of no interest."""


@dataclass(frozen=True)
class Today(Node):
    kind: str = "date"


@dataclass(frozen=True)
class Col(Node):
    """A column or field of the row, or what lookups lead to."""

    path: tuple[str, ...]
    kind: str


@dataclass(frozen=True)
class Neg(Node):
    item: Node


@dataclass(frozen=True)
class Not(Node):
    item: Node


@dataclass(frozen=True)
class Bin(Node):
    """Arithmetic, comparison, `and` and `or`; `kind` is that of the result."""

    op: str
    left: Node
    right: Node
    kind: str


@dataclass(frozen=True)
class In(Node):
    item: Node
    options: tuple[Node, ...]
    negated: bool


@dataclass(frozen=True)
class Between(Node):
    item: Node
    low: Node
    high: Node
    negated: bool


@dataclass(frozen=True)
class Like(Node):
    item: Node
    pattern: str
    blind: bool
    """`ilike`: blind to case."""
    negated: bool


@dataclass(frozen=True)
class IsNull(Node):
    item: Node
    negated: bool


@dataclass(frozen=True)
class Case(Node):
    whens: tuple[tuple[Node, Node], ...]
    otherwise: Node | None
    kind: str


@dataclass(frozen=True)
class Call(Node):
    """A function of values; `word` is its unit (`start_of(d, month)`) where it takes one."""

    name: str
    args: tuple[Node, ...]
    kind: str
    word: str | None = None


@dataclass(frozen=True)
class Agg(Node):
    """An aggregate of a KPI formula, or a roll-up of children in a row formula."""

    name: str
    table: str
    field: tuple[str, ...]
    kind: str
    via: str | None = None
    where: Node | None = None
    on: str | None = None
    at: str | None = None
    rank: Decimal | None = None
    """Which percentile."""


@dataclass(frozen=True)
class Const(Node):
    name: str


@dataclass(frozen=True)
class Ref(Node):
    """Another KPI, in its own window."""

    kpi: str


@dataclass(frozen=True)
class Shift(Node):
    """`prior change growth trailing` with a duration, `to_date` with a grain, `whole` and `rest` with neither."""

    name: str
    item: Node
    duration: Span | None = None
    grain: str | None = None


@dataclass(frozen=True)
class Share(Node):
    item: Node


@dataclass(frozen=True)
class TargetOf(Node):
    kpi: str


@dataclass(frozen=True)
class ExpectedOf(Node):
    """What of a KPI's literal target is due by the as-of day; no formula can say this, but a report does."""

    kpi: str


@dataclass(frozen=True)
class DayCount(Node):
    """`days` or `workdays`."""

    name: str


@dataclass(frozen=True)
class Per(Node):
    item: Node
    unit: str


@dataclass(frozen=True)
class Reduce(Node):
    name: str
    item: Node
    dimension: str
    rank: Decimal | None = None


@dataclass(frozen=True)
class Top(Node):
    dimension: str
    item: Node


def children(node: Node) -> tuple[Node, ...]:
    """The nodes directly under one."""
    match node:
        case Neg(item) | Not(item) | IsNull(item, _) | Share(item) | Per(item, _) | Like(item, _, _, _):
            return (item,)
        case Shift(item=item) | Reduce(item=item) | Top(item=item):
            return (item,)
        case Bin(_, left, right, _):
            return (left, right)
        case In(item, options, _):
            return (item, *options)
        case Between(item, low, high, _):
            return (item, low, high)
        case Case(whens, otherwise, _):
            arms = tuple(each for when in whens for each in when)
            return arms if otherwise is None else (*arms, otherwise)
        case Call(args=args):
            return args
        case Agg(where=Node() as where):
            return (where,)
        case _:
            return ()


def walk(node: Node) -> list[Node]:
    """A node and everything under it."""
    return [node, *(each for child in children(node) for each in walk(child))]


def kind_of(node: Node) -> str:
    """What a node gives: num, text, bool or date."""
    match node:
        case Lit() | Col() | Bin() | Case() | Call() | Agg() | Today():
            return node.kind
        case Not() | In() | Between() | Like() | IsNull():
            return "bool"
        case Top():
            return "text"
        case _:
            return "num"
