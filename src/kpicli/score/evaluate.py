"""Evaluates KPI expressions in contexts, over figures that the engine has already aggregated.

A context's scope says by which dimensions figures are split, and a list of groups beside it, of whom they are: an
expression is walked once for all of them, and its values come as a list in their order.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Final, TypeAlias

from msgspec import Struct, field
from msgspec.structs import replace

from kpicli.aims import Piece, pieces
from kpicli.book.formulas import Formulas
from kpicli.book.model import Book
from kpicli.book.targets import Aims, Computed, DatedAim, Fixed, Rate
from kpicli.contexts import Absent, Context, Scope, entered, windowed
from kpicli.formula import typed
from kpicli.formula.typed import Figure
from kpicli.periods import Period, PerUnit
from kpicli.plan.nodes import Members
from kpicli.plan.requests import Collector
from kpicli.score.arithmetic import NULL, Exact, Value, exact, from_decimal, operate, quotient, simplest
from kpicli.score.figures import Figures
from kpicli.score.members import Roster
from kpicli.score.reducing import reduce

Groups: TypeAlias = Sequence[Members]
"""Different groups of a scope, each by its members of the scope's dimensions."""

UNSPLIT: Final[Groups] = ((),)
"""The one group of a scope that no dimension splits."""


class Aimed(Struct, frozen=True):
    """A target in one context, with what should be there by the as-of day."""

    target: Exact
    expected: Exact


