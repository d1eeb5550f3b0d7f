"""What a report asks of its tables: every (aggregate, context) pair, collected before anything runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from msgspec import Struct, field

from kpicli.aims import pieces
from kpicli.book.formulas import DimensionFormulas, Formulas
from kpicli.book.model import Book
from kpicli.book.targets import Aims, Computed, DatedAim
from kpicli.contexts import Absent, Context, Days, Reach, Scope, covered_months, entered, looks_at, windowed
from kpicli.formula import typed
from kpicli.formula.typed import Figure, Measure, Row, Type


class Grouping(Struct, frozen=True):
    """One aggregate split by dimensions, over the company or over what `--only` leaves."""

    measure: Measure
    dimensions: tuple[str, ...]
    company: bool


class Requests(Struct):
    """The reaches that each grouping is asked for, and the members that `--only` leaves, by dimension."""

    only: Mapping[str, frozenset[str]] = field(default_factory=dict)
    asked: dict[Grouping, dict[Reach, None]] = field(default_factory=dict)

    def add(self, grouping: Grouping, reach: Reach) -> None:
        self.asked.setdefault(grouping, {})[reach] = None


def reaches(measure: Measure, reach: Reach) -> tuple[Reach, ...]:
    """The reaches that are aggregated for one of a measure: the covered months for a sum that is pro-rated."""
    if measure.covers and measure.function == "sum" and isinstance(reach, Days):
        return tuple(month for month, _, _ in covered_months(reach))
    return (reach,)


def primitives(measure: Measure) -> tuple[Measure, ...]:
    """The aggregates that an engine computes for a measure: an average is its exact sum and its count."""
    if measure.function == "avg":
        return replace(measure, function="sum"), replace(measure, function="count")
    if measure.function == "median":
        return (replace(measure, function="percentile", argument=Decimal(50)),)
    return (measure,)


def is_in(dimension: DimensionFormulas, table: str) -> bool:
    """Whether the rows of a table have the dimension."""
    return table in dimension.fields


def member_value(dimension: DimensionFormulas, table: str) -> Row:
    """The member that a row belongs to, as text."""
    path = dimension.fields[table]
    return path if path.type is Type.TEXT else typed.RowOperation("concat", (path,), Type.TEXT)


class Collector:
    """Walks KPI expressions in contexts and notes what they read."""

    def __init__(self, book: Book, formulas: Formulas, only: Mapping[str, frozenset[str]]) -> None:
        self.book = book
        self.formulas = formulas
        self.only = only
        self.requests = Requests(only)
        self.reduced: dict[str, None] = {}
        """The dimensions whose members are reduced somewhere."""
        # By identity, since comparing whole trees costs more; the trees are kept, lest another takes the place of one.
        self._seen: dict[tuple[int, Context], Figure] = {}

    def collect(self, expression: Figure, context: Context) -> None:
        """Notes everything that the expression reads in the context."""
        key = (id(expression), context)
        if key in self._seen:
            return
        self._seen[key] = expression
        for measure, where in self.measures(expression, context):
            reach = looks_at(measure, where)
            if reach is None or isinstance(reach, Absent) or not self.in_scope(measure, where):
                continue
            for primitive in primitives(measure):
                grouping = Grouping(primitive, where.scope.dimensions, where.scope.company)
                for part in reaches(measure, reach):
                    self.requests.add(grouping, part)

    def in_scope(self, measure: Measure, context: Context) -> bool:
        """Whether the measure's table has every dimension by which the context narrows."""
        narrowing = (*context.scope.dimensions, *(() if context.scope.company else self.only))
        return all(is_in(self.formulas.dimensions[name], measure.table) for name in narrowing)

    def measures(self, expression: Figure, context: Context) -> Iterator[tuple[Measure, Context]]:
        """Every aggregate that an expression reads in a context, each with the context that it stands in."""
        match expression:
            case Measure():
                yield expression, context
            case typed.KpiReference(name=name):
                yield from self.kpi(name, context)
            case typed.TargetReference(name=name):
                yield from self.targets(name, context)
            case typed.Reduction(body=body, dimension=dimension) | typed.TopMember(body=body, dimension=dimension):
                self.reduced[dimension] = None
                yield from self.measures(body, context.by(dimension))
            case typed.Prior() | typed.ToDate() | typed.Trailing() | typed.Whole() | typed.Rest() | typed.Share():
                if isinstance(expression, typed.Share):
                    yield from self.measures(expression.body, context)
                entering = entered(expression, context, self.book.calendar)
                if isinstance(entering, Context):
                    yield from self.measures(expression.body, entering)
            case _:
                for part in typed.parts(expression):
                    yield from self.measures(part, context)

    def kpi(self, name: str, context: Context) -> Iterator[tuple[Measure, Context]]:
        """What a KPI reads, in its own window."""
        window = self.book.kpis[name].window
        inner = windowed(window, context, self.book.calendar)
        yield from self.measures(self.formulas.kpis[name].figure, inner)

    def targets(self, name: str, context: Context) -> Iterator[tuple[Measure, Context]]:
        """What the target formulas of a KPI read in its window, pieces of dated targets each on its own."""
        inner = windowed(self.book.kpis[name].window, context, self.book.calendar)
        aims = self.formulas.kpis[name].aims
        for dated in self.aimed(aims, inner):
            found = pieces(dated, inner, flow=aims.flow)
            for piece in () if isinstance(found, Absent) else found:
                if isinstance(piece.aim, Computed):
                    yield from self.measures(piece.aim.figure, piece.context)

    def aimed(self, aims: Aims, context: Context) -> Iterable[Sequence[DatedAim]]:
        """The targets of which one may hold in the context: who belongs to whom isn't known yet."""
        whose = () if context.scope == Scope(company=True) else aims.members.values()
        return (aims.total, *whose)
