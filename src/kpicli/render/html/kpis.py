"""Leading and lagging KPIs, one beside the other in the order of the pipeline, and the goals that they serve."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from kpicli.render import remarks
from kpicli.render.dates import write_days, write_span
from kpicli.render.html.bullet import Bullet
from kpicli.render.html.figures import ABSENT, Shown, columns_of, style_of
from kpicli.render.html.trend import Trend
from kpicli.render.sections import nested, sections
from kpicli.scorecard import GoalLine, Line, Scorecard


class Kpi(Struct, frozen=True):
    """One KPI of the page."""

    anchor: str
    """Its place on the page, which says nothing of its name."""
    name: str
    stage: str | None
    days: str | None
    """The days that it looks at, where they are others than the period's."""
    until: str
    """The last day of its window."""
    figure: Shown
    bullet: Bullet | None
    trend: Trend | None
    periods: tuple[str, ...]
    points: tuple[str, ...]
    """What a table shows of the trend."""
    line: Line


class Trends(Struct, frozen=True):
    """The trends of KPIs over the same periods, as a table."""

    periods: tuple[str, ...]
    kpis: tuple[Kpi, ...]


class Section(Struct, frozen=True):
    """The leading or the lagging KPIs."""

    role: str
    kpis: tuple[Kpi, ...]
    columns: tuple[tuple[str, str], ...]
    trends: tuple[Trends, ...]


class Goal(Struct, frozen=True):
    """A goal with the KPIs that serve it, and the goals below it."""

    name: str
    level: str
    when: str | None
    tally: str | None
    why: str | None
    facts: tuple[tuple[str, str], ...]
    """Who, what, where and how."""
    kpis: tuple[Kpi, ...]
    depth: int
    """How many goals it lies below."""


def kpis_of(card: Scorecard) -> dict[str, Kpi]:
    """Each KPI of the card by its id."""
    return {line.id: _kpi(line, card, f"kpi-{at}") for at, line in enumerate(card.lines, start=1)}


def _kpi(line: Line, card: Scorecard, anchor: str) -> Kpi:
    style = style_of(line, card)
    days = (line.window.start, line.window.end)
    numbers = any(point.value is not None and not isinstance(point.value, str) for point in line.trend)
    trend = line.trend if numbers else ()
    return Kpi(
        anchor=anchor,
        name=line.name,
        stage=line.stage,
        days=None if days == (card.period.start, card.period.end) else write_span(line.window),
        until=write_days(line.window.end, line.window.end),
        figure=Shown.of(line.figure, line, style),
        bullet=Bullet.of(line.figure, line.better),
        trend=Trend.of(line.trend, line.figure.target, style),
        periods=tuple(point.period for point in trend),
        points=tuple(
            ABSENT if point.value is None else point.value if isinstance(point.value, str) else style.write(point.value)
            for point in trend
        ),
        line=line,
    )


def sections_of(card: Scorecard, kpis: Mapping[str, Kpi]) -> Iterator[Section]:
    for role, lines in sections(card):
        those = tuple(kpis[line.id] for line in lines)
        yield Section(role, those, columns_of([kpi.figure for kpi in those]), tuple(_trends(those)))


def _trends(kpis: Sequence[Kpi]) -> Iterator[Trends]:
    for periods in dict.fromkeys(kpi.periods for kpi in kpis if kpi.periods):
        yield Trends(periods, tuple(kpi for kpi in kpis if kpi.periods == periods))


def goals_of(card: Scorecard, kpis: Mapping[str, Kpi]) -> Iterator[Goal]:
    """Each goal after the one that it serves."""
    for goal, depth in nested(card.goals):
        yield Goal(
            name=goal.name,
            level=goal.level,
            when=goal.when,
            tally=remarks.on_track(goal, card),
            why=goal.why,
            facts=tuple(_facts(goal)),
            kpis=tuple(kpis[kpi] for kpi in goal.kpis if kpi in kpis),
            depth=depth,
        )


def _facts(goal: GoalLine) -> Iterator[tuple[str, str]]:
    for name, text in (("What", goal.what), ("Who", goal.who), ("Where", goal.where), ("How", goal.how)):
        if text is not None:
            yield name, text
