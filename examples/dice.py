"""Chance that is the same for every Python on every platform."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """SplitMix64: a few lines, and the same numbers everywhere, which `random` promises for floats alone."""

    def __init__(self, seed: int) -> None:
        self._state = seed

    def below(self, bound: int) -> int:
        """A whole number from 0 to bound - 1."""
        mask = (1 << 64) - 1
        self._state = (self._state + 0x9E3779B97F4A7C15) & mask
        mixed = ((self._state ^ (self._state >> 30)) * 0xBF58476D1CE4E5B9) & mask
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & mask
        return (mixed ^ (mixed >> 31)) % bound

    def between(self, low: int, high: int) -> int:
        """A whole number from low to high, both included, all as likely."""
        return low + self.below(high - low + 1)

    def bell(self, low: int, high: int) -> int:
        """A whole number from low to high, those in the middle likelier."""
        return sum(self.between(low, high) for _ in range(3)) // 3

    def chance(self, percent: int) -> bool:
        return self.below(100) < percent

    def pick(self, options: Sequence[T]) -> T:
        return options[self.below(len(options))]

    def weighted(self, options: Sequence[tuple[T, int]]) -> T:
        """One of the options, each as likely as its weight says."""
        left = self.below(sum(weight for _, weight in options))
        for option, weight in options:
            left -= weight
            if left < 0:
                return option
        raise AssertionError("the weights add up to more than `left`")
