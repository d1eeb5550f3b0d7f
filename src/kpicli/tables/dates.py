"""Dates from text: ISO dates and timestamps, or declared strptime patterns; never a guess.

A date without a time is a day, and no zone moves it. A timestamp is a moment: its own offset counts, or else the
zone of its column, and its date is the one that the calendar's zone shows at that moment.
Whatever doesn't fit is null. Later shapes only see what earlier ones left over, which costs next to nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from enum import Enum
from functools import lru_cache
from typing import Final, assert_never

import polars as pl
from msgspec import Struct

from kpicli.errors import KpiError
from kpicli.tables.steps import Steps


class Zones(Struct, frozen=True):
    """Where timestamps without an offset are local, and where the calendar's days begin and end."""

    local: str
    calendar: str


def plain_dates(cell: pl.Expr, steps: Steps) -> pl.Expr:
    """`2026-03-01`, and null for all else, which `iso_dates` reads once it is trimmed.

    Polars reads `2026- 1- 1` and `+2026-1-01` as if they fitted; in these, no digit begins the month, or the day. A
    pattern would tell as much, and cost as much again as the reading.
    """
    middle = cell.cast(pl.Binary).bin.slice(2, 8).bin.reinterpret(dtype=pl.UInt64, endianness="big")
    fits = (cell.str.len_bytes() == 10) & ((middle & _DIGITS) == _DIGITS)
    return in_years(_days(pl.when(fits).then(cell)), steps)


_DIGITS: Final = 0x10_00_00_10_00
"""In `26-03-01` the bit by which a digit differs from blanks and signs, where month and day begin."""


def _days(cell: pl.Expr) -> pl.Expr:
    return cell.str.to_date("%Y-%m-%d", strict=False, cache=True)


_BLANKS: Final = [chr(code) for code in range(0x3001) if chr(code).isspace()]


def iso_dates(cell: pl.Expr, zones: Zones, steps: Steps) -> pl.Expr:
    """`2026-03-01`, and timestamps with `T` or a space, seconds and fractions optional, `Z` or an offset."""
    plain = steps.kept(_days(pl.when(cell.str.contains("^[0-9]{4}-[0-9]{2}-[0-9]{2}$")).then(cell)))
    rest = steps.kept(pl.when(plain.is_null()).then(cell))
    local = steps.kept(pl.when(rest.str.contains(rf"^{_DAY_AND_TIME}$")).then(rest))
    zoned = steps.kept(pl.when(local.is_null()).then(rest))
    utc = steps.kept(pl.when(zoned.str.contains(rf"^{_DAY_AND_TIME}{_UTC}$")).then(zoned))
    away = steps.kept(pl.when(utc.is_null()).then(zoned))
    away = steps.kept(pl.when(away.str.contains(rf"^{_DAY_AND_TIME} ?{_OFFSET}$")).then(away))
    minute = pl.concat_str(_minute(away), away.str.extract(rf"({_OFFSET})$"))
    moment = minute.str.to_datetime("%Y-%m-%d %H:%M%#z", strict=False, cache=False, time_unit="us")
    found = pl.coalesce(
        plain,
        _local_iso(local, zones, steps),
        _local_iso(utc, Zones("UTC", zones.calendar), steps),
        moment_dates(moment, zones),
    )
    return in_years(found, steps)


_DAY_AND_TIME = r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ T](?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:[.,][0-9]+)?)?"
_UTC = r" ?(?:[Zz]|UTC|GMT|[+-]00(?::?00)?)"
_OFFSET = r"[+-](?:0[0-9]|1[0-4])(?::?[0-5][0-9])?"


def _minute(cell: pl.Expr) -> pl.Expr:
    """Seconds can't move a date: every zone is whole minutes away from another."""
    return pl.concat_str(cell.str.slice(0, 10), pl.lit(" "), cell.str.slice(11, 5))


def _local_iso(cell: pl.Expr, zones: Zones, steps: Steps) -> pl.Expr:
    """Dates of ISO timestamps, without a look at an offset."""
    if zones.local == zones.calendar:
        return cell.str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False, cache=False)
    minute = _minute(cell).str.to_datetime("%Y-%m-%d %H:%M", strict=False, cache=False, time_unit="us")
    return local_dates(minute, zones, steps)


def local_dates(moment: pl.Expr, zones: Zones, steps: Steps) -> pl.Expr:
    """The calendar's date of a datetime without a zone.

    An hour that a clock shows twice is taken the first time. One that it skips is taken an hour later, or a day later
    where a whole day was skipped.
    """
    if zones.local == zones.calendar:
        return moment.dt.date()
    moment = steps.kept(moment)
    zoned = steps.kept(_zoned(moment, zones.local))
    skipped = steps.kept(pl.when(zoned.is_null()).then(moment))
    later = [_zoned(skipped + pl.duration(hours=hours), zones.local) for hours in (1, 24)]
    return moment_dates(pl.coalesce(zoned, *later), zones)


def _zoned(moment: pl.Expr, zone: str) -> pl.Expr:
    return moment.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")


def moment_dates(moment: pl.Expr, zones: Zones) -> pl.Expr:
    """The calendar's date of a datetime with a zone."""
    return moment.dt.convert_time_zone(zones.calendar).dt.date()


def in_years(day: pl.Expr, steps: Steps) -> pl.Expr:
    """Years of four digits: `02/24/26` under `%Y` is no day in the year 26."""
    day = steps.kept(day)
    return pl.when(day.is_between(date(1000, 1, 1), date(9999, 12, 31))).then(day)


