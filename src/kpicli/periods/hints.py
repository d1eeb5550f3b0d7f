"""Other ways in which people write a period, each with the one that is read: for the help of an error only."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date

from kpicli.errors import KpiError
from kpicli.periods.days import moved_by_days
from kpicli.periods.grains import Duration
from kpicli.periods.period import Period

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_YEAR = "(?P<y>[0-9]{4}|'?[0-9]{2})"
_FISCAL = "(?P<fy>FY|fiscal year|fiscal)?"
_GAP = "[-/. ]?"
_DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"


def respelled(words: str, as_of: date | None) -> Iterator[str]:
    """What may have been meant by a text that names no period; some of it may not name one either.

    Without a day it is what may be meant on any.
    """
    for pattern, write in _SPELLINGS:
        found = re.fullmatch(pattern, words, re.IGNORECASE)
        if found is not None:
            yield from write({name: part for name, part in found.groupdict().items() if part is not None})
    yield from _synonyms(words.lower())
    if as_of is not None:
        yield from _without_a_year(words, as_of)
        span = last_days(words)
        if span is not None:
            yield from _up_to(as_of, span)


def _full_year(digits: str) -> str:
    bare = digits.removeprefix("'")
    return bare if len(bare) == 4 else f"20{bare}"


def _quarter(part: dict[str, str]) -> Iterator[str]:
    yield f"{'FY' if 'fy' in part else ''}{_full_year(part['y'])}-Q{part['q']}"


def _fiscal_year(part: dict[str, str]) -> Iterator[str]:
    yield f"FY{_full_year(part['y'])}"


def _week(part: dict[str, str]) -> Iterator[str]:
    yield f"{part['y']}-W{int(part['w']):02d}"


def _month(part: dict[str, str]) -> Iterator[str]:
    name = part["m"].lower()
    number = int(name) if name.isdecimal() else _MONTHS.index(name[:3]) + 1
    yield f"{part['y']}-{number:02d}"


def _day(part: dict[str, str]) -> Iterator[str]:
    yield f"{part['y']}-{int(part['m']):02d}-{int(part['d']):02d}"


def _day_or_month_first(part: dict[str, str]) -> Iterator[str]:
    yield from _day(part)
    if part["m"] != part["d"]:
        yield from _day({**part, "m": part["d"], "d": part["m"]})


def _range(part: dict[str, str]) -> Iterator[str]:
    yield f"{part['first']}..{part['last']}"


_NAMED_MONTH = (
    "(?P<m>jan(uary)?|feb(ruary)?|mar(ch)?|apr(il)?|may|june?|july?|aug(ust)?|sept?(ember)?|oct(ober)?|"
    r"nov(ember)?|dec(ember)?)\.?"
)
_SPELLINGS: tuple[tuple[str, Callable[[dict[str, str]], Iterator[str]]], ...] = (
    (f"{_FISCAL} ?{_YEAR}{_GAP}Q(?P<q>[1-4])", _quarter),
    (f"Q(?P<q>[1-4]){_GAP}{_FISCAL} ?{_YEAR}", _quarter),
    (f"(FY|fiscal year|fiscal){_GAP}{_YEAR}", _fiscal_year),
    ("(?P<y>[0-9]{4})[-/ ]?W(eek)? ?(?P<w>[0-9]{1,2})", _week),
    ("W(eek)? ?(?P<w>[0-9]{1,2})[-/, ]+(?P<y>[0-9]{4})", _week),
    (f"{_NAMED_MONTH}[- ]?(?P<y>[0-9]{{4}})", _month),
    (f"(?P<y>[0-9]{{4}})[- ]?{_NAMED_MONTH}", _month),
    ("(?P<y>[0-9]{4})[-/.](?P<m>[0-9]{1,2})", _month),
    ("(?P<m>[0-9]{1,2})[-/.](?P<y>[0-9]{4})", _month),
    ("(?P<y>[0-9]{4})[-/.](?P<m>[0-9]{1,2})[-/.](?P<d>[0-9]{1,2})", _day),
    ("(?P<y>[0-9]{4})(?P<m>[0-9]{2})(?P<d>[0-9]{2})", _day),
    ("(?P<m>[0-9]{1,2})[-/.](?P<d>[0-9]{1,2})[-/.](?P<y>[0-9]{4})", _day_or_month_first),
    (f"(?P<first>{_DAY}) ?(to|until|through|-|–|—|:|/|,|\\.{{3}}|…) ?(?P<last>{_DAY})", _range),
)
"""Patterns are compiled where one is needed."""


def _without_a_year(words: str, as_of: date) -> Iterator[str]:
    """`October` or `Q3` is the latest one that has begun."""
    month = re.fullmatch(_NAMED_MONTH, words, re.IGNORECASE)
    quarter = re.fullmatch("Q([1-4])", words, re.IGNORECASE)
    if month is not None:
        number = _MONTHS.index(month["m"].lower()[:3]) + 1
        yield f"{as_of.year - (number > as_of.month)}-{number:02d}"
    if quarter is not None:
        yield f"{as_of.year - (3 * int(quarter[1]) - 2 > as_of.month)}-Q{quarter[1]}"


_TO_DATE = {"wtd": "week", "mtd": "month", "qtd": "quarter", "ytd": "year"}


def _synonyms(words: str) -> Iterator[str]:
    """A running period is cut at the as-of day, so `this year` is the year to date."""
    match words.replace("fiscal ", "").split():
        case [word] if word in _TO_DATE:
            yield f"this {_TO_DATE[word]}"
        case [grain, "to", "date"]:
            yield f"this {grain}"
        case ["current" | "this", "day"]:
            yield "today"
        case ["last" | "previous" | "prior", "day"]:
            yield "yesterday"
        case ["current" | "this", grain]:
            yield f"this {grain}"
        case ["last" | "previous" | "prior" | "past", grain]:
            yield f"last {grain}"
        case ["next" | "coming" | "following", grain]:
            yield f"next {grain}"
        case _:
            pass


def last_days(words: str) -> Duration | None:
    """The span of `last 90 days`, which is a window rather than a period."""
    found = re.fullmatch("(last|past|previous|trailing) (.+)", words, re.IGNORECASE)
    if found is None:
        return None
    try:
        return Duration.parse(found[2])
    except KpiError:
        return None


def _up_to(as_of: date, span: Duration) -> Iterator[str]:
    """The days of a span that ends on the as-of day, which can be said as a period."""
    try:
        after = moved_by_days(as_of, 1)
        start = Period(as_of, after, after, None).trailing(span).start
    except KpiError:
        return
    yield f"{start}..{as_of}"
