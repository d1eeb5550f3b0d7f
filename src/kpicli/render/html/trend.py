"""A trend as a line through its periods, with the target across it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Final

from msgspec import Struct

from kpicli.render.html.scale import Scale
from kpicli.render.numbers import NumberStyle
from kpicli.scorecard import Amount, TrendPoint

WIDTH: Final = 300
HEIGHT: Final = 56
_EDGE: Final = 6


class Point(Struct, frozen=True):
    """A period with a value: where it is drawn, and what it says."""

    x: float
    y: float
    period: str
    shown: str
    is_last: bool
    """Whether it is the last period of all, that of the report, and not only the last one with a value."""


class Trend(Struct, frozen=True):
    """Places on a picture of `WIDTH` by `HEIGHT`, from its upper left."""

    points: tuple[Point, ...]
    strokes: tuple[str, ...]
    """The line, in as many pieces as periods without a value leave; each as the points of a polyline."""
    target: float | None
    ends: tuple[str, str]
    """The first and the last period of all."""

    @classmethod
    def of(cls, trend: Sequence[TrendPoint], target: Amount, style: NumberStyle) -> Trend | None:
        """None where fewer than two periods have a number: that is no line."""
        numbers = [(at, point.value) for at, point in enumerate(trend)]
        known = [(at, value) for at, value in numbers if value is not None and not isinstance(value, str)]
        if len(known) < 2:
            return None
        last = len(trend) - 1
        across = Scale.over((0, last), _EDGE, WIDTH - _EDGE)
        aims = [] if target is None else [target]
        upwards = Scale.over([*(value for _, value in known), *aims], HEIGHT - _EDGE, _EDGE)
        places = {
            at: Point(across.at(at), upwards.at(value), trend[at].period, style.write(value), at == last)
            for at, value in known
        }
        return cls(
            points=tuple(places.values()),
            strokes=tuple(_strokes(places)),
            target=None if target is None else upwards.at(target),
            ends=(trend[0].period, trend[-1].period),
        )


def _strokes(places: dict[int, Point]) -> list[str]:
    """Runs of periods next to each other; one by itself is a point and no line."""
    runs = groupby(enumerate(places), lambda pair: pair[1] - pair[0])
    drawn = [[places[at] for _, at in run] for _, run in runs]
    return [" ".join(f"{point.x},{point.y}" for point in run) for run in drawn if len(run) > 1]
