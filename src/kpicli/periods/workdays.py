"""Which days are worked: counted by weekday in closed form, less the holidays of each year."""

from __future__ import annotations

import re
from bisect import bisect_left
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

from kpicli.errors import KpiError

if TYPE_CHECKING:
    from holidays import HolidayBase

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
    known = _known(holidays, year) if isinstance(holidays, str) else holidays
    return frozenset(day for day in known if day.year == year)


def check_holidays(holidays: Holidays) -> None:
    """Raises KpiError where the holidays of a country, or of its subdivision, are not known."""
    if isinstance(holidays, str):
        _known(holidays, 2000)


def _known(entity: str, year: int) -> HolidayBase:
    """The public holidays of a country or subdivision in one year; none in years before or after its records."""
    from holidays import country_holidays  # noqa: PLC0415  # slow to load, and not every book has holidays

    country, dash, subdivision = entity.partition("-")
    # The library looks its countries up among all the names of a module, so only codes may come that far.
    if re.fullmatch("[A-Z]{2,3}", country) and (subdivision or not dash):
        try:
            found = country_holidays(country, subdiv=subdivision or None, years=year, expand=False)
        except NotImplementedError:
            pass
        else:
            if hasattr(found, "country"):
                return found
    raise _unknown(entity)


_FORMS = "an ISO code such as US, a subdivision such as US-CA, or a list of dates"


def _unknown(entity: str) -> KpiError:
    from holidays import list_supported_countries  # noqa: PLC0415  # likewise

    supported = list_supported_countries()
    country, *rest = re.split(r"[-_/ ]+", entity.strip("-_/ ").upper(), maxsplit=1)
    if country not in supported:
        help_ = f"write {_FORMS}"
    elif not rest or not supported[country]:
        help_ = f"write {country}"
    else:
        codes = {code.upper(): f"{country}-{code}" for code in supported[country]}
        help_ = f"write {codes[rest[0]]}" if rest[0] in codes else f"known: {', '.join(codes.values())}"
    return KpiError("holidays", f"the holidays of '{entity}' are not known", help=help_)
