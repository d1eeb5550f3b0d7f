"""Evaluates KPI expressions in contexts, over figures that the engine has already aggregated."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from kpicli.aims import Piece, pieces
from kpicli.book.formulas import Formulas
from kpicli.book.model import Book
from kpicli.book.targets import Computed, DatedAim, Fixed, Rate
from kpicli.contexts import ANY, Absent, Context, Scope, entered, windowed
from kpicli.formula import typed
from kpicli.formula.typed import Figure
from kpicli.periods import PerUnit
from kpicli.plan.requests import Collector
from kpicli.score.arithmetic import NULL, Exact, Value, exact, operate, percentile_of, simplest
from kpicli.score.figures import Figures
from kpicli.score.members import Roster


@dataclass(frozen=True, slots=True)
class Aimed:
    """A target in one context, with what should be there by the as-of day."""

    target: Exact
    expected: Exact


@dataclass(slots=True)
class Evaluation:
    """One report's arithmetic. Values are memorised, so that a KPI costs once what many references ask of it."""

    collector: Collector
    as_of: date
    figures: Figures
    rosters: Mapping[str, Roster]
    _kpis: dict[tuple[str, Context], Value] = field(default_factory=dict)
    _members: dict[tuple[int, str, Context], tuple[str, ...]] = field(default_factory=dict)

    @property
    def book(self) -> Book:
        return self.collector.book

    @property
    def formulas(self) -> Formulas:
        return self.collector.formulas

    @property
    def only(self) -> Mapping[str, frozenset[str]]:
        """The members that `--only` leaves, by dimension."""
        return self.collector.only

    def kpi(self, name: str, context: Context) -> Value:
        """A KPI's value, in its own window."""
        key = (name, context)
        if key not in self._kpis:
            inner = windowed(self.book.kpis[name].window, context, self.book.calendar)
            self._kpis[key] = self.value(self.formulas.kpis[name].figure, inner)
        return self._kpis[key]

    def value(self, expression: Figure, context: Context) -> Value:
        """An expression's value in a context whose scope names one member of each dimension."""
        match expression:
            case typed.Measure():
                return self._measure(expression, context)
            case typed.FigureOperation(arguments=arguments):
                return operate(expression, [self.value(argument, context) for argument in arguments])
            case typed.Literal(value=value):
                literal = exact(value)
                return NULL if literal is None else literal
            case typed.KpiReference(name=name):
                return self.kpi(name, context)
            case typed.TargetReference(name=name):
                aimed = self.target(name, context)
                return aimed if isinstance(aimed, Absent) else aimed.target
            case typed.AsOf():
                return self.as_of
            case typed.IntervalLength(unit=unit):
                return simplest(self.book.calendar.units_in(unit, context.period.start, context.period.cut))
            case typed.PerUnits(body=body, unit=unit):
                return self._per(self.value(body, context), unit, context)
            case typed.Share(body=body):
                return self._share(body, context, expression)
            case typed.Reduction() | typed.TopMember():
                return self._reduced(expression, context)
            case _:
                inner = entered(expression, context, self.book.calendar)
                return inner if isinstance(inner, Absent) else self.value(expression.body, inner)

    def _measure(self, measure: typed.Measure, context: Context) -> Value:
        return self._outside(measure, context) or self.figures.value(measure, context)

    def _outside(self, measure: typed.Measure, context: Context) -> Absent | None:
        """Why a table has no rows of a scope at all: it lacks one of its dimensions."""
        narrowing = (*context.scope.dimensions, *(() if context.scope.company else self.only))
        lacked = (name for name in narrowing if measure.table not in self.formulas.dimensions[name].fields)
        return next((Absent(f"{measure.table} has no {name}") for name in lacked), None)

    def _per(self, value: Value, unit: PerUnit, context: Context) -> Value:
        if isinstance(value, Absent):
            return value
        units = self.book.calendar.units_in(unit, context.period.start, context.period.cut)
        if units == 0:
            return Absent(f"no {unit.value} in the interval")
        assert isinstance(value, int | Fraction)
        return simplest(Fraction(value) / units)

    def _share(self, body: Figure, context: Context, share: typed.Share) -> Value:
        company = entered(share, context, self.book.calendar)
        assert isinstance(company, Context)
        part, total = self.value(body, context), self.value(body, company)
        for value in (part, total):
            if isinstance(value, Absent):
                return value
        assert isinstance(part, int | Fraction)
        assert isinstance(total, int | Fraction)
        if total == 0:
            return Absent("the company's total is 0")
        return simplest(Fraction(part) / total)

    # ---- members

    def _reduced(self, expression: typed.Reduction | typed.TopMember, context: Context) -> Value:
        body, dimension = expression.body, expression.dimension
        lacking = self._lacking(dimension, body, context)
        if lacking is not None:
            return lacking
        values = [
            (name, self.value(body, context.of(dimension, name))) for name in self.members(dimension, body, context)
        ]
        numbers = [(name, value) for name, value in values if isinstance(value, int | Fraction)]
        if isinstance(expression, typed.TopMember):
            return _top(numbers, dimension)
        return _reduce(expression, [value for _, value in numbers])

    def _lacking(self, dimension: str, body: Figure, context: Context) -> Absent | None:
        """Why a reducer has nothing to reduce: no table that it reads has all dimensions of the scope."""
        outer = (*context.scope.dimensions, *(() if context.scope.company else self.only))
        first = None
        for table, split in self._read(body, (dimension,)):
            lacked = next(
                (name for name in (*outer, *split) if table not in self.formulas.dimensions[name].fields), None
            )
            if lacked is None:
                return None
            first = first or Absent(f"{table} has no {lacked}")
        return first

    def _read(self, expression: Figure, split: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
        """The tables that an expression reads, each with the dimensions that reducers around it split it by."""
        match expression:
            case typed.Measure(table=table):
                yield table, split
            case typed.KpiReference(name=name):
                yield from self._read(self.formulas.kpis[name].figure, split)
            case typed.TargetReference(name=name):
                aims = self.formulas.kpis[name].aims
                for dated in (*aims.total, *(entry for entries in aims.members.values() for entry in entries)):
                    if isinstance(dated.aim, Computed):
                        yield from self._read(dated.aim.figure, split)
            case typed.Reduction(body=body, dimension=dimension) | typed.TopMember(body=body, dimension=dimension):
                yield from self._read(body, (*split, dimension))
            case _:
                for part in typed.parts(expression):
                    yield from self._read(part, split)

    def members(self, dimension: str, body: Figure, context: Context) -> tuple[str, ...]:
        """The members in scope: those listed and those with rows in the body's aggregates, blank left out."""
        if dimension in context.scope.dimensions:
            return self._own_member(dimension, body, context)
        key = (id(body), dimension, context)
        if key not in self._members:
            found = set(self.listed(dimension, context.scope))
            found |= {member for member in self.present(dimension, body, context) if member is not None}
            self._members[key] = tuple(sorted(found))
        return self._members[key]

    def _own_member(self, dimension: str, body: Figure, context: Context) -> tuple[str, ...]:
        """The member that the scope already names, if it is listed or has rows here, as it would be under `--only`."""
        member = context.scope.member(dimension)
        if not isinstance(member, str):
            return ()
        read = self.collector.measures(body, context)
        if member in self.listed(dimension, context.scope) or any(self._any_row(*each) for each in read):
            return (member,)
        return ()

    def listed(self, dimension: str, scope: Scope) -> frozenset[str]:
        """The listed members of a dimension that a scope leaves."""
        roster = self.rosters.get(dimension)
        if roster is None:
            return frozenset()
        narrowed: dict[str, frozenset[str | None]] = {} if scope.company else {**self.only}
        for name, member in scope.members:
            narrowed[name] = frozenset({member if isinstance(member, str) else None})
        return roster.within(dimension, narrowed)

    def present(self, dimension: str, body: Figure, context: Context) -> frozenset[str | None]:
        """The members with rows in the body's aggregates; None for the rows without a member."""
        inner = context.of(dimension, ANY)
        return frozenset(
            member
            for measure, where in self.collector.measures(body, inner)
            if dimension in where.scope.dimensions
            and where.scope.company is context.scope.company  # `share` looks further, and makes nobody a member
            and self.collector.in_scope(measure, where)
            for member in self._matching(measure, where, dimension)
        )

    def _matching(self, measure: typed.Measure, context: Context, dimension: str) -> set[str | None]:
        scope = context.scope
        place = scope.dimensions.index(dimension)
        wanted = [member for _, member in scope.members]
        return {
            members[place]
            for members in self.figures.members(measure, context)
            if all(want is ANY or want == have for want, have in zip(wanted, members, strict=True))
        }

    def has_rows(self, body: Figure, context: Context) -> bool:
        """Whether any aggregate of the body takes a row in the context (true where it has none to take any)."""
        read = list(self.collector.measures(body, context))
        return not read or any(self._any_row(measure, where) for measure, where in read)

    def _any_row(self, measure: typed.Measure, context: Context) -> bool:
        if any(member is ANY for _, member in context.scope.members):
            return any(True for _ in self.figures.members(measure, context))
        return self.figures.rows(measure, context) > 0

    # ---- targets

    def target(self, name: str, context: Context) -> Aimed | Absent:
        """KPI `name`'s target in a context, and what is expected of it by the as-of day."""
        aims = self.formulas.kpis[name].aims
        inner = windowed(self.book.kpis[name].window, context, self.book.calendar)
        dated = self._aims_for(name, inner.scope)
        if isinstance(dated, Absent):
            return dated
        found = pieces(dated, inner, flow=aims.flow)
        if isinstance(found, Absent):
            return found
        target: Exact = 0
        expected: Exact = 0
        for piece in found:
            amount = self._amount(piece)
            if isinstance(amount, Absent):
                return amount
            target += amount
            expected += amount * self._elapsed(piece, inner) if aims.flow else amount
        return Aimed(simplest(target), simplest(expected))

    def _aims_for(self, name: str, scope: Scope) -> Sequence[DatedAim] | Absent:
        """The entries that hold in a scope: the company's, a named dimension's, or a formula's own rows."""
        aims = self.formulas.kpis[name].aims
        narrowed = {} if scope.company else dict(self.only)
        for key, member in scope.members:
            narrowed[key] = frozenset({member} if isinstance(member, str) else ())
        if not narrowed:
            return aims.total or Absent("no target for the company")
        for key in aims.members:
            if key in narrowed and len(narrowed[key]) == 1 and self._settles(key, narrowed):
                return aims.members[key]
        if not aims.total:
            return Absent("no target in this scope")
        if not aims.flow or all(isinstance(dated.aim, Computed) for dated in aims.total):
            return aims.total
        return Absent(f"the company's target isn't split by {' and '.join(sorted(narrowed))}")

    def _settles(self, key: str, narrowed: Mapping[str, frozenset[str]]) -> bool:
        """Whether a member of `key` fixes the other dimensions too (a rep has one team), so that its target holds."""
        others = {name: members for name, members in narrowed.items() if name != key}
        if not others:
            return True
        roster = self.rosters.get(key)
        (member,) = narrowed[key]
        return roster is not None and all(roster.settles(member, name, members) for name, members in others.items())

    def _amount(self, piece: Piece) -> Exact | Absent:
        match piece.aim:
            case Fixed(amount=amount):
                return _exact_number(amount)
            case Rate(amount=amount, per=per):
                period = piece.context.period
                return _exact_number(amount) * self.book.calendar.units_in(per, period.start, period.end)
            case Computed(figure=figure):
                if not self.has_rows(figure, piece.context):
                    return Absent(f"no {self._nouns(figure, piece.context)} for a target")
                value = self.value(figure, piece.context)
                if isinstance(value, Absent):
                    return value
                assert isinstance(value, int | Fraction)
                return value

    def _nouns(self, figure: Figure, context: Context) -> str:
        nouns = dict.fromkeys(measure.noun for measure, _ in self.collector.measures(figure, context))
        return " or ".join(nouns)

    def _elapsed(self, piece: Piece, window: Context) -> Fraction:
        """The share of a piece's own days that has elapsed by the as-of day."""
        days = piece.context.period
        cut = min(max(window.period.cut, days.start), days.end)
        return replace(days, cut=cut).elapsed_share(self.book.calendar)


def _exact_number(amount: Decimal) -> Exact:
    return simplest(Fraction(amount))


def _reduce(reduction: typed.Reduction, values: list[Exact]) -> Value:
    match reduction.function:
        case "count":
            return len(values)
        case "sum":
            return simplest(sum(values, start=0))
        case _ if not values:
            return Absent(f"no {reduction.dimension} has a value")
        case "avg":
            return simplest(Fraction(sum(values, start=0)) / len(values))
        case "min":
            return min(values)
        case "max":
            return max(values)
        case "median":
            return percentile_of(values, Fraction(50))
        case _:
            assert reduction.argument is not None
            return percentile_of(values, Fraction(reduction.argument))


def _top(values: list[tuple[str, Exact]], dimension: str) -> Value:
    """The member with the largest value; of equals the first by code point."""
    if all(value == 0 for _, value in values):
        return Absent(f"no {dimension} is above or below 0")
    largest = max(value for _, value in values)
    return min(name for name, value in values if value == largest)