class Evaluation(Struct):
    """One report's arithmetic. Values are memorised, so that a KPI costs once what many references ask of it."""

    collector: Collector
    as_of: date
    figures: Figures
    rosters: Mapping[str, Roster]
    _kpis: dict[tuple[str, Context], dict[Members, Value]] = field(default_factory=dict)
    _listed: dict[tuple[str, Scope, Members], frozenset[str]] = field(default_factory=dict)

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

    def kpi(self, name: str, context: Context, groups: Groups = UNSPLIT) -> list[Value]:
        """A KPI's values, in its own window."""
        known = self._kpis.setdefault((name, context), {})
        new = [members for members in groups if members not in known] if known else groups
        if new:
            inner = windowed(self.book.kpis[name].window, context, self.book.calendar)
            values = self.values(self.formulas.kpis[name].figure, inner, new)
            known.update(zip(new, values, strict=True))
            if new is groups:
                return values
        return [known[members] for members in groups]

    def values(self, expression: Figure, context: Context, groups: Groups) -> list[Value]:
        """An expression's value for each group of the context's scope."""
        match expression:
            case typed.Measure():
                return self._measure(expression, context, groups)
            case typed.FigureOperation(arguments=arguments):
                columns = [self.values(argument, context, groups) for argument in arguments]
                return list(map(operate(expression), zip(*columns, strict=True)))
            case typed.KpiReference(name=name):
                return self.kpi(name, context, groups)
            case typed.TargetReference(name=name):
                aimed = self.targets(name, context, groups)
                return [each.target if isinstance(each, Aimed) else each for each in aimed]
            case typed.PerUnits(body=body, unit=unit):
                return self._per(self.values(body, context, groups), unit, context)
            case typed.Share():
                return self._share(expression, context, groups)
            case typed.Reduction() | typed.TopMember():
                return self._reduced(expression, context, groups)
            case typed.Literal() | typed.AsOf() | typed.IntervalLength():
                return [self._constant(expression, context)] * len(groups)
            case _:
                inner = entered(expression, context, self.book.calendar)
                return (
                    [inner] * len(groups) if isinstance(inner, Absent) else self.values(expression.body, inner, groups)
                )

    def _constant(self, expression: typed.Literal | typed.AsOf | typed.IntervalLength, context: Context) -> Value:
        """What is the same whoever it is asked for."""
        match expression:
            case typed.Literal(value=value):
                literal = exact(value)
                return NULL if literal is None else literal
            case typed.AsOf():
                return self.as_of
            case typed.IntervalLength(unit=unit):
                return simplest(self.book.calendar.units_in(unit, context.period.start, context.period.cut))

    def _measure(self, measure: typed.Measure, context: Context, groups: Groups) -> list[Value]:
        outside = self._outside(measure, context)
        return self.figures.values(measure, context, groups) if outside is None else [outside] * len(groups)

    def _outside(self, measure: typed.Measure, context: Context) -> Absent | None:
        """Why nobody knows a measure in a scope: its table lacks a dimension, or rows had other members on that day."""
        for name in (*context.scope.dimensions, *(() if context.scope.company else self.only)):
            dimension = self.formulas.dimensions[name]
            if measure.table not in dimension.fields:
                return Absent(f"{measure.table} has no {name}", whoever=True)
            if measure.at is not None and context.shifted and measure.table in dimension.today:
                return Absent(f"{name} reads today, which no earlier day can be replayed with", whoever=True)
        return None

    def _per(self, values: list[Value], unit: PerUnit, context: Context) -> list[Value]:
        units = self.book.calendar.units_in(unit, context.period.start, context.period.cut)
        none = Absent(f"no {unit.value} in the interval", whoever=True)
        return [_divided(value, units, none) for value in values]

    def _share(self, share: typed.Share, context: Context, groups: Groups) -> list[Value]:
        company = entered(share, context, self.book.calendar)
        assert isinstance(company, Context)
        (total,) = self.values(share.body, company, UNSPLIT)
        none = Absent("the company's total is 0")
        return [_divided(part, total, none) for part in self.values(share.body, context, groups)]

    # ---- members

    def _reduced(self, expression: typed.Reduction | typed.TopMember, context: Context, groups: Groups) -> list[Value]:
        body, dimension = expression.body, expression.dimension
        lacking = self.lacking(dimension, body, context)
        if lacking is not None:
            return [lacking] * len(groups)
        inner = context.by(dimension)
        place = inner.scope.dimensions.index(dimension)
        split = self.split(dimension, body, context, groups)
        # Where there is no member, one without rows tells whether anybody's figure could be known.
        asked = [
            parts or [members if inner == context else (*members[:place], None, *members[place:])]
            for parts, members in zip(split, groups, strict=True)
        ]
        every = [members for those in asked for members in those]
        values = dict(zip(every, self.values(body, inner, every), strict=True))
        found: list[Value] = []
        for parts, those in zip(split, asked, strict=True):
            named = ((str(members[place]), values[members]) for members in parts)
            numbers = [(name, value) for name, value in named if isinstance(value, int | Fraction)]
            missing = None if numbers else Absent.among(values[members] for members in those)
            found.append(missing if missing and missing.whoever else reduce(expression, numbers))
        return found

    def lacking(self, dimension: str, body: Figure, context: Context) -> Absent | None:
        """Why a reducer has nothing to reduce: no table that it reads has all dimensions of the scope."""
        outer = (*context.scope.dimensions, *(() if context.scope.company else self.only))
        first = None
        for table, split in self._read(body, (dimension,)):
            lacked = next(
                (name for name in (*outer, *split) if table not in self.formulas.dimensions[name].fields), None
            )
            if lacked is None:
                return None
            first = first or Absent(f"{table} has no {lacked}", whoever=True)
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

    def split(self, dimension: str, body: Figure, context: Context, groups: Groups) -> list[list[Members]]:
        """Each group split by a dimension: its members that are listed or have rows in the body, blank left out.

        A group that names a member already has that one, if it is listed or has rows, as it would under `--only`.
        """
        if dimension in context.scope.dimensions:
            place = context.scope.dimensions.index(dimension)
            with_rows = self._with_rows(body, context, groups)
            return [
                [members]
                if members[place] is not None
                and (members in with_rows or members[place] in self.listed(dimension, context.scope, members))
                else []
                for members in groups
            ]
        place = context.by(dimension).scope.dimensions.index(dimension)
        present = self.present(dimension, body, context, groups)
        return [
            [
                (*members[:place], name, *members[place:])
                for name in sorted(
                    self.listed(dimension, context.scope, members)
                    | {member for member in present[members] if member is not None}
                )
            ]
            for members in groups
        ]

    def listed(self, dimension: str, scope: Scope, members: Members = ()) -> frozenset[str]:
        """The listed members of a dimension that a group leaves."""
        key = (dimension, scope, members)
        if key not in self._listed:
            roster = self.rosters.get(dimension)
            narrowed = self._narrowed(scope, members)
            self._listed[key] = frozenset() if roster is None else roster.within(dimension, narrowed)
        return self._listed[key]

    def _narrowed(self, scope: Scope, members: Members) -> dict[str, frozenset[str | None]]:
        """The members that `--only` and a group leave of each dimension that they name."""
        narrowed: dict[str, frozenset[str | None]] = {} if scope.company else {**self.only}
        return narrowed | {name: frozenset({member}) for name, member in zip(scope.dimensions, members, strict=True)}

    def present(
        self, dimension: str, body: Figure, context: Context, groups: Groups = UNSPLIT
    ) -> Mapping[Members, set[str | None]]:
        """The members of each group with rows in the body's aggregates; None for the rows without a member."""
        found: dict[Members, set[str | None]] = {members: set() for members in groups}
        for measure, where in self.collector.measures(body, context.by(dimension)):
            names = where.scope.dimensions
            # `share` looks further, and makes nobody a member.
            if dimension in names and where.scope.company is context.scope.company:
                place = names.index(dimension)
                for members, parts in self._rows_of(measure, where, context, groups):
                    found[members].update(part[place] for part in parts)
        return found

    def _with_rows(self, body: Figure, context: Context, groups: Groups, *, valued: bool = False) -> set[Members]:
        """The groups of which any aggregate of the body takes a row; `valued`, one with a value."""
        return {
            members
            for measure, where in self.collector.measures(body, context)
            for members, parts in self._rows_of(measure, where, context, groups, valued=valued)
            if parts
        }

    def _rows_of(
        self, measure: typed.Measure, where: Context, context: Context, groups: Groups, *, valued: bool = False
    ) -> Iterator[tuple[Members, Collection[Members]]]:
        """For each group of a context, the groups in which a measure takes rows where the body's walk has led it."""
        names = where.scope.dimensions
        shared = [name for name in context.scope.dimensions if name in names]
        if where.scope.company is not context.scope.company:
            shared = []
        taken = self.figures.groups(measure, where, valued=valued)
        if not shared:
            return ((members, taken) for members in groups)
        parts = defaultdict(list)
        for part in taken:
            parts[tuple(part[names.index(name)] for name in shared)].append(part)
        places = [context.scope.dimensions.index(name) for name in shared]
        return ((members, parts.get(tuple(members[place] for place in places), [])) for members in groups)

    # ---- targets

    def targets(self, name: str, context: Context, groups: Groups = UNSPLIT) -> list[Aimed | Absent]:
        """KPI `name`'s target for each group, and what is expected of it by the as-of day."""
        aims = self.formulas.kpis[name].aims
        inner = windowed(self.book.kpis[name].window, context, self.book.calendar)
        holding: dict[str | Absent | None, list[Members]] = defaultdict(list)
        for members in groups:
            holding[self.holds(aims, inner.scope, members)].append(members)
        found: dict[Members, Aimed | Absent] = {}
        for key, those in holding.items():
            if isinstance(key, Absent):
                found.update(dict.fromkeys(those, key))
            else:
                dated = aims.total if key is None else aims.members[key]
                found.update(zip(those, self._aimed(dated, inner, those, flow=aims.flow), strict=True))
        return [found[members] for members in groups]

    def holds(self, aims: Aims, scope: Scope, members: Members) -> str | Absent | None:
        """Whose target holds for a group: that of a dimension's members, or None: the company's, or a formula's."""
        narrowed = {
            name: frozenset(member for member in left if member is not None)
            for name, left in self._narrowed(scope, members).items()
        }
        if not narrowed:
            return None if aims.total else Absent("no target for the company", whoever=True)
        for key in aims.members:
            if key in narrowed and len(narrowed[key]) == 1 and self._settles(key, narrowed):
                return key
        if not aims.total:
            return Absent("no target in this scope", whoever=True)
        if not aims.flow or all(isinstance(dated.aim, Computed) for dated in aims.total):
            return None
        return Absent(f"the company's target isn't split by {' and '.join(sorted(narrowed))}", whoever=True)

    def _settles(self, key: str, narrowed: Mapping[str, frozenset[str]]) -> bool:
        """Whether a member of `key` fixes the other dimensions too (a rep has one team), so that its target holds."""
        others = {name: members for name, members in narrowed.items() if name != key}
        if not others:
            return True
        roster = self.rosters.get(key)
        (member,) = narrowed[key]
        return roster is not None and all(roster.settles(member, name, members) for name, members in others.items())

    def _aimed(
        self, dated: Sequence[DatedAim], window: Context, groups: Groups, *, flow: bool
    ) -> Sequence[Aimed | Absent]:
        """The target that a dated list gives each group."""
        found = pieces(dated, window, flow=flow)
        if isinstance(found, Absent):
            return [found] * len(groups)
        if len(groups) > 1 and not any(isinstance(piece.aim, Computed) for piece in found):
            return [*self._aimed(dated, window, groups[:1], flow=flow)] * len(groups)
        totals: list[Aimed | Absent] = [Aimed(0, 0)] * len(groups)
        for piece in found:
            elapsed = self.elapsed(piece, window).elapsed_share(self.book.calendar) if flow else 1
            amounts = self.amounts(piece, groups)
            totals = [_added(total, amount, elapsed) for total, amount in zip(totals, amounts, strict=True)]
        return totals

    def amounts(self, piece: Piece, groups: Groups) -> list[Value]:
        """What a piece of a target comes to for each group, over the piece's own days."""
        match piece.aim:
            case Fixed(amount=amount):
                return [from_decimal(amount)] * len(groups)
            case Rate(amount=amount, per=per):
                period = piece.context.period
                units = self.book.calendar.units_in(per, period.start, period.end)
                return [from_decimal(amount) * units] * len(groups)
            case Computed(figure=figure):
                read = dict.fromkeys(measure.noun for measure, _ in self.collector.measures(figure, piece.context))
                none = Absent(f"no {' or '.join(read)} for a target")
                with_rows = self._with_rows(figure, piece.context, groups, valued=True) if read else {*groups}
                values = self.values(figure, piece.context, groups)
                return [value if members in with_rows else none for members, value in zip(groups, values, strict=True)]

    def elapsed(self, piece: Piece, window: Context) -> Period:
        """A piece's own days, cut at the as-of day."""
        days = piece.context.period
        return replace(days, cut=min(max(window.period.cut, days.start), days.end))


def _added(total: Aimed | Absent, amount: Value, elapsed: Exact) -> Aimed | Absent:
    """A target with that of one more piece, of which a share has elapsed."""
    if isinstance(total, Absent):
        return total
    if isinstance(amount, Absent):
        return amount
    assert isinstance(amount, int | Fraction)
    return Aimed(simplest(total.target + amount), simplest(total.expected + amount * elapsed))


def _divided(value: Value, divisor: Value, none: Absent) -> Value:
    """One figure by another; `none` where that is 0."""
    missing = Absent.among((value, divisor))
    if missing is not None:
        return missing
    assert isinstance(value, int | Fraction)
    assert isinstance(divisor, int | Fraction)
    return none if divisor == 0 else quotient(value, divisor)
