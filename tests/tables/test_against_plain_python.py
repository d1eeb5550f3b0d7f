"""Typing in Polars gives what a plain Python reader gives, cell by cell."""

from __future__ import annotations

import csv
from datetime import date, datetime
from io import StringIO
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.tables.plain import in_calendar, read_iso_date, read_number, read_percent
from tests.tables.reading import column, read_table, write

from kpicli.book.model import Column, SourceFile, Table
from kpicli.tables.cells import typed
from kpicli.tables.currencies import CODES, SIGNS
from kpicli.tables.dates import Zones
from kpicli.tables.steps import Steps

ZONES = (
    *("UTC", "America/New_York", "Asia/Kolkata", "Pacific/Apia", "Australia/Lord_Howe", "America/Sao_Paulo"),
    *("Asia/Beirut", "Pacific/Kiritimati", "Pacific/Pago_Pago"),
)


def values(cells: list[str], declared: Column, zones: Zones) -> list[Any]:
    steps = Steps()
    value = typed(pl.col("cell"), declared, zones, steps).value
    return steps.added(pl.DataFrame({"cell": cells}, schema={"cell": pl.String})).select(value).to_series().to_list()


def cells_of(*shapes: st.SearchStrategy[str]) -> st.SearchStrategy[list[str]]:
    """Columns of trimmed, filled cells."""
    return st.lists(st.one_of(*shapes).map(str.strip).filter(bool), min_size=1, max_size=60)


