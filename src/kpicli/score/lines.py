"""A scorecard's lines: each KPI's headline, trend and members."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from fractions import Fraction
from functools import lru_cache
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from kpicli.book.model import Kpi, Unit
from kpicli.contexts import Absent, Context, windowed
from kpicli.formula.typed import Figure as Expression
from kpicli.formula.typed import KpiReference, Measure, TargetReference, TopMember
from kpicli.periods import Period
from kpicli.score.arithmetic import Exact, Value, difference
from kpicli.score.contributions import contribution
from kpicli.score.evaluate import UNSPLIT, Aimed, Evaluation, Groups
from kpicli.score.members import Roster
from kpicli.score.pace import Course
from kpicli.score.shown import amount, exactly, nearest
from kpicli.scorecard import Amount, Figure, Group, Line, Span, Status, TrendPoint, place_of
from kpicli.scorecard import Value as Shown

NO_MEMBER: Final = "(none)"
NEW: Final = Absent("new: no rows in the period before")


_NO_DATA: Final = Status.NO_DATA
_NO_TARGET: Final = Status.NO_TARGET


class Asked(Struct, frozen=True):
    """One KPI in a report: its context, the one before (or why there is none), and its trend, oldest first."""

    reference: KpiReference
    target: TargetReference
    context: Context
    prior: Context | Absent
    trend: tuple[Context, ...]
    contributes_to: str | None = None
    """The company's goal in which its share is asked for."""

    @property
    def name(self) -> str:
        return self.reference.name


class _Sheet(Struct, frozen=True):
    """How the figures of one KPI are judged and shown, whoever they are of."""

    course: Course
    measure: Callable[[Exact], Amount]
    """A number as it is shown."""
    roster: Roster | None
    """Those whom a text KPI names."""

    def figure(self, value: Value, aimed: Aimed | Absent | None, earlier: Value) -> Figure:
        number, told, reason, label = self.told(value)
        before, prior, prior_reason, prior_label = self.told(earlier)
        figure = Figure(
            value=told,
            reason=reason,
            target=None,
            attainment=None,
            expected=None,
            pace=None,
            projected=None if number is None else nearest(self.course.projected(number)),
            needed_per_workday=None,
            status=_NO_TARGET if reason is None else _NO_DATA,
            prior=prior,
            change=None if number is None or before is None else self.measure(difference(number, before)),
            value_label=label,
            prior_reason=prior_reason,
            prior_label=prior_label,
        )
        return figure if aimed is None else self._judged(figure, number, aimed)

    def _judged(self, figure: Figure, number: Exact | None, aimed: Aimed | Absent) -> Figure:
        """A figure against its target."""
        if isinstance(aimed, Absent):
            return replace(figure, target_reason=aimed.reason)
        target, expected = self.measure(aimed.target), nearest(aimed.expected)
        if number is None:
            return replace(figure, target=target, expected=expected)
        standing = self.course.stand(number, aimed)
        return replace(
            figure,
            target=target,
            attainment=nearest(standing.attainment),
            expected=expected,
            pace=nearest(standing.pace),
            needed_per_workday=nearest(standing.needed_per_workday),
            status=standing.status,
        )

    def told(self, value: Value) -> tuple[Exact | None, Shown, str | None, str | None]:
        """The number that a value is, how it is shown, the reason why there is none, and the label of a text."""
        if type(value) is int or type(value) is Fraction:  # no boolean
            return value, self.measure(value), None, None
        if isinstance(value, Absent):
            return None, None, value.reason, None
        if isinstance(value, str):
            return None, value, None, value if self.roster is None else self.roster.label(value)
        raise TypeError("a KPI is a number or a text")


def line(work: Evaluation, asked: Asked, by: str | None) -> Line:
    """A KPI's line. Figures come from the rows, the headline never from the groups."""
    kpi = work.book.kpis[asked.name]
    formulas = work.formulas.kpis[asked.name]
    calendar = work.book.calendar
    window = windowed(kpi.window, asked.context, calendar).period
    sheet = _Sheet(
        course_of(work, asked),
        amount if exactly(formulas.figure, work.formulas.kpis) else nearest,
        _named(work, formulas.figure),
    )
    before: Sequence[Value] = [asked.prior] if isinstance(asked.prior, Absent) else work.kpi(asked.name, asked.prior)
    (headline,) = _figures(work, asked, sheet, UNSPLIT, before)
    groups = () if by is None else tuple(_groups(work, asked, sheet, by))
    goal = asked.contributes_to
    contributed = None if goal is None else contribution(work, asked.name, goal, asked.context)
    return Line(
        id=asked.name,
        name=kpi.name or asked.name,
        role=kpi.role.value,
        stage=kpi.stage,
        goal=kpi.goal,
        unit=kpi.unit.value,
        decimals=kpi.decimals,
        better=kpi.better.value,
        window=Span(window.start, last_of(window), float(window.elapsed_share(calendar))),
        figure=headline,
        trend=tuple(_point(work, asked.name, context, sheet) for context in asked.trend),
        groups=groups,
        company_target=None if contributed is None else sheet.measure(contributed.company_target),
        contribution=None if contributed is None else nearest(contributed.share),
        contributes_to=None if contributed is None else contributed.goal,
        tally=_tally(work, formulas.figure),
        unsplit=None if by is None or groups else _lacking(work, asked, by),
    )


