"""Reducers: one figure of the figures of a dimension's members."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from kpicli.contexts import Absent
from kpicli.formula import typed
from kpicli.score.arithmetic import Exact, Value, quotient, simplest


def reduce(expression: typed.Reduction | typed.TopMember, named: list[tuple[str, Exact]]) -> Value:
    """What a reducer makes of the numbers of a dimension's members."""
    if isinstance(expression, typed.TopMember):
        return _top(named, expression.dimension)
    values = [value for _, value in named]
    match expression.function:
        case "count":
            return len(values)
        case "sum":
            return simplest(sum(values, start=0))
        case _ if not values:
            return Absent(f"no {expression.dimension} has a value")
        case "avg":
            return quotient(sum(values, start=0), len(values))
        case "min":
            return min(values)
        case "max":
            return max(values)
        case "median":
            return _percentile(values, Fraction(50))
        case _:
            assert expression.argument is not None
            return _percentile(values, Fraction(expression.argument))


def _top(values: list[tuple[str, Exact]], dimension: str) -> Value:
    """The member with the largest value; of equals the first by code point."""
    if all(value == 0 for _, value in values):
        return Absent(f"no {dimension} is above or below 0")
    largest = max(value for _, value in values)
    return min(name for name, value in values if value == largest)


def _percentile(values: Sequence[Exact], percent: Fraction) -> Exact:
    """The percentile of at least one number, interpolated linearly between the two nearest."""
    ordered = sorted(values)
    place = (len(ordered) - 1) * percent / 100
    low = place.numerator // place.denominator
    high = min(low + 1, len(ordered) - 1)
    return simplest(ordered[low] + (ordered[high] - ordered[low]) * (place - low))