def joined(*parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(*parts).map("".join)


def some(*texts: str) -> st.SearchStrategy[str]:
    return st.sampled_from(texts)


DIGITS = st.text("0123456789", min_size=1, max_size=4)
LONG_DIGITS = st.text("0123456789", min_size=1, max_size=34)
SIGN = st.one_of(some("", "", "$", "€", "US$", "Rs.", "kr", "R$"), st.sampled_from(sorted({*CODES, *SIGNS})))
BLANK = some("", "", " ", "  ", "\u00a0", "\u202f")
WHOLE = st.one_of(
    DIGITS,
    LONG_DIGITS,
    st.lists(st.text("0123456789", min_size=2, max_size=3), min_size=2, max_size=4).flatmap(
        lambda groups: some(*(separator.join(groups) for separator in (",", ".", " ", "'", "\u2019", "\u00a0")))
    ),
    st.integers(0, 10**12).map(lambda n: f"{n:,}"),
    st.integers(0, 10**12).map(lambda n: f"{n:,}".replace(",", ".")),
)
PLACES = st.one_of(st.just(""), joined(some(".", ","), DIGITS), joined(some(".", ","), LONG_DIGITS), some(".", ","))
EXPONENT = st.one_of(st.just(""), st.just(""), joined(some("e", "E"), some("", "+", "-"), st.integers(0, 40).map(str)))
NUMBERS = joined(
    *(some("", "", "-", "+", "\u2212"), BLANK, SIGN, BLANK, some("", "", "("), BLANK, some("", "", "-"), WHOLE, PLACES),
    *(
        EXPONENT,
        some("", "", " "),
        some("", "", "K", "M", "B", "k", "m"),
        BLANK,
        SIGN,
        some("", "", "-"),
        some("", "", ")"),
    ),
)
NOISE = st.text("0123456789.,' ()-+$€%KMBeE\u00a0n/a", max_size=12)
HALVES = st.tuples(st.integers(-(10**9), 10**9), some("5", "49999999", "50000001", "4", "50")).map(
    lambda half: f"{half[0] / 10**6:.6f}{half[1]}"
)


@settings(max_examples=150)
@given(cells_of(NUMBERS, NOISE, HALVES, st.floats(allow_nan=True).map(repr)), some(".", ","))
def test_numbers(cells: list[str], decimal: str) -> None:
    declared = column("x", "number", decimal=decimal)
    assert values(cells, declared, Zones("UTC", "UTC")) == [read_number(cell, decimal) for cell in cells]


@settings(max_examples=80)
@given(
    cells_of(
        joined(some("", "-", "("), WHOLE, PLACES, EXPONENT, some("", "%", " %", "%%"), some("", ")", "-")),
        joined(HALVES, some("", "%")),
        NOISE,
    ),
    some(".", ","),
)
def test_percentages(cells: list[str], decimal: str) -> None:
    declared = column("x", "percent", decimal=decimal)
    assert values(cells, declared, Zones("UTC", "UTC")) == [read_percent(cell, decimal) for cell in cells]


DATES = st.dates(date(1970, 1, 3), date(2090, 12, 29)).map(str)
ODD_DATES = joined(
    st.integers(0, 9999).map("{:04}".format),
    st.just("-"),
    *(some("00", "01", "02", "12", "13"), st.just("-"), some("00", "28", "29", "30", "31", "32")),
)
TIMES = joined(
    some(" ", "T", "T", "  "),
    st.integers(0, 25).map("{:02}".format),
    st.integers(0, 61).map(":{:02}".format),
    st.one_of(st.just(""), st.integers(0, 61).map(":{:02}".format)),
    some("", "", ".000", ".123456789", ",5", "."),
)
OFFSETS = some(
    "", "", "", "Z", "z", " UTC", "+0000", "+00:00", "-05:00", "+0530", " +05:45", "+14", "-1200", "+15:00", "+5"
)
SWITCHES = st.tuples(
    some(
        "2026-03-08",
        "2026-11-01",
        "2018-11-04",
        "2019-10-20",
        "2011-12-29",
        "2011-12-30",
        "2011-12-31",
        "2026-04-05",
        "2026-10-04",
        "2026-03-29",
    ),
    some(" 00:00", " 00:30:00", " 01:30", " 01:45", " 02:15", " 02:30:00", " 23:59:59"),
).map("".join)


@settings(max_examples=120)
@given(
    cells_of(
        DATES,
        ODD_DATES,
        joined(DATES, TIMES, OFFSETS),
        joined(ODD_DATES, TIMES, OFFSETS),
        joined(SWITCHES, OFFSETS),
        NOISE,
    ),
    st.sampled_from(ZONES),
    st.sampled_from(ZONES),
)
def test_iso_dates(cells: list[str], local: str, calendar: str) -> None:
    found = values(cells, column("x", "date"), Zones(local, calendar))
    assert found == [read_iso_date(cell, local, calendar) for cell in cells]


@settings(max_examples=60)
@given(
    st.lists(
        st.builds(datetime.combine, st.dates(date(1971, 1, 1), date(2068, 12, 30)), st.times()), min_size=1, max_size=40
    ),
    some("%d.%m.%Y %H:%M", "%m/%d/%y %I:%M %p", "%d %b, %Y %H:%M:%S", "%Y%m%d%H%M%S", "%B %d, %Y %H:%M"),
    st.sampled_from(ZONES),
    st.sampled_from(ZONES),
)
def test_declared_shapes(moments: list[datetime], pattern: str, local: str, calendar: str) -> None:
    moments = [moment.replace(second=0, microsecond=0) for moment in moments]
    found = values(
        [moment.strftime(pattern) for moment in moments], column("x", "date", format=(pattern,)), Zones(local, calendar)
    )
    assert found == [in_calendar(moment, local, calendar) for moment in moments]


CELL = st.text(st.sampled_from('ab1,"; \n\r\té€\u00a0'), max_size=6)


@settings(max_examples=60)
@given(
    st.integers(1, 4).flatmap(lambda width: st.lists(st.lists(CELL, min_size=width, max_size=width), max_size=8)),
    some(",", ";", "\t"),
    some("\n", "\r\n"),
    st.booleans(),
    st.booleans(),
)
def test_records(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], delimiter: str, end: str, quoted: bool, mark: bool
) -> None:
    """Whatever the csv module writes is read back: quotes, line breaks in cells, blank rows left out, rows numbered."""
    width = len(rows[0]) if rows else 2
    names = [f"h{at}" for at in range(width)]
    out = StringIO(newline="")
    # The csv module leaves a lone carriage return without quotes, which ends the record for every reader.
    quoting: Any = csv.QUOTE_ALL if quoted or "\r" in "".join(map("".join, rows)) else csv.QUOTE_MINIMAL
    writer = csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=quoting)
    writer.writerows([names, *rows])
    folder = tmp_path_factory.mktemp("records")
    write(folder, {"deals.csv": ("\ufeff" if mark else "") + out.getvalue()})
    table = Table(
        source=(SourceFile(path="deals.csv"),), columns={name: column(name) for name in names}, delimiter=delimiter
    )
    read = read_table(folder, table)
    kept = [(at, row) for at, row in enumerate(rows, 2) if any(map(str.strip, row))]
    assert read.row_numbers == [at for at, _ in kept]
    assert [read[name] for name in names] == [[row[at].strip() or None for _, row in kept] for at in range(width)]
