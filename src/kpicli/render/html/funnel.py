"""The funnel: what passes each stage of the pipeline in this period, and how it compares with the stage before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Final

from msgspec import Struct

from kpicli.render.html.kpis import Kpi
from kpicli.render.html.scale import Scale
from kpicli.render.numbers import NumberStyle, exactly, write_share
from kpicli.scorecard import Line, Scorecard

WIDTH: Final = 600


class Step(Struct, frozen=True):
    """A stage, what passes it, and how that compares with the stage before."""

    stage: str
    kpi: Kpi
    length: float | None
    """How long its bar is, of `WIDTH`; None for what is no count."""
    rate: str | None
    """The part of the stage before, or how much money there is for each that passed it."""
    each: bool
    """Whether the rate is money for each."""


def funnel_of(card: Scorecard, kpis: Mapping[str, Kpi]) -> tuple[Step, ...]:
    """From first contact to revenue; nothing with fewer than two stages."""
    passing = [(stage, kpis[kpi]) for stage, kpi in card.passing if kpi in kpis]
    if len(passing) < 2:
        return ()
    counts = [count for _, kpi in passing if (count := _count(kpi.line)) is not None]
    scale = Scale.over([0, *counts], 0, WIDTH)
    before = [None, *(kpi.line for _, kpi in passing)]
    steps = []
    for (stage, kpi), earlier in zip(passing, before, strict=False):
        count = _count(kpi.line)
        each = kpi.line.unit == "money"
        length = None if count is None else scale.at(count) if any(counts) else 0.0
        steps.append(Step(stage, kpi, length, _rate(earlier, kpi.line, card), each))
    return tuple(steps)


def _count(line: Line) -> int | None:
    """The value of a KPI that counts rows and does nothing else."""
    value = line.figure.value
    return value if line.tally == "count" and line.unit == "number" and isinstance(value, int) else None


def _rate(earlier: Line | None, line: Line, card: Scorecard) -> str | None:
    """None where one isn't a part of the other: other days, no count before, or something else than a count or sum."""
    passed = None if earlier is None else _count(earlier)
    if earlier is None or not passed or earlier.window != line.window:
        return None
    count, value = _count(line), line.figure.value
    if count is not None:
        return write_share(Fraction(count, passed))
    if line.tally == "sum" and line.unit == "money" and value is not None and not isinstance(value, str):
        return NumberStyle("money", 0, card.currency).write(exactly(value) / passed)
    return None


def is_comparable(steps: Sequence[Step]) -> bool:
    """Whether any stage compares with the one before."""
    return any(step.rate is not None for step in steps)
