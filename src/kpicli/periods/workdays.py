"""Which days are worked: counted by weekday in closed form, less the holidays of each year."""

from __future__ import annotations

from bisect import bisect_left
from datetime import date
from functools import lru_cache
from typing import TypeAlias

from kpicli.periods.countries import check_entity, holidays_in

Holidays: TypeAlias = str | tuple[date, ...]
"""A country ("US"), a country and its subdivision ("US-CA"), or the days themselves."""


def is_holiday(holidays: Holidays, day: date) -> bool:
    """Whether the day is a holiday. Raises KpiError for a country whose holidays are not known."""
    return day in _holidays_of(holidays, day.year)


@lru_cache(maxsize=1 << 16)
def count_workdays(weekdays: frozenset[int], holidays: Holidays, start: date, end: date) -> int:
    """How many days from `start` to before `end` fall on the weekdays (Monday is 0) and are no holidays."""
    if end <= start:
        return 0
    weeks, odd = divmod((end - start).days, 7)
    first = start.weekday()
    count = weeks * len(weekdays) + sum((first + index) % 7 in weekdays for index in range(odd))
    for year in range(start.year, end.year + 1) if holidays else ():
        free = _free_workdays(weekdays, holidays, year)
        count -= bisect_left(free, end) - bisect_left(free, start)
    return count


@lru_cache(maxsize=1 << 14)
def _free_workdays(weekdays: frozenset[int], holidays: Holidays, year: int) -> tuple[date, ...]:
    """The holidays of a year that would be workdays, in order."""
    return tuple(sorted(day for day in _holidays_of(holidays, year) if day.weekday() in weekdays))


@lru_cache(maxsize=1 << 14)
def _holidays_of(holidays: Holidays, year: int) -> frozenset[date]:
    if isinstance(holidays, str):
        return holidays_in(holidays, year)
    return frozenset(day for day in holidays if day.year == year)


def check_holidays(holidays: Holidays) -> None:
    """Raises KpiError where the holidays of a country, or of its subdivision, are not known."""
    if isinstance(holidays, str):
        check_entity(holidays)
