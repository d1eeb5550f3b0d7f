"""Targets over time, and how a figure stands against its target: the rules of the spec's "Targets", once more."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import TypeAlias

from tests.differential.days import DAY, Span
from tests.differential.world import Kpi, Rate, World

Entries: TypeAlias = Sequence[tuple[date | None, object]]
Measure: TypeAlias = Callable[[World, Entries, Span, bool], Fraction | None]


def amount_of(world: World, rate: object) -> Fraction:
    """The bare amount of a literal."""
    assert isinstance(rate, Rate)
    amount = Fraction(rate.amount if rate.constant is None else world.constants[rate.constant])
    return amount / 100 if rate.percent else amount


def _parts(entries: Entries, span: Span) -> list[tuple[Span, Rate]] | None:
    """Each rate with the days of the span on which it is in force; None where the first comes too late."""
    first = entries[0][0]
    if first is not None and first > span.start:
        return None
    found = []
    for number, (since, rate) in enumerate(entries):
        following = entries[number + 1][0] if number + 1 < len(entries) else None
        start = span.start if since is None else max(since, span.start)
        end = span.end if following is None else min(following, span.end)
        if start < end:
            assert isinstance(rate, Rate)
            found.append((Span(start, end, max(start, min(end, span.cut)), None), rate))
    return found


def amount_over(world: World, entries: Entries, span: Span, flow: bool) -> Fraction | None:
    """The target of a window: a flow's is summed over its days, a level's is the one on its last elapsed day."""
    parts = _parts(entries, span)
    if parts is None:
        return None
    if flow:
        return sum((_flow(world, part, rate, part.end) for part, rate in parts), Fraction(0))
    last = span.cut - DAY
    in_force = [rate for since, rate in entries if since is None or since <= last]
    return amount_of(world, in_force[-1]) if in_force else None


def expected_over(world: World, entries: Entries, span: Span, flow: bool) -> Fraction | None:
    """What should be there by the as-of day: a level, or what of a flow falls on the elapsed days."""
    if not flow:
        return amount_over(world, entries, span, flow)
    parts = _parts(entries, span)
    if parts is None:
        return None
    shares = (_flow(world, part, rate, part.end) * world.almanac.elapsed_share(part) for part, rate in parts)
    return sum(shares, Fraction(0))


def _flow(world: World, part: Span, rate: Rate, end: date) -> Fraction:
    assert rate.unit is not None
    return amount_of(world, rate) * world.almanac.units_in(rate.unit, part.start, end)


@dataclass(frozen=True)
class Standing:
    """What a report says of a figure beside its value."""

    attainment: float | None
    pace: float | None
    projected: float | None
    needed: float | None
    status: str


def stand(
    world: World, kpi: Kpi, window: Span, value: float | None, target: float | None, expected: float | None
) -> Standing:
    """How a value stands; `window` is the whole window with its cut."""
    almanac, flow = world.almanac, world.accumulates(kpi.formula)
    projected = needed = None
    running = window.cut < window.end
    share = float(almanac.elapsed_share(window))
    if value is not None and flow and running and share > 0:
        projected = value / share
    if value is None:
        return Standing(None, None, None, None, "no_data")
    if target is None or expected is None:
        return Standing(None, None, projected, None, "no_target")
    met = value <= target if kpi.lower else value >= target
    left = almanac.workdays_in(window.cut, window.end)
    if flow and not met and left and not kpi.lower:
        needed = (target - value) / left
    if expected <= 0 or (kpi.lower and value <= 0):
        enough = value <= expected if kpi.lower else value >= expected
        return Standing(None, None, projected, needed, "on_track" if met or enough else "behind")
    pace = expected / value if kpi.lower else value / expected
    attainment = target / value if kpi.lower else value / target
    on_track, at_risk = world.thresholds
    status = "on_track" if pace >= on_track else "at_risk" if pace >= at_risk else "behind"
    return Standing(attainment, pace, projected, needed, status)
