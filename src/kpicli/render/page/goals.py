"""The goals with the KPIs that serve them, goals of a lower level below those that they serve."""

from __future__ import annotations

from collections.abc import Iterator

from kpicli.render import remarks
from kpicli.render.page.cells import status_sign
from kpicli.render.page.pieces import GLUE, Line, Piece, flow, together
from kpicli.render.screen import Screen
from kpicli.render.sections import nested
from kpicli.scorecard import GoalLine, Scorecard


def draw_goals(card: Scorecard, screen: Screen) -> Iterator[Line]:
    """A line a goal, and one with its KPIs."""
    if not card.goals:
        return
    yield []
    yield [("Goals", "bold")]
    for goal, depth in nested(card.goals):
        indent = min(2 + 2 * depth, screen.width // 4)
        yield from flow(list(_goal(goal, card, screen)), screen.width, indent, indent + 2)
        kpis = list(_kpis(goal, card, screen))
        if kpis:
            yield from flow(kpis, screen.width, indent + 2, indent + 2)


def _goal(goal: GoalLine, card: Scorecard, screen: Screen) -> Iterator[Piece]:
    facts = [screen.shown(goal.level), *([screen.shown(goal.when)] if goal.when else [])]
    yield screen.shown(goal.name), ""
    between = f" {screen.signs.separator}{GLUE}"
    for fact in facts:
        yield between + fact, "dim"
    tally = remarks.on_track(goal, card)
    if tally is not None:
        yield between, "dim"
        yield tally.replace(" ", GLUE), ""


def _kpis(goal: GoalLine, card: Scorecard, screen: Screen) -> Iterator[Piece]:
    lines = {line.id: line for line in card.lines}
    between = ""
    for name in goal.kpis:
        if name in lines:
            sign, colour = status_sign(lines[name].figure.status, screen)
            yield between + sign + GLUE, colour
            yield together(screen.shown(lines[name].name), screen.width // 2), ""
            between = "   "
