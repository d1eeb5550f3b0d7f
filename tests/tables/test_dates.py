"""Dates and timestamps. What ISO shapes give is also held against plain Python in test_against_plain_python."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from tests.tables.reading import NEW_YORK, UTC, column, read

from kpicli.errors import KpiError
from kpicli.periods import Calendar
from kpicli.tables.dates import read_pattern


def day(folder: Path, cell: str, calendar: Calendar = UTC, **declared: Any) -> str | None:
    """The date of one cell, in a file where it is the one in a hundred that may not fit."""
    shape = declared["format"][0] if "format" in declared else "%Y-%m-%d"
    other = datetime(2026, 1, 1).strftime(shape.replace("%-", "%").replace("%.f", ""))  # noqa: DTZ001  # a wall clock
    content = "".join(f'"{each}"\n' for each in (cell, *[other] * 99))
    (found, *_) = read(folder, "x\n" + content, {"x": column("x", "date", **declared)}, calendar=calendar)["x"]
    return None if found is None else str(found)


@pytest.mark.parametrize(
    "cell",
    [
        "2026-03-01",
        "2026-03-01 10:00:00",
        "2026-03-01T10:00:00",
        "2026-03-01T10:00:00.123456789",
        "2026-03-01 10:00",
        "2026-03-01T10:00:00Z",
        "2026-03-01T10:00:00.000+0000",
        "2026-03-01 10:00:00 +00:00",
        "2026-03-01 10:00 UTC",
        "2026-03-01T10:00+05:30",
        "2026-03-01T10:00:00-08",
        " 2026-03-01\u00a0",
    ],
)
def test_iso_dates_and_timestamps_need_no_declaration(tmp_path: Path, cell: str) -> None:
    assert day(tmp_path, cell) == "2026-03-01"


@pytest.mark.parametrize(
    "cell",
    [
        *("2026-3-1", "26-03-01", "0026-03-01", "20260301", "2026-02-30", "2026-13-01", "03/01/2026", "2026-03"),
        *("2026- 1- 1", "2026-01- 1", "2026- 1-01", "2026- 1- 1 10:00", "2026-01-01  10:00", "2026-1-\u00a01"),
        *("2026-\t1-01", "2026-\u00a01-1", "+2026-1-01", "-202-01-01", "202-1-\u30001", "20260-1-01", "2026-10-1 "),
        *("2026-03-01T", "2026-03-01 24:00", "2026-03-01 10:60", "2026-03-01 10:00:60", "2026-03-01 10", "today"),
        *("2026-03-01T10:00:00+15:00", "2026-03-01T10:00:00+5", "2026-02-30T10:00:00Z", "-2026-3-01", "45000"),
    ],
)
def test_any_other_shape_does_not_fit(tmp_path: Path, cell: str) -> None:
    assert day(tmp_path, cell) is None


@pytest.mark.parametrize(
    ("cell", "date"),
    [
        ("2026-03-01", "2026-03-01"),
        ("2026-03-01T03:00:00Z", "2026-02-28"),
        ("2026-03-01T05:00:00Z", "2026-03-01"),
        ("2026-03-01T23:00:00-08:00", "2026-03-02"),
        ("2026-03-01 00:00:00", "2026-03-01"),
        ("2026-03-08 02:30:00", "2026-03-08"),
        ("2026-11-01 01:30:00", "2026-11-01"),
    ],
)
def test_a_moment_has_the_date_of_the_calendars_zone(tmp_path: Path, cell: str, date: str) -> None:
    assert day(tmp_path, cell, NEW_YORK) == date


def test_a_timestamp_without_an_offset_is_in_the_zone_of_its_column(tmp_path: Path) -> None:
    assert day(tmp_path, "2026-03-01 03:00:00", NEW_YORK, timezone="UTC") == "2026-02-28"
    assert day(tmp_path, "2026-03-01 23:00:00", timezone="America/New_York") == "2026-03-02"
    assert day(tmp_path, "2026-03-01 23:00:00-00:00", NEW_YORK, timezone="Asia/Tokyo") == "2026-03-01"


def test_no_zone_moves_a_date_without_a_time(tmp_path: Path) -> None:
    assert day(tmp_path, "2026-03-01", NEW_YORK, timezone="Pacific/Kiritimati") == "2026-03-01"
    assert day(tmp_path, "03/01/2026", NEW_YORK, timezone="UTC", format=("%m/%d/%Y",)) == "2026-03-01"


@pytest.mark.parametrize(
    ("cell", "zone", "date"),
    [
        ("2026-03-08 02:30:00", "America/New_York", "2026-03-08"),
        ("2026-11-01 01:30:00", "America/New_York", "2026-11-01"),
        ("2018-11-04 00:30:00", "America/Sao_Paulo", "2018-11-04"),
        ("2011-12-30 12:00:00", "Pacific/Apia", "2011-12-30"),
    ],
)
def test_hours_that_a_clock_skips_or_shows_twice_have_a_date(tmp_path: Path, cell: str, zone: str, date: str) -> None:
    """In Apia 30 December 2011 didn't happen; noon of it is taken for noon of the next day, the 30th in UTC."""
    assert day(tmp_path, cell, timezone=zone) == date
    shape = ("%Y-%m-%d %H:%M:%S",)
    assert day(tmp_path, cell, timezone=zone, format=shape) == date


