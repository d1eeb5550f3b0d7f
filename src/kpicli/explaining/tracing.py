"""Watches an evaluation at its work: the same walk over a formula, each step with the value that the evaluation has."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import TypeAlias, assert_never

from msgspec import Struct, field
from msgspec.structs import replace

from kpicli.aims import Piece, pieces
from kpicli.book.targets import Computed, Fixed, Rate
from kpicli.contexts import Absent, Context, entered, windowed
from kpicli.explained import Aim, MemberStep, Plain, Step, Stretch, TargetPiece
from kpicli.explaining.aggregates import Numbered
from kpicli.formula import typed
from kpicli.formula.typed import Figure
from kpicli.periods import Period
from kpicli.plan.nodes import Members
from kpicli.score.arithmetic import Value, from_decimal
from kpicli.score.evaluate import UNSPLIT, Aimed, Evaluation, Groups

PartKey: TypeAlias = tuple[str, bool, Context]
"""A KPI, whether its target is meant, and the context in which the formula names it."""


class Tracer(Struct):
    """Steps of formulas, with the aggregates and the KPIs that were met on the way."""

    work: Evaluation
    numbered: Numbered
    met: dict[int, dict[Members, Value]] = field(default_factory=dict)
    """The values of each aggregate by its number, for each group in which it was asked for."""
    parts: dict[PartKey, int] = field(default_factory=dict)
    """The numbers of the KPIs that formulas name, where no reducer splits them."""

    def steps(self, expression: Figure, context: Context, groups: Groups = UNSPLIT) -> list[Step]:
        """An expression's step for each group of the context's scope."""
        values = self.work.values(expression, context, groups)
        match expression:
            case typed.Measure():
                number = self.numbered.read(expression, context).number
                self.met.setdefault(number, {}).update(zip(groups, values, strict=True))
                return [_step("aggregate", value, aggregate=number) for value in values]
            case typed.Literal(type=kind):
                return [_step(kind.value, value) for value in values]
            case typed.AsOf():
                return [_step("date", value) for value in values]
            case typed.IntervalLength(unit=unit):
                return [_step(f"{unit.value}s", value) for value in values]
            case typed.KpiReference(name=name):
                return self._references(name, context, groups, values)
            case typed.TargetReference(name=name):
                return self._targets(name, context, groups, values)
            case typed.FigureOperation(name=name, arguments=arguments):
                columns = [self.steps(argument, context, groups) for argument in arguments]
                return [
                    _step(name, value, parts) for value, parts in zip(values, zip(*columns, strict=True), strict=True)
                ]
            case typed.PerUnits(body=body, unit=unit):
                units = self.work.book.calendar.units_in(unit, context.period.start, context.period.cut)
                return [
                    _step("per", value, (step, _step("number", units)), unit=unit.value)
                    for value, step in zip(values, self.steps(body, context, groups), strict=True)
                ]
            case typed.Reduction() | typed.TopMember():
                return self._reduced(expression, context, groups, values)
            case _:
                return self._shifted(expression, context, groups, values)

    def _shifted(
        self, expression: typed.Shifting, context: Context, groups: Groups, values: Sequence[Value]
    ) -> list[Step]:
        op = _SHIFTS[type(expression)]
        inner = entered(expression, context, self.work.book.calendar)
        if isinstance(inner, Absent):
            return [_step(op, value) for value in values]
        days = stretch(inner.period)
        if isinstance(expression, typed.Share):
            (whole,) = self.steps(expression.body, inner)
            own = self.steps(expression.body, context, groups)
            return [_step(op, value, (part, whole)) for value, part in zip(values, own, strict=True)]
        body = self.steps(expression.body, inner, groups)
        return [_step(op, value, (step,), days=days) for value, step in zip(values, body, strict=True)]

    def _reduced(
        self,
        expression: typed.Reduction | typed.TopMember,
        context: Context,
        groups: Groups,
        values: Sequence[Value],
    ) -> list[Step]:
        body, dimension = expression.body, expression.dimension
        op, percent = "top by", None
        if isinstance(expression, typed.Reduction):
            op, percent = f"{expression.function} by", expression.argument
        if self.work.lacking(dimension, body, context) is not None:
            return [_step(op, value, dimension=dimension) for value in values]
        inner = context.by(dimension)
        place = inner.scope.dimensions.index(dimension)
        split = self.work.split(dimension, body, context, groups)
        every = list(dict.fromkeys(members for those in split for members in those))
        steps = dict(zip(every, self.steps(body, inner, every), strict=True))
        roster = self.work.rosters.get(dimension)

        def member(members: Members) -> MemberStep:
            key = str(members[place])
            return MemberStep(key, key if roster is None else roster.label(key), steps[members])

        return [
            replace(
                _step(op, value, dimension=dimension),
                percent=percent,
                members=tuple(sorted(map(member, those), key=lambda each: (each.label.casefold(), each.member))),
            )
            for value, those in zip(values, split, strict=True)
        ]

    # ---- KPIs and targets

    def part(self, name: str, context: Context, *, target: bool) -> int:
        """The number of a KPI that a formula names."""
        return self.parts.setdefault((name, target, context), len(self.parts) + 1)

    def kpi(self, name: str, context: Context, groups: Groups = UNSPLIT) -> list[Step]:
        """How a KPI's own formula is worked out, in its own window."""
        return self.steps(self.work.formulas.kpis[name].figure, self.window(name, context), groups)

    def window(self, name: str, context: Context) -> Context:
        return windowed(self.work.book.kpis[name].window, context, self.work.book.calendar)

    def _references(self, name: str, context: Context, groups: Groups, values: Sequence[Value]) -> list[Step]:
        days = stretch(self.window(name, context).period)
        if context.scope.dimensions:
            own = self.kpi(name, context, groups)
            return [_step("kpi", value, (step,), kpi=name, days=days) for value, step in zip(values, own, strict=True)]
        number = self.part(name, context, target=False)
        return [_step("kpi", value, kpi=name, part=number, days=days) for value in values]

    def _targets(self, name: str, context: Context, groups: Groups, values: Sequence[Value]) -> list[Step]:
        if context.scope.dimensions:
            aims = [self.aim(name, context, members) for members in groups]
            return [
                _step("target", value, tuple(piece.step for piece in aim.pieces), kpi=name)
                for value, aim in zip(values, aims, strict=True)
            ]
        number = self.part(name, context, target=True)
        return [_step("target", value, kpi=name, part=number) for value in values]

    def aim(self, name: str, context: Context, members: Members = ()) -> Aim:
        """Where a KPI's target comes from, for one group."""
        kpi, aims = self.work.book.kpis[name], self.work.formulas.kpis[name].aims
        inner = self.window(name, context)
        (aimed,) = self.work.targets(name, context, [members])
        key = self.work.holds(aims, inner.scope, members)
        found: tuple[Piece, ...] | Absent = ()
        entries = () if kpi.target is None else kpi.target.total
        dated = aims.total
        if isinstance(key, str):
            assert kpi.target is not None
            entries, dated = kpi.target.members[key], aims.members[key]
        if not isinstance(key, Absent):
            found = pieces(dated, inner, flow=aims.flow)
        told = []
        for piece in () if isinstance(found, Absent) else found:
            at = next(at for at, each in enumerate(dated) if each.aim is piece.aim)
            told.append(self._piece(piece, inner, members, entries[at].value, flow=aims.flow))
            told[-1] = replace(told[-1], since=entries[at].from_)
        return Aim(
            aimed.target if isinstance(aimed, Aimed) else None,
            aimed.expected if isinstance(aimed, Aimed) else None,
            aimed.reason if isinstance(aimed, Absent) else None,
            key if isinstance(key, str) else None,
            aims.flow,
            tuple(told),
        )

    def _piece(self, piece: Piece, window: Context, members: Members, text: str, *, flow: bool) -> TargetPiece:
        (amount,) = self.work.amounts(piece, [members])
        period = piece.context.period
        match piece.aim:
            case Fixed():
                step = _step("number", amount)
            case Rate(amount=each, per=per):
                units = self.work.book.calendar.units_in(per, period.start, period.end)
                step = _step("*", amount, (_number(each), _step("number", units)), unit=per.value)
            case Computed(figure=figure):
                (inner,) = self.steps(figure, piece.context, [members])
                # A formula that finds no row gives no target, whatever it comes to.
                step = inner if inner.value == plain(amount) else _step("needs rows", amount, (inner,))
            case _:
                assert_never(piece.aim)
        done, of, unit = elapsed(self.work, self.work.elapsed(piece, window)) if flow else (None, None, "workday")
        return TargetPiece(text, None, stretch(period), step, done, of, unit)


