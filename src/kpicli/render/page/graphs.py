"""Small drawings in a line of text: a bar of attainment, the arrow of a change."""

from __future__ import annotations

from fractions import Fraction

from kpicli.render.numbers import Real, exactly
from kpicli.render.page.pieces import Line, Piece, joined
from kpicli.render.screen import Signs
from kpicli.scorecard import Figure


def bar(figure: Figure, better: str, cells: int, style: str, signs: Signs) -> Line:
    """How much of the target is attained, from nothing to all of it, and where it should be by now."""
    if figure.attainment is None:
        return []
    reached = exactly(figure.attainment)
    halves = max(0, min(2 * cells, int(reached * 2 * cells)))
    full = halves // 2
    filled = signs.filled * full
    rest = signs.unfilled * (cells - full)
    if halves % 2:
        filled, rest = filled + signs.half, rest[1:]
    if reached > 1:
        filled = filled[:-1] + signs.over
    due = _due(figure, better)
    if due is None:
        return [(filled, style), (rest, "dim")]
    at = min(cells - 1, int(due * cells))
    whole = [*((sign, style) for sign in filled), *((sign, "dim") for sign in rest)]
    whole[at] = (signs.due[0], style) if reached >= due else (signs.due[1], "")
    return joined(whole)


def _due(figure: Figure, better: str) -> Fraction | None:
    """What share of the target is expected by now, where it is a part of it."""
    if better != "higher" or figure.target is None or figure.expected is None:
        return None
    target, expected = exactly(figure.target), exactly(figure.expected)
    return expected / target if 0 < expected < target else None


def arrow(change: Real, better: str, written: str, signs: Signs) -> Piece:
    """Whether a change goes up or down, and whether that is for the better; flat where it is written as 0."""
    if not written.startswith(("+", "-")):
        return signs.flat, "dim"
    rises = change > 0
    worse = rises is not (better == "higher")
    return (signs.up if rises else signs.down)[worse], "red" if worse else "green"
