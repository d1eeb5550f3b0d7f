"""From numbers to places on a picture, however large, small or negative they are."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from msgspec import Struct

from kpicli.render.numbers import Real, exactly


class Scale(Struct, frozen=True):
    """A straight way from numbers between `low` and `high` to places between `start` and `end`.

    It is exact up to the place, which has one decimal. Where all numbers are one, its place is the middle.
    """

    low: Fraction
    high: Fraction
    start: float
    end: float

    @classmethod
    def over(cls, numbers: Iterable[Real], start: float, end: float) -> Scale:
        """The scale on which all of at least one number find room."""
        exact = [exactly(number) for number in numbers]
        return cls(min(exact), max(exact), start, end)

    def at(self, number: Real) -> float:
        span = self.high - self.low
        share = float((exactly(number) - self.low) / span) if span else 0.5
        return round(self.start + share * (self.end - self.start), 1)

    def between(self, one: Real, other: Real) -> tuple[float, float]:
        """Where a bar from one number to the other begins, and how long it is."""
        first, last = sorted((self.at(one), self.at(other)))
        return first, round(last - first, 1)
