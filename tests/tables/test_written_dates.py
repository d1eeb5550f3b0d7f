"""In which shapes dates are written, by what every value of a column allows."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpicli.tables.steps import Steps
from kpicli.tables.written_dates import DateQuestion, DayOrder, WrittenDates, shape_of, shapes_of

MD, DM = DayOrder.MONTH_FIRST, DayOrder.DAY_FIRST


def written(cells: list[str], sample: list[str] | None = None) -> WrittenDates:
    question = DateQuestion("cell", shapes_of(cells if sample is None else sample))
    steps = Steps()
    asked = question.asked(steps)
    frame = pl.DataFrame({"cell": cells}, schema={"cell": pl.String})
    return question.answer(steps.added(frame).select(**asked).row(0, named=True))


@pytest.mark.parametrize(
    ("cell", "formats"),
    [
        ("2026-02-24", ()),
        ("2026-02-24 21:24:33", ()),
        ("2017-08-04T09:09:33.000+0000", ()),
        ("2026-02-24T09:09Z", ()),
        ("2026-2-4", ("%Y-%m-%d",)),
        ("02/24/2026", ("%m/%d/%Y",)),
        ("2/24/26", ("%m/%d/%y",)),
        ("02/24/26 02:18 AM", ("%m/%d/%y %I:%M %p",)),
        ("24.02.2026", ("%d.%m.%Y",)),
        ("24.02.2026 13:50", ("%d.%m.%Y %H:%M",)),
        ("24-02-2026", ("%d-%m-%Y",)),
        ("24-02-26", ("%d-%m-%y",)),
        ("24/02/2026, 13:50:01", ("%d/%m/%Y, %H:%M:%S",)),
        ("2026/02/24", ("%Y/%m/%d",)),
        ("20260224", ("%Y%m%d",)),
        ("24 Feb 2026", ("%d %b %Y",)),
        ("15 Apr, 2021 00:02:00", ("%d %b, %Y %H:%M:%S",)),
        ("24-Feb-26", ("%d-%b-%y",)),
        ("24 February 2026", ("%d %B %Y",)),
        ("Feb 24, 2026", ("%b %d, %Y",)),
    ],
)
def test_each_shape_is_known(cell: str, formats: tuple[str, ...]) -> None:
    dates = written([cell])
    assert (dates.fit, dates.formats(dates.order)) == (1, formats)


@pytest.mark.parametrize("cell", ["", "D-1", "2026", "12.5", "1,200.00", "TBD", "00123", "10:30", "13/13", "99999999"])
def test_what_is_no_date_has_no_shape(cell: str) -> None:
    assert shape_of(cell) is None


@pytest.mark.parametrize(
    ("cells", "order", "is_open", "is_mixed"),
    [
        (["03/04/2026", "13/04/2026"], DM, False, False),
        (["03/04/2026", "04/13/2026"], MD, False, False),
        (["03/04/2026", "05/06/2026"], None, True, False),
        (["03/03/2026", "05/05/2026"], None, False, False),
        (["13/04/2026", "04/13/2026"], None, False, True),
        (["13/04/2026"] * 40 + ["04/13/2026"], DM, False, False),
        (["03/04/2026", "13/04/2026 10:00"], DM, False, False),
    ],
)
def test_only_values_above_twelve_tell_day_from_month(
    cells: list[str], order: DayOrder | None, is_open: bool, is_mixed: bool
) -> None:
    dates = written(cells)
    assert (dates.order, dates.is_open, dates.is_mixed) == (order, is_open, is_mixed)


def test_an_open_order_shows_values_that_allow_both() -> None:
    assert written(["03/03/2026", "03/04/2026", "05/06/2026"]).examples == ("03/04/2026", "05/06/2026")


def test_a_column_in_several_shapes_has_several_formats() -> None:
    dates = written(["2026-02-24", "2026-02-25", "24.02.2026"])
    assert (dates.fit, dates.formats(dates.order)) == (3, ("%Y-%m-%d", "%d.%m.%Y"))


def test_a_shape_that_the_sample_lacks_is_found_later() -> None:
    question = DateQuestion("cell", shapes_of(["2026-02-24"]))
    steps = Steps()
    asked = question.asked(steps)
    row = steps.added(pl.DataFrame({"cell": ["2026-02-24", "24.02.2026"]})).select(**asked).row(0, named=True)
    assert question.further(row) == shape_of("24.02.2026")


PATTERNS = ["%m/%d/%Y", "%d/%m/%Y", "%d.%m.%y", "%m-%d-%Y %H:%M", "%d %b %Y", "%Y-%m-%d", "%Y/%m/%d %I:%M %p"]


@given(st.lists(st.dates(date(2001, 1, 1), date(2068, 12, 31)), min_size=1, max_size=30), st.sampled_from(PATTERNS))
def test_what_is_found_reads_each_day_as_it_was_written(days: list[date], pattern: str) -> None:
    """An order that is decided is the one with which the dates were written, and an open one is never decided."""
    cells = [(datetime.combine(day, datetime.min.time()) + timedelta(hours=9)).strftime(pattern) for day in days]
    dates = written(cells)
    assert dates.fit == len(cells)
    is_pair = "%b" not in pattern and not pattern.startswith("%Y")
    order = {"%m": MD, "%d": DM}.get(pattern[:2]) if is_pair else None
    assert dates.order in (order, None)
    tells = is_pair and any(day.day > 12 for day in days)
    assert dates.order == (order if tells else None)
    assert dates.is_open == (is_pair and not tells and any(day.day != day.month for day in days))
