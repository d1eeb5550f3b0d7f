"""What a part of the company contributes to the company's goals: a row a KPI, below the goal that it adds to."""

from __future__ import annotations

from collections.abc import Iterator

from kpicli.render.numbers import NumberStyle
from kpicli.render.page.cells import number_cell, share_cell, value_cell
from kpicli.render.page.pieces import Line as Drawn
from kpicli.render.page.table import NAME, ONE_AXIS, Column, Entry, Plan, Words, rule
from kpicli.render.screen import Screen
from kpicli.render.sections import contributions
from kpicli.scorecard import GoalLine, Line, Scorecard

_COLUMNS = (
    Column(NAME, "Contribution", leads=True),
    Column("value", "value"),
    Column("target", "company target"),
    Column("share", "share"),
)
_PLAN = Plan(_COLUMNS, (ONE_AXIS,), frozenset({"value"}))
"""The value gives way: it stands in the tables above too."""


def draw_contributions(card: Scorecard, screen: Screen) -> Iterator[Drawn]:
    """Nothing where nothing is contributed."""
    entries = [entry for goal, lines in contributions(card) for entry in _rows(goal, lines, card, screen)]
    if entries:
        layout = _PLAN.fitting(entries, screen.width, screen.width // 4)
        yield []
        yield from layout.heading({NAME: ("Contribution", "bold")})
        yield rule(layout, screen)
        yield from layout.rows(entries)


def _rows(goal: GoalLine, lines: tuple[Line, ...], card: Scorecard, screen: Screen) -> Iterator[Entry]:
    yield {NAME: Words(((screen.shown(goal.name), "dim"),))}
    for line in lines:
        style = NumberStyle(line.unit, line.decimals, card.currency, screen.has)
        yield {
            NAME: Words(((screen.shown(line.name), ""),), indent=2),
            "value": value_cell(line.figure, style, screen),
            "target": number_cell(line.company_target, style, "dim", screen),
            "share": share_cell(line.contribution, ""),
        }
