"""Typed formulas: what the check makes of a tree, with every name resolved.

Row expressions see one row of one table; KPI expressions see aggregates in an interval of days and a scope. Both are
frozen and hashable, know nothing of any engine, and compare by meaning: two equal expressions are the same figure.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import TypeAlias

from msgspec import Struct

from kpicli.periods import Duration, Grain, PerUnit


class Type(Enum):
    NUMBER = "number"
    TEXT = "text"
    BOOLEAN = "boolean"
    DATE = "date"
    NULL = "null"
    """The type of the bare word `null`: fits everywhere."""


Scalar: TypeAlias = Decimal | str | bool | date | None


class Literal(Struct, frozen=True):
    value: Scalar
    type: Type


class AsOf(Struct, frozen=True):
    """`today`: the as-of day."""

    type: Type = Type.DATE


# ---- rows


class Field(Struct, frozen=True):
    """A column or field of the row's table, or what a chain of lookups reaches: `("account", "industry")`."""

    path: tuple[str, ...]
    type: Type


class Rollup(Struct, frozen=True):
    """An aggregate over the children of a row: rows of `table` whose lookup `via` leads to it."""

    function: str
    table: str
    via: str
    column: Field | None
    where: Row | None
    argument: Decimal | None
    type: Type


class RowOperation(Struct, frozen=True):
    """An operator or a function over one row. `case` has its conditions and values in turn, then the last value."""

    name: str
    arguments: tuple[Row, ...]
    type: Type
    unit: Grain | None = None
    """The unit of `start_of` and `end_of`."""


Row: TypeAlias = Literal | AsOf | Field | Rollup | RowOperation


# ---- KPIs


class At(Enum):
    START = "start"
    END = "end"


@dataclass(frozen=True, slots=True)
class Measure:
    """One aggregate of a KPI formula.

    `on` is the date that puts a row into a period; `at` replays a lifespan instead; with neither, the table is undated
    and all its rows are in every period.
    """

    function: str
    table: str
    column: Field | None
    where: Row | None
    on: Field | None
    at: At | None
    argument: Decimal | None
    type: Type
    covers: bool = False
    """The table's rows hold for the whole month of their date."""
    reads_today: bool = field(default=False, compare=False)
    text: str = field(default="", compare=False)
    """The aggregate as the formula has it."""
    noun: str = field(default="", compare=False)
    """The rows it reads, in words: "closed opportunities", "leads where source = 'Web'"."""


class KpiReference(Struct, frozen=True):
    """Another KPI, in its own window."""

    name: str
    type: Type


class TargetReference(Struct, frozen=True):
    """`target(k)`."""

    name: str
    type: Type = Type.NUMBER


class IntervalLength(Struct, frozen=True):
    """`days` and `workdays`."""

    unit: PerUnit
    type: Type = Type.NUMBER


class Prior(Struct, frozen=True):
    body: Figure
    duration: Duration | None
    type: Type


class ToDate(Struct, frozen=True):
    body: Figure
    grain: Grain
    type: Type


class Trailing(Struct, frozen=True):
    body: Figure
    duration: Duration
    type: Type


class Whole(Struct, frozen=True):
    body: Figure
    type: Type


class Rest(Struct, frozen=True):
    body: Figure
    type: Type


class Share(Struct, frozen=True):
    body: Figure
    type: Type = Type.NUMBER


class Reduction(Struct, frozen=True):
    """`avg(body by dimension)`."""

    function: str
    body: Figure
    dimension: str
    argument: Decimal | None = None
    type: Type = Type.NUMBER


class TopMember(Struct, frozen=True):
    dimension: str
    body: Figure
    type: Type = Type.TEXT


class PerUnits(Struct, frozen=True):
    body: Figure
    unit: PerUnit
    type: Type = Type.NUMBER


@dataclass(frozen=True, slots=True)
class FigureOperation:
    """An operator or a function over figures; `text` is the part of the formula, for reasons."""

    name: str
    arguments: tuple[Figure, ...]
    type: Type
    text: str = field(default="", compare=False)


Shifting: TypeAlias = Prior | ToDate | Trailing | Whole | Rest | Share
"""Expressions that evaluate their body in another context."""

Figure: TypeAlias = (
    Literal
    | AsOf
    | Measure
    | KpiReference
    | TargetReference
    | IntervalLength
    | Shifting
    | Reduction
    | TopMember
    | PerUnits
    | FigureOperation
)


def parts(expression: Figure) -> tuple[Figure, ...]:
    """The expressions directly inside a KPI expression; a reference to another KPI has none."""
    match expression:
        case FigureOperation(arguments=arguments):
            return arguments
        case (
            Prior(body=body)
            | ToDate(body=body)
            | Trailing(body=body)
            | Whole(body=body)
            | Rest(body=body)
            | Share(body=body)
            | Reduction(body=body)
            | TopMember(body=body)
            | PerUnits(body=body)
        ):
            return (body,)
        case _:
            return ()
