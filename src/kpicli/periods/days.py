"""Arithmetic on days and months that stays inside the calendar, or says that it can't."""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from typing import NoReturn

from kpicli.errors import KpiError, Trouble


def day_at(ordinal: int) -> date:
    """The day of a proleptic Gregorian ordinal. Raises KpiError outside the years 1 to 9999."""
    if ordinal < 1:
        _refuse_early()
    if ordinal > date.max.toordinal():
        _refuse_late()
    return date.fromordinal(ordinal)


def moved_by_days(day: date, days: int) -> date:
    """The day so many days later, or earlier where `days` is negative. Raises KpiError outside the calendar."""
    return day_at(day.toordinal() + days)


def month_of(day: date) -> int:
    """The number of the day's month, counted from January of the year 0."""
    return day.year * 12 + day.month - 1


def month_start(month: int) -> date:
    """The first day of a month by its number. Raises KpiError outside the calendar."""
    year, index = divmod(month, 12)
    if year < 1:
        _refuse_early()
    if year > 9999:
        _refuse_late()
    return date(year, index + 1, 1)


def month_length(month: int) -> int:
    """How many days a month has, by its number."""
    year, index = divmod(month, 12)
    return monthrange(year, index + 1)[1]


def moved_by_months(day: date, months: int) -> date:
    """The day so many months later (earlier where `months` is negative); raises KpiError outside the calendar.

    The last day of a month goes to the last day of a month; any other day keeps its number, where the month has it.
    """
    month = month_of(day)
    length = month_length(month + months)
    first = month_start(month + months)
    return first.replace(day=length if day.day == month_length(month) else min(day.day, length))


def _refuse_early() -> NoReturn:
    raise KpiError(
        "period",
        "this reaches back before 0001-01-01, the first day that can be counted",
        help="ask for a later period, or shift by less",
        trouble=Trouble.USAGE,
    )


def _refuse_late() -> NoReturn:
    raise KpiError(
        "period",
        "this reaches beyond 9999-12-31, the last day that can be counted",
        help="ask for an earlier period",
        trouble=Trouble.USAGE,
    )
