"""The members of a dimension: a small picture a KPI, in which each has the same place, and how they are spread."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from msgspec import Struct

from kpicli.render.html.figures import Shown, columns_of, style_of
from kpicli.render.html.kpis import Kpi
from kpicli.render.html.scale import Scale
from kpicli.render.html.spread import Spread
from kpicli.render.sections import sections
from kpicli.scorecard import Amount, Figure, Group, Line, Scorecard, Status

WIDTH: Final = 120
_EDGE: Final = 1.5
_MOST: Final = 24
"""Of more members only the spread is drawn; all of them stand in the table."""
_AIMED: Final = frozenset({Status.ON_TRACK, Status.AT_RISK, Status.BEHIND})


class Bar(Struct, frozen=True):
    """A member's value as a bar on the scale of all members, and its own target as a mark."""

    value: tuple[float, float] | None
    target: float | None


class Member(Struct, frozen=True):
    label: str
    figure: Shown
    bar: Bar | None
    """None where there are too many members to draw each."""


class Panel(Struct, frozen=True):
    """The members of one KPI."""

    kpi: Kpi
    members: tuple[Member, ...]
    zero: float | None
    """Where the bars begin, if it isn't the left end."""
    is_drawn: bool
    """Whether there are few enough members to draw each."""
    spread: Spread | None
    tally: str | None
    columns: tuple[tuple[str, str], ...]


def panels_of(card: Scorecard, kpis: Mapping[str, Kpi]) -> Iterator[Panel]:
    """Each KPI that has members, in the order of the pipeline."""
    if card.by is None:
        return
    for _, lines in sections(card):
        for line in lines:
            if line.groups:
                yield _panel(line, card, kpis[line.id])


def _panel(line: Line, card: Scorecard, kpi: Kpi) -> Panel:
    style = style_of(line, card)
    amounts = [each for group in line.groups for each in (number(group.figure), group.figure.target)]
    scale = Scale.over([0, *(each for each in amounts if each is not None)], _EDGE, WIDTH - _EDGE)
    drawn = len(line.groups) <= _MOST
    members = tuple(
        Member(group.label, Shown.of(group.figure, line, style), _bar(group, line, scale) if drawn else None)
        for group in line.groups
    )
    people = [group.figure for group in line.groups if group.member is not None]
    values = [value for figure in people if (value := number(figure)) is not None]
    return Panel(
        kpi=kpi,
        members=members,
        zero=scale.at(0) if scale.low < 0 else None,
        is_drawn=drawn,
        spread=Spread.of(values, _shared_target(people), style),
        tally=_tally(people),
        columns=columns_of([member.figure for member in members]),
    )


def _bar(group: Group, line: Line, scale: Scale) -> Bar:
    value, target = number(group.figure), group.figure.target
    return Bar(
        None if value is None else scale.between(0, value),
        None if target is None or line.unit == "text" else scale.at(target),
    )


def number(figure: Figure) -> Amount:
    """The value, where it is a number."""
    return None if isinstance(figure.value, str) else figure.value


def _shared_target(figures: Sequence[Figure]) -> Amount:
    targets = {figure.target for figure in figures}
    return targets.pop() if len(targets) == 1 else None


def _tally(figures: Sequence[Figure]) -> str | None:
    """How many are on track, of those that have a target and a value."""
    statuses = [figure.status for figure in figures]
    aimed = sum(status in _AIMED for status in statuses)
    return f"{statuses.count(Status.ON_TRACK):,} of {aimed:,} on track" if aimed else None
