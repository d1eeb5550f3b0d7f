"""How the members of a KPI are spread: each as a dot, or all as a histogram; the median and the middle half."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from typing import Final

from msgspec import Struct

from kpicli.render.html.scale import Scale
from kpicli.render.numbers import NumberStyle, Real, exactly

WIDTH: Final = 300
FLOOR: Final = 62
"""Where dots and bars stand, from above."""
HEIGHT: Final = 66
_EDGE: Final = 6
_DOT: Final = 8
_BINS: Final = 36
_TALLEST: Final = 7
_FEWEST: Final = 4
"""Of fewer members a middle half says nothing."""


class Mark(Struct, frozen=True):
    """A dot, by its middle, or a bar of a histogram, by its left upper corner."""

    x: float
    y: float
    height: float
    core: bool
    """Whether it lies in the middle half."""


class Spread(Struct, frozen=True):
    """Places on a picture of `WIDTH` by `HEIGHT`, and the numbers beside it."""

    dots: tuple[Mark, ...]
    bars: tuple[Mark, ...]
    """Instead of dots, where there are too many."""
    bar_width: float
    middle: tuple[float, float]
    """The middle half: where it begins and how wide it is."""
    median_at: float
    target_at: float | None
    ends: tuple[str, str]
    """What stands at either end of the picture."""
    lowest: str
    lower: str
    median: str
    upper: str
    highest: str
    target: str | None
    """The target, where all members have the same."""

    @classmethod
    def of(cls, values: Sequence[Real], target: Real | None, style: NumberStyle) -> Spread | None:
        """None of fewer than four values. `target` is that of all members."""
        if len(values) < _FEWEST:
            return None
        ordered = sorted(map(exactly, values))
        lower, median, upper = (quantile(ordered, Fraction(part, 4)) for part in (1, 2, 3))
        scale = Scale.over([*ordered, *([] if target is None else [target])], _EDGE, WIDTH - _EDGE)
        dots = _dots(ordered, lower, upper, scale)
        return cls(
            dots=dots,
            bars=() if dots else _bars(ordered, lower, upper, scale),
            bar_width=round((WIDTH - 2 * _EDGE) / _BINS - 1, 1),
            middle=scale.between(lower, upper),
            median_at=scale.at(median),
            target_at=None if target is None else scale.at(target),
            ends=(style.write(scale.low), style.write(scale.high)),
            lowest=style.write(ordered[0]),
            lower=style.write(lower),
            median=style.write(median),
            upper=style.write(upper),
            highest=style.write(ordered[-1]),
            target=None if target is None else style.write(target),
        )


def quantile(ordered: Sequence[Fraction], share: Fraction) -> Fraction:
    """The number below which a share of the ordered ones lies, on a straight line between two: QUARTILE.INC."""
    place = (len(ordered) - 1) * share
    at = int(place)
    above = ordered[min(at + 1, len(ordered) - 1)]
    return ordered[at] + (above - ordered[at]) * (place - at)


def _dots(ordered: Sequence[Fraction], lower: Fraction, upper: Fraction, scale: Scale) -> tuple[Mark, ...]:
    """Each number as a dot where it lies, on top of those that are in its way; none where they would pile up."""
    ends = [float("-inf")] * _TALLEST
    placed: list[Mark] = []
    for number in ordered:
        x = scale.at(number)
        level = next((level for level, end in enumerate(ends) if x - end >= _DOT), None)
        if level is None:
            return ()
        ends[level] = x
        placed.append(Mark(x, round(FLOOR - _DOT / 2 - level * _DOT, 1), 0, lower <= number <= upper))
    return tuple(placed)


def _bars(ordered: Sequence[Fraction], lower: Fraction, upper: Fraction, scale: Scale) -> tuple[Mark, ...]:
    step = (WIDTH - 2 * _EDGE) / _BINS
    bins: Counter[int] = Counter(min(_BINS - 1, int((scale.at(number) - _EDGE) / step)) for number in ordered)
    ends = [min(_BINS - 1, int((scale.at(end) - _EDGE) / step)) for end in (lower, upper)]
    most = max(bins.values())
    marks = []
    for place, count in sorted(bins.items()):
        height = round(max(1.5, count / most * (FLOOR - _EDGE)), 1)
        core = ends[0] <= place <= ends[1]
        marks.append(Mark(round(_EDGE + place * step, 1), round(FLOOR - height, 1), height, core))
    return tuple(marks)
