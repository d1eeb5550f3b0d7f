"""A scorecard as one flat row a figure: the headline of each KPI, then its members."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from kpicli.scorecard import Amount, Figure, Group, Line, Scorecard, Value


class Row(Struct, frozen=True):
    """One figure with all that names it; the fields are the columns, in their order.

    `by` is None on a headline. On a member's row it is the dimension, and `member` is None for "(none)".
    """

    kpi: str
    name: str
    role: str
    stage: str | None
    goal: str | None
    unit: str
    period: str
    by: str | None
    member: str | None
    label: str | None
    value: Value
    value_label: str | None
    reason: str | None
    target: Amount
    attainment: Amount
    expected: Amount
    pace: Amount
    projected: Amount
    needed_per_workday: Amount
    status: str
    prior: Value
    change: Amount
    company_target: Amount
    contribution: Amount
    contributes_to: str | None


def flatten(card: Scorecard) -> Iterator[Row]:
    """Every figure of the card, in its order."""
    for line in card.lines:
        yield _row(card, line, None, line.figure)
        for group in line.groups:
            yield _row(card, line, group, group.figure)


def _row(card: Scorecard, line: Line, group: Group | None, figure: Figure) -> Row:
    return Row(
        kpi=line.id,
        name=line.name,
        role=line.role,
        stage=line.stage,
        goal=line.goal,
        unit=line.unit,
        period=card.period.label,
        by=None if group is None else card.by,
        member=None if group is None else group.member,
        label=None if group is None else group.label,
        value=figure.value,
        value_label=figure.value_label,
        reason=figure.reason,
        target=figure.target,
        attainment=figure.attainment,
        expected=figure.expected,
        pace=figure.pace,
        projected=figure.projected,
        needed_per_workday=figure.needed_per_workday,
        status=figure.status.value,
        prior=figure.prior,
        change=figure.change,
        company_target=line.company_target if group is None else None,
        contribution=line.contribution if group is None else None,
        contributes_to=line.contributes_to if group is None else None,
    )
