"""Contexts: the interval of days and the scope in which figures are evaluated.

`prior`, `to_date`, `trailing`, `whole`, `rest`, `share` and `by` only change the context; the plan, which collects
what an engine has to aggregate, and the score, which does the arithmetic, change it by the same functions here.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from kpicli.book.model import Window
from kpicli.formula import typed
from kpicli.periods import Calendar, Period


class Absent(Struct, frozen=True):
    """No value, and why."""

    reason: str
    whoever: bool = False
    """Nobody has it there, whoever it is asked for: a sum of it over members is then no 0, but unknown too."""

    @classmethod
    def among(cls, values: Iterable[object]) -> Absent | None:
        """Why what is made of all these values has none: what holds whoever it is asked for comes first."""
        missing = [value for value in values if isinstance(value, cls)]
        return next((value for value in missing if value.whoever), missing[0] if missing else None)


_NOT_BEGUN: Final = Absent("the period has not begun", whoever=True)
NOTHING_BEFORE: Final = Absent("nothing lies before all time", whoever=True)


class Scope(Struct, frozen=True):
    """Whose rows: those that `--only` leaves (or the whole company's), split by dimensions."""

    company: bool = False
    """The whole company, beyond `--only`."""
    dimensions: tuple[str, ...] = ()
    """Sorted. Of which members a figure is stands beside the scope: what reads it is the same for all of them."""

    def by(self, dimension: str) -> Scope:
        """This scope split by a dimension too."""
        return replace(self, dimensions=tuple(sorted({*self.dimensions, dimension})))


class Context(Struct, frozen=True):
    """Where a figure is evaluated. `shifted`: in a period other than the report's own, as `prior` and trends are."""

    period: Period
    scope: Scope = Scope()
    shifted: bool = False
    past_as_of: bool = False
    """The interval deliberately reaches beyond the as-of day (`whole`, `rest`)."""
    all_time: bool = False
    """The interval is everything so far: nothing lies before it."""
    unbegun: bool = False
    """The interval was to end on the last elapsed day of a period that has none: nobody knows its figures yet."""

    def by(self, dimension: str) -> Context:
        return replace(self, scope=self.scope.by(dimension))


def entered(expression: typed.Shifting, context: Context, calendar: Calendar) -> Context | Absent:
    """The context in which a shifting expression evaluates its body."""
    period = context.period
    match expression:
        case typed.Prior() if context.all_time:
            return NOTHING_BEFORE
        case typed.Prior(duration=None):
            return replace(context, period=period.previous(), shifted=True)
        case typed.Prior(duration=duration):
            assert duration is not None
            earlier = period.shifted(duration)
            if earlier is None:
                grain = period.grain.value if period.grain else "range"
                reason = f"a {grain} can't be shifted by {duration}: that is no whole number of {grain}s"
                return Absent(reason, whoever=True)
            return replace(context, period=earlier, shifted=True)
        case typed.ToDate(grain=grain):
            return _up_to_date(context, period.to_date(grain, calendar))
        case typed.Trailing(duration=duration):
            return _up_to_date(context, period.trailing(duration))
        case typed.Whole():
            return replace(context, period=period.whole(), past_as_of=True)
        case typed.Rest():
            return replace(context, period=period.rest(), past_as_of=True)
        case typed.Share():
            return replace(context, scope=Scope(company=True))


def windowed(window: Window | None, context: Context, calendar: Calendar) -> Context:
    """The context of a KPI's own window."""
    if window is None:
        return context
    if window.trailing is not None:
        return _up_to_date(context, context.period.trailing(window.trailing))
    assert window.to_date is not None
    return _up_to_date(context, context.period.to_date(window.to_date, calendar))


def _up_to_date(context: Context, interval: Period) -> Context:
    """The context in an interval that ends on the last elapsed day of its period.

    A year to date of a month that has not begun isn't nothing: the year may well have begun.
    """
    period = context.period
    return replace(
        context, period=interval, all_time=False, unbegun=context.unbegun or period.start >= period.cut < period.end
    )


DAY: Final = timedelta(days=1)


class Days(Struct, frozen=True):
    """Rows dated from `start` to before `end`."""

    start: date
    end: date


class AliveOn(Struct, frozen=True):
    """Rows alive at the end of the day."""

    day: date


class Ever(Struct, frozen=True):
    """All rows: the table is undated."""


Reach: TypeAlias = Days | AliveOn | Ever
"""Which rows an aggregate takes, by their dates."""


def looks_at(measure: typed.Measure, context: Context) -> Reach | Absent | None:
    """The rows that a measure takes in a context by their dates; None where the interval holds no day."""
    period = context.period
    if measure.at is not None:
        return _replayed(measure, context)
    if measure.on is None:
        return Ever()
    if context.unbegun:
        return _NOT_BEGUN
    if period.start >= period.cut:
        return None
    if measure.covers and measure.function != "sum":
        last = period.cut - DAY
        return Days(period.start.replace(day=1), month_after(last))
    return Days(period.start, period.cut)


def _replayed(measure: typed.Measure, context: Context) -> AliveOn | Absent:
    period = context.period
    if measure.reads_today and context.shifted:
        return Absent(f"{measure.text} reads today, which no earlier day can be replayed with", whoever=True)
    if period.start >= period.cut and not context.past_as_of:
        return _NOT_BEGUN
    day = period.start - DAY if measure.at is typed.At.START else period.cut - DAY
    return AliveOn(day)


def month_after(day: date) -> date:
    """The first day of the next month."""
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def covered_months(window: Days) -> list[tuple[Days, int, int]]:
    """The calendar months that an interval meets, each with how many of its days and of how many."""
    months = []
    first = window.start.replace(day=1)
    while first < window.end:
        after = month_after(first)
        inside = (min(after, window.end) - max(first, window.start)).days
        months.append((Days(first, after), inside, (after - first).days))
        first = after
    return months
