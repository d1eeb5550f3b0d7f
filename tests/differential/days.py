"""Periods and calendars, worked out from the spec a second time and in another way than the program does it.

A `Span` is a half-open interval of days whose elapsed part ends at `cut`. What a context function does to it is one
function here: `prior`, `trailing`, `to_date`, `whole`, `rest`.
"""

from __future__ import annotations

from bisect import bisect_left
from calendar import monthrange
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property

DAY = timedelta(days=1)
MONTHS = {"month": 1, "quarter": 3, "year": 12}
"""How many months the grains that are made of months have."""
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTH_NAMES = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)


@dataclass(frozen=True)
class Span:
    """The days from `start` to `end` (exclusive), elapsed up to `cut` (exclusive); a range has no grain."""

    start: date
    end: date
    cut: date
    grain: str | None

    @property
    def elapsed(self) -> int:
        return (self.cut - self.start).days

    @property
    def length(self) -> int:
        return (self.end - self.start).days

    def cut_after(self, day: date) -> Span:
        """The span as it looks on the evening of `day`."""
        return Span(self.start, self.end, min(self.end, max(self.start, day + DAY)), self.grain)


@dataclass(frozen=True)
class Almanac:
    """Which days begin weeks and fiscal years, and on which people work."""

    week_starts: int = 0
    fiscal_starts: int = 1
    workdays: frozenset[int] = frozenset(range(5))
    holidays: frozenset[date] = field(default=frozenset())

    @cached_property
    def _working(self) -> list[int]:
        """The ordinals of all days of work that any test could look at."""
        first, last = date(2015, 1, 1).toordinal(), date(2040, 1, 1).toordinal()
        off = {day.toordinal() for day in self.holidays}
        return [each for each in range(first, last) if (each + 6) % 7 in self.workdays and each not in off]

    def workdays_in(self, start: date, end: date) -> int:
        return bisect_left(self._working, end.toordinal()) - bisect_left(self._working, start.toordinal())

    def holding(self, grain: str, day: date) -> Span:
        """The whole period of a grain that holds a day; quarters and years are fiscal."""
        if grain == "day":
            return Span(day, day + DAY, day + DAY, grain)
        if grain == "week":
            start = day
            while start.weekday() != self.week_starts:
                start -= DAY
            return Span(start, start + 7 * DAY, start + 7 * DAY, grain)
        months = MONTHS[grain]
        start = day.replace(day=1)
        while grain != "month" and (start.month - self.fiscal_starts) % months != 0:
            start = moved(start, -1)
        return Span(start, moved(start, months), moved(start, months), grain)

    def units_in(self, unit: str, start: date, end: date) -> Fraction:
        """How many units the days hold, each day counting for one part of the unit in which it lies."""
        if unit == "workday":
            return Fraction(self.workdays_in(start, end))
        total, day = Fraction(0), start
        while day < end:
            whole = self.holding(unit, day)
            until = min(end, whole.end)
            total += Fraction((until - day).days, whole.length)
            day = until
        return total

    def elapsed_share(self, span: Span) -> Fraction:
        """The share of a span's days of work that has elapsed; of its days where nobody works in it."""
        work = self.workdays_in(span.start, span.end)
        if work:
            return Fraction(self.workdays_in(span.start, span.cut), work)
        return Fraction(span.elapsed, span.length) if span.length else Fraction(1)


def moved(day: date, months: int) -> date:
    """The same day so many months later, or the last one of a shorter month."""
    number = day.year * 12 + day.month - 1 + months
    year, month = number // 12, number % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def _moved_edge(day: date, months: int) -> date:
    """As `moved`, and from the last day of a month to the last day of a month."""
    there = moved(day, months)
    if (day + DAY).day == 1:
        return there.replace(day=monthrange(there.year, there.month)[1])
    return there


def prior(span: Span, duration: tuple[int, str] | None = None) -> Span | None:
    """The span before, or the one so long before, with as many days elapsed; None where it can't be had."""
    if span.grain is None:
        start, end = _earlier_range(span, duration)
    elif span.grain == "day" and duration is not None and duration[1] in MONTHS:
        start = moved(span.start, -duration[0] * MONTHS[duration[1]])
        end = start + DAY
    else:
        grains = _grains(span.grain, duration)
        if grains is None:
            return None
        start, end = _earlier(span, grains)
    running = span.cut < span.end
    return Span(start, end, min(end, start + span.elapsed * DAY) if running else end, span.grain)


def _grains(grain: str, duration: tuple[int, str] | None) -> int | None:
    """How many periods of a grain a duration is."""
    if duration is None:
        return 1
    count, unit = duration
    if grain in MONTHS:
        if unit not in MONTHS:
            return None
        months = count * MONTHS[unit]
        return months // MONTHS[grain] if months % MONTHS[grain] == 0 else None
    if grain == "week":
        weeks = {"week": 1, "quarter": 13, "year": 52}
        if unit == "day":
            return count // 7 if count % 7 == 0 else None
        return count * weeks[unit] if unit in weeks else None
    return {"day": count, "week": 7 * count}.get(unit)


def _earlier(span: Span, grains: int) -> tuple[date, date]:
    if span.grain in MONTHS:
        months = grains * MONTHS[span.grain]
        return moved(span.start, -months), moved(span.end, -months)
    return span.start - grains * span.length * DAY, span.end - grains * span.length * DAY


def _earlier_range(span: Span, duration: tuple[int, str] | None) -> tuple[date, date]:
    if duration is None:
        return span.start - span.length * DAY, span.start
    count, unit = duration
    if unit in MONTHS:
        months = count * MONTHS[unit]
        return _moved_edge(span.start, -months), _moved_edge(span.end - DAY, -months) + DAY
    days = count * (7 if unit == "week" else 1) * DAY
    return span.start - days, span.end - days


def earlier(span: Span, count: int) -> Span:
    """The whole span so many of its own lengths before, for a trend."""
    if span.grain is None:
        start, end = span.start - count * span.length * DAY, span.end - count * span.length * DAY
    else:
        start, end = _earlier(span, count)
    return Span(start, end, end, span.grain)


def trailing(span: Span, duration: tuple[int, str]) -> Span:
    """The range of that length up to and including the day before the cut, elapsed if the span has."""
    count, unit = duration
    last = span.cut - DAY
    if unit in MONTHS:
        start = _moved_edge(last, -count * MONTHS[unit]) + DAY
    else:
        start = span.cut - count * (7 if unit == "week" else 1) * DAY
    return Span(start, span.cut, span.cut if span.elapsed else start, None)


def to_date(span: Span, grain: str, almanac: Almanac) -> Span:
    """The running period of a grain that holds the day before the cut; nothing of it has elapsed if the span hasn't."""
    last = span.cut - DAY
    period = almanac.holding(grain, last)
    return period.cut_after(last) if span.elapsed else Span(period.start, period.end, period.start, grain)


def whole(span: Span) -> Span:
    """The span with all its days, also those past the as-of day."""
    return Span(span.start, span.end, span.end, span.grain)


def rest(span: Span) -> Span:
    """The days that have not elapsed, as a range."""
    return Span(span.cut, span.end, span.end, None)
