"""Parquet: native values under a declared type."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from tests.tables.reading import NEW_YORK, UTC, Read, column, read_table, write

from kpicli.book.model import SourceFile, Table
from kpicli.errors import KpiError
from kpicli.periods import Calendar
from kpicli.scorecard import Example, Note


def read(folder: Path, series: pl.Series, kind: str, calendar: Calendar = UTC, **declared: Any) -> Read:
    """One column `x` of a Parquet file."""
    series.alias("x").to_frame().write_parquet(folder / "deals.parquet")
    table = Table(source=(SourceFile(path="deals.parquet"),), columns={"x": column("x", kind, **declared)})
    return read_table(folder, table, calendar)


def refused(folder: Path, series: pl.Series, kind: str) -> str:
    with pytest.raises(KpiError) as raised:
        read(folder, series, kind)
    return str(raised.value)


def test_text_is_text(tmp_path: Path) -> None:
    assert read(tmp_path, pl.Series([" a ", "", None, "007"]), "text")["x"] == ["a", None, None, "007"]
    assert read(tmp_path, pl.Series(["a", None], dtype=pl.Categorical), "text")["x"] == ["a", None]
    assert read(tmp_path, pl.Series(["a", None], dtype=pl.Enum(["a"])), "text")["x"] == ["a", None]
    assert read(tmp_path, pl.Series([None, None], dtype=pl.Null), "text")["x"] == [None, None]


@pytest.mark.parametrize(
    ("series", "text"),
    [
        (pl.Series([1234567890123456789]), "1234567890123456789"),
        (pl.Series([True]), "true"),
        (pl.Series([date(2026, 3, 1)]), "2026-03-01"),
        (pl.Series([Decimal("1.50")]), "1.50"),
    ],
)
def test_other_values_under_text_become_text(tmp_path: Path, series: pl.Series, text: str) -> None:
    assert read(tmp_path, series, "text")["x"] == [text]


def test_floats_under_text_are_refused(tmp_path: Path) -> None:
    """An id of 19 digits has lost its last ones."""
    assert refused(tmp_path, pl.Series([1.0]), "text") == (
        "error[wrong-type]: 'deals.parquet' stores 'x' as Float64, which is no text (column x)\n"
        "help: declare `type: number`; if it is an id, write it as text or integer, since floats lose digits"
    )


def test_floats_become_the_decimals_that_they_are_written_as(tmp_path: Path) -> None:
    found = read(tmp_path, pl.Series([0.1, 11760000.000000002, 1e-7, 1e16, 2.5, None]), "money")
    assert list(map(str, found["x"][:5])) == [
        *("0.100000", "11760000.000000", "0.000000", "10000000000000000.000000", "2.500000"),
    ]
    narrow = read(tmp_path, pl.Series([0.1, 2.7], dtype=pl.Float32), "number")
    assert list(map(str, narrow["x"])) == ["0.100000", "2.700000"]


def test_nan_and_infinity_do_not_fit(tmp_path: Path) -> None:
    found = read(tmp_path, pl.Series([float("nan"), float("inf"), *[1.0] * 98]), "number")
    assert found["x"][:3] == [None, None, 1]
    assert found.notes == (Note("invalid-number", "x", 2, (Example(2, "NaN"), Example(3, "inf"))),)


@pytest.mark.parametrize("dtype", [pl.Int8, pl.Int64, pl.UInt64, pl.Int128, pl.Decimal(12, 2), pl.Decimal(38, 0)])
def test_exact_numbers_stay_exact(tmp_path: Path, dtype: Any) -> None:
    found = read(tmp_path, pl.Series([100, None], dtype=dtype), "money")
    assert found["x"] == [Decimal(100), None]
    assert found.frame.schema["x"] == pl.Decimal(38, 6)


def test_more_than_six_places_are_rounded_half_away_from_zero(tmp_path: Path) -> None:
    series = pl.Series([Decimal("1.0000025"), Decimal("-1.0000035")], dtype=pl.Decimal(20, 7))
    assert list(map(str, read(tmp_path, series, "number")["x"])) == ["1.000003", "-1.000004"]


def test_numbers_that_are_too_large_do_not_fit(tmp_path: Path) -> None:
    found = read(tmp_path, pl.Series([10**35, *[1] * 99], dtype=pl.Int128), "number")
    assert (found["x"][0], found.notes[0].rows) == (None, 1)


def test_percentages_are_fractions(tmp_path: Path) -> None:
    assert read(tmp_path, pl.Series([40, 5]), "percent")["x"] == [Decimal("0.4"), Decimal("0.05")]
    assert read(tmp_path, pl.Series([12.5]), "percent")["x"] == [Decimal("0.125")]
    assert read(tmp_path, pl.Series(["12,5 %"]), "percent", decimal=",")["x"] == [Decimal("0.125")]


def test_booleans(tmp_path: Path) -> None:
    assert read(tmp_path, pl.Series([True, None, False]), "boolean")["x"] == [True, False, False]
    assert read(tmp_path, pl.Series([True, None]), "boolean", empty=None)["x"] == [True, None]
    assert read(tmp_path, pl.Series([1, 0, None]), "boolean", empty=True)["x"] == [True, False, True]
    assert read(tmp_path, pl.Series([1.0, 0.0]), "boolean")["x"] == [True, False]
    assert read(tmp_path, pl.Series(["Yes", ""]), "boolean")["x"] == [True, False]


def test_dates_and_moments(tmp_path: Path) -> None:
    late = datetime(2026, 3, 1, 23, 30)  # noqa: DTZ001  # what a column without a zone holds
    assert read(tmp_path, pl.Series([date(2026, 3, 1), None]), "date", NEW_YORK)["x"] == [date(2026, 3, 1), None]
    assert read(tmp_path, pl.Series([late]), "date", NEW_YORK)["x"] == [date(2026, 3, 1)]
    assert read(tmp_path, pl.Series([late]), "date", timezone="America/New_York")["x"] == [date(2026, 3, 2)]
    zoned = pl.Series([datetime(2026, 3, 1, 2, 0)]).dt.replace_time_zone("UTC")  # noqa: DTZ001  # likewise
    for unit in ("ms", "us", "ns"):
        assert read(tmp_path, zoned.dt.cast_time_unit(unit), "date", NEW_YORK)["x"] == [date(2026, 2, 28)]
    assert read(tmp_path, pl.Series(["03/01/2026"]), "date", format=("%m/%d/%Y",))["x"] == [date(2026, 3, 1)]


def test_a_date_out_of_all_reason_does_not_fit(tmp_path: Path) -> None:
    found = read(tmp_path, pl.Series([date(26, 3, 1), *[date(2026, 3, 1)] * 99]), "date")
    assert (found["x"][0], found.notes) == (None, (Note("invalid-date", "x", 1, (Example(2, "0026-03-01"),)),))


def test_texts_that_mean_nothing_are_null_under_any_type(tmp_path: Path) -> None:
    assert read(tmp_path, pl.Series([0, 7]), "text", blank=("0",))["x"] == [None, "7"]
    assert read(tmp_path, pl.Series([-1, 7]), "number", blank=("-1",))["x"] == [None, 7]


@pytest.mark.parametrize(
    ("series", "kind", "stored"),
    [
        (pl.Series([[1]]), "number", "List(Int64)"),
        (pl.Series([{"a": 1}]), "text", "Struct({'a': Int64})"),
        (pl.Series([b"a"]), "text", "Binary"),
        (pl.Series([45000]), "date", "Int64"),
        (pl.Series([True]), "number", "Boolean"),
        (pl.Series([date(2026, 3, 1)]), "boolean", "Date"),
    ],
)
def test_a_column_that_can_not_be_what_is_declared_is_refused(
    tmp_path: Path, series: pl.Series, kind: str, stored: str
) -> None:
    assert refused(tmp_path, series, kind) == (
        f"error[wrong-type]: 'deals.parquet' stores 'x' as {stored}, which is no {kind} (column x)\n"
        "help: declare the type that the column has, or write it as text"
    )


def test_misfits_in_parquet_are_told_without_a_line(tmp_path: Path) -> None:
    assert refused(tmp_path, pl.Series(["n/a"]), "date") == (
        "error[invalid-date]: table deals: 1 of 1 filled cells of x ('x' in 'deals.parquet') doesn't fit `type: date`: "
        "'n/a' in row 2\n"
        'help: if it means nothing, declare `blank: ["n/a"]`; '
        "otherwise declare the shape of the dates as a strptime pattern in `format`"
    )


def test_headers_are_found_as_in_text(tmp_path: Path) -> None:
    pl.DataFrame({"ID": [1], "Name": ["a"]}).write_parquet(tmp_path / "deals.pq")
    table = Table(source=(SourceFile(path="deals.pq"),), columns={"id": column("id"), "name": column("Nam")})
    assert read_table(tmp_path, table, columns=["id"])["id"] == ["1"]
    with pytest.raises(KpiError) as raised:
        read_table(tmp_path, table)
    assert str(raised.value) == (
        "error[missing-header]: 'deals.pq' has no header 'Nam' (column name of table deals)\n"
        "help: did you mean 'Name'? "
        "Otherwise export the file with it, or declare the column under the sources that have it"
    )


def test_what_is_no_parquet_is_refused(tmp_path: Path) -> None:
    write(tmp_path, {"deals.parquet": "Id,Name\n1,a\n"})
    table = Table(source=(SourceFile(path="deals.parquet"),), columns={"id": column("Id")})
    with pytest.raises(KpiError) as raised:
        read_table(tmp_path, table)
    first, last = str(raised.value).splitlines()
    assert first.startswith("error[broken-file]: 'deals.parquet' is no Parquet file that can be read: ")
    assert last == "help: export it again, or name it '.csv' if it is text"


def test_brackets_in_a_name_stand_for_themselves(tmp_path: Path) -> None:
    pl.DataFrame({"x": ["right"]}).write_parquet(tmp_path / "a[1].parquet")
    pl.DataFrame({"x": ["wrong"]}).write_parquet(tmp_path / "a1.parquet")
    table = Table(source=(SourceFile(path="a[1].parquet"),), columns={"x": column("x")})
    assert read_table(tmp_path, table)["x"] == ["right"]
