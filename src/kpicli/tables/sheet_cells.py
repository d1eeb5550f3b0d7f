"""A column of a sheet as text cells, as a CSV file would have them.

So typing, notes and errors are the same for both. What a spreadsheet knows besides is used up here: a date is a date by
its type, and a number is written with the digits that Excel keeps.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final

import polars as pl
from msgspec import Struct

from kpicli.book.model import Column, ColumnType
from kpicli.tables.replacing import replaced

_MOMENT: Final = pl.Datetime("ms")
_EXACT: Final = float(2**53)
"""Up to here a float holds every whole number."""
_KEPT: Final = 15
"""How many digits Excel keeps of a number."""
_LEAST_DAY: Final = 10_000
"""Numbers from here on, 18 May 1927, are days; 2026 is a year, and not 18 July 1905."""
_LAST_DAY: Final = 2_958_465
_DAY: Final = 86_400_000


def native(values: Sequence[Any], row_count: int) -> pl.DataFrame:
    """The cells of a column as python-calamine gives them: `text`, `number` and `moment`, of which one is there."""
    kinds = set(map(type, values))
    nothing = pl.lit(None)
    text, number, moment = (nothing.cast(kind) for kind in (pl.String, pl.Float64, _MOMENT))
    if str in kinds:
        text = pl.lit(_of(str, values, pl.String())).replace("", None)
    if kinds & {bool, time, timedelta}:
        others = [_WRITTEN[type(value)](value) if type(value) in _WRITTEN else None for value in values]
        text = pl.coalesce(text, pl.lit(pl.Series(others, dtype=pl.String)))
    if kinds & {int, float}:
        floats = values if kinds == {float} else [float(v) if type(v) in {int, float} else None for v in values]
        number = pl.lit(pl.Series(floats, dtype=pl.Float64))
    if datetime in kinds:
        moment = pl.lit(_of(datetime, values, _MOMENT))
    if date in kinds:
        moment = pl.coalesce(moment, pl.lit(_of(date, values, pl.Date())).cast(_MOMENT))
    return pl.select(pl.int_range(row_count).alias("at"), text=text, number=number, moment=moment).drop("at")


def _of(kind: type, values: Sequence[Any], dtype: pl.DataType) -> pl.Series:
    return pl.Series([value if type(value) is kind else None for value in values], dtype=dtype)


def _hours(duration: timedelta) -> str:
    """As Excel shows a duration: `26:30:00`."""
    seconds = round(abs(duration).total_seconds())
    sign = "-" if duration < timedelta() else ""
    return f"{sign}{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


_WRITTEN: Final[dict[type, Callable[[Any], str]]] = {
    bool: lambda value: "TRUE" if value else "FALSE",
    time: lambda value: value.isoformat("seconds"),
    timedelta: _hours,
}


class Text(Struct, frozen=True):
    """A column as texts."""

    cells: pl.Series
    lost: pl.Series
    """Where it is an id that has more digits than a number keeps."""


def written(cells: pl.DataFrame, column: Column, percents: Collection[int], *, from_1904: bool) -> Text:
    """The cells of `native` as texts, null where they are blank. `percents` are the places of percentages."""
    number, moment = cells["number"], cells["moment"]
    lost = pl.Series([False]).new_from_index(0, cells.height)
    if column.type is ColumnType.DATE and _counts_days(column):
        days = _days(number, from_1904=from_1904)
        number, moment = number.set(days.is_not_null(), None), moment.zip_with(moment.is_not_null(), days)
    if column.type is ColumnType.TEXT:
        lost = (number.abs() >= 10.0**_KEPT).fill_null(value=False)
    numbers = _percentages(number, percents) if column.type is ColumnType.PERCENT else plain_numbers(number)
    if column.type in _NUMBERS and column.decimal == ",":
        numbers = numbers.str.replace(".", ",", literal=True)
    return Text(cells.select(pl.coalesce("text", numbers, _moments(moment, column))).to_series(), lost)


_NUMBERS: Final = (ColumnType.NUMBER, ColumnType.MONEY, ColumnType.PERCENT)


def plain_numbers(number: pl.Series) -> pl.Series:
    """Numbers as texts: whole ones in full, the others with 15 digits, and never an exponent."""
    frame = number.to_frame("number").select("number", text=pl.col("number").cast(pl.String))
    is_whole = (pl.col("number") == pl.col("number").round()) & (pl.col("number").abs() <= _EXACT)
    digits = pl.col("text").str.replace_all("[-.]", "").str.strip_chars_start("0").str.len_bytes()
    is_short = pl.col("text").str.contains(r"^-?[0-9]+\.[0-9]+$") & (digits <= _KEPT)
    whole = pl.when(is_whole).then(pl.col("number")).cast(pl.Int64, strict=False).cast(pl.String)
    text = pl.when(is_whole).then(whole).when(is_short).then(pl.col("text"))
    texts = frame.select(text).to_series()
    left = (texts.is_null() & number.is_not_null()).arg_true()
    return replaced(texts, left, pl.Series([_in_full(value) for value in number.gather(left)], dtype=pl.String))


def _in_full(number: float) -> str:
    """A number with 15 digits; `NaN` and infinity, which no spreadsheet writes, as they are."""
    kept = Decimal(f"{number:.{_KEPT}g}")
    return f"{kept:f}" if kept.is_finite() else str(number)


def _percentages(number: pl.Series, percents: Collection[int]) -> pl.Series:
    """A fraction that is shown as a percentage is written as one: `40%` for 0.4."""
    places = pl.Series(sorted(percents), dtype=pl.UInt32)
    shown = plain_numbers(number.gather(places) * 100) + "%"
    return replaced(plain_numbers(number), places, shown)


def _counts_days(column: Column) -> bool:
    """Whether numbers are days as Excel counts them, and not dates without separators, such as `%Y%m%d`."""
    return not any(_is_digits(pattern) for pattern in column.format)


def _is_digits(pattern: str) -> bool:
    letters = pattern.replace("%", "")
    return letters.isalpha() and not set(letters) & set("aAbBhpPzZ") and pattern.count("%") == len(letters)


def _days(number: pl.Series, *, from_1904: bool) -> pl.Series:
    """The moments that Excel's day numbers stand for, to the millisecond."""
    start = datetime(1904, 1, 1) if from_1904 else datetime(1899, 12, 30)  # noqa: DTZ001  # a wall clock, as in Excel
    last = _LAST_DAY - 1462 if from_1904 else _LAST_DAY
    day = pl.when(pl.col("day").is_between(_LEAST_DAY, last + 1, closed="left")).then(pl.col("day"))
    elapsed = (day * _DAY).round().cast(pl.Int64).cast(pl.Duration("ms"))
    return number.to_frame("day").select(pl.lit(start, dtype=_MOMENT) + elapsed).to_series()


_MARKED_DAY: Final = "%Y-%m-%dT"
_MARKED_TIME: Final = "%Y-%m-%dT%H:%M:%S.%f"
"""How dates are written where texts of the column have formats of their own, so that they aren't taken for texts."""


def _moments(moment: pl.Series, column: Column) -> pl.Series:
    """Days as ISO dates; where a cell of the column has a time of day, all of them have."""
    has_time = (moment.dt.time() != time()).any()
    iso = moment.dt.strftime("%Y-%m-%d %H:%M:%S%.f" if has_time else "%Y-%m-%d")
    if column.type is not ColumnType.DATE or not column.format:
        return iso
    marked = moment.dt.strftime(_MARKED_TIME.replace(".%f", "%.f") if has_time else _MARKED_DAY)
    return marked.set(iso.is_in(list(column.blank)), None)


def dated_by_type(column: Column) -> Column:
    """A date column that takes, before what it declares, the dates that `written` wrote."""
    if column.type is not ColumnType.DATE or not column.format:
        return column
    return column.model_copy(update={"format": (_MARKED_DAY, _MARKED_TIME, *column.format)})
