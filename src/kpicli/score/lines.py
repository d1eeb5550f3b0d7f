"""A scorecard's lines: each KPI's headline, trend and members."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Final

from kpicli.book.model import Kpi, Unit
from kpicli.contexts import Absent, Context, windowed
from kpicli.formula.typed import Figure as Expression
from kpicli.formula.typed import KpiReference, TargetReference, TopMember
from kpicli.periods import Period
from kpicli.score.arithmetic import Value
from kpicli.score.evaluate import Aimed, Evaluation
from kpicli.score.pace import Standing, stand
from kpicli.score.shown import amount, exactly, nearest, shown
from kpicli.scorecard import Figure, Group, Line, Span, Status, TrendPoint

NO_MEMBER: Final = "(none)"


@dataclass(frozen=True, slots=True)
class Asked:
    """One KPI in a report: its context, the one before (or why there is none), and its trend, oldest first."""

    reference: KpiReference
    target: TargetReference
    context: Context
    prior: Context | Absent
    trend: tuple[Context, ...]

    @property
    def name(self) -> str:
        return self.reference.name


def line(work: Evaluation, asked: Asked, by: str | None) -> Line:
    """A KPI's line. Figures come from the rows, the headline never from the groups."""
    kpi = work.book.kpis[asked.name]
    window = windowed(kpi.window, asked.context, work.book.calendar).period
    return Line(
        id=asked.name,
        name=kpi.name or asked.name,
        role=kpi.role.value,
        stage=kpi.stage,
        goal=kpi.goal,
        unit=kpi.unit.value,
        decimals=kpi.decimals,
        better=kpi.better.value,
        window=Span(window.start, last_of(window), float(window.elapsed_share(work.book.calendar))),
        figure=_figure(work, asked, kpi),
        trend=tuple(_point(work, asked.name, context) for context in asked.trend),
        groups=() if by is None else tuple(_groups(work, asked, kpi, by)),
    )


def last_of(period: Period) -> date:
    """The last day of a period, never before its first."""
    return max(period.start, period.end - timedelta(days=1))


def _point(work: Evaluation, name: str, context: Context) -> TrendPoint:
    value = work.kpi(name, context)
    reason = value.reason if isinstance(value, Absent) else None
    return TrendPoint(context.period.label(work.book.calendar), shown(value, exact=_is_exact(work, name)), reason)


def _groups(work: Evaluation, asked: Asked, kpi: Kpi, by: str) -> list[Group]:
    """One figure a member, by label; the rows without a member last."""
    present = work.present(by, asked.reference, asked.context) | work.present(by, asked.target, asked.context)
    members = work.listed(by, asked.context.scope) | {member for member in present if member is not None}
    before = frozenset() if isinstance(asked.prior, Absent) else work.present(by, asked.reference, asked.prior)
    roster = work.rosters.get(by)
    listed = work.listed(by, asked.context.scope)
    groups = []
    for member in (*members, *({None} & present)):
        known = member in before or member in listed
        prior = asked.prior
        if isinstance(prior, Context):
            prior = prior.of(by, member) if known else Absent("new: no rows in the period before")
        of_member = replace(asked, context=asked.context.of(by, member), prior=prior)
        label = NO_MEMBER if member is None else roster.label(member) if roster is not None else member
        groups.append(Group(member, label, _figure(work, of_member, kpi)))
    return sorted(groups, key=lambda group: (group.member is None, group.label, group.member or ""))


def _figure(work: Evaluation, asked: Asked, kpi: Kpi) -> Figure:
    value = work.kpi(asked.name, asked.context)
    earlier = asked.prior if isinstance(asked.prior, Absent) else work.kpi(asked.name, asked.prior)
    aimed = _aimed(work, asked, kpi)
    standing = _standing(work, asked, kpi, value, aimed)
    exact = _is_exact(work, asked.name)
    measure = amount if exact else nearest
    return Figure(
        value=shown(value, exact=exact),
        reason=value.reason if isinstance(value, Absent) else None,
        target=measure(aimed.target if isinstance(aimed, Aimed) else None),
        attainment=nearest(standing.attainment),
        expected=nearest(aimed.expected if isinstance(aimed, Aimed) else None),
        pace=nearest(standing.pace),
        projected=nearest(_projected(work, asked, kpi, value)),
        needed_per_workday=nearest(standing.needed_per_workday),
        status=standing.status,
        prior=shown(earlier, exact=exact),
        change=measure(_change(value, earlier)),
        value_label=_labelled(work, work.formulas.kpis[asked.name].figure, value),
        target_reason=aimed.reason if isinstance(aimed, Absent) else None,
        prior_reason=earlier.reason if isinstance(earlier, Absent) else None,
    )


def _is_exact(work: Evaluation, name: str) -> bool:
    return exactly(work.formulas.kpis[name].figure, work.formulas.kpis)


def _aimed(work: Evaluation, asked: Asked, kpi: Kpi) -> Aimed | Absent | None:
    if kpi.target is None or kpi.unit is Unit.TEXT:
        return None
    return work.target(asked.name, asked.context)


def _standing(work: Evaluation, asked: Asked, kpi: Kpi, value: Value, aimed: Aimed | Absent | None) -> Standing:
    if isinstance(value, Absent):
        return Standing(status=Status.NO_DATA)
    if not isinstance(aimed, Aimed):
        return Standing(status=Status.NO_TARGET)
    assert isinstance(value, int | Fraction)
    window = windowed(kpi.window, asked.context, work.book.calendar).period
    flow = work.formulas.kpis[asked.name].aims.flow
    left = work.book.calendar.workdays_in(window.cut, window.end) if flow else None
    return stand(value, aimed, kpi.better, work.book.status, left)


def _projected(work: Evaluation, asked: Asked, kpi: Kpi, value: Value) -> int | Fraction | None:
    """Where a running flow ends up at the rate so far."""
    window = windowed(kpi.window, asked.context, work.book.calendar).period
    if not work.formulas.kpis[asked.name].aims.flow or not window.running or not isinstance(value, int | Fraction):
        return None
    elapsed = window.elapsed_share(work.book.calendar)
    return None if elapsed == 0 else Fraction(value) / elapsed


def _change(value: Value, earlier: Value) -> int | Fraction | None:
    if isinstance(value, int | Fraction) and isinstance(earlier, int | Fraction):
        return value - earlier
    return None


def _labelled(work: Evaluation, expression: Expression, value: Value) -> str | None:
    """How a member that a text KPI names is shown."""
    if not isinstance(value, str):
        return None
    if isinstance(expression, KpiReference):
        return _labelled(work, work.formulas.kpis[expression.name].figure, value)
    roster = work.rosters.get(expression.dimension) if isinstance(expression, TopMember) else None
    return roster.label(value) if roster is not None else value