@pytest.mark.parametrize(
    ("shape", "cell", "date"),
    [
        ("%m/%d/%Y", "02/24/2026", "2026-02-24"),
        ("%m/%d/%Y", "2/4/2026", "2026-02-04"),
        ("%m/%d/%Y", "02/24/26", None),
        ("%m/%d/%Y", "24/02/2026", None),
        ("%m/%d/%y", "02/24/26", "2026-02-24"),
        ("%m/%d/%y", "02/24/99", "1999-02-24"),
        ("%m/%d/%y", "02/24/2026", None),
        ("%d.%m.%Y", "15.06.2024", "2024-06-15"),
        ("%d.%m.%Y", "15.06.2024 13:50", None),
        ("%d.%m.%Y %H:%M", "15.06.2024 13:50", "2024-06-15"),
        ("%m/%d/%y %I:%M %p", "02/24/26 02:18 AM", "2026-02-24"),
        ("%d %b, %Y %H:%M:%S", "15 Apr, 2021 00:02:00", "2021-04-15"),
        ("%d-%b-%y", "5-apr-21", "2021-04-05"),
        ("%Y%m%d", "20260301", "2026-03-01"),
        ("%Y%m%d", "2026111", None),
        ("%d%m%Y", "1112026", None),
        ("%-m/%-d/%Y", "3/1/2026", "2026-03-01"),
        ("%Y-%m-%d", "2026-03-01", "2026-03-01"),
        ("%Y-%m-%d %H:%M:%S", "2026-03-01 23:59:60", "2026-03-01"),
        ("%m/%d/%Y", "2026-03-01", None),
        ("%m/%d/%Y", " 2/ 4/2026", None),
        ("%m/%d/%Y", "2/ 4/2026", None),
        ("%Y-%m-%d", "2026- 1- 1", None),
        ("%d-%m-%y", "1- 2-26", None),
        ("%Y-%m-%dT%H:%M", "2026-01-01T 1:00", None),
        ("%d. %m. %Y", "4. 2. 2026", "2026-02-04"),
        ("%b %e, %Y", "Apr  5, 2021", "2021-04-05"),
        ("%_m/%_d/%Y", " 2/ 4/2026", "2026-02-04"),
        ("%d-%m-%y", "5-4-21", "2021-04-05"),
    ],
)
def test_a_declared_shape_is_the_only_one(tmp_path: Path, shape: str, cell: str, date: str | None) -> None:
    assert day(tmp_path, cell, format=(shape,)) == date


def test_declared_shapes_are_tried_in_order(tmp_path: Path) -> None:
    shapes = ("%d/%m/%Y", "%m/%d/%Y", "%Y-%m-%d")
    cells = ["03/04/2026", "12/31/2026", "2026-03-04"]
    found = read(tmp_path, "x\n" + "\n".join(cells) + "\n", {"x": column("x", "date", format=shapes)})
    assert list(map(str, found["x"])) == ["2026-04-03", "2026-12-31", "2026-03-04"]


@pytest.mark.parametrize(
    ("shape", "cell"),
    [
        ("%d.%m.%Y %H:%M %z", "01.03.2026 03:00 +0000"),
        ("%d.%m.%Y %H:%M %z", "01.03.2026 03:00 Z"),
        ("%d.%m.%Y %H:%M %:z", "01.03.2026 04:00 +01:00"),
        ("%Y-%m-%dT%H:%M:%SZ", "2026-03-01T03:00:00Z"),
        ("%Y-%m-%dT%H:%M:%S.%fZ", "2026-03-01T03:00:00.000Z"),
        ("%s", "1772334000"),
    ],
)
def test_an_offset_in_a_declared_shape_is_honoured(tmp_path: Path, shape: str, cell: str) -> None:
    content = f"x\n{cell}\n"
    declared = {"x": column("x", "date", format=(shape,))}
    assert list(map(str, read(tmp_path, content, declared, calendar=NEW_YORK)["x"])) == ["2026-02-28"]


def test_fractions_of_a_second_are_those_of_strptime(tmp_path: Path) -> None:
    """Polars reads `%f` as a number of nanoseconds."""
    assert day(tmp_path, "2026-03-01 10:00:00.5", format=("%Y-%m-%d %H:%M:%S.%f",)) == "2026-03-01"


@pytest.mark.parametrize(
    ("shape", "reason"),
    [
        ("%d/%m", "a date needs a year, a month and a day, for example %m/%d/%Y"),
        ("%H:%M", "a date needs a year, a month and a day, for example %m/%d/%Y"),
        ("%d.%m.%Y %H:%M %Z", "%Z is a zone's name, which says no offset: write it out and use `timezone`"),
        ("%d.%m.%Y %H", "Invalid format string: Please either specify both hour and minute, or neither."),
        ("%Q", "cannot format timezone-naive Datetime with format '%Q'"),
    ],
)
def test_a_pattern_that_can_not_give_a_date_is_refused(shape: str, reason: str) -> None:
    with pytest.raises(KpiError) as raised:
        read_pattern(shape)
    assert str(raised.value) == f"error[bad-format]: '{shape}' is no pattern for a date\nhelp: {reason}"
