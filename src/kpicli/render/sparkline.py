"""A trend as one character a period."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from kpicli.render.numbers import exactly
from kpicli.scorecard import TrendPoint


def sparkline(trend: Sequence[TrendPoint], levels: str, gap: str) -> str:
    """Levels between the lowest and the highest value, `gap` for none; all in the middle where they are equal.

    "" where no value is a number.
    """
    values = [_number(point) for point in trend]
    known = [value for value in values if value is not None]
    if not known:
        return ""
    lowest, span = min(known), max(known) - min(known)
    top = len(levels) - 1

    def sign(value: Fraction | None) -> str:
        if value is None:
            return gap
        return levels[round((value - lowest) / span * top) if span else top // 2]

    return "".join(map(sign, values))


def _number(point: TrendPoint) -> Fraction | None:
    return exactly(point.value) if isinstance(point.value, int | float | Decimal) else None
