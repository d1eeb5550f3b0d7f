"""A trend as one character a period."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from kpicli.render.numbers import exactly
from kpicli.scorecard import Value

_LEVELS = "▁▂▃▄▅▆▇"
_GAP = "·"


def sparkline(values: Sequence[Value]) -> str | None:
    """Levels between the lowest and the highest value, a dot for none; all in the middle where they are equal.

    None where no value is a number.
    """
    numbers = [None if value is None or isinstance(value, str) else exactly(value) for value in values]
    present = [number for number in numbers if number is not None]
    if not present:
        return None
    low, high = min(present), max(present)
    return "".join(_GAP if number is None else _level(number, low, high) for number in numbers)


def _level(number: Fraction, low: Fraction, high: Fraction) -> str:
    if low == high:
        return _LEVELS[3]
    top = len(_LEVELS) - 1
    return _LEVELS[round((number - low) / (high - low) * top)]
