"""Days and periods in words, for people; the process's locale never matters."""

from __future__ import annotations

from datetime import date

from kpicli.scorecard import ReportPeriod, Span

_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def write_period(period: ReportPeriod) -> str:
    """A period in words: `22 November 2026`, `Week 45 of 2026`, `November 2026`, `Q3 of FY2026`, `All time`."""
    first = period.start
    year, _, part = period.label.partition("-")
    match period.grain:
        case "day":
            return f"{first.day} {_MONTHS[first.month - 1]} {first.year}"
        case "week":
            return f"Week {part.lstrip('W0')} of {year}"
        case "month":
            return f"{_MONTHS[first.month - 1]} {first.year}"
        case "quarter":
            return f"{part} of {year}"
        case "year":
            return year
        case _:
            return "All time" if period.label == "all" else write_days(period.start, period.end)


def write_days(first: date, last: date) -> str:
    """A span of days, both included: `25 Aug to 22 Nov 2026`; the year of the first where it is another."""
    if first == last:
        return _day(last)
    return f"{_day(first) if first.year != last.year else _day_of_year(first)} to {_day(last)}"


def write_span(span: Span) -> str:
    """A span by what it is: a calendar year, a month, or so many days: `2026`, `Nov 2026`, `90 days`."""
    first, last = span.start, span.end
    if (first.month, first.day, last.month, last.day) == (1, 1, 12, 31) and first.year == last.year:
        return str(first.year)
    if first.day == 1 and (first.year, first.month) == (last.year, last.month) and _ends_month(last):
        return f"{_MONTHS[first.month - 1][:3]} {first.year}"
    return write_count_of_days(span)


def write_count_of_days(span: Span) -> str:
    """How many days a span has: `90 days`."""
    count = (span.end - span.start).days + 1
    return "1 day" if count == 1 else f"{count:,} days"


def _day_of_year(day: date) -> str:
    return f"{day.day} {_MONTHS[day.month - 1][:3]}"


def _day(day: date) -> str:
    return f"{_day_of_year(day)} {day.year}"


def _ends_month(day: date) -> bool:
    return date.fromordinal(day.toordinal() + 1).day == 1 if day < date.max else True
