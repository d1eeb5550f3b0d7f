"""Stretches of days in Polars: which of several a row's day is in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

import polars as pl

from kpicli.contexts import Days


def within(day: pl.Expr, apart: Sequence[Days]) -> pl.Expr:
    """Whether a day is between the first and the last of these."""
    return (day >= apart[0].start) & (day < apart[-1].end)


def placed(day: pl.Expr, apart: Sequence[Days]) -> pl.Expr:
    """The number of the stretch of days that a day is in, of stretches in their order; null where it is in none."""
    edges: list[date] = []
    numbers: list[int | None] = [None]
    """What holds before the first edge, and from each edge on."""
    for number, days in enumerate(apart):
        if edges and edges[-1] == days.start:
            numbers[-1] = number
        else:
            edges.append(days.start)
            numbers.append(number)
        edges.append(days.end)
        numbers.append(None)
    return _halved(day, edges, numbers)


def _halved(day: pl.Expr, edges: Sequence[date], numbers: Sequence[int | None]) -> pl.Expr:
    """The number by halves: to choose between two costs a tenth of what it costs to add up comparisons."""
    if not edges:
        return pl.lit(numbers[0], dtype=pl.Int32)
    half = len(edges) // 2
    later = _halved(day, edges[half + 1 :], numbers[half + 1 :])
    return pl.when(day >= edges[half]).then(later).otherwise(_halved(day, edges[:half], numbers[: half + 1]))


def apart(reaches: Iterable[Days]) -> list[list[Days]]:
    layers: list[list[Days]] = []
    for reach in sorted(reaches, key=lambda r: (r.start, r.end)):
        for layer in layers:
            if layer[-1].end <= reach.start:
                layer.append(reach)
                break
        else:
            layers.append([reach])
    return layers
