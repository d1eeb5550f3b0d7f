"""What people write for a period, read into one that is cut at the as-of day."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import NoReturn

from kpicli.errors import KpiError, Trouble, did_you_mean
from kpicli.periods.calendar import Calendar
from kpicli.periods.days import month_length, moved_by_days
from kpicli.periods.grains import Grain
from kpicli.periods.hints import last_days, respelled
from kpicli.periods.period import Period

_GRAINS = (Grain.WEEK, Grain.MONTH, Grain.QUARTER, Grain.YEAR)
_RELATIVE = {"today": (Grain.DAY, 0), "yesterday": (Grain.DAY, 1)} | {
    f"{word} {grain.value}": (grain, back)
    for word, back in (("this", 0), ("last", 1), ("next", -1))
    for grain in _GRAINS
}
"""Words, each with the grain of its period and how many of them that lies before the as-of day's."""

_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_WEEK = re.compile(r"([0-9]{4})-W([0-9]{2})", re.IGNORECASE)
_MONTH = re.compile(r"([0-9]{4})-([0-9]{2})")
_QUARTER = re.compile(r"(FY)?([0-9]{4})-Q([0-9])", re.IGNORECASE)
_YEAR = re.compile(r"(FY)?([0-9]{4})", re.IGNORECASE)

_FORMS = (
    "a day (2026-10-31), a week (2026-W45), a month (2026-10), a quarter (2026-Q3, or FY2026-Q3 of the "
    "fiscal year), a year (2026, FY2026), first and last day (2026-01-01..2026-03-31), today, yesterday, this, last or "
    "next with week, month, quarter or year, or all"
)


def parse_period(text: str, calendar: Calendar, as_of: date) -> Period:
    """The period that a text names, cut at the as-of day. `all` depends on the data and is not read here.

    Case and spacing of words don't count. Raises KpiError, with what to write, for anything else.
    """
    words = " ".join(text.split())
    period = _read(words, calendar, as_of)
    if period is None:
        _refuse_unknown(words, calendar, as_of)
    return period.cut_at(as_of)


def check_period(text: str, calendar: Calendar) -> None:
    """Refuses a text that names no period, whatever day it is: a book is written for more than one."""
    words = " ".join(text.split())
    if words.lower() != "all" and _read(words, calendar, date(2026, 1, 1)) is None:
        _refuse_unknown(words, calendar, None)


def _read(words: str, calendar: Calendar, as_of: date) -> Period | None:
    return _relative(words, calendar, as_of) or _range(words) or _dated(words, calendar)


def _relative(words: str, calendar: Calendar, as_of: date) -> Period | None:
    if words.lower() not in _RELATIVE:
        return None
    grain, back = _RELATIVE[words.lower()]
    return calendar.period_of(grain, as_of).earlier(back)


def _range(words: str) -> Period | None:
    first, dots, last = (part.strip() for part in words.partition(".."))
    if not (dots and _DAY.fullmatch(first) and _DAY.fullmatch(last)):
        return None
    start, inclusive = _day(first), _day(last)
    if inclusive < start:
        _refuse(f"the range {first}..{last} ends before it starts", f"write {last}..{first}")
    end = moved_by_days(inclusive, 1)
    return Period(start, end, end, None)


def _dated(words: str, calendar: Calendar) -> Period | None:
    if _DAY.fullmatch(words):
        return calendar.period_of(Grain.DAY, _day(words))
    if found := _WEEK.fullmatch(words):
        return calendar.period_of(Grain.WEEK, _thursday(words, _year(found[1]), int(found[2])))
    if found := _MONTH.fullmatch(words):
        return Period.of_months(Grain.MONTH, _month(words, _year(found[1]), int(found[2])))
    if found := _QUARTER.fullmatch(words):
        number = int(found[3])
        if not 1 <= number <= 4:
            stem = words[:-1].upper()
            _refuse(f"there is no quarter {words}", f"quarters run from {stem}1 to {stem}4")
        first = _first_month(found[1], found[2], calendar)
        return Period.of_months(Grain.QUARTER, first + 3 * (number - 1), fiscal=found[1] is not None)
    if found := _YEAR.fullmatch(words):
        first = _first_month(found[1], found[2], calendar)
        return Period.of_months(Grain.YEAR, first, fiscal=found[1] is not None)
    return None


def _year(digits: str) -> int:
    if not 1 <= int(digits) <= 9998:
        _refuse(f"the year {digits} can't be reported on", "write a year from 0001 to 9998")
    return int(digits)


def _month(words: str, year: int, month: int) -> int:
    if not 1 <= month <= 12:
        _refuse(f"there is no month {words}", f"months run from {year:04d}-01 to {year:04d}-12")
    return year * 12 + month - 1


def _day(words: str) -> date:
    year, month, day = words.split("-")
    number = _month(words[:-3], _year(year), int(month))
    length = month_length(number)
    if not 1 <= int(day) <= length:
        _refuse(f"there is no day {words}", f"{words[:-3]} runs from {words[:-2]}01 to {words[:-2]}{length}")
    return date(int(year), int(month), int(day))


def _thursday(words: str, year: int, week: int) -> date:
    """The Thursday of an ISO week: the week's year is the year of that day."""
    weeks = date(year, 12, 28).isocalendar().week
    if not 1 <= week <= weeks:
        _refuse(f"there is no week {words.upper()}", f"weeks run from {year:04d}-W01 to {year:04d}-W{weeks}")
    return date.fromisocalendar(year, week, 4)


def _first_month(fiscal: str | None, digits: str, calendar: Calendar) -> int:
    """The number of the first month of a calendar year, or of the fiscal year that ends in it."""
    starts = calendar.fiscal_year_starts if fiscal else 1
    return (_year(digits) - (starts > 1)) * 12 + starts - 1


def _refuse_unknown(words: str, calendar: Calendar, as_of: date | None) -> NoReturn:
    shown = words if len(words) <= 60 else f"{words[:59]}…"
    meant = dict.fromkeys([*_spanned(words, calendar, as_of), *respelled(words, as_of)])
    readable = [candidate for candidate in meant if _readable(candidate, calendar)]
    nearest = did_you_mean(words, [*_RELATIVE, "all"])
    span = None if as_of is not None else last_days(words)
    if readable:
        help_ = f"write {' or '.join(readable)}; periods are {_FORMS}"
    elif span is not None:
        help_ = f"a KPI looks at them with `window: trailing {span}`; periods are {_FORMS}"
    else:
        help_ = f"{nearest} Periods are {_FORMS}" if nearest else f"periods are {_FORMS}"
    _refuse(f"'{shown}' is no period", help_)


def _readable(candidate: str, calendar: Calendar) -> bool:
    try:
        return _read(candidate, calendar, date(2026, 1, 1)) is not None  # any day: only whether it can be read counts
    except KpiError:
        return False


def _spanned(words: str, calendar: Calendar, as_of: date | None) -> Iterator[str]:
    """The range in days that `2026-01..2026-03`, from one period to another, may mean; up to now without a second."""
    first, dots, last = (part.strip() for part in words.partition(".."))
    if not dots or (not last and as_of is None):
        return
    try:
        one = _dated(first, calendar)
        other = _dated(last, calendar) if last or as_of is None else calendar.period_of(Grain.DAY, as_of)
    except KpiError:
        return
    if one is not None and other is not None:
        yield f"{one.start}..{moved_by_days(other.end, -1)}"


def _refuse(message: str, help_: str) -> NoReturn:
    raise KpiError("period", message, help=help_, trouble=Trouble.USAGE)
