"""A trend in a line."""

from __future__ import annotations

from decimal import Decimal

import pytest

from kpicli.render.sparkline import sparkline
from kpicli.scorecard import Value


@pytest.mark.parametrize(
    ("values", "drawn"),
    [
        ([0, 1, 2, 3, 4, 5, 6], "▁▂▃▄▅▆▇"),
        ([6, Decimal(3), 0.0], "▇▄▁"),
        ([-10, 0, 10], "▁▄▇"),
        ([240, None, 219], "▇·▁"),
        ([5, 5, 5], "▄▄▄"),
        ([1e300, 5e-324], "▇▁"),
        ([1], "▄"),
    ],
)
def test_levels_run_from_the_lowest_to_the_highest(values: list[Value], drawn: str) -> None:
    assert sparkline(values) == drawn


@pytest.mark.parametrize("values", [[], [None, None], ["Web", "Referral"]])
def test_without_a_number_there_is_none(values: list[Value]) -> None:
    assert sparkline(values) is None
