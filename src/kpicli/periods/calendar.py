"""The calendar of a book: how days make weeks, fiscal quarters and years, and work."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from functools import lru_cache, partial
from zoneinfo import ZoneInfo, available_timezones

from msgspec import Struct

from kpicli.errors import KpiError, Mistakes, did_you_mean
from kpicli.periods.days import month_length, month_of, moved_by_days
from kpicli.periods.grains import Grain, PerUnit
from kpicli.periods.period import Period
from kpicli.periods.workdays import Holidays, check_holidays, count_workdays, is_holiday


class Calendar(Struct, frozen=True):
    """How days make weeks, fiscal quarters and years, and work.

    A fiscal year is named for the calendar year in which it ends. The holidays of a country are looked up where they
    are first needed; an unknown country is a KpiError then, or earlier by `check`.
    """

    timezone: str = "UTC"
    """The IANA zone to which timestamps are brought before they become days."""
    week_starts: int = 0
    """A weekday; Monday is 0."""
    fiscal_year_starts: int = 1
    """A month; January is 1."""
    workdays: frozenset[int] = frozenset(range(5))
    """Weekdays; Monday is 0."""
    holidays: Holidays = ()
    """Days without work: a country ("US"), a country and its subdivision ("US-CA"), or dates."""

    def check(self) -> None:
        """Raises Mistakes where the time zone or the holidays are not known."""
        errors = []
        for check in (partial(_check_zone, self.timezone), partial(check_holidays, self.holidays)):
            try:
                check()
            except KpiError as error:
                errors.append(error)
        if errors:
            raise Mistakes(errors)

    def is_workday(self, day: date) -> bool:
        return day.weekday() in self.workdays and not is_holiday(self.holidays, day)

    def workdays_in(self, start: date, end: date) -> int:
        """How many days from `start` to before `end` are workdays."""
        return count_workdays(self.workdays, self.holidays, start, end)

    def units_in(self, unit: PerUnit, start: date, end: date) -> Fraction:
        """How many units the days from `start` to before `end` make; quarters and years are fiscal.

        Each day counts 1 / (days in its own unit), so a whole month is 1 whatever its length; a workday counts 1.
        """
        match unit:
            case PerUnit.WORKDAY:
                return Fraction(self.workdays_in(start, end))
            case PerUnit.DAY:
                return Fraction(max(0, (end - start).days))
            case PerUnit.WEEK:
                return Fraction(max(0, (end - start).days), 7)
            case PerUnit.MONTH:
                return _months_between(1, 0, start, end)
            case PerUnit.QUARTER:
                return _months_between(3, self.fiscal_year_starts - 1, start, end)
            case PerUnit.YEAR:
                return _months_between(12, self.fiscal_year_starts - 1, start, end)

    def period_of(self, grain: Grain, day: date) -> Period:
        """The whole period that holds a day; quarters and years are fiscal."""
        match grain:
            case Grain.DAY:
                end = moved_by_days(day, 1)
                return Period(day, end, end, grain)
            case Grain.WEEK:
                start = moved_by_days(day, -((day.weekday() - self.week_starts) % 7))
                end = moved_by_days(start, 7)
                return Period(start, end, end, grain)
            case Grain.MONTH:
                return Period.of_months(grain, month_of(day))
            case Grain.QUARTER | Grain.YEAR:
                month = month_of(day)
                first = month - (month - (self.fiscal_year_starts - 1)) % grain.months
                return Period.of_months(grain, first, fiscal=self.fiscal_year_starts != 1)


def _check_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        help_ = did_you_mean(name, available_timezones()) or "for example America/New_York, Europe/Berlin or UTC"
        raise KpiError("time-zone", f"there is no time zone '{name}'", help=help_) from None


@lru_cache(maxsize=1 << 16)
def _months_between(size: int, first: int, start: date, end: date) -> Fraction:
    """How many units of `size` months the days make; units begin with the months that are `first` modulo `size`."""
    return max(Fraction(0), _position(size, first, end) - _position(size, first, start))


def _position(size: int, first: int, day: date) -> Fraction:
    """The units before a day, the share of its own unit included."""
    month = month_of(day)
    number, within = divmod(month - first, size)
    lengths = [month_length(month - within + index) for index in range(size)]
    return number + Fraction(sum(lengths[:within]) + day.day - 1, sum(lengths))
