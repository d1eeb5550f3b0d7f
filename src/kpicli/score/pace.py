"""Attainment, pace, projection and status of a value against its target."""

from __future__ import annotations

from fractions import Fraction

from msgspec import Struct

from kpicli.book.model import Better, Thresholds
from kpicli.periods import Calendar, Period
from kpicli.score.arithmetic import Exact, from_decimal, quotient
from kpicli.score.evaluate import Aimed
from kpicli.scorecard import Status


class Standing(Struct, frozen=True):
    attainment: Exact | None = None
    pace: Exact | None = None
    needed_per_workday: Exact | None = None
    status: Status = Status.NO_TARGET


class Course(Struct, frozen=True):
    """What a KPI's figures in one window are held against, whoever they are of."""

    better: Better
    on_track: Exact
    at_risk: Exact
    workdays_left: int | None
    """Those of a flow's window after the as-of day; None for a level."""
    elapsed: Fraction | None
    """The share of a flow's running window that has elapsed; None where nothing can be projected."""

    @classmethod
    def of(cls, better: Better, thresholds: Thresholds, window: Period, calendar: Calendar, *, flow: bool) -> Course:
        """The course of a KPI in its window."""
        return cls(
            better,
            from_decimal(thresholds.on_track),
            from_decimal(thresholds.at_risk),
            calendar.workdays_in(window.cut, window.end) if flow else None,
            (window.elapsed_share(calendar) or None) if flow and window.running else None,
        )

    def projected(self, value: Exact) -> Exact | None:
        """Where a running flow ends up at the rate so far."""
        return None if self.elapsed is None else quotient(value, self.elapsed)

    def stand(self, value: Exact, aimed: Aimed) -> Standing:
        """How a value stands."""
        needed = self._needed(value, aimed)
        lower = self.better is Better.LOWER
        if aimed.expected <= 0 or (lower and value <= 0):
            # Nothing is expected yet, or the ratio would turn its meaning round: it can only be said whether the target
            # is met, or as much of it as is due.
            met = value <= max(aimed.target, aimed.expected) if lower else value >= min(aimed.target, aimed.expected)
            return Standing(None, None, needed, Status.ON_TRACK if met else Status.BEHIND)
        attainment = quotient(aimed.target, value) if lower else quotient(value, aimed.target)
        pace = attainment
        if aimed.expected != aimed.target:
            pace = quotient(aimed.expected, value) if lower else quotient(value, aimed.expected)
        return Standing(attainment, pace, needed, self._status(pace))

    def _needed(self, value: Exact, aimed: Aimed) -> Exact | None:
        """What each remaining workday has to bring; for a cost that should stay low nothing is needed."""
        if not self.workdays_left or self.better is Better.LOWER or value >= aimed.target:
            return None
        return quotient(aimed.target - value, self.workdays_left)

    def _status(self, pace: Exact) -> Status:
        if pace >= self.on_track:
            return Status.ON_TRACK
        return Status.AT_RISK if pace >= self.at_risk else Status.BEHIND
