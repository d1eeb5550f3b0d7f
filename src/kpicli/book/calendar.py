"""The calendar as the book declares it, by the names of days and months."""

from __future__ import annotations

from datetime import date
from typing import Annotated, TypeAlias

from pydantic import BeforeValidator

from kpicli.book.declared import Declared
from kpicli.book.scalars import read_number
from kpicli.book.spellings import Day, MadeFrom, OneOf, TextOr, listed, read_text, unlike, wrong_as
from kpicli.errors import KpiError
from kpicli.periods import Calendar

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = (
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


def _checked(calendar: Calendar) -> None:
    try:
        calendar.check()
    except KpiError as error:
        raise wrong_as(error) from None


def _read_zone(value: object) -> str:
    text = read_text(value)
    _checked(Calendar(timezone=text))
    return text


def _read_country(text: str) -> str:
    _checked(Calendar(holidays=read_text(text)))
    return text


def _read_month(value: object) -> int:
    number = read_number(value) if isinstance(value, str) else None
    if number in range(1, 13):
        raise unlike(value, "a month by its name", f"write {MONTHS[int(number or 1) - 1]}")
    month: int = _month_by_name(value)
    return month


_month_by_name = OneOf({name: month for month, name in enumerate(MONTHS, 1)})

Zone: TypeAlias = Annotated[str, BeforeValidator(_read_zone)]
_DayName: TypeAlias = Annotated[int, BeforeValidator(OneOf({name: day for day, name in enumerate(DAYS)}))]
_DayNames: TypeAlias = Annotated[frozenset[_DayName], BeforeValidator(listed)]
_MonthName: TypeAlias = Annotated[int, BeforeValidator(_read_month)]


class CalendarSpec(Declared):
    """How days make weeks, fiscal years and work."""

    timezone: Zone = "UTC"
    """Timestamps are brought to this zone, then cut to dates."""
    week_starts: _DayName = 0
    """The first day of a week."""
    fiscal_year_starts: _MonthName = 1
    """The first month of a fiscal year, which is named for the calendar year in which it ends."""
    workdays: _DayNames = frozenset(range(5))
    """The days of a week on which people work."""
    holidays: Annotated[str | tuple[date, ...], TextOr(_read_country, tuple[Day, ...])] = ()
    """Days without work: those of a country (`US`), of a subdivision (`US-CA`), or a list of dates."""


def _calendar(spec: CalendarSpec) -> Calendar:
    return Calendar(**{name: getattr(spec, name) for name in CalendarSpec.model_fields})


DeclaredCalendar: TypeAlias = Annotated[Calendar, MadeFrom(CalendarSpec, _calendar)]
