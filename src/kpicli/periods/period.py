"""Periods: a stretch of days, how much of it has elapsed, and its way to other periods."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from kpicli.periods.days import day_at, month_of, month_start, moved_by_days, moved_by_months
from kpicli.periods.grains import Duration, Grain

if TYPE_CHECKING:
    from kpicli.periods.calendar import Calendar


class Period(Struct, frozen=True):
    """The days from `start` to before `end`, of which those before `cut` have elapsed: start <= cut <= end.

    A period with a grain is a whole day, week, month, quarter or year of some calendar; one without is a range.
    A period that has not begun has `cut == start`. Nothing of it has elapsed, so nothing has of the periods that
    `previous`, `shifted`, `trailing` and `to_date` make of it: figures of the future count no row.
    Methods raise KpiError where they would leave the years 1 to 9999.
    """

    start: date
    end: date
    """The first day after the period."""
    cut: date
    """The first day that has not elapsed."""
    grain: Grain | None
    fiscal: bool = False
    """A quarter or year that is labelled with FY."""

    def __post_init__(self) -> None:
        if not self.start <= self.cut <= self.end:
            raise ValueError(f"a period has start <= cut <= end, not {self.start}, {self.cut}, {self.end}")

    @classmethod
    def of_months(cls, grain: Grain, month: int, *, fiscal: bool = False) -> Period:
        """The whole month, quarter or year that begins with a month, by the month's number."""
        end = month_start(month + grain.months)
        return cls(month_start(month), end, end, grain, fiscal)

    @property
    def last_day(self) -> date:
        """The last elapsed day; of a period that has not begun, the day before it."""
        return moved_by_days(self.cut, -1)

    @property
    def running(self) -> bool:
        """Whether some of its days have not elapsed."""
        return self.cut < self.end

    @property
    def elapsed_days(self) -> int:
        return (self.cut - self.start).days

    def cut_at(self, as_of: date) -> Period:
        """The same period, elapsed up to and including `as_of`."""
        after = min(as_of.toordinal() + 1, self.end.toordinal())
        return replace(self, cut=day_at(max(after, self.start.toordinal())))

    def whole(self) -> Period:
        """The same period, all of it elapsed."""
        return replace(self, cut=self.end)

    def rest(self) -> Period:
        """The range of the days that have not elapsed, taken as if they had; no day where all have."""
        return Period(self.cut, self.end, self.end, None)

    def previous(self) -> Period:
        """The period of the same grain before it, or the range of equal length.

        Where this period is running, the earlier one is cut to as many elapsed days, at most its length.
        """
        return self._cut_alike(self.earlier(1))

    def earlier(self, count: int) -> Period:
        """The whole period `count` grains before it (`count` lengths, for a range); after it, where negative."""
        if self.grain is not None and self.grain.months:
            return self.of_months(self.grain, month_of(self.start) - count * self.grain.months, fiscal=self.fiscal)
        return self._moved_by_days(-count * (self.end - self.start).days)

    def shifted(self, duration: Duration) -> Period | None:
        """The period so much earlier, cut as `previous` is; None where that is no whole number of its grains.

        A quarter is 3 months, a year 4 quarters or 12 months; for weeks, a quarter is 13 and a year 52. Days and ranges
        shift by anything, their first and last day by months each as the end of a month or by its number.
        """
        earlier = self._shifted_whole(duration)
        return None if earlier is None else self._cut_alike(earlier)

    def trailing(self, duration: Duration) -> Period:
        """The range of that span up to and including the last elapsed day.

        By months, it begins on the day after the last elapsed day shifted back.
        """
        unit = duration.grain
        if unit.months:
            start = moved_by_days(moved_by_months(self.last_day, -duration.count * unit.months), 1)
        else:
            start = moved_by_days(self.cut, -duration.count * unit.days)
        return Period(start, self.cut, self.cut if self._begun else start, None)

    def to_date(self, grain: Grain, calendar: Calendar) -> Period:
        """The period of a grain that holds the last elapsed day, elapsed up to that day.

        Of a period that has not begun it is the one that holds its first day, and has not begun either.
        """
        if self._begun:
            return calendar.period_of(grain, self.last_day).cut_at(self.last_day)
        holding = calendar.period_of(grain, self.start)
        return replace(holding, cut=holding.start)

    def elapsed_share(self, calendar: Calendar) -> Fraction:
        """The elapsed share of its workdays, or of its days where no day is worked; 1 where it holds no day."""
        workdays = calendar.workdays_in(self.start, self.end)
        if workdays:
            return Fraction(calendar.workdays_in(self.start, self.cut), workdays)
        days = (self.end - self.start).days
        return Fraction(self.elapsed_days, days) if days else Fraction(1)

    def label(self, calendar: Calendar) -> str:
        """Its name, which `parse_period` reads: 2026-10-31, 2026-W45, 2026-10, FY2026-Q3, 2026, or first..last day."""
        match self.grain:
            case Grain.DAY:
                return self.start.isoformat()
            case Grain.WEEK:
                thursday = moved_by_days(self.start, (3 - self.start.weekday()) % 7)
                year, week, _ = thursday.isocalendar()
                return f"{year:04d}-W{week:02d}"
            case Grain.MONTH:
                return f"{self.start.year:04d}-{self.start.month:02d}"
            case Grain.QUARTER | Grain.YEAR:
                return self._label_in_year(calendar.fiscal_year_starts if self.fiscal else 1)
            case None:
                return f"{self.start}..{moved_by_days(self.end, -1)}"

    def _label_in_year(self, first_month: int) -> str:
        """The label of a quarter or year in a year that begins with a month, and is named for the year of its end."""
        begun, months = divmod(month_of(self.start) - (first_month - 1), 12)
        year = f"{'FY' if self.fiscal else ''}{begun + (first_month > 1):04d}"
        return f"{year}-Q{months // 3 + 1}" if self.grain is Grain.QUARTER else year

    @property
    def _begun(self) -> bool:
        return self.start < self.cut

    def _cut_alike(self, earlier: Period) -> Period:
        """The earlier period, cut to as many elapsed days where this one is running."""
        if not self.running:
            return earlier
        days = min(self.elapsed_days, (earlier.end - earlier.start).days)
        return replace(earlier, cut=moved_by_days(earlier.start, days))

    def _shifted_whole(self, duration: Duration) -> Period | None:
        count, unit = duration.count, duration.grain
        match self.grain:
            case None | Grain.DAY if unit.months:
                return self._moved_by_months(-count * unit.months)
            case None | Grain.DAY:
                return self._moved_by_days(-count * unit.days)
            case Grain.WEEK if unit is Grain.DAY:
                return self._moved_by_days(-count) if count % 7 == 0 else None
            case Grain.WEEK:
                return self._moved_by_days(-7 * count * unit.weeks) if unit.weeks else None
            case Grain.MONTH | Grain.QUARTER | Grain.YEAR:
                months = count * unit.months
                return self.earlier(months // self.grain.months) if months and months % self.grain.months == 0 else None

    def _moved_by_days(self, days: int) -> Period:
        end = moved_by_days(self.end, days)
        return replace(self, start=moved_by_days(self.start, days), end=end, cut=end)

    def _moved_by_months(self, months: int) -> Period:
        """A day or range whose first and last day shift each by itself."""
        start = moved_by_months(self.start, months)
        if self.start == self.end:
            return replace(self, start=start, end=start, cut=start)
        end = moved_by_days(moved_by_months(moved_by_days(self.end, -1), months), 1)
        return replace(self, start=start, end=end, cut=end)
