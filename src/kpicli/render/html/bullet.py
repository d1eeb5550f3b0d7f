"""A bullet: the value as a bar, the target as a mark across it, and what is expected by now."""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from msgspec import Struct

from kpicli.render.html.scale import Scale
from kpicli.render.numbers import exactly
from kpicli.scorecard import Figure

WIDTH: Final = 300
_EDGE: Final = 2
"""So that a mark at either end isn't cut."""
_BEYOND: Final = Fraction(1, 12)
"""How much room there is past the farthest number, as a part of all."""


class Bullet(Struct, frozen=True):
    """Places from the left of a picture of `WIDTH`; a stretch is where it begins and how long it is."""

    zero: float | None
    """Where nothing is, if it isn't the left end."""
    value: tuple[float, float] | None
    target: float
    expected: float | None
    """None where it is the target itself, or where there is none."""
    good: tuple[float, float]
    """On which side of the target a value should be."""

    @classmethod
    def of(cls, figure: Figure, better: str) -> Bullet | None:
        """None without a target: a bar alone says nothing."""
        value = figure.value
        if figure.target is None or isinstance(value, str):
            return None
        target = exactly(figure.target)
        due = None if figure.expected in {None, figure.target} else figure.expected
        known = [Fraction(0), target, *(exactly(each) for each in (value, due) if each is not None)]
        low, high = min(known), max(known)
        room = (high - low) * _BEYOND or Fraction(1)
        scale = Scale(low - (room if low < 0 else 0), high + room, _EDGE, WIDTH - _EDGE)
        return cls(
            zero=scale.at(0) if low < 0 else None,
            value=None if value is None else scale.between(0, value),
            target=scale.at(target),
            expected=None if due is None else scale.at(due),
            good=scale.between(target, scale.low if better == "lower" else scale.high),
        )