class _Kind(Enum):
    DAY = "a day"
    LOCAL = "a day and a time"
    MOMENT = "a day, a time and an offset"
    SECONDS = "seconds since 1970"


class Pattern(Struct, frozen=True):
    """A declared strptime pattern, as Polars takes it."""

    text: str
    kind: _Kind
    width: int | None
    """How long a cell must be, where numbers stand side by side and the pattern alone would guess."""

    @property
    def has_blanks(self) -> bool:
        """Whether blanks may stand in what it reads: written out, or instead of a leading zero."""
        return re.search(r"\s|%[_ekclrvnt]", self.text) is not None

    @property
    def is_day(self) -> bool:
        return self.kind is _Kind.DAY

    @property
    def has_zone(self) -> bool:
        """Whether what it reads is a moment wherever one stands."""
        return self.kind is _Kind.MOMENT

    @property
    def counts_seconds(self) -> bool:
        return self.kind is _Kind.SECONDS


@lru_cache(maxsize=256)
def read_pattern(declared: str) -> Pattern:
    """Raises KpiError for a pattern that can't give a date."""
    text = re.sub(r"(?<!%)((?:%%)*)\.%f", r"\1%.f", declared)
    text = re.sub(r"(?<!%)((?:%%)*)%:?z", r"\1%#z", text)
    text = re.sub(r"(%[SMTRp]|%\.?[0-9]?f)Z$", r"\1%#z", text)
    directives = re.findall(r"%(%|[-_0:.#]?[0-9]?[A-Za-z+])", text)
    if "Z" in directives:
        raise _bad_pattern(declared, "%Z is a zone's name, which says no offset: write it out and use `timezone`")
    kind = _kind(directives)
    try:
        back = _round_trip(text, kind)
    except pl.exceptions.PolarsError as error:
        raise _bad_pattern(declared, str(error).partition("\n")[0]) from error
    if back != _SAMPLE.date():
        raise _bad_pattern(declared, "a date needs a year, a month and a day, for example %m/%d/%Y")
    return Pattern(text, kind, _width(text, directives))


_SAMPLE = datetime(2026, 11, 22, 13, 5, 7)  # noqa: DTZ001  # a moment on a wall clock; zones are what patterns add
_WIDTHS = {"Y": 4, "m": 2, "d": 2, "y": 2, "H": 2, "M": 2, "S": 2, "I": 2, "j": 3, "p": 2}


def _kind(directives: Sequence[str]) -> _Kind:
    letters = {directive[-1] for directive in directives}
    if "z" in letters or "+" in letters:
        return _Kind.MOMENT
    if "s" in letters:
        return _Kind.SECONDS
    return _Kind.LOCAL if letters & set("HIklMSTRXrcpPf") else _Kind.DAY


def _round_trip(text: str, kind: _Kind) -> date | None:
    written = pl.Series([_SAMPLE]).dt.strftime(text.replace("%#z", "+0000").replace("%+", "%Y-%m-%dT%H:%M:%S+00:00"))
    steps = Steps()
    found = _one_pattern(pl.col("cell"), Pattern(text, kind, None), Zones("UTC", "UTC"), steps)
    day: date | None = steps.added(written.to_frame("cell")).select(found).item()
    return day


def _bad_pattern(declared: str, reason: str) -> KpiError:
    return KpiError("bad-format", f"'{declared}' is no pattern for a date", help=reason)


def _width(text: str, directives: Sequence[str]) -> int | None:
    if not re.search(r"%[YmdyHMSIj]%[YmdyHMSIj]", text) or any(each not in _WIDTHS for each in directives):
        return None
    literals = re.sub(r"%[A-Za-z]", "", text)
    return len(literals) + sum(_WIDTHS[each] for each in directives)


def pattern_dates(cell: pl.Expr, patterns: Sequence[Pattern], zones: Zones, steps: Steps) -> pl.Expr:
    """Dates by declared patterns, each tried on what the ones before it left over."""
    found = []
    for pattern in patterns:
        found.append(steps.kept(_one_pattern(cell, pattern, zones, steps)))
        cell = steps.kept(pl.when(found[-1].is_null()).then(cell))
    return pl.coalesce(found)


def _one_pattern(cell: pl.Expr, pattern: Pattern, zones: Zones, steps: Steps) -> pl.Expr:
    if pattern.width is not None:
        cell = pl.when(cell.str.len_chars() == pattern.width).then(cell)
    if not pattern.has_blanks:
        cell = pl.when(~cell.str.contains_any(_BLANKS)).then(cell)
    match pattern.kind:
        case _Kind.DAY:
            found = cell.str.to_date(pattern.text, strict=False)
        case _Kind.LOCAL if zones.local == zones.calendar:
            found = cell.str.to_date(pattern.text, strict=False, cache=False)
        case _Kind.LOCAL:
            found = local_dates(_datetimes(cell, pattern), zones, steps)
        case _Kind.MOMENT:
            found = moment_dates(_datetimes(cell, pattern), zones)
        case _Kind.SECONDS:
            found = local_dates(_datetimes(cell, pattern), Zones("UTC", zones.calendar), steps)
        case _:
            assert_never(pattern.kind)
    return in_years(found, steps)


def _datetimes(cell: pl.Expr, pattern: Pattern) -> pl.Expr:
    return cell.str.to_datetime(pattern.text, strict=False, cache=False, time_unit="us")
