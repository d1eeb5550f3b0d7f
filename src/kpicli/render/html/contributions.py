"""What a part of the company contributes to the company's goals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

from msgspec import Struct

from kpicli.render.html.figures import style_of
from kpicli.render.html.kpis import Kpi
from kpicli.render.html.scale import Scale
from kpicli.render.numbers import exactly, write_share
from kpicli.render.sections import contributions
from kpicli.scorecard import Line, Scorecard

WIDTH = 100
"""Of a bar that is the whole of the company's target."""


class Contributed(Struct, frozen=True):
    """One KPI's share of the company's target."""

    kpi: Kpi
    company_target: str
    share: str
    length: float
    """Of its bar, which no share of more than all makes longer."""


class Contribution(Struct, frozen=True):
    """What adds to one goal of the company."""

    goal: str
    kpis: tuple[Contributed, ...]


def contributions_of(card: Scorecard, kpis: Mapping[str, Kpi]) -> Iterator[Contribution]:
    """Each goal to which something is contributed; none where the report is of the whole company."""
    for goal, lines in contributions(card):
        yield Contribution(goal.name, tuple(_contributed(line, card, kpis[line.id]) for line in lines))


def _contributed(line: Line, card: Scorecard, kpi: Kpi) -> Contributed:
    assert line.contribution is not None
    assert line.company_target is not None
    share = max(Fraction(0), min(Fraction(1), exactly(line.contribution)))
    return Contributed(
        kpi,
        style_of(line, card).write(line.company_target),
        write_share(line.contribution),
        Scale.over((0, 1), 0, WIDTH).at(share),
    )