def _lacking(work: Evaluation, asked: Asked, by: str) -> str | None:
    """Why there are no members: no table that the KPI reads has the dimension."""
    lacking = work.lacking(by, work.formulas.kpis[asked.name].figure, asked.context)
    return None if lacking is None else lacking.reason


def course_of(work: Evaluation, asked: Asked) -> Course:
    """What a KPI's figures are held against in its own window."""
    kpi = work.book.kpis[asked.name]
    window = windowed(kpi.window, asked.context, work.book.calendar).period
    flow = work.formulas.kpis[asked.name].aims.flow
    return Course.of(kpi.better, work.book.status, window, work.book.calendar, flow=flow)


def last_of(period: Period) -> date:
    """The last day of a period, never before its first."""
    return max(period.start, period.end - timedelta(days=1))


def _point(work: Evaluation, name: str, context: Context, sheet: _Sheet) -> TrendPoint:
    (value,) = work.kpi(name, context)
    _, told, reason, _ = sheet.told(value)
    return TrendPoint(context.period.label(work.book.calendar), told, reason)


def _groups(work: Evaluation, asked: Asked, sheet: _Sheet, by: str) -> Iterator[Group]:
    """One figure a member, by label; the rows without a member last."""
    listed = work.listed(by, asked.context.scope)
    present = work.present(by, asked.reference, asked.context)[()] | work.present(by, asked.target, asked.context)[()]
    members, labels = _ordered(listed | present, work.rosters.get(by))
    groups = [(member,) for member in members]
    earlier = _earlier(work, asked, by, groups)
    figures = _figures(work, replace(asked, context=asked.context.by(by)), sheet, groups, earlier)
    return map(Group, members, labels, figures)


@lru_cache(maxsize=8)  # most KPIs of a report have figures of the same members
def _ordered(members: frozenset[str | None], roster: Roster | None) -> tuple[Sequence[str | None], Sequence[str]]:
    """Members by their labels, and these."""
    labels = {member: _label(member, roster) for member in members}
    ordered = sorted(members, key=lambda member: place_of(member, labels[member]))
    return ordered, [labels[member] for member in ordered]


def _label(member: str | None, roster: Roster | None) -> str:
    if member is None:
        return NO_MEMBER
    return member if roster is None else roster.label(member)


def _earlier(work: Evaluation, asked: Asked, by: str, groups: Groups) -> list[Value]:
    """The members' values in the period before; a member that was neither listed nor had rows is new."""
    if isinstance(asked.prior, Absent):
        return [asked.prior] * len(groups)
    known = work.listed(by, asked.context.scope) | work.present(by, asked.reference, asked.prior)[()]
    old = [members for members in groups if members[0] in known]
    values = iter(work.kpi(asked.name, asked.prior.by(by), old))
    return [next(values) if members[0] in known else NEW for members in groups]


def _figures(
    work: Evaluation, asked: Asked, sheet: _Sheet, groups: Groups, earlier: Sequence[Value]
) -> Iterator[Figure]:
    """One figure a group of the context's scope."""
    kpi = work.book.kpis[asked.name]
    values = work.kpi(asked.name, asked.context, groups)
    aimed: Sequence[Aimed | Absent | None] = [None] * len(groups)
    if is_aimed(kpi):
        aimed = work.targets(asked.name, asked.context, groups)
    return map(sheet.figure, values, aimed, earlier)


def _tally(work: Evaluation, expression: Expression) -> str | None:
    """`count` or `sum`, where a KPI is nothing but one of them, over rows that are each in one period."""
    match expression:
        case KpiReference(name=name):
            return _tally(work, work.formulas.kpis[name].figure) if work.book.kpis[name].window is None else None
        case Measure(function="count" | "sum" as function, on=on, at=None, covers=False) if on is not None:
            return function
        case _:
            return None


def is_aimed(kpi: Kpi) -> bool:
    """Whether a KPI's figures are held against a target."""
    return kpi.target is not None and kpi.unit is not Unit.TEXT


def _named(work: Evaluation, expression: Expression) -> Roster | None:
    """The listed members of the dimension that a text KPI names one of."""
    if isinstance(expression, KpiReference):
        return _named(work, work.formulas.kpis[expression.name].figure)
    return work.rosters.get(expression.dimension) if isinstance(expression, TopMember) else None
