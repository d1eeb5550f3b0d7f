"""A scorecard's lines: each KPI's headline, trend and members."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from fractions import Fraction
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from kpicli.book.model import Kpi, Unit
from kpicli.contexts import Absent, Context, windowed
from kpicli.formula.typed import Figure as Expression
from kpicli.formula.typed import KpiReference, Measure, TargetReference, TopMember
from kpicli.periods import Period
from kpicli.score.arithmetic import Exact, Value
from kpicli.score.contributions import contribution
from kpicli.score.evaluate import UNSPLIT, Aimed, Evaluation, Groups
from kpicli.score.members import Roster
from kpicli.score.pace import Course, Standing
from kpicli.score.shown import amount, exactly, nearest, shown
from kpicli.scorecard import Amount, Figure, Group, Line, Span, Status, TrendPoint

NO_MEMBER: Final = "(none)"
NEW: Final = Absent("new: no rows in the period before")


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
    exact: bool
    """Whether they are shown as exact numbers."""
    roster: Roster | None
    """Those whom a text KPI names."""

    def figure(self, value: Value, aimed: Aimed | Absent | None, earlier: Value) -> Figure:
        measure = self.measure
        number = _number(value)
        before = _number(earlier)
        target = aimed if isinstance(aimed, Aimed) else None
        standing = Standing(status=Status.NO_DATA if isinstance(value, Absent) else Status.NO_TARGET)
        if number is not None and target is not None:
            standing = self.course.stand(number, target)
        return Figure(
            value=shown(value, exact=self.exact),
            reason=value.reason if isinstance(value, Absent) else None,
            target=None if target is None else measure(target.target),
            attainment=nearest(standing.attainment),
            expected=None if target is None else nearest(target.expected),
            pace=nearest(standing.pace),
            projected=None if number is None else nearest(self.course.projected(number)),
            needed_per_workday=nearest(standing.needed_per_workday),
            status=standing.status,
            prior=shown(earlier, exact=self.exact),
            change=None if number is None or before is None else measure(number - before),
            value_label=self._label(value) if isinstance(value, str) else None,
            target_reason=aimed.reason if isinstance(aimed, Absent) else None,
            prior_reason=earlier.reason if isinstance(earlier, Absent) else None,
            prior_label=self._label(earlier) if isinstance(earlier, str) else None,
        )

    def measure(self, number: Exact) -> Amount:
        """A number as it is shown."""
        return amount(number) if self.exact else nearest(number)

    def _label(self, value: str) -> str:
        return value if self.roster is None else self.roster.label(value)


def line(work: Evaluation, asked: Asked, by: str | None) -> Line:
    """A KPI's line. Figures come from the rows, the headline never from the groups."""
    kpi = work.book.kpis[asked.name]
    formulas = work.formulas.kpis[asked.name]
    calendar = work.book.calendar
    window = windowed(kpi.window, asked.context, calendar).period
    sheet = _Sheet(
        course_of(work, asked),
        exactly(formulas.figure, work.formulas.kpis),
        _named(work, formulas.figure),
    )
    before: Sequence[Value] = [asked.prior] if isinstance(asked.prior, Absent) else work.kpi(asked.name, asked.prior)
    (headline,) = _figures(work, asked, sheet, UNSPLIT, before)
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
        groups=() if by is None else tuple(_groups(work, asked, sheet, by)),
        company_target=None if contributed is None else sheet.measure(contributed.company_target),
        contribution=None if contributed is None else nearest(contributed.share),
        contributes_to=None if contributed is None else contributed.goal,
        tally=_tally(work, formulas.figure),
    )


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
    reason = value.reason if isinstance(value, Absent) else None
    return TrendPoint(context.period.label(work.book.calendar), shown(value, exact=sheet.exact), reason)


def _groups(work: Evaluation, asked: Asked, sheet: _Sheet, by: str) -> list[Group]:
    """One figure a member, by label; the rows without a member last."""
    listed = work.listed(by, asked.context.scope)
    present = work.present(by, asked.reference, asked.context)[()] | work.present(by, asked.target, asked.context)[()]
    groups = [(member,) for member in listed | present]
    earlier = _earlier(work, asked, by, groups)
    figures = _figures(work, replace(asked, context=asked.context.by(by)), sheet, groups, earlier)
    roster = work.rosters.get(by)
    found = [Group(member, _label(member, roster), figure) for (member,), figure in zip(groups, figures, strict=True)]
    return sorted(found, key=lambda group: group.place)


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
    values = dict(zip(old, work.kpi(asked.name, asked.prior.by(by), old), strict=True))
    return [values.get(members, NEW) for members in groups]


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


def _number(value: Value) -> Exact | None:
    return value if isinstance(value, (int, Fraction)) else None


def _named(work: Evaluation, expression: Expression) -> Roster | None:
    """The listed members of the dimension that a text KPI names one of."""
    if isinstance(expression, KpiReference):
        return _named(work, work.formulas.kpis[expression.name].figure)
    return work.rosters.get(expression.dimension) if isinstance(expression, TopMember) else None