_SHIFTS = {
    typed.Prior: "prior",
    typed.ToDate: "to_date",
    typed.Trailing: "trailing",
    typed.Whole: "whole",
    typed.Rest: "rest",
    typed.Share: "share",
}


def elapsed(work: Evaluation, period: Period) -> tuple[int, int, str]:
    """How many workdays of a period have elapsed, and of how many; days, where no day is worked."""
    calendar = work.book.calendar
    every = calendar.workdays_in(period.start, period.end)
    if every:
        return calendar.workdays_in(period.start, period.cut), every, "workday"
    return period.elapsed_days, (period.end - period.start).days, "day"


def stretch(period: Period) -> Stretch:
    """The elapsed days of a period; where there are none, it ends before it begins."""
    return Stretch(period.start, period.cut - timedelta(days=1))


def plain(value: Value) -> Plain:
    return None if isinstance(value, Absent) else value


def _number(amount: Decimal) -> Step:
    return _step("number", from_decimal(amount))


def _step(  # noqa: PLR0913 -- what a step may have besides its value
    op: str,
    value: Value,
    arguments: tuple[Step, ...] = (),
    *,
    aggregate: int | None = None,
    kpi: str | None = None,
    part: int | None = None,
    days: Stretch | None = None,
    unit: str | None = None,
    dimension: str | None = None,
) -> Step:
    number = value.numerator if isinstance(value, Fraction) and value.denominator == 1 else value
    return Step(
        op,
        plain(number),
        value.reason if isinstance(value, Absent) else None,
        arguments,
        aggregate=aggregate,
        kpi=kpi,
        part=part,
        days=days,
        unit=unit,
        dimension=dimension,
    )
