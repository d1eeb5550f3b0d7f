"""Tables: numbers on their decimal point, and columns that give way."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from kpicli.render.numbers import NumberStyle, Real, split_at_point
from kpicli.render.page.table import NAME, ONE_AXIS, Column, Entry, Number, Plan, Words
from kpicli.render.screen import Screen

PLAN = Plan((Column(NAME, "", leads=True), Column("value", "value")), (ONE_AXIS,), frozenset())


def number(value: Real, unit: str, decimals: int | None = None) -> Number:
    return Number(*split_at_point(NumberStyle(unit, decimals, "USD").write(value)), axis=unit)


def rows(entries: Sequence[Number], width: int, plan: Plan = PLAN) -> list[str]:
    named: list[Entry] = [{NAME: Words((("x", ""),)), "value": cell} for cell in entries]
    return Screen(width).draw(plan.fitting(named, width, 1).rows(named)).splitlines()


MIXED = [
    number(1234567, "money"),
    number(0.5, "money"),
    number(0.097, "percent", 2),
    number(1.0, "percent", 1),
    number(7, "number"),
    number(51.75, "days"),
    Number("\N{EN DASH}", axis="days"),
    Number("Web"),
]


def test_all_numbers_have_one_point_where_there_is_room() -> None:
    assert rows(MIXED, 40) == [
        "x  $1,234,567",
        "x          $0.50",
        "x           9.70%",
        "x         100.0%",
        "x           7",
        "x          51.8 days",
        "x           \N{EN DASH}",
        "x                Web",
    ]


def test_the_numbers_of_each_unit_have_one_point_where_there_is_not() -> None:
    assert rows(MIXED, 17) == [
        "x  $1,234,567",
        "x          $0.50",
        "x          9.70%",
        "x        100.0%",
        "x              7",
        "x      51.8 days",
        "x       \N{EN DASH}",
        "x            Web",
    ]


def test_numbers_end_at_the_right_where_not_even_that_has_room() -> None:
    plan = Plan(PLAN.columns, (ONE_AXIS,), frozenset())
    long = [Number("123456789012345678", axis="number"), Number("1", ".123456789", axis="number")]
    assert rows(long, 22, plan) == ["x  123456789012345678", "x         1.123456789"]


@pytest.mark.parametrize(
    ("written", "whole", "rest"),
    [
        ("$1,234", "$1,234", ""),
        ("-$1,234.50", "-$1,234", ".50"),
        ("31.3%", "31", ".3%"),
        ("+2.3 pp", "+2", ".3 pp"),
        ("1 day", "1", " day"),
        ("1,234.500 BHD", "1,234", ".500 BHD"),
        ("CA$7", "CA$7", ""),
    ],
)
def test_a_number_is_split_at_its_point(written: str, whole: str, rest: str) -> None:
    assert split_at_point(written) == (whole, rest)
