"""Attainment, pace, projection and status of a value against its target."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from kpicli.book.model import Better, Thresholds
from kpicli.score.arithmetic import Exact, simplest
from kpicli.score.evaluate import Aimed
from kpicli.scorecard import Status


@dataclass(frozen=True, slots=True)
class Standing:
    attainment: Exact | None = None
    pace: Exact | None = None
    needed_per_workday: Exact | None = None
    status: Status = Status.NO_TARGET


def stand(value: Exact, aimed: Aimed, better: Better, thresholds: Thresholds, workdays_left: int | None) -> Standing:
    """How a value stands; `workdays_left` are those of a flow's window after the as-of day, None for a level."""
    needed = None if workdays_left is None else _needed(value, aimed, better, workdays_left)
    lower = better is Better.LOWER
    if aimed.expected <= 0 or (lower and value <= 0):
        # Nothing is expected yet, or the ratio would turn its meaning round: only met or not met can be said.
        met = value <= aimed.expected if lower else value >= aimed.expected
        return Standing(None, None, needed, Status.ON_TRACK if met else Status.BEHIND)
    attainment = _ratio(aimed.target, value) if lower else _ratio(value, aimed.target)
    pace = _ratio(aimed.expected, value) if lower else _ratio(value, aimed.expected)
    return Standing(attainment, pace, needed, _status(pace, thresholds))


def _ratio(part: Exact, whole: Exact) -> Exact:
    return simplest(Fraction(part) / whole)


def _needed(value: Exact, aimed: Aimed, better: Better, workdays_left: int) -> Exact | None:
    """What each remaining workday has to bring; for a cost that should stay low nothing is needed."""
    if better is Better.LOWER or value >= aimed.target or workdays_left == 0:
        return None
    return simplest(Fraction(aimed.target - value) / workdays_left)


def _status(pace: Exact, thresholds: Thresholds) -> Status:
    if pace >= Fraction(thresholds.on_track):
        return Status.ON_TRACK
    return Status.AT_RISK if pace >= Fraction(thresholds.at_risk) else Status.BEHIND
