"""A trend in a line."""

from __future__ import annotations

from decimal import Decimal

import pytest

from kpicli.render.sparkline import sparkline
from kpicli.scorecard import TrendPoint, Value


@pytest.mark.parametrize(
    ("values", "shown", "in_ascii"),
    [
        ((1, 2, 3, 4, 5, 6, 7), "▁▂▃▄▅▆▇", "_..-==#"),
        ((6, Decimal(3), 0.0), "▇▄▁", "#-_"),
        ((5, 5, 5), "▄▄▄", "---"),
        ((1,), "▄", "-"),
        ((Decimal("0.5"), None, -3), "▇·▁", "# _"),
        ((1e300, 5e-324), "▇▁", "#_"),
        ((None, None), "", ""),
        (("Web", "Fair"), "", ""),
        ((), "", ""),
    ],
)
def test_levels_run_from_the_lowest_to_the_highest(values: tuple[Value, ...], shown: str, in_ascii: str) -> None:
    trend = [TrendPoint(f"2026-W{week:02d}", value) for week, value in enumerate(values)]
    assert sparkline(trend, "▁▂▃▄▅▆▇", "·") == shown
    assert sparkline(trend, "_.-=#", " ") == in_ascii
